"""Several who make an index in the same folder at the same moment."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from vnsearch import Article, Index, IndexExistsError


def test_of_eight_creators_one_makes_the_index(tmp_path: Path) -> None:
    """At the same moment; the others are told that it is there, nothing is written over what was committed."""
    for number in range(5):
        path, barrier = tmp_path / "a" / str(number), threading.Barrier(8)

        def create(path: Path = path, barrier: threading.Barrier = barrier) -> bool:
            barrier.wait()
            try:
                with Index.create(path).writer() as writer:
                    writer.add(Article(id="1", title="Tin 1", body="Ban dân vận họp."))
            except IndexExistsError:
                return False
            return True

        with ThreadPoolExecutor(8) as pool:
            made = [one.result() for one in [pool.submit(create) for _ in range(8)]]
        assert sum(made) == 1
        assert [found.id for found in Index.open(path)] == ["1"]


def test_a_slow_creator_writes_over_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that looked before the other made the index, and goes on after the other's commit."""
    path, looked, go_on = tmp_path / "index", threading.Event(), threading.Event()
    mkdir = Path.mkdir

    def slow(self: Path, *args: object, **kwargs: object) -> None:
        if threading.current_thread().name.startswith("slow"):
            looked.set()
            go_on.wait(30)
        mkdir(self, *args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(Path, "mkdir", slow)
    with ThreadPoolExecutor(1, thread_name_prefix="slow") as pool:
        late = pool.submit(Index.create, path)
        looked.wait(30)
        with Index.create(path).writer() as writer:
            writer.add(Article(id="1", title="Tin 1", body="Ban dân vận họp."))
        go_on.set()
        with pytest.raises(IndexExistsError):
            late.result()
    assert [found.id for found in Index.open(path)] == ["1"]
