"""What stands between a plan and what is shown of it: an engine stores articles, matches and scores, counts, fetches.

`embedded` is the one in a folder of this machine.  Engines know nothing of one another; `api` is the only one
that chooses.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from msgspec import Struct

from .article import Article
from .errors import ReadError
from .query.matched import EVERYTHING, How, Matched
from .query.plan import Plan, Term
from .verification import Verification

if TYPE_CHECKING:
    from .suggest.reading import Reading


class Row(Struct, frozen=True):
    """One match.  `id` and `article` are read when they are called; same_story: ids of
    lower matches that tell the same.

    parts: what the score is made of, worked out when it is called; nothing where the engine cannot tell.
    """

    id: Callable[[], str]
    score: float
    article: Callable[[], Article]
    same_story: tuple[str, ...] = ()
    parts: Callable[[], tuple["Part", ...]] = tuple


class Part(NamedTuple):
    """What a part of the query adds to a score, and as which terms of the index it was found in the article."""

    what: str
    score: float
    found: tuple[str, ...] = ()


class Answer(NamedTuple):
    """The asked page of matches, how many there are, how many have each value of each facet, where the page ends.

    page, cursor: made when they are called, as many searches only want to know how many there are.
    partial: the deadline passed before all was examined.
    """

    page: Callable[[], tuple[Row, ...]]
    total: int
    facets: Mapping[str, Mapping[str, int]]
    cursor: Callable[[], str | None]
    partial: bool = False
    matched: Matched = EVERYTHING


def in_no_time(plan: Plan) -> Answer:
    """What is found where the deadline passed before anything was."""
    how: How = "all" if plan.tokens else "everything"
    return Answer(tuple, 0, {name: {} for name in plan.facets}, lambda: None, True, Matched(how))


def most_first(counts: Mapping[str, int]) -> dict[str, int]:
    """The most frequent values first, then by name."""
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def parts_of(score: float, parts: Sequence[Part], newer: float, rest: str) -> tuple[Part, ...]:
    """All parts of a score: those of its words, then the `rest`, then what recency takes.

    newer: the factor of recency, 1 without it.  Parts that round to nothing are left out.
    """
    whole = score / newer
    found = [*parts, Part(rest, whole - sum(part.score for part in parts)), Part("newer", score - whole)]
    return tuple(part for part in found if abs(part.score) >= 0.0005)


class Writer(Protocol):
    """Adds, replaces and deletes articles: see `Index.writer`."""

    added: int
    replaced: int
    deleted: int
    refused: list[ReadError]  # articles that could not be stored

    def add(self, article: Article) -> None:
        """Adds an article; one of the same id is replaced."""

    def add_all(self, articles: Iterable[Article]) -> None:
        """Adds several articles.  Where one cannot be added there is an error, and those before it stay added."""

    def delete(self, id: str) -> bool:
        """Deletes the article of this id.  Returns whether there was one."""

    def commit(self, *, optimize: bool = False) -> None:
        """Makes everything since the last commit visible and ends the writer; optimize: merges all segments, too."""

    def rollback(self) -> None:
        """Forgets everything since the last commit and ends the writer."""

    def __enter__(self) -> "Writer": ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None: ...


class Engine(Protocol):
    """What `Index` asks of an engine; each method means what the method of `Index` says."""

    def writer(
        self, *, timeout: float, workers: int, memory_mb: int | None = None, rebuild: bool = False
    ) -> Writer: ...

    def search(self, plan: Plan, *, after: str | None = None, collapse: bool = False) -> Answer:
        """The matches of a plan; after: the cursor of the page before; collapse: one match a story."""

    def cut(self, terms: Sequence[Term]) -> list[int]:
        """How many of these terms, which stand in a row in a query, make each word; as the index's words are."""

    def spell(self, words: Sequence[str]) -> Sequence[tuple[str, float]]:
        """How each of these words, which stand in a row in a query, is spelled where it was typed without marks, and
        how probable that is; 0 for what is not read.
        """

    def get(self, id: str) -> Article | None: ...

    def __len__(self) -> int: ...

    def articles(self) -> Iterator[Article]:
        """Every article of the index, in no particular order."""

    def frequencies(self, words: Collection[str]) -> tuple[int, Mapping[str, int]]:
        """(how many documents there are, in how many of them each of the words occurs); terms with blanks."""

    def has(self, word: str) -> bool:
        """Whether an article has this very word."""

    def complete(self, prefix: str, limit: int) -> list[str]: ...

    def suggest(self, text: str) -> str | None:
        """A better spelling of a query, whether or not it finds something."""

    def read(self, text: str) -> "Reading | None":
        """What a query means word for word: see `suggest.reading.read`."""

    def stats(self) -> dict[str, Any]: ...

    def verify(self) -> Verification: ...

    def optimize(self) -> None: ...

    def backup(self, path: Path) -> None: ...

    def close(self) -> None:
        """Frees files and connections; rows that were answered stay readable as far as they need neither."""
