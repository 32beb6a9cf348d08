"""The folder of an index: its manifest and its files.

    vnsearch.json            the manifest: format, generation, the segments and their deletions; replaced whole
    vnsearch.previous.json   the manifest of the commit before
    <name>.seg               a segment (see `container` and `layout`); never changes
    <name>.<x>.del           one bit a document of a segment: deleted
    _MAIN_<generation>.toc   the same for Whoosh (see `whoosh_toc`); not read here
    vnsearch.lock            held by the one writer; says who that is (see `lock`)

A commit writes its new files, sees them and their names on disk, then renames the new manifest into
place.  A reader takes the manifest and maps what it names.  What neither of the two manifests names is
removed by the writer, which a reader that has mapped it does not notice.
"""

import json
import os
import re
import secrets
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Annotated, NamedTuple, TypeAlias

import msgspec
import numpy as np

from ..arrays import Array
from ..errors import (
    IndexCorruptError,
    IndexExistsError,
    IndexLockedError,
    IndexNotFoundError,
    IndexProblemError,
    IndexVersionError,
)
from ..limits import MANIFEST_BYTES
from . import disk, whoosh_toc
from .container import FORMAT, Container, unreadable
from .container_writer import ContainerWriter
from .lock import CREATING, Lock
from .segment_reader import Segment

MANIFEST, PREVIOUS = "vnsearch.json", "vnsearch.previous.json"
_OWN = (".seg", ".del", ".new", ".part")  # endings of files that a writer makes and removes
_SEGMENT = re.compile(r"[0-9a-f]{12}\.seg")
_CREATING = 10.0  # seconds that another creator is waited for
_TRIES = 100  # to read a manifest and its files while commits go on


class Part(msgspec.Struct, frozen=True):
    """A segment as the manifest names it.  Names are plain: a manifest leads to no other folder."""

    name: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{12}$")]
    documents: Annotated[int, msgspec.Meta(ge=1)]
    deletions: Annotated[str, msgspec.Meta(pattern=r"^([0-9a-f]{12}\.[0-9a-f]{12}\.del)?$")] = ""  # "": none

    @property
    def files(self) -> Iterator[str]:
        """The names of its files."""
        yield f"{self.name}.seg"
        if self.deletions:
            yield self.deletions


class Manifest(msgspec.Struct, frozen=True):
    """What the index is as of one commit."""

    format: int
    generation: int
    parts: tuple[Part, ...]
    crc: int = 0  # CRC-32 of the same manifest with 0 here

    @property
    def files(self) -> list[str]:
        """The names of all files that it needs."""
        return [file for part in self.parts for file in part.files]


EMPTY = Manifest(FORMAT, 0, ())


def create(path: Path) -> None:
    """Makes the folder of a new empty index; of several creators at once one does.  Raises IndexExistsError."""
    try:
        _check_nothing_here(path)
        path.mkdir(parents=True, exist_ok=True)
        lock = Lock(path, _CREATING, CREATING)
        try:
            _check_nothing_here(path)
            write_manifest(path, EMPTY, None)
            disk.sync_folder(path.parent)
        finally:
            with suppress(OSError):
                disk.remove(path / CREATING)
            lock.release()
    except (OSError, ValueError) as e:  # ValueError: a NUL in its name
        raise IndexProblemError(path, f"cannot be made here: {getattr(e, 'strerror', None) or e}") from e
    except IndexLockedError:
        _check_nothing_here(path)
        raise


def _check_nothing_here(path: Path) -> None:
    if os.path.lexists(path / MANIFEST):
        raise IndexExistsError(path, "an index is already here; open it, or remove the folder first")
    if path.exists() and not path.is_dir():
        raise IndexExistsError(path, "is a file; an index is a folder")


def read_manifest(path: Path, name: str = MANIFEST) -> Manifest:
    """The newest manifest, or that before.  Raises IndexNotFoundError, IndexVersionError, IndexCorruptError."""
    try:
        data = disk.read(path / name, MANIFEST_BYTES)
    except (FileNotFoundError, NotADirectoryError, ValueError):
        raise _missing(path, name) from None
    except OSError as e:
        raise unreadable(path / name, e) from None
    try:
        version = json.loads(data)["format"]
        manifest = msgspec.json.decode(data, type=Manifest) if version == FORMAT else None
    except (ValueError, KeyError, TypeError, RecursionError, msgspec.DecodeError) as e:
        raise IndexCorruptError(path / name, f"cannot be read ({e})") from None
    if manifest is None:
        problem = f"format {version!r:.40}, this version reads format {FORMAT}"
        raise IndexVersionError(path / name, problem, expected=FORMAT, got=version)
    if data != _encoded(manifest):  # not a byte may differ from what was written
        raise IndexCorruptError(path / name, "was changed", expected=f"CRC-32 {_crc(manifest)}", got=manifest.crc)
    return manifest


def _missing(path: Path, name: str) -> IndexProblemError:
    try:
        names = disk.names(path)
    except (FileNotFoundError, NotADirectoryError, ValueError):
        names = []
    except OSError as e:
        return unreadable(path, e)
    endings = {Path(there).suffix for there in names}
    if ".toc" in endings and not any(_SEGMENT.fullmatch(there) for there in names):
        return IndexVersionError(path, "a Whoosh index, but not one that this version wrote", expected=MANIFEST)
    if ".seg" in endings:
        return IndexCorruptError(path / name, "is missing")
    return IndexNotFoundError(path, f"no index is here; make one with: vnsearch index FILES --index {path}")


Stamp: TypeAlias = tuple[int, int, int]


def stamp(path: Path | str) -> Stamp:
    """Differs when the manifest does: a commit renames a new file into place.  Cheaper than reading it."""
    try:
        found = os.stat(f"{path}/{MANIFEST}")  # noqa: PTH116 - each search asks, and a Path is slower
    except (OSError, ValueError):
        return 0, 0, 0  # reading it will say what is wrong
    return found.st_ino, found.st_mtime_ns, found.st_size


def write_manifest(
    path: Path, manifest: Manifest, before: Manifest | None, check: Callable[[], None] = lambda: None
) -> None:
    """Puts a manifest in place of `before`; on return it is on disk.  OSError: `before` is still in place.

    The files that it names are on disk; that their names are is seen to first.  check: raises, right before, where the
    index is no longer the writer's.
    """
    disk.sync_folder(path)
    disk.replace(path / MANIFEST, _encoded(manifest), check)
    try:
        disk.sync_folder(path)
    except OSError:  # nobody can tell whether it is on disk
        if before is not None:
            disk.replace(path / MANIFEST, _encoded(before))
        raise
    if before is not None:
        with suppress(OSError):  # the commit is done; an earlier generation stays the one to fall back to
            disk.replace(path / PREVIOUS, _encoded(before))
    _write_toc(path, manifest)


def _write_toc(path: Path, manifest: Manifest) -> None:
    whoosh_toc.write(path, manifest.generation, _named(manifest))


def _encoded(manifest: Manifest) -> bytes:
    return msgspec.json.encode(msgspec.structs.replace(manifest, crc=_crc(manifest))) + b"\n"


def _crc(manifest: Manifest) -> int:
    return zlib.crc32(msgspec.json.encode(msgspec.structs.replace(manifest, crc=0)))


def new_name() -> str:
    """A name that no file of the index has."""
    return secrets.token_hex(6)


def remove_leftovers(path: Path) -> None:
    """Removes what no manifest names: files of earlier generations and of writers that died.

    What cannot be removed stays for the next writer: nothing depends on it.
    """
    try:
        found = disk.names(path)
        manifests = [read_manifest(path, name) for name in (MANIFEST, PREVIOUS) if name in found]
    except (OSError, IndexProblemError):
        return
    needed = {name for manifest in manifests for name in manifest.files}
    for name in found if MANIFEST in found else ():
        if name.endswith(_OWN) and name not in needed:
            with suppress(OSError):
                disk.remove(path / name)
    if MANIFEST in found:
        _mend_tocs(path, found, manifests)


def _mend_tocs(path: Path, found: list[str], manifests: list[Manifest]) -> None:
    """Leaves Whoosh's tables of these manifests, the newest first, as they were written, and no other."""
    right = {manifest.generation for manifest in manifests if not toc_is_changed(path, manifest)}
    for name in found:
        if (generation := whoosh_toc.generation_of(name)) is not None and generation not in right:
            with suppress(OSError):
                disk.remove(path / name)
    newest = manifests[0].generation
    if newest not in right or whoosh_toc.name(newest) not in found:
        _write_toc(path, manifests[0])


def toc_is_changed(path: Path, manifest: Manifest) -> bool:
    """Whether Whoosh's table of a manifest is there, but is not what was written."""
    return whoosh_toc.changed(path, manifest.generation, _named(manifest))


def _named(manifest: Manifest) -> list[tuple[str, int, str]]:
    return [(part.name, part.documents, part.deletions) for part in manifest.parts]


def forget_previous(path: Path) -> None:
    """Gives up the generation before: what it alone needs are leftovers."""
    with suppress(OSError):
        disk.remove(path / PREVIOUS)


# -- snapshots -----------------------------------------------------------------------------------------


class Snapshot(NamedTuple):
    """The index as of one commit: its segments, and which documents of each are deleted (one bool a document)."""

    manifest: Manifest
    segments: tuple[Segment, ...]
    deleted: tuple[Array, ...]
    problem: str = ""  # why this is not the newest generation

    @property
    def generation(self) -> int:
        """The number of its commit."""
        return self.manifest.generation

    @property
    def articles(self) -> int:
        """How many are not deleted."""
        return sum(len(gone) - int(gone.sum()) for gone in self.deleted)

    @property
    def nbytes(self) -> int:
        """Bytes on disk, but for the manifest."""
        marks = sum(-(-part.documents // 8) for part in self.manifest.parts if part.deletions)
        return marks + sum(segment.data.nbytes for segment in self.segments)

    def find(self, id: str) -> tuple[int, int] | None:
        """(number of the segment, document) of the article of this id."""
        for number, (segment, gone) in enumerate(zip(self.segments, self.deleted, strict=True)):
            document = segment.find_id(id)
            if document is not None and not gone[document]:
                return number, document
        return None


def open_snapshot(path: Path, before: Snapshot | None = None, *, fallback: bool = False) -> Snapshot:
    """The newest generation; segments that `before` has open are taken from it.

    fallback: every byte is checked now, and where the newest generation is broken, the previous one is opened.
    """
    try:
        return _open(path, MANIFEST, before, thorough=fallback)
    except IndexCorruptError as e:
        if not fallback:
            raise
        try:
            older = _open(path, PREVIOUS, before, thorough=True)
        except (IndexCorruptError, IndexNotFoundError, IndexVersionError) as older_problem:
            raise IndexCorruptError(path, f"{e}; nor is the generation before whole ({older_problem})") from None
        return older._replace(problem=f"the newest generation is broken ({e}); this is generation {older.generation}")


def _open(path: Path, name: str, before: Snapshot | None, *, thorough: bool) -> Snapshot:
    opened = {segment.path.stem: segment for segment in before.segments} if before else {}
    manifest = read_manifest(path, name)
    for _ in range(_TRIES):
        if before and before.manifest == manifest and not before.problem:
            return before
        try:
            segments = tuple(opened.get(part.name) or _segment(path, part, thorough) for part in manifest.parts)
            deleted = tuple(_read_deletions(path, part) for part in manifest.parts)
            return Snapshot(manifest, segments, deleted)
        except IndexCorruptError:
            # commits may have removed the files of the manifest read above: then there is a newer one
            newer = read_manifest(path, name)
            if newer == manifest:
                raise
            manifest = newer
    raise IndexProblemError(path, f"changed {_TRIES} times while it was opened; try again")


def open_part(path: Path, part: Part) -> tuple[Segment, Array]:
    """A segment, and which of its documents are deleted (one bool a document)."""
    return _segment(path, part, thorough=False), _read_deletions(path, part)


def _segment(path: Path, part: Part, thorough: bool) -> Segment:
    segment = Segment(path / f"{part.name}.seg")
    if part.documents != segment.documents:
        raise IndexCorruptError(segment.path, "documents", expected=part.documents, got=segment.documents)
    if thorough:
        segment.data.check_all()
    return segment


def _read_deletions(path: Path, part: Part) -> Array:
    if not part.deletions:
        return np.zeros(part.documents, bool)
    bits = Container(path / part.deletions)["deleted"]
    if len(bits) != (expected := -(-part.documents // 8)):
        raise IndexCorruptError(path / part.deletions, "bytes of deletions", expected=expected, got=len(bits))
    return np.unpackbits(bits, count=part.documents).astype(bool)


def write_deletions(path: Path, name: str, deleted: Array) -> None:
    """One bit a document."""
    out = ContainerWriter(path / name)
    out.append("deleted", np.packbits(deleted))
    out.close({})


# -- care ----------------------------------------------------------------------------------------------


def backup(path: Path, target: Path, *, fallback: bool = False) -> None:
    """The index as of its last commit in a new folder, by hard links where the system can; nobody waits for it.

    Every byte of it is checked.  Raises IndexCorruptError where one is wrong; then there is no backup.
    """
    try:
        is_taken = target.exists() and (not target.is_dir() or any(target.iterdir()))
    except (OSError, ValueError) as e:  # ValueError: no such name of a file
        raise IndexProblemError(target, f"cannot be written: {getattr(e, 'strerror', e)}") from e
    if is_taken:
        raise IndexExistsError(target, "is not empty; a backup goes into a new folder")
    try:
        target.mkdir(parents=True, exist_ok=True)
        manifest = _copy_files(path, target, fallback)
        for name in manifest.files:
            Container(target / name).check_all()
        write_manifest(target, manifest, None)
        disk.sync_folder(target.parent)
    except BaseException as e:
        for name in disk.names(target) if target.is_dir() else ():
            disk.remove(target / name)
        if isinstance(e, OSError | UnicodeError):
            raise IndexProblemError(target, f"cannot be written: {getattr(e, 'strerror', e) or e}") from e
        raise


def _copy_files(path: Path, target: Path, fallback: bool) -> Manifest:
    """Links the files of the newest generation that can be had; commits may remove files meanwhile."""
    for _ in range(_TRIES):
        manifest = open_snapshot(path, fallback=fallback).manifest
        try:
            for name in manifest.files:
                if not (target / name).exists():
                    disk.link_or_copy(path / name, target / name)
        except FileNotFoundError:
            continue
        for name in set(disk.names(target)).difference(manifest.files):
            disk.remove(target / name)
        return manifest
    raise IndexProblemError(path, f"changed {_TRIES} times while it was copied; try again")
