"""The folder of an index: what is in it after each way to write, and what it says when it is broken."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from vnsearch import (
    Article,
    Index,
    IndexCorruptError,
    IndexExistsError,
    IndexNotFoundError,
    IndexProblemError,
    IndexVersionError,
)


def article(id: str, body: str = "Tỉnh uỷ Lạng Sơn họp.", **values: object) -> Article:
    return Article(id=id, title=f"Tin {id}", body=body, **values)  # type: ignore[arg-type]


def ids(index: Index, text: str = "") -> set[str]:
    return {hit.id for hit in index.search(text, limit=100)}


@pytest.fixture
def index(tmp_path: Path) -> Index:
    return Index.create(tmp_path / "index")


def test_an_article_comes_back_as_it_was(index: Index) -> None:
    """Every field, every type, any id."""
    full = Article(
        id="một id/lạ? #1", title="Ð", body="hoà", lead="l", url="https://x.vn", source="x.vn", author="a",
        published=datetime(2023, 2, 7, 1, 2, 3, tzinfo=UTC), provinces=("Huế", "Nơi Lạ"), topics=("dan-van",),
        extra={"tags": ["a", 1, None], "n": {"x": 1.5}},
    )  # fmt: skip
    bare = Article(id="2", title="A", body="", published=date(1945, 9, 2))
    with index.writer() as writer:
        writer.add(full)
        writer.add(bare)
    assert index.get(full.id) == full
    assert index.get("2") == bare
    assert index.get("3") is None
    assert {a.id for a in index} == {full.id, "2"}


def test_an_open_result_keeps_its_snapshot(index: Index) -> None:
    """Hits are read later than they were found, also when the article has gone meanwhile."""
    with index.writer() as writer:
        writer.add(article("1"))
    results = index.search("lang son")
    with index.writer() as writer:
        writer.delete("1")
    index.optimize()
    assert results.hits[0].article.id == "1"
    assert results.hits[0].snippet.highlights
    assert index.search("lang son").total == 0


def test_where_an_index_is_and_where_none_is(tmp_path: Path) -> None:
    """create and open say what to do."""
    with pytest.raises(IndexNotFoundError, match="vnsearch index"):
        Index.open(tmp_path / "nothing")
    Index.create(tmp_path / "có dấu và cách")
    with pytest.raises(IndexExistsError, match="already here"):
        Index.create(tmp_path / "có dấu và cách")
    assert len(Index.open(tmp_path / "có dấu và cách")) == 0
    (tmp_path / "file").write_text("x")
    with pytest.raises(IndexExistsError, match="is a file"):
        Index.create(tmp_path / "file")
    (tmp_path / "file.d").mkdir()
    with pytest.raises(IndexProblemError):
        Index.create(tmp_path / "file" / "below")


def test_a_broken_or_foreign_index_is_refused(index: Index) -> None:
    """With one error that names the file and the way out."""
    with index.writer() as writer:
        writer.add(article("1"))
    manifest = index.path / "vnsearch.json"
    manifest.write_text(json.dumps({"format": 99}))
    with pytest.raises(IndexVersionError, match="format 99"):
        Index.open(index.path)
    manifest.write_text("{")
    with pytest.raises(IndexCorruptError, match=r"vnsearch\.json"):
        Index.open(index.path)
    manifest.unlink()
    with pytest.raises(IndexCorruptError, match="missing"):
        Index.open(index.path)
    for segment in index.path.glob("*.seg"):
        segment.rename(segment.with_suffix(".toc"))
    with pytest.raises(IndexVersionError, match="a Whoosh index"):
        Index.open(index.path)


def test_cut_files_are_corruption_not_a_crash(index: Index) -> None:
    """Opening, searching or verifying says so."""
    with index.writer() as writer:
        writer.add(article("1"))
    (file,) = index.path.glob("*.seg")
    whole = file.read_bytes()
    for cut in (0, 10, 100, len(whole) // 2, len(whole) - 100):
        file.write_bytes(whole[:cut])
        with pytest.raises(IndexCorruptError, match="restore a backup"):
            Index.open(index.path).search("lang son")
        assert index.verify().problems
    for at in range(0, len(whole), 97):  # one byte of every part of the file
        file.write_bytes(whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :])
        padding = not index.verify().problems
        assert not padding or whole[at] == 0
