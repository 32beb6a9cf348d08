"""One file of named arrays: written once, mapped into memory, every array with a checksum.

    8 bytes   b"vnsarray"
    u32       FORMAT
    u32       length of the header
    u32       CRC-32 of the header
    header    JSON: {"meta": {...}, "arrays": {name: [dtype, shape, offset, CRC-32]}}
    arrays    little-endian, each at a multiple of 64 bytes, offsets from the file's beginning

Nothing in it is code: a file from a stranger can be wrong, and is then refused, but it runs nothing.
"""

import json
import math
import mmap
import os
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from tempfile import SpooledTemporaryFile
from types import TracebackType
from typing import IO, Annotated, Any, cast

import msgspec
import numpy as np
import numpy.typing as npt

from ..errors import IndexCorruptError, IndexVersionError

FORMAT = 3
_MAGIC = b"vnsarray"
_HEAD = struct.Struct("<8sIII")
_ALIGN = 64
_DTYPES = {"|u1", "<u2", "<u4", "<u8", "<i4", "<i8", "<f4"}
_SPOOL = 1 << 20  # bytes of one array that stay in memory while it is written

Array = npt.NDArray[Any]


_Size = Annotated[int, msgspec.Meta(ge=0)]


class _Header(msgspec.Struct):
    meta: dict[str, Any]
    arrays: dict[str, tuple[str, tuple[_Size, ...], _Size, _Size]]  # dtype, shape, offset, CRC-32


class ContainerWriter:
    """Takes arrays whole or in pieces, any number at a time, and puts them into one file at the end."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._pieces: dict[str, tuple[str, list[int], IO[bytes]]] = {}

    def append(self, name: str, array: Array) -> None:
        """Adds rows to the array of this name; every piece has the same dtype and row shape."""
        array = np.ascontiguousarray(array)
        dtype = array.dtype.newbyteorder("<").str
        assert dtype in _DTYPES, dtype
        if name not in self._pieces:
            memory_first = SpooledTemporaryFile(_SPOOL, dir=str(self.path.parent))  # noqa: SIM115  (closed in close)
            self._pieces[name] = dtype, [0, *array.shape[1:]], cast(IO[bytes], memory_first)
        known, shape, spool = self._pieces[name]
        assert known == dtype, f"{name}: {known} then {dtype}"
        shape[0] += len(array)
        spool.write(array.astype(dtype, copy=False).tobytes())

    def append_texts(self, name: str, texts: list[str]) -> None:
        """Adds strings as two arrays: name (UTF-8, one after the other) and name_lengths."""
        encoded = [text.encode() for text in texts]
        self.append(name, np.frombuffer(b"".join(encoded), np.uint8))
        self.append(f"{name}_lengths", np.fromiter(map(len, encoded), np.uint32, len(encoded)))

    def close(self, meta: dict[str, Any], sync: bool = True) -> None:
        """Writes the file, and sees it on disk where `sync`."""
        arrays: dict[str, list[Any]] = {}
        sizes = []
        for name, (dtype, shape, spool) in self._pieces.items():
            crc, size = 0, 0
            for block in _blocks(spool):
                crc, size = zlib.crc32(block, crc), size + len(block)
            arrays[name] = [dtype, shape, 0, crc]
            sizes.append(size)
        offset = self._place(arrays, sizes, meta)
        header = json.dumps({"meta": meta, "arrays": arrays}, ensure_ascii=False).encode()
        with self.path.open("wb") as file:
            file.write(_HEAD.pack(_MAGIC, FORMAT, len(header), zlib.crc32(header)) + header)
            for name, (_, _, spool) in self._pieces.items():
                file.write(b"\0" * (arrays[name][2] - file.tell()))
                for block in _blocks(spool):
                    file.write(block)
                spool.close()
            file.write(b"\0" * (offset - file.tell()))
            file.flush()
            if sync:
                os.fsync(file.fileno())

    def _place(self, arrays: dict[str, list[Any]], sizes: list[int], meta: dict[str, Any]) -> int:
        """Gives each array its offset; the header's own length depends on the digits of the offsets."""
        start = 0
        while True:
            offset = start
            for entry, size in zip(arrays.values(), sizes, strict=True):
                entry[2] = offset = -(-offset // _ALIGN) * _ALIGN
                offset += size
            needed = _HEAD.size + len(json.dumps({"meta": meta, "arrays": arrays}, ensure_ascii=False).encode())
            if needed <= start:
                return offset
            start = needed + _ALIGN


def _blocks(spool: IO[bytes]) -> Iterator[bytes]:
    spool.seek(0)
    while block := spool.read(1 << 20):
        yield block


class Container:
    """The arrays of a file, mapped.  Sizes and the header are checked on opening, contents by `problems`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            with path.open("rb") as file:
                self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except (OSError, ValueError) as e:
            raise IndexCorruptError(path, f"cannot be read ({e}); restore a backup or index anew") from None
        header = self._header()
        self.meta: dict[str, Any] = header.meta
        self._crcs: dict[str, int] = {}
        self._arrays: dict[str, Array] = {}
        for name, (dtype, shape, offset, crc) in header.arrays.items():
            self._arrays[name] = self._array(name, dtype, shape, offset)
            self._crcs[name] = crc

    def __getitem__(self, name: str) -> Array:
        try:
            return self._arrays[name]
        except KeyError:
            raise self._corrupt(f"there is no array {name}") from None

    def texts(self, name: str) -> "Texts":
        """The strings that `append_texts` wrote."""
        return Texts(self[name], self[f"{name}_lengths"])

    def release(self) -> None:
        """Gives back the memory of what was read; it is read from the file again where it is needed."""
        if hasattr(mmap, "MADV_DONTNEED"):
            self._map.madvise(mmap.MADV_DONTNEED)

    def problems(self) -> list[str]:
        """What is wrong with the contents: every byte of every array is read."""
        return [
            f"{self.path.name}: array {name} is not what was written"
            for name, array in self._arrays.items()
            if zlib.crc32(array.tobytes()) != self._crcs[name]
        ]

    def _header(self) -> _Header:
        if len(self._map) < _HEAD.size:
            raise self._corrupt(f"{len(self._map)} bytes are no segment")
        magic, version, length, crc = _HEAD.unpack_from(self._map)
        if magic != _MAGIC:
            raise self._corrupt(f"begins with {magic!r}, expected {_MAGIC!r}")
        if version != FORMAT:
            raise IndexVersionError(
                self.path, f"format {version}, this version reads format {FORMAT}; index the articles anew"
            )
        header = self._map[_HEAD.size : _HEAD.size + length]
        if len(header) != length or zlib.crc32(header) != crc:
            raise self._corrupt("its header is cut or changed")
        try:
            return msgspec.json.decode(header, type=_Header)
        except msgspec.DecodeError as e:
            raise self._corrupt(f"its header makes no sense ({e})") from None

    def _array(self, name: str, dtype: str, shape: tuple[int, ...], offset: int) -> Array:
        if dtype not in _DTYPES:
            raise self._corrupt(f"array {name} is of type {dtype}")
        count = math.prod(shape)
        if offset + count * np.dtype(dtype).itemsize > len(self._map):
            raise self._corrupt(f"cut: array {name} ends beyond the file's {len(self._map)} bytes")
        return np.frombuffer(self._map, dtype, count, offset).reshape(shape)

    def _corrupt(self, problem: str) -> IndexCorruptError:
        return IndexCorruptError(self.path, f"{problem}; restore a backup or index anew")

    def __enter__(self) -> "Container":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._arrays.clear()


class Texts:
    """Strings in one block of bytes; `texts[i]` decodes one."""

    def __init__(self, blob: Array, lengths: Array) -> None:
        self._blob = blob
        self.ends = np.cumsum(lengths, dtype=np.int64)

    def __len__(self) -> int:
        return len(self.ends)

    def __getitem__(self, number: int) -> str:
        start = int(self.ends[number - 1]) if number else 0
        return self._blob[start : int(self.ends[number])].tobytes().decode()

    def all(self) -> list[str]:
        """Every string, decoded."""
        data, start, found = self._blob.tobytes(), 0, []
        for end in self.ends.tolist():
            found.append(data[start:end].decode())
            start = end
        return found

    def bisect(self, text: str) -> int:
        """The first number whose string is not less than `text`; strings must be in order of their bytes."""
        wanted, low, high = text.encode(), 0, len(self)
        ends, blob = self.ends, self._blob
        while low < high:
            middle = (low + high) // 2
            start = int(ends[middle - 1]) if middle else 0
            if blob[start : int(ends[middle])].tobytes() < wanted:
                low = middle + 1
            else:
                high = middle
        return low
