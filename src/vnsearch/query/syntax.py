"""Query text -> a small tree.  Knows the language, not the index.

    query   = either
    either  = both { ("OR" | "HOẶC") both }
    both    = group { ("AND" | "VÀ") group }
    group   = { ["+" | "-" | "NOT" | "KHÔNG"] item }
    item    = FIELD ":" item | one [ "^" NUMBER ]
    one     = word | prefix* | p?tt*rn | fuzzy~ | fuzzy~2 | "phrase" | "near words"~5 | "(" either ")"

All items side by side must match, as the operands of AND must.  Operators are written in capitals; in a query all in
capitals without brackets and quotes VÀ, HOẶC and KHÔNG are words.  A boost counts for the order alone.  Fields have
English and Vietnamese names, with or without diacritics (FIELDS).  docs/query-language.md says it for users.

    >>> parse('dân vận -"tôn giáo" tỉnh:"Lạng Sơn"').items[2]
    Excluded(item=Phrase(text='tôn giáo', slop=0, column=10))
"""

import re
from collections.abc import Iterable
from typing import NamedTuple, TypeAlias

from msgspec import Struct

from ..errors import QueryError
from ..limits import QUERY_CHARS
from ..text.fold import fold
from ..text.normalize import clean


class NotAQueryError(QueryError):
    """What is wrong may be plain prose: a bracket, a sign or a capital AND that was never meant to be one."""


FIELDS = {
    "title": "title", "tieude": "title",
    "lead": "lead", "sapo": "lead",
    "body": "body", "noidung": "body",
    "province": "province", "tinh": "province",
    "topic": "topic", "chude": "topic",
    "date": "date", "ngay": "date",
    "source": "source", "nguon": "source",
    "number": "number", "sohieu": "number",
}  # fmt: skip
_OPERATORS = {"AND": "AND", "VÀ": "AND", "OR": "OR", "HOẶC": "OR", "NOT": "NOT", "KHÔNG": "NOT"}
_SHOUTED = frozenset(("VÀ", "HOẶC", "KHÔNG"))  # words of headlines, too
_GROUPED = re.compile(r'[()"“”]')
LONGEST_QUERY = QUERY_CHARS
DEEPEST_BRACKETS = 50


class Word(Struct, frozen=True):
    """One word as typed; may hold several tokens ("25-NQ/TW")."""

    text: str
    column: int


class Prefix(Struct, frozen=True):
    """The beginning of a word."""

    text: str
    column: int


class Pattern(Struct, frozen=True):
    """A word of which some letters are open: "?" stands for one, "*" for any number."""

    text: str
    column: int


class Fuzzy(Struct, frozen=True):
    """A word with at most `edits` letters added, left out or changed."""

    text: str
    edits: int
    column: int


class Phrase(Struct, frozen=True):
    """Words in this order, at most `slop` other words between them."""

    text: str
    slop: int
    column: int


class InField(Struct, frozen=True):
    """An item that is looked for in one field only, or the value of a filter."""

    field: str
    item: "Node"
    column: int


class Boosted(Struct, frozen=True):
    """An item that counts so many times as much in the order of what is found."""

    item: "Node"
    by: float
    column: int


class Required(Struct, frozen=True):
    """+item"""

    item: "Node"


class Excluded(Struct, frozen=True):
    """-item"""

    item: "Node"


class Group(Struct, frozen=True):
    """Items side by side."""

    items: tuple["Node", ...]


class Both(Struct, frozen=True):
    """All of the operands (AND)."""

    operands: tuple["Node", ...]


class Either(Struct, frozen=True):
    """Any of the operands (OR)."""

    operands: tuple["Node", ...]


Node: TypeAlias = (
    Word | Prefix | Pattern | Fuzzy | Phrase | InField | Boosted | Required | Excluded | Group | Both | Either
)


_BLANK = re.compile(r"\S+")
_PIECE = re.compile(r"(\+?)(\S+)")
# that a text is more than words and +words
_SIGN = re.compile(r'[()"“”:*~]|\^\d|\w\?\w|(?<!\S)(?:-|\+(?![^\s+-])|/\S+/(?!\S)|\?\w)')
_PATTERN = re.compile(r"[?*]{0,9}\w[\w?*]*")
_BOOST = re.compile(r"\^(\d{1,3}(?:\.\d{1,3})?)$")
MOST_BOOST = 100.0


class _Lexeme(NamedTuple):
    kind: str  # ( ) + - operator field phrase word boost
    text: str
    column: int
    slop: int = 0


_LEXEME = re.compile(
    r"""\s*(?:
      (?P<bracket>[()])
    | (?P<sign>[+-])(?=[^\s)])
    | (?P<field>[^\W\d_]++(?:[ ][^\W\d_]++)?):(?!//)[ ]?
    | ["“”](?P<phrase>[^"“”]*)["“”](?:~(?P<slop>\d{1,3}))?
    | (?P<open>["“”])
    | (?<=[)"“”\d])\^(?P<boost>\d{1,3}(?:\.\d{1,3})?)(?![^\s)])
    | (?P<word>[^\s()"“”]+)
    )""",
    re.VERBOSE,
)


def parse(text: str) -> Node:
    """The tree of a query; an empty Group for a text without words.

    Raises QueryError, with column and hint, for an unclosed quote or bracket, an operator without
    operand, an unknown field, and a text beyond LONGEST_QUERY or DEEPEST_BRACKETS.
    """
    if len(text) > LONGEST_QUERY:
        raise QueryError(f"a query has at most {LONGEST_QUERY} characters, this one {len(text)}", query=text[:80])
    words = [(m[1], Word(m[2], m.start(2) + 1)) for m in _PIECE.finditer(text)]
    if not _needs_grammar(text, (word.text for _, word in words)):
        items = tuple(Required(word) if sign else word for sign, word in words)
        return items[0] if len(items) == 1 else Group(items)
    return _Parser(text).query()


def is_plain(text: str) -> bool:
    """Whether the tree of a text would be words alone, so that it need not be made."""
    return len(text) <= LONGEST_QUERY and "+" not in text and not _needs_grammar(text, text.split())


def _needs_grammar(text: str, words: Iterable[str]) -> bool:
    """Whether there is more in a text than words and +words; words: without their signs."""
    if _SIGN.search(text) or clean(text).starts:
        return True
    operators = _OPERATORS.keys() - _SHOUTED if _is_shouted(text) else _OPERATORS.keys()
    return not operators.isdisjoint(words)


def _is_shouted(text: str) -> bool:
    """Whether it is a headline in capitals, in which VÀ is a word."""
    return text.isupper() and not _GROUPED.search(text)


def literal(text: str) -> Group:
    """The words of a text as typed, whatever signs are in it; for a search box that must never fail."""
    return Group(tuple(Word(m.group(), m.start() + 1) for m in _BLANK.finditer(text[:LONGEST_QUERY])))


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.lexemes = _lex(text)
        self.at = 0
        self.depth = 0

    def query(self) -> Node:
        tree = self.either()
        if self.at < len(self.lexemes):
            self.fail("this bracket closes nothing", self.lexemes[self.at], "remove it or open one before")
        return tree

    def fail(self, problem: str, lexeme: _Lexeme, hint: str) -> None:
        raise NotAQueryError(problem, query=self.text, column=lexeme.column, hint=hint)

    def peek(self, kind: str, text: str = "") -> bool:
        return (
            self.at < len(self.lexemes)
            and self.lexemes[self.at].kind == kind
            and text in ("", self.lexemes[self.at].text)
        )

    def either(self) -> Node:
        operands = [self.both()]
        while self.peek("operator", "OR"):
            operands.append(self.operand("OR", operands[-1], self.both))
        return operands[0] if len(operands) == 1 else Either(tuple(operands))

    def both(self) -> Node:
        operands: list[Node] = [self.group()]
        while self.peek("operator", "AND"):
            operands.append(self.operand("AND", operands[-1], self.group))
        return operands[0] if len(operands) == 1 else Both(tuple(operands))

    def operand(self, name: str, before: Node, read: "object") -> Node:
        operator = self.lexemes[self.at]
        self.at += 1
        after = read()  # type: ignore[operator]
        if Group(()) in (before, after):
            self.fail(
                f"{name} stands between two operands", operator, "write it small, or in quotes, to search for the word"
            )
        return after  # type: ignore[no-any-return]

    def group(self) -> Node:
        items: list[Node] = []
        while self.at < len(self.lexemes):
            lexeme = self.lexemes[self.at]
            if lexeme.text == ")" or lexeme.kind == "operator" and lexeme.text != "NOT":
                break
            self.at += 1
            if lexeme.kind == "operator":
                items.append(Excluded(self.words_after(lexeme)))
            elif lexeme.kind in "+-":
                items.append((Required if lexeme.kind == "+" else Excluded)(self.item(lexeme)))
            else:
                self.at -= 1
                items.append(self.item(lexeme))
        return items[0] if len(items) == 1 else Group(tuple(items))

    def words_after(self, operator: _Lexeme) -> Node:
        """What NOT excludes: the bracket, phrase or field after it, or all plain words up to the next operator."""
        items = []
        while self.peek("word"):
            items.append(self.item(operator))
        return Group(tuple(items)) if len(items) > 1 else items[0] if items else self.item(operator)

    def item(self, before: _Lexeme) -> Node:
        if (
            self.at == len(self.lexemes)
            or self.lexemes[self.at].kind in ("operator", "+", "-")
            or self.peek("bracket", ")")
        ):
            self.fail(f'nothing to search for after "{before.text}"', before, "add a word, or put it in quotes")
        lexeme = self.lexemes[self.at]
        self.at += 1
        if lexeme.kind == "field":
            if before.kind == "field" and before is not lexeme:
                self.fail("a field within a field", lexeme, "write it after a word, a phrase or a bracket")
            return InField(lexeme.text, self.item(lexeme), lexeme.column)
        if lexeme.kind == "bracket":
            return self.boosted(self.bracket(lexeme))
        if lexeme.kind == "phrase":
            return self.boosted(Phrase(lexeme.text, lexeme.slop, lexeme.column))
        return self.word(lexeme)

    def boosted(self, item: Node) -> Node:
        if not self.peek("boost"):
            return item
        self.at += 1
        return self.times(item, self.lexemes[self.at - 1])

    def times(self, item: Node, boost: _Lexeme) -> Node:
        if not 0 < float(boost.text) <= MOST_BOOST:
            self.fail(f"a boost is over 0 and up to {MOST_BOOST:g}, not {boost.text}", boost, "for example học^2")
        return Boosted(item, float(boost.text), boost.column)

    def word(self, lexeme: _Lexeme) -> Node:
        if (boost := _BOOST.search(lexeme.text)) and boost.start():
            column = lexeme.column + boost.start(1)
            word = self.word(lexeme._replace(text=lexeme.text[: boost.start()]))
            return self.times(word, _Lexeme("boost", boost[1], column))
        return _word(lexeme, self.text)

    def bracket(self, opening: _Lexeme) -> Node:
        self.depth += 1
        if self.depth > DEEPEST_BRACKETS:
            self.fail(f"brackets may be {DEEPEST_BRACKETS} deep", opening, "write the query flatter")
        inside = self.either()
        if not self.peek("bracket", ")"):
            self.fail("this bracket is not closed", opening, 'add ")" or put the bracket in quotes')
        self.at += 1
        self.depth -= 1
        return inside


def _word(lexeme: _Lexeme, query: str) -> Node:
    text = lexeme.text
    if len(text) > 2 and text.startswith("/") and text.endswith("/"):
        raise QueryError(
            "regular expressions are not searched for",
            query=query,
            column=lexeme.column,
            hint="use ? for one letter and * for any number of them, ~ for a slip, or put it in quotes",
        )
    if len(text) > 1 and text.endswith("*") and text[:-1].isalnum():
        return Prefix(text[:-1], lexeme.column)
    if ("*" in text or "?" in text.rstrip("?")) and _PATTERN.fullmatch(text.rstrip("?")):
        return Pattern(text.rstrip("?"), lexeme.column)
    if "~" in text and (m := re.fullmatch(r"(\w+)~([12]?)", text)):
        return Fuzzy(m[1], int(m[2] or 1), lexeme.column)
    return Word(text, lexeme.column)


def _lex(text: str) -> list[_Lexeme]:
    cleaned = clean(text)
    lexemes = []
    words_only = _SHOUTED if _is_shouted(cleaned.text) else frozenset()
    end = 0
    while m := _LEXEME.match(cleaned.text, end):
        kind = m.lastgroup if m.lastgroup != "slop" else "phrase"
        assert kind is not None
        content = m[kind]
        start = m.start(kind) - (kind == "phrase")
        column = cleaned.span(start, start + 1)[0] + 1
        end = m.end()
        if kind == "open":
            raise QueryError(
                "this quote is not closed", query=text, column=column, hint='add " at the end of the phrase'
            )
        if kind == "field":
            field = _field(content)
            if field is None and (m[0].endswith(" ") or " " in content):  # a word, or an operator, before a field
                kind, content, end = "word", content.split(" ")[0], m.start("field") + len(content.split(" ")[0])
            elif field is None:
                import difflib

                near = difflib.get_close_matches(_fold(content), FIELDS, n=1)
                hint = (
                    f'did you mean "{near[0]}:"?' if near else "fields are " + " ".join(dict.fromkeys(FIELDS.values()))
                )
                kind_of = QueryError if near else NotAQueryError
                raise kind_of(f'there is no field "{content}"', query=text, column=column, hint=hint)
            else:
                content = field
        elif kind == "sign":
            kind = content
        if kind == "word" and content in _OPERATORS and content not in words_only:
            kind, content = "operator", _OPERATORS[content]
        lexemes.append(_Lexeme(kind, content, column, int(m["slop"] or 0)))
    return lexemes


def _field(name: str) -> str | None:
    return FIELDS.get(_fold(name))


def _fold(name: str) -> str:
    return fold(name).lower().replace(" ", "")
