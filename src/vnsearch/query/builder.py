"""The tree of a query -> nodes of a plan, and what snippets mark."""

from collections.abc import Iterator, Sequence, Set
from datetime import date
from itertools import pairwise

from ..errors import QueryError
from ..limits import QUERY_WORDS
from ..text import abbreviations
from ..text.normalize import clean
from ..text.synonyms import Synonyms
from ..text.tokenize import Token, terms, tokenize
from . import documents, periods, syntax
from .filters import tagged
from .meant import (
    FEW,
    Others,
    Read,
    Spell,
    is_to_be_read,
    other_word,
    others_for,
    phrases,
    read_words,
    spelled,
    surely_spelled,
)
from .nodes import (
    all_of,
    as_typed,
    folded,
    grouped,
    has_node,
    in_order,
    list_of,
    long_forms_in,
    number_node,
    one_word,
    positions_of,
    strict,
    term_of,
    together,
    token_node,
    touching,
    weighted,
)
from .plan import (
    ALL_FIELDS,
    FILTERS,
    AllOf,
    AnyOf,
    Cut,
    Fields,
    Fuzzy,
    Has,
    Like,
    Mark,
    Node,
    Published,
    Ranked,
    StartsWith,
    Term,
    Words,
)
from .questions import ASKING, asking

PART = 0.2  # a part of a document's number or date, where the whole is what was requested
MOST_WORDS = QUERY_WORDS


class Builder:
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
                return all_of(kept) if isinstance(tree, syntax.Both) else AnyOf(kept)
            case syntax.InField():
                return self.in_field(tree, marked)
            case syntax.Phrase():
                return self.phrase(tree, fields, marked)
            case syntax.Boosted():
                return weighted(self.node(tree.item, fields, marked), tree.by)
            case syntax.Pattern():
                return self.pattern(tree, fields, marked)
            case syntax.Prefix():
                return self.prefix(tree.text, fields, marked)
            case syntax.Fuzzy():
                term = self.single(tree.text, tree.column)
                self.ranges += [Mark(term.text, 0, edits=tree.edits)] * marked
                return Fuzzy(term, tree.edits, fields)
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
                without += list_of(self.operand(item.item, fields, False))
                continue
            elif isinstance(item, syntax.Required):
                must += list_of(self.operand(item.item, fields, marked))
                continue
            else:
                node = self.node(item, fields, marked)
            (should if self._match == "any" and not isinstance(node, FILTERS) else must).extend(list_of(node))
        return grouped(must, should, boosts, without)

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
        units = [t for t in tokens if t.width == 1]
        read = self._read(text, units) if self._match != "any" and is_to_be_read(units, self._synonyms) else {}
        others = self._others(units, read)
        if self._match == "phrase":
            return phrases(units, others, fields)
        asks = self._asks(units, read)
        is_question = len(units) > FEW and (bool(asks) or text.endswith("?"))
        ranked, boosts = self.ranked(tokens, fields, asks, is_question=is_question)
        if read:
            ranked = [spelled(node, read) for node in ranked]
            boosts = [surely_spelled(node, read, asks=is_question) for node in boosts]
        ranked += [other_word(phrase, fields) for _, _, phrase in others]
        if self._match == "any":
            return grouped((), ranked, boosts)
        words = dict.fromkeys(self.every(text, tokens, fields, others))
        every, names, numbers = (tuple(column) for column in zip(*words, strict=True))
        nearest = self._match == "auto" and len(tokens) > 1 and not all(numbers)
        wider: tuple[Node, ...] = ()
        if others and self._match == "auto":
            every, wider = tuple(map(as_typed, every)), every
        return Words(every, tuple(ranked), tuple(boosts), names, nearest, wider, bool(read))

    def _read(self, text: str, units: Sequence[Token]) -> Read:
        read, said = read_words(text, units, self._spell)
        self.read_as += [said] if read else []
        return read

    def _others(self, units: Sequence[Token], read: Read) -> Others:
        found = others_for(units, read, self._synonyms)
        names = {t.position: t.term for t in units}
        self.also += [(" ".join(names[at] for at in range(first, last + 1)), " ".join(o)) for first, last, o in found]
        self.equivalents += [other for _, _, other in found]
        return found

    def _asks(self, units: Sequence[Token], read: Read) -> Set[int]:
        """Positions of words that ask; of few words each may be what is looked for."""
        if len(units) <= FEW:
            return frozenset()
        return {units[at].position for at in asking([read.get(t.term, (t.term,))[0] for t in units])}

    def ranked(
        self, tokens: list[Token], fields: Fields, asks: Set[int], *, is_question: bool
    ) -> tuple[list[Node], list[Node]]:
        """What of plain words is scored, and what ranks their matches higher; asks: positions of words that ask."""
        known = abbreviations.version()
        if len(tokens) == 1:  # as after a plus
            return [self.token(tokens[0].term, tokens[0].kind, float(tokens[0].width), fields, known)], []
        units, inside = tokens, frozenset[int]()
        if compounds := [t for t in tokens if t.width > 1]:
            units = [t for t in tokens if t.width == 1]
            inside = positions_of(compounds)
        nodes: dict[tuple[str, str, float], Node] = {}
        worth: dict[str, float] = {}  # by term
        for text, _, _, position, width, kind in tokens:
            weight = PART if width == 1 and position in inside else float(width)
            key = text, kind, weight * ASKING if position in asks else weight
            if key not in nodes:
                nodes[key] = self.token(*key, fields, known)
                worth[text] = max(key[2], worth.get(text, 0.0))
        shorts: dict[str, Has] = {}
        for begin, end, short in long_forms_in(units, known):
            longs = dict.fromkeys(has_node(t.term, t.kind, 1.0, fields) for t in units[begin:end])
            shorts[short] = Has(Term(short, True), fields, instead=tuple(longs))
            self.equivalents.append((short,))
        also = (node for short, node in shorts.items() if short not in worth or term_of(short) != node.term)
        found = [*nodes.values(), *also]
        if len(worth) < 2:
            return found, []
        beside = [(a.term, b.term) for a, b in pairwise(units) if a.position not in inside or b.position not in inside]
        return found, [together(worth, beside, fields, list(shorts.values()), asks=is_question)]

    def every(self, text: str, tokens: list[Token], fields: Fields, others: Others) -> Iterator[tuple[Node, str, bool]]:
        """(what an article with the word has, the word as typed, whether it is a number or the like), a word each."""
        inside = positions_of([t for t in tokens if t.width > 1])
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
            return in_order(parts, fields)
        if token.kind == "document":  # with or without marks it is the same one
            return Has(folded(term_of(token.term)), fields)
        return strict(token_node(token.term, token.kind, 1.0, fields, abbreviations.version())[0])

    def _words_in(
        self, text: str, run: list[Token], fields: Fields, others: Others
    ) -> Iterator[tuple[Node, str, bool]]:
        """The words of tokens in a row, none of which is a compound."""
        known = abbreviations.version()
        shorts: dict[tuple[int, int], list[Node]] = {}
        for begin, end, short in long_forms_in(run, known):
            shorts.setdefault((begin, end), []).append(Has(Term(short, True), fields))
        at = {token.position: n for n, token in enumerate(run)}
        same: set[tuple[int, int]] = set()
        for first, last, phrase in others:
            if first in at and last in at:
                same.add((at[first], at[last] + 1))
                shorts.setdefault((at[first], at[last] + 1), []).append(other_word(phrase, fields))
        numbered = dict(documents.numbered(run))
        alone = {at: at + 1 for at, token in enumerate(run) if abbreviations.is_abbreviation(token.term)}
        for begin, end in self._spans(text, run, alone | dict(shorts.keys()) | numbered):
            word = run[begin:end]
            if (begin, end) in same and end - begin == 2:  # longer ones are of several words
                node: Node = AnyOf((one_word(word, fields), *shorts[begin, end]))
            elif also := shorts.get((begin, end)):
                inner = tuple(one_word(word[b:e], fields) for b, e in self._spans(text, word, {}))
                node = AnyOf((inner[0] if len(inner) == 1 else AllOf(inner), *also))
            elif len(word) == 1:
                node = strict(token_node(word[0].term, word[0].kind, 1.0, fields, known)[0])
            elif numbered.get(begin) == end:
                node = AnyOf(tuple(in_order(form, fields) for form in documents.spellings(word)))
            else:
                node = one_word(word, fields)
            yield node, " ".join(t.term for t in word), numbered.get(begin) == end

    def _spans(self, text: str, run: list[Token], fixed: dict[int, int]) -> Iterator[tuple[int, int]]:
        """Begin and end of each word in a row of tokens.  fixed: those of some, known beforehand."""
        at = begin = 0
        while begin <= len(run):
            end = fixed.get(begin) or touching(text, run, begin)
            if begin < len(run) and begin not in fixed and end == begin + 1:
                begin += 1
                continue
            for size in self._cut([term_of(t.term) for t in run[at:begin]]):
                yield at, at + size
                at += size
            if begin < len(run):
                yield begin, end
            at = begin = max(end, begin + 1)

    def token(self, text: str, kind: str, weight: float, fields: Fields, known: int) -> Node:
        """What a token looks for; known: the version of the table of abbreviations."""
        node, phrases = token_node(text, kind, weight, fields, known)
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
        return in_order(units, fields, tree.slop)

    def prefix(self, text: str, fields: Fields, marked: bool) -> Node:
        """The prefix as typed and, where it would be spelled otherwise as a whole syllable, also so (ly*, li*)."""
        text = text.lower()
        forms = {text, *(term for term, _ in terms(text))}
        self.ranges += [Mark(form, 0, prefix=True) for form in sorted(forms) if marked]
        nodes = tuple(StartsWith(term_of(form), fields) for form in sorted(forms))
        return nodes[0] if len(nodes) == 1 else AnyOf(nodes)

    def pattern(self, tree: syntax.Pattern, fields: Fields, marked: bool) -> Node:
        """A pattern without marks stands for any accents."""
        text = clean(tree.text).text.lower()
        if sum(c not in "?*" for c in text) < 2:
            raise QueryError(
                f'"{tree.text}" has too few letters', query=self.text, column=tree.column, hint="write two at least"
            )
        self.ranges += [Mark(text, 0, pattern=True)] * marked
        return Like(term_of(text), fields)

    def single(self, text: str, column: int) -> Term:
        units = [t for t in tokenize(text) if t.width == 1]
        if len(units) != 1:
            raise QueryError(
                f'"{text}~" is not one word', query=self.text, column=column, hint="put ~ after a single word"
            )
        return term_of(units[0].term)

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
                    return number_node(value)
                case column:
                    return tagged({"province": "provinces", "topic": "topics"}.get(column, column), [value])
        except QueryError as e:
            hint = e.hint
            if isinstance(tree.item, syntax.Word) and "did you mean" in hint:
                hint += f' Put several words in quotes: {tree.field}:"..."'
            raise QueryError(e.problem, query=self.text, column=tree.item.column, hint=hint) from None
