"""What the engine should find and how it should score it, in plain Python, one article after another."""

import math
import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date, datetime
from functools import cache
from typing import TypeAlias

import numpy as np
from tests.drawn import (
    FIELDS,
    PROVINCES,
)

from vnsearch import Article
from vnsearch.article import VIETNAM
from vnsearch.embedded.searcher import Engine
from vnsearch.index.article_json import load
from vnsearch.query import plan as p
from vnsearch.query.plan import Fuzzy, Has, InOrder, Published, Ranked, StartsWith, Tagged, Term, Together
from vnsearch.ranking.bm25f import K1, W_LEAD, W_TITLE, B
from vnsearch.ranking.proximity import (
    CLOSE,
    CLOSE_WINDOW,
    COVER,
    EARLY,
    FIRST,
    LONGER,
    NEAR,
    PAIR,
    SENTENCE,
    TITLE,
    WINDOW,
)
from vnsearch.ranking.spellings import LEAST, PRIOR
from vnsearch.text.tokenize import folded_term, tokenize

Accepts: TypeAlias = Callable[[str], bool]  # which terms of the index count as one


@cache
def distance(a: str, b: str) -> int:
    """Levenshtein's, straight from its definition."""
    if not a or not b:
        return len(a) + len(b)
    return min(distance(a[1:], b) + 1, distance(a, b[1:]) + 1, distance(a[1:], b[1:]) + (a[0] != b[0]))


@cache
def accepts(node: "Term | Has | StartsWith | Fuzzy", folded: bool = False) -> Accepts:
    """Whether a term of the index is one of those that the node stands for."""
    match node:
        case Term(text, exact):
            view: Callable[[str], str] = str if exact and not folded else folded_term
            return lambda term: view(term) == view(text)
        case Has(term):
            return accepts(term, folded)
        case StartsWith(Term(text, exact)):
            view = str if exact else folded_term
            return lambda term: view(term).startswith(view(text))
        case Fuzzy(Term(text, exact), edits):
            view = str if exact else folded_term
            return lambda term: view(term)[0] == view(text)[0] and distance(view(term), view(text)) <= edits


class Document:
    """An article as the oracle sees it: the positions of every term in every field, counted from the field's first."""

    def __init__(self, article: Article, live: bool = True) -> None:
        self.article, self.live, self.width = article, live, 0
        self.starts: dict[str, int] = {}  # where each field begins in the stream of all; a gap lies between two
        self.places: dict[str, dict[str, list[int]]] = defaultdict(lambda: {field: [] for field in FIELDS})
        self.sentences: list[tuple[int, int]] = []  # where each begins and ends in the stream
        for field in FIELDS:
            text = getattr(article, field)
            tokens = tokenize(text)
            self.starts[field] = begin = self.width + len(self.starts)
            width = max((token.position + token.width for token in tokens), default=0)
            self.width += width
            for stop in re.finditer(r"[.!?;:…][)\]\"'”’»]*(?=\s|$)", text):
                inside = [token.position + token.width for token in tokens if token.start < stop.start()]
                self.sentences.append((begin, end := self.starts[field] + max(inside, default=0)))
                begin = end
            self.sentences.append((begin, self.starts[field] + width + (field != "body")))
            for token in tokens:
                self.places[token.term][field].append(token.position)

    def has(self, group: Accepts) -> bool:
        return any(map(group, self.places))

    def frequency(self, group: Accepts, fields: p.Fields) -> float:
        """BM25F's weighted count over the whole article; within some fields a plain count."""
        total = 0.0
        for places in (places for term, places in self.places.items() if group(term)):
            count: float = sum(len(places[field]) for field in fields)
            if fields == FIELDS:
                count += (W_TITLE - 1) * min(len(places["title"]), 3) + (W_LEAD - 1) * bool(places["lead"])
            total += count
        return total

    def phrases(self, node: InOrder) -> int:
        """How many places of the first term the others follow in one field, at most `slop` positions between."""
        groups = [accepts(term) for term in node.terms]
        found = 0
        for field in node.fields:
            slots = [{at for t, places in self.places.items() if g(t) for at in places[field]} for g in groups]
            for start in slots[0]:
                ends = {start}
                for slot in slots[1:]:
                    ends = {at for at in slot if any(end < at for end in ends)}
                found += any(end - start <= len(groups) - 1 + node.slop for end in ends)
        return found

    def positions(self, group: Accepts, fields: p.Fields) -> list[int]:
        """Where a group occurs in the stream of all fields, ascending."""
        found = [places for term, places in self.places.items() if group(term)]
        return sorted(self.starts[field] + at for places in found for field in fields for at in places[field])


class Oracle:
    """Every document of every segment, deleted ones too, in plain Python."""

    def __init__(self, documents: list[Document]) -> None:
        self.documents = documents
        self.live = [document for document in documents if document.live]
        self._idf: dict[Accepts, float] = {}
        self.mean = max(sum(document.width for document in documents) / max(len(documents), 1), 1.0)

    @classmethod
    def of(cls, engine: Engine) -> "Oracle":
        """From the articles that the segments store; what was inverted is not looked at."""
        snapshot = engine.snapshot
        pairs = zip(snapshot.segments, snapshot.deleted, strict=True)
        return cls([Document(load(s.stored(n)), not gone[n]) for s, gone in pairs for n in range(s.documents)])

    def idf(self, group: Accepts) -> float:
        if group not in self._idf:
            df = sum(document.has(group) for document in self.documents)
            self._idf[group] = math.log(1 + (len(self.documents) - df + 0.5) / (df + 0.5))
        return self._idf[group]

    def saturated(self, frequency: float, document: Document) -> float:
        return (K1 + 1) * frequency / (frequency + K1 * (1 - B + B * document.width / self.mean))

    def found(self, node: p.Node | None, filters: Iterable[p.Node] = ()) -> list[Document]:
        """The live documents that match."""
        nodes = [*filters, *([] if node is None else [node])]
        return [document for document in self.live if all(self.matches(node, document) for node in nodes)]

    def matches(self, node: p.Node, document: Document) -> bool:
        article = document.article
        match node:
            case Has(_, fields, _, others):
                groups = [accepts(node)] + [accepts(node, folded=True)] * bool(others)
                return any(document.frequency(group, fields) > 0 for group in groups)
            case StartsWith(_, fields) | Fuzzy(_, _, fields):
                return document.frequency(accepts(node), fields) > 0
            case InOrder():
                return document.phrases(node) > 0
            case Together():
                return False
            case Tagged(column, values):
                return not values.isdisjoint(tags(article)[column])
            case Published(period):
                time = shown(article)
                begin, end = ("" if bound is None else shown_bound(bound) for bound in period)
                return bool(time) and begin <= time and (not end or time[: len(end)] <= end)
            case p.AllOf(nodes):
                return all(self.matches(child, document) for child in nodes)
            case p.AnyOf(nodes):
                return any(self.matches(child, document) for child in nodes)
            case Ranked(must, should, without, _):
                if any(self.matches(child, document) for child in without):
                    return False
                if must:
                    return all(self.matches(child, document) for child in must)
                return not should or any(self.matches(child, document) for child in should)
            case _:
                raise AssertionError(f"{node} is settled before it is matched")

    def score(self, node: p.Node, document: Document) -> float:
        """0 where the node does not match; else what its kind says."""
        if not self.matches(node, document):
            return 0.0
        match node:
            case Has(instead=words) if words:
                own_idf, idf = self.idf(accepts(node)), sum(w.weight * self.idf(accepts(w)) for w in words)
                score = self.score(Has(node.term, node.fields, node.weight), document) * idf / own_idf
                return max(0.0, score - sum(self.score(word, document) for word in words))
            case Has(_, fields, weight, others):
                own, every = accepts(node), accepts(node, folded=True)
                score = self.group_score(own, document, fields)
                if score or not others:
                    return weight * score
                if fields != FIELDS:
                    return weight * others * self.group_score(every, document, fields)
                share = np.float32(others * self.idf(every) / self.idf(own))
                impact = math.ceil(self.impact(document.frequency(every, fields), document) * share)
                return weight * self.idf(own) * (K1 + 1) * impact / 255
            case StartsWith(_, fields) | Fuzzy(_, _, fields):
                return self.group_score(accepts(node), document, fields)
            case InOrder(terms, _, _, weight):  # as often as it occurs, as rare as its rarest term
                rarest = max(self.idf(accepts(term)) for term in terms)
                return weight * rarest * self.saturated(document.phrases(node), document)
            case p.AllOf(nodes) | p.AnyOf(nodes):
                return sum(self.score(child, document) for child in nodes)
            case Ranked(must, should, _, boosts):
                return sum(self.score(child, document) for child in (*must, *should, *boosts))
            case _:
                return 0.0

    def scores(self, node: p.Node | None, found: list[Document]) -> list[float]:
        """Of all that a query finds: how its words stand together counts for the whole query only."""
        total = [0.0 if node is None else self.score(node, document) for document in found]
        for boost in node.boosts if isinstance(node, Ranked) else ():
            if isinstance(boost, Together):
                total = [a + b for a, b in zip(total, self.together(boost, found), strict=True)]
        return total

    def together(self, node: Together, found: list[Document]) -> list[float]:
        """The formula of `ranking.proximity`: pairs, windows, sentences, early words, the title, all words."""
        idfs, read = self.read(node, found)
        unscaled = [weight * idf for weight, idf in zip(node.weights, idfs, strict=True)]
        whole = sum(w * self.idf(accepts(term)) for w, term in zip(node.weights, node.terms, strict=True))
        worth = [each * whole / sum(unscaled) for each in unscaled]
        stand = [  # an abbreviation that is a spelling of the word itself is dropped where that is
            [*kept, *(accepts(s) for s, ws in node.instead if n in ws and not accepts(node.terms[n])(s.text))]
            for n, kept in enumerate(read)
        ]
        places = [
            [sorted({at for group in some for at in document.positions(group, node.fields)}) for some in stand]
            for document in found
        ]
        beside = [[sum(at + 1 in each[b] for at in each[a]) for a, b in node.pairs] for each in places]
        info = []
        for number, pair in enumerate(node.pairs):
            rarer = max(pair, key=lambda n: round(idfs[n], 6))
            having, paired = sum(bool(each[rarer]) for each in places), sum(counts[number] > 0 for counts in beside)
            info.append(-math.log(min(1, (paired + 0.5) / (having + 0.5))))

        def within(each: list[list[int]], first: int, behind: int) -> float:
            return sum(w for w, own in zip(worth, each, strict=True) if any(first <= at < behind for at in own))

        total = []
        for document, each, counts in zip(found, places, beside, strict=True):
            pairs = sum(i * self.saturated(n, document) for i, n in zip(info, counts, strict=True))
            near, close = (
                max((within(each, at, at + width) for own in each for at in own), default=0.0)
                for width in (WINDOW, CLOSE_WINDOW)
            )
            early, title = within(each, 0, FIRST), within(each, 0, document.starts["lead"] - 1)
            cover = sum(w for w, own in zip(worth, each, strict=True) if own)
            sentences = document.sentences if node.asks else ()
            told = max((within(each, *one) / (1 + LONGER * (one[1] - one[0])) for one in sentences), default=0.0)
            windows = NEAR * near + CLOSE * close + SENTENCE * told
            total.append(PAIR * pairs + windows + EARLY * early + TITLE * title + COVER * cover)
        return total

    def read(self, node: Together, found: list[Document]) -> tuple[list[float], list[list[Accepts]]]:
        """The formula of `ranking.spellings`: for each term its idf, and the spellings that it is taken to have."""
        shorts = [[accepts(s) for s, words in node.instead if n in words] for n in range(len(node.terms))]

        def places(document: Document, accepted: list[Accepts]) -> set[int]:
            return {at for group in accepted for at in document.positions(group, node.fields)}

        def beside(spelling: Accepts, others: list[int], away: int) -> int:
            return sum(
                any(
                    at + away in places(document, [accepts(node.terms[o]), *shorts[o]])
                    for at in document.positions(spelling, node.fields)
                    for o in others
                )
                for document in found
            )

        idfs = [self.idf(accepts(term)) for term in node.terms]
        kept = [[accepts(term)] for term in node.terms]
        for n, term in enumerate(node.terms):
            names = sorted({name for document in self.documents for name in document.places if kept[n][0](name)})
            behind = [second for first, second in node.pairs if first == n]
            before = [first for first, second in node.pairs if second == n]
            if term.exact or len(names) < 2 or not (behind or before):
                continue
            spellings = [accepts(Term(name, True)) for name in names]
            number = [sum(bool(d.positions(spelling, node.fields)) for d in found) for spelling in spellings]
            evidence = [
                math.prod(
                    beside(spelling, others, away) + PRIOR * count / sum(number)
                    for others, away in ((behind, 1), (before, -1))
                    if others
                )
                / math.sqrt(count)
                if count
                else 0.0
                for spelling, count in zip(spellings, number, strict=True)
            ]
            if any(evidence):
                chances = [e / sum(evidence) for e in evidence]
                idfs[n] = sum(c * self.idf(spelling) for c, spelling in zip(chances, spellings, strict=True))
                kept[n] = [s for s, e in zip(spellings, evidence, strict=True) if e >= LEAST * max(evidence)]
        return idfs, kept

    def group_score(self, group: Accepts, document: Document, fields: p.Fields) -> float:
        """In all fields by steps of 1/255, within some exactly."""
        frequency = document.frequency(group, fields)
        if not frequency:
            return 0.0
        if fields == FIELDS:
            return self.idf(group) * (K1 + 1) * self.impact(frequency, document) / 255
        return self.idf(group) * self.saturated(frequency, document)

    def impact(self, frequency: float, document: Document) -> int:
        """In the precision of the engine: which step is the next above must not depend on the last bit."""
        tf = np.float32(round(10 * frequency)) / np.float32(10)
        norm = np.float32(K1 * (1 - B + B * document.width / self.mean))
        return math.ceil(tf / (tf + norm) * np.float32(255))


def tags(article: Article) -> dict[str, list[str]]:
    """The values of an article in the filter columns, each once."""
    slugs = (PROVINCES["Lạng Sơn"] if name == "lang son" else PROVINCES[name] for name in article.provinces)
    source = [article.source] if article.source else []
    return {"provinces": sorted(set(slugs)), "topics": sorted(set(article.topics)), "source": source}


def shown_bound(time: date) -> str:
    """2023-02-07T17:05 in Viet Nam, or 2023-02-07: what begins so is within it."""
    return time.astimezone(VIETNAM).isoformat()[:16] if isinstance(time, datetime) else time.isoformat()


def shown(article: Article) -> str:
    """When it was published, a day as its first minute; "" for no date."""
    text = shown_bound(article.published) if article.published is not None else ""
    return f"{text}T00:00" if len(text) == len("2023-02-07") else text


def by_time(article: Article, sort: str) -> tuple[int, ...]:
    """A key for the order of minutes: the newest first, or the oldest; those without one last."""
    numbers = tuple(map(int, re.findall(r"\d+", shown(article)))) or (10_000,)
    return numbers if sort == "oldest" or numbers == (10_000,) else tuple(-number for number in numbers)


@cache
def best(oracle: Oracle, node: p.Node, filters: tuple[p.Node, ...] = ()) -> list[float]:
    """The scores of all matches, the greatest first."""
    return sorted(oracle.scores(node, oracle.found(node, filters)), reverse=True)
