"""Limits: said once in the code, once in the docs, and each with an error of its own."""

import re
from pathlib import Path

import pytest

from vnsearch import Article, Index, QueryError, limits
from vnsearch.present import marker
from vnsearch.text.fingerprint import fingerprint, first_of_each_story
from vnsearch.text.tokenize import Token, tokenize

DOCS = Path(__file__).parent.parent / "docs"


def test_the_table_of_the_docs_is_that_of_the_code() -> None:
    """Every limit has a row with its value."""
    rows = re.findall(r"\| ([\d,]+m?) \| `(\w+)`", (DOCS / "limits.md").read_text("utf-8"))
    told = {name: value.replace(",", "") for value, name in rows}
    assert told == {name: str(value) for name, value in vars(limits).items() if name.isupper()}


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    index = Index.create(tmp_path_factory.mktemp("limits") / "index")
    with index.writer() as writer:
        writer.add(Article(id="1", title="dân vận", body="dân." * 200_000))
        writer.add(Article(id="2", title="dân vận", body="".join(f"dân{n}." for n in range(100_000))))
    return index


@pytest.mark.parametrize(
    "query",
    [
        " ".join(["body:t* body:n* body:c* body:đ* body:h*"] * 60),
        " ".join(["title:w"] * 1_000),
        " ".join(["t*"] * 2_000),
        " ".join(["aaaa~"] * 3_300),
        " OR ".join(["(a b)"] * 200),
        '"a b c" ' * 100 + "+a",
    ],
    ids=lambda query: query[:12],
)
def test_a_query_has_so_many_words_however_it_is_written(index: Index, query: str) -> None:
    """Fields, brackets, phrases and prefixes are counted together; literally it is cut."""
    with pytest.raises(QueryError, match="at most 256 words"):
        index.search(query, timeout_ms=100)
    assert index.search(query, literal=True).total >= 0


@pytest.mark.parametrize(
    "arguments",
    [
        {"text": None}, {"text": 5}, {"timeout_ms": "5"}, {"timeout_ms": float("nan")}, {"after": 5}, {"limit": "5"},
        {"limit": 10**30}, {"offset": 1.5}, {"facets": 5}, {"facets": [None]}, {"sort": []}, {"since": 5},
        {"now": "2023"}, {"collapse": 1}, {"snippet_chars": None}, {"until": ">9999"}, {"since": "<0001"},
        {"since": "sau 9999"}, {"since": ">" * 3_000 + "2023"}, {"since": "2023.." * 1_000}, {"since": "tu " * 1_000},
        {"text": "ngày:>9999"}, {"text": "ngày:<0001"}, {"after": "W1tbW1tbW1tbW1tb" * 1_000},
        {"since": "1 tháng 1" + " " * 20_000 + "x"},
    ],
    ids=lambda given: str(given)[:30],
)  # fmt: skip
def test_an_argument_that_is_none_is_a_query_error(index: Index, arguments: dict[str, object]) -> None:
    """Whatever its type, length or place in the calendar."""
    with pytest.raises(QueryError):
        index.search(**arguments)  # type: ignore[arg-type]


def test_what_is_completed_has_a_length(index: Index) -> None:
    """As a query has."""
    with pytest.raises(QueryError, match="at most 20,000 characters"):
        index.complete("dân " * 10_000)


def test_snippets_of_text_without_blanks_are_made(index: Index) -> None:
    """Runs of a megabyte: what is marked is right, and not all of it is looked at."""
    for hit in index.search("dân"):
        assert all(hit.snippet.text[start:end] == "dân" for start, end in hit.snippet.highlights)


def test_of_runs_without_blanks_few_are_tokenized(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many places in them may match: of a page of hits, so many runs."""
    read = 0

    def counted(text: str) -> list[Token]:
        nonlocal read
        read += len(text)
        return tokenize(text)

    monkeypatch.setattr("vnsearch.present.marker.tokenize", counted)
    for hit in index.search("dân"):
        assert hit.snippet.text
    assert read < 200 * (marker._MOST_LONG + 100)  # a run is cut to some 200 characters


def test_stories_are_told_apart_as_by_comparing_all() -> None:
    """Of prints with up to four orders changed, and of many others."""
    import numpy as np

    from vnsearch.text.fingerprint import SAME_STORY, agreement

    rng = np.random.default_rng(5)
    prints = [*rng.integers(1, 1 << 63, 300, np.uint64).tolist(), 0, 0, fingerprint("một hai ba bốn năm")]
    for one in prints[:200]:
        changed = int(one)
        for place in rng.choice(16, int(rng.integers(0, 7)), replace=False).tolist():
            changed ^= int(rng.integers(1, 16)) << 4 * place
        prints.append(changed)
    kept: list[int] = []
    others: list[list[int]] = []
    for number, own in enumerate(prints):
        same = [n for n, head in enumerate(kept) if agreement(own, prints[head]) >= SAME_STORY] if own else []
        if same:
            others[same[0]].append(number)
        else:
            kept.append(number)
            others.append([])
    assert first_of_each_story(np.array(prints, np.uint64)) == (kept, others)
