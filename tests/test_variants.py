"""The table of spelling variants in docs/spellings.md: each finds the other."""

import re
import unicodedata
from pathlib import Path

import pytest

from vnsearch import Article, Index

TABLE = (Path(__file__).parent.parent / "docs/spellings.md").read_text("utf-8").split("| one | other | because |")[1]
PAIRS = re.findall(r"^\| ([^|]+?) \| ([^|]+?) \| ([^|]+?) \|$", TABLE.split("\n\n")[0], re.MULTILINE)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    """An article for each variant, among words that none of them has."""
    index = Index.create(tmp_path_factory.mktemp("variants") / "index")
    with index.writer() as writer:
        for number, pair in enumerate(PAIRS):
            for side, text in enumerate(pair[:2]):
                writer.add(Article(id=f"{number}.{side}", title="x", body=f"Mở {text} kết."))
    return index


def test_the_table_is_there() -> None:
    """At least thirty variants are written down."""
    assert len(PAIRS) >= 30


@pytest.mark.parametrize(("number", "pair"), list(enumerate(PAIRS)), ids=[f"{a} = {b}" for a, b, _ in PAIRS])
def test_each_finds_the_other(index: Index, number: int, pair: tuple[str, str, str]) -> None:
    """Typed either way, as it is and decomposed, both articles come before all others."""
    for typed in pair[:2]:
        for query in (typed, unicodedata.normalize("NFD", typed)):
            found = [hit.id for hit in index.search(query, limit=100)]
            wanted = {f"{number}.0", f"{number}.1"}
            if typed == pair[0] and pair[2].startswith("only where typed"):
                wanted = {f"{number}.0"}  # marks mean what they say
            assert wanted <= set(found), query
            same = {n for n, other in enumerate(PAIRS) if set(other[:2]) & set(pair[:2])}
            assert {id.split(".")[0] for id in found[:2]} <= {str(n) for n in same}, query
