"""Everything that vnsearch raises on purpose.

    VnsearchError
    ├── ArticleError (also ValueError)      a value that an article cannot have
    ├── ArgumentError (also ValueError, TypeError)  an argument that a call cannot have, or not on this kind of index
    ├── UnknownIdError (also KeyError)      an id that no article has
    ├── ReadError                           a file, or a record in it, that cannot be read
    ├── QueryError (also ValueError)        a query or filter that means nothing; column and hint
    └── IndexProblemError
        ├── IndexExistsError                create() where an index is
        ├── IndexNotFoundError              open() where none is
        ├── IndexVersionError               written by a version with another format
        ├── IndexCorruptError               files missing, cut or changed
        ├── IndexLockedError                another writer is at work
        └── IndexUnavailableError           no host of a cluster answers in time

A message says what was expected, what came and what to do: one line, at most some 2,000 characters, nothing that
steers a terminal.
"""

from datetime import datetime
from pathlib import Path
from typing import Any

from .printable import printable, shortened, shown


class VnsearchError(Exception):
    """The base of all errors that vnsearch raises."""

    def __init__(self, message: str = "") -> None:
        super().__init__(printable(shortened(message)))

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickled as message and attributes, so that it gets through to another process as it is."""
        return _restored, (type(self), self.args, self.__dict__)


def _restored(kind: type[VnsearchError], args: tuple[Any, ...], attributes: dict[str, Any]) -> VnsearchError:
    error = kind.__new__(kind, *args)  # which keeps args; __init__ would make another message of them
    error.__dict__.update(attributes)
    return error


class ArticleError(VnsearchError, ValueError):
    """A value that an article cannot have; `field` names it."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field}: {problem}")
        self.field, self.problem = field, problem


class ArgumentError(VnsearchError, ValueError, TypeError):
    """An argument that a call cannot have; `argument` names it as the caller wrote it."""

    def __init__(self, argument: str, problem: str) -> None:
        super().__init__(f"{argument}: {problem}")
        self.argument = argument


class UnknownIdError(VnsearchError, KeyError):
    """No article of the index has this `id`."""

    __str__ = Exception.__str__  # a KeyError would show the message in quotes

    def __init__(self, id: str) -> None:
        super().__init__(f"id: no article has the id {shown(id)}")
        self.id = id


class ReadError(VnsearchError):
    """A file, or the record at `line` of it (from 1; None: the whole file), that cannot be read."""

    def __init__(self, path: str, line: int | None, reason: str) -> None:
        super().__init__(f"{path}:{line}: {reason}" if line else f"{path}: {reason}")
        self.path, self.line, self.reason = path, line, reason


class QueryError(VnsearchError, ValueError):
    """A query that means nothing: the `problem`, at which `column` of `query` (from 1), and a hint."""

    def __init__(self, problem: str, *, query: str = "", column: int | None = None, hint: str = "") -> None:
        where = f" at column {column}" if column else ""
        super().__init__(f"{problem}{where}" + (f"; {hint}" if hint else ""))
        self.problem, self.query, self.column, self.hint = problem, query, column, hint


class IndexProblemError(VnsearchError):
    """Something is wrong with the index at `path`."""

    def __init__(self, path: object, problem: str) -> None:
        super().__init__(f"{path}: {problem}")
        self.path: Any = str(path) if "://" in str(path) else Path(str(path))  # an address, or a folder or file


class IndexExistsError(IndexProblemError):
    """An index is already there."""


class IndexNotFoundError(IndexProblemError):
    """No index is there."""


class IndexVersionError(IndexProblemError):
    """The index was written in a format that this version does not read: which it reads, and which it `got`."""

    def __init__(
        self, path: str | Path, problem: str, *, expected: object = None, got: object = None,
        way_out: str = "index the articles anew: vnsearch index FILES --index NEW_FOLDER",
    ) -> None:  # fmt: skip
        super().__init__(path, f"{problem}; {way_out}")
        self.expected, self.got = expected, got


class IndexCorruptError(IndexProblemError):
    """Files of the index are missing, cut or changed: `path` names one, `expected` and `got` what is wrong with it."""

    def __init__(self, path: str | Path, problem: str, *, expected: object = None, got: object = None) -> None:
        found = "" if expected is None else f": expected {expected}, got {got}"
        super().__init__(path, f"{problem}{found}; restore a backup or index anew")
        self.expected, self.got = expected, got


class IndexLockedError(IndexProblemError):
    """Another writer holds the index: process `pid` on `host`, `since` when; None where that is not known."""

    def __init__(
        self, path: str | Path, problem: str, *, pid: int | None = None, host: str | None = None,
        since: datetime | None = None,
    ) -> None:  # fmt: skip
        super().__init__(path, problem)
        self.pid, self.host, self.since = pid, host, since


class IndexUnavailableError(IndexProblemError):
    """No host of the cluster answered in time; the message names those tried."""
