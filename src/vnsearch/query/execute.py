"""Plan -> matching documents, best first.

Three stages.  `RankedSegment.search` finds which documents of a segment match (a set) and the best of them by
their words: where every match must have every word (AND, phrases), all are scored; where words are only
ranked (OR), sums of integers bound the scores from above and choose whose scores are worked out.  The
best over all segments are looked at for how their words stand together (`together`).  The page is the
best of these.
"""

import math
import weakref
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from functools import cached_property, reduce
from itertools import chain, pairwise
from operator import and_, lt
from typing import Any, NamedTuple, TypeGuard

import numpy as np
from msgspec.structs import replace

from ..errors import QueryError
from ..index.container import Array
from ..index.folder import Snapshot
from ..text.tokenize import folded_term
from . import plan as p
from .cache import Cache
from .context import Context
from .edits import within
from .places import GROUP, Places, Terms, neighbours
from .plan import Plan
from .postings import K1, Group, Postings
from .recency import factors
from .sets import as_mask, as_numbers, intersect, size_of
from .spellings import Spelled, Spellings, Word
from .together import Layout, Worth, lay_out, score

BOOSTED = 96  # how many of the best are looked at for how their words stand together
_STEP = (K1 + 1) / 255  # what one step of an impact is worth, but for idf
_MOST_RESOLVED = 50_000  # words whose terms and idf are kept
_MOST_EXPANSIONS = 10_000  # terms that one prefix or fuzzy word may stand for
_PEAK = 128  # documents of which the best one is looked at first
_MANY = 32  # one document in so many: scores of more than these are chosen by bounds of all
_STEPS = 512  # of a bound, in a score of 1: scores of a page differ by more, and most sums fit 16 bits
_ROUNDING = 1e-3  # of a step: more than sums of floats can lose


class Match(NamedTuple):
    """One matching document: number of its segment, number in it."""

    segment: int
    document: int
    score: float


class Found(NamedTuple):
    """The asked page of matches, how many there are, and which they are (a set for each segment).

    partial: the plan's deadline passed before all was looked at.
    worth: of each boost by words that stand together, what its words are worth.
    """

    page: list[Match]
    total: int
    sets: list[Array]
    partial: bool = False
    worth: Sequence[Worth] = ()


class _Late(Exception):
    """The plan's deadline passed while a segment was searched; what it had found so far is dropped."""


class Engine:
    """Runs plans over one snapshot.  Threads share it: nothing but caches changes."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.documents = sum(segment.documents for segment in snapshot.segments)
        width = sum(int(segment.width.sum(dtype=np.int64)) for segment in snapshot.segments)
        self.cache = cache = Cache(documents=self.documents)
        mean = width / max(self.documents, 1)
        self.segments = [
            RankedSegment(self, number, Postings(segment, mean, cache), gone)
            for number, (segment, gone) in enumerate(zip(snapshot.segments, snapshot.deleted, strict=True))
        ]
        self._resolved: dict[object, Resolved] = {}
        self._known_spellings: dict[p.Term, Spelled] = {}

    @cached_property
    def context(self) -> Context:
        """Which syllables stand beside one another."""
        return Context(self.snapshot.segments)

    def run(self, plan: Plan) -> Found:
        """The matches of a plan; ties go to the newer article, then to the smaller id."""
        wanted = plan.offset + plan.limit
        relevance = plan.sort == "relevance" and plan.match is not None
        boosted = plan.match if relevance and isinstance(plan.match, p.Ranked) and plan.match.boosts else None
        recency = plan.recency if relevance else None
        number = max(BOOSTED, wanted) if (boosted or recency) and wanted else wanted
        worth: list[Worth] = []
        found, partial = [], False
        for segment in self.segments:
            try:
                found.append(segment.search(plan, number, relevance))
            except _Late:
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
            partial = partial or plan.is_late()
            if boosted and not partial:
                worth = self._boost(boosted.boosts, numbers, documents, scores)
            if recency:
                scores *= factors(self._days(numbers, documents), recency)
        order = self._order(plan, numbers, documents, scores)[plan.offset :]
        page = list(map(Match, *(column.take(order).tolist() for column in (numbers, documents, scores))))
        return Found(page, total, sets, partial, worth)

    def _boost(self, boosts: Sequence[p.Node], numbers: Array, documents: Array, scores: Array) -> list[Worth]:
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
        sample = np.ones(len(scores), np.float32)
        if len(scores) > BOOSTED:  # whatever page is asked for, the same are judged by
            sample[:] = 0
            sample[self._first(numbers, documents, scores, BOOSTED)] = 1
        known: list[Worth] = []
        for node in together:
            spellings = self._spellings(node)
            laid = [
                (layout, slice(begin + layout.first, begin + layout.first + len(layout.documents)))
                for segment, begin, own in parts
                for layout in segment.lay_out(node, spellings, own)
            ]
            idfs = [self.resolve(term).idf for term in node.terms]
            found, worth = score(node, idfs, spellings, [(layout, sample[at]) for layout, at in laid])
            known.append(worth)
            for (_, at), more in zip(laid, found, strict=True):
                scores[at] += more
        for segment, begin, own in parts if others else ():
            scores[begin : begin + len(own)] += segment.boost(others, own)
        return known

    def _first(self, numbers: Array, documents: Array, scores: Array, number: int) -> Array:
        """Which are the best, of equal ones the newer, and all that equal the last of them; ascending."""
        least = _nth(scores, number)
        chosen = scores > least
        equal = (scores == least).nonzero()[0]
        days = self._days(numbers[equal], documents[equal])
        chosen[equal[days >= _nth(days, number - int(np.count_nonzero(chosen)))]] = True
        best: Array = chosen.nonzero()[0]
        return best

    def _spellings(self, node: p.Together) -> Spellings | None:
        """Of its words that were typed without marks and have a neighbour."""
        spelled = [None if term.exact else self._spelled(term) for term in node.terms]
        nexts, previous = {first for first, _ in node.pairs}, {second for _, second in node.pairs}
        words = [
            Word(n, one.idf, n in nexts, n in previous)
            for n, one in enumerate(spelled)
            if one is not None and len(one.idf) > 1 and (n in nexts or n in previous)
        ]
        if not words:
            return None
        stride = max(len(one.idf) for one in spelled if one is not None) + 1
        if len(self.segments) == 1:
            return Spellings(words, stride, None)
        tables = []
        for number in range(len(self.segments)):
            also = sum(len(self.resolve(short).terms[number]) for short, _ in node.instead)
            widest = max(len(one.numbers[number]) for one in spelled if one is not None) + also + 1
            table = np.repeat(np.arange(1, len(spelled) + 1) * stride - 1, widest).reshape(-1, widest)
            for n, one in enumerate(spelled):
                if one is not None:
                    table[n, : len(one.numbers[number])] = n * stride + one.numbers[number]
            tables.append(table)
        return Spellings(words, stride, tables)

    def _spelled(self, term: p.Term) -> Spelled:
        """The spellings of a folded term."""
        known = self._known_spellings.get(term)
        if known is None:
            if len(self._known_spellings) >= _MOST_RESOLVED:
                self._known_spellings.clear()
            terms = self.resolve(term).terms
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
            idf = np.log(1 + (self.documents - df + 0.5) / (df + 0.5)).tolist()
            known = self._known_spellings[term] = Spelled(idf, numbers)
        return known

    def _order(self, plan: Plan, numbers: Array, documents: Array, scores: Array) -> Array:
        """Which are on the page or before it, best first."""
        wanted, segments = plan.offset + plan.limit, self.snapshot.segments
        keys = -scores if plan.sort == "relevance" else np.zeros(len(scores), np.float32)
        if plan.sort == "relevance":
            order = keys.argsort()[: wanted + 1]
            best = keys.take(order).tolist()
            if all(map(lt, best, best[1:])):  # mostly no two scores of a page are equal
                return order[:wanted]
        days = self._days(numbers, documents)
        by_day = np.where(days == 0, np.iinfo(np.int64).max, days if plan.sort == "oldest" else -days)
        order = np.lexsort((by_day, keys))
        keys, by_day = keys.take(order), by_day.take(order)
        begins = ((keys[1:] != keys[:-1]) | (by_day[1:] != by_day[:-1])).nonzero()[0] + 1
        for begin, end in pairwise([0, *begins[: begins.searchsorted(wanted) + 1].tolist(), len(order)]):
            if end - begin > 1 and begin < wanted:
                order[begin:end] = sorted(order[begin:end], key=lambda n: segments[numbers[n]].ids[int(documents[n])])
        return order[:wanted]

    def _days(self, numbers: Array, documents: Array) -> Array:
        """When each document was published."""
        if len(self.segments) == 1:
            return self.snapshot.segments[0].day.take(documents).astype(np.int64)
        days = np.zeros(len(documents), np.int64)
        for number, segment in enumerate(self.snapshot.segments):
            mine = numbers == number
            days[mine] = segment.day[documents[mine]]
        return days

    # -- statistics ----------------------------------------------------------------------------------------

    def resolve(self, what: "p.Term | p.StartsWith | p.Similar", *, folded: bool = False) -> "Resolved":
        """What a term, or a node of many, stands for in each segment; `folded`: with all its accents."""
        key = (what, folded)
        known = self._resolved.get(key)
        if known is None:
            if len(self._resolved) >= _MOST_RESOLVED:
                self._resolved.clear()
            terms = tuple(tuple(segment.numbers(what, folded)) for segment in self.segments)
            df = sum(segment.count(mine) for segment, mine in zip(self.segments, terms, strict=True))
            idf = math.log(1 + (self.documents - df + 0.5) / (df + 0.5))
            known = self._resolved[key] = Resolved(terms, idf)
        return known


def _is_word(node: p.Node) -> TypeGuard[p.Has]:
    """Whether it is a term, in whatever field it stands."""
    return isinstance(node, p.Has) and node.fields == p.ALL_FIELDS


def _check_time(plan: Plan) -> None:
    if plan.is_late():
        raise _Late


class Resolved(NamedTuple):
    """For each segment the numbers of the terms that count as one, and their idf over all segments."""

    terms: tuple[tuple[int, ...], ...]
    idf: float


class RankedSegment:
    """One segment of the snapshot: sets and scores of nodes."""

    def __init__(self, engine: Engine, number: int, postings: Postings, gone: Array) -> None:
        # not a cycle: what an engine maps is to go when the engine does, not when the garbage collector comes
        self._engine: Engine = weakref.proxy(engine)
        self._number, self._postings = number, postings
        self._data = postings.segment
        self._live = None if not gone.any() else ~gone
        self.documents = self._data.documents

    def search(self, plan: Plan, wanted: int, relevance: bool) -> tuple[Array, Array, Array]:
        """(all matches, the best `wanted` documents and all that equal the least of them, ascending, their scores)."""
        _check_time(plan)
        allowed = self._allowed(plan)
        _check_time(plan)
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
        if relevance and (leaves := self._words(node)):
            return self._all_words(leaves, allowed, wanted)
        matches = self.match(node)
        _check_time(plan)
        if allowed is not None:
            matches = intersect(matches, allowed)
        if not relevance:
            return self._by_day(plan, matches, wanted)
        documents = as_numbers(matches)
        if isinstance(node, p.Ranked):
            scores = self._sum((*node.must, *node.should), documents)
        else:  # all of them match, so an AND need not be looked at again
            scores = self._sum(node.nodes, documents) if isinstance(node, p.All) else self.scores(node, documents)
        chosen = _best(scores, wanted)
        return matches, documents[chosen], scores[chosen]

    def boost(self, boosts: Sequence[p.Node], documents: Array) -> Array:
        """What the boosts add to the scores of documents (ascending)."""
        pairs = [boost for boost in boosts if isinstance(boost, p.InOrder) and boost.is_pair]
        return self._pairs(pairs, documents) + self._sum((boost for boost in boosts if boost not in pairs), documents)

    def lay_out(self, node: p.Together, spellings: Spellings | None, documents: Array) -> list[Layout]:
        """Where the words stand in documents (ascending)."""
        groups = [self._engine.resolve(term).terms[self._number] for term in node.terms]
        for short, words in node.instead:
            for word in words:
                also = self._engine.resolve(short).terms[self._number]
                groups[word] = tuple(dict.fromkeys((*groups[word], *also)))  # a term in it twice would count twice
        if spellings is None:
            return lay_out(self._postings, node, groups, documents)
        codes = spellings.tables[self._number] if spellings.tables else None
        return lay_out(self._postings, node, groups, documents, spellings.stride, codes)

    def rest(self, node: p.Together, worth: Worth, document: int) -> float:
        """What `Together` adds to the score of a document without its pairs."""
        [layout] = self.lay_out(node, worth.spellings, np.array([document]))
        return float(layout.look(node, worth.weights, worth.dropped).rest[0])

    def has(self, term: int, documents: Array) -> bool:
        """Whether a term occurs in any of the documents (ascending)."""
        return bool(self._postings.group((term,)).at(documents).any())

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
        documents = documents[_best(keys, wanted)]
        return matches, documents, np.zeros(len(documents), np.float32)

    # -- words that are only ranked ------------------------------------------------------------------------

    def _ranked(self, node: p.Ranked, allowed: Array | None, wanted: int) -> tuple[Array, Array, Array]:
        """OR: whatever has a bound matches."""
        leaves = [leaf for child in node.should for leaf in self._leaves(child)]
        bounds = self._bounds(leaves)
        matches = bounds[: self.documents] > 0
        if node.without:
            matches &= ~reduce(np.logical_or, (as_mask(self.match(n), self.documents) for n in node.without))
        if allowed is not None:
            matches &= as_mask(allowed, self.documents)
        if node.without or allowed is not None:
            bounds[: self.documents] *= matches
        return self._best_of(leaves, bounds, matches, wanted)

    def _best_of(self, leaves: "list[_Leaf]", bounds: Array, matches: Array, wanted: int) -> tuple[Array, Array, Array]:
        """(the matches, which alone have bounds, the best of them, their scores).

        Bounds choose candidates, their scores decide.
        """
        if not wanted:
            return matches, np.empty(0, np.int64), np.empty(0, np.float32)
        peaks = np.maximum.reduce(bounds.reshape(_PEAK, -1))
        number = wanted + wanted // 4 + 8  # some more than are wanted, since bounds are rounded up
        floor = max(int(_nth(peaks, number)), 1) if len(peaks) > number else 1
        documents, scores = self._at_least(floor, bounds, leaves)
        if floor > 1:
            least = _nth(scores, wanted) * _STEPS
            if least < floor:  # a document of a lower bound might still be among the best
                documents, scores = self._at_least(max(int(least), 1), bounds, leaves)
        chosen = _best(scores, wanted)
        return matches, documents[chosen], scores[chosen]

    def _bounds(self, leaves: "list[_Leaf]") -> Array:
        """Bounds from above of the scores, in steps of 1 / _STEPS; `_padded`."""
        kind = np.uint32 if sum(leaf.most for leaf in leaves) > 0xFFFF else np.uint16
        rows = [leaf.bounds for leaf in leaves if leaf.group.row is not None]
        if len(rows) > 1:
            bounds: Array = np.add(rows[0], rows[1], dtype=kind)
        else:
            bounds = rows[0].astype(kind) if rows else np.zeros(_padded(self.documents), kind)
        for row in rows[2:]:
            bounds += row
        for leaf in leaves:
            if leaf.group.row is None:
                bounds[leaf.group.documents] += leaf.bounds
        return bounds

    def _at_least(self, floor: int, bounds: Array, leaves: "list[_Leaf]") -> tuple[Array, Array]:
        """The documents of at least this bound, and their scores."""
        documents = (bounds >= floor).nonzero()[0]
        return documents, _added(leaves, documents)

    def _phrases(self, node: p.InOrder, allowed: Array | None, wanted: int) -> tuple[Array, Array, Array]:
        """A phrase alone: what was counted to find it is what it is scored by."""
        documents, scores = self._scored_phrase(node)
        if allowed is not None:
            kept = as_mask(allowed, self.documents)[documents]
            documents, scores = documents[kept], scores[kept]
        chosen = _best(scores, wanted)
        return documents, documents[chosen], scores[chosen]

    def _all_words(self, leaves: "list[_Leaf]", allowed: Array | None, wanted: int) -> tuple[Array, Array, Array]:
        """AND of words: where all are common and many documents have them, bounds choose as for an OR."""
        if any(leaf.group.row is None for leaf in leaves):
            documents = self._in_all(leaf.group for leaf in leaves)
            if allowed is not None:
                documents = intersect(documents, allowed)
        else:
            mask = _in_all_rows([leaf.group for leaf in leaves], self.documents)
            if allowed is not None:
                mask &= as_mask(allowed, self.documents)
            if np.count_nonzero(mask) * _MANY > self.documents:
                bounds = self._bounds(leaves)
                bounds[: self.documents] *= mask
                return self._best_of(leaves, bounds, mask, wanted)
            documents = mask.nonzero()[0]
        scores = _added(leaves, documents)
        chosen = _best(scores, wanted)
        return documents, documents[chosen], scores[chosen]

    def _words(self, node: p.Node) -> "list[_Leaf]":
        """What the words of an AND add; nothing where it is of more than words."""
        if isinstance(node, p.Ranked) and not (node.should or node.without):
            nodes: Sequence[p.Node] = node.must
        elif isinstance(node, p.All):
            nodes = node.nodes
        else:
            return []
        words = [node for node in nodes if _is_word(node)]
        return [self._leaf(word) for word in words] if len(words) == len(nodes) else []

    def _leaves(self, node: p.Node) -> "list[_Leaf]":
        """What a node adds that is one of several ranked ones."""
        match node:
            case p.Any(nodes):
                return [leaf for child in nodes for leaf in self._leaves(child)]
            case p.Has() if _is_word(node):
                leaf = self._leaf(node)
                return [leaf] if leaf.group.size else []
            case p.InOrder():  # the long form of an abbreviation: it will be asked for again
                return [self._kept(node, lambda: _Leaf.of(*self._scored_phrase(node)))]
            case _:
                documents = as_numbers(self.match(node))
                return [_Leaf.of(documents, self.scores(node, documents))]

    def _leaf(self, node: p.Has) -> "_Leaf":
        """What a term adds, in whatever field it stands; other accents where they count."""
        return self._kept(node, lambda: self._make_leaf(node))

    def _kept(self, node: p.Node, make: "Callable[[], _Leaf]") -> "_Leaf":
        leaf: _Leaf = self._engine.cache.get((id(self), node), make, lambda it: it.nbytes)
        return leaf

    def _make_leaf(self, node: p.Has) -> "_Leaf":
        terms, idf = self._engine.resolve(node.term)
        own = terms[self._number]
        unit = node.weight * idf * _STEP
        if node.instead:
            documents = as_numbers(self._postings.group(own).matches)
            return _Leaf.of(documents, self._beyond(node, documents))
        if node.others:
            every, low = self._engine.resolve(node.term, folded=True)
            if every[self._number] != own:
                return _Leaf(self._postings.spelled(own, every[self._number], node.others * low / idf), unit)
        return _Leaf(self._postings.make_group(own), unit)

    def _beyond(self, node: p.Has, documents: Array) -> Array:
        """What an abbreviation is worth beyond the words that it stands for."""
        idfs = (word.weight * self._engine.resolve(word.term).idf for word in node.instead)
        share = sum(idfs) / self._engine.resolve(node.term).idf
        own = self.scores(replace(node, instead=()), documents) * np.float32(share)
        beyond: Array = np.maximum(own - self._sum(node.instead, documents), 0)
        return beyond

    # -- sets ----------------------------------------------------------------------------------------------

    def match(self, node: p.Node) -> Array:
        """The documents that match a node, deleted ones too."""
        match node:
            case p.Has(_, fields, _, others) if others and fields == p.ALL_FIELDS:
                return self._leaf(node).group.matches
            case p.Has() | p.StartsWith() | p.Similar():
                every = isinstance(node, p.Has) and node.others > 0
                what = node.term if isinstance(node, p.Has) else node
                return self._with_group(node, self._engine.resolve(what, folded=every).terms[self._number])
            case p.InOrder():
                return self._phrase(node)[0]
            case p.Together():
                return np.empty(0, np.int64)
            case p.Tagged(column, values):  # the same few filters come again and again
                return self._engine.cache.get(  # type: ignore[no-any-return]
                    (id(self), node), lambda: self._data.tagged(column, values), lambda found: found.nbytes + 256
                )
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
        words = [node for node in nodes if _is_word(node)]
        sets = [self.match(node) for node in nodes if not _is_word(node)]
        if words:  # their scores will be asked for
            sets.append(self._in_all(self._leaf(node).group for node in words))
        return reduce(intersect, sorted(sets, key=lambda found: self.documents if found.dtype == bool else len(found)))

    def _in_all(self, groups: Iterable[Group]) -> Array:
        """The documents that have all of the groups, as numbers; common ones are looked at for what rare ones leave."""
        rare: list[Array] = []
        common: list[Group] = []
        for group in groups:
            if group.row is None:
                rare.append(group.documents)
            else:
                common.append(group)
        if not rare:
            return _in_all_rows(common, self.documents).nonzero()[0]
        numbers = reduce(intersect, sorted(rare, key=len))
        for group in common:
            numbers = numbers[group.at(numbers) > 0]
        return numbers

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
        found = self._having(terms)
        if node.fields == p.ALL_FIELDS:
            return found
        documents = as_numbers(found)
        return documents[self._postings.counts_in(terms, documents, node.fields) > 0]

    def _having(self, terms: tuple[int, ...]) -> Array:
        """The documents that have any of the terms."""
        if len(terms) == 1:
            row = self._data.row(terms[0])
            return self._data.postings(terms[0])[0].astype(np.int64) if row is None else row > 0
        return self._postings.group(terms).matches if terms else np.empty(0, np.int64)

    def count(self, terms: tuple[int, ...]) -> int:
        """How many documents have any of the terms, deleted ones too."""
        if len(terms) == 1:
            return int(self._data.df[terms[0]])
        return self._postings.size(terms) if terms else 0

    def numbers(self, what: "p.Term | p.StartsWith | p.Similar", folded: bool) -> Sequence[int]:
        """The terms of this segment that these are."""
        match what:
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
                return [n for n in near if within(text, name(n), edits)]
            case p.Term(text, exact):
                if exact and not folded:
                    number = self._data.find(text)
                    return () if number is None else (number,)
                return self._data.find_folded(folded_term(text))

    # -- phrases -------------------------------------------------------------------------------------------

    @property
    def places(self) -> Places:
        """Where its terms stand."""
        return self._postings.places

    def terms_of(self, term: p.Term) -> Terms:
        """The numbers of the terms of this segment that it stands for."""
        return self._engine.resolve(term).terms[self._number]

    def ends_of(self, terms: Sequence[p.Term], most: int) -> tuple[Array, Array]:
        """(the last `most` documents with all the terms, the places of the last term where they stand in a row)."""
        slots = self._slots(p.InOrder(tuple(terms)))
        if not all(slots):
            return np.empty(0, np.int64), np.empty(0, np.int64)
        documents = self._with_all(slots)[-most:]
        ends = self.places.in_a_row(slots, documents) + len(slots) - 1
        return documents, ends[np.isin(self.places.documents(ends), documents)]

    def _slots(self, node: p.InOrder) -> list[Terms]:
        return [self.terms_of(term) for term in node.terms]

    def _phrase(self, node: p.InOrder, among: Array | None = None) -> tuple[Array, Array]:
        """The documents that have a phrase, of all or of some (ascending), and how often."""
        slots = self._slots(node)
        if not all(slots):
            return np.empty(0, np.int64), np.empty(0, np.float32)
        places = self._chain(slots, node.slop, among) if node.slop else self.places.in_a_row(slots, among)
        return self._counted(places, node.fields)

    def _counted(self, places: Array, fields: p.Fields) -> tuple[Array, Array]:
        """(documents, how many places in each), of those in the fields."""
        if fields != p.ALL_FIELDS:
            places = places[self.places.in_fields(places, fields)]
        documents = self.places.documents(places)
        last = np.append(documents[1:] != documents[:-1], True).nonzero()[0] if len(documents) else documents
        return documents[last], np.diff(last, prepend=-1).astype(np.float32)

    def _with_all(self, slots: Iterable[Terms], among: Array | None = None) -> Array:
        """The documents that have a term of each slot."""
        groups = [self._present(terms) for terms in set(slots)]
        if among is not None:
            groups.append(Group(None, among, among, len(among)))
        return self._in_all(groups)

    def _present(self, terms: Terms) -> Group:
        """Where any of the terms occurs: a group whose impacts mean nothing."""
        if len(terms) != 1:
            return self._postings.group(terms)
        (term,) = terms
        row = self._data.row(term)
        if row is None:
            documents = self._data.postings(term)[0].astype(np.int64)
            return Group(None, documents, documents, len(documents))
        return self._engine.cache.get(  # type: ignore[no-any-return]
            ("present", id(self), term),
            lambda: Group.of_row(row, self.count(terms)),
            lambda group: group.bits.nbytes + 512,
        )

    def _chain(self, slots: list[Terms], slop: int, among: Array | None) -> Array:
        """Where slots begin that follow one another, at most `slop` other positions between all, in one field.

        From each of the first slot's places the next of the second is taken, and so on: the nearest chain.
        """
        documents = self._with_all(slots, among)
        groups = list(dict.fromkeys(slots))
        found = dict(zip(groups, self.places.of_each(groups, documents), strict=True))
        starts = current = found[slots[0]]
        for terms in slots[1:]:
            places = found[terms]
            if not len(places):
                return places
            following = np.searchsorted(places, current, side="right")
            possible = following < len(places)
            starts, current = starts[possible], places[following[possible]]
            near = current - starts <= len(slots) - 1 + slop
            starts, current = starts[near], current[near]
        return starts[self.places.same_field(starts, current)]

    def _scored_phrase(self, node: p.InOrder) -> tuple[Array, Array]:
        documents, counts = self._phrase(node)
        return documents, self._phrase_scores(node, documents, counts)

    def _phrase_scores(self, node: p.InOrder, documents: Array, counts: Array) -> Array:
        scores: Array = self._postings.saturated(counts, documents) * np.float32(self._phrase_idf(node) * node.weight)
        return scores

    def _phrase_idf(self, node: p.InOrder) -> float:
        """That of its rarest term."""
        return max((self._engine.resolve(term).idf for term in node.terms), default=0.0)

    # -- scores --------------------------------------------------------------------------------------------

    def scores(self, node: p.Node, documents: Array) -> Array:
        """The scores of documents (ascending); 0 where a node does not match."""
        match node:
            case p.Has(_, fields, _, _, instead) if instead and fields != p.ALL_FIELDS:
                return self._beyond(node, documents)
            case p.Has(_, fields) if fields == p.ALL_FIELDS:
                return self._leaf(node).at(documents)
            case p.Has(term, fields, weight, others):
                scores = self._scores_in(self._engine.resolve(term), documents, fields)
                if others:
                    missing = (scores == 0).nonzero()[0]
                    folded = self._engine.resolve(term, folded=True)
                    scores[missing] = others * self._scores_in(folded, documents[missing], fields)
                return scores * np.float32(weight)
            case p.StartsWith(_, fields) | p.Similar(_, _, fields):
                resolved = self._engine.resolve(node)
                if fields == p.ALL_FIELDS:
                    group = self._postings.group(resolved.terms[self._number])
                    return group.at(documents) * np.float32(resolved.idf * _STEP)
                return self._scores_in(resolved, documents, fields)
            case p.InOrder():
                found, counts = self._phrase(node, documents)
                at = found.searchsorted(documents)
                at[at == len(found)] = 0
                here = np.where(found[at] == documents, counts[at], 0) if len(found) else np.zeros(len(documents))
                return self._phrase_scores(node, documents, here)
            case p.Tagged() | p.Published() | p.Together():
                return np.zeros(len(documents), np.float32)
            case p.Any(nodes):
                return self._sum(nodes, documents)
            case p.All(nodes):
                return self._sum(nodes, documents) * self._among(node, documents)
            case p.Ranked(must, should, _, boosts):
                return self._sum((*must, *should, *boosts), documents) * self._among(node, documents)

    def _among(self, node: p.Node, documents: Array) -> Array:
        """Which of the documents match a node, one bool each: a part of an AND alone is worth nothing."""
        return as_mask(self.match(node), self.documents)[documents]

    def _sum(self, nodes: Iterable[p.Node], documents: Array) -> Array:
        total = np.zeros(len(documents), np.float32)
        for node in nodes:
            total += self.scores(node, documents)
        return total

    def _scores_in(self, resolved: Resolved, documents: Array, fields: p.Fields) -> Array:
        """Scores within some fields, by plain counts."""
        terms = resolved.terms[self._number]
        if not terms or not len(documents):
            return np.zeros(len(documents), np.float32)
        counts = self._postings.counts_in(terms, documents, fields)
        scores: Array = self._postings.saturated(counts, documents) * np.float32(resolved.idf)
        return scores

    def _pairs(self, nodes: list[p.InOrder], documents: Array) -> Array:
        """The summed scores of phrases of two terms in documents (ascending): as `scores` of each, in few calls."""
        slots = [self._slots(node) for node in nodes]
        found = [(node, first, second) for node, (first, second) in zip(nodes, slots, strict=True) if first and second]
        if not found or not len(documents):
            return np.zeros(len(documents), np.float32)
        find = self.places
        groups = list(dict.fromkeys(terms for _, first, second in found for terms in (first, second)))
        number = {terms: n for n, terms in enumerate(groups)}
        keys = find.keys(groups, documents)
        pairs = [(number[first], number[second]) for _, first, second in found]
        pair, at = neighbours(keys, len(groups), pairs)
        document = documents.searchsorted(find.documents(keys[at] & ((1 << GROUP) - 1)))
        counts = np.bincount(pair * len(documents) + document, minlength=len(pairs) * len(documents))
        counts = counts.reshape(len(pairs), -1).astype(np.float32)
        weights = [node.weight * self._phrase_idf(node) for node, _, _ in found]
        scores: Array = np.array(weights, np.float32) @ self._postings.saturated(counts, documents)
        return scores


class _Leaf:
    """A group that adds to the scores of an OR: its impacts, of one byte or of any size, x unit.

    bounds: of what it adds, from above, in steps of 1 / _STEPS, one beside each impact; of a row `_padded`.  They are
    kept, since adding rows of integers takes a third of the time of multiplying rows of bytes first; where each impact
    has a bound of its own, the row of impacts need not be kept beside them.
    """

    def __init__(self, group: Group, unit: float) -> None:
        self.group, self.unit = group, np.float32(unit)
        impacts = group.impacts
        self.most = self._bound(unit * (255.0 if impacts.dtype == np.uint8 else float(impacts.max(initial=0.0))))
        kind = np.uint32 if self.most > 0xFFFF else np.uint16
        self._scores: Array | None = None  # of each bound
        if impacts.dtype != np.uint8:
            self.bounds = np.ceil(impacts * (unit * _STEPS) + _ROUNDING).astype(kind)
            return
        table = np.array([self._bound(unit * impact) for impact in range(256)], kind)
        self.bounds = table.take(impacts)
        if group.row is None:
            return
        row, self.bounds = self.bounds, np.zeros(_padded(len(impacts)), kind)
        self.bounds[: len(row)] = row
        if unit * _STEPS >= 1:
            row = self.bounds[: len(row)]
            self.group = group._replace(row=row, impacts=row)
            self._scores = np.zeros(self.most + 1, np.float32)
            self._scores[table] = np.arange(256) * self.unit

    @classmethod
    def of(cls, documents: Array, scores: Array) -> "_Leaf":
        """Of scores as they are."""
        return cls(Group(None, documents, scores, len(documents)), 1.0)

    @property
    def nbytes(self) -> int:
        """Memory in use."""
        return self.group.nbytes + (self.bounds.nbytes if self._scores is None else self._scores.nbytes)

    def at(self, documents: Array) -> Array:
        """What it adds to the scores of documents (ascending)."""
        found = self.group.at(documents)
        return found * self.unit if self._scores is None else self._scores.take(found)

    @staticmethod
    def _bound(score: float) -> int:
        return math.ceil(score * _STEPS + _ROUNDING) if score else 0


def _padded(documents: int) -> int:
    """A multiple of _PEAK."""
    return -(-documents // _PEAK) * _PEAK


def _in_all_rows(groups: Sequence[Group], documents: int) -> Array:
    """One bool for each document: whether it has all of the common groups."""
    bits = reduce(and_, [group.bits for group in groups])
    mask: Array = np.unpackbits(bits, count=documents).view(bool)
    return mask


def _added(leaves: Sequence[_Leaf], documents: Array) -> Array:
    """The summed scores of documents (ascending)."""
    scores = np.zeros(len(documents), np.float32)
    for leaf in leaves:
        scores += leaf.at(documents)
    return scores


def _best(scores: Array, number: int) -> Array | slice:
    """Where the `number` greatest scores are, and all that equal the least of them."""
    if len(scores) <= number:
        return slice(None)
    if number <= 0:
        return slice(0)
    best: Array = scores >= _nth(scores, number)
    return best


def _nth(numbers: Array, n: int) -> Any:
    """The n-th greatest, n from 1."""
    numbers = numbers.copy()
    numbers.partition(len(numbers) - n)
    return numbers[-n]
