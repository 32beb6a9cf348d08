"""Golden searches: tests/data/golden_queries.jsonl says what each query means and finds in examples/.

`total`, `first` (the best hit's id), `suggestion` and `same_as` (a query that finds the same in the same order), or
`error` and `error_column`.  `python scripts/golden_queries.py` writes what is found now; a difference needs a reason.
"""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from vnsearch import Index, QueryError

ROWS = [
    json.loads(line)
    for line in (Path(__file__).parent.parent / "data" / "golden_queries.jsonl").read_text("utf-8").splitlines()
]


def test_there_are_enough() -> None:
    """120 and more, each with a comment that says what it is there for."""
    assert len(ROWS) >= 120
    assert all(row["comment"] for row in ROWS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['query']} {row.get('options', '')}")
def test_a_golden_query(sample: Index, row: dict[str, Any]) -> None:
    """It finds what the file says, or is the error that the file says."""
    options = dict(row.get("options", {}))
    if "now" in options:
        options["now"] = date.fromisoformat(options["now"])
    if "error" in row:
        with pytest.raises(QueryError) as raised:
            sample.search(row["query"], **options)
        assert str(raised.value).startswith(row["error"])
        assert raised.value.column == row["error_column"]
        return
    found = sample.search(row["query"], **options, limit=100)
    assert found.total == row["total"]
    if "first" in row:
        assert found.hits[0].id == row["first"]
    assert found.suggestion == row.get("suggestion")
    if "same_as" in row:
        same = sample.search(row["same_as"], **options, limit=100)
        assert [hit.id for hit in found] == [hit.id for hit in same]
