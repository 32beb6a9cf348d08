"""Kinds of official documents in a query: `nghị định 100` means the decree, whose number may go on (100/2019/NĐ-CP).

A kind directly before a number makes one word with it.  A kind before a whole number (`nghị quyết 25-NQ/TW`) adds
nothing: the number says it, and articles often leave the kind out or shorten it.
"""

from collections.abc import Iterator, Sequence

from ..text.tokenize import Token

_KINDS = frozenset(
    tuple(kind.split())
    for kind in (
        "nghi quyet, nghi dinh, quyet dinh, thong tu, thong tu lien tich, chi thi, ket luan, cong van, cong dien, "
        "ke hoach, huong dan, thong bao, phap lenh, luat"
    ).split(", ")
)
_WRITTEN_WITH = "so"  # số: nghị định số 100
_LONGEST_KIND = 4


def kind_before(tokens: Sequence[Token]) -> int:
    """How many tokens at the end name a kind of document, `số` after it included; 0 for none."""
    end = len(tokens) - (bool(tokens) and tokens[-1].folded == _WRITTEN_WITH)
    for size in range(_LONGEST_KIND, 0, -1):
        if size <= end and tuple(t.folded for t in tokens[end - size : end]) in _KINDS:
            return size + len(tokens) - end
    return 0


def numbered(tokens: Sequence[Token]) -> Iterator[tuple[int, int]]:
    """(begin, end) of each kind with a number after it; a year is no number of a document."""
    for at, token in enumerate(tokens):
        if token.kind == "number" and not (len(token.term) == 4 and token.term[:2] in ("19", "20")):
            size = kind_before(tokens[:at])
            if size:
                yield at - size, at + 1


def spellings(tokens: Sequence[Token]) -> list[list[Token]]:
    """A kind and its number without `số` and with it."""
    *kind, number = tokens
    plain = [t for t in kind if t.folded != _WRITTEN_WITH]
    return [[*plain, number], [*plain, _SO, number]]


_SO = Token("số", 0, 0, 0, 1, "word")
