"""The folder of an index: its manifest, its files, its lock.

    vnsearch.json      the manifest: format, generation, the segments and their deletions; replaced whole
    <name>.seg         a segment (see `container` and `layout`); never changes
    <name>.<g>.del     one bit a document of a segment: deleted as of generation g
    vnsearch.lock      held by the one writer; vnsearch.writer says who that is

A commit writes its new files, sees them on disk, then renames the new manifest into place.  A reader
takes the manifest and maps what it names; files that no manifest names any more are removed by the
writer, which a reader that has mapped them does not notice.
"""

import json
import os
import secrets
import shutil
import socket
import time
import zlib
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import msgspec
import numpy as np

from ..article import VIETNAM
from ..errors import (
    IndexCorruptError,
    IndexExistsError,
    IndexLockedError,
    IndexNotFoundError,
    IndexProblemError,
    IndexVersionError,
)
from .container import FORMAT, Array, Container, ContainerWriter
from .segment import Segment

MANIFEST = "vnsearch.json"
_LOCK, _HOLDER = "vnsearch.lock", "vnsearch.writer"
_TRIES = 20  # to read a manifest and its files while commits go on


class Part(msgspec.Struct, frozen=True):
    """A segment as the manifest names it."""

    name: str
    documents: int
    deletions: str = ""  # file, "" where none is deleted


class Manifest(msgspec.Struct, frozen=True):
    """What the index is as of one commit."""

    format: int
    generation: int
    parts: tuple[Part, ...]
    crc: int = 0  # CRC-32 of the same manifest with 0 here


def create(path: Path) -> None:
    """Makes the folder of a new empty index.  Raises IndexExistsError."""
    if (path / MANIFEST).exists():
        raise IndexExistsError(path, "an index is already here; open it, or remove the folder first")
    if path.exists() and not path.is_dir():
        raise IndexExistsError(path, "is a file; an index is a folder")
    try:
        path.mkdir(parents=True, exist_ok=True)
        write_manifest(path, Manifest(FORMAT, 0, ()))
    except OSError as e:
        raise IndexProblemError(path, f"cannot be made here: {e.strerror or e}") from e


def read_manifest(path: Path) -> Manifest:
    """The newest manifest.  Raises IndexNotFoundError, IndexVersionError, IndexCorruptError."""
    try:
        data = (path / MANIFEST).read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        if path.is_dir() and any(path.glob("*.toc")):
            raise IndexVersionError(
                path, "a Whoosh index, but not one that this version wrote; index the articles anew"
            ) from None
        if path.is_dir() and any(path.glob("*.seg")):
            raise IndexCorruptError(path, f"{MANIFEST} is missing; restore a backup or index anew") from None
        problem = f"no index is here; make one with: vnsearch index FILES --index {path}"
        raise IndexNotFoundError(path, problem) from None
    except OSError as e:
        raise IndexProblemError(path, f"cannot be read: {e.strerror or e}") from e
    try:
        version = json.loads(data)["format"]
        if version == FORMAT:
            manifest = msgspec.json.decode(data, type=Manifest)
            if manifest.crc == _crc(manifest):
                return manifest
            raise IndexCorruptError(path, f"{MANIFEST} was changed; restore a backup or index anew")
    except (ValueError, KeyError, TypeError, msgspec.DecodeError) as e:
        raise IndexCorruptError(path, f"{MANIFEST} cannot be read ({e}); restore a backup or index anew") from None
    raise IndexVersionError(path, f"format {version}, this version reads format {FORMAT}; index the articles anew")


Stamp: TypeAlias = tuple[int, int, int]


def stamp(path: Path) -> Stamp:
    """Differs when the manifest does: a commit renames a new file into place.  Cheaper than reading it."""
    try:
        found = (path / MANIFEST).stat()
    except OSError:
        return 0, 0, 0  # reading it will say what is wrong
    return found.st_ino, found.st_mtime_ns, found.st_size


def write_manifest(path: Path, manifest: Manifest) -> None:
    """Puts a manifest in place; on return it is on disk."""
    manifest = msgspec.structs.replace(manifest, crc=_crc(manifest))
    new = path / (MANIFEST + ".new")
    with new.open("wb") as file:
        file.write(msgspec.json.encode(manifest) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    new.rename(path / MANIFEST)
    sync_folder(path)


def _crc(manifest: Manifest) -> int:
    return zlib.crc32(msgspec.json.encode(msgspec.structs.replace(manifest, crc=0)))


def sync_folder(path: Path) -> None:
    """Sees renamed and removed names on disk, where the system can."""
    with suppress(OSError):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def new_name() -> str:
    """A name that no file of the index has."""
    return secrets.token_hex(6)


# -- snapshots -----------------------------------------------------------------------------------------


class Snapshot(NamedTuple):
    """The index as of one commit: its segments, and which documents of each are deleted (one bool a document)."""

    generation: int
    segments: tuple[Segment, ...]
    deleted: tuple[Array, ...]

    @property
    def articles(self) -> int:
        """How many are not deleted."""
        return sum(len(gone) - int(gone.sum()) for gone in self.deleted)

    def find(self, id: str) -> tuple[int, int] | None:
        """(number of the segment, document) of the article of this id."""
        for number, (segment, gone) in enumerate(zip(self.segments, self.deleted, strict=True)):
            document = segment.find_id(id)
            if document is not None and not gone[document]:
                return number, document
        return None


def open_snapshot(path: Path, before: Snapshot | None = None) -> Snapshot:
    """The newest generation; segments that `before` has open are taken from it."""
    opened = {segment.path.stem: segment for segment in before.segments} if before else {}
    for attempt in range(_TRIES):
        manifest = read_manifest(path)
        if before and before.generation == manifest.generation:
            return before
        try:
            segments = tuple(opened.get(p.name) or Segment(path / f"{p.name}.seg") for p in manifest.parts)
            deleted = tuple(_read_deletions(path, part) for part in manifest.parts)
        except IndexCorruptError:
            # a commit may have removed the files of the manifest read above: then there is a newer one
            if attempt == _TRIES - 1 or read_manifest(path).generation == manifest.generation:
                raise
            continue
        for part, segment in zip(manifest.parts, segments, strict=True):
            if part.documents != segment.documents:
                problem = f"{segment.documents} documents, the manifest says {part.documents}"
                raise IndexCorruptError(segment.path, f"{problem}; restore a backup or index anew")
        return Snapshot(manifest.generation, segments, deleted)
    raise AssertionError("unreachable")


def _read_deletions(path: Path, part: Part) -> Array:
    if not part.deletions:
        return np.zeros(part.documents, bool)
    bits = Container(path / part.deletions)["deleted"]
    if len(bits) != -(-part.documents // 8):
        raise IndexCorruptError(path / part.deletions, "of another segment; restore a backup or index anew")
    return np.unpackbits(bits, count=part.documents).astype(bool)


def write_deletions(path: Path, name: str, deleted: Array) -> None:
    """One bit a document."""
    out = ContainerWriter(path / name)
    out.append("deleted", np.packbits(deleted))
    out.close({})


# -- the lock ------------------------------------------------------------------------------------------


class Lock:
    """The writer's lock: one holder, in any thread or process; a dead process holds nothing."""

    def __init__(self, path: Path, timeout: float) -> None:
        from whoosh.util.filelock import FileLock, try_for

        self._path = path
        self._lock: Any = FileLock(str(path / _LOCK))
        try:
            if not try_for(self._lock.acquire, timeout=timeout, delay=0.05):
                raise IndexLockedError(path, f"{self._holder()} is writing (waited {timeout:g} s); try again later")
            holder = {"pid": os.getpid(), "host": socket.gethostname(), "since": time.time()}
            (path / _HOLDER).write_text(json.dumps(holder))
        except OSError as e:
            raise IndexProblemError(path, f"cannot be written: {e.strerror or e}") from e

    def _holder(self) -> str:
        try:
            holder = json.loads((self._path / _HOLDER).read_text())
            since = datetime.fromtimestamp(holder["since"], VIETNAM)
            return f"process {holder['pid']} on {holder['host']}, since {since:%Y-%m-%d %H:%M:%S},"
        except (OSError, ValueError, KeyError, TypeError):
            return "another process"

    def release(self) -> None:
        """Lets the next writer in."""
        (self._path / _HOLDER).unlink(missing_ok=True)
        self._lock.release()


def remove_leftovers(path: Path, manifest: Manifest) -> None:
    """Removes what no manifest names: files of earlier generations and of writers that died."""
    named = {f"{part.name}.seg" for part in manifest.parts} | {part.deletions for part in manifest.parts}
    for file in path.iterdir():
        if file.suffix in (".seg", ".del", ".new", ".part") and file.name not in named:
            with suppress(OSError):
                file.unlink()


# -- care ----------------------------------------------------------------------------------------------


class Verification(NamedTuple):
    """What `verify` looked at, and what it found wrong."""

    articles: int
    terms: int
    files: int
    bytes: int
    seconds: float
    problems: tuple[str, ...]


def verify(path: Path) -> Verification:
    """Reads every byte of every file of the newest generation against its checksum, and every article."""
    from .records import load

    begun = time.perf_counter()
    problems: list[str] = []
    articles = terms = 0
    try:
        snapshot = open_snapshot(path)
    except IndexProblemError as e:
        return Verification(0, 0, 0, 0, time.perf_counter() - begun, (str(e),))
    seen: set[str] = set()
    for segment, gone in zip(snapshot.segments, snapshot.deleted, strict=True):
        found = segment.data.problems()
        problems += found
        terms += len(segment.terms)
        if found:
            continue
        for document in np.flatnonzero(~gone).tolist():
            article = load(segment.stored(document))
            if article.id != segment.ids[document]:
                problems.append(f"{segment.path.name}: document {document} is not that of its id")
            if article.id in seen:
                problems.append(f"{segment.path.name}: the id {article.id!r} stands twice")
            seen.add(article.id)
            articles += 1
    for part in read_manifest(path).parts:
        if part.deletions:
            problems += Container(path / part.deletions).problems()
    files = [path / f"{part.name}.seg" for part in read_manifest(path).parts]
    return Verification(articles, terms, len(files) + 1, size(path), time.perf_counter() - begun, tuple(problems))


def backup(path: Path, target: Path) -> None:
    """Copies the index as of its last commit to a new folder, by hard links where the system can."""
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise IndexExistsError(target, "is not empty; a backup goes into a new folder")
    lock = Lock(path, 10.0)  # so that no commit removes files while they are copied
    try:
        manifest = read_manifest(path)
        target.mkdir(parents=True, exist_ok=True)
        for part in manifest.parts:
            for name in filter(None, (f"{part.name}.seg", part.deletions)):
                try:
                    os.link(path / name, target / name)
                except OSError:
                    shutil.copy2(path / name, target / name)
        write_manifest(target, manifest)
    except OSError as e:
        raise IndexProblemError(target, f"cannot be written: {e.strerror or e}") from e
    finally:
        lock.release()


def size(path: Path) -> int:
    """Bytes of all files of the index."""
    return sum(file.stat().st_size for file in path.iterdir() if file.is_file())
