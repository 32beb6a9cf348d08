r"""A text taken apart once, as numbers, for all that look for known phrases in it: provinces, topics.

Every distinct syllable, with its capitals, has a *code*; a text is an array of codes, and what begins
a known phrase is found by NumPy, so that Python code runs only where something was found.

>>> terms = read_terms("Tin mới", "Huyện Văn Quan, tỉnh Lạng Sơn")
>>> forms_at(terms.codes)
['Tin', 'mới', '\n', 'Huyện', 'Văn', 'Quan', ',', 'tỉnh', 'Lạng', 'Sơn']
>>> forms_at(terms.keys)
['tin', 'mới', '\n', 'huyện', 'văn', 'quan', 'tỉnh', 'lạng', 'sơn']
"""

import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Generic, TypeVar

import numpy as np
import numpy.typing as npt

from ..locks import ForkSafeLock
from ..text.memo import Memo
from ..text.normalize import clean, syllable_key

V = TypeVar("V")
Codes = npt.NDArray[np.uint32]
Hashes = npt.NDArray[np.intp]

# -- codes ---------------------------------------------------------------------------------------------

PAUSE, TITLE_END = ",", "\n"  # what any sign is at which a name ends; what stands between title and text
_LIMIT = 1 << 18  # codes; of later syllables only the capitals are kept
_UNKNOWN = ("?", "?A", "?AA")  # small, with a capital, all in capitals
_lock = ForkSafeLock()
_forms: list[str] = []  # by code
_code_of: dict[str, int] = {}
_key_of = np.zeros(_LIMIT + 16, np.uint32)  # code -> code of the same in small letters; 0: a PAUSE, which is no key


def code(form: str) -> int:
    """The code of a syllable, key or capitalised key, as `read_terms` gives it."""
    found = _code_of.get(form)
    return found if found is not None else _new_code(form)


def forms_at(codes: Codes) -> list[str]:
    """The syllables of codes."""
    return [_forms[code] for code in codes.tolist()]


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


for _sign in (PAUSE, TITLE_END, *_UNKNOWN):
    code(_sign)
_TITLE_END = code(TITLE_END)

READ = 600  # pieces of a text: what an article is about stands in its first half
_CHARACTERS = 8 * READ

# -- a text --------------------------------------------------------------------------------------------


class Terms:
    """The terms of a title and a text in order, one a syllable or number; compounds only as their parts."""

    def __init__(self, codes: Codes) -> None:
        self.codes = codes  # with the capitals of the text, and PAUSE for commas, brackets, full stops

    @cached_property
    def keys(self) -> Codes:
        """The terms as the index files them: small letters, one spelling; no signs but TITLE_END."""
        keys = _key_of[self.codes]
        found: Codes = keys[keys != 0]
        return found

    @cached_property
    def codes_of_title(self) -> int:
        """How many codes stand before TITLE_END."""
        return int((self.codes == _TITLE_END).argmax())

    @property
    def keys_of_title(self) -> int:
        """How many keys stand before TITLE_END."""
        return int(np.count_nonzero(self.codes[: self.codes_of_title]))


def read_terms(title: str, text: str = "") -> Terms:
    """The terms of an article, by one split at blanks and one look-up a piece; see READ."""
    pieces = (*clean(title).text.split(), TITLE_END, *clean(text[:_CHARACTERS]).text.split(None, READ)[:READ])
    return Terms(np.frombuffer(b"".join(map(_codes_of.__getitem__, pieces)), np.uint32))


def forms_of(text: str) -> list[str]:
    """A phrase as forms, for tables of phrases; signs are left out."""
    return [part for piece in clean(text).text.split() for part in _parts(piece) if part != PAUSE]


_PART = re.compile(r"([^\W_]+)|([,;:!?()\[\]\"“”…]|\.$)")
_ABBREVIATED = re.compile(r"(?:^|\W)(?:TP|TX|TT|[QHPX])\.$", re.IGNORECASE)  # "TP. Huế": no full stop


def _parts(piece: str) -> tuple[str, ...]:
    if piece.isalpha():
        return (_form(piece),)
    if piece == TITLE_END:
        return (TITLE_END,)
    if _ABBREVIATED.search(piece):
        piece = piece[:-1]
    return tuple(_form(word) if word else PAUSE for word, _ in _PART.findall(piece))


def _form(word: str) -> str:
    """The syllable's key, with a capital or all in capitals where the word is."""
    key = syllable_key(word)
    if not word[0].isupper():
        return key
    return key.upper() if len(word) > 1 and word.isupper() else key.capitalize()


_codes_of: Memo[bytes] = Memo(lambda piece: np.array([code(part) for part in _parts(piece)], np.uint32).tobytes())

# -- known phrases -------------------------------------------------------------------------------------

_BITS = 18  # of the hash of a pair


class Phrases(Generic[V]):
    """Finds known phrases in an array of codes, the longest first, from left to right, without overlaps."""

    def __init__(self, phrases: Mapping[tuple[str, ...], V]) -> None:
        self._single = np.zeros(_LIMIT + 16, bool)  # by code: whether it is a phrase by itself
        self._pairs = np.zeros(1 << _BITS, bool)  # by hash of a pair: whether it may be a phrase
        self._triples = np.zeros(1 << _BITS, bool)  # by hash of a pair and the next: whether a phrase may begin so
        self._by_begin: dict[bytes, list[tuple[int, bytes, V]]] = {}
        for phrase in sorted(phrases, key=len, reverse=True):
            codes = np.array([code(form) for form in phrase], np.uint32)
            pair = hash_pairs(codes[:2])
            if len(codes) == 1:
                self._single[codes] = True
            elif len(codes) == 2:
                self._pairs[pair] = True
            else:
                self._triples[_hash_triples(pair, codes[2:3])] = True
            self._by_begin.setdefault(codes[:2].tobytes(), []).append((len(codes), codes.tobytes(), phrases[phrase]))
        for begin, group in self._by_begin.items():  # a syllable that is a phrase by itself and begins others
            if len(begin) == 8:
                group += self._by_begin.get(begin[:4], [])

    def find(self, codes: Codes, hashes: Hashes) -> list[tuple[int, int, V]]:
        """(start, end, value) of the matches in order: codes[start:end] is the phrase."""
        maybe = self._single[codes]
        maybe[:-1] |= self._pairs[hashes]
        maybe[:-2] |= self._triples[_hash_triples(hashes[:-1], codes[2:])]
        raw, begin = codes.tobytes(), self._by_begin.get
        found: list[tuple[int, int, V]] = []
        done = 0
        for start in np.flatnonzero(maybe).tolist():
            at = 4 * start
            if start >= done and (phrases := begin(raw[at : at + 8]) or begin(raw[at : at + 4])):
                for length, phrase, value in phrases:
                    if raw.startswith(phrase, at):
                        done = start + length
                        found.append((start, done, value))
                        break
        return found


class Lexicon:
    """Numbers the terms and the pairs of neighbours that it knows, from 1, in the order given."""

    def __init__(self, entries: Sequence[str]) -> None:
        codes = [[code(term) for term in entry.split()] for entry in entries]
        self._row_of = np.zeros(_LIMIT + 16, np.int32)
        for row, found in enumerate(codes, 1):
            if len(found) == 1:
                self._row_of[found[0]] = row
        pairs = sorted((first << 32 | second, row) for row, (first, *rest) in enumerate(codes, 1) for second in rest)
        self._pairs = np.array([pair for pair, _ in pairs], np.uint64)
        self._pair_rows = np.array([row for _, row in pairs], np.int32)
        self._begins = np.zeros(1 << _BITS, bool)
        self._begins[_hash((self._pairs >> np.uint64(32)).astype(np.uint32), self._pairs.astype(np.uint32))] = True

    def rows(self, keys: Codes, hashes: Hashes) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.intp]]:
        """The numbers of the known terms and pairs in a text, and where each begins."""
        terms = self._row_of[keys]
        (known,) = np.nonzero(terms)
        (at,) = np.nonzero(self._begins[hashes])
        pairs = keys[at].astype(np.uint64) << np.uint64(32) | keys[at + 1]
        places = np.searchsorted(self._pairs[:-1], pairs)  # the last stands for all that are greater
        is_pair = self._pairs[places] == pairs
        rows = np.concatenate((terms[known], self._pair_rows[places[is_pair]]))
        return rows, np.concatenate((known, at[is_pair]))


def hash_pairs(codes: Codes) -> Hashes:
    """A number below 2**_BITS for each pair of neighbours, one fewer than codes; for `find` and `rows`."""
    return _hash(codes[:-1], codes[1:])


def _hash(first: Codes, second: Codes) -> Hashes:
    mixed = first * np.uint32(0x9E3779B1) ^ second * np.uint32(0x85EBCA6B)
    return (mixed >> np.uint32(32 - _BITS)).astype(np.intp)


def _hash_triples(pairs: Hashes, third: Codes) -> Hashes:
    return pairs ^ (third.astype(np.intp) * 0x9E37 & (1 << _BITS) - 1)
