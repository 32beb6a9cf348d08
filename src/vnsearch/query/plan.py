"""Query tree + filters -> plan: what to match, with what weight.  Knows neither Whoosh nor files.

Matching: an article has to have every word of a query (`Words`).

Ranking, per token as it was typed: a token with marks is looked up exactly, and its other accents
count a tenth; a token without marks is looked up in the folded view.  How the tokens stand together ranks
what they find (`Together`); an abbreviation and its long form stand for each other.  Measured reasons
stand in ARCHITECTURE.md.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from itertools import islice, pairwise
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from ..errors import QueryError
from ..limits import FILTER_VALUES, QUERY_WORDS
from ..printable import shown
from ..text import abbreviations
from ..text.edit_distance import within
from ..text.fold import fold, is_unmarked
from ..text.memo import Memo
from ..text.normalize import clean
from ..text.phrase_matcher import PhraseMatcher
from ..text.synonyms import Synonyms
from ..text.tokenize import Token, folded_term, terms, tokenize
from . import documents, patterns, periods, syntax
from .budget import within_budget

if TYPE_CHECKING:
    from ..arrays import Array

Fields: TypeAlias = tuple[str, ...]
ALL_FIELDS: Fields = ("title", "lead", "body")
OTHER_ACCENTS = 0.1
SURE = 0.98  # how probable a reading is whose other spellings do not count for how words stand together
SYNONYM = 0.5  # what another word for the same counts
MOST_SYNONYMS = 32  # of a query
MOSTLY_MARKED = 0.5  # share of a query's words with marks: with more, what has none is meant so
PART = 0.2  # a part of a document's number or date, where the whole is what was asked for
MOST_WORDS = QUERY_WORDS
MOST_VALUES = FILTER_VALUES
_JOINING = frozenset("-–/.:&@+_'’")
_DASHES = dict.fromkeys(map(ord, "–—‐‑‒―−"), "-")
_BEGINS_NUMBER = re.compile(r"\d{1,6}(?:[/-]\w{1,12}){0,4}")
_SIGNS = ("/", "-")  # between the parts of a number


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


class Together(Struct, frozen=True):
    """The words of a query: what has them side by side, near one another, early or in the title ranks higher.

    Only a boost of the whole query; it matches nothing, and elsewhere it is worth nothing.
    weights: what each term counts.  pairs: numbers of the terms that stand side by side in the query.
    instead: abbreviations and the numbers of the terms that stand where they do.
    """

    terms: tuple[Term, ...]
    weights: tuple[float, ...]
    pairs: tuple[tuple[int, int], ...]
    fields: Fields = ALL_FIELDS
    instead: tuple[tuple[Term, tuple[int, ...]], ...] = ()


class StartsWith(Struct, frozen=True):
    """Any term that begins so."""

    prefix: Term
    fields: Fields = ALL_FIELDS
    weight: float = 1.0


class Similar(Struct, frozen=True):
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


class Words(Struct, frozen=True):
    """Words side by side.  An article matches that has every word as it was typed; where no article has, every word
    in any accents.

    every: one node a word.  accents: the same in any accents; () where no word was typed with marks.
    ranked: what is scored, the terms in the words.  boosts: what ranks higher what matches.
    names: the words as typed, parallel to `every`.
    nearest: where few articles have every word, those that score nearly as well as the best match too.
    """

    every: tuple["Node", ...]
    accents: tuple["Node", ...]
    ranked: tuple["Node", ...]
    boosts: tuple["Node", ...]
    names: tuple[str, ...]
    nearest: bool


class All(Struct, frozen=True):
    """Every node matches; scores are added."""

    nodes: tuple["Node", ...]


class Any(Struct, frozen=True):
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
    """The same where documents have no numbers: what matches all of `nodes`, or, once their scores are known, articles
    by their ids, with scores, boosts included.
    """

    words: Words
    nodes: tuple["Node", ...] = ()
    known: tuple[tuple[str, float], ...] = ()


Node: TypeAlias = (
    Has
    | InOrder
    | Together
    | StartsWith
    | Similar
    | Like
    | Tagged
    | Published
    | Words
    | Chosen
    | Having
    | All
    | Any
    | Ranked
)
Settled: TypeAlias = Chosen | Having
Cut: TypeAlias = Callable[[Sequence[Term]], list[int]]  # terms in a row -> how many each word has
Spell: TypeAlias = Callable[[Sequence[str]], Sequence[tuple[str, float]]]  # words in a row: see `unread`
Others: TypeAlias = Sequence[tuple[int, int, tuple[str, ...]]]  # first and last position, another word for these
NO_SYNONYMS = Synonyms()
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


class Plan(Struct, frozen=True):
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

        Positions tell what stood side by side, so each run of words begins a good way behind the one before.
        """
        runs = [Mark(token.term, token.position) for token in self.tokens]
        for number, words in enumerate(dict.fromkeys(self.equivalents), 1):
            base = number * 2 * syntax.LONGEST_QUERY
            runs += [Mark(word, base + at) for at, word in enumerate(words)]
        return runs + [mark._replace(position=-2 * n) for n, mark in enumerate(self.ranges, 1)]


SORTS = ("relevance", "newest", "oldest")
MATCHES = ("auto", "all", "any", "phrase")
FACETS = ("province", "province34", "topic", "source", "year", "month")


def _single(terms: Sequence[Term]) -> list[int]:
    return [1] * len(terms)


def unread(words: Sequence[str]) -> Sequence[tuple[str, float]]:
    """How each of some words in a row is spelled that was typed without marks, and how probable that is; here nothing
    is read: 0.
    """
    return [(word, 0.0) for word in words]


def plan(
    text: str,
    *,
    province: str | Iterable[str] | None = None,
    topic: str | Iterable[str] | None = None,
    source: str | Iterable[str] | None = None,
    since: date | str | None = None,
    until: date | str | None = None,
    sort: str = "relevance",
    limit: int = 10,
    offset: int = 0,
    facets: Iterable[str] = (),
    now: date | None = None,
    recency: bool = False,
    literal: bool = False,
    match: str = "auto",
    fields: str | Iterable[str] | None = None,
    cut: Cut = _single,
    spell: Spell = unread,
    synonyms: Synonyms = NO_SYNONYMS,
) -> Plan:
    """The plan of a search; arguments as in `Index.search`.  Raises QueryError.

    cut: what finds the words in terms that stand in a row; by default each term is a word.
    spell: what reads words typed without marks; by default nothing does.
    synonyms: other words for the same.
    """
    facets = (facets,) if isinstance(facets, str) else tuple(facets)
    _check_choice("sort", (sort,), SORTS)
    _check_choice("match", (match,), MATCHES)
    _check_choice("facet", facets, FACETS)
    if recency and sort != "relevance":
        raise QueryError(f"recency= is for sort='relevance', not {sort!r}", hint="leave one of them out")
    for name, number in (("limit", limit), ("offset", offset)):
        if not isinstance(number, int) or number < 0:
            raise QueryError(f"{name} is a number from 0, not {number!r}")
    builder = _Builder(text, now, match, cut, spell, synonyms, shorten=literal)
    within = ALL_FIELDS if fields is None else _fields(fields)
    if literal:
        text = text[: syntax.LONGEST_QUERY]
    if literal or syntax.is_plain(text):  # most queries need no tree
        found = builder.words(" ".join(text.split()), within, True)
    else:
        found = builder.node(within_budget(syntax.parse(text)), within)
    filters: list[Filter] = []
    for column, names in (("provinces", province), ("topics", topic), ("source", source)):
        if names is not None:
            filters += _filters(column, names)
    if since is not None or until is not None:
        period = periods.Period(
            periods.as_bound(since, last=False, now=now) if since is not None else None,
            periods.as_bound(until, last=True, now=now) if until is not None else None,
        )
        if period.since and period.until and period.is_turned_round:
            begin, end = periods.shown(period.since), periods.shown(period.until)
            raise QueryError(f"since {begin} comes after until {end}", hint="turn them round")
        filters.append(Published(period))
    return Plan(
        found, tuple(filters), tuple(builder.tokens), tuple(builder.equivalents), tuple(builder.ranges),
        sort, limit, offset, facets, (now or periods.today()) if recency else None, match == "any",
        tuple(builder.also), tuple(builder.read_as),
    )  # fmt: skip


def _fields(names: str | Iterable[str]) -> Fields:
    chosen = {syntax.FIELDS.get(name, name) for name in ((names,) if isinstance(names, str) else names)}
    _check_choice("field", sorted(map(str, chosen)), ALL_FIELDS)
    if not chosen:
        raise QueryError("fields= names no field", hint="choose from " + ", ".join(ALL_FIELDS))
    return tuple(field for field in ALL_FIELDS if field in chosen)


def filtered(node: Node | None) -> set[str]:
    """The fields of an article that a node wants a value in."""
    match node:
        case Tagged(column):
            return {column}
        case Published():
            return {"published"}
        case All(nodes) | Any(nodes):
            return set().union(*map(filtered, nodes))
        case Ranked(must, should):
            return set().union(*map(filtered, (*must, *should)))
        case _:
            return set()


def _check_choice(what: str, chosen: Sequence[str], known: Sequence[str]) -> None:
    for name in chosen:
        if name not in known:
            raise QueryError(f'there is no {what} "{name}"', hint="choose from " + ", ".join(known))


def _filters(column: str, names: str | Iterable[str]) -> list[Tagged]:
    names = (
        list(islice(names, MOST_VALUES + 1)) if isinstance(names, Iterable) and not isinstance(names, str) else [names]
    )
    if wrong := [name for name in names if not isinstance(name, str)]:
        raise QueryError(f"a filter by {column} is a name or several, as text, not {shown(wrong[0])}")
    if len(names) > MOST_VALUES:
        raise QueryError(f"a filter by {column} takes at most {MOST_VALUES} names", hint="leave some out")
    return [tagged(column, names)] if names else []


def tagged(column: str, names: Iterable[str]) -> Tagged:
    """A filter by names as a person writes them.  Raises QueryError for a name that is unknown."""
    from ..ingest import find_topics
    from ..vietnam import provinces

    values: set[str] = set()
    for name in names:
        if column == "provinces":
            values |= provinces.filter_slugs(name)
        elif column == "topics":
            values.add(find_topics.find_by_name(name))
        else:
            values.add(name.strip().lower().removeprefix("www."))
    return Tagged(column, frozenset(values))


class _Builder:
    """Turns nodes of the query tree into nodes of the plan; collects the tokens to be marked in snippets."""

    def __init__(
        self, text: str, now: date | None, match: str, cut: Cut, spell: Spell, synonyms: Synonyms, *, shorten: bool
    ) -> None:
        self.text = text
        self.now = now
        self._match, self._cut, self._spell, self._synonyms = match, cut, spell, synonyms
        self._shorten = shorten  # what is too long, instead of refusing it
        self.tokens: list[Token] = []
        self.equivalents: list[tuple[str, ...]] = []
        self.ranges: list[Mark] = []
        self.also: list[tuple[str, str]] = []
        self.read_as: list[str] = []

    def remember(self, tokens: list[Token]) -> None:
        if self.tokens:
            base = self.tokens[-1].position + 2
            tokens = [Token(t.term, t.start, t.end, base + t.position, t.width, t.kind) for t in tokens]
        self.tokens += tokens

    def node(self, tree: syntax.Node, fields: Fields, marked: bool = True) -> Node | None:
        match tree:
            case syntax.Group():
                return self.group(tree.items, fields, marked)
            case syntax.Both() | syntax.Either():
                nodes = [self.operand(operand, fields, marked) for operand in tree.operands]
                kept = tuple(node for node in nodes if node is not None)
                if not kept:
                    return None
                return _all(kept) if isinstance(tree, syntax.Both) else Any(kept)
            case syntax.InField():
                return self.in_field(tree, marked)
            case syntax.Phrase():
                return self.phrase(tree, fields, marked)
            case syntax.Boosted():
                return _weighted(self.node(tree.item, fields, marked), tree.by)
            case syntax.Pattern():
                return self.pattern(tree, fields, marked)
            case syntax.Prefix():
                return self.prefix(tree.text, fields, marked)
            case syntax.Fuzzy():
                term = self.single(tree.text, tree.column)
                self.ranges += [Mark(term.text, 0, edits=tree.edits)] * marked
                return Similar(term, tree.edits, fields)
            case _:
                return self.group((tree,), fields, marked)

    def operand(self, tree: syntax.Node, fields: Fields, marked: bool) -> Node | None:
        """With match="any", too, words that are an operand of AND, OR, NOT must all occur."""
        node = self.node(tree, fields, marked)
        if isinstance(node, Ranked) and node.should and self._match == "any":
            shorts = tuple(child for child in node.should if isinstance(child, Has) and child.instead)
            words = (child for child in node.should if child not in shorts)
            return Ranked((*node.must, *words), shorts, node.without, node.boosts)
        return node

    def group(self, items: Sequence[syntax.Node], fields: Fields, marked: bool) -> Node | None:
        must: list[Node] = []
        should: list[Node] = []
        without: list[Node] = []
        boosts: list[Node] = []
        at = 0
        while at < len(items):
            item = items[at]
            at += 1
            if isinstance(item, syntax.Word):
                words = [item.text]
                while at < len(items) and isinstance(following := items[at], syntax.Word):
                    words.append(following.text)
                    at += 1
                node = self.words(" ".join(words), fields, marked)
                if isinstance(node, Ranked):
                    should += node.should
                    boosts += node.boosts
                    continue
            elif isinstance(item, syntax.Excluded):
                without += _some(self.operand(item.item, fields, False))
                continue
            elif isinstance(item, syntax.Required):
                must += _some(self.operand(item.item, fields, marked))
                continue
            else:
                node = self.node(item, fields, marked)
            (should if self._match == "any" and not isinstance(node, FILTERS) else must).extend(_some(node))
        return _grouped(must, should, boosts, without)

    def words(self, text: str, fields: Fields, marked: bool) -> Node | None:
        """What plain words side by side look for."""
        tokens = tokenize(text)
        if self._shorten:
            tokens = tokens[:MOST_WORDS]
        if len(tokens) > MOST_WORDS:
            raise QueryError(f"a query has at most {MOST_WORDS} words, this one {len(tokens)}", hint="leave some out")
        if marked:
            self.remember(tokens)
        if not tokens:
            return None
        read = self._read(text, tokens)
        others = self._others([t for t in tokens if t.width == 1], read)
        if self._match == "phrase":
            return _phrases([t for t in tokens if t.width == 1], others, fields)
        ranked, boosts = self.ranked(tokens, fields)
        ranked += [_other_word(phrase, fields) for _, _, phrase in others]
        if self._match == "any":
            return _grouped((), ranked, boosts)
        words = dict.fromkeys(self.every(text, tokens, fields, others))
        every, names, numbers = (tuple(column) for column in zip(*words, strict=True))
        accents = tuple(map(_in_any_accents, every))
        if read:
            ranked = [_spelled(node, read) for node in ranked]
            boosts = [_surely(node, read) if isinstance(node, Together) else node for node in boosts]
        nearest = self._match == "auto" and len(tokens) > 1 and not all(numbers)
        return Words(every, () if accents == every else accents, tuple(ranked), tuple(boosts), names, nearest)

    def _read(self, text: str, tokens: list[Token]) -> dict[str, tuple[str, float]]:
        """How words typed without marks are spelled, and how probable that is; nothing where most words have marks.

        A word that is read in two ways is not read.
        """
        units = [token for token in tokens if token.width == 1]
        bare = [token for token in units if token.kind == "word" and token.term.isalpha() and is_unmarked(token.term)]
        if not bare or sum(not is_unmarked(token.term) for token in units) > MOSTLY_MARKED * len(units):
            return {}
        read: dict[str, tuple[str, float]] = {}
        said = text
        for token, (spelling, chance) in reversed(list(zip(units, self._spell([t.term for t in units]), strict=True))):
            if token not in bare or not chance:
                continue
            said = said[: token.start] + spelling + said[token.end :]
            before, least = read.get(token.term, (spelling, 1.0))
            read[token.term] = (spelling, min(chance, least)) if before == spelling else (token.term, 0.0)
        read = {word: one for word, one in read.items() if one[1]}
        if all(word == spelling for word, (spelling, _) in read.items()):
            return {}  # as in what is written with all its marks
        self.read_as.append(said)
        return read

    def _others(self, units: Sequence[Token], read: Mapping[str, tuple[str, float]]) -> Others:
        """Positions of the first and the last of some words, and other words for the same.

        A word typed without marks is the one that it was read as, if any.
        """
        found: list[tuple[int, int, tuple[str, ...]]] = []
        for match in self._synonyms.find([folded_term(t.term) for t in units]):
            typed = units[match.start : match.end]
            if typed[-1].position - typed[0].position != len(typed) - 1:
                continue
            meant = tuple(read.get(t.term, (t.term, 0.0))[0] for t in typed)
            for phrase, others in match.value:
                if phrase == meant:
                    found += [(typed[0].position, typed[-1].position, other) for other in others]
        found = found[:MOST_SYNONYMS]
        names = {t.position: t.term for t in units}
        self.also += [(" ".join(names[at] for at in range(first, last + 1)), " ".join(o)) for first, last, o in found]
        self.equivalents += [other for _, _, other in found]
        return found

    def ranked(self, tokens: list[Token], fields: Fields) -> tuple[list[Node], list[Node]]:
        """What of plain words is scored, and what ranks their matches higher."""
        known = abbreviations.version()
        if len(tokens) == 1:  # as behind a plus
            return [self.token(tokens[0].term, tokens[0].kind, float(tokens[0].width), fields, known)], []
        units, inside = tokens, frozenset[int]()
        if compounds := [t for t in tokens if t.width > 1]:
            units = [t for t in tokens if t.width == 1]
            inside = _positions(compounds)
        nodes: dict[tuple[str, str, float], Node] = {}
        worth: dict[str, float] = {}  # by term
        for text, _, _, position, width, kind in tokens:
            key = text, kind, PART if width == 1 and position in inside else float(width)
            if key not in nodes:
                nodes[key] = self.token(*key, fields, known)
                worth[text] = max(key[2], worth.get(text, 0.0))
        shorts: dict[str, Has] = {}
        for begin, end, short in _shorts(units, known):
            longs = dict.fromkeys(_has(t.term, t.kind, 1.0, fields) for t in units[begin:end])
            shorts[short] = Has(Term(short, True), fields, instead=tuple(longs))
            self.equivalents.append((short,))
        also = (node for short, node in shorts.items() if short not in worth or _term(short) != node.term)
        found = [*nodes.values(), *also]
        if len(worth) < 2:
            return found, []
        beside = [(a.term, b.term) for a, b in pairwise(units) if a.position not in inside or b.position not in inside]
        return found, [_together(worth, beside, fields, list(shorts.values()))]

    def every(self, text: str, tokens: list[Token], fields: Fields, others: Others) -> Iterator[tuple[Node, str, bool]]:
        """(what an article with the word has, the word as typed, whether it is a number or the like), a word each."""
        inside = _positions([t for t in tokens if t.width > 1])
        run: list[Token] = []
        for token in tokens:
            if token.width > 1:
                if token.kind == "document":
                    run = run[: len(run) - documents.kind_before(run)]
                yield from self._words_in(text, run, fields, others)
                run = []
                parts = [t for t in tokens if t.width == 1 and 0 <= t.position - token.position < token.width]
                yield self._compound(token, parts, fields), token.term, token.kind not in ("abbreviation", "compound")
            elif token.position not in inside:
                run.append(token)
        yield from self._words_in(text, run, fields, others)

    def _compound(self, token: Token, parts: list[Token], fields: Fields) -> Node:
        """A number, a date or an abbreviation is what it is as a whole; words with hyphens may stand apart."""
        if token.kind == "compound":
            return _in_order(parts, fields)
        if token.kind == "document":  # with or without marks it is the same one
            return Has(_folded(_term(token.term)), fields)
        return _strict(_token(token.term, token.kind, 1.0, fields, abbreviations.version())[0])

    def _words_in(
        self, text: str, run: list[Token], fields: Fields, others: Others
    ) -> Iterator[tuple[Node, str, bool]]:
        """The same of tokens in a row, none of which is a compound."""
        known = abbreviations.version()
        shorts: dict[tuple[int, int], list[Node]] = {}
        for begin, end, short in _shorts(run, known):
            shorts.setdefault((begin, end), []).append(Has(Term(short, True), fields))
        at = {token.position: n for n, token in enumerate(run)}
        others_at: set[tuple[int, int]] = set()
        for first, last, phrase in others:
            if first in at and last in at:
                others_at.add((at[first], at[last] + 1))
                shorts.setdefault((at[first], at[last] + 1), []).append(_other_word(phrase, fields))
        numbered = dict(documents.numbered(run))
        alone = {at: at + 1 for at, token in enumerate(run) if abbreviations.is_abbreviation(token.term)}
        for begin, end in self._spans(text, run, alone | dict(shorts.keys()) | numbered):
            word = run[begin:end]
            if (begin, end) in others_at:
                node: Node = Any((_one_word(word, fields), *shorts[begin, end]))
            elif also := shorts.get((begin, end)):
                inner = tuple(_one_word(word[b:e], fields) for b, e in self._spans(text, word, {}))
                node = Any((inner[0] if len(inner) == 1 else All(inner), *also))
            elif len(word) == 1:
                node = _strict(_token(word[0].term, word[0].kind, 1.0, fields, known)[0])
            elif numbered.get(begin) == end:
                node = Any(tuple(_in_order(form, fields) for form in documents.spellings(word)))
            else:
                node = _one_word(word, fields)
            yield node, " ".join(t.term for t in word), numbered.get(begin) == end

    def _spans(self, text: str, run: list[Token], fixed: dict[int, int]) -> Iterator[tuple[int, int]]:
        """Begin and end of each word in a row of tokens.  fixed: those of some, known beforehand."""
        at = begin = 0
        while begin <= len(run):
            end = fixed.get(begin) or _touching(text, run, begin)
            if begin < len(run) and begin not in fixed and end == begin + 1:
                begin += 1
                continue
            for size in self._cut([_term(t.term) for t in run[at:begin]]):
                yield at, at + size
                at += size
            if begin < len(run):
                yield begin, end
            at = begin = max(end, begin + 1)

    def token(self, text: str, kind: str, weight: float, fields: Fields, known: int) -> Node:
        """What a token looks for; known: the version of the table of abbreviations."""
        node, phrases = _token(text, kind, weight, fields, known)
        if phrases:
            self.equivalents += phrases
        return node

    def phrase(self, tree: syntax.Phrase, fields: Fields, marked: bool) -> Node | None:
        tokens = tokenize(tree.text)
        if marked:
            self.remember(tokens)
        units = [t for t in tokens if t.width == 1]
        if not units:
            raise QueryError(
                "this phrase has no words", query=self.text, column=tree.column, hint="put words between the quotes"
            )
        return _in_order(units, fields, tree.slop)

    def prefix(self, text: str, fields: Fields, marked: bool) -> Node:
        """The prefix as typed and, where it would be spelled otherwise as a whole syllable, also so (ly*, li*)."""
        text = text.lower()
        forms = {text, *(term for term, _ in terms(text))}
        self.ranges += [Mark(form, 0, prefix=True) for form in sorted(forms) if marked]
        nodes = tuple(StartsWith(_term(form), fields) for form in sorted(forms))
        return nodes[0] if len(nodes) == 1 else Any(nodes)

    def pattern(self, tree: syntax.Pattern, fields: Fields, marked: bool) -> Node:
        """A pattern without marks stands for any accents."""
        text = clean(tree.text).text.lower()
        if sum(c not in "?*" for c in text) < 2:
            raise QueryError(
                f'"{tree.text}" has too few letters', query=self.text, column=tree.column, hint="write two at least"
            )
        self.ranges += [Mark(text, 0, pattern=True)] * marked
        return Like(_term(text), fields)

    def single(self, text: str, column: int) -> Term:
        units = [t for t in tokenize(text) if t.width == 1]
        if len(units) != 1:
            raise QueryError(
                f'"{text}~" is not one word', query=self.text, column=column, hint="put ~ behind a single word"
            )
        return _term(units[0].term)

    def in_field(self, tree: syntax.InField, marked: bool) -> Node | None:
        if tree.field in ("title", "lead", "body"):
            return self.node(tree.item, tuple(f for f in ALL_FIELDS if f == tree.field), marked)
        if not isinstance(tree.item, syntax.Word | syntax.Phrase):
            raise QueryError(
                f"{tree.field}: takes one value",
                query=self.text,
                column=tree.column,
                hint='for example province:"Lạng Sơn"',
            )
        value = tree.item.text
        try:
            match tree.field:
                case "date":
                    return Published(periods.read_period(value, now=self.now))
                case "number":
                    return _numbers(value)
                case column:
                    return tagged({"province": "provinces", "topic": "topics"}.get(column, column), [value])
        except QueryError as e:
            hint = e.hint
            if isinstance(tree.item, syntax.Word) and "did you mean" in hint:
                hint += f' Put several words in quotes: {tree.field}:"..."'
            message = str(e).split(" at column")[0].removesuffix(f"; {e.hint}")
            raise QueryError(message, query=self.text, column=tree.item.column, hint=hint) from None


def _numbers(value: str) -> Node:
    """The number of a document, whole or as it begins: 25-NQ/TW, 15/2020."""
    numbers = [t.term for t in tokenize(value) if t.kind == "document"]
    if numbers:
        return Has(_folded(_term(numbers[0])))
    begins = fold(clean(value).text).lower().replace(" ", "").translate(_DASHES).rstrip("/-")
    if not _BEGINS_NUMBER.fullmatch(begins):
        raise QueryError(f'"{value}" is no number of a document', hint="for example number:25-NQ/TW, or number:15/2020")
    return Any(tuple(StartsWith(Term(begins + sign, False)) for sign in _SIGNS))


def _grouped(
    must: Sequence[Node], should: Sequence[Node], boosts: Sequence[Node], without: Sequence[Node] = ()
) -> Node | None:
    """The node of these parts; what stands alone is itself."""
    if not (must or should or without):
        return None
    if len(must) + len(should) == 1 and not without and not boosts:
        return (must or should)[0]
    return Ranked(tuple(must), tuple(should), tuple(without), tuple(boosts))


def _other_word(phrase: tuple[str, ...], fields: Fields) -> Has | InOrder:
    terms = tuple(Term(term, True) for term in phrase)
    return Has(terms[0], fields, SYNONYM) if len(terms) == 1 else InOrder(terms, 0, fields, SYNONYM)


def _phrases(units: Sequence[Token], others: Others, fields: Fields) -> Node:
    """Words in order, or with another word for some of them."""
    found = [_in_order(units, fields)]
    for first, last, phrase in others:
        before = [_term(t.term) for t in units if t.position < first]
        terms = (*before, *(Term(term, True) for term in phrase), *(_term(t.term) for t in units if t.position > last))
        found.append(Has(terms[0], fields, SYNONYM) if len(terms) == 1 else InOrder(terms, 0, fields, SYNONYM))
    return found[0] if len(found) == 1 else Any(tuple(found))


def _spelled(node: Node, read: Mapping[str, tuple[str, float]]) -> Node:
    """A word as it was read: the surer that is, the less its other accents count."""
    if not isinstance(node, Has) or node.instead or node.term.exact or node.term.text not in read:
        return node
    spelling, chance = read[node.term.text]
    return replace(node, term=Term(spelling, True), others=max(OTHER_ACCENTS, 1 - chance))


def _surely(node: Together, read: Mapping[str, tuple[str, float]]) -> Together:
    """The words that were surely read as they are spelled."""
    sure = {word: Term(spelling, True) for word, (spelling, chance) in read.items() if chance >= SURE}
    return replace(node, terms=tuple(term if term.exact else sure.get(term.text, term) for term in node.terms))


def _in_order(units: Sequence[Token], fields: Fields, slop: int = 0) -> Node:
    terms = tuple(_term(t.term) for t in units)
    return Has(terms[0], fields) if len(terms) == 1 else InOrder(terms, slop, fields)


def _one_word(syllables: Sequence[Token], fields: Fields) -> Node:
    """Syllables side by side as typed; of several with marks also where an article has them without any."""
    typed = _in_order(syllables, fields)
    bare = tuple(Term(t.folded, True) for t in syllables)
    if not isinstance(typed, InOrder) or not any(term.exact for term in typed.terms):
        return typed
    return Any((typed, InOrder(bare, 0, fields)))


def _positions(compounds: Iterable[Token]) -> frozenset[int]:
    return frozenset(at for t in compounds for at in range(t.position, t.position + t.width))


def _touching(text: str, run: Sequence[Token], begin: int) -> int:
    """Where the tokens end that a sign joins to this one: covid-19, 100/2019."""
    end = begin + 1
    while end < len(run) and text[run[end - 1].end : run[end].start] in _JOINING:
        end += 1
    return min(end, len(run))


def _shorts(units: Sequence[Token], known: int) -> Iterator[tuple[int, int, str]]:
    """(begin, end, abbreviation) of the long forms among tokens in a row, marks as typed."""
    for match in _short_forms(known).find([folded_term(t.term) for t in units]):
        typed = units[match.start : match.end]
        for short, phrase in match.value:
            if all(t.term in (full, folded_term(full)) for t, full in zip(typed, phrase, strict=True)):
                yield match.start, match.end, short


def _weighted(node: Node | None, by: float) -> Node | None:
    """The same, worth so many times as much."""
    match node:
        case Has() | InOrder() | StartsWith() | Similar() | Like():
            return replace(node, weight=node.weight * by)
        case Words(ranked=ranked):
            return replace(node, ranked=tuple(_weighted(child, by) or child for child in ranked))
        case All(nodes) | Any(nodes):
            return replace(node, nodes=tuple(_weighted(child, by) or child for child in nodes))
        case Ranked(must, should):
            parts = (tuple(_weighted(child, by) or child for child in nodes) for nodes in (must, should))
            return replace(node, **dict(zip(("must", "should"), parts, strict=True)))
        case _:
            return node


def _strict(node: Node) -> Node:
    """The same without the other accents of a term."""
    if isinstance(node, Any):
        return Any(tuple(map(_strict, node.nodes)))
    return replace(node, others=0.0) if isinstance(node, Has) else node


def _in_any_accents(node: Node) -> Node:
    match node:
        case Has(weight=weight) | InOrder(weight=weight) if weight == SYNONYM:
            return node  # another word for what was typed, of which the marks are known
        case Any(nodes):
            same = tuple(dict.fromkeys(map(_in_any_accents, nodes)))
            return same[0] if len(same) == 1 else Any(same)
        case All(nodes):
            return All(tuple(map(_in_any_accents, nodes)))
        case Has(term):
            return replace(node, term=_folded(term))
        case InOrder(terms):
            return replace(node, terms=tuple(map(_folded, terms)))
        case _:
            return node


def _folded(term: Term) -> Term:
    return Term(folded_term(term.text), False)


def _all(nodes: tuple[Node, ...]) -> Node:
    """All of them; what boosts one of them boosts the whole."""
    boosts = tuple(boost for node in nodes if isinstance(node, Ranked) for boost in node.boosts)
    if not boosts:
        return All(nodes)
    return Ranked(
        must=tuple(replace(node, boosts=()) if isinstance(node, Ranked) else node for node in nodes), boosts=boosts
    )


def _together(worth: dict[str, float], pairs: list[tuple[str, str]], fields: Fields, shorts: list[Has]) -> Together:
    """How words of this worth stand together, some of them side by side in the query, some in an abbreviation."""
    terms = tuple(map(_term, worth))
    number = dict(zip(worth, range(len(worth)), strict=True))
    beside = dict.fromkeys([(number[a], number[b]) for a, b in pairs])
    instead = tuple([(s.term, tuple(number[word.term.text] for word in s.instead)) for s in shorts])
    return Together(terms, tuple(worth.values()), tuple(beside), fields, instead)


def _has(text: str, kind: str, weight: float, fields: Fields) -> Has:
    """A token as it was typed; numbers have no other accents."""
    term = _term(text)
    return Has(term, fields, weight, OTHER_ACCENTS if term.exact and kind in ("word", "compound") else 0.0)


@lru_cache(maxsize=10_000)
def _token(
    text: str, kind: str, weight: float, fields: Fields, version: int
) -> tuple[Node, tuple[tuple[str, ...], ...]]:
    """(what a token looks for, the long forms that it may stand for); by one version of the table of these."""
    node = _has(text, kind, weight, fields)
    phrases = abbreviations.long_forms(text) if weight >= 1 else ()  # NQ within 25-NQ/TW is no word of its own
    longs = [InOrder(tuple(Term(t, True) for t in phrase), 0, fields, 2.0) for phrase in phrases]
    return (Any((node, *longs)) if longs else node), phrases


def _some(node: Node | None) -> list[Node]:
    return [] if node is None else [node]


_known_terms: Memo[Term] = Memo(lambda text: Term(text, not is_unmarked(text)))
_term = _known_terms.__getitem__


@lru_cache(maxsize=1)
def _short_forms(version: int) -> PhraseMatcher[tuple[tuple[str, tuple[str, ...]], ...]]:
    """Folded long form -> (abbreviation, long form) pairs; of one version of the table."""
    phrases: dict[tuple[str, ...], tuple[tuple[str, tuple[str, ...]], ...]] = {}
    for phrase, shorts in abbreviations.long_to_short().items():
        key = tuple(folded_term(term) for term in phrase)
        phrases[key] = (*phrases.get(key, ()), *((short, phrase) for short in shorts))
    return PhraseMatcher(phrases)
