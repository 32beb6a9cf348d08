"""Nodes of a plan from tokens, and from other nodes."""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from msgspec.structs import replace

from ..errors import QueryError
from ..text import abbreviations
from ..text.fold import fold, is_unmarked
from ..text.memo import Memo
from ..text.normalize import clean
from ..text.phrase_matcher import PhraseMatcher
from ..text.tokenize import Token, folded_term, tokenize
from .plan import AllOf, AnyOf, Fields, Fuzzy, Has, InOrder, Like, Node, Ranked, StartsWith, Term, Together, Words

OTHER_ACCENTS = 0.1
SYNONYM = 0.4  # what another word for the same counts
_JOINING = frozenset("-–/.:&@+_'’")
_DASHES = dict.fromkeys(map(ord, "–—‐‑‒―−"), "-")
_BEGINS_NUMBER = re.compile(r"\d{1,6}(?:[/-]\w{1,12}){0,4}")
_SIGNS = ("/", "-")  # between the parts of a number


def number_node(value: str) -> Node:
    """The number of a document, whole or as it begins: 25-NQ/TW, 15/2020."""
    numbers = [t.term for t in tokenize(value) if t.kind == "document"]
    if numbers:
        return Has(folded(term_of(numbers[0])))
    begins = fold(clean(value).text).lower().replace(" ", "").translate(_DASHES).rstrip("/-")
    if not _BEGINS_NUMBER.fullmatch(begins):
        raise QueryError(f'"{value}" is no number of a document', hint="for example number:25-NQ/TW, or number:15/2020")
    return AnyOf(tuple(StartsWith(Term(begins + sign, False)) for sign in _SIGNS))


def grouped(
    must: Sequence[Node], should: Sequence[Node], boosts: Sequence[Node], without: Sequence[Node] = ()
) -> Node | None:
    """The node of these parts; what stands alone is itself."""
    if not (must or should or without):
        return None
    if len(must) + len(should) == 1 and not without and not boosts:
        return (must or should)[0]
    return Ranked(tuple(must), tuple(should), tuple(without), tuple(boosts))


def in_order(units: Sequence[Token], fields: Fields, slop: int = 0) -> Node:
    terms = tuple(term_of(t.term) for t in units)
    return Has(terms[0], fields) if len(terms) == 1 else InOrder(terms, slop, fields)


def one_word(syllables: Sequence[Token], fields: Fields) -> Node:
    """Syllables side by side as typed; of several with marks also where an article has them without any."""
    typed = in_order(syllables, fields)
    bare = tuple(Term(t.folded, True) for t in syllables)
    if not isinstance(typed, InOrder) or not any(term.exact for term in typed.terms):
        return typed
    return AnyOf((typed, InOrder(bare, 0, fields)))


def positions_of(compounds: Iterable[Token]) -> frozenset[int]:
    return frozenset(at for t in compounds for at in range(t.position, t.position + t.width))


def touching(text: str, run: Sequence[Token], begin: int) -> int:
    """Where the tokens end that a sign joins to this one: covid-19, 100/2019."""
    end = begin + 1
    while end < len(run) and text[run[end - 1].end : run[end].start] in _JOINING:
        end += 1
    return min(end, len(run))


def long_forms_in(units: Sequence[Token], known: int) -> Iterator[tuple[int, int, str]]:
    """(begin, end, abbreviation) of the long forms among tokens in a row, marks as typed."""
    for match in _short_forms(known).find([folded_term(t.term) for t in units]):
        typed = units[match.start : match.end]
        for short, phrase in match.value:
            if all(t.term in (full, folded_term(full)) for t, full in zip(typed, phrase, strict=True)):
                yield match.start, match.end, short


def weighted(node: Node | None, by: float) -> Node | None:
    """The node, worth so many times as much."""
    match node:
        case Has() | InOrder() | StartsWith() | Fuzzy() | Like():
            return replace(node, weight=node.weight * by)
        case Words(ranked=ranked):
            return replace(node, ranked=tuple(weighted(child, by) or child for child in ranked))
        case AllOf(nodes) | AnyOf(nodes):
            return replace(node, nodes=tuple(weighted(child, by) or child for child in nodes))
        case Ranked(must, should):
            parts = (tuple(weighted(child, by) or child for child in nodes) for nodes in (must, should))
            return replace(node, **dict(zip(("must", "should"), parts, strict=True)))
        case _:
            return node


def strict(node: Node) -> Node:
    """The node without the other accents of a term."""
    if isinstance(node, AnyOf):
        return AnyOf(tuple(map(strict, node.nodes)))
    return replace(node, others=0.0) if isinstance(node, Has) else node


def in_any_accents(node: Node) -> Node:
    match node:
        case Has(weight=weight) | InOrder(weight=weight) if weight == SYNONYM:
            return node  # another word for what was typed, of which the marks are known
        case AnyOf(nodes):
            same = tuple(dict.fromkeys(map(in_any_accents, nodes)))
            return same[0] if len(same) == 1 else AnyOf(same)
        case AllOf(nodes):
            return AllOf(tuple(map(in_any_accents, nodes)))
        case Has(term):
            return replace(node, term=folded(term))
        case InOrder(terms):
            return replace(node, terms=tuple(map(folded, terms)))
        case _:
            return node


def as_typed(node: Node) -> Node:
    """The node without other words for what was typed."""
    if not isinstance(node, AnyOf):
        return node
    kept = tuple(child for child in node.nodes if not (isinstance(child, Has | InOrder) and child.weight == SYNONYM))
    return kept[0] if len(kept) == 1 else AnyOf(kept)


def folded(term: Term) -> Term:
    return Term(folded_term(term.text), False)


def all_of(nodes: tuple[Node, ...]) -> Node:
    """A node that matches what all of the nodes match; what boosts one of them boosts the whole."""
    boosts = tuple(boost for node in nodes if isinstance(node, Ranked) for boost in node.boosts)
    if not boosts:
        return AllOf(nodes)
    return Ranked(
        must=tuple(replace(node, boosts=()) if isinstance(node, Ranked) else node for node in nodes), boosts=boosts
    )


def together(
    worth: dict[str, float], pairs: list[tuple[str, str]], fields: Fields, shorts: list[Has], *, asks: bool
) -> Together:
    """How words of this worth stand together, some of them side by side in the query, some in an abbreviation."""
    terms = tuple(map(term_of, worth))
    number = dict(zip(worth, range(len(worth)), strict=True))
    beside = dict.fromkeys([(number[a], number[b]) for a, b in pairs])
    instead = tuple([(s.term, tuple(number[word.term.text] for word in s.instead)) for s in shorts])
    return Together(terms, tuple(worth.values()), tuple(beside), fields, instead, asks)


def has_node(text: str, kind: str, weight: float, fields: Fields) -> Has:
    """A token as it was typed; numbers have no other accents."""
    term = term_of(text)
    return Has(term, fields, weight, OTHER_ACCENTS if term.exact and kind in ("word", "compound") else 0.0)


@lru_cache(maxsize=10_000)
def token_node(
    text: str, kind: str, weight: float, fields: Fields, version: int
) -> tuple[Node, tuple[tuple[str, ...], ...]]:
    """(what a token looks for, the long forms that it may stand for); by one version of the table of these."""
    node = has_node(text, kind, weight, fields)
    phrases = abbreviations.long_forms(text) if weight >= 1 else ()  # NQ within 25-NQ/TW is no word of its own
    longs = [InOrder(tuple(Term(t, True) for t in phrase), 0, fields, 2.0) for phrase in phrases]
    return (AnyOf((node, *longs)) if longs else node), phrases


def list_of(node: Node | None) -> list[Node]:
    return [] if node is None else [node]


_known_terms: Memo[Term] = Memo(lambda text: Term(text, not is_unmarked(text)))
term_of = _known_terms.__getitem__


@lru_cache(maxsize=1)
def _short_forms(version: int) -> PhraseMatcher[tuple[tuple[str, tuple[str, ...]], ...]]:
    """Folded long form -> (abbreviation, long form) pairs; of one version of the table."""
    phrases: dict[tuple[str, ...], tuple[tuple[str, tuple[str, ...]], ...]] = {}
    for phrase, shorts in abbreviations.long_to_short().items():
        key = tuple(folded_term(term) for term in phrase)
        phrases[key] = (*phrases.get(key, ()), *((short, phrase) for short in shorts))
    return PhraseMatcher(phrases)
