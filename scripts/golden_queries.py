"""Writes what the golden queries find now into tests/data/golden_queries.jsonl.

    python scripts/golden_queries.py && git diff tests/data

The queries, their options and comments are kept as they are.  Every difference needs a reason.
"""

import json
import tempfile
from datetime import date
from pathlib import Path

from vnsearch import Index, QueryError, read

ROOT = Path(__file__).parent.parent
GOLDEN = ROOT / "tests" / "data" / "golden_queries.jsonl"
FOUND = ("total", "first", "suggestion", "error", "error_column")


def main() -> None:
    """Rewrites the file; `first` only where it was there before."""
    with tempfile.TemporaryDirectory() as folder:
        index = Index.create(Path(folder) / "index")
        with index.writer() as writer:
            for article in read(ROOT / "examples"):
                writer.add(article)
        rows = [_found(index, json.loads(line)) for line in GOLDEN.read_text("utf-8").splitlines()]
    GOLDEN.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")


def _found(index: Index, row: dict[str, object]) -> dict[str, object]:
    kept = {key: value for key, value in row.items() if key not in FOUND}
    options = dict(row.get("options", {}))  # type: ignore[call-overload]
    if "now" in options:
        options["now"] = date.fromisoformat(options["now"])
    try:
        results = index.search(str(row["query"]), **options)
    except QueryError as e:
        problem = str(e).split(" at column")[0].split(";")[0]
        return {**kept, "error_column": e.column, "error": problem}
    kept["total"] = results.total
    if "first" in row and results.hits:
        kept["first"] = results.hits[0].id
    if results.suggestion:
        kept["suggestion"] = results.suggestion
    return kept


if __name__ == "__main__":
    main()
