"""The folder of an index as an app sees it that knows only Whoosh."""

import subprocess
import sys
from pathlib import Path

import pytest
from whoosh import index as whoosh_index
from whoosh.query import Every, Term

from vnsearch import Article, Index, IndexProblemError
from vnsearch.index import disk

APP = """
import sys
from whoosh import index
from whoosh.qparser import QueryParser

assert "vnsearch" not in sys.modules
assert index.exists_in(sys.argv[1])
opened = index.open_dir(sys.argv[1])
query = QueryParser("body", opened.schema).parse("dân vận")
with opened.refresh().searcher() as searcher:
    found = sorted(hit["id"] for hit in searcher.search(query))
    print(opened.latest_generation(), opened.doc_count(), opened.is_empty(), *found)
with opened.reader() as reader:
    print(reader.doc_count_all(), *sorted(reader.field_terms("source")))
"""


def add(index: Index, *ids: str) -> None:
    with index.writer() as writer:
        writer.add_all(Article(id=id, title=f"Số {id}", body="Hội nghị dân vận", source="a.vn") for id in ids)


def app(index: Index) -> list[str]:
    command = [sys.executable, "-W", "ignore", "-c", APP, str(index.path)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()


def seen(index: Index) -> tuple[int, list[str]]:
    """(generation, ids) as Whoosh has them."""
    opened = whoosh_index.open_dir(str(index.path))
    with opened.searcher() as searcher:
        return opened.latest_generation(), sorted(hit["id"] for hit in searcher.search(Every(), limit=None))


@pytest.fixture
def index(tmp_path: Path) -> Index:
    """An empty one."""
    return Index.create(tmp_path / "index")


def test_an_app_that_knows_only_whoosh(index: Index) -> None:
    """Opens, reads, parses and searches every generation: empty, of one segment, of several with deletions, merged."""
    assert app(index) == ["0 0 True", "0"]
    add(index, "1", "2")
    assert app(index) == ["1 2 False 1 2", "2 a.vn"]
    add(index, *map(str, range(3, 400)))
    with index.writer() as writer:
        writer.delete("2")
        writer.add(Article(id="1", title="x", body="khác", source="b.vn"))
    first, second = app(index)
    assert first.startswith("3 398 False 10 ")
    assert second == "398 a.vn b.vn"
    index.optimize()
    assert app(index)[1] == "398 a.vn b.vn"


def test_a_searcher_refreshes(index: Index) -> None:
    """Up to date until the next commit; until it is refreshed it keeps its generation."""
    add(index, "1")
    searcher = whoosh_index.open_dir(str(index.path)).searcher()
    assert searcher.up_to_date()
    add(index, "2")
    assert not searcher.up_to_date()
    assert searcher.doc_count() == 1
    with searcher.refresh() as newer:
        assert [hit["id"] for hit in newer.search(Term("body", "dân"))] == ["1", "2"]


@pytest.mark.parametrize("articles", [0, 1])
def test_whoosh_does_not_write(index: Index, articles: int) -> None:
    """Each way of writing is refused, says what to use instead, and changes nothing."""
    if articles:
        add(index, "1")
    before = seen(index)
    opened = whoosh_index.open_dir(str(index.path))
    for write in (opened.writer, opened.writer, opened.optimize, lambda: opened.delete_by_term("id", "1")):
        with pytest.raises(IndexProblemError, match=r"write with vnsearch\.Index\.open"):
            write()
    assert seen(index) == before
    add(index, "new")
    assert "new" in seen(index)[1]


def test_a_commit_without_its_table(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    """A crash or a full disk between the two: Whoosh sees the generation before, whole; the next writer mends it."""
    add(index, "1")
    real = disk.replace

    def full(path: Path, *rest: object) -> None:
        if path.suffix == ".toc":
            raise OSError(28, "No space left on device")
        real(path, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(disk, "replace", full)
    add(index, "2")
    assert len(index) == 2
    assert seen(index) == (1, ["1"])
    monkeypatch.undo()
    index.writer().rollback()
    assert seen(index) == (2, ["1", "2"])
    (index.path / "_MAIN_2.toc").unlink()
    (index.path / "_MAIN_9.toc").write_bytes(b"a stranger's")
    add(index, "3")
    assert seen(index) == (3, ["1", "2", "3"])
    assert sorted(p.name for p in index.path.glob("*.toc")) == ["_MAIN_2.toc", "_MAIN_3.toc"]


def test_files_that_a_commit_removes_meanwhile(index: Index) -> None:
    """A table that is read just before its files go is read again."""
    add(index, *map(str, range(200)))
    opened = whoosh_index.open_dir(str(index.path))
    table = opened._read_toc()
    for n in range(3):
        index.optimize()
        add(index, *(f"{n}-{i}" for i in range(200)))
    index.optimize()
    index.optimize()
    tables = iter([table])
    opened._read_toc = lambda read=opened._read_toc: next(tables, None) or read()
    with opened.reader() as reader:
        assert reader.doc_count() == len(index) == 800


def test_a_backup_and_a_broken_file(index: Index, tmp_path: Path) -> None:
    """A backup is opened as well; a changed byte is an error in Whoosh too."""
    add(index, "1")
    index.backup(tmp_path / "backup")
    assert seen(Index.open(tmp_path / "backup")) == (1, ["1"])
    [segment] = index.path.glob("*.seg")
    data = bytearray(segment.read_bytes())
    data[len(data) // 2] ^= 1
    segment.write_bytes(data)
    with pytest.raises(IndexProblemError):
        seen(index)
