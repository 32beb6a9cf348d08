"""What a query is looked for by: the records that `planner` makes and both engines read.

Matching: an article has to have every word of a query (`Words`).

Ranking, per token as it was typed: a token with marks is looked up exactly, and its other accents
count a tenth; a token without marks is looked up in the folded view.  How the tokens stand together ranks
what they find (`Together`); an abbreviation and its long form stand for each other.
"""

from collections.abc import Callable, Sequence
from datetime import date
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from msgspec import Struct

from ..text.edit_distance import within
from ..text.tokenize import Token
from . import patterns, periods, syntax

if TYPE_CHECKING:
    from ..arrays import Array


Fields: TypeAlias = tuple[str, ...]
ALL_FIELDS: Fields = ("title", "lead", "body")


class Term(NamedTuple):
    """A term of the index, in the accented view (exact) or the folded one."""

    text: str
    exact: bool


class Has(Struct, frozen=True):
    """The term in any of the fields.

    `others`: what the same syllable with other marks counts, where the term itself does not occur.
    `instead`: the words that the term, an abbreviation, stands for.  Then its score has the sum of their idf in place
    of its own, and only what it is worth beyond them is added: a document gets the better of the two.
    """

    term: Term
    fields: Fields = ALL_FIELDS
    weight: float = 1.0
    others: float = 0.0
    instead: tuple["Has", ...] = ()


class InOrder(Struct, frozen=True):
    """The terms at adjacent positions of one field, with at most `slop` other positions between."""

    terms: tuple[Term, ...]
    slop: int = 0
    fields: Fields = ALL_FIELDS
    weight: float = 1.0

    @property
    def is_pair(self) -> bool:
        """Two terms side by side, in any field."""
        return len(self.terms) == 2 and not self.slop and self.fields == ALL_FIELDS


class Together(Struct, frozen=True, cache_hash=True):
    """The words of a query: what has them side by side, near one another, early or in the title ranks higher.

    Only a boost of the whole query; it matches nothing, and elsewhere it is worth nothing.
    weights: what each term counts.  pairs: numbers of the terms that stand side by side in the query.
    instead: abbreviations and the numbers of the terms that stand where they do.
    asks: whether they are a question, which one sentence may answer.
    """

    terms: tuple[Term, ...]
    weights: tuple[float, ...]
    pairs: tuple[tuple[int, int], ...]
    fields: Fields = ALL_FIELDS
    instead: tuple[tuple[Term, tuple[int, ...]], ...] = ()
    asks: bool = False


class StartsWith(Struct, frozen=True):
    """Any term that begins so."""

    prefix: Term
    fields: Fields = ALL_FIELDS
    weight: float = 1.0


class Fuzzy(Struct, frozen=True):
    """Any term within `edits` letters; the first letter is kept."""

    term: Term
    edits: int
    fields: Fields = ALL_FIELDS
    weight: float = 1.0


class Like(Struct, frozen=True):
    """Any term that has these letters: "?" stands for one, "*" for any number."""

    pattern: Term
    fields: Fields = ALL_FIELDS
    weight: float = 1.0


class Tagged(Struct, frozen=True):
    """Any of the values in a filter column: provinces, topics or source."""

    column: str
    values: frozenset[str]


class Published(Struct, frozen=True):
    """Published in a period, both ends included."""

    period: periods.Period


class Words(Struct, frozen=True, cache_hash=True):
    """Words side by side.  An article matches that has every word as it was typed; where no article has, every word
    in any accents.

    every: one node a word.
    ranked: what is scored, the terms in the words.  boosts: what ranks higher what matches.
    names: the words as typed, parallel to `every`.
    nearest: where few articles have every word, those that score nearly as well as the best match too.
    wider: `every` with other words for the same, where few articles have the words as typed; () if there are none.
    read: whether words typed without marks were read, so that what is scored is not surely what was meant.
    """

    every: tuple["Node", ...]
    ranked: tuple["Node", ...]
    boosts: tuple["Node", ...]
    names: tuple[str, ...]
    nearest: bool
    wider: tuple["Node", ...] = ()
    read: bool = False


class AllOf(Struct, frozen=True):
    """Every node matches; scores are added."""

    nodes: tuple["Node", ...]


class AnyOf(Struct, frozen=True):
    """Some node matches; scores are added."""

    nodes: tuple["Node", ...]


class Ranked(Struct, frozen=True):
    """All of `must`, none of `without`, and any of `should` (at least one where `must` is empty).

    `boosts` add to the score of what matches anyway.
    """

    must: tuple["Node", ...] = ()
    should: tuple["Node", ...] = ()
    without: tuple["Node", ...] = ()
    boosts: tuple["Node", ...] = ()


class Chosen(Struct, frozen=True, eq=False):
    """Documents in the place of words, once it is decided what they match.

    sets: those of each segment, live ones alone.  known: their scores, boosts included, parallel to `sets` (ascending
    numbers then); () where they are still to be scored.  worth: of each of the words' boosts, with known scores
    (`ranking.proximity.Worth`).
    """

    words: Words
    sets: tuple["Array", ...]
    known: tuple["Array", ...] = ()
    worth: Sequence[object] = ()


class Having(Struct, frozen=True, eq=False):
    """What matches all of `nodes` in the place of words, where documents have no numbers or are not yet found.

    Once their scores are known, articles by their ids, with scores, boosts included.
    """

    words: Words
    nodes: tuple["Node", ...] = ()
    known: tuple[tuple[str, float], ...] = ()


Node: TypeAlias = (
    Has
    | InOrder
    | Together
    | StartsWith
    | Fuzzy
    | Like
    | Tagged
    | Published
    | Words
    | Chosen
    | Having
    | AllOf
    | AnyOf
    | Ranked
)
Settled: TypeAlias = Chosen | Having
Cut: TypeAlias = Callable[[Sequence[Term]], list[int]]  # terms in a row -> how many each word has
Filter: TypeAlias = Tagged | Published
FILTERS = (Tagged, Published)


class Mark(NamedTuple):
    """What snippets mark: a term, all that begin with it, or all within `edits` letters of it.

    A term with marks means itself, one without all its accents.  Places that follow one another
    (`position`) stand side by side in the query.
    """

    term: str
    position: int
    prefix: bool = False
    edits: int = 0
    pattern: bool = False

    @property
    def is_range(self) -> bool:
        """Whether many words may be meant."""
        return self.prefix or self.pattern or self.edits > 0

    def fits(self, form: str) -> bool:
        """Whether a word, folded where the term has no marks, is among the many."""
        if self.pattern:
            return patterns.compiled(self.term).fullmatch(form) is not None
        return form.startswith(self.term) if self.prefix else within(self.term, form, self.edits)


class Plan(Struct, frozen=True, cache_hash=True):
    """Everything that a search engine needs to know."""

    match: Node | None  # None: every article
    filters: tuple[Filter, ...]
    tokens: tuple[Token, ...]  # of the query's words in order, as typed
    equivalents: tuple[tuple[str, ...], ...]  # what else is marked: abbreviations and long forms, in terms
    ranges: tuple[Mark, ...]  # and prefixes and fuzzy words
    sort: str
    limit: int
    offset: int
    facets: tuple[str, ...]
    recency: date | None = None  # newer articles rank higher, their age counted from this day
    any_word: bool = False  # words match where any of them does, as match="any" says
    also: tuple[tuple[str, str], ...] = ()  # words as typed, and another word for the same that is looked for too
    read_as: tuple[str, ...] = ()  # rows of words with those typed without marks as they were read, for ranking

    @property
    def marked(self) -> list[Mark]:
        """What snippets mark.

        Positions tell what stood side by side, so each run of words begins a good way after the previous one.
        """
        runs = [Mark(token.term, token.position) for token in self.tokens]
        for number, words in enumerate(dict.fromkeys(self.equivalents), 1):
            base = number * 2 * syntax.LONGEST_QUERY
            runs += [Mark(word, base + at) for at, word in enumerate(words)]
        return runs + [mark._replace(position=-2 * n) for n, mark in enumerate(self.ranges, 1)]


def filtered(node: Node | None) -> set[str]:
    """The fields of an article that a node wants a value in."""
    match node:
        case Tagged(column):
            return {column}
        case Published():
            return {"published"}
        case AllOf(nodes) | AnyOf(nodes):
            return set().union(*map(filtered, nodes))
        case Ranked(must, should):
            return set().union(*map(filtered, (*must, *should)))
        case _:
            return set()
