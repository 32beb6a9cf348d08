"""What a search gives back: `Results`, its hits, and what is read and marked when it is requested."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING, Any

from .article import Article
from .deadline import Deadline, in_time
from .printable import printable, shown

if TYPE_CHECKING:
    from .engine import Answer, Part, Row
    from .ingest.reasons import Reason
    from .present.marker import Marker
    from .present.snippet import Snippet
    from .query.matched import How
    from .query.plan import Plan


_SHOWN_TOGETHER = 10  # hits whose articles are read and marked once one of them is shown


class _Page:
    """What the hits of a search share: how matches are marked, for several hits at once."""

    def __init__(self, rows: "Sequence[Row]", asked: "Plan", snippet_chars: int, deadline: Deadline) -> None:
        self._rows, self._asked, self._snippet_chars, self._deadline = rows, asked, snippet_chars, deadline
        self._articles: dict[int, Article] = {}
        self._shown: dict[int, tuple[Snippet, Snippet]] = {}

    def article(self, number: int) -> Article:
        """The article of the hit of this number; read at most once."""
        if number not in self._articles:
            self._articles[number] = self._rows[number].article()
        return self._articles[number]

    def shown(self, number: int) -> "tuple[Snippet, Snippet]":
        """Title and snippet of a hit; made with those of its neighbours."""
        if number not in self._shown:
            first = number - number % _SHOWN_TOGETHER
            numbers = range(first, min(first + _SHOWN_TOGETHER, len(self._rows)))
            self._shown |= self._deadline.show(lambda: self._marked(numbers), lambda: self._unmarked(number))
        return self._shown[number]

    def _marked(self, numbers: Iterable[int]) -> "dict[int, tuple[Snippet, Snippet]]":
        texts = {n: (a.title, (a.lead, a.body)) for n in in_time(numbers, 1) for a in [self.article(n)]}
        return dict(zip(texts, self._marker.shown(list(texts.values()), self._snippet_chars), strict=True))

    def _unmarked(self, number: int) -> "dict[int, tuple[Snippet, Snippet]]":
        """Where there is no time to look for what matched."""
        from .present.marker import unmarked

        article = self.article(number)
        return {number: unmarked(article.title, (article.lead, article.body), self._snippet_chars)}

    @cached_property
    def _marker(self) -> "Marker":
        from .present.marker import Marker

        return Marker(self._asked.marked)

    @cached_property
    def filtered(self) -> set[str]:
        from .query.plan import filtered

        return set().union(*map(filtered, (self._asked.match, *self._asked.filters)))


@dataclass(frozen=True)
class Explanation:
    """Why an article was found; `str` gives it as text for a person, `asdict` as data.

    parts: what adds up to the score; of each `what` it is, its `score`, and the terms as which it was `found`.
    reasons: where the values that were filtered by come from; of each `field`, `value` and `why`.
    """

    score: float
    parts: "tuple[Part, ...]"
    reasons: "tuple[Reason, ...]"

    def asdict(self) -> dict[str, Any]:
        """Dictionaries and lists, as `vnsearch query --explain --json` prints them."""
        return {
            "score": self.score,
            "parts": [part._asdict() for part in self.parts],
            "reasons": [reason._asdict() for reason in self.reasons],
        }

    def __str__(self) -> str:
        lines = [f"score {self.score:.3f}"]
        for part in self.parts:
            found = f" (found: {', '.join(part.found)})" if part.found else ""
            lines.append(f"{part.score:9.3f} {part.what}{found}")
        lines += (f"{field}: {value} - {why}" for field, value, why in self.reasons)
        return "\n".join(map(printable, lines))


class Hit:
    """One found article; what it says is read when it is requested."""

    def __init__(self, row: "Row", page: _Page, number: int) -> None:
        self.score = row.score
        self.same_story = row.same_story  # ids of lower hits that tell the same, where `collapse` was requested
        self._row, self._page, self._number = row, page, number

    @cached_property
    def id(self) -> str:
        """The article's id."""
        return self._row.id()

    @cached_property
    def article(self) -> Article:
        """The article as it was added."""
        return self._page.article(self._number)

    @cached_property
    def snippet(self) -> "Snippet":
        """The sentences that answer the query best."""
        return self._page.shown(self._number)[1]

    @cached_property
    def title(self) -> "Snippet":
        """The title with what matched in it."""
        return self._page.shown(self._number)[0]

    @cached_property
    def explanation(self) -> Explanation:
        """Why it was found: the parts of the score, and what gave the article the values that were filtered by."""
        from .ingest.reasons import explain

        reasons = tuple(reason for reason in explain(self.article) if reason.field in self._page.filtered)
        return Explanation(self.score, self._row.parts(), reasons)

    def explain(self) -> str:
        """The explanation as text, for a person to read."""
        return str(self.explanation)

    def __eq__(self, other: object) -> bool:
        """Whether both are the same article's, found with the same score."""
        if not isinstance(other, Hit):
            return NotImplemented
        return (self.id, self.score, self.same_story) == (other.id, other.score, other.same_story)

    def __hash__(self) -> int:
        return hash(self.id)

    def __repr__(self) -> str:
        return f"Hit(id={self.id!r}, score={self.score:.3f})"


@dataclass(frozen=True, eq=False, repr=False)
class Results:
    """What a search found: the asked page of `hits` out of `total` matches.

    Iterating and `len` are over the page's hits.  Two are equal where they found the same, however long it took.

    took: seconds; hits are not yet read by then.
    facets: facet -> value -> number of matches with it, most frequent first.
    partial: `timeout_ms` was over before all was examined; total, hits and facets are of a part of the index, a facet
    that was not counted is empty, and no other reading was looked for.  `timed_out` tells of what is made later, too.
    matched: how the words of the query matched: "all", every word as typed; "accents", every word in any accents, since
    no article has them as typed; "nearest", few have every word, so articles that score nearly as well as the best are
    there too; "any", any of the words, as was requested; "everything", there were no words.
    missing: words as typed that no article has, where `matched` is "nearest" or nothing was found.
    searched_as: the query as it was read, where no article has every word as typed and some have as read; else None.
    ranked_as: the words typed without marks as they were read, by which matches are ranked; None where none was read.
    What matches has the words in any accents all the same.
    """

    query: str
    total: int
    took: float
    facets: Mapping[str, Mapping[str, int]]
    partial: bool
    matched: "How"
    missing: tuple[str, ...]
    searched_as: str | None
    ranked_as: str | None
    _hits: Callable[[], tuple[Hit, ...]] = field(repr=False)
    _relaxed: Callable[[], tuple[tuple[str, int], ...]] = field(repr=False)
    _cursor: Callable[[], str | None] = field(repr=False)
    _suggest: Callable[[], str | None] = field(repr=False)
    _deadline: Deadline = field(repr=False)

    @property
    def timed_out(self) -> bool:
        """Whether `timeout_ms` was over before something was made, up to now: the results are `partial`, a title has
        no marks and a snippet is the beginning of its text, or nothing was looked for to suggest or to leave out.
        """
        return self.partial or self._deadline.has_passed

    @cached_property
    def hits(self) -> tuple[Hit, ...]:
        """The asked page, best first."""
        return self._hits()

    @cached_property
    def cursor(self) -> str | None:
        """What `after=` takes for the next page; None after the last one."""
        return self._cursor()

    @cached_property
    def suggestion(self) -> str | None:
        """A better spelling of the query that finds something under the same filters, or None; made when requested."""
        return self._suggest()

    @cached_property
    def relaxed(self) -> tuple[tuple[str, int], ...]:
        """Where nothing was found: what could be left out, a word as typed or a filter's argument, and how many
        articles there are then; the most first.  Empty where something was found or nothing helps.
        """
        return self._relaxed()

    def __iter__(self) -> Iterator[Hit]:
        return iter(self.hits)

    def __len__(self) -> int:
        return len(self.hits)

    def _found(self) -> tuple[object, ...]:
        return self.query, self.total, self.partial, self.matched, self.missing, self.searched_as, self.hits

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Results):
            return NotImplemented
        return self._found() == other._found() and self.facets == other.facets

    def __hash__(self) -> int:
        return hash(self._found())

    def __repr__(self) -> str:
        page = f"{len(self.hits)} of {self.total:,}{' or more' * self.partial}"
        return f"<Results {page} for {shown(self.query)}, {self.took * 1000:.1f} ms>"

    def _repr_html_(self) -> str:
        """What a notebook shows: the hits with what matched in them, everything of the articles escaped."""
        rows = "".join(map(_html_row, self.hits))
        return f"<p>{_html(repr(self))}</p><ol>{rows}</ol>"


def _html(text: str) -> str:
    return escape(printable(text))


def _html_row(hit: Hit) -> str:
    about = " · ".join(filter(None, (hit.id, hit.article.source, str(hit.article.published or ""))))
    return f"<li><b>{hit.title.html()}</b><br>{hit.snippet.html()}<br><small>{_html(about)}</small></li>"


def hits_of(found: "Answer", asked: "Plan", deadline: Deadline, snippet_chars: int = 240) -> tuple[Hit, ...]:
    rows = found.page()
    page = _Page(rows, asked, snippet_chars, deadline)
    return tuple(Hit(row, page, number) for number, row in enumerate(rows))
