"""Other words for the same: the table, and what a search does with it."""

from pathlib import Path

import pytest

from vnsearch import ArgumentError, Article, Index
from vnsearch.text.synonyms import SynonymError, read

TEXTS = {
    "typed": "Giá xe hơi cũ giảm mạnh trong tháng này.",
    "other": "Giá ô tô cũ giảm mạnh trong tháng này.",
    "red": "Người dân làm sổ đỏ ở xã.",
    "official": "Người dân làm giấy chứng nhận quyền sử dụng đất ở xã.",
    "apart": "Hơi nước bốc lên từ xe, giá cũ.",
}


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    """A few made-up articles."""
    index = Index.create(tmp_path_factory.mktemp("synonyms") / "index")
    with index.writer() as writer:
        for id, text in TEXTS.items():
            writer.add(Article(id=id, title="", body=text))
    return index


def _ids(index: Index, text: str, **options: object) -> list[str]:
    return [hit.id for hit in index.search(text, **options).hits]  # type: ignore[arg-type]


def test_what_was_typed_comes_first(index: Index) -> None:
    """Articles with the other word are found, behind those with the word itself, and it is marked in them."""
    hits = index.search("giá xe hơi cũ", match="all").hits
    assert [hit.id for hit in hits] == ["typed", "other"]
    snippet = hits[1].snippet
    assert any("ô tô" in snippet.text[begin:end] for begin, end in snippet.highlights)


@pytest.mark.parametrize("match", ["all", "phrase", "auto"])
def test_both_ways(index: Index, match: str) -> None:
    """Each stands for the other, whatever has to match; typed without marks, as it is read."""
    assert _ids(index, "xe hơi cũ", match=match)[:2] == ["typed", "other"]
    assert _ids(index, "ô tô cũ", match=match)[:2] == ["other", "typed"]
    assert set(_ids(index, "gia xe hoi cu giam", match="all")) == {"typed", "other"}


def test_one_way(index: Index) -> None:
    """Who types the everyday word gets the law's, too, and not the other way round."""
    assert _ids(index, "làm sổ đỏ", match="all") == ["red", "official"]
    assert _ids(index, "giấy chứng nhận quyền sử dụng đất", match="all") == ["official"]


def test_explain_names_them(index: Index) -> None:
    """What is looked for beside what was typed is said."""
    assert "also\n  ô tô, for xe hơi" in index.explain("xe hơi")
    assert "also" not in index.explain("người dân")


def test_quotes_and_operators_mean_what_they_say(index: Index) -> None:
    """A phrase in quotes is itself."""
    assert _ids(index, '"xe hơi"') == ["typed"]


def test_a_table_of_ones_own(index: Index, tmp_path: Path) -> None:
    """A file takes the place of the library's table; False takes none."""
    (tmp_path / "own.txt").write_text("# mine\nsổ đỏ = xe hơi # odd\n\n", "utf-8")
    own = Index.open(index.path, synonyms=tmp_path / "own.txt")
    assert set(_ids(own, "sổ đỏ", match="all")) == {"red", "typed"}
    assert _ids(own, "ô tô", match="all") == ["other"]
    assert _ids(own.snapshot(), "xe hơi", match="all") == _ids(own, "xe hơi", match="all") == ["typed", "red"]
    assert _ids(Index.open(index.path, synonyms=False), "xe hơi", match="all") == ["typed"]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("xe hơi", "expected two words or more"),
        ("a > b > c", "expected one >"),
        ("xe hơi = ", '"" has 0 words'),
        ("xe hơi = " + "a " * 17, "has 17 words"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, line: str, problem: str) -> None:
    """File, line, what was expected and what came."""
    path = tmp_path / "bad.txt"
    path.write_text(f"xe hơi = ô tô\n{line}\n", "utf-8")
    with pytest.raises(SynonymError, match=f"line 2: .*{problem}"):
        read(path)
    with pytest.raises(ArgumentError, match="line 2"):
        Index.open(tmp_path, synonyms=path)
    path.write_bytes(b"xe h\xff")
    with pytest.raises(SynonymError, match="UTF-8"):
        read(path)
    with pytest.raises(ArgumentError, match="synonyms"):
        Index.open(tmp_path, synonyms=tmp_path / "missing")
