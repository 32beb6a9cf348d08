"""A file of arrays: what goes in comes out; a changed, cut or foreign file is refused; nothing in it is run."""

import ast
import json
import pickle
import struct
import tempfile
import zlib
from bisect import bisect_left
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from whoosh.query import Term

from vnsearch import Article, Index, IndexCorruptError, IndexVersionError
from vnsearch import index as index_package
from vnsearch.arrays import Array
from vnsearch.index.container import FORMAT, Container
from vnsearch.index.container_writer import ContainerWriter

DTYPES = ("uint8", "uint16", "uint32", "uint64", "int32", "int64", "float32")
HEAD = struct.Struct("<8sIII")  # as the module's docstring has it: magic, format, length of the header, its CRC-32


# -- what goes in comes out ----------------------------------------------------------------------------


@st.composite
def pieces(draw: st.DrawFn) -> list[Array]:
    """Arrays of one type and row shape: all of one name's."""
    dtype = np.dtype(draw(st.sampled_from(DTYPES)))
    row = draw(st.sampled_from([(), (1,), (3,), (2, 2)]))
    found: list[Array] = []
    for rows in draw(st.lists(st.integers(0, 5), min_size=1, max_size=4)):
        size = rows * int(np.prod(row, dtype=int)) * dtype.itemsize
        found.append(np.frombuffer(draw(st.binary(min_size=size, max_size=size)), dtype).reshape(rows, *row))
    return found


NAMES = st.text(min_size=1, max_size=8)
META = st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=5) | st.none(), max_size=3)
TEXTS = st.lists(st.lists(st.text(max_size=6), max_size=4), min_size=1, max_size=4)


@settings(deadline=None, max_examples=60)
@given(st.dictionaries(NAMES, pieces(), max_size=5), META, st.randoms(use_true_random=False))
def test_arrays_come_back_as_they_were_written(arrays: dict[str, list[Array]], meta: dict[str, Any], turn: Any) -> None:
    """Whatever their types, shapes and number of pieces, and in whatever order the pieces of several came."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        writer = ContainerWriter(path)
        waiting = [(name, list(parts)) for name, parts in arrays.items()]
        while waiting:
            name, parts = turn.choice(waiting)
            writer.append(name, parts.pop(0))
            waiting = [(name, parts) for name, parts in waiting if parts]
        writer.close(meta, sync=False)
        container = Container(path)
        assert container.meta == meta
        assert container.problems() == []
        for name, parts in arrays.items():
            expected = np.concatenate(parts)
            assert container[name].dtype == expected.dtype
            assert container[name].shape == expected.shape
            assert container[name].tobytes() == expected.tobytes()
        for name, (_, _, offset) in header_of(path)["arrays"].items():
            assert offset % 64 == 0, name


@settings(deadline=None, max_examples=60)
@given(TEXTS)
def test_texts_come_back_as_they_were_written(parts: list[list[str]]) -> None:
    """One by one and all together, empty ones and NULs included."""
    with tempfile.TemporaryDirectory() as folder:
        writer = ContainerWriter(Path(folder) / "file")
        for part in parts:
            writer.append_texts("texts", part)
        writer.close({}, sync=False)
        texts = Container(Path(folder) / "file").texts("texts")
        expected = [text for part in parts for text in part]
        assert texts.all() == expected == [texts[number] for number in range(len(texts))]


@settings(deadline=None, max_examples=60)
@given(st.lists(st.text("aăâdđ\u0301\U0001f600", max_size=4)), st.text("aăâdđ\u0301\U0001f600", max_size=4))
def test_bisect_finds_a_texts_place(texts: list[str], wanted: str) -> None:
    """Among texts in order of their bytes, which is that of their letters."""
    texts.sort()
    with tempfile.TemporaryDirectory() as folder:
        writer = ContainerWriter(Path(folder) / "file")
        writer.append_texts("texts", texts)
        writer.close({}, sync=False)
        assert Container(Path(folder) / "file").texts("texts").bisect(wanted) == bisect_left(texts, wanted)


def test_an_array_larger_than_memory_may_hold(tmp_path: Path) -> None:
    """Pieces of several arrays beyond what a spool keeps in memory are put together from disk."""
    writer = ContainerWriter(tmp_path / "file")
    for number in range(4):
        for name in ("a", "b"):
            writer.append(name, np.full(100_000, ord(name) + number, np.uint64))
    writer.close({})
    container = Container(tmp_path / "file")
    for name in ("a", "b"):
        assert (container[name] == np.repeat(np.arange(4, dtype=np.uint64) + ord(name), 100_000)).all()
    assert not container.problems()
    assert [file.name for file in tmp_path.iterdir()] == ["file"]


def test_the_other_byte_order_is_written_as_ours(tmp_path: Path) -> None:
    """Files are little-endian wherever they were made."""
    writer = ContainerWriter(tmp_path / "file")
    writer.append("a", np.array([1, 2, 258], ">u4"))
    writer.close({})
    assert Container(tmp_path / "file")["a"].tolist() == [1, 2, 258]
    assert header_of(tmp_path / "file")["arrays"]["a"][0] == "<u4"


def test_a_name_that_is_not_there_is_corruption(tmp_path: Path) -> None:
    """A reader that misses an array says which."""
    with pytest.raises(IndexCorruptError, match="no array b"):
        Container(small(tmp_path))["b"]


# -- changed, cut, foreign -----------------------------------------------------------------------------


def small(folder: Path) -> Path:
    """A file with an array of each kind, an empty one at the end."""
    writer = ContainerWriter(folder / "small")
    writer.append("numbers", np.arange(20, dtype=np.uint16).reshape(10, 2))
    writer.append_texts("texts", ["dân", "", "vận"])
    writer.append("none", np.empty(0, np.uint32))
    writer.close({"documents": 3})
    return folder / "small"


def header_of(path: Path) -> dict[str, Any]:
    """The header, read as the module's docstring describes it."""
    data = path.read_bytes()
    _, _, length, _ = HEAD.unpack_from(data)
    return dict(json.loads(data[HEAD.size : HEAD.size + length]))


def test_every_flipped_byte_is_found(tmp_path: Path) -> None:
    """By opening the file or by `problems`, padding included; the error names the file."""
    path = small(tmp_path)
    whole = path.read_bytes()
    for at, byte in enumerate(whole):
        for flip in (0x01, 0x80, 0xFF):
            path.write_bytes(whole[:at] + bytes([byte ^ flip]) + whole[at + 1 :])
            try:
                (problem,) = Container(path).problems()
            except (IndexCorruptError, IndexVersionError) as error:
                problem = str(error)
            assert path.name in problem, (at, flip)


def large(folder: Path) -> Path:
    """A file whose arrays take many pages."""
    writer = ContainerWriter(folder / "large")
    writer.append("numbers", np.arange(50_000, dtype=np.uint32).reshape(-1, 2))
    writer.append_texts("texts", [f"bài {number}" for number in range(3_000)])
    writer.close({})
    return folder / "large"


@settings(deadline=None, max_examples=60)
@given(
    st.floats(0, 1, exclude_max=True), st.lists(st.tuples(st.integers(0, 24_999), st.integers(1, 3_000)), max_size=8)
)
@example(0.84375, [(24545, 1)])  # the byte is in the page behind the run's
def test_what_is_read_is_right_or_an_error(place: float, runs: list[tuple[int, int]]) -> None:
    """With one byte changed anywhere in the arrays: a part, a run or a text that is handed out is what was written."""
    with tempfile.TemporaryDirectory() as folder:
        path = large(Path(folder))
        whole = bytearray(path.read_bytes())
        first, end = HEAD.size + HEAD.unpack_from(whole)[2], header_of(path)["end"]
        whole[first + int(place * (end - first))] ^= 0x10
        path.write_bytes(whole)
        container, expected = Container(path), np.arange(50_000, dtype=np.uint32).reshape(-1, 2)
        numbers, refused = container.lazy("numbers"), 0
        runs = [(start, min(length, 25_000 - start)) for start, length in runs]
        for start, length in runs:
            try:
                assert (numbers.part(start, start + length) == expected[start : start + length]).all()
            except IndexCorruptError:
                refused += 1
        try:
            starts, lengths = np.array(runs, np.int64).reshape(-1, 2).T
            wanted = [expected[start : start + length] for start, length in runs]
            assert (numbers.runs(starts, lengths) == np.concatenate([expected[:0], *wanted])).all()
        except IndexCorruptError:
            assert refused
        else:
            assert not refused
        with suppress(IndexCorruptError):
            texts = container.texts("texts")
            for number in (0, 1_500, 2_999):
                with suppress(IndexCorruptError):
                    assert texts[number] == f"bài {number}"
        with pytest.raises(IndexCorruptError, match="not what was written"):
            container.check_all()


def test_a_page_is_checked_when_it_is_first_read(tmp_path: Path) -> None:
    """What is wrong elsewhere does not keep anybody from the rest; what was checked is not read again."""
    path = large(tmp_path)
    whole = bytearray(path.read_bytes())
    _, _, offset = header_of(path)["arrays"]["numbers"]
    whole[offset + 8 * 20_000] ^= 1
    path.write_bytes(whole)
    container = Container(path)
    assert container.lazy("numbers").part(0, 100)[99].tolist() == [198, 199]
    with pytest.raises(IndexCorruptError, match="numbers") as caught:
        container.lazy("numbers").part(19_990, 20_010)
    assert caught.value.path == path
    with pytest.raises(IndexCorruptError, match="numbers"):
        container["numbers"]
    assert container.texts("texts")[7] == "bài 7"


def test_offsets_beyond_an_array_are_an_error(tmp_path: Path) -> None:
    """Nobody reads memory that is not the array's."""
    numbers = Container(large(tmp_path)).lazy("numbers")
    for start in (24_999, 30_000, 1 << 40):
        with pytest.raises(IndexCorruptError, match="beyond"):
            numbers.runs(np.array([start]), np.array([2]))


def test_every_cut_file_is_refused(tmp_path: Path) -> None:
    """On opening, wherever it was cut, with what to do."""
    path = small(tmp_path)
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(IndexCorruptError, match="restore a backup"):
            Container(path)
    path.unlink()
    with pytest.raises(IndexCorruptError, match="cannot be read"):
        Container(path)


@pytest.mark.parametrize("version", [0, FORMAT - 1, FORMAT + 1, 0xFFFFFFFF])
def test_another_format_is_refused_with_the_way_out(tmp_path: Path, version: int) -> None:
    """Whatever the rest of the file says; the error names both formats."""
    path = small(tmp_path)
    whole = path.read_bytes()
    for rest in (whole[12:], whole[12:100], bytes(8)):
        path.write_bytes(whole[:8] + version.to_bytes(4, "little") + rest)
        with pytest.raises(IndexVersionError, match=f"format {version}, .* format {FORMAT}; index the articles anew"):
            Container(path)


def test_a_file_of_something_else_is_refused(tmp_path: Path) -> None:
    """It is named with what it begins with."""
    (tmp_path / "photo").write_bytes(b"\xff\xd8\xff\xe0" + bytes(100))
    with pytest.raises(IndexCorruptError, match="expected b'vnsarray'"):
        Container(tmp_path / "photo")


ARRAY = ["<u4", [2], 512]
FORGED: dict[str, object] = {
    "no JSON": "{",
    "no object": [],
    "no arrays": {"meta": {}, "end": 1024},
    "arrays that are no object": {"meta": {}, "end": 1024, "arrays": [ARRAY]},
    "an array without offset": {"meta": {}, "end": 1024, "arrays": {"a": ["<u4", [2]]}},
    "an array of objects": {"meta": {}, "end": 1024, "arrays": {"a": ["|O", [2], 512]}},
    "a type that is no text": {"meta": {}, "end": 1024, "arrays": {"a": [["<u4"], [2], 512]}},
    "a negative offset": {"meta": {}, "end": 1024, "arrays": {"a": ["<u4", [2], -8]}},
    "an offset beyond the end": {"meta": {}, "end": 1024, "arrays": {"a": ["<u4", [2], 1 << 40]}},
    "a negative size": {"meta": {}, "end": 1024, "arrays": {"a": ["<u4", [-2], 512]}},
    "two negative sizes": {"meta": {}, "end": 1024, "arrays": {"a": ["<u4", [-2, -2], 512]}},
    "a size that overflows": {"meta": {}, "end": 1024, "arrays": {"a": ["<u4", [1 << 32, 1 << 32], 512]}},
    "an end that is no number": {"meta": {}, "end": "1024", "arrays": {}},
    "an end before the header's": {"meta": {}, "end": 0, "arrays": {}},
    "an end beyond the file's": {"meta": {}, "end": 1 << 40, "arrays": {}},
    "a size that is no number": {"meta": {}, "end": 1024, "arrays": {"a": ["<u4", ["2"], 512]}},
}


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_header_is_refused(tmp_path: Path, name: str) -> None:
    """A stranger's file whose checksum is right but whose header is wrong is a corrupt file, not a crash."""
    written = FORGED[name] if isinstance(FORGED[name], str) else json.dumps(FORGED[name])
    header = str(written).encode()
    data = HEAD.pack(b"vnsarray", FORMAT, len(header), zlib.crc32(header)) + header
    data = data.ljust(1024, b"\0")
    sums = zlib.crc32(data).to_bytes(4, "little")
    (tmp_path / "forged").write_bytes(data + sums + zlib.crc32(sums).to_bytes(4, "little"))
    with pytest.raises(IndexCorruptError, match="restore a backup"):
        Container(tmp_path / "forged")


# -- nothing in it is run ------------------------------------------------------------------------------


class Evil:
    """Unpickled, it makes a folder."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return Path.mkdir, (self.mark,)  # type: ignore[return-value]


@pytest.fixture
def no_pickle(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever unpickles, fails."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("something was unpickled")

    for name in ("load", "loads", "Unpickler", "_Unpickler"):
        monkeypatch.setattr(pickle, name, refuse)


def test_the_evil_pickle_would_run(tmp_path: Path) -> None:
    """If anybody loaded it."""
    pickle.loads(pickle.dumps(Evil(tmp_path / "mark")))
    assert (tmp_path / "mark").exists()


def test_a_planted_pickle_is_never_loaded(tmp_path: Path, no_pickle: None) -> None:
    """Whatever it is called: opening, searching, verifying and writing leave it alone or refuse it."""
    index = Index.create(tmp_path / "index")
    with index.writer() as writer:
        writer.add(Article(id="1", title="dân vận", body=""))
    mark = tmp_path / "mark"
    evil = pickle.dumps(Evil(mark))
    for name in (
        "evil.pkl",
        "_MAIN_77.toc",
        "MAIN_0123456789abcdef.seg",
        "0123456789ab.seg",
        "x.del",
        "vnsearch.pickle",
    ):
        (index.path / name).write_bytes(evil)
    opened = Index.open(index.path)
    assert [hit.article.title for hit in opened.search("dan")] == ["dân vận"]
    with opened.whoosh.searcher() as searcher:
        assert [hit["id"] for hit in searcher.search(Term("title", "dân"))] == ["1"]
    assert not opened.verify().problems
    with opened.writer() as writer:
        writer.add(Article(id="2", title="dân", body=""))
    assert len(Index.open(index.path)) == 2
    assert not mark.exists()


def test_a_pickle_in_the_place_of_a_file_is_refused(tmp_path: Path, no_pickle: None) -> None:
    """Segment, deletions, manifest or Whoosh's table of contents: an error, and nothing has run."""
    index = Index.create(tmp_path / "index")
    with index.writer() as writer:
        writer.add(Article(id="1", title="dân", body=""))
        writer.add(Article(id="2", title="vận", body=""))
    with index.writer() as writer:
        writer.delete("2")
    mark = tmp_path / "mark"
    files = [file for pattern in ("*.seg", "*.del", "vnsearch.json") for file in index.path.glob(pattern)]
    assert len(files) == 3
    for file in files:
        whole = file.read_bytes()
        file.write_bytes(pickle.dumps(Evil(mark)))
        with pytest.raises(IndexCorruptError):
            Index.open(index.path)
        assert index.verify().problems
        file.write_bytes(whole)
    for segment in index.path.glob("*.seg"):
        segment.rename(segment.with_name(f"MAIN_{segment.name}"))
    (index.path / "vnsearch.json").rename(index.path / "_MAIN_1.toc")
    (index.path / "_MAIN_1.toc").write_bytes(pickle.dumps(Evil(mark)))
    with pytest.raises(IndexVersionError, match="a Whoosh index"):
        Index.open(index.path)
    assert not mark.exists()
    with pytest.raises(AssertionError, match="unpickled"):  # the trap works
        pickle.loads(b"")


def test_no_file_of_the_index_imports_pickle() -> None:
    """Nor any other module whose data are code."""
    for path in Path(index_package.__file__).parent.glob("*.py"):
        nodes = list(ast.walk(ast.parse(path.read_text("utf-8"))))
        modules = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
        modules |= {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
        assert not modules & {"pickle", "_pickle", "marshal", "shelve", "dill", "cloudpickle", "joblib"}, path.name
