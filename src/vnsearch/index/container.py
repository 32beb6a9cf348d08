"""One file of named arrays: written once, mapped into memory, every page with a checksum.

    8 bytes   b"vnsarray"
    u32       FORMAT
    u32       length of the header
    u32       CRC-32 of the header
    header    JSON: {"meta": {...}, "arrays": {name: [dtype, shape, offset]}, "end": where the sums begin}
    arrays    little-endian, each at a multiple of 64 bytes, offsets from the file's beginning
    sums      CRC-32 of each PAGE bytes of all that stands before them, u32 each; then CRC-32 of these

A page is checked when something of it is first read, so opening a large file costs little and yet
nothing wrong is ever taken for right.  Nothing in a file is code: one from a stranger can be wrong,
and is then refused, but it runs nothing.
"""

import math
import mmap
import struct
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Annotated, Any, NoReturn

import msgspec
import numpy as np

from ..arrays import Array, distinct, spans
from ..errors import IndexCorruptError, IndexProblemError, IndexVersionError
from . import disk

FORMAT = 5
PAGE = 4096  # bytes under one checksum: few are read that nobody asked for, and 1/1024 of the file is sums
_SHIFT = PAGE.bit_length() - 1
MAGIC = b"vnsarray"
HEAD = struct.Struct("<8sIII")
ALIGN = 64
DTYPES = {"|u1", "<u2", "<u4", "<u8", "<i4", "<i8", "<f4"}
_BETWEEN = 64 << 20  # bytes that are checked between two releases of memory
_NAMED = 3  # arrays of a broken page that an error names
_Size = Annotated[int, msgspec.Meta(ge=0)]


class _Header(msgspec.Struct):
    meta: dict[str, Any]
    arrays: dict[str, tuple[str, tuple[_Size, ...], _Size]]  # dtype, shape, offset
    end: _Size


def unreadable(path: Path, e: OSError) -> IndexProblemError:
    """What to raise where a file of an index cannot be opened: IndexCorruptError only by what is there."""
    if isinstance(e, PermissionError):
        return IndexProblemError(path, f"may not be read ({e.strerror}); ask its owner for the right to")
    if disk.is_wrong(e):
        return IndexCorruptError(path, f"cannot be read ({e.strerror or e})")
    if disk.is_short(e):
        problem = "it may be whole: raise the limit, or close what is not needed, and try again"
        return IndexProblemError(path, f"cannot be read now ({e.strerror or e}); {problem}")
    return IndexProblemError(path, f"cannot be read ({e.strerror or e})")


class Container:
    """The arrays of a file, mapped.  Sizes, header and sums are checked on opening, a page when it is first read."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._pages = pages = _Pages(path)
        self.meta: dict[str, Any] = pages.header.meta
        self._arrays = {
            name: LazyArray(pages, offset, pages.array(name, dtype, shape, offset))
            for name, (dtype, shape, offset) in pages.header.arrays.items()
        }
        self.check_all, self.corrupt, self.release = pages.check_all, pages.corrupt, pages.release

    def __getitem__(self, name: str) -> Array:
        """An array, checked whole."""
        return self.lazy(name).all()

    def lazy(self, name: str) -> "LazyArray":
        """An array of which only what is read is checked."""
        try:
            return self._arrays[name]
        except KeyError:
            self.corrupt(f"there is no array {name}")

    def texts(self, name: str) -> "Texts":
        """The strings that `append_texts` wrote."""
        texts = Texts(self.lazy(name), self[f"{name}_lengths"])
        if (end := int(texts.ends[-1]) if len(texts) else 0) != len(self.lazy(name)):
            self.corrupt(f"bytes of the array {name}", expected=end, got=len(self.lazy(name)))
        return texts

    @property
    def checking(self) -> "tuple[Any, bytearray, bytearray, Array, int, Callable[[int, int], None]]":
        """For kernels, which check pages as `_Pages` does: the bytes of the file, which pages are not yet checked, of
        which pages this or the next is not, the sums, where they begin, and what raises the error.
        """
        return self._pages.checking

    def problems(self) -> list[str]:
        """What is wrong with the contents: every byte is read, again too where it was read before."""
        return [f"{self.path.name}: {problem}" for problem in self._pages.problems()]

    @property
    def names(self) -> list[str]:
        """The names of the arrays, in order of the file."""
        return list(self._arrays)

    @property
    def nbytes(self) -> int:
        """The size of the file."""
        return self._pages.nbytes

    def __enter__(self) -> "Container":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._arrays.clear()


class _Pages:
    """The bytes of a container, and which of its pages were checked."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._map = disk.map(path)
        except OSError as e:
            raise unreadable(path, e) from None
        except ValueError:
            raise IndexCorruptError(path, "cannot be read (it is empty)") from None
        self.header = self._read_header()
        self._end = self.header.end
        self._sums = self._read_sums()
        self._pending = bytearray(b"\1") * len(self._sums)  # pages that are not yet checked
        self._near = bytearray(self._pending)  # pages of which this or the next is not
        self._near_pages = np.frombuffer(self._near, np.uint8)  # the same
        self._any_pending = True

    @property
    def checking(self) -> "tuple[Any, bytearray, bytearray, Array, int, Callable[[int, int], None]]":
        """See `Container`."""
        return self._map, self._pending, self._near, self._sums, self._end, self.check

    @property
    def nbytes(self) -> int:
        """The size of the file."""
        return len(self._map)

    def release(self) -> None:
        """Gives back the memory of what was read; it is read from the file again where it is needed."""
        if hasattr(mmap, "MADV_DONTNEED"):
            self._map.madvise(mmap.MADV_DONTNEED)

    def check(self, begin: int, end: int) -> None:
        """Raises IndexCorruptError where the bytes begin..end of the file are not what was written."""
        if not self._any_pending or begin >= end:
            return
        find, stop = self._pending.find, ((end - 1) >> _SHIFT) + 1
        page = find(1, begin >> _SHIFT, stop)
        if page < 0:
            return
        with memoryview(self._map) as data:
            while page >= 0:
                if not self._is_whole(data, page):
                    self.corrupt(self._changed(page))
                self._checked(page)
                page = find(1, page + 1, stop)
        self._any_pending = find(1) >= 0

    def _checked(self, page: int) -> None:
        """In this order no page looks checked that is not, whatever other threads do meanwhile."""
        self._pending[page] = 0
        self._near[page] = self._pending[page + 1] if page + 1 < len(self._pending) else 0
        if page:
            self._near[page - 1] = self._pending[page - 1]

    def check_runs(self, begins: Array, lengths: Array) -> None:
        """Checks the ranges [begin, begin + length) of bytes; no length is 0."""
        if not self._any_pending or not len(begins):
            return
        try:
            todo = self._near_pages.take(begins >> _SHIFT)
        except IndexError:
            self.corrupt("an offset lies beyond the file's end")
        if int(np.maximum.reduce(lengths)) > PAGE:
            todo |= lengths > PAGE
        if 1 not in todo.tobytes():  # as mostly
            return
        runs = todo.nonzero()[0]
        first, last = begins[runs] >> _SHIFT, (begins[runs] + lengths[runs] - 1) >> _SHIFT
        for page in np.unique(np.concatenate((first, last))).tolist():
            self.check(page << _SHIFT, min(page + 1 << _SHIFT, self._end))
        for run in (last - first > 1).nonzero()[0].tolist():
            self.check(int(first[run]) << _SHIFT, int(last[run]) << _SHIFT)

    def check_all(self) -> None:
        """Checks every byte."""
        for begin in range(0, len(self._sums) << _SHIFT, _BETWEEN):
            self.check(begin, begin + _BETWEEN)
            self.release()

    def problems(self) -> Iterator[str]:
        """What is wrong, page by page."""
        with memoryview(self._map) as data:
            for page in range(len(self._sums)):
                if not self._is_whole(data, page):
                    yield self._changed(page)
        self.release()

    def _is_whole(self, data: memoryview, page: int) -> bool:
        begin = page << _SHIFT
        return zlib.crc32(data[begin : min(begin + PAGE, self._end)]) == int(self._sums[page])

    def _changed(self, page: int) -> str:
        """Which bytes these are, and of what."""
        begin, end = page << _SHIFT, min((page + 1) << _SHIFT, self._end)
        names: list[str] = []
        for name, (dtype, shape, offset) in self.header.arrays.items():
            if offset < end and offset + np.dtype(dtype).itemsize * math.prod(shape) > begin:
                names.append(name)
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        of = f" ({', '.join(names[:_NAMED])}{more})" if names else ""
        return f"the bytes {begin}-{end - 1}{of} are not what was written"

    def _read_header(self) -> _Header:
        if len(self._map) < HEAD.size:
            self.corrupt("bytes of a segment", expected=f"at least {HEAD.size}", got=len(self._map))
        magic, version, length, crc = HEAD.unpack_from(self._map)
        if magic != MAGIC:
            self.corrupt("begins with something else", expected=MAGIC, got=magic)
        if version != FORMAT:
            problem = f"format {version}, this version reads format {FORMAT}"
            raise IndexVersionError(self.path, problem, expected=FORMAT, got=version)
        header = self._map[HEAD.size : HEAD.size + length]
        if len(header) != length or zlib.crc32(header) != crc:
            self.corrupt("its header is cut or changed")
        try:
            return msgspec.json.decode(header, type=_Header)
        except msgspec.DecodeError as e:
            self.corrupt(f"its header makes no sense ({e})")

    def _read_sums(self) -> Array:
        end, pages = self._end, -(-self._end // PAGE)
        if (size := end + 4 * pages + 4) != len(self._map):
            self.corrupt("bytes of the file", expected=size, got=len(self._map))
        sums = self._map[end:-4]
        if zlib.crc32(sums) != int.from_bytes(self._map[-4:], "little"):
            self.corrupt("its checksums are changed")
        return np.frombuffer(sums, "<u4")

    def array(self, name: str, dtype: str, shape: tuple[int, ...], offset: int) -> Array:
        """One of the header's, not checked."""
        if dtype not in DTYPES:
            self.corrupt(f"array {name} is of type {dtype}")
        count = math.prod(shape)
        if offset + count * np.dtype(dtype).itemsize > self._end:
            self.corrupt(f"array {name} ends beyond the file's {self._end} bytes of arrays")
        return np.frombuffer(self._map, dtype, count, offset).reshape(shape)

    def corrupt(self, problem: str, *, expected: object = None, got: object = None) -> NoReturn:
        """Raises IndexCorruptError about this file."""
        raise IndexCorruptError(self.path, problem, expected=expected, got=got)


class LazyArray:
    """An array of a container; what is requested is checked before it is handed out."""

    def __init__(self, pages: _Pages, begin: int, array: Array) -> None:
        self._pages = pages
        self._row = array.itemsize * math.prod(array.shape[1:])  # bytes
        self.begin, self.end = begin, begin + array.nbytes  # bytes of the file
        self.shape, self.unchecked = array.shape, array

    def __len__(self) -> int:
        return len(self.unchecked)

    def all(self) -> Array:
        """The array."""
        self._pages.check(self.begin, self.end)
        return self.unchecked

    def part(self, begin: int, end: int) -> Array:
        """The rows begin..end."""
        self._pages.check(self.begin + begin * self._row, self.begin + end * self._row)
        return self.unchecked[begin:end]

    def runs(self, starts: Array, lengths: Array) -> Array:
        """The rows starts[0], starts[0] + 1, ... of `lengths[0]` rows, then those of the next; no length is 0."""
        self.check_runs(starts, lengths)
        return self.unchecked[spans(starts, lengths)]

    def check_runs(self, starts: Array, lengths: Array) -> None:
        """Checks what `runs` would hand out."""
        if len(starts) and int(np.maximum.reduce(starts + lengths)) > len(self):
            self._pages.corrupt("an offset lies beyond its array")
        self._pages.check_runs(self.begin + starts * self._row, lengths * self._row)


_MOST_MET = 4_096  # strings that a `Texts` keeps


class Texts:
    """Strings in one block of bytes; `texts[i]` decodes one."""

    def __init__(self, blob: LazyArray, lengths: Array) -> None:
        self._blob = blob
        self.ends = np.cumsum(lengths, dtype=np.int64)
        self._met: dict[int, bytes] = {}  # what a search by halves comes by, first of all the upper levels

    def __len__(self) -> int:
        return len(self.ends)

    def _bytes(self, number: int) -> bytes:
        start = int(self.ends[number - 1]) if number else 0
        return self._blob.part(start, int(self.ends[number])).tobytes()

    def __getitem__(self, number: int) -> str:
        return self._bytes(number).decode()

    def all(self) -> list[str]:
        """Every string, decoded."""
        return self.part(0, len(self))

    def part(self, begin: int, end: int) -> list[str]:
        """The strings begin..end, decoded."""
        first = start = int(self.ends[begin - 1]) if begin else 0
        ends, found = self.ends[begin:end].tolist(), []
        data = self._blob.part(first, ends[-1] if ends else first).tobytes()
        for stop in ends:
            found.append(data[start - first : stop - first].decode())
            start = stop
        return found

    def beginning(self, prefix: str, begin: int, end: int) -> Array:
        """The numbers among begin..end whose strings begin so, ascending."""
        wanted = prefix.encode()
        ends = np.append(self.ends[begin - 1] if begin else 0, self.ends[begin:end])
        letters = self._blob.part(int(ends[0]), int(ends[-1]))
        numbers = (np.diff(ends) >= len(wanted)).nonzero()[0]
        for at, letter in enumerate(wanted):
            numbers = numbers[letters[ends[numbers] - ends[0] + at] == letter]
        found: Array = numbers + begin
        return found

    def having(self, part: str) -> Iterator[tuple[int, str]]:
        """The strings that have a part, which is not empty, and their numbers, ascending."""
        letters, (first, *others) = self._blob.all(), part.encode()
        places = (letters[: max(len(letters) - len(others), 0)] == first).nonzero()[0]
        for away, letter in enumerate(others, 1):
            places = places[letters[places + away] == letter]
        numbers = self.ends.searchsorted(places, "right")
        numbers = distinct(numbers[places + len(others) < self.ends[numbers]])  # no place goes over an end
        starts = self.ends[numbers - 1] * (numbers > 0)
        data = letters.tobytes()
        for number, start, end in zip(numbers.tolist(), starts.tolist(), self.ends[numbers].tolist(), strict=True):
            yield number, data[start:end].decode()

    def bisect(self, text: str) -> int:
        """The first number whose string is not less than `text`; strings must be in order of their bytes."""
        wanted, low, high = text.encode(), 0, len(self)
        while low < high:
            middle = (low + high) // 2
            met = self._met.get(middle)
            if met is None:
                met = self._bytes(middle)
                if len(self._met) < _MOST_MET:
                    self._met[middle] = met
            if met < wanted:
                low = middle + 1
            else:
                high = middle
        return low
