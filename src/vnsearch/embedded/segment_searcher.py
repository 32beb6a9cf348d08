"""A plan in one segment: which documents match (a set), what they score, and which are the best of them."""

from collections.abc import Iterable, Sequence
from functools import cached_property, reduce

import numpy as np
from msgspec.structs import replace

from ..arrays import Array, find_in
from ..article import DAY
from ..cache import Cache
from ..deadline import check_time, seconds_left
from ..index.segment_reader import Segment
from ..kernels import Leaf, Phrase
from ..query import plan as p
from ..query.periods import Period
from ..query.plan import Plan
from ..ranking.bm25f import K1, TENTHS, B
from ..ranking.occurrences import Occurrences
from ..ranking.spellings import Spellings
from .docsets import as_mask, as_numbers, batches, best, intersect
from .phrases import ALL, Phrases, mask_of
from .plain_store import AnyStore
from .terms import Resolved, TermLookup, Terms

_STEP = (K1 + 1) / 255  # what one step of an impact is worth, but for idf
_MANY = 32  # one document in so many: more of them are kept as a mask
_NONE, _NO_ENDS = np.empty(0, np.int64), np.empty(0, np.uint32)


class SegmentSearcher:
    """One segment of a snapshot: sets and scores of nodes."""

    def __init__(
        self,
        segment: Segment,
        store: AnyStore,
        lookup: TermLookup,
        number: int,
        mean_width: float,
        gone: Array,
        cache: Cache,
    ) -> None:
        """gone: one bool a document, whether it is deleted.  mean_width: of all the index's documents."""
        self.data, self.store, self.phrases = segment, store, Phrases(segment, store)
        self._lookup, self._number, self._cache = lookup, number, cache
        self.documents = segment.documents
        self.norm = (K1 * (1 - B + B * segment.width / max(mean_width, 1.0))).astype(np.float32)
        self._live = None if not gone.any() else ~gone

    # -- the page --------------------------------------------------------------------------------------------

    def search(self, plan: Plan, wanted: int, relevance: bool) -> tuple[Array, Array, Array]:
        """(all matches, the best `wanted` documents and all that equal the least of them, ascending, their scores)."""
        allowed = self._allowed(plan)
        check_time()
        node = plan.match
        if node is None:
            matches = np.ones(self.documents, bool) if allowed is None else allowed
            return self._by_time(plan, matches, wanted)
        if relevance and not isinstance(node, p.Ranked):
            node = p.Ranked(must=(node,))
        if relevance and isinstance(node, p.Ranked) and node.should and not node.must:
            return self._ranked(node, allowed, wanted)
        matches = self.match(node)
        check_time()
        if allowed is not None:
            matches = intersect(matches, allowed)
        if not relevance:
            return self._by_time(plan, matches, wanted)
        assert isinstance(node, p.Ranked)
        documents = as_numbers(matches)
        scores = self.scores((*_scored(node.must), *node.should), documents)
        chosen = best(scores, wanted)
        return matches, documents[chosen], scores[chosen]

    def best(self, nodes: Sequence[p.Node], wanted: int) -> tuple[Array, Array]:
        """(the best `wanted` live documents by what any of the nodes adds, ascending, their scores)."""
        return self._best(nodes, self._live, wanted)

    def _best(self, nodes: Sequence[p.Node], allowed: Array | None, wanted: int) -> tuple[Array, Array]:
        leaves, others = self._leaves(nodes)
        lists = []
        for node in others:
            documents = as_numbers(self.match(node))
            lists.append((documents, self.scores((node,), documents)))
        numbers, scores = self.store.best(leaves, lists, self.norm, TENTHS, allowed, wanted)
        return np.frombuffer(numbers, np.int64), np.frombuffer(scores, np.float32).copy()

    def _ranked(self, node: p.Ranked, allowed: Array | None, wanted: int) -> tuple[Array, Array, Array]:
        """Whatever has any of the words."""
        matches = self._any(node.should)
        if node.without:
            without = ~as_mask(self._any(node.without), self.documents)
            allowed = without if allowed is None else as_mask(allowed, self.documents) & without
        if allowed is None:
            return matches, *self._best(node.should, None, wanted)
        return intersect(matches, allowed), *self._best(node.should, as_mask(allowed, self.documents), wanted)

    def _allowed(self, plan: Plan) -> Array | None:
        """The live documents that pass the filters; None for all of them."""
        sets = [self.match(node) for node in plan.filters]
        if self._live is not None:
            sets.append(self._live)
        return reduce(intersect, sets) if sets else None

    def _by_time(self, plan: Plan, matches: Array, wanted: int) -> tuple[Array, Array, Array]:
        documents = as_numbers(matches)
        moments = self.data.moment[documents]
        keys = np.where(moments == 0, np.iinfo(np.int64).min, -moments if plan.sort == "oldest" else moments)
        documents = documents[best(keys, wanted)]
        return matches, documents, np.zeros(len(documents), np.float32)

    # -- sets ------------------------------------------------------------------------------------------------

    def having(self, nodes: Sequence[p.Node], among: Array | None = None) -> Array:
        """The documents that match all of the nodes: of these ones, or of the live ones."""
        return self._all(nodes, self._live if among is None else among)

    def matches_any(self, node: p.Node) -> bool:
        """Whether a live document matches a node."""
        phrases = self._phrases(node) or () if self._live is None else ()
        if any(fields == mask_of(p.ALL_FIELDS) and len(groups) == 1 and groups[0] for fields, groups in phrases):
            return True  # a term of the dictionary is in some document
        return bool(len(as_numbers(self._all((node,), self._live, most=1))))

    def match(self, node: p.Node) -> Array:
        """The documents that match a node, deleted ones too: numbers that ascend, or one bool a document."""
        check_time()
        match node:
            case p.Together() | p.Words():  # words are settled before: see `ranking.matching`
                return _NONE
            case p.Tagged() | p.Published():  # the same few filters come again and again
                return self._cache.get((id(self), node), lambda: self._filtered(node), lambda found: found.nbytes + 256)
            case p.Chosen(_, sets):
                return sets[self._number]
            case p.AllOf(nodes) | p.Having(_, nodes):
                return self._all(nodes)
            case p.AnyOf(nodes):
                return self._any(nodes)
            case p.Ranked(must, should, without, _):
                chosen = self._all(must) if must else self._any(should) if should else np.ones(self.documents, bool)
                return intersect(chosen, ~as_mask(self._any(without), self.documents)) if without else chosen
            case p.InOrder(slop=slop) if slop:
                return self._near(node, None)[0]
            case _:
                return self._all((node,))

    def _all(self, nodes: Sequence[p.Node], allowed: Array | None = None, most: int = ALL) -> Array:
        """The documents that match all of the nodes; allowed: one bool a document; most: so many are enough."""
        words: list[tuple[Phrase, ...]] = []
        sets: list[Array] = [] if allowed is None else [allowed]
        for node in nodes:
            if (phrases := self._phrases(node)) is None:
                sets.append(self.match(node))
            else:
                words.append(phrases)
        among = reduce(intersect, sets) if sets else None
        if not words:
            return np.ones(self.documents, bool) if among is None else among
        mask = None if among is None else as_mask(among, self.documents)
        return self._having_all(tuple(words), mask, most)

    def _any(self, nodes: Iterable[p.Node]) -> Array:
        """The documents that match any of the nodes."""
        phrases: list[Phrase] = []
        sets: list[Array] = []
        for node in nodes:
            if (own := self._phrases(node)) is None:
                sets.append(self.match(node))
            else:
                phrases += own
        found = self._having_all((tuple(phrases),)) if phrases else _NONE
        if not sets:
            return found
        mask = as_mask(found, self.documents)
        for own_set in sets:
            if own_set.dtype == bool:
                mask |= own_set
            else:
                mask[own_set] = True
        return mask

    def _having_all(self, words: tuple[tuple[Phrase, ...], ...], mask: Array | None = None, most: int = ALL) -> Array:
        return np.frombuffer(self.store.having(words, mask, most, seconds_left()), np.int64)

    def _phrases(self, node: p.Node) -> tuple[Phrase, ...] | None:
        """What a document needs any of, where that is terms and where they stand; None where it is something else."""
        match node:
            case p.Has(term, fields, _, others):
                return ((mask_of(fields), (self.terms_of(term, folded=others > 0),)),)
            case p.InOrder(terms, 0, fields):
                return ((mask_of(fields), tuple([self.terms_of(term) for term in terms])),)
            case p.StartsWith(_, fields) | p.Fuzzy(_, _, fields) | p.Like(_, fields):
                return ((mask_of(fields), (self._lookup.resolve(replace(node, weight=1.0)).terms[self._number],)),)
            case p.Having(_, (only,)):
                return self._phrases(only)
            case p.AnyOf(nodes):
                found: list[Phrase] = []
                for child in nodes:
                    if (own := self._phrases(child)) is None:
                        return None
                    found += own
                return tuple(found)
            case _:
                return None

    def terms_of(self, term: p.Term, *, folded: bool = False) -> Terms:
        """The numbers of this segment's terms that a term stands for; folded: with all its accents."""
        return self._lookup.resolve(term, folded=folded).terms[self._number]

    def _filtered(self, node: p.Tagged | p.Published) -> Array:
        """What passes a filter."""
        if isinstance(node, p.Published):
            return self._published(node.period)
        found = self.data.tagged(node.column, node.values)
        return found if len(found) * _MANY < self.documents else as_mask(found, self.documents)

    def _published(self, period: Period) -> Array:
        first, last, days = self._days
        begin, end = period.moments
        since = max(begin // DAY - first, 1) if begin else 1
        until = min(end // DAY - first, last) if end else last
        if since > until:
            return np.zeros(self.documents, bool)
        kind = days.dtype.type
        published: Array = days - kind(since) <= kind(until - since)  # what is before wraps round to a great number
        if begin and begin % DAY:
            published &= self.data.moment >= begin
        if end and (end + 1) % DAY:
            published &= self.data.moment <= end
        return published

    @cached_property
    def _days(self) -> tuple[int, int, Array]:
        """(a day, the most days that any document came after it, how many each did; 0: without a date)."""
        day = self.data.day
        first = int(day.min(where=day > 0, initial=np.iinfo(day.dtype).max)) - 1
        days = np.where(day > 0, day - first, 0)
        last = int(days.max(initial=0))
        return first, last, days.astype(np.uint16 if last < 1 << 16 else np.uint32)

    # -- scores ----------------------------------------------------------------------------------------------

    def scores(self, nodes: Sequence[p.Node], documents: Array) -> Array:
        """What the nodes add up to in documents (ascending); a node that does not match adds 0."""
        leaves, others = self._leaves(nodes)
        if leaves:
            total = np.frombuffer(self.store.scores(leaves, self.norm, TENTHS, documents), np.float32)
        else:
            total = np.zeros(len(documents), np.float32)
        for node in others:
            check_time()
            total += self._scores(node, documents)
        return total

    def _leaves(self, nodes: Iterable[p.Node]) -> tuple[list[Leaf], list[p.Node]]:
        """(terms that are scored wherever they stand, the other nodes)."""
        leaves: list[Leaf] = []
        others: list[p.Node] = []
        for node in nodes:
            match node:
                case p.AnyOf(children):
                    more, rest = self._leaves(children)
                    leaves += more
                    others += rest
                case p.Has(term, fields, weight, share, ()) if fields == p.ALL_FIELDS:
                    word = self._lookup.resolve(term)
                    own = word.terms[self._number]
                    every: Terms = ()
                    if share:
                        folded = self._lookup.resolve(term, folded=True)
                        if folded.terms[self._number] != own:
                            every, share = folded.terms[self._number], share * folded.idf / word.idf
                    if own or every:
                        leaves.append((own, every, share if every else 0.0, weight * word.idf * _STEP))
                case p.StartsWith(_, fields, weight) | p.Fuzzy(_, _, fields, weight) | p.Like(_, fields, weight) if (
                    fields == p.ALL_FIELDS
                ):
                    many = self._lookup.resolve(replace(node, weight=1.0))
                    leaves.append((many.terms[self._number], (), 0.0, weight * many.idf * _STEP))
                case _:
                    others.append(node)
        return leaves, others

    def _scores(self, node: p.Node, documents: Array) -> Array:
        """The scores of documents (ascending) by a node that is no leaf."""
        match node:
            case p.Has(instead=instead) if instead:
                return self._beyond(node, documents)
            case p.Has(term, fields, weight, others):
                scores = self._plain(self._lookup.resolve(term), documents, fields)
                if others:
                    missing = (scores == 0).nonzero()[0]
                    folded = self._lookup.resolve(term, folded=True)
                    scores[missing] = others * self._plain(folded, documents[missing], fields)
                return scores * np.float32(weight)
            case p.StartsWith(_, fields, weight) | p.Fuzzy(_, _, fields, weight) | p.Like(_, fields, weight):
                resolved = self._lookup.resolve(replace(node, weight=1.0))
                return self._plain(resolved, documents, fields) * np.float32(weight)
            case p.InOrder(terms, weight=weight):
                found, counts = self._near(node, documents)
                every = np.zeros(len(documents), np.float32)
                every[documents.searchsorted(found)] = counts
                idf = max((self._lookup.resolve(term).idf for term in terms), default=0.0)
                return self._saturated(every, documents) * np.float32(idf * weight)
            case p.Chosen(words, _, ()) | p.Having(words):
                return self.scores(words.ranked, documents) * self._among(node, documents)
            case p.Chosen(_, sets, known):
                scores = np.zeros(len(documents), np.float32)
                at, here = find_in(sets[self._number], documents)
                scores[here] = known[self._number][at[here]]
                return scores
            case p.AllOf(nodes):
                return self.scores(nodes, documents) * self._among(node, documents)
            case p.Ranked(must, should, _, boosts):
                return self.scores((*must, *should, *boosts), documents) * self._among(node, documents)
            case _:
                return np.zeros(len(documents), np.float32)

    def _near(self, node: p.InOrder, among: Array | None) -> tuple[Array, Array]:
        return self.phrases.find([self.terms_of(term) for term in node.terms], node.slop, node.fields, among)

    def _beyond(self, node: p.Has, documents: Array) -> Array:
        """What an abbreviation is worth beyond the words that it stands for."""
        idfs = (word.weight * self._lookup.resolve(word.term).idf for word in node.instead)
        share = sum(idfs) / self._lookup.resolve(node.term).idf
        own = self.scores((replace(node, instead=()),), documents) * np.float32(share)
        beyond: Array = np.maximum(own - self.scores(node.instead, documents), 0)
        return beyond

    def _among(self, node: p.Node, documents: Array) -> Array:
        """Which of the documents match a node, one bool each: a part of an AND alone is worth nothing."""
        return as_mask(self.match(node), self.documents)[documents]

    def _plain(self, resolved: Resolved, documents: Array, fields: p.Fields) -> Array:
        """Scores within some fields, by plain counts."""
        found = self.phrases.gathered([resolved.terms[self._number]], documents, fields)
        counts = np.bincount(found["document"], minlength=len(documents)).astype(np.float32)
        return self._saturated(counts, documents) * np.float32(resolved.idf)

    def _saturated(self, counts: Array, documents: Array) -> Array:
        """(K1 + 1) n / (n + norm) of plain counts: of phrases, and within some fields."""
        saturated: Array = (K1 + 1) * counts / (counts + self.norm[documents])
        return saturated

    # -- places ----------------------------------------------------------------------------------------------

    def batches(self, documents: Array, most: int) -> Iterable[slice]:
        """Parts of documents that have about `most` positions each: see `docsets`."""
        if len(documents) * self._widest < most:  # all of them, without a look at each
            check_time()
            return (slice(0, len(documents)),)
        return batches(self.data.width[documents], most)

    @cached_property
    def _widest(self) -> int:
        """The most positions that a document has."""
        return int(self.data.width.max(initial=0))

    def occurrences(
        self, node: p.Together, words: Sequence[Resolved], spellings: Spellings | None, documents: Array
    ) -> Occurrences:
        """Where the words stand in documents (ascending).  words: the node's terms, resolved."""
        groups = [word.terms[self._number] for word in words]
        for short, numbers in node.instead:
            also = self.terms_of(short)
            for number in numbers:
                groups[number] = tuple(dict.fromkeys((*groups[number], *also)))  # a term in it twice would count twice
        codes: list[int] | None = None
        if spellings is not None and spellings.tables:
            table = spellings.tables[self._number]
            codes = [int(code) for word, terms in enumerate(groups) for code in table[word, : len(terms)]]
        elif spellings is not None:
            last = spellings.stride - 1
            codes = [word * (last + 1) + min(at, last) for word, own in enumerate(groups) for at in range(len(own))]
        found = self.phrases.gather(groups, documents, node.fields, codes)
        first, ends = np.zeros(len(documents) + 1, np.int64), _NO_ENDS
        if node.asks:
            counts, ends = self.data.sentences(documents)
            counts.cumsum(out=first[1:])
            ends = ends.astype(np.uint32)
        return Occurrences(found, self.data.title_width.take(documents), first, ends, self.norm.take(documents))

    def has(self, term: int, document: int) -> bool:
        """Whether a term occurs in a document."""
        return bool(len(self.phrases.gathered([(term,)], np.array([document]))))


def _scored(must: Sequence[p.Node]) -> list[p.Node]:
    """What is scored of nodes that all match."""
    found: list[p.Node] = []
    for node in must:
        if isinstance(node, p.Chosen | p.Having) and not node.known:
            found += node.words.ranked
        elif isinstance(node, p.AllOf):
            found += _scored(node.nodes)
        else:
            found.append(node)
    return found
