"""What a writer adds, replaces and deletes, all or nothing."""

from pathlib import Path

import pytest
from tests.index.small import article, ids

from vnsearch import Article, Index


@pytest.fixture
def index(tmp_path: Path) -> Index:
    return Index.create(tmp_path / "index")


def test_add_replace_delete(index: Index) -> None:
    """The same id replaces, within one writer and across writers; nothing is found twice."""
    with index.writer() as writer:
        writer.add(article("1", "một"))
        writer.add(article("1", "hai"))
        writer.add(article("2"))
        writer.add(article("3"))
        assert writer.delete("3")
        assert not writer.delete("4")
    assert (writer.added, writer.replaced, writer.deleted) == (3, 1, 1)
    assert ids(index) == {"1", "2"}
    with index.writer() as writer:
        writer.add(article("1", "ba"))
    assert len(index) == 2
    assert index.get("1").body == "ba"  # type: ignore[union-attr]
    assert [ids(index, word) for word in ("một", "hai", "ba")] == [set(), set(), {"1"}]
    index.optimize()
    assert ids(index) == {"1", "2"}


def test_an_exception_rolls_back(index: Index) -> None:
    """Nothing of a failed writer is seen, and the next one works."""
    with pytest.raises(RuntimeError), index.writer() as writer:
        writer.add(article("1"))
        raise RuntimeError
    assert len(index) == 0
    with index.writer() as writer:
        writer.add(article("2"))
    assert ids(index) == {"2"}


def test_little_memory_makes_small_batches(tmp_path: Path) -> None:
    """With the least that a process needs the index is the same, written in more runs; less is refused."""
    articles = [Article(id=f"{n}", title=f"tin {n}", body="dân vận khéo ở Lạng Sơn " * 200) for n in range(900)]
    runs = []
    for memory_mb in (200, None):
        index = Index.create(tmp_path / f"index-{memory_mb}")
        with index.writer(memory_mb=memory_mb) as writer:
            for article in articles:
                writer.add(article)
            runs.append(len(list(index.path.glob("*.seg"))))
        assert len(index) == index.search("dân vận").total == 900
    assert runs[0] > runs[1] == 0
    with pytest.raises(ValueError, match="at least 600 for 3 processes, got 599"):
        index.writer(workers=2, memory_mb=599)
    index.writer().rollback()  # the lock is free
