"""Generations, snapshots, locks and processes: what a reader and a writer may rely on."""

import os
import shutil
import signal
import subprocess
import sys
import threading
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from tests.index.small import add, article, break_byte, ids, segments

from vnsearch import (
    Article,
    Index,
    IndexCorruptError,
    IndexLockedError,
    IndexNotFoundError,
    IndexProblemError,
    IndexVersionError,
)
from vnsearch.index import disk
from vnsearch.index.container import FORMAT, Container
from vnsearch.index.container_writer import ContainerWriter
from vnsearch.index.verify import verify

DATA = Path(__file__).parent.parent / "data"


@pytest.fixture
def index(tmp_path: Path) -> Index:
    return Index.create(tmp_path / "index")


# -- generations ---------------------------------------------------------------------------------------


def test_the_generation_before_is_kept_and_no_other(index: Index) -> None:
    """Its files go with the commit after, or when all is merged."""
    add(index, "1")
    first = segments(index)
    add(index, "2")
    assert len(segments(index)) == 2
    assert first < segments(index)
    add(index, "3")
    assert len(segments(index)) == 2
    assert not first & segments(index)
    index.optimize()
    assert {file.suffix for file in index.path.iterdir()} == {".seg", ".json", ".lock", ".toc"}
    assert len(list(index.path.iterdir())) == 4


def test_a_broken_generation_falls_back_to_the_one_before(index: Index) -> None:
    """Only where it is asked for, with a warning that says why; a writer goes on from there, and warns, too."""
    add(index, "1")
    before = segments(index)
    add(index, "2")
    (newest,) = segments(index) - before
    break_byte(newest)
    with pytest.raises(IndexCorruptError, match=newest.name):
        Index.open(index.path).search("dân")
    with pytest.warns(RuntimeWarning, match=f"{newest.name}.*this is generation 1") as caught:
        opened = Index.open(index.path, fallback=True)
    assert caught[0].filename == __file__
    problem = opened.problem
    assert problem
    assert ids(opened) == {"1"}
    assert [v for v in opened.verify().problems if "generation 1 before it is whole" in v]
    with pytest.raises(RuntimeWarning, match="this is generation 1"):  # warnings are errors here
        opened.writer()
    with pytest.warns(RuntimeWarning, match="this is generation 1"):
        add(opened, "3")
    assert opened.problem is None
    assert ids(opened) == ids(Index.open(index.path)) == {"1", "3"}
    assert not opened.verify().problems


def test_a_manifest_that_is_gone_or_changed_falls_back(index: Index) -> None:
    """Where the one before names whole files."""
    add(index, "1")
    add(index, "2")
    manifest = index.path / "vnsearch.json"
    whole = manifest.read_bytes()
    for broken in (b"", b"{}", whole[:-3], whole.replace(b'"documents":2', b'"documents":3'), whole + b" "):
        manifest.write_bytes(broken)
        with pytest.raises(IndexCorruptError, match=r"vnsearch\.json.*restore a backup"):
            Index.open(index.path)
        with pytest.warns(RuntimeWarning, match=r"vnsearch\.json"):
            assert ids(Index.open(index.path, fallback=True)) == {"1"}


def test_there_is_no_fallback_from_a_whole_index_or_to_a_broken_one(index: Index) -> None:
    """A whole index opens as always; where both generations are broken the error names both."""
    add(index, "1")
    assert Index.open(index.path, fallback=True).problem is None
    add(index, *map(str, range(2, 200)))
    with index.writer() as writer:
        writer.delete("5")
    for file in segments(index):  # both generations have it
        break_byte(file)
    with pytest.raises(IndexCorruptError, match="nor is the generation before whole"):
        Index.open(index.path, fallback=True)
    with pytest.raises(IndexNotFoundError):
        Index.open(index.path.parent / "nothing", fallback=True)


def test_a_broken_segment_is_never_merged(index: Index) -> None:
    """Else its wrong bytes would get right checksums."""
    add(index, "1")
    (file,) = segments(index)
    break_byte(file)
    with pytest.raises(IndexCorruptError, match=file.name):
        add(index, "2")
    assert segments(index) == {file}


def test_errors_tell_file_expected_and_got(index: Index) -> None:
    """So that a program can tell them, too."""
    add(index, "1")
    (file,) = segments(index)
    whole = file.read_bytes()
    file.write_bytes(whole[:-1])
    with pytest.raises(IndexCorruptError, match=r"expected .*, got ") as caught:
        Index.open(index.path)
    assert (caught.value.path, caught.value.expected, caught.value.got) == (file, len(whole), len(whole) - 1)


# -- formats -------------------------------------------------------------------------------------------


def test_an_index_of_this_format_opens(tmp_path: Path) -> None:
    """The one in tests/data was written when the format was made; it is read, verified and written to."""
    path = tmp_path / "index"
    shutil.copytree(DATA / f"index_format_{FORMAT}", path)
    index = Index.open(path)
    assert not index.verify().problems
    assert ids(index) == {"1", "2"}
    assert ids(index, "dan van lang son") == {"1"}
    assert index.search("", province="Lạng Sơn", since="2023-02", until="2023-02").total == 1
    add(index, "4")
    index.optimize()
    assert ids(index) == {"1", "2", "4"}


@pytest.mark.parametrize("path", [path for path in DATA.glob("index_format_*") if not path.name.endswith(f"_{FORMAT}")])
def test_an_index_of_an_older_format_is_refused_with_the_command_that_rebuilds_it(path: Path) -> None:
    """Opened, verified or written to; it stays as it is."""
    got = int(path.name.rsplit("_", 1)[1])
    files = {file.name: file.read_bytes() for file in path.iterdir()}
    with pytest.raises(IndexVersionError, match=r"index the articles anew: vnsearch index FILES --index") as caught:
        Index.open(path)
    assert (caught.value.expected, caught.value.got) == (FORMAT, got)
    assert verify(path).problems
    assert {file.name: file.read_bytes() for file in path.iterdir()} == files


def test_a_changed_minute_is_found(tmp_path: Path) -> None:
    """`verify` compares the time of each article with what the index has of it."""
    path = tmp_path / "index"
    with Index.create(path).writer() as writer:
        writer.add(Article(id="1", title="A", body="", published=datetime(2023, 2, 7, 17, 0)))
    [file] = path.glob("*.seg")
    old, name = Container(file), file.name
    out = ContainerWriter(tmp_path / name)
    for array in old.names:
        out.append(array, old[array] + np.uint16(1) if array == "minute" else old[array])
    out.close(old.meta)
    (tmp_path / name).replace(file)
    [problem] = verify(path).problems
    assert "the minute of document 0" in problem


# -- snapshots and processes ---------------------------------------------------------------------------


def test_a_snapshot_stays_as_it_is(index: Index) -> None:
    """Its counts, searches and articles, also when its files have gone; the index itself goes on by itself."""
    add(index, "1", "2")
    held = index.snapshot()
    searcher = index.whoosh.searcher()
    with index.writer() as writer:
        writer.delete("1")
    index.optimize()
    add(index, "3")
    assert ids(held) == {"1", "2"} == ids(held, "dân vận")
    assert len(held) == held.stats()["articles"] == 2
    assert held.get("1") == article("1")
    assert not held.refresh()
    assert searcher.doc_count() == 2
    assert sorted(fields["id"] for fields in searcher.all_stored_fields()) == ["1", "2"]
    assert ids(index) == {"2", "3"}


def test_refresh_tells_whether_something_was_committed(index: Index) -> None:
    """A search does it by itself."""
    other = Index.open(index.path)
    assert not other.refresh()
    add(index, "1")
    assert other.refresh()
    assert not other.refresh()
    add(index, "2")
    assert ids(other) == {"1", "2"}
    assert not other.refresh()


def test_the_same_generation_number_twice_is_told_apart(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    """A commit whose last step failed was put back; a reader that saw it sees what came instead."""
    add(index, "1")
    reader, real, seen = Index.open(index.path), disk.sync_folder, list[set[str]]()

    def failing(path: Path) -> None:
        if ids(reader) == {"1", "2"}:  # the new manifest is in place
            seen.append(ids(reader))
            monkeypatch.setattr(disk, "sync_folder", real)
            raise OSError(5, "Input/output error")
        real(path)

    monkeypatch.setattr(disk, "sync_folder", failing)
    with pytest.raises(IndexProblemError, match="nothing was changed"):
        add(index, "2")
    assert seen == [{"1", "2"}]
    assert ids(reader) == {"1"}
    add(index, "3")
    assert ids(reader) == {"1", "3"}


def run(code: str, *args: str) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code, *args], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_forked_servers_search(index: Index) -> None:
    """Children of a process whose threads search share its index, at whatever moment they were forked."""
    add(index, *map(str, range(50)))
    code = """
import os, sys, threading
from vnsearch import Index
index = Index.open(sys.argv[1])
expected = [hit.id for hit in index.search("dân vận")]
stop = threading.Event()
def search():
    while not stop.is_set():
        index.search("dân vận đường", facets=("source",))
        index.refresh()
threads = [threading.Thread(target=search) for _ in range(3)]
[thread.start() for thread in threads]
children = []
for n in range(12):
    if (child := os.fork()) == 0:
        same = all([hit.id for hit in index.search("dân vận")] == expected for _ in range(5))
        index.suggest("dan van")
        if n == 0:
            with index.writer(timeout=10) as writer:
                writer.add(index.get("1"))
        os._exit(0 if same else 1)
    children.append(child)
codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
stop.set()
print(codes, len(index))
"""
    assert run(code, str(index.path)) == f"{[0] * 12} 50\n"


def test_a_forked_child_cannot_use_or_harm_its_parents_writer(index: Index) -> None:
    """Neither commit nor roll back; the parent goes on."""
    code = """
import os, sys
from vnsearch import Article, Index, IndexLockedError, IndexProblemError
from vnsearch.index import writer as module
module.BATCH = 50
index = Index.open(sys.argv[1])
writer = index.writer()
for n in range(60):  # a batch is on disk
    writer.add(Article(id=str(n), title="dân", body=""))
if (child := os.fork()) == 0:
    try:
        writer.add(Article(id="x", title="dân", body=""))
    except IndexProblemError as e:
        assert "forked" in str(e)
        writer.rollback()
        try:
            index.writer()
        except IndexLockedError as e:
            os._exit(7)
    os._exit(1)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
writer.commit()
print(len(index), index.verify().problems)
"""
    assert run(code, str(index.path)) == "7\n60 ()\n"


def test_the_lock_of_a_dead_process_is_taken_over(index: Index) -> None:
    """Also when a child that it had forked lives on; what it had written is cleared away."""
    code = """
import os, sys, time
from vnsearch import Article, Index
from vnsearch.index import writer as module
module.BATCH = 50
writer = Index.open(sys.argv[1]).writer()
for n in range(60):
    writer.add(Article(id=str(n), title="dân", body=""))
if (child := os.fork()) == 0:
    os.close(1)
    time.sleep(60)
    os._exit(0)
print(child, flush=True)
time.sleep(60)
"""
    process = subprocess.Popen([sys.executable, "-c", code, str(index.path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout
    child = int(process.stdout.readline())
    try:
        with pytest.raises(IndexLockedError, match=f"process {process.pid} on ") as caught:
            index.writer(timeout=0.1)
        assert caught.value.pid == process.pid
        assert caught.value.host
        assert caught.value.since
        assert timedelta() <= datetime.now(caught.value.since.tzinfo) - caught.value.since < timedelta(minutes=2)
        assert segments(index)
        process.kill()
        process.wait()
        add(index, "1")
        assert len(segments(index)) == 1
        assert ids(index) == {"1"}
    finally:
        process.kill()
        os.kill(child, signal.SIGKILL)
        process.stdout.close()


def test_a_writer_waits_for_another_thread(index: Index) -> None:
    """As long as it is told to."""
    first = index.writer()
    first.add(article("1"))
    timer = threading.Timer(0.2, first.commit)
    timer.start()
    add_later = index.writer(timeout=10)
    add_later.add(article("2"))
    add_later.commit()
    timer.join()
    assert ids(index) == {"1", "2"}
