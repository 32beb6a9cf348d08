"""What fuzzing began with and found, again: the kept corpus, and some of the seeds of `scripts/fuzz_inputs.py`.

Whatever comes, there is a result or a VnsearchError.  `make fuzz` looks for more, and at how long each takes.
"""

import copy
import json
import random
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from fuzz_inputs import Fuzz
from fuzz_queries import try_one
from vnsearch import Index, Report, VnsearchError, read
from vnsearch.ingest.readers import FORMATS

CORPUS = Path(__file__).parent / "data" / "fuzz"
QUERIES = json.loads((CORPUS / "queries.json").read_text("utf-8"))
CALLS: list[tuple[str, dict[str, Any]]] = json.loads((CORPUS / "calls.json").read_text("utf-8"))
SEEDS = range(40)  # of each kind
KEPT = {"reader": [4242019196]}  # and what was bad once: 41,000 rows that are refused took 3.5 s


@pytest.mark.parametrize("path", sorted((CORPUS / "files").iterdir()), ids=lambda path: path.name)
def test_files(path: Path) -> None:
    """As what they are named, and as every other format: each record is read or refused."""
    for format in FORMATS:
        for every in (False, True):
            report = Report()
            with suppress(VnsearchError):
                for article in read(path, format=format, report=report, all=every):
                    assert article.title or article.body
            for error in report.refused:
                assert str(copy.copy(error)) == str(error)


@pytest.mark.parametrize("query", QUERIES, ids=ascii)
def test_queries(sample: Index, query: str) -> None:
    """Searched for as typed and as words; hits are shown, what is suggested finds something."""
    try_one(sample, query)


@pytest.mark.parametrize(("name", "arguments"), CALLS, ids=lambda value: ascii(value)[:60])
def test_calls(sample: Index, name: str, arguments: dict[str, Any]) -> None:
    """Arguments of any type and size."""
    with suppress(VnsearchError):
        found = getattr(sample, name)(**arguments)
        for hit in getattr(found, "hits", ()):
            assert isinstance(hit.snippet.html(), str)


@pytest.fixture(scope="module")
def fuzz(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fuzz]:
    yield Fuzz(tmp_path_factory.mktemp("fuzz"))


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["reader", "article", "arguments", "ids", "cursors"])
def test_seeds(fuzz: Fuzz, kind: str) -> None:
    """Changed files of examples/ and of the corpus; articles, arguments and cursors of any values."""
    for seed in (*SEEDS, *KEPT.get(kind, ())):
        with suppress(VnsearchError):
            getattr(fuzz, kind)(random.Random(seed))
