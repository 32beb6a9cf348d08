"""What the arguments of `Index` mean for a folder, a cluster, or an index that is closed."""

from collections.abc import Callable
from functools import cache
from numbers import Real
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from .errors import ArgumentError, IndexProblemError
from .printable import shown

if TYPE_CHECKING:
    from .query.plan import Plan
    from .text.synonyms import Synonyms


@cache
def planner() -> "Callable[..., Plan]":
    """`plan`; an import statement in `search` would cost each search several microseconds."""
    from .query.planner import plan

    return plan


@cache
def argument_checks() -> "Callable[..., dict[str, Any]]":
    """`check`, imported once."""
    from .query.arguments import check

    return check


def synonyms_of(given: str | Path | bool) -> "Synonyms | None":
    """A table of other words for the same; None for the library's own."""
    from .text.synonyms import Synonyms, read

    if isinstance(given, bool):
        return None if given else Synonyms()
    if not isinstance(given, str | PathLike):
        raise ArgumentError("synonyms", f"expected the path of a file, True or False, got {shown(given)}")
    try:
        return read(given)
    except (OSError, ValueError) as e:  # ValueError: no such name of a file
        raise ArgumentError("synonyms", str(e)) from None


def is_address(path: str | Path) -> bool:
    return str(path).startswith(("opensearch://", "opensearchs://"))


class ClosedEngine:
    """The engine of a closed index: whatever it is asked, it refuses."""

    def __init__(self, path: object) -> None:
        self._path = path

    def refusal(self) -> IndexProblemError:
        """The error that says so."""
        return IndexProblemError(self._path, "this index is closed; open it anew: Index.open(path)")

    def __getattr__(self, name: str) -> NoReturn:
        raise self.refusal()

    def __len__(self) -> int:
        raise self.refusal()


def given_options(**options: Any) -> dict[str, Any]:
    """The options that say something: neither None nor the default of `check_certificate`."""
    if options.get("timeout") is not None:
        check_number("timeout", options["timeout"], 0)
    return {n: v for n, v in options.items() if v is not None and not (n == "check_certificate" and v is True)}


def refuse(options: dict[str, Any], kind: str, path: object) -> None:
    """Raises ArgumentError where there are options, which are only for another kind of index."""
    if options:
        raise ArgumentError(", ".join(options), f"only for {kind}, not for {shown(str(path))}; leave it out")


def check_number(name: str, value: object, least: int, kind: type = Real) -> None:
    if not isinstance(value, kind) or isinstance(value, bool) or not value >= least:  # type: ignore[operator]
        what = "a whole number" if kind is int else "a number"
        raise ArgumentError(name, f"expected {what} from {least}, got {type(value).__name__} {shown(value)}")


def as_folder(path: str | Path) -> Path:
    if not isinstance(path, str | PathLike) or not str(path) or "\0" in str(path):
        raise IndexProblemError("index", f"expected the path of a folder, got {shown(path)}")
    return Path(path)
