"""What every engine of the benchmarks does, so that they can take turns."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import ClassVar

from vnsearch import Article

from ..asked import TOP, Found, Query


class Missing(Exception):
    """The engine is not installed; says what to install."""


class Cannot(Exception):
    """The engine has no such search; says which."""


def need(*modules: str, install: str) -> None:
    """Raises Missing where a module is not installed."""
    if not all(find_spec(module) for module in modules):
        raise Missing(install)


class Engine(ABC):
    """An index in a folder of its own: `build` once, in one process; `open` and `search` in another.

    `how` says which analysis and which calls were chosen, `cannot` what a user of vnsearch would miss.
    """

    name: ClassVar[str]
    how: ClassVar[str]
    cannot: ClassVar[tuple[str, ...]] = ()
    counts: ClassVar[bool] = True  # whether a search says how many articles match
    is_here: ClassVar[bool] = True  # whether it works in the process that asks, so that this one's memory is its own

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    @abstractmethod
    def version(cls) -> str:
        """Raises Missing."""

    @abstractmethod
    def build(self, articles: Iterable[Article]) -> None:
        """From articles to what `open` can search, on disk."""

    @abstractmethod
    def open(self) -> None:
        """Makes ready to search."""

    @abstractmethod
    def search(self, query: Query, limit: int = TOP) -> Found:
        """From text to hits, best first.  Raises Cannot."""

    @abstractmethod
    def ids(self, found: Found) -> list[str]:
        """The articles' ids; not part of what is timed."""

    def close(self) -> None:  # noqa: B027 - most have nothing to do
        """Lets go of files."""
