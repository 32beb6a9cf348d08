"""Every call that the index makes to the file system.

All in one place, since each of them can fail, and the tests make each of them fail.  No symbolic link
inside an index is followed, and nothing but regular files is opened: a folder from a stranger leads
nowhere else.  Errors are OSError; those who call say what they mean.
"""

import errno
import mmap
import os
import secrets
import stat
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

_PLAIN = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
_TEMPORARY: int = getattr(os, "O_TEMPORARY", 0)  # Windows: removed when it is closed
_PIECE = 1 << 20  # bytes of one read or write
_NO_FOLDER_SYNC = {errno.EINVAL, errno.ENOTSUP, errno.EACCES, errno.EISDIR, errno.EBADF}  # file systems without it
_UNLINKABLE = {errno.EXDEV, errno.EPERM, errno.ENOTSUP, errno.EMLINK, errno.EACCES}  # those without hard links


# a file that is missing, is none (a link, a pipe, a folder) or too large: something is wrong with what is there
_WRONG = {errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.EMLINK, errno.EINVAL, errno.EISDIR, errno.ENXIO, errno.EFBIG}
_SHORT = {errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EAGAIN, errno.ENOBUFS}


def is_wrong(e: OSError) -> bool:
    """Whether reading a file failed by what is there, and not by the state of the system."""
    return e.errno in _WRONG


def is_short(e: OSError) -> bool:
    """Whether the system has too little of something, which says nothing about the file."""
    return e.errno in _SHORT


class NewFile:
    """A file that nobody has yet: written once, from its beginning to its end."""

    def __init__(self, path: Path) -> None:
        self._fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _PLAIN, 0o666)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Writes all of it."""
        _write(self._fd, data)

    def sync(self) -> None:
        """On return what was written is on disk."""
        os.fsync(self._fd)

    def __enter__(self) -> "NewFile":
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._fd)


class Spool:
    """Bytes that are written first and read later: in memory, and from some size on in a file without a name."""

    def __init__(self, folder: Path, most: int) -> None:
        self._folder, self._most = folder, most
        self._memory = bytearray()
        self._fd = -1
        self.size = 0

    def write(self, data: bytes) -> None:
        """Adds to the end."""
        self._memory += data
        self.size += len(data)
        if len(self._memory) > self._most:
            if self._fd < 0:
                self._fd = _unnamed(self._folder)
            _write(self._fd, self._memory)
            self._memory.clear()

    def blocks(self) -> Iterator[bytes]:
        """All that was written, in order."""
        at = 0
        while self._fd >= 0 and (block := os.pread(self._fd, _PIECE, at)):
            yield block
            at += len(block)
        yield bytes(self._memory)

    def close(self) -> None:
        """Forgets all of it."""
        self._memory = bytearray()
        fd, self._fd = self._fd, -1
        if fd >= 0:
            os.close(fd)

    def __del__(self) -> None:
        self.close()


def _unnamed(folder: Path) -> int:
    path = folder / f"{secrets.token_hex(6)}.part"
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | _PLAIN | _TEMPORARY, 0o600)
    if not _TEMPORARY:
        with suppress(OSError):
            os.unlink(path)
    return fd


def _write(fd: int, data: bytes | bytearray | memoryview) -> None:
    with memoryview(data) as left:
        at = 0
        while at < len(left):
            at += os.write(fd, left[at : at + _PIECE])


def _open(path: Path) -> int:
    """A regular file for reading; a pipe is not waited for."""
    fd = os.open(path, os.O_RDONLY | _PLAIN | getattr(os, "O_NONBLOCK", 0))
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        raise OSError(errno.EINVAL, "not a regular file", str(path))
    return fd


def read(path: Path, most: int) -> bytes:
    """The bytes of a file.  OSError (EFBIG) where it has more than `most`."""
    fd = _open(path)
    try:
        if os.fstat(fd).st_size > most:
            raise OSError(errno.EFBIG, f"larger than {most:,} bytes", str(path))
        return b"".join(iter(lambda: os.read(fd, _PIECE), b""))
    finally:
        os.close(fd)


def map(path: Path) -> mmap.mmap:
    """A file in memory, read when it is touched.  ValueError where it is empty."""
    fd = _open(path)
    try:
        return mmap.mmap(fd, 0, access=mmap.ACCESS_READ)
    finally:
        os.close(fd)


def replace(path: Path, data: bytes, check: Callable[[], None] = lambda: None) -> None:
    """Puts a whole file in the place of one that may be there; its bytes are on disk, its name is not yet.

    check: called right before; what it raises leaves everything as it was.
    """
    new = path.with_name(f"{path.name}.{secrets.token_hex(6)}.new")  # which nobody else writes at the same time
    try:
        with NewFile(new) as file:
            file.write(data)
            file.sync()
        check()
        os.replace(new, path)
    except BaseException:
        with suppress(OSError):
            remove(new)
        raise


def sync_folder(path: Path) -> None:
    """On return names that were made, replaced or removed are on disk, where the system can see to that."""
    try:
        fd = os.open(path, os.O_RDONLY)
    except OSError as e:
        if e.errno in _NO_FOLDER_SYNC:
            return
        raise
    try:
        os.fsync(fd)
    except OSError as e:
        if e.errno not in _NO_FOLDER_SYNC:
            raise
    finally:
        os.close(fd)


def names(path: Path) -> list[str]:
    """The names in a folder, in order."""
    return sorted(os.listdir(path))


def remove(path: Path) -> None:
    """Removes a file where it is."""
    with suppress(FileNotFoundError):
        os.unlink(path)


def link_or_copy(source: Path, target: Path) -> None:
    """Puts a file under a second name: a hard link, or a copy that is on disk where the system has none."""
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError as e:
        if e.errno not in _UNLINKABLE:
            raise
        fd = _open(source)
        try:
            with NewFile(target) as file:
                for block in iter(lambda: os.read(fd, _PIECE), b""):
                    file.write(block)
                file.sync()
        finally:
            os.close(fd)
