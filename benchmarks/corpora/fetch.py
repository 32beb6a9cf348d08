"""Fetches a corpus: downloads what is not there, resumes what was begun, converts, checks."""

import hashlib
import json
import lzma
import shutil
import urllib.error
import urllib.request
from collections.abc import Callable
from http.client import HTTPException
from pathlib import Path
from urllib.parse import quote

from .catalogue import Known, Source
from .converters import CONVERTERS

MIRROR = "https://raw.githubusercontent.com"
TRIES = 5  # of a file whose connection breaks
_BLOCK = 1 << 16
Say = Callable[[str, int, int | None], None]  # (file, bytes that are there, of how many where the server says so)


class FetchError(Exception):
    """Why a corpus is not there now: what was expected, what came, what to do."""


def fetch(known: Known, mirror: str, folder: Path, say: Say, *, accept: bool = False) -> list[str]:
    """Lays a corpus's files into the folder; lines to show.  Raises FetchError, ConvertError.

    mirror: an address or a folder that has <repository>/<commit>/<file>.
    accept: keep what becomes of the sources where its hash is another one than the catalogue's.
    """
    if known.becomes and all(is_there(folder, file, digest) for file, digest in known.becomes.items()):
        return ["there already, as it should be"]
    sources = [download(source, mirror, folder / "sources", say) for source in known.sources]
    if not known.converter:
        return [f"fetched into {folder / 'sources'}, not converted. {known.note}"]
    lines = []
    for file, records in CONVERTERS[known.converter](sources).items():
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_name(f"{path.name}.new")
        digest = hashlib.sha256()
        with new.open("wb") as out:
            for record in records:
                line = json.dumps(record, ensure_ascii=False).encode() + b"\n"
                digest.update(line)
                out.write(line)
        if digest.hexdigest() != known.becomes[file] and not accept:
            raise FetchError(
                f"{file} became SHA-256 {digest.hexdigest()[:16]}, expected {known.becomes[file][:16]}: figures of "
                f"results/ are of another text. It lies in {new}; --accept takes it all the same"
            )
        new.replace(path)
        lines.append(f"{file}: {path.stat().st_size / 1e6:.1f} MB, SHA-256 {digest.hexdigest()[:16]}")
    return lines


def is_there(folder: Path, file: str, digest: str) -> bool:
    """Whether a file, packed or not, has the content with this hash."""
    for path, opener in ((folder / file, open), (folder / f"{file}.xz", lzma.open)):
        if path.is_file():
            found = hashlib.sha256()
            with opener(path, "rb") as content:
                while block := content.read(_BLOCK * 16):
                    found.update(block)
            return found.hexdigest() == digest
    return False


def download(source: Source, mirror: str, folder: Path, say: Say) -> Path:
    """A source's file, from where an earlier try ended.  Raises FetchError."""
    path = folder / source.path
    if path.exists():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    if "://" not in mirror:
        found = Path(mirror) / source.path
        if not found.is_file():
            raise FetchError(f"{found} is not there; a mirror has <repository>/<commit>/<file>")
        shutil.copyfile(found, part)
    else:
        _download(f"{mirror.rstrip('/')}/{quote(source.path)}", part, source.file, say)
    part.replace(path)
    return path


def _download(address: str, part: Path, name: str, say: Say) -> None:
    for number in range(1, TRIES + 1):
        try:
            if _rest(address, part, name, say):
                return
            problem = "the connection ended early"
        except urllib.error.HTTPError as e:
            if e.code < 500:
                raise FetchError(f"{address} answered {e.code} {e.reason}; see whether the file was moved") from None
            problem = f"{e.code} {e.reason}"
        except (OSError, HTTPException) as e:
            problem = str(e)
        if number == TRIES:
            raise FetchError(
                f"{address} could not be read: {problem}. What came is kept: run it again, or name a mirror with --from"
            )


def _rest(address: str, part: Path, name: str, say: Say) -> bool:
    """Reads what is not there yet; whether that is all."""
    there = part.stat().st_size if part.exists() else 0
    asked = urllib.request.Request(address, headers={"Range": f"bytes={there}-"} if there else {})
    try:
        answer = urllib.request.urlopen(asked, timeout=60)
    except urllib.error.HTTPError as e:
        if e.code == 416 and e.headers.get("Content-Range", "") == f"bytes */{there}":
            return True  # nothing is left to read
        raise
    with answer:
        is_rest = answer.status == 206
        length = answer.headers.get("Content-Length")
        there = there if is_rest else 0
        whole = there + int(length) if length else None
        with part.open("ab" if is_rest else "wb") as out:
            while block := answer.read(_BLOCK):
                out.write(block)
                there += len(block)
                say(name, there, whole)
    return whole is None or there == whole
