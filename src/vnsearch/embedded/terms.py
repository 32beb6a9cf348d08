"""The terms that a query's words stand for in each segment, and how rare they are over all of them."""

import re
from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

from ..deadline import check_time, in_time
from ..errors import QueryError
from ..index.segment_reader import Segment
from ..query import patterns
from ..query import plan as p
from ..ranking.bm25f import idf
from ..text.edit_distance import within
from ..text.tokenize import folded_term
from .plain_store import AnyStore

Terms: TypeAlias = tuple[int, ...]  # numbers of terms that count as one: a group
What: TypeAlias = p.Term | p.StartsWith | p.Fuzzy | p.Like

_MOST_EXPANSIONS = 10_000  # terms that one prefix or fuzzy word may stand for
_MOST_RESOLVED = 10_000  # words whose terms and idf are kept


class Resolved(NamedTuple):
    """For each segment the numbers of the terms that count as one; in how many documents of all segments one of them
    is, deleted ones too, and their idf.
    """

    terms: tuple[Terms, ...]
    df: int
    idf: float


class TermLookup:
    """Looks words up in the dictionaries of all segments."""

    def __init__(self, segments: Sequence[Segment], stores: Sequence[AnyStore], documents: int) -> None:
        self._segments, self._stores, self.documents = segments, stores, documents
        self._resolved: dict[object, Resolved] = {}

    def resolve(self, what: What, *, folded: bool = False) -> Resolved:
        """What a term, or a node of many, stands for in each segment; folded: with all its accents."""
        key = (what, folded)
        known = self._resolved.get(key)
        if known is None:
            check_time()
            if len(self._resolved) >= _MOST_RESOLVED:
                self._resolved.clear()
            terms = tuple(tuple(_numbers(segment, what, folded)) for segment in self._segments)
            df = sum(
                self._df(segment, store, own)
                for segment, store, own in zip(self._segments, self._stores, terms, strict=True)
            )
            known = self._resolved[key] = Resolved(terms, df, idf(self.documents, df))
        return known

    def _df(self, segment: Segment, store: AnyStore, terms: Terms) -> int:
        if len(terms) == 1:
            return int(segment.df[terms[0]])
        return store.size(terms) if terms else 0


def _numbers(segment: Segment, what: What, folded: bool) -> Sequence[int]:
    """The terms of a segment that these are."""
    match what:
        case p.Term(text, exact):
            if exact and not folded:
                number = segment.find(text)
                return () if number is None else (number,)
            return segment.find_folded(folded_term(text))
        case p.StartsWith(prefix):
            found = segment.starting_with(prefix.text, exact=prefix.exact)
            if len(found) > _MOST_EXPANSIONS:
                raise QueryError(
                    f'"{prefix.text}*" stands for more than {_MOST_EXPANSIONS} words', hint="write more of its letters"
                )
            return found
        case p.Like(pattern):
            return _like(segment, pattern)
        case p.Fuzzy(term, edits):
            text = term.text if term.exact else folded_term(term.text)
            near = segment.starting_with(text[:1], exact=term.exact)
            name = segment.terms.__getitem__ if term.exact else (lambda n: folded_term(segment.terms[n]))
            return [n for n in in_time(near) if within(text, name(n), edits)]


def _like(segment: Segment, pattern: p.Term) -> Sequence[int]:
    """The terms of a pattern: among those that have the longest of its parts without open letters."""
    part = max(re.split(r"[?*]", pattern.text), key=len)
    fits = patterns.compiled(pattern.text).fullmatch
    texts = segment.terms if pattern.exact else segment.folded
    found = [number for number, text in in_time(texts.having(part)) if fits(text)]
    if not pattern.exact:
        found = [number for folded in found for number in segment.folding_to(folded)]
    if len(found) > _MOST_EXPANSIONS:
        raise QueryError(f'"{pattern.text}" stands for more than {_MOST_EXPANSIONS} words', hint="write more letters")
    return found
