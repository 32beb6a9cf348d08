"""Files and folders -> articles, one after the other; what cannot be read is reported, never lost in silence.

for article in read("pages/", "more.jsonl.xz", report=report):
    writer.add(article)
"""

import csv
import gzip
import io
import lzma
import os
import re
import sys
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from os import PathLike
from pathlib import Path
from typing import IO, Any, NamedTuple, cast

from ..article import Article
from ..errors import ArgumentError, ArticleError, ReadError
from ..printable import shortened, shown
from .dumps.feeds import feed_records
from .dumps.fields import SYNONYMS
from .dumps.objects import json_records
from .dumps.raw import MAX_RECORD_BYTES, Raw, Skipped, as_utf8, decoded, text_lines, too_long
from .dumps.rows import csv_records
from .reasons import Reason, explain
from .record import AT_ONCE, Made, make_articles, page_record
from .report import Report as Report

FORMATS = ("auto", "jsonl", "json", "csv", "xml", "html", "mhtml", "text")
_BY_SUFFIX = {
    ".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "json", ".csv": "csv", ".tsv": "csv", ".tab": "csv",
    ".xml": "xml", ".rss": "xml", ".atom": "xml", ".html": "html", ".htm": "html", ".xhtml": "html",
    ".mhtml": "mhtml", ".mht": "mhtml", ".txt": "text",
}  # fmt: skip
_COMPRESSED = (".gz", ".xz", ".zst")


def read(
    *paths: str | Path,
    format: str = "auto",
    fields: Mapping[str, str] | None = None,
    strict: bool = False,
    all: bool = False,
    max_record_bytes: int = MAX_RECORD_BYTES,
    report: Report | None = None,
) -> Iterator[Article]:
    """The articles of files, of folders (every file of a known kind below them, by name) and of "-", standard input.

    format: one of FORMATS, for all files; "auto" goes by each file's name, and by its first bytes where the name says
        nothing (as those that a crawl leaves do), and takes standard input for JSON.
    fields: our field -> the record's key, where it is not one of fields.SYNONYMS.
    strict: a bad record raises its ReadError; otherwise it goes into `report` and reading goes on.
    all: also what is no article: front pages, and what a WordPress export holds beside published posts.
    max_record_bytes: longer records, and longer pages, are refused.
    A path that is not there, or a file of unknown kind that was named itself, raises ReadError at once.
    """
    return (
        one.made.article
        for one in read_made(
            *paths,
            format=format,
            fields=fields,
            strict=strict,
            all=all,
            max_record_bytes=max_record_bytes,
            report=report,
        )
    )


class Read(NamedTuple):
    """An article with its reasons, and where it stood: in which file of which format, at which line."""

    file: str | Path
    format: str
    line: int | None
    made: Made

    def reasons(self) -> list[Reason]:
        """Where its values come from: also by which key of a record."""
        article = self.made.article
        keys = self.made.keys if self.format in ("jsonl", "json", "csv", "xml") else {}
        shown = {
            field: shortened(" ".join(getattr(article, field).split()), 80)
            for field in ("title", "lead", "body", "author")
        }
        of_keys = {field: f'key "{key}"' for field, key in keys.items()}
        reasons = [Reason(field, value, of_keys[field]) for field, value in shown.items() if field in of_keys]
        for reason in explain(article):
            why = of_keys.get(reason.field, reason.why) if reason.why == "stated" else reason.why
            reasons.append(reason._replace(why=why))
        return reasons


def read_made(
    *paths: str | Path,
    format: str = "auto",
    fields: Mapping[str, str] | None = None,
    strict: bool = False,
    all: bool = False,
    max_record_bytes: int = MAX_RECORD_BYTES,
    report: Report | None = None,
) -> Iterator[Read]:
    """Reads articles as `read` does, with the reasons for what was found and what was wrong."""
    if format not in FORMATS:
        raise ReadError(str(paths[0]) if paths else "", None, f'no format "{format}"; known: {", ".join(FORMATS)}')
    _check_options(fields or {}, max_record_bytes)
    report = Report() if report is None else report
    if not isinstance(report, Report):
        raise ArgumentError("report", f"expected a Report, got {shown(report)}")
    files = [file for path in paths for file in _files(path, format, report)]
    report.bytes_total += sum(_size(file.path) for file in files)
    return _articles(_items(files, _Options(fields or {}, all, max_record_bytes), report), fields, strict, report)


def _check_options(fields: Mapping[str, str], max_record_bytes: int) -> None:
    if not isinstance(max_record_bytes, int) or not 1 <= max_record_bytes < 1 << 40:
        raise ArgumentError("max_record_bytes", f"expected a number of bytes from 1, got {shown(max_record_bytes)}")
    if not isinstance(fields, Mapping):
        raise ArgumentError("fields", f"expected our field -> the record's key, got {shown(fields)}")
    for field, key in fields.items():
        if field not in SYNONYMS or not isinstance(key, str):
            known = ", ".join(SYNONYMS)
            raise ArgumentError("fields", f"expected one of {known} -> a key, got {shown({field: key})}")


_CHARACTERS = 4 << 20  # of records that are made articles of in one go; long ones are fewer than AT_ONCE


class _File(NamedTuple):
    path: str | Path
    format: str


class _Options(NamedTuple):
    fields: Mapping[str, str]
    all: bool
    most: int  # bytes of a record


class _Item(NamedTuple):
    """A record, or why there is none; a line is None where the file is one record."""

    file: _File
    line: int | None
    record: Mapping[str, Any] | ReadError


def _articles(items: Iterator[_Item], fields: Mapping[str, str] | None, strict: bool, report: Report) -> Iterator[Read]:
    for batch in _batches(items):
        made = iter(make_articles((i.record for i in batch if not isinstance(i.record, ReadError)), fields))
        for file, line, record in batch:
            one = record if isinstance(record, ReadError) else next(made)
            if isinstance(one, Made):
                article, again = report.identities.told_apart(one.article)
                one = one._replace(article=article)
                report.count(one, file.format)
                if again:
                    report.repeated.append(ReadError(str(file.path), line, again))
                report.warned.extend(ReadError(str(file.path), line, warning) for warning in one.warnings)
                yield Read(file.path, file.format, line, one)
                continue
            error = one if isinstance(one, ReadError) else ReadError(str(file.path), line, str(one))
            if strict:
                raise error
            report.refused.append(error)
            report.format(file.format).refused += 1


def _batches(items: Iterator[_Item]) -> Iterator[list[_Item]]:
    batch: list[_Item] = []
    characters = 0
    for item in items:
        batch.append(item)
        if not isinstance(item.record, ReadError):
            characters += sum(len(text) for text in item.record.values() if isinstance(text, str | list))
        if len(batch) == AT_ONCE or characters > _CHARACTERS:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch


# -- files -----------------------------------------------------------------------------------------------


def _files(path: str | Path, format: str, report: Report) -> Iterator[_File]:
    if path == "-":
        yield _File("-", "json" if format == "auto" else format)
        return
    if not isinstance(path, str | PathLike) or not str(path):
        raise ReadError("", None, f"expected the path of a file or folder, got {shown(path)}")
    path = Path(path)
    try:
        is_folder, is_there = path.is_dir(), path.exists()
    except OSError as e:  # its name is too long, or a folder above may not be entered
        raise ReadError(str(path), None, _reason(e)) from None
    if is_folder:
        yield from _files_below(path, format, report)
    elif is_there:
        kind = format if format != "auto" else _BY_SUFFIX.get(_suffix(path)) or _kind_of(path)
        if not kind:
            known = " ".join(_BY_SUFFIX)
            raise ReadError(str(path), None, f'what kind of file is "{path.name}"? Known: {known}; or say --format')
        yield _File(path, kind)
    else:
        raise ReadError(str(path), None, "no such file or folder")


def _files_below(folder: Path, format: str, report: Report) -> Iterator[_File]:
    """The files of known kinds, by name; of all kinds that are text, where a format is said."""
    found = 0
    for path in sorted(_walk(folder, report)):
        is_hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        kind = _BY_SUFFIX.get(_suffix(path))
        if format != "auto":
            kind = format if kind or not (is_hidden or _is_binary(path)) else None
        elif not kind and not is_hidden:
            kind = _kind_of(path)
        if kind:
            found += 1
            yield _File(path, kind)
        elif not is_hidden:
            report.skipped.append(
                ReadError(str(path), None, "not of a known kind; name it and its --format to read it")
            )
    if not found:
        raise ReadError(str(folder), None, f"no file of a known kind in this folder ({' '.join(_BY_SUFFIX)})")


def _walk(folder: Path, report: Report) -> Iterator[Path]:
    """Every file below; folders that cannot be entered are refused, links to folders are named."""

    def refuse(e: OSError) -> None:
        report.refused.append(ReadError(str(e.filename), None, f"this folder cannot be read: {e.strerror}"))

    for where, folders, names in os.walk(folder, onerror=refuse):
        for name in folders:
            if (below := Path(where, name)).is_symlink():
                report.skipped.append(ReadError(str(below), None, "a link to a folder; name it to read what is there"))
        yield from (path for name in names if (path := Path(where, name)).is_file())


def _suffix(path: Path) -> str:
    inner = path.with_suffix("") if path.suffix.lower() in _COMPRESSED else path
    return inner.suffix.lower()


_BEGINNING = 4096  # bytes that show what a file is
_SIGNS = (  # of files whose names say nothing: news/tin-1.chn, index.html?p=2, tin-tuc
    ("xml", re.compile(rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:rss|feed|rdf:RDF)\b", re.DOTALL)),
    ("html", re.compile(rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b",
                        re.DOTALL | re.IGNORECASE)),
    ("mhtml", re.compile(rb"(?:[\w-]+:[^\n]*\n(?:[ \t][^\n]*\n)*)*?(?:Snapshot-Content-Location:|"
                         rb"Content-Type: multipart/related)", re.IGNORECASE)),
)  # fmt: skip


def _beginning(path: Path) -> bytes:
    with suppress(OSError, EOFError, ValueError, lzma.LZMAError, zlib.error), _open(path) as (_, stream):
        return stream.read(_BEGINNING)
    return b""


def _kind_of(path: Path) -> str | None:
    """What a file is by its first bytes, where that is sure."""
    beginning = _beginning(path).removeprefix(b"\xef\xbb\xbf")
    return next((kind for kind, sign in _SIGNS if sign.match(beginning)), None)


def _is_binary(path: Path) -> bool:
    beginning = _beginning(path)
    return b"\0" in beginning and not beginning.startswith((b"\xff\xfe", b"\xfe\xff"))


def _size(path: str | Path) -> int:
    try:
        return path.stat().st_size if isinstance(path, Path) else 0
    except OSError:  # gone meanwhile; reported when it is opened
        return 0


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
                yield raw, cast(IO[bytes], _zstd().ZstdFile(raw))
            case _:
                yield raw, raw


def _zstd() -> Any:
    from ..zstd import zstd

    return zstd


# -- what is in a file ---------------------------------------------------------------------------------


def _items(files: list[_File], options: _Options, report: Report) -> Iterator[_Item]:
    """The records of all files; what cannot be read stands among them as an error."""
    for file in files:
        before, is_told = report.bytes_read, False
        report.format(file.format).files += 1
        try:
            with _open(file.path) as (raw, stream):
                for line, record in _records(file, stream, options):
                    is_told = True
                    report.bytes_read = before + (raw.tell() if isinstance(file.path, Path) else 0)
                    if isinstance(record, Skipped):
                        report.skipped.append(ReadError(str(file.path), line, str(record)))
                    elif isinstance(record, str):
                        yield _Item(file, line, ReadError(str(file.path), line, record))
                    else:
                        yield _Item(file, line, record)
        except _unreadable() as e:
            yield _Item(file, None, ReadError(str(file.path), None, _reason(e)))
        else:
            if not is_told:
                report.skipped.append(ReadError(str(file.path), None, "no record"))
        report.bytes_read = before + _size(file.path)


def _unreadable() -> tuple[type[Exception], ...]:
    """All that a damaged file can raise: one must not end the whole import."""
    packed = (lzma.LZMAError, zlib.error, _zstd().ZstdError)
    return (OSError, EOFError, ValueError, TypeError, RecursionError, MemoryError, csv.Error, *packed)


def _records(file: _File, stream: IO[bytes], options: _Options) -> Iterator[Raw]:
    match file.format:
        case "jsonl" | "json":
            with as_utf8(stream) as whole:
                yield from json_records(whole, options.most)
        case "csv":
            with io.TextIOWrapper(as_utf8(stream), encoding="utf-8", newline="") as text:
                yield from csv_records(text_lines(text, options.most), options.fields, options.most)
        case "xml":
            yield from feed_records(stream, options.most, all=options.all)
        case _:
            data = stream.read(options.most + 1)
            if len(data) > options.most:
                yield Raw(None, too_long(options.most))
            else:
                yield Raw(None, _page(file.format, data, options))


def _page(format: str, data: bytes, options: _Options) -> dict[str, Any]:
    if format == "text":
        return page_record(decoded(data))
    from .pages.html import read_html

    if format == "html":
        return read_html(data, every=options.all)
    html, location = _saved_page(data)
    return read_html(html, url=location, every=options.all)


def _saved_page(data: bytes) -> tuple[bytes, str]:
    """The HTML of a page that a browser saved in one file (MHTML, RFC 2557), in UTF-8, and its address."""
    from email import message_from_bytes, policy

    message = message_from_bytes(data, policy=policy.compat32)
    for part in message.walk():
        if part.get_content_type() in ("text/html", "application/xhtml+xml"):
            html = cast(bytes, part.get_payload(decode=True))
            charset = part.get_content_charset()
            with suppress(LookupError):
                html = html.decode(charset or "utf-8", "replace").encode() if charset else html
            location = str(message.get("Snapshot-Content-Location") or part.get("Content-Location") or "").strip()
            return html, location if location.startswith("http") else ""
    raise ArticleError("body", "no HTML in this file; is it a page that a browser saved?")


def _reason(error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        return f"not UTF-8: byte {error.object[error.start]:#04x} at {error.start}; convert the file first"
    if isinstance(error, MemoryError):
        return "there is not enough memory for it"
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
