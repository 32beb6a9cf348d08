"""Pieces of text as numbers: what a piece holds is found out once, for the index and for the word model.

Vietnamese news is written with few distinct pieces between blanks; a process that indexes keeps the
table from batch to batch.
"""

import re
from array import array
from collections.abc import Sequence
from itertools import chain, compress
from unicodedata import normalize

import numpy as np

from ..arrays import Array
from ..forks import ForkSafeLock
from ..text.fingerprint import syllable_hash, syllable_hashes
from ..text.fold import fold
from ..text.memo import Memo
from ..text.normalize import syllable_key
from ..text.piece_table import Columns, PieceTable, Rows
from ..text.tokenize import SPACED, chunk_terms, in_signs
from ..text.words import WITH_DOT, Forms, current_forms

_current: list["ChunkTable"] = []  # that of this process


class ChunkTable(PieceTable):
    """Chunk -> number; beside it the chunk's terms, how many positions it takes, its syllables, their folded hashes.

    Number GAP is what stands between two fields: one position without a term, to the word model the end
    of a line.  Number TEXT_END ends an article.  Writers in several threads share a table.
    """

    GAP, TEXT_END = 0, 1

    def __init__(self) -> None:
        self.forms: Forms = current_forms()
        self.names: list[str] = []  # of the terms
        self._term_numbers: dict[str, int] = {}
        self._words: dict[str, int] = {}  # word -> its column in
        self._word_columns = np.zeros((3, 0), np.int32)  # term, syllable, hash
        self._signs: Memo[list[int]] = Memo(lambda signs: self.forms.of_chunk(signs).tolist())
        self._parts: dict[str, int] = {}  # of words: what a syllable is worth as terms
        self._syllable_parts, self._first_part = array("i"), array("q", [0])
        self._parts_lock = ForkSafeLock(spoilt=_current.clear)
        none: list[list[int]] = [[], []]
        syllables = [self.forms.of_chunk("\n").tolist(), [Forms.TEXT_END]]
        columns = (Rows.of([[1], [0]]), Rows.of(none), Rows.of(none), Rows.of(syllables), Rows.of(none, np.uint32))
        super().__init__(self._learn_chunks, columns, SPACED)

    # -- new chunks ------------------------------------------------------------------------------------------

    def _learn_chunks(self, chunks: list[str]) -> Columns:
        """What the columns of `terms`, `syllables` and `hashes` have of new chunks."""
        matches = list(map(in_signs, chunks))
        parts = [match.groups() for match in matches if match]
        words = self._learn_words([word for _, word, _ in parts])
        odd = np.array([match is None for match in matches], bool)
        others = list(compress(chunks, odd))
        found = list(map(chunk_terms, others))
        widths = np.ones(len(chunks), np.int32)
        widths[odd] = [terms[-1][1] + 1 if terms else 0 for terms in found]
        return (
            Rows(np.arange(len(chunks) + 1), widths),
            _mixed(odd, words[0], [[self._term(term) for term, _ in terms] for terms in found]),
            _mixed(odd, np.zeros(len(parts), np.int32), [[position for _, position in terms] for terms in found]),
            Rows.of(self._syllables(chunks, matches, words[1].tolist())),
            _mixed(odd, words[2].view(np.uint32), list(map(syllable_hashes, others))),
        )

    def _learn_words(self, words: list[str]) -> Array:
        """(term, syllable of the word model, folded hash) of each word of Vietnamese letters, int32: one row each."""
        new = [word for word in dict.fromkeys(words) if word not in self._words]
        syllables = self.forms.numbers(new).tolist()
        own = [(self._term(syllable_key(word)), syllable_hash(fold(word).lower())) for word in new]
        columns = [term for term, _ in own], syllables, [hash for _, hash in own]
        self._word_columns = np.hstack((self._word_columns, np.array(columns, np.uint32).view(np.int32)))
        self._words.update(zip(new, range(len(self._words), len(self._words) + len(new)), strict=True))
        found: Array = self._word_columns[:, [self._words[word] for word in words]]
        return found

    def _syllables(
        self, chunks: list[str], matches: list["re.Match[str] | None"], syllables: list[int]
    ) -> list[Sequence[int]]:
        """The word model's syllables of chunks, of which some are a word in signs; syllables: those of the words."""
        signs, words = self._signs, iter(syllables)
        found: list[Sequence[int]] = []
        others: list[int] = []  # chunks that the model may part otherwise
        for at, match in enumerate(matches):
            own: Sequence[int] = ()
            if match is None:
                others.append(at)
            else:
                own = (next(words),)
                before, word, behind = match.groups()
                if behind[:1] == "." and WITH_DOT(word):
                    others.append(at)
                elif before or behind:
                    own = (*signs[before], *own, *signs[behind])
            found.append(own)
        parted = self.forms.of_chunks([normalize("NFC", chunks[at]) for at in others])
        for at, several in zip(others, parted, strict=True):
            found[at] = several
        return found

    def _term(self, term: str) -> int:
        number = self._term_numbers.get(term)
        if number is None:
            self.names.append(term)
            number = self._term_numbers[term] = len(self.names) - 1
        return number

    # -- as arrays: row n of the CSR pair (first, values) belongs to chunk n -----------------------------------

    def terms(self) -> tuple[Array, Array, Array, Array]:
        """(positions that each chunk takes, first, numbers of terms, their positions counted from the chunk's own)."""
        widths, terms, positions, _, _ = self.columns()
        return widths.values, *terms, positions.values

    def syllables(self) -> Rows:
        """Numbers of the word model's syllables."""
        return self.columns()[3]

    def hashes(self) -> Rows:
        """Hashes of the folded syllables, of which fingerprints are made."""
        return self.columns()[4]

    def word_parts(self) -> tuple[list[str], Array, Array]:
        """(parts of words, first, their numbers): row n is what syllable n of the word model adds to a word."""
        with self._parts_lock:
            new = np.arange(len(self._first_part) - 1, len(self.forms))
            for syllable in self.forms.surfaces(new):
                for term, _ in chunk_terms(syllable):
                    self._syllable_parts.append(self._parts.setdefault(term, len(self._parts)))
                self._first_part.append(len(self._syllable_parts))
            return list(self._parts), np.array(self._first_part), np.array(self._syllable_parts, np.int32)


def _mixed(odd: Array, words: Array, others: Sequence[Sequence[int]]) -> Rows:
    """Rows in order: of one value, in turn, where a chunk is a word; where it is `odd`, those of the others."""
    counts = np.ones(len(odd), np.int64)
    counts[odd] = list(map(len, others))
    first = np.concatenate(([0], np.cumsum(counts)))
    values = np.empty(first[-1], words.dtype)
    is_word = np.zeros(len(values), bool)
    is_word[first[:-1][~odd]] = True
    values[is_word], values[~is_word] = words, list(chain.from_iterable(others))
    return Rows(first, values)


def forget_chunks() -> None:
    """Gives the memory of this process's table back; the next one fills anew."""
    _current.clear()


def current_chunks() -> ChunkTable:
    """The table of this process; a new one when it has grown too large."""
    if not _current or _current[0].is_full:
        _current[:] = [ChunkTable()]
    return _current[0]
