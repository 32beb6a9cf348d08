"""Plan -> matching documents, best first.

`ranking.matching` decides what the words of the query match, over all segments, before any filter.
`segment_searcher` finds which documents of each segment match, and the best of them by their words.  The best over all
segments are examined for how their words stand together (`ranking.proximity`).  The page is the best of these.
"""

import math
from collections.abc import Sequence
from functools import cached_property
from itertools import chain, pairwise
from typing import NamedTuple, cast

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from ..arrays import Array, distinct, nth
from ..article import DAY
from ..cache import Cache
from ..deadline import Late, check_time, in_time, seconds_left
from ..index.folder import Snapshot
from ..query import plan as p
from ..query import words
from ..query.matched import EVERYTHING, Matched
from ..query.plan import Plan
from ..ranking import matching
from ..ranking.bm25f import idf
from ..ranking.proximity import Worth, score
from ..ranking.recency import factors
from ..ranking.spellings import Spelled, Spellings, Word, neighbours
from ..suggest.cooccurrence import Context
from ..text.tokenize import folded_term
from .counts import Sets
from .docsets import as_numbers, size_of
from .plain_store import PlainStore
from .segment_searcher import SegmentSearcher
from .terms import TermLookup

_LONG_PAGE = 1_000  # hits, up to the end of the page; a shorter one is made whatever the time
_GATHERED, _GATHERED_IN_TIME = 1 << 22, 1 << 16  # positions of documents whose words are gathered at once
_NO_MOMENT = 1 << 33  # moments are below
_ANSWERS = 3 << 20  # bytes of pages that were found, as the same is asked again and again
_KEPT = 4 << 20  # bytes of what words are, match and filters let through, as people page and filter


class Match(Struct, frozen=True):
    """One matching document: number of its segment, number in it."""

    segment: int
    document: int
    score: float


class Found(NamedTuple):
    """The asked page of matches, how many there are, and which they are (a set for each segment).

    partial: the deadline passed before all was examined.
    worth: of each boost by words that stand together, what its words are worth.
    """

    page: list[Match]
    total: int
    sets: list[Array]
    partial: bool = False
    worth: Sequence[Worth] = ()
    matched: Matched = EVERYTHING


class Settled(NamedTuple):
    """What the words of a plan match, and how."""

    match: p.Node | None
    matched: Matched
    nbytes: int


class Engine:
    """Runs plans over one snapshot.  Threads share it: nothing but caches changes."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.documents = sum(segment.documents for segment in snapshot.segments)
        self._positions = width = sum(int(segment.width.sum(dtype=np.int64)) for segment in snapshot.segments)
        self.kept, self._answers = Cache(_KEPT), Cache(_ANSWERS)
        stores = [segment.store or PlainStore(segment) for segment in snapshot.segments]
        self.lookup = TermLookup(snapshot.segments, stores, self.documents)
        mean = width / max(self.documents, 1)
        self.segments = [
            SegmentSearcher(segment, store, self.lookup, number, mean, gone, self.kept)
            for number, (segment, store, gone) in enumerate(
                zip(snapshot.segments, stores, snapshot.deleted, strict=True)
            )
        ]

    @cached_property
    def context(self) -> Context:
        """Which syllables stand beside one another."""
        return Context(self.snapshot.segments)

    def run(self, plan: Plan) -> Found:
        """The matches of a plan; ties go to the newer article, then to the smaller id."""
        return self._answers.get(plan, lambda: self._run(plan), _nbytes)

    def _run(self, plan: Plan) -> Found:
        try:
            settled = self.settled(plan)
        except Late:
            sets = [np.empty(0, np.int64)] * len(self.segments)
            return Found([], 0, sets, partial=True, matched=Matched("all" if plan.tokens else "everything"))
        found = self.run_settled(replace(plan, match=settled.match))
        return found._replace(sets=found.sets if plan.facets else [], matched=settled.matched)

    def settled(self, plan: Plan) -> "Settled":
        """What the words of a plan match; kept, as people page and filter.  Raises Late."""
        key = "settled", plan.match, plan.any_word, bool(plan.tokens)  # all that `settle` asks about
        return self.kept.get(key, lambda: self._settle(plan), lambda found: found.nbytes)

    def _settle(self, plan: Plan) -> "Settled":
        sets = Sets(self.segments, self.best)
        plan, matched = matching.settle(plan, sets)
        return Settled(plan.match, matched, 5_000 + sets.nbytes)

    def run_settled(self, plan: Plan) -> Found:
        """What a plan finds that has no `Words`."""
        wanted = plan.offset + plan.limit
        relevance = plan.sort == "relevance" and plan.match is not None
        boosted = plan.match if relevance and isinstance(plan.match, p.Ranked) and plan.match.boosts else None
        recency = plan.recency if relevance else None
        number = max(matching.BEST, wanted) if (boosted or recency) and wanted else wanted
        worth = cast(Sequence[Worth], plan.match.worth) if isinstance(plan.match, p.Chosen) else ()
        found, partial = [], False
        for segment in self.segments:
            try:
                found.append(segment.search(plan, number, relevance))
            except Late:
                partial = True
                found.append((np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.float32)))
        sets = [matches for matches, _, _ in found]
        total = sum(map(size_of, sets))
        if not found or not plan.limit:
            return Found([], total, sets, partial)
        if len(found) == 1:
            _, documents, scores = found[0]
            numbers = np.zeros(len(documents), np.int64)
        else:
            numbers = np.repeat(np.arange(len(found)), [len(documents) for _, documents, _ in found])
            documents = np.concatenate([documents for _, documents, _ in found])
            scores = np.concatenate([scores for _, _, scores in found])
        if (boosted or recency) and len(scores):
            if len(scores) > number:
                best = self._first(numbers, documents, scores, number)
                numbers, documents, scores = numbers[best], documents[best], scores[best]
            if boosted and not partial:
                by_words = scores.copy()
                try:
                    worth = self.boost(boosted.boosts, numbers, documents, scores)
                except Late:
                    partial, scores = True, by_words
            if recency:
                scores *= factors(self._moments(numbers, documents) // DAY, recency)
        try:
            page = self._page(plan, numbers, documents, scores)
        except Late:
            page, partial = [], True
        return Found(page, total, sets, partial, worth)

    def _page(self, plan: Plan, numbers: Array, documents: Array, scores: Array) -> list[Match]:
        """The asked page of these; raises Late where it is a long one."""
        order = self._order(plan, numbers, documents, scores)[plan.offset :]
        found = zip(*(column.take(order).tolist() for column in (numbers, documents, scores)), strict=True)
        return [Match(*match) for match in (in_time(found) if len(order) > _LONG_PAGE else found)]

    def best(
        self, nodes: Sequence[p.Node], boosts: Sequence[p.Node], sets: Sequence[Array]
    ) -> tuple[Array, Array, Array, Array, Sequence[Worth]]:
        """The best documents by what any of the nodes and the boosts add, and all of the sets.

        Returns columns (number of the segment, document, score, whether it is in the sets), and the boosts' worth.
        """
        none = np.empty(0, np.int64)
        columns = [(none, none, none.astype(np.float32), none.astype(bool))]
        for number, (segment, own) in enumerate(zip(self.segments, sets, strict=True)):
            own = as_numbers(own)
            documents, scores = segment.best(nodes, matching.CANDIDATES)
            if len(own):
                documents = distinct(np.sort(np.concatenate((documents, own))))
                scores = segment.scores(nodes, documents)
            in_sets = np.zeros(len(documents), bool)
            in_sets[documents.searchsorted(own)] = True
            columns.append((np.full(len(documents), number), documents, scores, in_sets))
        numbers, documents, scores, among = (np.concatenate(column) for column in zip(*columns, strict=True))
        if len(scores) > matching.CANDIDATES:
            kept = among.copy()
            kept[self._first(numbers, documents, scores, matching.CANDIDATES)] = True
            numbers, documents, scores, among = (column[kept] for column in (numbers, documents, scores, among))
        worth = self.boost(boosts, numbers, documents, scores) if len(scores) else []
        return numbers, documents, scores, among, worth

    def boost(self, boosts: Sequence[p.Node], numbers: Array, documents: Array, scores: Array) -> list[Worth]:
        """Adds what the boosts are worth to the scores by words of the best documents, those of a segment together."""
        together = [boost for boost in boosts if isinstance(boost, p.Together)]
        others = [boost for boost in boosts if not isinstance(boost, p.Together)]
        parts = [(self.segments[0], 0, documents)]
        if len(self.segments) > 1:
            bounds = numbers.searchsorted(np.arange(len(self.segments) + 1)).tolist()
            parts = [
                (segment, begin, documents[begin:end])
                for segment, begin, end in zip(self.segments, bounds, bounds[1:], strict=False)
                if begin < end
            ]
        sample = np.zeros(len(scores), np.float32)
        if len(scores) > matching.BEST:  # whatever page is requested, the same are judged by
            sample[self._first(numbers, documents, scores, matching.BEST)] = 1
        else:
            sample.fill(1)
        known: list[Worth] = []
        most = _GATHERED if math.isinf(seconds_left()) else _GATHERED_IN_TIME
        for node in together:
            check_time()
            resolved, spellings = [self.lookup.resolve(term) for term in node.terms], self._spellings(node)
            found, places = [], []
            for segment, begin, own in parts:
                for at in segment.batches(own, most):
                    places.append(slice(begin + at.start, begin + at.stop))
                    found.append((segment.occurrences(node, resolved, spellings, own[at]), sample[places[-1]]))
            more, worth = score(node, [word.idf for word in resolved], spellings, found)
            known.append(worth)
            for place, own_more in zip(places, more, strict=True):
                scores[place] += own_more
        for segment, begin, own in parts if others else ():
            scores[begin : begin + len(own)] += segment.scores(others, own)
        return known

    def _first(self, numbers: Array, documents: Array, scores: Array, number: int) -> Array:
        """Which are the best, of equal ones the newer, and all that equal the last of them; ascending."""
        keys = self._keys(numbers, documents, scores)
        best: Array = (keys >= nth(keys, number)).nonzero()[0]
        return best

    def _spellings(self, node: p.Together) -> Spellings | None:
        """Possible spellings of the node's unmarked words that have a neighbour in the query."""
        if all(term.exact for term in node.terms):
            return None
        spelled = [None if term.exact else self._spelled(term) for term in node.terms]
        beside = neighbours(node.pairs)
        spelled_words = [
            Word(n, one.idf, *beside[n])
            for n, one in enumerate(spelled)
            if one is not None and len(one.idf) > 1 and n in beside
        ]
        if not spelled_words:
            return None
        stride = max(len(one.idf) for one in spelled if one is not None) + 1
        if len(self.segments) == 1:
            return Spellings(spelled_words, stride, None)
        tables = []
        for number in range(len(self.segments)):
            also = sum(len(self.lookup.resolve(short).terms[number]) for short, _ in node.instead)
            widest = max(len(one.numbers[number]) for one in spelled if one is not None) + also + 1
            table = np.repeat(np.arange(1, len(spelled) + 1) * stride - 1, widest).reshape(-1, widest)
            for n, one in enumerate(spelled):
                if one is not None:
                    table[n, : len(one.numbers[number])] = n * stride + one.numbers[number]
            tables.append(table)
        return Spellings(spelled_words, stride, tables)

    def _spelled(self, term: p.Term) -> Spelled:
        """The spellings of a folded term."""
        return self.kept.get(("spelled", term), lambda: self._spell(term), lambda found: 500 + 100 * len(found.idf))

    def _spell(self, term: p.Term) -> Spelled:
        terms = self.lookup.resolve(term).terms
        segments = self.snapshot.segments
        if len(segments) == 1:  # no name is read
            numbers: tuple[Array, ...] = (np.arange(len(terms[0])),)
        else:
            names = [[segment.terms[n] for n in mine] for segment, mine in zip(segments, terms, strict=True)]
            number = {name: n for n, name in enumerate(dict.fromkeys(chain.from_iterable(names)))}
            numbers = tuple(np.array([number[name] for name in mine], np.int64) for mine in names)
        df = np.zeros(max(int(own.max(initial=-1)) + 1 for own in numbers))
        for segment, mine, own in zip(segments, terms, numbers, strict=True):
            df[own] += segment.df[np.array(mine, np.int64)]
        return Spelled([idf(self.lookup.documents, n) for n in df.tolist()], numbers)

    def _order(self, plan: Plan, numbers: Array, documents: Array, scores: Array) -> Array:
        """Which are on the page or before it, best first; of those with equal keys the smaller id first."""
        wanted, segments = plan.offset + plan.limit, self.snapshot.segments
        keys = self._keys(numbers, documents, scores, oldest=plan.sort == "oldest")
        order: Array = (~keys).argsort()
        keys = keys.take(order)
        differs = keys[1:] != keys[:-1]
        if not differs[:wanted].all():
            begins = differs.nonzero()[0] + 1
            equal = pairwise([0, *begins[: begins.searchsorted(wanted) + 1].tolist(), len(order)])
            for begin, end in in_time(equal) if wanted > _LONG_PAGE else equal:
                if end - begin > 1 and begin < wanted:
                    order[begin:end] = sorted(
                        order[begin:end], key=lambda n: segments[numbers[n]].ids[int(documents[n])]
                    )
        return order[:wanted]

    def _keys(self, numbers: Array, documents: Array, scores: Array, *, oldest: bool = False) -> Array:
        """A number for each document, greater for what comes first: by score, then by minute, without one last."""
        moments = self._moments(numbers, documents)
        if oldest:
            moments = np.where(moments == 0, 0, _NO_MOMENT - moments)
        keys: Array = scores.view(np.int32).astype(np.int64)  # no score is below 0, and such floats ascend as bits do
        keys -= 1 << 30  # a score has 31 bits and a moment 33: all that there are, the sign among them
        keys <<= 33
        keys += moments
        return keys

    def _moments(self, numbers: Array, documents: Array) -> Array:
        """When each document was published, to the minute."""
        if len(self.segments) == 1:
            return self.snapshot.segments[0].moment.take(documents)
        moments = np.zeros(len(documents), np.int64)
        for number, segment in enumerate(self.snapshot.segments):
            mine = numbers == number
            moments[mine] = segment.moment[documents[mine]]
        return moments

    # -- words of the query ---------------------------------------------------------------------------------

    def cut(self, terms: Sequence[p.Term]) -> list[int]:
        """How many syllables each word of a query has; kept, as people page and filter."""
        key = tuple(terms)
        return self.kept.get(("cut", key), lambda: self._cut(key), lambda sizes: 200 * (len(sizes) + 1))

    def _cut(self, terms: tuple[p.Term, ...]) -> list[int]:
        syllables = [folded_term(term.text) for term in terms]
        counts = self._word_counts(terms, syllables) if 1 < len(terms) <= words.MOST_CUT else {}
        df = [self.lookup.resolve(term).df for term in terms]
        sizes = words.cut(syllables, df, counts, max(self._positions, 1))
        return words.joined(syllables, sizes, lambda at: self._go_together(terms[at], terms[at + 1]))

    def _go_together(self, first: p.Term, second: p.Term) -> bool:
        """Whether two syllables mostly stand side by side where a document has both; of many such, some are read."""
        beside, both = 0.0, 0
        for segment in self.segments:
            documents = as_numbers(segment.match(p.AllOf((p.Has(first), p.Has(second)))))
            some = documents[:: -(-len(documents) // words.MOST_COMPARED) or 1]
            found = segment.having((p.InOrder((first, second)),), some)
            beside += len(found) * len(documents) / max(len(some), 1)
            both += len(documents)
        return words.go_together(beside, both, exact=first.exact and second.exact)

    def _word_counts(self, terms: tuple[p.Term, ...], syllables: Sequence[str]) -> dict[tuple[int, int], int]:
        """In how many documents the terms from one to before another are one word, where they are."""
        counts: dict[tuple[int, int], int] = {}
        for segment in self.snapshot.segments:
            for begin, end, first, last in segment.words_among(syllables, words.LONGEST_WORD):
                exact = [(at, term.text) for at, term in enumerate(terms[begin:end]) if term.exact]
                for number in range(first, last):
                    if not exact or all(segment.words[number].split(" ")[n] == text for n, text in exact):
                        counts[begin, end] = counts.get((begin, end), 0) + int(segment.word_df[number])
        return counts


def _nbytes(found: Found) -> int | None:
    """What an answer takes; None: it is not to be kept, since it is not whole."""
    if found.partial:
        return None
    return 4_000 + 200 * len(found.page) + sum(matches.nbytes for matches in found.sets)
