"""A plan in one segment: which documents match (a set), and which are the best of them.

Where every match must have every word (AND, phrases), all are scored; where words are only ranked (OR), bounds choose
whose scores are worked out (`candidates`).
"""

import re
import weakref
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property, reduce
from typing import TYPE_CHECKING, NamedTuple, TypeGuard

import numpy as np
from msgspec.structs import replace

from ..arrays import Array
from ..article import DAY
from ..deadline import check_time, in_time
from ..errors import QueryError
from ..query import patterns
from ..query import plan as p
from ..query.periods import Period
from ..query.plan import Plan
from ..ranking.bm25f import K1
from ..ranking.occurrences import Terms
from ..ranking.proximity import Gathered, Layout, Worth, lay_out
from ..ranking.spellings import Spellings
from ..text.edit_distance import within
from ..text.tokenize import folded_term
from .candidates import Leaf, added, best, best_of
from .docsets import as_mask, as_numbers, intersect, size_of
from .phrases import Phrases
from .positions import Places
from .term_groups import FEW, Group, Postings, in_all, in_all_rows

if TYPE_CHECKING:
    from .searcher import Engine

_STEP = (K1 + 1) / 255  # what one step of an impact is worth, but for idf
_MOST_LOOKED_AT = 2_000_000  # terms of a segment that one pattern is compared with
_MOST_EXPANSIONS = 10_000  # terms that one prefix or fuzzy word may stand for
_MANY = 32  # one document in so many: more of them are kept as a mask, and scored where bounds of all choose


def _only_words(node: p.Node) -> p.Words | None:
    """The words of a plan that asks for nothing else and whose documents are still to be scored."""
    if isinstance(node, p.Ranked) and len(node.must) == 1 and not (node.should or node.without):
        node = node.must[0]
    return node.words if isinstance(node, p.Chosen) and not node.known else None


def _is_word(node: p.Node) -> TypeGuard[p.Has]:
    """Whether it is a term, in whatever field it stands."""
    return isinstance(node, p.Has) and node.fields == p.ALL_FIELDS


class Resolved(NamedTuple):
    """For each segment the numbers of the terms that count as one, and their idf over all segments."""

    terms: tuple[tuple[int, ...], ...]
    idf: float


class RankedSegment:
    """One segment of the snapshot: sets and scores of nodes."""

    def __init__(self, engine: "Engine", number: int, postings: Postings, gone: Array) -> None:
        # not a cycle: what an engine maps is to go when the engine does, not when the garbage collector comes
        self._engine: Engine = weakref.proxy(engine)
        self._number, self._postings = number, postings
        self._data = postings.segment
        self.phrases = Phrases(self._engine, number, postings)
        self._live = None if not gone.any() else ~gone
        self.documents = self._data.documents

    def search(self, plan: Plan, wanted: int, relevance: bool) -> tuple[Array, Array, Array]:
        """(all matches, the best `wanted` documents and all that equal the least of them, ascending, their scores)."""
        allowed = self._allowed(plan)
        check_time()
        node = plan.match
        if node is None:
            matches = np.ones(self.documents, bool) if allowed is None else allowed
            return self._by_time(plan, matches, wanted)
        if relevance and isinstance(node, p.Has):
            node = p.Ranked(should=(node,))
        if relevance and isinstance(node, p.Ranked) and not node.must and node.should:
            return self._ranked(node, allowed, wanted)
        if relevance and isinstance(node, p.InOrder):
            return self._phrase(node, allowed, wanted)
        if relevance and (leaves := self._words(node)):
            return self._all_words(leaves, allowed, wanted)
        matches = self.match(node)
        check_time()
        if allowed is not None:
            matches = intersect(matches, allowed)
        if not relevance:
            return self._by_time(plan, matches, wanted)
        if (words := _only_words(node)) and size_of(matches) * _MANY > self.documents:
            return self._ranked(p.Ranked(should=words.ranked), matches, wanted)
        documents = as_numbers(matches)
        if isinstance(node, p.Ranked):
            scores = self._sum((*node.must, *node.should), documents)
        else:  # all of them match, so an AND need not be looked at again
            scores = self._sum(node.nodes, documents) if isinstance(node, p.All) else self.scores(node, documents)
        chosen = best(scores, wanted)
        return matches, documents[chosen], scores[chosen]

    def boost(self, boosts: Sequence[p.Node], documents: Array) -> Array:
        """What the boosts add to the scores of documents (ascending)."""
        pairs = [boost for boost in boosts if isinstance(boost, p.InOrder) and boost.is_pair]
        others = (boost for boost in boosts if boost not in pairs)
        return self.phrases.pairs(pairs, documents) + self._sum(others, documents)

    def lay_out(
        self, node: p.Together, words: Sequence[Resolved], spellings: Spellings | None, documents: Array
    ) -> list[Layout | Gathered]:
        """Where the words stand in documents (ascending).  words: the node's terms, resolved."""
        groups = [word.terms[self._number] for word in words]
        for short, numbers in node.instead:
            also = self._engine.resolve(short).terms[self._number]
            for number in numbers:
                groups[number] = tuple(dict.fromkeys((*groups[number], *also)))  # a term in it twice would count twice
        if spellings is None:
            return lay_out(self._postings, node, groups, documents)
        codes = spellings.tables[self._number] if spellings.tables else None
        return lay_out(self._postings, node, groups, documents, spellings.stride, codes)

    def rest(self, node: p.Together, worth: Worth, document: int) -> float:
        """What `Together` adds to the score of a document without its pairs."""
        words = [self._engine.resolve(term) for term in node.terms]
        [layout] = self.lay_out(node, words, worth.spellings, np.array([document]))
        return float(layout.look(node, worth.weights, worth.dropped).rest[0])

    def has(self, term: int, documents: Array) -> bool:
        """Whether a term occurs in any of the documents (ascending)."""
        return bool(self._postings.group((term,)).at(documents).any())

    def matches_any(self, node: p.Node) -> bool:
        """Whether a live document matches a node."""
        if isinstance(node, p.InOrder) and self._live is None:
            return self.phrases.is_anywhere(node)
        if isinstance(node, p.Any):
            return any(map(self.matches_any, node.nodes))
        return bool(size_of(self.live(self.match(node))))

    def live(self, documents: Array) -> Array:
        """Those of a set that are not deleted."""
        return documents if self._live is None else intersect(documents, self._live)

    def best(self, nodes: Sequence[p.Node], wanted: int) -> tuple[Array, Array]:
        """(the best `wanted` live documents by what any of the nodes adds, ascending, their scores)."""
        return self._ranked(p.Ranked(should=tuple(nodes)), self._live, wanted)[1:]

    def _allowed(self, plan: Plan) -> Array | None:
        """The live documents that pass the filters; None for all of them."""
        sets = [self.match(node) for node in plan.filters]
        if self._live is not None:
            sets.append(self._live)
        return reduce(intersect, sets) if sets else None

    def _by_time(self, plan: Plan, matches: Array, wanted: int) -> tuple[Array, Array, Array]:
        documents = as_numbers(matches)
        moments = self._data.moment[documents]
        keys = np.where(moments == 0, np.iinfo(np.int64).min, -moments if plan.sort == "oldest" else moments)
        documents = documents[best(keys, wanted)]
        return matches, documents, np.zeros(len(documents), np.float32)

    # -- words that are only ranked ------------------------------------------------------------------------

    def _ranked(self, node: p.Ranked, allowed: Array | None, wanted: int) -> tuple[Array, Array, Array]:
        """OR: whatever has a bound matches."""
        leaves = [leaf for child in node.should for leaf in self._leaves(child)]
        if allowed is not None:
            allowed = as_mask(allowed, self.documents)
        if node.without:
            without = as_mask(self._any(node.without), self.documents)
            allowed = ~without if allowed is None else allowed & ~without
        return best_of(leaves, self.documents, allowed, wanted)

    def _phrase(self, node: p.InOrder, allowed: Array | None, wanted: int) -> tuple[Array, Array, Array]:
        """A phrase alone: what was counted to find it is what it is scored by."""
        documents, scores = self.phrases.scored(node)
        if allowed is not None:
            kept = as_mask(allowed, self.documents)[documents]
            documents, scores = documents[kept], scores[kept]
        chosen = best(scores, wanted)
        return documents, documents[chosen], scores[chosen]

    def _all_words(self, leaves: list[Leaf], allowed: Array | None, wanted: int) -> tuple[Array, Array, Array]:
        """AND of words: where all are common and many documents have them, bounds choose as for an OR."""
        if any(leaf.group.row is None for leaf in leaves):
            documents = in_all((leaf.group for leaf in leaves), self.documents)
            if allowed is not None:
                documents = intersect(documents, allowed)
        else:
            mask = in_all_rows([leaf.group for leaf in leaves], self.documents)
            if allowed is not None:
                mask &= as_mask(allowed, self.documents)
            if np.count_nonzero(mask) * _MANY > self.documents:
                return best_of(leaves, self.documents, mask, wanted)
            documents = mask.nonzero()[0]
        scores = added(leaves, documents)
        chosen = best(scores, wanted)
        return documents, documents[chosen], scores[chosen]

    def _words(self, node: p.Node) -> list[Leaf]:
        """What the words of an AND add; nothing where it is of more than words."""
        if isinstance(node, p.Ranked) and not (node.should or node.without):
            nodes: Sequence[p.Node] = node.must
        elif isinstance(node, p.All):
            nodes = node.nodes
        else:
            return []
        words = [node for node in nodes if _is_word(node)]
        return [self._leaf(word) for word in words] if len(words) == len(nodes) else []

    def _leaves(self, node: p.Node) -> list[Leaf]:
        """What a node adds that is one of several ranked ones."""
        check_time()
        match node:
            case p.Any(nodes):
                return [leaf for child in nodes for leaf in self._leaves(child)]
            case p.Has() if _is_word(node):
                leaf = self._leaf(node)
                return [leaf] if leaf.group.size else []
            case p.InOrder():  # the long form of an abbreviation: it will be asked for again
                return [self._kept(node, lambda: Leaf.of(*self.phrases.scored(node)))]
            case _:
                documents = as_numbers(self.match(node))
                return [Leaf.of(documents, self.scores(node, documents))]

    def _leaf(self, node: p.Has) -> Leaf:
        """What a term adds, in whatever field it stands; other accents where they count."""
        return self._kept(node, lambda: self._make_leaf(node))

    def _kept(self, node: p.Node, make: Callable[[], Leaf]) -> Leaf:
        leaf: Leaf = self._engine.cache.get((id(self), node), make, lambda it: it.nbytes)
        return leaf

    def _make_leaf(self, node: p.Has) -> Leaf:
        terms, idf = self._engine.resolve(node.term)
        own = terms[self._number]
        unit = node.weight * idf * _STEP
        if node.instead:
            documents = as_numbers(self._postings.group(own).matches)
            return Leaf.of(documents, self._beyond(node, documents))
        if node.others:
            every, low = self._engine.resolve(node.term, folded=True)
            if every[self._number] != own:
                return Leaf(self._postings.spelled(own, every[self._number], node.others * low / idf), unit)
        return Leaf(self._postings.make_group(own), unit)

    def _scores_of(self, node: p.Has, documents: Array) -> Array:
        """What a term adds to the scores of documents; of few, no more is worked out than these."""
        if node.instead or self._data.store is None or len(documents) * FEW > self.documents:
            return self._leaf(node).at(documents)
        terms, idf = self._engine.resolve(node.term)
        own, every, share = terms[self._number], terms[self._number], 0.0
        if node.others:
            all_, low = self._engine.resolve(node.term, folded=True)
            if all_[self._number] != own:
                every, share = all_[self._number], node.others * low / idf
        impacts = self._postings.impacts_at(own, every, share, documents)
        return impacts * np.float32(node.weight * idf * _STEP)

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
        check_time()
        match node:
            case p.Has(_, fields, _, others) if others and fields == p.ALL_FIELDS:
                return self._leaf(node).group.matches
            case p.Has() | p.StartsWith() | p.Similar() | p.Like():
                every = isinstance(node, p.Has) and node.others > 0
                what = node.term if isinstance(node, p.Has) else node
                return self._with_group(node, self._engine.resolve(what, folded=every).terms[self._number])
            case p.InOrder():
                return self.phrases.find(node)[0]
            case p.Together() | p.Words() | p.Having():  # words are settled before: see `ranking.matching`
                return np.empty(0, np.int64)
            case p.Tagged() | p.Published():  # the same few filters come again and again
                return self._engine.cache.get(
                    (id(self), node), lambda: self._filtered(node), lambda found: found.nbytes + 256
                )
            case p.Chosen(_, sets):
                return sets[self._number]
            case p.All(nodes):
                return self._all(nodes)
            case p.Any(nodes):
                return self._any(nodes)
            case p.Ranked(must, should, without, _):
                chosen = self._all(must) if must else self._any(should) if should else np.ones(self.documents, bool)
                return intersect(chosen, ~as_mask(self._any(without), self.documents)) if without else chosen

    def _filtered(self, node: p.Tagged | p.Published) -> Array:
        """What passes a filter."""
        if isinstance(node, p.Published):
            return self._published(node.period)
        found = self._data.tagged(node.column, node.values)
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
            published &= self._data.moment >= begin
        if end and (end + 1) % DAY:
            published &= self._data.moment <= end
        return published

    @cached_property
    def _days(self) -> tuple[int, int, Array]:
        """(a day, the most days that any document came after it, how many each did; 0: without a date)."""
        day = self._data.day
        first = int(day.min(where=day > 0, initial=np.iinfo(day.dtype).max)) - 1
        days = np.where(day > 0, day - first, 0)
        last = int(days.max(initial=0))
        return first, last, days.astype(np.uint16 if last < 1 << 16 else np.uint32)

    def _all(self, nodes: Sequence[p.Node]) -> Array:
        words = [node for node in nodes if _is_word(node)]
        phrases = [node for node in nodes if isinstance(node, p.InOrder)]
        sets = [self.match(node) for node in nodes if not _is_word(node) and not isinstance(node, p.InOrder)]
        if words:
            sets.append(in_all(map(self._present, words), self.documents))
        found = None
        if sets:
            found = reduce(intersect, sorted(sets, key=lambda o: self.documents if o.dtype == bool else len(o)))
        for phrase in sorted(phrases, key=self.phrases.rarity):  # each among what the others leave
            found = self.phrases.find(phrase, None if found is None else as_numbers(found))[0]
        return np.ones(self.documents, bool) if found is None else found

    def _present(self, node: p.Has) -> Group:
        """Where a term is, or any of its accents that count: a group whose impacts may mean nothing."""
        if self._data.store is None:  # its scores will be asked for
            return self._leaf(node).group
        return self.phrases.present(self._engine.resolve(node.term, folded=node.others > 0).terms[self._number])

    def _any(self, nodes: Iterable[p.Node]) -> Array:
        mask = np.zeros(self.documents, bool)
        for node in nodes:
            found = self.match(node)
            if found.dtype == bool:
                mask |= found
            else:
                mask[found] = True
        return mask

    def _with_group(self, node: "p.Has | p.StartsWith | p.Similar | p.Like", terms: tuple[int, ...]) -> Array:
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

    def numbers(self, what: "p.Term | p.StartsWith | p.Similar | p.Like", folded: bool) -> Sequence[int]:
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
            case p.Like(pattern):
                return self._like(pattern)
            case p.Similar(term, edits):
                text = term.text if term.exact else folded_term(term.text)
                near = self._data.starting_with(text[:1], exact=term.exact)
                name = self._data.terms.__getitem__ if term.exact else (lambda n: folded_term(self._data.terms[n]))
                return [n for n in in_time(near) if within(text, name(n), edits)]
            case p.Term(text, exact):
                if exact and not folded:
                    number = self._data.find(text)
                    return () if number is None else (number,)
                return self._data.find_folded(folded_term(text))

    def _like(self, pattern: p.Term) -> Sequence[int]:
        """The terms of a pattern: among those that begin as it does up to its first open letter."""
        begin = re.split(r"[?*]", pattern.text, maxsplit=1)[0]
        data = self._data
        among = data.starting_with(begin, exact=pattern.exact) if begin else range(len(data.terms))
        if len(among) > _MOST_LOOKED_AT:
            raise QueryError(f'"{pattern.text}" begins too many words', hint="write more letters before ? and *")
        name = data.terms.__getitem__ if pattern.exact else (lambda n: folded_term(data.terms[n]))
        names = map(name, among) if begin else data.terms.all() if pattern.exact else map(folded_term, data.terms.all())
        fits = patterns.compiled(pattern.text).fullmatch
        found = [number for number, text in in_time(zip(among, names, strict=True)) if fits(text)]
        if len(found) > _MOST_EXPANSIONS:
            raise QueryError(
                f'"{pattern.text}" stands for more than {_MOST_EXPANSIONS} words', hint="write more letters"
            )
        return found

    # -- phrases -------------------------------------------------------------------------------------------

    @property
    def places(self) -> Places:
        """Where its terms stand."""
        return self._postings.places

    def terms_of(self, term: p.Term) -> Terms:
        """The numbers of the terms of this segment that it stands for."""
        return self._engine.resolve(term).terms[self._number]

    # -- scores --------------------------------------------------------------------------------------------

    def scores(self, node: p.Node, documents: Array) -> Array:
        """The scores of documents (ascending); 0 where a node does not match."""
        check_time()
        match node:
            case p.Has(_, fields, _, _, instead) if instead and fields != p.ALL_FIELDS:
                return self._beyond(node, documents)
            case p.Has(_, fields) if fields == p.ALL_FIELDS:
                return self._scores_of(node, documents)
            case p.Has(term, fields, weight, others):
                scores = self._scores_in(self._engine.resolve(term), documents, fields)
                if others:
                    missing = (scores == 0).nonzero()[0]
                    folded = self._engine.resolve(term, folded=True)
                    scores[missing] = others * self._scores_in(folded, documents[missing], fields)
                return scores * np.float32(weight)
            case p.StartsWith(_, fields, weight) | p.Similar(_, _, fields, weight) | p.Like(_, fields, weight):
                resolved = self._engine.resolve(replace(node, weight=1.0))
                if fields == p.ALL_FIELDS:
                    group = self._postings.group(resolved.terms[self._number])
                    return group.at(documents) * np.float32(resolved.idf * _STEP * weight)
                return self._scores_in(resolved, documents, fields) * np.float32(weight)
            case p.InOrder():
                found, counts = self.phrases.find(node, documents)
                at = found.searchsorted(documents)
                at[at == len(found)] = 0
                here = np.where(found[at] == documents, counts[at], 0) if len(found) else np.zeros(len(documents))
                return self.phrases.scores(node, documents, here)
            case p.Tagged() | p.Published() | p.Together() | p.Words() | p.Having():
                return np.zeros(len(documents), np.float32)
            case p.Chosen(words, _, ()):
                return self._sum(words.ranked, documents) * self._among(node, documents)
            case p.Chosen(_, sets, known):
                scores = np.zeros(len(documents), np.float32)
                own = sets[self._number]
                at = own.searchsorted(documents)
                at[at == len(own)] = 0
                here = (own[at] == documents).nonzero()[0] if len(own) else own
                scores[here] = known[self._number][at[here]]
                return scores
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
