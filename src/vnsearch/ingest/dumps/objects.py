r"""JSON of any shape -> records: a line each, an array, several after one another, or wrapped in an object.

>>> import io
>>> dump = io.BufferedReader(io.BytesIO(b'[{"title": "A"},]\n[{"title": "B"}'))
>>> [raw.record for raw in json_records(dump)]
[{'title': 'A'}, {'title': 'B'}]
"""

import ast
import io
import json
import re
from array import array
from bisect import bisect_left
from collections.abc import Iterator
from typing import Any

import msgspec

from .raw import MAX_RECORD_BYTES, SAMPLE, Raw, lines_of, too_long
from .wrapped import records_in

_CHUNK = 1 << 20


def json_records(stream: io.BufferedReader, most: int = MAX_RECORD_BYTES) -> Iterator[Raw]:
    """The records of a stream of UTF-8.  A bad one is reported with its line, and reading goes on after it."""
    return _of_lines(stream, most) if _is_lines(stream.peek(SAMPLE)[:SAMPLE]) else _of_objects(stream, most)


def _is_lines(sample: bytes) -> bool:
    """Whether each line is a record, judged by the first: one that is broken is followed by another object."""
    lines = [line.strip() for line in sample.split(b"\n", 100) if line.strip()]
    first = lines[0].removesuffix(b",") if lines else b""
    if not first.startswith((b"{", b"[")):
        return not _SCRIPT.match(first)
    try:
        _decode(first)
    except _NoJsonError as e:
        is_one = first.startswith(b"{") and "trailing" not in str(e)
        return is_one and (first.endswith(b"}") or (len(lines) > 1 and lines[1].startswith(b"{")))
    return True


def _of_lines(stream: io.BufferedReader, most: int) -> Iterator[Raw]:
    decode = msgspec.json.Decoder().decode
    for number, line in enumerate(lines_of(stream, most), 1):
        if line is None:
            yield Raw(number, too_long(most))
            continue
        if not (line := line.strip(b" \t\r\n\x1e")):  # RFC 7464 begins a record with \x1e
            continue
        try:
            value = decode(line)
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            try:
                value = _decode(line.removesuffix(b","))
            except _NoJsonError as e:
                if line not in (b"[", b"]", b"],"):
                    yield Raw(number, str(e))
                continue
        for one in value if isinstance(value, list) else (value,):
            if isinstance(one, dict):
                for record in records_in(one):
                    yield Raw(number, record)
            else:
                yield Raw(number, f"expected an object in braces, got {type(one).__name__} {one!r:.60}")


class _NoJsonError(Exception):
    """A text that is no JSON, and why."""


def _decode(text: bytes) -> Any:
    """Decodes JSON as msgspec does, and also what that refuses and other programs write."""
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as e:
        try:
            return _decode_kin(text)
        except UnicodeError as bad:
            raise _NoJsonError(f"not UTF-8: {bad}") from None
        except RecursionError:
            raise _NoJsonError("nested too deep") from None
        except (ValueError, SyntaxError, MemoryError):
            raise _NoJsonError(f"not JSON: {e}") from None


_OF_MONGO = re.compile(
    rb'(?<=[:,\[{\s])(?:ObjectId|ISODate|NumberLong|NumberInt|NumberDecimal|new Date)\(\s*("[^"]*"|-?\d+)\s*\)'
)


def _decode_kin(text: bytes) -> Any:
    """What Python's json writes, the shell of MongoDB, and print() of a dict."""
    if text.startswith((b"{'", b"[{'")):
        return ast.literal_eval(text.decode())
    return json.loads(_OF_MONGO.sub(rb"\1", text), strict=False)


# -- objects after one another, with anything between ----------------------------------------------------

_TOKEN = re.compile(rb'"[^"\\\n]*+(?:\\.[^"\\\n]*+)*+"|["{}]')
_BETWEEN = b" \t\r\n,[]();\x1e\xef\xbb\xbf"  # also the marks of files that were put together
_SCRIPT = re.compile(rb"\s*(?:(?:var|let|const)\s+)?[A-Za-z_$][\w.$]*\s*[=(]\s*\[?\s*(?=[{\[]|$)")  # data = [


def _of_objects(stream: io.BufferedReader, most: int) -> Iterator[Raw]:
    """Every object at the top or in an array there; commas and brackets are not examined, so none can be missing."""
    text = _Text(stream)
    number = 0
    while True:
        begin, skipped = text.next_brace()
        if skipped:
            number += 1
            yield Raw(number, f"expected an object in braces, got {skipped.decode('utf-8', 'replace')!r:.60}")
        if begin < 0:
            return
        number += 1
        end = text.end_of_object(begin, most)
        if isinstance(end, str):
            yield Raw(number, f"{end} (reading goes on at the next line)")
            text.go_to_next_line(begin)
            continue
        try:
            value = _decode(text.data[begin:end])
        except _NoJsonError as e:
            yield Raw(number, str(e))
        else:
            for place, record in enumerate(records_in(value)):
                number += place > 0
                yield Raw(number, record)
        text.at = end


class _Text:
    """The part of a stream that is examined: `data` from `at` on."""

    def __init__(self, stream: io.BufferedReader) -> None:
        self._stream = stream
        self.data = stream.read(_CHUNK)
        self.at = 0
        self._dropped = 0  # bytes before `data`
        self._unclosed, self._why = array("q"), ""  # of the last object that has no end, and the objects in it

    def _more(self, begin: int) -> bool:
        """Drops what stands before `begin`, and reads on; as much again, so that a long record is copied seldom."""
        more = self._stream.read(max(_CHUNK, len(self.data) - begin))
        self.data = self.data[begin:] + more
        self._dropped += begin
        self.at = 0
        return bool(more)

    def next_brace(self) -> tuple[int, bytes]:
        """Where the next object begins (-1: nowhere), and what stands before it that should not."""
        skipped = b""
        while (begin := self.data.find(b"{", self.at)) < 0:
            skipped = (skipped + self.data[self.at :].strip(_BETWEEN))[:100]
            if not self._more(len(self.data)):
                return -1, skipped
        between = self.data[self.at : begin]
        return begin, b"" if _SCRIPT.fullmatch(between) else (skipped + between.strip(_BETWEEN))[:100]

    def end_of_object(self, begin: int, most: int) -> int | str:
        """Where the object ends, or why that cannot be said; afterwards it begins at `begin` of the data still.

        What has no end is looked through once: the objects in it that have none either are remembered.
        """
        place = bisect_left(self._unclosed, self._dropped + begin)
        if self._unclosed[place : place + 1] == array("q", [self._dropped + begin]):
            return self._why
        opened = array("q")
        found = self._end(begin, most, opened)
        if isinstance(found, str):
            self._unclosed, self._why = opened, found
        return found

    def _end(self, begin: int, most: int, opened: "array[int]") -> int | str:
        at = begin
        while True:
            for token in _TOKEN.finditer(self.data, at):
                match token[0]:
                    case b"{":
                        opened.append(self._dropped + token.start())
                    case b"}":
                        opened.pop()
                        if not opened:
                            return token.end() if token.end() - begin <= most else too_long(most)
                    case b'"':  # a string that does not end: on its line, or in what was read so far
                        if self.data.find(b"\n", token.start()) >= 0:
                            return "not JSON: a quote is not closed on its line"
                        at = token.start()
                        break
                at = token.end()
            if len(self.data) - begin > most:
                return too_long(most)
            before = len(self.data)
            self.data += self._stream.read(max(_CHUNK, before - begin))
            if len(self.data) == before:
                return "not JSON: the file ends inside this object"

    def go_to_next_line(self, begin: int) -> None:
        """On to a line that begins with a brace, not further in than the line of the broken object."""
        line = self.data[self.data.rfind(b"\n", 0, begin) + 1 : begin]
        indent = len(line) - len(line.lstrip())
        wanted = re.compile(rb"\n[ \t]{0,%d}(?=[\[,]?[ \t]*\{)" % indent)
        self.at = begin + 1
        while (found := wanted.search(self.data, self.at)) is None:
            if not self._more(max(self.at, len(self.data) - indent - 8)):
                self.at = len(self.data)
                return
        self.at = found.end()
