"""The locks of writer and creators: one holder, in any thread or process.

The system holds it for an open file, so that of a dead process is free at once; the file tells who has it.
"""

import errno
import json
import os
import socket
import sys
import time
from contextlib import suppress
from datetime import datetime
from io import FileIO
from pathlib import Path
from weakref import WeakSet

from ..article import VIETNAM
from ..errors import IndexLockedError, IndexProblemError

LOCK = "vnsearch.lock"
CREATING = "vnsearch.creating.new"  # while an index is made; another file, so that no writer is kept out by a creator
_DELAY = 0.05  # seconds between two attempts
_TAKEN = (errno.EAGAIN, errno.EACCES, errno.EDEADLK)

if sys.platform == "win32":
    import msvcrt

    def _take(fd: int) -> None:
        msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _take(fd: int) -> None:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)


class Lock:
    """Held from its making to `release`, or until it is forgotten.

    Raises IndexLockedError when `timeout` seconds have passed.
    """

    def __init__(self, path: Path, timeout: float, name: str = LOCK) -> None:
        self._path = path / name
        self._file: FileIO | None = None  # which closes itself where it is forgotten, whatever was interrupted
        until = time.monotonic() + timeout
        try:
            while not self._try():
                if time.monotonic() >= until:
                    raise _locked(self._path, timeout)
                time.sleep(_DELAY)
            _held.add(self)
            holder = {"pid": os.getpid(), "host": socket.gethostname(), "since": int(time.time())}
            os.truncate(self._number, 0)
            os.write(self._number, json.dumps(holder).encode())
        except BaseException as e:
            self.release()
            if isinstance(e, OSError):
                raise IndexProblemError(path, f"cannot be written: {e.strerror or e}") from e
            raise

    @property
    def _number(self) -> int:
        return self._file.fileno() if self._file else -1

    def _try(self) -> bool:
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        file = FileIO(os.open(self._path, flags, 0o666), "r+")
        try:
            _take(file.fileno())
        except BaseException as e:
            file.close()
            if isinstance(e, OSError) and e.errno in _TAKEN:
                return False
            raise
        self._file = file
        if not self.is_held():  # somebody removed the file after it was opened
            self.forget()
            return False
        return True

    def is_held(self) -> bool:
        """Whether the file that is locked is still the one that others would lock."""
        if self._file is None:
            return False
        own = os.fstat(self._number)
        try:
            there = os.lstat(self._path)
        except (FileNotFoundError, NotADirectoryError):
            return False
        return (own.st_dev, own.st_ino) == (there.st_dev, there.st_ino)

    def release(self) -> None:
        """Lets the next writer in."""
        try:
            if self._file is not None:
                with suppress(OSError):
                    os.truncate(self._number, 0)
        finally:
            self.forget()

    def __del__(self) -> None:
        self.release()

    def forget(self) -> None:
        """Closes the file alone: what a forked child does, whose parent goes on writing."""
        file, self._file = self._file, None
        if file is not None:
            with suppress(OSError):  # it is closed whatever the file system says
                file.close()
        _held.discard(self)


def _locked(file: Path, timeout: float) -> IndexLockedError:
    """Who holds it, as far as the file tells: it may have been released meanwhile."""
    path = file.parent
    try:
        holder = json.loads(file.read_bytes()[:1000])
        pid, host = int(holder["pid"]), str(holder["host"])
        since = datetime.fromtimestamp(holder["since"], VIETNAM)
    except (OSError, ValueError, KeyError, TypeError, OverflowError):
        return IndexLockedError(path, f"another process is writing (waited {timeout:g} s); try again later")
    who = f"process {pid} on {host}, since {since:%Y-%m-%d %H:%M:%S},"
    problem = f"{who} is writing (waited {timeout:g} s); try again later"
    return IndexLockedError(path, problem, pid=pid, host=host, since=since)


_held: WeakSet[Lock] = WeakSet()


def _after_fork() -> None:
    """A child must not keep the lock of a parent that dies: it has the same open file."""
    for lock in list(_held):
        lock.forget()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
