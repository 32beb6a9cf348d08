"""Syllables -> words: pyvi's segmentation, the same words at many times its speed.

What a surface form adds to its own, its left and its right neighbour's score is computed once, by
pyvi's model (see `crf`); a text is then one look-up a chunk and some passes over arrays.

    >>> segment("Ban Dân vận Tỉnh ủy Lạng Sơn")
    ['Ban', 'Dân_vận', 'Tỉnh_ủy', 'Lạng_Sơn']

`words` adds offsets and reads what pyvi was not trained on: headlines in capitals, text without
diacritics.

    >>> [word.text for word in words("TỈNH ỦY LẠNG SƠN TẬP HUẤN")]
    ['TỈNH_ỦY', 'LẠNG_SƠN', 'TẬP_HUẤN']
    >>> [word.text for word in words("tinh uy lang son tap huan")]
    ['tinh_uy', 'lang_son', 'tap_huan']
"""

import re
import string
import unicodedata
from array import array
from collections.abc import Iterator
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

from ..forks import ForkSafeLock
from .capitals import without_capitals
from .crf import model
from .memo import Memo
from .normalize import clean
from .unmarked import inside_unmarked, mostly_unmarked

if TYPE_CHECKING:
    import numpy.typing as npt

    Array = npt.NDArray[Any]

# pyvi's own syllables, order and all (pyvi 0.1.1, ViTokenizer.sylabelize); none of them spans a blank
_BEFORE_MAIL = r"[A-ZĐ]+\.|Tp\.|Mr\.|Mrs\.|Ms\.|Dr\.|ThS\.|==>|->|\.\.\.|>>|\n|\w+://[^\s]+"
_DOMAIN = r"@(?:[a-zA-Z0-9-]+\.)+[a-zA-Z0-9-]+"
_BEHIND_MAIL = r"\d+(?:[\.,_]\d+)+|[^\w\s]|\w+"
_SYLLABLE = re.compile(rf"{_BEFORE_MAIL}|(?:[a-zA-Z0-9_.+-]+{_DOMAIN})|{_BEHIND_MAIL}")

# where something long has no blank, trying an e-mail address at each of its letters takes the square of its length
_LONG = 200
_LONG_PIECE = re.compile(rf"\S{{{_LONG}}}")
_NO_MAIL = re.compile(rf"({_BEFORE_MAIL})|{_BEHIND_MAIL}")
_OF_MAIL = re.compile(_DOMAIN)
_NO_MORE = (1 << 62, 1 << 62, 1 << 62)
_LOCAL = frozenset(string.ascii_letters + string.digits + "_.+-")
WITH_DOT = re.compile(r"[A-ZĐ]+|Tp|Mr|Mrs|Ms|Dr|ThS").fullmatch  # words that are one syllable with a dot behind


def _syllables(text: str) -> list[str]:
    if len(text) < _LONG or not _LONG_PIECE.search(text):
        return _SYLLABLE.findall(text)
    return [text[start:end] for start, end in _spans_of_long(text)]


def _spans(text: str) -> list[tuple[int, int]]:
    if len(text) < _LONG or not _LONG_PIECE.search(text):
        return [syllable.span() for syllable in _SYLLABLE.finditer(text)]
    return list(_spans_of_long(text))


def _spans_of_long(text: str) -> Iterator[tuple[int, int]]:
    """The spans of syllables in time linear in the text: where addresses can begin is looked up first."""
    mails = _mails(text)
    begin, sign, mail_end = next(mails, _NO_MORE)
    at = 0
    while syllable := _NO_MAIL.search(text, at):
        start, at = syllable.span()
        while sign <= start:
            begin, sign, mail_end = next(mails, _NO_MORE)
        if begin <= start and syllable[1] is None:
            at = mail_end
        yield start, at


def _mails(text: str) -> Iterator[tuple[int, int, int]]:
    """(first place where it can begin, its @, its end) of each e-mail address."""
    done = 0
    for domain in _OF_MAIL.finditer(text):
        begin = sign = domain.start()
        while begin > done and text[begin - 1] in _LOCAL:
            begin -= 1
        yield begin, sign, domain.end()
        done = sign


_MOST_FORMS = 300_000  # a language has fewer; a stream of random strings must not grow without end
_SLOTS = 1 << 19


def segment(text: str) -> list[str]:
    """The words of a text as pyvi 0.1.1 cuts them, syllables joined by "_"; the text is made NFC first.

    Punctuation marks are words of their own, as in pyvi.  Linear in len(text).
    """
    forms = current_forms()
    numbers = forms.read(unicodedata.normalize("NFC", text))
    if not len(numbers):
        return [text] if text else []
    pieces = forms.pieces[forms.inside(numbers).view("int8"), numbers].tolist()
    return "".join(pieces)[1:].split(" ")  # no syllable holds a blank


class Word(NamedTuple):
    """Syllables joined by "_", in one encoding (`clean`), and the offsets in the text as given."""

    text: str
    start: int
    end: int


def words(text: str) -> list[Word]:
    """The words of a text with their places: `text[start:end]` is what a word was made from.

    They are those of `segment`, but for two kinds of text that pyvi was not trained on.  Runs of
    capitals are cut as their form in small letters would be, names excepted; a text without any
    diacritics, of some length and mostly of Vietnamese syllables, is cut by a table of folded pairs.
    """
    cleaned = clean(text)
    spans = _spans(cleaned.text)
    if not spans:
        return []
    syllables = [cleaned.text[start:end] for start, end in spans]
    if mostly_unmarked(syllables):
        inside = inside_unmarked(syllables)
    else:
        forms = current_forms()
        inside = forms.inside(forms.numbers(without_capitals(syllables))).tolist()
    found: list[list[int]] = []  # first and last syllable
    for at, joined in enumerate(inside):
        if joined:
            found[-1][1] = at
        else:
            found.append([at, at])
    return [
        Word("_".join(syllables[first : last + 1]), *cleaned.span(spans[first][0], spans[last][1]))
        for first, last in found
    ]


class Forms:
    """What the model knows of the surface forms met so far, in columns; scores are those of I minus those of B.

    A form's number is its place in the columns.  Number TEXT_END is no form: it stands between texts that
    are decoded together, and lets nothing pass from one to the other.
    """

    TEXT_END = 0

    def __init__(self) -> None:
        import numpy as np

        from .. import kernels
        from ..kernels.twins import slot

        self._np, self._crf, self._decode, self._slot = np, model(), kernels.decode, slot
        self._numbers: dict[str, int] = {}
        self._chunks: Memo[bytes] = Memo(lambda chunk: self.of_chunk(chunk).tobytes())
        self._lock = ForkSafeLock()
        self._add_compounds_of_model()
        weight = self._crf.weights.get
        self._case = [
            (f"{prefix}word.lower():", weight(prefix + "word.istitle()", 0.0), weight(prefix + "word.isupper()", 0.0))
            for prefix in ("", "-1:", "+1:")
        ]
        self._scores = np.zeros((3, 4096))  # own, to the right neighbour, to the left one
        self._marks = np.zeros((3, 4096), np.int64)  # number of the lower-case form in compounds, leads, trails
        self.pieces = np.zeros((2, 4096), object)  # the syllable with a blank before it, with "_"
        self._numbers[" "] = self.TEXT_END  # a blank is in no syllable
        self._scores[0, self.TEXT_END] = -np.inf
        self._marks[:, self.TEXT_END] = 0, 0, 3
        bb, bi, ib, ii = self._crf.moves
        ends = bb - bi, bb - ib  # make the text's ends, which have no transitions, like those between two B
        # I needs a lead above bb - ib (before B) or bi - ii (before I), and what comes before a syllable
        # changes its lead by bi - bb at most and by ii - ib at least: outside of this band it is certain
        certain = (bb - ib) - (bi - bb), (bi - ii) - (ii - ib)
        grams = ("+1:word.bi_gram()", "-1:word.bi_gram()", "+2:word.tri_gram()", "-2:word.tri_gram()")
        self._weights = (*map(self._crf.weights.__getitem__, grams), *ends, *certain, *self._crf.moves)

    def __len__(self) -> int:
        return len(self._numbers)

    def read(self, text: str) -> "Array":
        """The numbers of a text's syllables."""
        chunks = text.replace("\n", " \n ").split(" ") if "\n" in text else text.split(" ")
        return self._np.frombuffer(b"".join(map(self._chunks.__getitem__, chunks)), self._np.int32)

    def numbers(self, syllables: list[str]) -> "Array":
        """The numbers of syllables."""
        with self._lock:
            return self._np.array(self._numbered(syllables), self._np.int32)

    def of_chunk(self, chunk: str) -> "array[int]":
        """The numbers of the syllables in a piece of a text that was split at blanks."""
        with self._lock:
            return array("i", self._numbered(_syllables(chunk)))

    def of_chunks(self, chunks: list[str]) -> list[list[int]]:
        """`of_chunk` of each."""
        syllables = _syllables("\n".join("" if "\n" in chunk else chunk for chunk in chunks))
        found: list[list[int]] = [[]] if chunks else []
        with self._lock:
            for syllable, number in zip(syllables, self._numbered(syllables), strict=True):
                if syllable == "\n":  # a syllable of its own, which goes on behind none
                    found.append([])
                else:
                    found[-1].append(number)
        pairs = zip(chunks, found, strict=True)
        return [self.of_chunk(chunk).tolist() if "\n" in chunk else own for chunk, own in pairs]

    def surfaces(self, numbers: "Array") -> list[str]:
        """The syllables of these numbers; that of TEXT_END is empty."""
        return [piece[1:] if piece else "" for piece in self.pieces[0, numbers].tolist()]

    def _numbered(self, syllables: list[str]) -> list[int]:
        """The numbers of syllables; those that are new get one."""
        numbers = self._numbers
        if new := [syllable for syllable in dict.fromkeys(syllables) if syllable not in numbers]:
            self._append(new)
            numbers.update(zip(new, range(len(numbers), len(numbers) + len(new)), strict=True))
        return list(map(numbers.__getitem__, syllables))

    def _append(self, new: list[str]) -> None:
        """Fills the columns of new forms; older arrays, which another thread may hold, stay as they are."""
        at = slice(len(self._numbers), len(self._numbers) + len(new))
        while at.stop > self._scores.shape[1]:
            self._scores, self._marks, self.pieces = (
                self._np.concatenate((column, column), 1) for column in (self._scores, self._marks, self.pieces)
            )
        weight = self._crf.weights.get
        bias, for_digits = weight("bias", 0.0), weight("word.isdigit()", 0.0)
        scores, marks = [], []
        for syllable in new:
            lower, title, upper = syllable.lower(), syllable.istitle(), syllable.isupper()
            own, to_right, to_left = [
                weight(prefix + lower, 0.0) + for_title * title + for_upper * upper
                for prefix, for_title, for_upper in self._case
            ]
            scores.append((own + (bias + for_digits * syllable.isdigit()), to_right, to_left))
            lonely = syllable in string.punctuation or syllable[0].isdigit()  # never joined: pyvi's rules after its CRF
            case = 2 if syllable[0].istitle() else 1  # a small letter does not lead a capital
            marks.append((self._places.get(lower, 0), 0 if lonely else case, 3 if lonely else case))
        self._scores[:, at], self._marks[:, at] = self._np.array(scores).T, self._np.array(marks, self._np.int64).T
        self.pieces[0, at], self.pieces[1, at] = [" " + form for form in new], ["_" + form for form in new]

    # -- compounds: two places make a key; place 0 is in no compound ----------------------------------------

    def _add_compounds_of_model(self) -> None:
        np = self._np
        compounds = [c.split(" ") for c in self._crf.compounds if 1 <= c.count(" ") <= 2 and c == c.lower()]
        self._places = {s: n for n, s in enumerate(dict.fromkeys(chain.from_iterable(compounds)), 1)}
        places = np.array(list(map(self._places.__getitem__, chain.from_iterable(compounds))), np.int64)
        sizes = np.array(list(map(len, compounds)))
        first, of_three = np.cumsum(sizes) - sizes, sizes == 3
        keys = places[first] << 20 | places[first + 1]
        self._keys = np.unique(keys)  # a compound, or the first two of one of three
        self._is_pair = np.isin(self._keys, keys[~of_three])
        triples = self._keys.searchsorted(keys[of_three]) << 20 | places[first[of_three] + 2]
        self._triples = np.sort(triples)
        self._starts = self._keys.searchsorted(np.arange(len(self._places) + 2) << 20)  # by first place
        self._triple_starts = self._triples.searchsorted(np.arange(len(self._keys) + 1) << 20)
        # most pairs of syllables in a text are none: one look-up in a table that errs on the safe side tells
        self._may_be_key = np.zeros(_SLOTS, bool)
        self._may_be_key[self._slot(self._keys >> 20, self._keys & 0xFFFFF, _SLOTS)] = True

    # -- decoding -----------------------------------------------------------------------------------------

    def inside(self, at: "Array") -> "Array":
        """For each syllable (at least one, by number), whether it continues the word before it.

        Several texts are decoded at once with TEXT_END between them.
        """
        own, to_right, to_left = self._scores
        places, leads, trails = self._marks
        keys, starts, is_pair = self._keys, self._starts, self._is_pair
        triples, triple_starts, may_be_key = self._triples, self._triple_starts, self._may_be_key
        inside = self._np.empty(len(at), bool)
        self._decode(
            at, own, to_right, to_left, places, leads, trails, keys, starts, is_pair, triples, triple_starts,
            may_be_key, inside, self._weights,
        )  # fmt: skip
        return inside


_current: list[Forms] = []


def current_forms() -> Forms:
    """The forms met so far in this process; once there are too many of them, a new collection."""
    if not _current or len(_current[0]) > _MOST_FORMS:
        _current[:] = [Forms()]
    return _current[0]
