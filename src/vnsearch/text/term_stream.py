r"""Articles taken apart once, as numbers, for all that look for known phrases in them: provinces, topics.

Every distinct syllable, with its capitals, has a *code*; the texts of a batch of articles are one array of
codes, and what is known in it is found by NumPy for the whole batch, so that Python code runs only where
something was found.

>>> terms = read_terms([("Tin mới", "Huyện Văn Quan, tỉnh Lạng Sơn")])
>>> forms_at(terms.forms.codes[1:-1])
['Tin', 'mới', '\n', 'Huyện', 'Văn', 'Quan', ',', 'tỉnh', 'Lạng', 'Sơn']
>>> forms_at(terms.keys.codes[1:-1])
['tin', 'mới', '\n', 'huyện', 'văn', 'quan', 'tỉnh', 'lạng', 'sơn']
"""

import re
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from .. import kernels
from ..arrays import Array
from ..forks import ForkSafeLock
from ..kernels.twins import pair_slot
from .memo import Memo
from .normalize import clean, syllable_key
from .piece_table import PieceTable, Rows
from .tokenize import in_signs

Codes = npt.NDArray[np.uint32]
Places = npt.NDArray[np.intp]


# -- codes ---------------------------------------------------------------------------------------------

PAUSE = ","  # any sign at which a name ends
TITLE_END, TEXT_END = "\n", "\n\n"  # what stands between title and text, and between articles
_LIMIT = 1 << 18  # codes; of later syllables only the capitals are kept
CODES = _LIMIT + 16  # what a table by code has room for
_UNKNOWN = ("?", "?A", "?AA")  # small, with a capital, all in capitals
_lock = ForkSafeLock()
_forms: list[str] = []  # by code
_code_of: dict[str, int] = {}
_key_of = np.zeros(CODES, np.uint32)  # code -> code of the same in small letters; 0: a PAUSE, which is no key


def code(form: str) -> int:
    """The code of a syllable, key or capitalised key, as `read_terms` gives it."""
    found = _code_of.get(form)
    return found if found is not None else _new_code(form)


def forms_at(codes: Codes) -> list[str]:
    """The syllables of codes."""
    return [_forms[code] for code in codes.tolist()]


def key_codes(codes: Codes) -> Codes:
    """The codes of the same syllables in small letters."""
    keys: Codes = _key_of[codes]
    return keys


def _new_code(form: str) -> int:
    if len(_forms) >= _LIMIT:
        form = _UNKNOWN[0 if form.islower() else 2 if form.isupper() else 1]
    key = form.lower()
    key_code = code(key) if key != form else None
    with _lock:
        if form not in _code_of:
            _key_of[len(_forms)] = len(_forms) if key_code is None else key_code
            _forms.append(form)
            _code_of[form] = len(_forms) - 1
        return _code_of[form]


for _sign in (PAUSE, TITLE_END, TEXT_END, *_UNKNOWN):
    code(_sign)
_TITLE_END, _TEXT_END = code(TITLE_END), code(TEXT_END)
READ = 2_800  # characters of a text, some 600 pieces: what an article is about stands in its first half


# -- articles ------------------------------------------------------------------------------------------


class Stream(NamedTuple):
    """The codes of articles one after the other: TEXT_END, and of each its title, TITLE_END, its text, TEXT_END."""

    codes: Codes
    begins: Places  # places of each article's title, of its TITLE_END, of its TEXT_END
    title_ends: Places
    ends: Places

    def articles(self, places: Places) -> Places:
        """Which article each place lies in."""
        return np.searchsorted(self.ends, places)


class Terms:
    """The terms of articles in order, one a syllable or number; compounds only as their parts."""

    def __init__(self, codes: Codes) -> None:
        self.forms = _stream(codes)  # with the capitals of the text, and PAUSE for commas, brackets, full stops

    @cached_property
    def keys(self) -> Stream:
        """The terms as the index files them: small letters, one spelling, no signs."""
        keys = key_codes(self.forms.codes)
        return _stream(keys[keys != 0])


def read_terms(articles: Iterable[tuple[str, str]]) -> Terms:
    """The terms of articles, (title, text) each, by one look-up for all their pieces; see READ."""
    table = _current_table()
    numbers = [_NUMBERS[TEXT_END]]
    for title, text in articles:
        numbers += (_read(table, title), _NUMBERS[TITLE_END], _read(table, text), _NUMBERS[TEXT_END])
    (codes,) = table.columns()
    return Terms(codes.of_rows(np.frombuffer(b"".join(numbers), np.int32)))


def _read(table: PieceTable, text: str) -> bytes:
    text = text if len(text) <= READ else text[: max(text.rfind(" ", 0, READ), 0) or READ]
    try:
        return table.read(text)
    except UnicodeEncodeError:  # half a surrogate pair is no letter
        return table.read(text.encode("utf-8", "replace").decode())


def _stream(codes: Codes) -> Stream:
    (ends,) = np.nonzero(codes == _TEXT_END)
    (title_ends,) = np.nonzero(codes == _TITLE_END)
    return Stream(codes, ends[:-1] + 1, title_ends, ends[1:])


def forms_of(text: str) -> list[str]:
    """A phrase as forms, for tables of phrases; signs are left out."""
    return [_forms_of_words[part] for piece in clean(text).text.split() for part in _parts(piece) if part != PAUSE]


_PART = re.compile(r"([^\W_]+)|([,;:!?()\[\]\"“”…]|\.$)")
_ABBREVIATED = re.compile(r"(?:^|\W)(?:TP|TX|TT|[QHPX])\.$", re.IGNORECASE)  # "TP. Huế": no full stop


def _parts(piece: str) -> list[str]:
    """The words of a piece as they stand there, and PAUSE for each sign at which a name ends."""
    if piece.endswith(".") and _ABBREVIATED.search(piece):
        piece = piece[:-1]
    return [word or PAUSE for word, _ in _PART.findall(piece)]


def _form(word: str) -> str:
    """The syllable's key, with a capital or all in capitals where the word is."""
    key = syllable_key(word)
    if not word[0].isupper():
        return key
    return key.upper() if len(word) > 1 and word.isupper() else key.capitalize()


_forms_of_words: Memo[str] = Memo(_form)


# -- pieces --------------------------------------------------------------------------------------------


def _learn(pieces: list[str]) -> tuple[Rows]:
    """The codes of pieces."""
    return (Rows.of(list(map(_codes, pieces)), np.uint32),)


def _codes(piece: str) -> Sequence[int]:
    match = in_signs(piece)
    if match is None:  # what else may part it, as a non-breaking space, is looked for here, once
        words = (word for part in _NOT_BLANK.findall(piece) for word in clean(part).text.split())
        return [_word_codes[part] if part != PAUSE else _PAUSE for word in words for part in _parts(word)]
    before, word, behind = match.groups()
    own = _word_codes[word]
    if not before and not behind:
        return (own,)
    pauses = _PAUSES[before.rstrip(".")]
    if behind == "." and _ABBREVIATED.fullmatch(f"{word}."):
        return (*pauses, own)
    return (*pauses, own, *_PAUSES[behind])


_NOT_BLANK = re.compile(r"[^\0-\x20]+")
_PAUSE = code(PAUSE)
_word_codes: Memo[int] = Memo(lambda word: code(_forms_of_words[word]))
_PAUSES: Memo[tuple[int, ...]] = Memo(lambda signs: (_PAUSE,) * len(_PART.findall(signs)))

_NUMBERS = {TITLE_END: np.int32(0).tobytes(), TEXT_END: np.int32(1).tobytes()}  # that stand for no piece
_ENDS = (Rows.of([[_TITLE_END], [_TEXT_END]], np.uint32),)
_MOST = 1 << 17, 16 << 20  # pieces of a table, and their characters
_tables: list[PieceTable] = []


def _current_table() -> PieceTable:
    if not _tables or _tables[0].is_full:
        _tables[:] = [PieceTable(_learn, _ENDS, most=_MOST)]
    return _tables[0]


# -- known phrases -------------------------------------------------------------------------------------

_SLOTS = 1 << 18  # of pairs of codes that a phrase may begin with


class Phrases:
    """Numbers known phrases in the order given, and finds them by a trie."""

    def __init__(self, phrases: Iterable[Sequence[str]]) -> None:
        known = [[code(form) for form in phrase] for phrase in phrases]
        self._size = len(known)
        self._begins = np.zeros(_SLOTS, bool)
        pairs = np.array([phrase[:2] for phrase in known if len(phrase) > 1], np.uint32).reshape(-1, 2)
        self._begins[pair_slot(pairs[:, 0], pairs[:, 1], _SLOTS)] = True
        nodes = [phrase[0] for phrase in known]  # where each phrase has come to
        steps: list[int] = []
        for depth in range(1, max(map(len, known), default=0)):
            longer = [number for number, phrase in enumerate(known) if len(phrase) > depth]
            wanted = {number: nodes[number] << 32 | known[number][depth] for number in longer}
            made = {step: CODES + len(steps) + n for n, step in enumerate(sorted(set(wanted.values())))}
            steps += made  # those of a level come after those of the levels before
            for number, step in wanted.items():
                nodes[number] = made[step]
        self._steps = np.array(steps, np.uint64)
        self._first = self._steps.searchsorted(np.arange(CODES + len(steps) + 1, dtype=np.uint64) << np.uint64(32))
        self._numbers = np.full(CODES + len(steps), -1, np.int32)
        self._numbers[nodes] = np.arange(len(known))

    def find(self, stream: Stream) -> tuple[Places, Places, Places]:
        """(starts, lengths, numbers) of the phrases, the longest first, from left to right, without overlaps."""
        starts, lengths, numbers = _columns(kernels.find_phrases(stream.codes, *self._trie))
        return starts, lengths, numbers

    def count(self, stream: Stream, in_title: int) -> tuple[Places, Places, Places]:
        """(articles, numbers, times) of every phrase that an article has, in order; those in titles count more."""
        begins, steps, first, own = self._trie
        found = kernels.count_phrases(
            stream.codes, begins, steps, first, own, stream.title_ends, stream.ends, in_title, self._size
        )
        articles, numbers, times = _columns(found)
        return articles, numbers, times

    @property
    def _trie(self) -> tuple[Array, Array, Array, Array]:
        return self._begins, self._steps, self._first, self._numbers


def _columns(found: bytes) -> Array:
    return np.ascontiguousarray(np.frombuffer(found, np.int64).reshape(-1, 3).T)
