"""Bytes of a file -> UTF-8, whatever they were in; and what the readers of the formats have in common.

>>> import io
>>> as_utf8(io.BytesIO("Tiêu đề".encode("utf-16"))).read().decode()
'Tiêu đề'
"""

import codecs
import io
import re
import unicodedata
from collections.abc import Iterator
from typing import IO, Any, NamedTuple, TextIO

from ...limits import RECORD_BYTES
from ...text.legacy import decode_legacy, is_syllable

SAMPLE = 1 << 16  # bytes at the beginning of a file that tell its encoding, its shape and its separator
MAX_RECORD_BYTES = RECORD_BYTES  # a longer one is refused, as it would take some twenty times that in memory


class Skipped(str):
    """Why something of a file gave no record, and nothing to refuse."""


class Raw(NamedTuple):
    """A record, or the reason why there is none; line: where it begins, or which one it is in a file of one line."""

    line: int | None
    record: dict[str, Any] | str


def encoding_of(sample: bytes) -> str:
    """The encoding of a text: by its byte order mark, the zeros of UTF-16, else whether it reads as Vietnamese."""
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
        (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
    ):  # fmt: skip
        if sample.startswith(mark):
            return name
    even, odd = sample[:2000:2].count(0), sample[1:2000:2].count(0)
    if (even or odd) and max(even, odd) > 20 * min(even, odd) and max(even, odd) * 6 > min(len(sample), 2000):
        return "utf-16-le" if odd > even else "utf-16-be"
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample)  # may end inside a letter
    except UnicodeDecodeError:
        if _reads_as_windows_1258(sample):
            return "cp1258"
        if decode_legacy(sample.decode("cp1252", "replace")) is not None:
            return "cp1252"  # TCVN3 or VNI: the bytes as letters, see `text.legacy`
    return "utf-8"


def _reads_as_windows_1258(sample: bytes) -> bool:
    """Whether nearly all words with marks are Vietnamese syllables so; no other language has many such words."""
    text = unicodedata.normalize("NFC", sample.decode("cp1258", "replace"))
    words = {word for word in re.findall(r"[^\W\d_]+", text) if not word.isascii()}
    good = sum(map(is_syllable, words))
    return good >= 3 and good >= 0.8 * len(words)


def as_utf8(stream: IO[bytes]) -> io.BufferedReader:
    """The whole of a stream again, in UTF-8 without a byte order mark; closing it closes the stream."""
    bytes_of: Any = stream  # a BufferedReader reads from anything with a readinto
    buffered = io.BufferedReader(bytes_of, SAMPLE)
    try:
        encoding = encoding_of(buffered.peek(SAMPLE)[:SAMPLE])
    except BaseException:
        buffered.close()
        raise
    if encoding == "utf-8-sig":
        buffered.read(len(codecs.BOM_UTF8))
    if encoding.startswith("utf-8"):
        return buffered
    recoded: Any = _Recoded(buffered, encoding)
    return io.BufferedReader(recoded, SAMPLE)


def decoded(data: bytes) -> str:
    """The text of a page, in Unicode also where it was written for TCVN3 or VNI."""
    encoding = encoding_of(data)
    if encoding == "cp1252":
        text = data.decode(encoding, "replace")
        return decode_legacy(text) or text
    return unicodedata.normalize("NFC", data.decode(encoding)) if encoding == "cp1258" else data.decode(encoding)


class _Recoded(io.RawIOBase):
    """A stream as UTF-8, its letters composed: windows-1258 writes the tone after the vowel."""

    def __init__(self, stream: IO[bytes], encoding: str) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder(encoding)("replace" if encoding == "cp1252" else "strict")
        self._last, self._ready = "", b""  # the last letter waits for its tone

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        self._stream.close()
        super().close()

    def readinto(self, buffer: Any, /) -> int:
        while not self._ready:
            data = self._stream.read(SAMPLE)
            text = self._last + self._decoder.decode(data, final=not data)
            if data:
                self._last, text = text[-1:], text[:-1]
            elif not text:
                return 0
            else:
                self._last = ""
            self._ready = unicodedata.normalize("NFC", text).encode()
        view = memoryview(buffer)
        many = min(len(view), len(self._ready))
        view[:many], self._ready = self._ready[:many], self._ready[many:]
        return many


def lines_of(stream: IO[bytes], most: int) -> Iterator[bytes | None]:
    """The lines of a stream; None for one of more than `most` bytes."""
    while line := stream.readline(most + 1):
        if len(line) <= most:
            yield line
            continue
        while line and not line.endswith(b"\n"):
            line = stream.readline(most)
        yield None


def text_lines(stream: TextIO, most: int) -> Iterator[str | None]:
    """The same of a text, whose lines may also end with a carriage return."""
    while line := stream.readline(most + 1):
        if len(line) <= most:
            yield line
            continue
        while line and not line.endswith(("\n", "\r")):
            line = stream.readline(most)
        yield None


def too_long(most: int) -> str:
    """Why a record was refused."""
    return f"a record of more than {most:,} bytes; is a bracket or quote not closed?"
