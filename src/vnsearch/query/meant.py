"""What words of a query stand for besides what was typed: marks that were left out, other words for the same."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from msgspec.structs import replace

from ..text.fold import is_unmarked
from ..text.synonyms import Synonyms
from ..text.tokenize import Token, folded_term
from .nodes import OTHER_ACCENTS, SYNONYM, in_order, term_of
from .plan import AnyOf, Fields, Has, InOrder, Node, Term, Together

Spell: TypeAlias = Callable[[Sequence[str]], Sequence[tuple[str, float]]]  # words in a row: see `unread`
Read: TypeAlias = Mapping[str, tuple[str, float]]  # word without marks -> its spelling, how probable that is
Others: TypeAlias = Sequence[tuple[int, int, tuple[str, ...]]]  # first and last position, another word for these
SURE = 0.98  # how probable a reading is whose other spellings do not count for how words stand together
SURE_IN_QUESTION = 0.95  # the same in a question, whose words make a sentence
LONG = 9  # different words of a query: in shorter ones many words stand apart, and are read wrongly more often
LONG_QUESTION = 7  # the same of a question
FEW = 4  # words of a query: so few are ranked as well unread, and sooner
MOSTLY_MARKED = 0.5  # share of a query's words with marks: with more, what has none is meant so
MOST_SYNONYMS = 32  # of a query
NO_SYNONYMS = Synonyms()


def unread(words: Sequence[str]) -> Sequence[tuple[str, float]]:
    """How each of some words in a row is spelled that was typed without marks, and how probable that is; here nothing
    is read: 0.
    """
    return [(word, 0.0) for word in words]


def is_to_be_read(units: Sequence[Token], synonyms: Synonyms) -> bool:
    """Whether it matters how words without marks are spelled: not of few, unless there are other words for them."""
    return len(units) > FEW or any(True for _ in synonyms.find([folded_term(t.term) for t in units]))


def read_words(text: str, units: Sequence[Token], spell: Spell) -> tuple[Read, str]:
    """How words typed without marks are spelled, and the text with that; nothing where most words have marks.

    A word that is read in two ways is not read.
    """
    bare = [token for token in units if token.kind == "word" and token.term.isalpha() and is_unmarked(token.term)]
    if not bare or sum(not is_unmarked(token.term) for token in units) > MOSTLY_MARKED * len(units):
        return {}, text
    read: dict[str, tuple[str, float]] = {}
    said = text
    for token, (spelling, chance) in reversed(list(zip(units, spell([t.term for t in units]), strict=True))):
        if token not in bare or not chance:
            continue
        if spelling != token.term:
            said = said[: token.start] + spelling + said[token.end :]
        before, least = read.get(token.term, (spelling, 1.0))
        read[token.term] = (spelling, min(chance, least)) if before == spelling else (token.term, 0.0)
    read = {word: one for word, one in read.items() if one[1]}
    if all(word == spelling for word, (spelling, _) in read.items()):
        return {}, text  # as in what is written with all its marks
    return read, said


def spelled(node: Node, read: Read) -> Node:
    """A word as it was read: the surer that is, the less its other accents count."""
    if not isinstance(node, Has) or node.instead or node.term.exact or node.term.text not in read:
        return node
    spelling, chance = read[node.term.text]
    return replace(node, term=Term(spelling, True), others=max(OTHER_ACCENTS, 1 - chance))


def surely_spelled(node: Node, read: Read, *, asks: bool) -> Node:
    """The words of a long query that were surely read stand together as they are spelled; asks: it is a question."""
    long, least = (LONG_QUESTION, SURE_IN_QUESTION) if asks else (LONG, SURE)
    if not isinstance(node, Together) or len(node.terms) < long:
        return node
    sure = {word: Term(spelling, True) for word, (spelling, chance) in read.items() if chance >= least}
    return replace(node, terms=tuple(term if term.exact else sure.get(term.text, term) for term in node.terms))


def others_for(units: Sequence[Token], read: Read, synonyms: Synonyms) -> Others:
    """Other words for some in a row; one typed without marks is what it was read as, if anything."""
    found: list[tuple[int, int, tuple[str, ...]]] = []
    for match in synonyms.find([folded_term(t.term) for t in units]):
        typed = units[match.start : match.end]
        if typed[-1].position - typed[0].position != len(typed) - 1:
            continue
        meant = tuple(read.get(t.term, (t.term, 0.0))[0] for t in typed)
        for phrase, others in match.value:
            if phrase == meant:
                found += [(typed[0].position, typed[-1].position, other) for other in others]
    return found[:MOST_SYNONYMS]


def other_word(phrase: tuple[str, ...], fields: Fields) -> Has | InOrder:
    """What an article has that has another word."""
    return _worth_less(tuple(Term(term, True) for term in phrase), fields)


def phrases(units: Sequence[Token], others: Others, fields: Fields) -> Node:
    """Words in order, or with another word for some of them."""
    found = [in_order(units, fields)]
    for first, last, phrase in others:
        before, behind = (
            [term_of(t.term) for t in units if t.position < first],
            [term_of(t.term) for t in units if t.position > last],
        )
        found.append(_worth_less((*before, *(Term(term, True) for term in phrase), *behind), fields))
    return found[0] if len(found) == 1 else AnyOf(tuple(found))


def _worth_less(terms: tuple[Term, ...], fields: Fields) -> Has | InOrder:
    return Has(terms[0], fields, SYNONYM) if len(terms) == 1 else InOrder(terms, 0, fields, SYNONYM)
