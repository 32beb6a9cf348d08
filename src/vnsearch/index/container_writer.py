"""Writes the files that `container` reads."""

import json
import zlib
from pathlib import Path
from typing import Any

import numpy as np

from ..arrays import Array
from . import disk
from .container import ALIGN, DTYPES, FORMAT, HEAD, MAGIC, PAGE

_SPOOL = 1 << 20  # bytes of one array that stay in memory while it is written
_BUFFER = 1 << 20  # bytes that are written at a time


class ContainerWriter:
    """Takes arrays whole or in pieces, any number at a time, and puts them into one file at the end."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._pieces: dict[str, tuple[str, list[int], disk.Spool]] = {}

    def append(self, name: str, array: Array) -> None:
        """Adds rows to the array of this name; every piece has the same dtype and row shape."""
        array = np.ascontiguousarray(array)
        dtype = array.dtype.newbyteorder("<").str
        assert dtype in DTYPES, dtype
        if name not in self._pieces:
            self._pieces[name] = dtype, [0, *array.shape[1:]], disk.Spool(self.path.parent, _SPOOL)
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
        arrays: dict[str, list[Any]] = {name: [dtype, shape, 0] for name, (dtype, shape, _) in self._pieces.items()}
        header, end = self._place(meta, arrays)
        with disk.NewFile(self.path) as file:
            out = _Paged(file)
            out.write(HEAD.pack(MAGIC, FORMAT, len(header), zlib.crc32(header)) + header)
            for name, (_, _, spool) in self._pieces.items():
                out.write(bytes(arrays[name][2] - out.size))
                for block in spool.blocks():
                    out.write(block)
                spool.close()
            out.write(bytes(end - out.size))
            out.close()
            if sync:
                file.sync()

    def _place(self, meta: dict[str, Any], arrays: dict[str, list[Any]]) -> tuple[bytes, int]:
        """Gives each array its offset; the header, whose own length depends on their digits, and where all ends."""
        start = 0
        while True:
            end = start
            for name, entry in arrays.items():
                entry[2] = -(-end // ALIGN) * ALIGN
                end = entry[2] + self._pieces[name][2].size
            header = json.dumps({"meta": meta, "arrays": arrays, "end": end}, ensure_ascii=False).encode()
            if HEAD.size + len(header) <= start:
                return header, end
            start = HEAD.size + len(header) + ALIGN


class _Paged:
    """Counts what is written, sums up its pages, and puts their sums after it."""

    def __init__(self, file: disk.NewFile) -> None:
        self._file, self._buffer, self._sums = file, bytearray(), bytearray()
        self.size = 0

    def write(self, data: bytes) -> None:
        self._buffer += data
        self.size += len(data)
        if len(self._buffer) >= _BUFFER:
            self._flush(len(self._buffer) & -PAGE)

    def close(self) -> None:
        self._flush(len(self._buffer))
        self._file.write(self._sums + zlib.crc32(self._sums).to_bytes(4, "little"))

    def _flush(self, size: int) -> None:
        with memoryview(self._buffer)[:size] as data:
            for at in range(0, size, PAGE):
                self._sums += zlib.crc32(data[at : at + PAGE]).to_bytes(4, "little")
            self._file.write(data)
        del self._buffer[:size]
