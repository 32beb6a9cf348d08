"""Files and folders -> articles, one after the other; what cannot be read is reported, never lost in silence.

for article in read("pages/", "more.jsonl.xz", report=report):
    writer.add(article)
"""

import csv
import gzip
import io
import lzma
import sys
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, NamedTuple, cast

import msgspec

from ..article import Article
from ..errors import ArticleError, ReadError
from .legacy import decode_legacy
from .record import AT_ONCE, Made, make_articles, page_record

FORMATS = ("auto", "jsonl", "json", "csv", "html", "text")
_BY_SUFFIX = {
    ".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "json", ".csv": "csv",
    ".html": "html", ".htm": "html", ".txt": "text",
}  # fmt: skip
_COMPRESSED = (".gz", ".xz", ".zst")


@dataclass
class Report:
    """What happened while reading.  `refused` records are not articles; `warned` ones are, with something left out.

    `skipped` are files that gave nothing to refuse: those of an unknown kind in a folder, and those without a record.
    """

    read: int = 0
    refused: list[ReadError] = field(default_factory=list)
    skipped: list[ReadError] = field(default_factory=list)
    warned: list[ReadError] = field(default_factory=list)
    repeated: list[ReadError] = field(default_factory=list)  # the same id again: the later article replaces the earlier
    dated: int = 0
    placed: int = 0  # with a province
    classed: int = 0  # with a topic
    bytes_read: int = 0  # of the files as they are on disk, of bytes_total
    bytes_total: int = 0
    _ids: set[int] = field(default_factory=set, repr=False)  # hashes of the ids so far, a few bytes an article


def read(
    *paths: str | Path,
    format: str = "auto",
    fields: Mapping[str, str] | None = None,
    strict: bool = False,
    report: Report | None = None,
) -> Iterator[Article]:
    """The articles of files, of folders (every file of a known kind below them, by name) and of "-", standard input.

    format: one of FORMATS; "auto" goes by the file's name, and takes standard input for JSON lines.
    fields: our field -> the record's key, where it is not one of record.SYNONYMS.
    strict: a bad record raises its ReadError; otherwise it goes into `report` and reading goes on.
    A path that is not there, or a file of unknown kind that was named itself, raises ReadError at once.
    """
    report = report if report is not None else Report()
    files = [file for path in paths for file in _files(path, report)]
    report.bytes_total += sum(file.stat().st_size for file in files if isinstance(file, Path))
    formats = [_format_of(file, format) for file in files]
    return _articles(_items(files, formats, report), fields, strict, report)


_CHARACTERS = 4 << 20  # of records that are made articles of in one go; long ones are fewer than AT_ONCE


class _Item(NamedTuple):
    """A record, or why there is none; a line is None where the file is one record."""

    file: str | Path
    line: int | None
    record: Mapping[str, Any] | ReadError


def _articles(
    items: Iterator[_Item], fields: Mapping[str, str] | None, strict: bool, report: Report
) -> Iterator[Article]:
    for batch in _batches(items):
        made = iter(make_articles((i.record for i in batch if not isinstance(i.record, ReadError)), fields))
        for file, line, record in batch:
            one = record if isinstance(record, ReadError) else next(made)
            if isinstance(one, Made):
                _count(one, file, line, report)
                yield one.article
                continue
            error = one if isinstance(one, ReadError) else ReadError(str(file), line, str(one))
            if strict:
                raise error
            report.refused.append(error)


def _batches(items: Iterator[_Item]) -> Iterator[list[_Item]]:
    batch: list[_Item] = []
    characters = 0
    for item in items:
        batch.append(item)
        if not isinstance(item.record, ReadError):
            characters += sum(len(text) for text in item.record.values() if isinstance(text, str))
        if len(batch) == AT_ONCE or characters > _CHARACTERS:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch


def _count(made: Made, file: str | Path, line: int | None, report: Report) -> None:
    report.read += 1
    report.dated += made.article.published is not None
    report.placed += bool(made.article.provinces)
    report.classed += bool(made.article.topics)
    report.warned.extend(ReadError(str(file), line, warning) for warning in made.warnings)
    if (identity := hash(made.article.id)) in report._ids:
        why = f'id "{made.article.id}" came before in this input; this article replaces that one'
        report.repeated.append(ReadError(str(file), line, why))
    report._ids.add(identity)


def _items(files: list[str | Path], formats: list[str], report: Report) -> Iterator[_Item]:
    """The records of all files; what cannot be read stands among them as an error."""
    for file, format in zip(files, formats, strict=True):
        before, item = report.bytes_read, None
        try:
            with _open(file) as (raw, stream):
                for item in _records(file, stream, format):
                    report.bytes_read = before + (raw.tell() if isinstance(file, Path) else 0)
                    yield item
        except (OSError, EOFError, UnicodeError, lzma.LZMAError, csv.Error, ArticleError) as e:
            yield _Item(file, None, ReadError(str(file), None, _reason(e)))
        else:
            if item is None:
                report.skipped.append(ReadError(str(file), None, "no record"))
        report.bytes_read = before + (file.stat().st_size if isinstance(file, Path) else 0)


def _files(path: str | Path, report: Report) -> Iterator[str | Path]:
    if path == "-":
        yield "-"
        return
    path = Path(path)
    if path.is_dir():
        below = sorted(p for p in path.rglob("*") if not p.is_dir())
        known = {p: None for p in below if p.is_file() and _suffix(p) in _BY_SUFFIX}
        if not known:
            raise ReadError(str(path), None, f"no file of a known kind in this folder ({' '.join(_BY_SUFFIX)})")
        report.skipped += [
            ReadError(str(p), None, "not of a known kind; name it and its --format to read it")
            for p in below
            if p not in known and not any(part.startswith(".") for part in p.relative_to(path).parts)
        ]
        yield from known
    elif path.exists():
        yield path
    else:
        raise ReadError(str(path), None, "no such file or folder")


def _suffix(path: Path) -> str:
    inner = path.with_suffix("") if path.suffix.lower() in _COMPRESSED else path
    return inner.suffix.lower()


def _format_of(file: str | Path, format: str) -> str:
    if format != "auto":
        return format
    if isinstance(file, str):
        return "jsonl"
    if _suffix(file) not in _BY_SUFFIX:
        known = " ".join(_BY_SUFFIX)
        raise ReadError(str(file), None, f'what kind of file is "{file.name}"? Known: {known}; or say --format')
    return _BY_SUFFIX[_suffix(file)]


@contextmanager
def _open(file: str | Path) -> Iterator[tuple[IO[bytes], IO[bytes]]]:
    """The file as it is on disk, and what it holds when unpacked."""
    if isinstance(file, str):
        yield sys.stdin.buffer, sys.stdin.buffer
        return
    with file.open("rb") as raw:
        match file.suffix.lower():
            case ".gz":
                yield raw, cast(IO[bytes], gzip.GzipFile(fileobj=raw))
            case ".xz":
                yield raw, cast(IO[bytes], lzma.LZMAFile(raw))  # noqa: SIM115  (closing raw is enough)
            case ".zst":
                if sys.version_info >= (3, 14):
                    from compression.zstd import ZstdFile
                else:
                    from backports.zstd import ZstdFile
                yield raw, cast(IO[bytes], ZstdFile(raw))
            case _:
                yield raw, raw


def _records(file: str | Path, stream: IO[bytes], format: str) -> Iterator[_Item]:
    match format:
        case "jsonl":
            yield from _json_lines(file, stream)
        case "json":
            yield from _json_file(file, stream)
        case "csv":
            yield from _csv_rows(file, io.TextIOWrapper(stream, encoding="utf-8-sig", newline=""))
        case "html":
            from .html import read_html

            yield _Item(file, None, read_html(stream.read()))
        case _:
            yield _Item(file, None, page_record(_page_text(stream.read())))


def _page_text(data: bytes) -> str:
    """The text of a page: UTF-8, or one of the old Vietnamese encodings where it is plainly that."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        decoded = decode_legacy(data.decode("cp1252", "replace"))
        if decoded is None:
            raise
        return decoded


def _json_lines(file: str | Path, stream: IO[bytes]) -> Iterator[_Item]:
    decoder = msgspec.json.Decoder()
    for number, line in enumerate(stream, 1):
        line = line.removeprefix(b"\xef\xbb\xbf").strip()
        if not line:
            continue
        try:
            record = decoder.decode(line)
        except (msgspec.DecodeError, UnicodeError) as e:
            yield _Item(file, number, ReadError(str(file), number, f"not JSON: {e}"))
            continue
        if isinstance(record, dict):
            yield _Item(file, number, record)
        else:
            yield _Item(file, number, ReadError(str(file), number, _no_object(record)))


def _csv_rows(file: str | Path, text: Iterable[str]) -> Iterator[_Item]:
    """Rows under a header.  An unclosed quote takes in what follows: so reading goes on behind the line that it is in,
    from the first row that has all columns.
    """
    lines, number, names = _Again(text), 1, list[str]()
    is_broken = False
    while True:
        taken: list[str] = []
        try:
            row = next(csv.reader(lines.noting(taken), strict=True), None)
        except csv.Error as e:
            if not is_broken:
                reason = f"{e}; is a quote not closed, or one inside not doubled?"
                yield _Item(file, number, ReadError(str(file), number, reason))
            if not names:
                return
            is_broken = True
            lines.again(taken[1:])
            number += 1
            continue
        if row is None:
            return
        begin, number = number, number + len(taken)
        if not row:
            continue
        if not names:
            names = row
            continue
        if len(row) > len(names) and not is_broken:
            yield _Item(file, begin, ReadError(str(file), begin, f"expected {len(names)} columns, got {len(row)}"))
        elif len(row) == len(names) or not is_broken:
            is_broken = False
            yield _Item(file, begin, {name: value for name, value in zip(names, row, strict=False) if name and value})


class _Again:
    """Lines that can be given back."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines, self._waiting = iter(lines), deque[str]()

    def noting(self, taken: list[str]) -> Iterator[str]:
        """What follows, line by line; what was taken stands in the list."""
        while (line := self._waiting.popleft() if self._waiting else next(self._lines, None)) is not None:
            taken.append(line)
            yield line

    def again(self, lines: list[str]) -> None:
        """These come next."""
        self._waiting.extendleft(reversed(lines))


def _json_file(file: str | Path, stream: IO[bytes]) -> Iterator[_Item]:
    """One object, or a list of them."""
    try:
        data = msgspec.json.decode(stream.read())
    except msgspec.DecodeError as e:
        yield _Item(file, None, ReadError(str(file), None, f"not JSON: {e}"))
        return
    for number, record in enumerate(data if isinstance(data, list) else [data], 1):
        if isinstance(record, dict):
            yield _Item(file, number if isinstance(data, list) else None, record)
        else:
            yield _Item(file, None, ReadError(str(file), None, f"record {number}: {_no_object(record)}"))


def _no_object(record: object) -> str:
    return f"expected an object in braces, got {type(record).__name__}"


def _reason(error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        return f"not UTF-8: byte {error.object[error.start]:#04x} at {error.start}; convert the file first"
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
