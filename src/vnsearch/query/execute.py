"""Plan -> matching documents, best first.

Two stages.  `_Segment.match` finds which documents match (a set).  Scores are exact, but only for
candidates: where every match is one (AND, phrases), all of them; where words are only ranked (OR), the
best by one-byte impacts, which bound the true scores from above.
"""

import math
from collections.abc import Iterable, Sequence
from datetime import date
from functools import cached_property, reduce
from typing import NamedTuple, TypeAlias

import numpy as np

from ..errors import QueryError
from ..index.container import Array
from ..index.folder import Snapshot
from ..text.tokenize import folded_term
from . import plan as p
from .context import Context
from .plan import Plan
from .postings import K1, Cache, Group, Postings
from .sets import as_mask, as_numbers, intersect, size_of

_Places: TypeAlias = dict[tuple[int, ...], Array]  # group -> document << 32 | position of its occurrences

CANDIDATES = 192  # documents of a segment that are scored exactly when words are only ranked
BOOSTED = 96  # of these, how many are looked at for pairs of words
_MOST_RESOLVED = 50_000  # words whose terms and idf are kept
_MOST_EXPANSIONS = 10_000  # terms that one prefix or fuzzy word may stand for
_PEAK = 128  # documents of which the best one is looked at first


class Match(NamedTuple):
    """One matching document: number of its segment, number in it."""

    segment: int
    document: int
    score: float


class Found(NamedTuple):
    """The asked page of matches, how many there are, and which they are (a set for each segment)."""

    page: list[Match]
    total: int
    sets: list[Array]


class Engine:
    """Runs plans over one snapshot.  Threads share it: nothing but caches changes."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.documents = sum(segment.documents for segment in snapshot.segments)
        width = sum(int(segment.width.sum(dtype=np.int64)) for segment in snapshot.segments)
        cache = Cache()
        mean = width / max(self.documents, 1)
        self._segments = [
            _Segment(self, number, Postings(segment, mean, cache), gone)
            for number, (segment, gone) in enumerate(zip(snapshot.segments, snapshot.deleted, strict=True))
        ]
        self._resolved: dict[object, Resolved] = {}

    @cached_property
    def context(self) -> Context:
        """Which syllables stand beside one another."""
        return Context(self.snapshot.segments)

    def run(self, plan: Plan) -> Found:
        """The matches of a plan; ties go to the newer article, then to the smaller id."""
        wanted = plan.offset + plan.limit
        relevance = plan.sort == "relevance" and plan.match is not None
        total, sets, best = 0, [], []
        for number, segment in enumerate(self._segments):
            matches, documents, scores = segment.search(plan, wanted, relevance)
            total += size_of(matches)
            sets.append(matches)
            best.append((np.full(len(documents), number), documents, scores))
        if not best or not plan.limit:
            return Found([], total, sets)
        numbers, documents, scores = (np.concatenate(parts) for parts in zip(*best, strict=True))
        order = self._order(plan, numbers, documents, scores)[plan.offset : wanted]
        page = [Match(int(numbers[i]), int(documents[i]), float(scores[i])) for i in order]
        return Found(page, total, sets)

    def _order(self, plan: Plan, numbers: Array, documents: Array, scores: Array) -> list[int]:
        days = np.zeros(len(documents), np.int64)
        for number, segment in enumerate(self.snapshot.segments):
            mine = numbers == number
            days[mine] = segment.day[documents[mine]]
        by_day = np.where(days == 0, np.iinfo(np.int64).max, days if plan.sort == "oldest" else -days)
        keys = -scores if plan.sort == "relevance" else np.zeros(len(scores))
        order = np.lexsort((by_day, keys)).tolist()
        return self._by_id(
            order[: plan.offset + plan.limit + _ties(order, keys, by_day, plan)], numbers, documents, keys, by_day
        )

    def _by_id(self, order: list[int], numbers: Array, documents: Array, keys: Array, days: Array) -> list[int]:
        """Runs of equal score and day in order of id."""
        segments = self.snapshot.segments

        def key(i: int) -> tuple[float, int, str]:
            return float(keys[i]), int(days[i]), segments[numbers[i]].ids[int(documents[i])]

        at = 0
        while at < len(order):
            end = at + 1
            while end < len(order) and keys[order[end]] == keys[order[at]] and days[order[end]] == days[order[at]]:
                end += 1
            if end > at + 1:
                order[at:end] = sorted(order[at:end], key=key)
            at = end
        return order

    # -- statistics ----------------------------------------------------------------------------------------

    def resolve(self, node: "p.Has | p.StartsWith | p.Similar", *, folded: bool = False) -> "Resolved":
        """What a node stands for in each segment, `folded`: with all accents of its term."""
        key = (node.term, folded) if isinstance(node, p.Has) else node
        known = self._resolved.get(key)
        if known is None:
            if len(self._resolved) >= _MOST_RESOLVED:
                self._resolved.clear()
            terms = tuple(tuple(segment.numbers(node, folded)) for segment in self._segments)
            df = sum(segment.count(mine) for segment, mine in zip(self._segments, terms, strict=True))
            idf = math.log(1 + (self.documents - df + 0.5) / (df + 0.5))
            known = self._resolved[key] = Resolved(terms, idf)
        return known


class Resolved(NamedTuple):
    """For each segment the numbers of the terms that count as one, and their idf over all segments."""

    terms: tuple[tuple[int, ...], ...]
    idf: float


def _ties(order: list[int], keys: Array, days: Array, plan: Plan) -> int:
    """How many matches behind the page equal its last one, so that ids may decide between them."""
    end = plan.offset + plan.limit
    if end >= len(order):
        return 0
    last, more = order[end - 1], end
    while more < len(order) and keys[order[more]] == keys[last] and days[order[more]] == days[last]:
        more += 1
    return more - end


class _Segment:
    """One segment of the snapshot: sets and scores of nodes."""

    def __init__(self, engine: Engine, number: int, postings: Postings, gone: Array) -> None:
        self._engine, self._number, self._postings = engine, number, postings
        self._data = postings.segment
        self._live = None if not gone.any() else ~gone
        self.documents = self._data.documents

    def search(self, plan: Plan, wanted: int, relevance: bool) -> tuple[Array, Array, Array]:
        """(all matches, candidates for the page, their scores)."""
        allowed = self._allowed(plan)
        node = plan.match
        if node is None:
            matches = np.ones(self.documents, bool) if allowed is None else allowed
            return self._by_day(plan, matches, wanted)
        if relevance and isinstance(node, p.Has):
            node = p.Ranked(should=(node,))
        if relevance and isinstance(node, p.Ranked) and not node.must and node.should:
            return self._ranked(node, allowed, wanted)
        if relevance and isinstance(node, p.InOrder):
            return self._phrases(node, allowed, wanted)
        matches = self.match(node)
        if allowed is not None:
            matches = intersect(matches, allowed)
        if not relevance:
            return self._by_day(plan, matches, wanted)
        documents = as_numbers(matches)
        if isinstance(node, p.Ranked):
            documents, scores = self._boosted(node, documents, wanted)
        else:  # all of them match, so an AND need not be looked at again
            scores = self._sum(node.nodes, documents, {}) if isinstance(node, p.All) else self.scores(node, documents)
        chosen = _best(np.arange(len(documents)), scores, wanted)
        return matches, documents[chosen], scores[chosen]

    def _allowed(self, plan: Plan) -> Array | None:
        """The live documents that pass the filters; None for all of them."""
        sets = [self.match(node) for node in plan.filters]
        if self._live is not None:
            sets.append(self._live)
        return reduce(intersect, sets) if sets else None

    def _by_day(self, plan: Plan, matches: Array, wanted: int) -> tuple[Array, Array, Array]:
        documents = as_numbers(matches)
        days = self._data.day[documents].astype(np.int64)
        keys = np.where(days == 0, np.iinfo(np.int64).min, -days if plan.sort == "oldest" else days)
        documents = documents[_best(np.arange(len(documents)), keys, wanted)]
        return matches, documents, np.zeros(len(documents), np.float32)

    # -- words that are only ranked ------------------------------------------------------------------------

    def _ranked(self, node: p.Ranked, allowed: Array | None, wanted: int) -> tuple[Array, Array, Array]:
        """OR: impacts choose candidates, their exact scores decide."""
        leaves = [leaf for child in node.should for leaf in self._leaves(child)]
        any_of = np.zeros(self.documents, np.uint8)
        total = np.zeros(-(-self.documents // _PEAK) * _PEAK, np.float32)
        rows = []
        for group, unit in leaves:
            if group.row is None:
                any_of[group.documents] = 1
                total[group.documents] += group.impacts * np.float32(unit)
            else:
                any_of |= group.row
                rows.append((group.row, np.float32(unit)))
        matches = any_of.view(bool) if not rows else any_of > 0
        if node.without:
            excluded = reduce(np.logical_or, (as_mask(self.match(n), self.documents) for n in node.without))
            matches = matches & ~excluded
        if allowed is not None:
            matches = matches & as_mask(allowed, self.documents)
        number = max(CANDIDATES, wanted + _PEAK // 2)
        documents = self._candidates(total, rows, matches, number, filtered=bool(node.without) or allowed is not None)
        documents, scores = self._boosted(node, documents, wanted)
        chosen = _best(np.arange(len(documents)), scores, wanted)
        return matches, documents[chosen], scores[chosen]

    def _phrases(self, node: p.InOrder, allowed: Array | None, wanted: int) -> tuple[Array, Array, Array]:
        """A phrase alone: what was counted to find it is what it is scored by."""
        documents, counts = self._phrase(node)
        if allowed is not None:
            kept = as_mask(allowed, self.documents)[documents]
            documents, counts = documents[kept], counts[kept]
        scores = self._phrase_scores(node, documents, counts)
        chosen = _best(np.arange(len(documents)), scores, wanted)
        return documents, documents[chosen], scores[chosen]

    def _boosted(self, node: p.Ranked, documents: Array, wanted: int) -> tuple[Array, Array]:
        """(documents, exact scores); only the best of them by the words alone are looked at for pairs."""
        scores = self._sum((*node.must, *node.should), documents, {})
        if not node.boosts:
            return documents, scores
        best = np.sort(_best(np.arange(len(documents)), scores, max(BOOSTED, wanted)))
        documents, scores = documents[best], scores[best]
        places: _Places = {}
        slots = [slot for boost in node.boosts if isinstance(boost, p.InOrder) for slot in self._slots(boost)]
        self._look_up([terms for terms in slots if terms], documents, places)
        return documents, scores + self._sum(node.boosts, documents, places)

    def _candidates(
        self, total: Array, rows: list[tuple[Array, np.float32]], matches: Array, number: int, *, filtered: bool
    ) -> Array:
        """The `number` documents of the greatest sums of impacts, or a few more."""
        bound = sum(float(unit) * 255 for _, unit in rows)
        scores = total[: self.documents]
        if filtered:
            few = np.flatnonzero(matches)
            if len(few) <= number:
                return few
            if len(few) * 8 < self.documents:
                sums = scores[few]
                for row, unit in rows:
                    sums += row[few] * unit
                return np.sort(few[_best(np.arange(len(few)), sums, number)])
            scores *= matches
        if rows and not filtered:
            rare = np.flatnonzero(scores)
            if len(rare) >= number:
                floor = np.partition(scores[rare], -number)[-number]
                if floor >= bound:  # no common word can lift a document above these
                    sums = scores[rare]
                    for row, unit in rows:
                        sums += row[rare] * unit
                    return np.sort(rare[_best(np.arange(len(rare)), sums, number)])
        for row, unit in rows:
            scores += row * unit
        if filtered:
            scores *= matches
        peaks = total.reshape(-1, _PEAK).max(1)
        floor = np.partition(peaks, -number)[-number] if len(peaks) > number else 0.0
        found = np.flatnonzero(scores >= floor) if floor > 0 else np.flatnonzero(scores)
        if len(found) > number:
            found = np.sort(found[_best(np.arange(len(found)), scores[found], number)])
        return found

    def _leaves(self, node: p.Node) -> list[tuple[Group, float]]:
        """Impacts of a node that is one of several ranked ones, and what one step of a byte is worth."""
        step = (K1 + 1) / 255
        match node:
            case p.Any(nodes):
                return [leaf for child in nodes for leaf in self._leaves(child)]
            case p.Has(_, fields, weight, others) if fields == p.ALL_FIELDS:
                terms, idf = self._engine.resolve(node)
                group = self._postings.group(terms[self._number])
                if others:
                    every, low = self._engine.resolve(node, folded=True)
                    share = others * low / idf
                    group = self._postings.spelled(terms[self._number], every[self._number], share)
                return [(group, weight * idf * step)]
            case _:
                documents = as_numbers(self.match(node))
                scores = self.scores(node, documents)
                unit = max(float(scores.max(initial=0.0)), 1e-9) / 255
                values = np.clip(np.ceil(scores / unit), 1, 255).astype(np.uint8)
                return [(Group(None, documents, values, values[:0], len(documents)), unit)]

    # -- sets ----------------------------------------------------------------------------------------------

    def match(self, node: p.Node) -> Array:
        """The documents that match a node, deleted ones too."""
        match node:
            case p.Has() | p.StartsWith() | p.Similar():
                every = isinstance(node, p.Has) and node.others > 0
                return self._with_group(node, self._engine.resolve(node, folded=every).terms[self._number])
            case p.InOrder():
                return self._phrase(node)[0]
            case p.Tagged(column, values):
                return self._data.tagged(column, values)
            case p.Published(period):
                since = period.since.toordinal() if period.since else 1
                until = period.until.toordinal() if period.until else date.max.toordinal()
                return (self._data.day >= since) & (self._data.day <= until)
            case p.All(nodes):
                return self._all(nodes)
            case p.Any(nodes):
                return self._any(nodes)
            case p.Ranked(must, should, without, _):
                chosen = self._all(must) if must else self._any(should) if should else np.ones(self.documents, bool)
                return intersect(chosen, ~as_mask(self._any(without), self.documents)) if without else chosen

    def _all(self, nodes: Sequence[p.Node]) -> Array:
        sets = sorted((self.match(node) for node in nodes), key=lambda s: self.documents if s.dtype == bool else len(s))
        return reduce(intersect, sets)

    def _any(self, nodes: Iterable[p.Node]) -> Array:
        mask = np.zeros(self.documents, bool)
        for node in nodes:
            found = self.match(node)
            if found.dtype == bool:
                mask |= found
            else:
                mask[found] = True
        return mask

    def _with_group(self, node: "p.Has | p.StartsWith | p.Similar", terms: tuple[int, ...]) -> Array:
        if not terms:
            return np.empty(0, np.int64)
        group = self._postings.group(terms)
        found = group.documents if group.row is None else group.row > 0
        if node.fields == p.ALL_FIELDS:
            return found
        documents = as_numbers(found)
        return documents[self._postings.frequencies(terms, documents, node.fields) > 0]

    def count(self, terms: tuple[int, ...]) -> int:
        """How many documents have any of the terms, deleted ones too."""
        if len(terms) == 1:
            return int(self._data.df[terms[0]])
        return self._postings.group(terms).size if terms else 0

    def numbers(self, node: "p.Has | p.StartsWith | p.Similar", folded: bool) -> Sequence[int]:
        """The terms of this segment that a node stands for."""
        match node:
            case p.StartsWith(prefix):
                found = self._data.starting_with(prefix.text, exact=prefix.exact)
                if len(found) > _MOST_EXPANSIONS:
                    raise QueryError(
                        f'"{prefix.text}*" stands for more than {_MOST_EXPANSIONS} words',
                        hint="write more of its letters",
                    )
                return found
            case p.Similar(term, edits):
                text = term.text if term.exact else folded_term(term.text)
                near = self._data.starting_with(text[:1], exact=term.exact)
                name = self._data.terms.__getitem__ if term.exact else (lambda n: folded_term(self._data.terms[n]))
                return [n for n in near if _within(text, name(n), edits)]
            case p.Has(term):
                if term.exact and not folded:
                    number = self._data.find(term.text)
                    return () if number is None else (number,)
                return self._data.find_folded(folded_term(term.text))

    # -- phrases -------------------------------------------------------------------------------------------

    def _slots(self, node: p.InOrder) -> list[tuple[int, ...]]:
        return [self._engine.resolve(p.Has(term)).terms[self._number] for term in node.terms]

    def _phrase(self, node: p.InOrder) -> tuple[Array, Array]:
        """The documents that have a phrase, and how often."""
        slots = self._slots(node)
        if not all(slots):
            return np.empty(0, np.int64), np.empty(0, np.float32)
        sets = []
        for terms in set(slots):
            group = self._postings.group(terms)
            sets.append(group.documents if group.row is None else group.row > 0)
        sets.sort(key=lambda s: self.documents if s.dtype == bool else len(s))
        documents = as_numbers(reduce(intersect, sets))
        counts = self._phrase_counts(node, documents, {})
        there = counts > 0
        return documents[there], counts[there]

    def _phrase_scores(self, node: p.InOrder, documents: Array, counts: Array) -> Array:
        idf = max((self._engine.resolve(p.Has(term)).idf for term in node.terms), default=0.0)
        scores: Array = self._postings.saturated(counts, documents) * np.float32(idf * node.weight)
        return scores

    def _phrase_counts(self, node: p.InOrder, documents: Array, places: "_Places") -> Array:
        """How often a phrase occurs in the given documents (ascending); `places` keeps what was looked up."""
        slots = self._slots(node)
        if not all(slots):
            return np.zeros(len(documents), np.float32)
        self._look_up(slots, documents, places)
        starts, ends = _chain([places[terms] for terms in slots], node.slop)
        at = starts >> 32
        if node.slop:  # the gap between fields is one position: without slop a phrase cannot cross it
            one = self._postings.same_field(documents[at], starts & 0xFFFFFFFF, ends & 0xFFFFFFFF)
            starts, at = starts[one], at[one]
        if node.fields != p.ALL_FIELDS:
            at = at[self._postings.in_fields(documents[at], starts & 0xFFFFFFFF, node.fields)]
        return np.bincount(at, minlength=len(documents)).astype(np.float32)

    def _look_up(self, slots: Iterable[tuple[int, ...]], documents: Array, places: "_Places") -> None:
        missing = [terms for terms in dict.fromkeys(slots) if terms not in places]
        if missing:
            places.update(zip(missing, self._postings.places(missing, documents), strict=True))

    # -- scores --------------------------------------------------------------------------------------------

    def scores(self, node: p.Node, documents: Array, places: "_Places | None" = None) -> Array:
        """The exact scores of documents (ascending); 0 where a node does not match."""
        places = {} if places is None else places
        match node:
            case p.Has(_, fields, weight, others):
                scores = self._group_scores(self._engine.resolve(node), documents, fields)
                if others:
                    missing = (scores == 0).nonzero()[0]
                    folded = self._engine.resolve(node, folded=True)
                    scores[missing] = others * self._group_scores(folded, documents[missing], fields)
                return scores * np.float32(weight)
            case p.StartsWith(_, fields) | p.Similar(_, _, fields):
                return self._group_scores(self._engine.resolve(node), documents, fields)
            case p.InOrder():
                return self._phrase_scores(node, documents, self._phrase_counts(node, documents, places))
            case p.Tagged() | p.Published():
                return np.zeros(len(documents), np.float32)
            case p.Any(nodes):
                return self._sum(nodes, documents, places)
            case p.All(nodes):
                return self._sum(nodes, documents, places) * self._among(node, documents)
            case p.Ranked(must, should, _, boosts):
                return self._sum((*must, *should, *boosts), documents, places) * self._among(node, documents)

    def _among(self, node: p.Node, documents: Array) -> Array:
        """Which of the documents match a node, one bool each: a part of an AND alone is worth nothing."""
        return as_mask(self.match(node), self.documents)[documents]

    def _sum(self, nodes: Iterable[p.Node], documents: Array, places: "_Places") -> Array:
        total = np.zeros(len(documents), np.float32)
        for node in nodes:
            total += self.scores(node, documents, places)
        return total

    def _group_scores(self, resolved: Resolved, documents: Array, fields: p.Fields) -> Array:
        terms = resolved.terms[self._number]
        if not terms or not len(documents):
            return np.zeros(len(documents), np.float32)
        frequencies = self._postings.frequencies(terms, documents, None if fields == p.ALL_FIELDS else fields)
        scores: Array = self._postings.saturated(frequencies, documents) * np.float32(resolved.idf)
        return scores


def _best(values: Array, scores: Array, number: int) -> Array:
    """The values of the `number` greatest scores, and of all that equal the least of them; in no order."""
    if len(values) <= number:
        return values
    if number <= 0:
        return values[:0]
    least = np.partition(scores, -number)[-number]
    best: Array = values[scores >= least]
    return best


def _chain(slots: list[Array], slop: int) -> tuple[Array, Array]:
    """Where the slots follow one another, at most `slop` positions between all: the places of first and last.

    A place is document << 32 | position, ascending.  From each of the first slot's the next of the second
    is taken, and so on: the nearest chain.
    """
    if slop == 0:
        starts = _adjacent(slots)
        return starts, starts + len(slots) - 1
    starts = current = slots[0]
    for keys in slots[1:]:
        if not len(keys):
            return starts[:0], starts[:0]
        following = np.searchsorted(keys, current, side="right")
        possible = following < len(keys)
        starts, current = starts[possible], keys[following[possible]]
        near = current - starts <= len(slots) - 1 + slop  # another document is 1 << 32 away
        starts, current = starts[near], current[near]
    return starts, current


def _adjacent(slots: list[Array]) -> Array:
    """As _chain for a phrase: the rarest slots first, so that little is left to compare with the common ones."""
    order = sorted(range(len(slots)), key=lambda number: len(slots[number]))
    starts = slots[order[0]] - order[0]
    for number in order[1:]:
        keys = slots[number]
        if not len(keys):
            return starts[:0]
        wanted = starts + number
        at = np.searchsorted(keys, wanted)
        at[at == len(keys)] = 0
        starts = starts[keys[at] == wanted]
    return starts


def _within(a: str, b: str, edits: int) -> bool:
    """Whether at most `edits` letters added, left out or changed make a into b (Levenshtein 1966)."""
    if abs(len(a) - len(b)) > edits:
        return False
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        last, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (x != y))
        if min(row) > edits:
            return False
    return row[-1] <= edits
