"""What comes from strangers, and what goes wrong around an index: links, pipes, forged manifests, full disks, rights,
names, and articles of every size.  Longer than other files, since all of it is one question: what can harm an index?
"""

import json
import os
import stat
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from vnsearch import Article, Index, IndexCorruptError, IndexProblemError, VnsearchError
from vnsearch.index.container import Container
from vnsearch.index.container_writer import ContainerWriter
from vnsearch.zstd import zstd


def article(id: str, body: str = "Ban dân vận họp bàn việc làm đường.", **values: object) -> Article:
    return Article(id=id, title=f"Tin {id}", body=body, **values)  # type: ignore[arg-type]


def ids(index: Index, text: str = "") -> set[str]:
    return {hit.id for hit in index.search(text, limit=100)}


@pytest.fixture
def index(tmp_path: Path) -> Index:
    """Two articles, one deleted."""
    index = Index.create(tmp_path / "index")
    with index.writer() as writer:
        for n in range(200):
            writer.add(article(str(n)))
    with index.writer() as writer:
        writer.delete("1")
    return index


# -- links and pipes -----------------------------------------------------------------------------------


@pytest.mark.parametrize("pattern", ["vnsearch.json", "*.seg", "*.del"])
def test_no_link_is_followed(index: Index, tmp_path: Path, pattern: str) -> None:
    """Not even to a whole file of the kind: what lies outside of the folder is nobody's business."""
    (file,) = index.path.glob(pattern)
    file.rename(tmp_path / "outside")
    file.symlink_to(tmp_path / "outside")
    with pytest.raises(IndexCorruptError, match="cannot be read"):
        Index.open(index.path)
    assert index.verify().problems


@pytest.mark.parametrize("name", ["vnsearch.lock", "vnsearch.json.new", "vnsearch.previous.json.new"])
def test_nothing_is_written_through_a_planted_link(index: Index, tmp_path: Path, name: str) -> None:
    """A writer fails or puts a file of its own there; the stranger's target stays as it was."""
    target = tmp_path / "precious"
    target.write_text("untouched")
    (index.path / name).unlink(missing_ok=True)
    (index.path / name).symlink_to(target)
    try:
        with index.writer() as writer:
            writer.add(article("new"))
    except IndexProblemError as e:
        assert "cannot be written" in str(e)
        (index.path / name).unlink()
    assert target.read_text() == "untouched"
    assert not target.is_symlink()
    with index.writer() as writer:
        writer.add(article("newer"))
    assert "newer" in ids(index, "newer")


@pytest.mark.parametrize("pattern", ["vnsearch.json", "*.seg", "*.del"])
def test_a_pipe_is_not_waited_for(index: Index, pattern: str) -> None:
    """In the place of any file it is an error at once."""
    (file,) = index.path.glob(pattern)
    file.unlink()
    os.mkfifo(file)
    with pytest.raises(IndexCorruptError, match="not a regular file"):
        Index.open(index.path)


Forgery = Callable[[dict[str, Any]], None]  # changes a manifest


def forge(index: Index, change: Forgery) -> None:
    """Another manifest, its checksum right."""
    manifest = json.loads((index.path / "vnsearch.json").read_bytes())
    change(manifest)
    manifest["crc"] = 0
    manifest["crc"] = zlib.crc32(msgspec.json.encode(manifest))
    (index.path / "vnsearch.json").write_bytes(msgspec.json.encode(manifest) + b"\n")


@pytest.mark.parametrize(
    "change",
    [
        lambda m: m["parts"][0].update(name="../../outside"),
        lambda m: m["parts"][0].update(name="/etc/passwd"),
        lambda m: m["parts"][0].update(deletions="../x.del"),
        lambda m: m["parts"][0].update(deletions="vnsearch.json"),
        lambda m: m["parts"][0].update(documents=-1),
        lambda m: m["parts"][0].update(documents=1 << 60),
        lambda m: m.update(parts=[[]] * 3),
        lambda m: m.update(parts={}),
        lambda m: m.update(more="fields"),
    ],
)
def test_a_forged_manifest_leads_nowhere(index: Index, tmp_path: Path, change: Forgery) -> None:
    """Names of other folders, sizes that are none: refused, nothing removed, nothing outside touched."""
    (tmp_path / "outside.seg").write_text("precious")
    before = {file.name for file in index.path.iterdir()}
    forge(index, change)
    with pytest.raises(IndexCorruptError):
        Index.open(index.path)
    with pytest.raises(IndexCorruptError):
        index.writer()
    assert {file.name for file in index.path.iterdir()} == before
    assert (tmp_path / "outside.seg").read_text() == "precious"


def test_a_manifest_that_is_too_large_or_too_deep(index: Index) -> None:
    """Is refused, not read into memory or recursed into."""
    for data in (b"[" * 100_000, b'{"format":' * 50_000):
        (index.path / "vnsearch.json").write_bytes(data)
        with pytest.raises(IndexCorruptError):
            Index.open(index.path)
    with (index.path / "vnsearch.json").open("wb") as file:
        file.truncate(1 << 40)  # a hole
    with pytest.raises(IndexCorruptError, match="larger than"):
        Index.open(index.path)


ARRAYS = (
    "first", "first_position", "folded_first", "docs", "codes", "row", "df", "stored_ends", "stored_first",
    "stored_sizes", "id_order", "ids_lengths", "terms_lengths", "provinces_first", "provinces_tags",
    "source_tags", "sentences_first", "sentences",
)  # fmt: skip
SEARCHES: tuple[Callable[[Index], object], ...] = (
    lambda index: [hit.snippet for hit in index.search("dân vận", facets=("province", "source"))],
    lambda index: index.search('"ban dân vận" AND tin'),
    lambda index: index.search("ban dân vận họp bàn việc gì?"),
    lambda index: index.search("da*", province="Huế"),
    lambda index: index.get("7"),
    lambda index: index.similar("7"),
    lambda index: index.complete("dân v"),
    lambda index: index.stats(),
)


@settings(deadline=None, max_examples=25)
@example("provinces_tags", 0, (1 << 32) - 1)
@example("source_tags", 3, (1 << 31) - 1)
@example("provinces_first", 40, (1 << 32) - 1)
@example("sentences_first", 40, (1 << 32) - 1)
@given(
    st.sampled_from(ARRAYS), st.integers(0, 1 << 20), st.sampled_from([0, 1, 7, 1 << 16, (1 << 31) - 1, (1 << 32) - 1])
)
def test_a_forged_segment_does_not_crash(name: str, at: int, value: int) -> None:
    """Offsets and numbers that are wrong under checksums that are right: an answer or an exception, and `verify` ends.

    Whoever makes both can make an index say anything; it must not make the interpreter read what is not the index's.
    """
    with tempfile.TemporaryDirectory() as temporary:
        index = Index.create(Path(temporary) / "index")
        with index.writer() as writer:
            for n in range(40):
                writer.add(article(str(n), provinces=("Huế",), source="x.vn"))
        (file,) = index.path.glob("*.seg")
        whole = Container(file)
        arrays = {array: whole[array].copy() for array in whole.names}
        chosen = arrays[name].reshape(-1)
        if len(chosen):
            chosen[at % len(chosen)] = min(value, np.iinfo(chosen.dtype).max)
        file.unlink()
        out = ContainerWriter(file)
        for array, values in arrays.items():
            out.append(array, values)
        out.close(whole.meta)
        for search in SEARCHES:
            with suppress(VnsearchError, LookupError, ValueError):
                search(Index.open(index.path))
        assert index.verify().problems or len(chosen) == 0 or value in chosen


@pytest.mark.skipif(sys.platform != "linux", reason="a limit of address space that is kept")
@pytest.mark.parametrize("told", [100, 1 << 30, 1 << 33])
def test_articles_that_unpack_to_gigabytes_are_refused(index: Index, told: int) -> None:
    """A forged block of 2 GB, whatever is told of its size: an error, with 300 MB to spare; other articles are read."""
    path = max(index.path.glob("*.seg"), key=lambda file: file.stat().st_size)
    whole = Container(path)
    arrays = {name: whole[name].copy() for name in whole.names}
    packing = zstd.ZstdCompressor(level=1)
    packed = b"".join([*(packing.compress(bytes(1 << 24)) for _ in range(128)), packing.flush()])
    end = int(arrays["stored_ends"][-2])
    arrays["stored"] = np.append(arrays["stored"][:end], np.frombuffer(packed, np.uint8))
    arrays["stored_ends"][-1] = end + len(packed)
    arrays["stored_sizes"][-1] = min(told, np.iinfo(arrays["stored_sizes"].dtype).max)
    path.unlink()
    out = ContainerWriter(path)
    for name, values in arrays.items():
        out.append(name, values)
    out.close(whole.meta)
    code = """
import resource, sys
from vnsearch import Index, IndexCorruptError
index = Index.open(sys.argv[1])
found = index.get("0").title
size = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize() + 300_000_000
resource.setrlimit(resource.RLIMIT_AS, (size, size))
try:
    print(index.get("199").title)
except IndexCorruptError:
    print(found, "corrupt")
"""
    done = subprocess.run([sys.executable, "-c", code, str(index.path)], capture_output=True, text=True, timeout=120)
    assert (done.stdout, done.stderr) == ("Tin 0 corrupt\n", "")


# -- the system says no ----------------------------------------------------------------------------------


@pytest.fixture
def elsewhere() -> Iterator[Path]:
    """A folder that another user, too, can reach."""
    top = os.environ.get("TMPDIR", "/tmp")  # not pytest's folder, which is for one user alone
    with tempfile.TemporaryDirectory(prefix="đường dẫn có dấu, cách ", dir=top) as path:
        Path(path).chmod(0o755)
        yield Path(path)


def as_nobody(code: str, *args: str) -> str:
    """What a process without an administrator's rights prints; everything is imported before it gives them up."""
    before = """
import contextlib, os, sys
import click.testing, vnsearch.cli, vnsearch.index.writer
from vnsearch import Index, VnsearchError
with contextlib.suppress(VnsearchError):
    [hit.snippet for hit in Index.open(sys.argv[1]).search("dan van")], Index.open(sys.argv[1]).verify()
if os.getuid() == 0:
    os.setgid(65534), os.setuid(65534)
"""
    command = [sys.executable, "-c", before + code, *args]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_read_only_folder_is_searched(elsewhere: Path) -> None:
    """By one who may not write: found, counted, verified, backed up; writing is refused with the reason."""
    index = Index.create(elsewhere / "chỉ đọc")
    with index.writer() as writer:
        writer.add(article("1"))
    for path in (*index.path.iterdir(), index.path):
        path.chmod(0o555 if path.is_dir() else 0o444)
    code = """
from vnsearch import Index, IndexProblemError
index = Index.open(sys.argv[1])
print([hit.id for hit in index.search("dan van")], len(index), index.verify().problems)
try:
    index.writer()
except IndexProblemError as e:
    print(e)
"""
    found = as_nobody(code, str(index.path))
    index.path.chmod(0o755)
    assert found.startswith("['1'] 1 ()\n")
    assert found.endswith("cannot be written: Permission denied\n")


@pytest.mark.parametrize("pattern", ["*.seg", "vnsearch.json", "."])
def test_without_permission_the_reason_is_told(elsewhere: Path, pattern: str) -> None:
    """For the file, the manifest, the folder: it is not called broken or absent, and no traceback is printed."""
    index = Index.create(elsewhere / "không quyền")
    with index.writer() as writer:
        writer.add(article("1"))
    (path,) = [index.path] if pattern == "." else index.path.glob(pattern)
    mode = stat.S_IMODE(path.stat().st_mode)
    path.chmod(0)
    code = """
from click.testing import CliRunner
done = CliRunner().invoke(vnsearch.cli.main, ["query", "dân", "--index", sys.argv[1]])
print(done.exit_code, done.output)
"""
    found = as_nobody(code, str(index.path))
    path.chmod(mode)
    assert found.startswith("2 vnsearch: ")
    assert "may not be read (Permission denied)" in found


def test_a_full_disk_is_an_error_and_the_index_as_before(index: Index) -> None:
    """No file may grow beyond a limit: while a batch is written, and while one is merged; room again, all is well."""
    code = """
import resource, sys
from vnsearch import Article, Index, IndexProblemError
from vnsearch.index import writer as module
module.BATCH = int(sys.argv[2])
index = Index.open(sys.argv[1])
before = sorted(index.path.iterdir())
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, resource.RLIM_INFINITY))
try:
    with index.writer() as writer:
        for n in range(300):
            writer.add(Article(id=f"n{n}", title="dân", body=f"x{n} y{n} z{n} " * 9))
except IndexProblemError as e:
    print(e)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
print(len(index), index.verify().problems, sorted(index.path.iterdir()) == before)
with index.writer() as writer:
    writer.add(Article(id="n1", title="dân", body="sau"))
print(len(index))
"""
    for batch in ("100", "1000"):
        done = subprocess.run(
            [sys.executable, "-c", code, str(index.path), batch], capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 0, done.stderr
        error, state, after = done.stdout.splitlines()
        assert error.endswith("the commit failed: File too large; nothing was changed")
        assert state == "199 () True"
        assert after == "200"
        with index.writer() as writer:
            writer.delete("n1")


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="only an administrator mounts a small disk")
def test_a_small_disk_that_is_full(tmp_path: Path) -> None:
    """The same on a real file system of 1 MB: commits until it is full, an error, and room is made by deleting."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk], capture_output=True, text=True)
    if mounted.returncode:
        pytest.skip(f"no file system can be mounted here: {mounted.stderr.strip()}")
    try:
        index = Index.create(disk / "index")
        commits = 0
        with pytest.raises(IndexProblemError, match="No space left on device; nothing was changed"):
            while True:
                with index.writer() as writer:
                    for n in range(50):
                        writer.add(article(f"{commits}-{n}", f"x{commits}y{n} " * 50))
                commits += 1
        assert commits > 0
        assert len(index) == 50 * commits
        assert not index.verify().problems
        with index.writer() as writer:
            for commit in range(commits - 1):
                for n in range(50):
                    writer.delete(f"{commit}-{n}")
        assert len(index) == 50
    finally:
        subprocess.run(["umount", "-l", disk], check=True)  # files that were looked at may still be mapped


@pytest.mark.parametrize("name", ["có dấu", " cách  đầu", "a'b\"c", "%s{}$HOME", "Ð‑ẫ́", "😀", "x" * 200, "-rf", "a\nb"])
def test_any_name_of_a_folder(tmp_path: Path, name: str) -> None:
    """Blanks, quotes, signs, combining letters: made, written, searched, verified, backed up."""
    path = tmp_path / name
    index = Index.create(path)
    with index.writer() as writer:
        writer.add(article("1"))
    assert ids(Index.open(path), "dân") == {"1"}
    assert not index.verify().problems
    index.backup(tmp_path / f"{name[:100]} bản sao")
    assert ids(Index.open(tmp_path / f"{name[:100]} bản sao")) == {"1"}


def test_a_name_that_no_file_can_have(tmp_path: Path) -> None:
    """Is an error of vnsearch's."""
    for name in ("x" * 300, "a\0b"):
        with pytest.raises(VnsearchError):
            Index.create(tmp_path / name)
        with pytest.raises(IndexProblemError):
            Index.open(tmp_path / name)


# -- articles of every size ------------------------------------------------------------------------------


@settings(deadline=None, max_examples=15)
@given(
    st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20).filter(str.strip), max_size=8)
)
def test_an_id_is_any_text(ids: list[str]) -> None:
    """Got, found, replaced and deleted under it, whatever is in it; those that look alike are different."""
    with tempfile.TemporaryDirectory() as temporary:
        index = Index.create(Path(temporary) / "index")
        for body in ("một", "hai"):
            with index.writer() as writer:
                for id in ids:
                    writer.add(Article(id=id, title="", body=body))
        assert {a.id: a.body for a in index} == dict.fromkeys(ids, "hai")
        assert all(index.get(id) for id in ids)
        assert not index.verify().problems
        with index.writer() as writer:
            for id in ids:
                writer.delete(id)
        assert len(index) == 0


def test_ids_at_the_edge(tmp_path: Path) -> None:
    """A megabyte, NUL, a path, the two forms of one letter, a number's text: each its own article."""
    names = ["x" * 1_000_000, "\0", "a\0", "a", "../../etc/passwd", "é", "e\u0301", "1", "01", "\n", "\u200b", "😀"]
    index = Index.create(tmp_path / "index")
    with index.writer() as writer:
        for name in names:
            if name.strip():
                writer.add(Article(id=name, title="dân", body=name[:10]))
    kept = [name for name in names if name.strip()]
    assert {hit.id for hit in index.search("dân", limit=50)} == set(kept)
    for name in kept:
        found = index.get(name)
        assert found
        assert found.body == name[:10]


def test_a_text_of_megabytes(tmp_path: Path) -> None:
    """One article of five: its last word is found, its positions are right, it comes back as it was."""
    part = " ".join(f"từ{n} vận" for n in range(5_000))
    body = ". ".join([part] * 70) + ". Hội nghị kết thúc."
    assert len(body.encode()) > 5_000_000
    index = Index.create(tmp_path / "index")
    with index.writer() as writer:
        writer.add(article("large", body))
        writer.add(article("small", "hội nghị"))
    assert ids(index, '"nghị kết thúc"') == {"large"}
    assert ids(index, '"hội nghị"') == {"large", "small"}
    assert ids(index, '"nghị hội"') == set()
    found = index.get("large")
    assert found
    assert found.body == body
    index.optimize()
    assert ids(index, '"nghị kết thúc"') == {"large"}


def test_a_hundred_thousand_values_of_a_facet(tmp_path: Path) -> None:
    """As many sources as topics as articles: counted, filtered by, kept through a merge."""
    number, each = 100_000, 50
    index = Index.create(tmp_path / "index")
    with index.writer() as writer:
        for n in range(number // each):
            topics = tuple(f"chủ đề {n * each + k}" for k in range(each))
            writer.add(Article(id=str(n), title="dân", body="", source=f"s{n}.vn", topics=topics))
    found = index.search("dân", facets=("topic", "source"), limit=1)
    assert found.total == number // each
    assert len(found.facets["topic"]) == number
    assert set(found.facets["topic"].values()) == {1}
    assert len(found.facets["source"]) == number // each
    assert ids(index, 'nguồn:"s77.vn"') == {"77"}
    with index.writer() as writer:
        writer.delete("77")
    index.optimize()
    assert len(index.search("", facets=("topic",)).facets["topic"]) == number - each
