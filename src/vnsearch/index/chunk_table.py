"""Pieces of text as numbers: what a piece holds is found out once, for the index and for the word model.

Vietnamese news is written with few distinct pieces between blanks; a process that indexes keeps the
table from batch to batch.
"""

import os
from array import array
from unicodedata import normalize

import numpy as np

from ..arrays import Array
from ..forks import ForkSafeLock
from ..kernels import Table
from ..text.fingerprint import syllable_hashes
from ..text.normalize import syllable_key
from ..text.tokenize import AROUND, SPACED, chunk_terms
from ..text.words import Forms, current_forms

_current: list["ChunkTable"] = []  # that of this process
_MOST = 500_000  # chunks of a table; a language has fewer, a stream of random strings must not grow without end
_MOST_AROUND = 10_000  # strings of punctuation that are remembered


class ChunkTable:
    """Chunk -> number; beside it the chunk's terms, how many positions it takes, its syllables, their folded hashes.

    Number GAP is what stands between two fields: one position without a term, to the word model the end
    of a line.  Number TEXT_END ends an article.  Writers in several threads share a table.
    """

    GAP, TEXT_END = 0, 1

    def __init__(self) -> None:
        self._numbers = Table(os.urandom(16))
        self._lock = ForkSafeLock(spoilt=_current.clear)
        self.forms: Forms = current_forms()
        self.names: list[str] = []  # of the terms
        self._term_numbers: dict[str, int] = {}
        self._first = array("q", [0, 0, 0])
        self._terms, self._positions = array("i"), array("i")
        self._widths = array("i", [1, 0])
        self._syllables = self.forms.of_chunk("\n") + array("i", [Forms.TEXT_END])
        self._first_syllable = array("q", [0, 1, 2])
        self._hashes, self._first_hash = array("I"), array("q", [0, 0, 0])
        self._around: dict[str, array[int]] = {}
        self._parts: dict[str, int] = {}  # of words: what a syllable is worth as terms
        self._syllable_parts, self._first_part = array("i"), array("q", [0])

    def __len__(self) -> int:
        return len(self._numbers)

    def read(self, text: str) -> bytes:
        """The numbers of a cleaned text's chunks, four bytes each."""
        return self._numbers.read(text, SPACED, self._learn)

    def _learn(self, chunk: str) -> int:
        with self._lock:
            known = self._numbers.get(chunk)  # another thread may have been quicker
            if known is None:
                known = self._append(chunk)
                self._numbers.put(chunk, known)  # only now, when all its rows are there
            return known

    def _append(self, chunk: str) -> int:
        if (core := chunk.strip(AROUND)) != chunk and core.isalnum():  # a word in punctuation holds what the word does
            number = self._numbers.get(core)
            if number is None:
                number = self._append(core)
                self._numbers.put(core, number)
            return self._append_around(chunk, core, number)
        found = ((syllable_key(chunk), 0),) if core.isalpha() else chunk_terms(chunk)
        for term, position in found:
            number = self._term_numbers.get(term)
            if number is None:
                number = self._term_numbers[term] = len(self.names)
                self.names.append(term)
            self._terms.append(number)
            self._positions.append(position)
        self._syllables.extend(self.forms.of_chunk(normalize("NFC", chunk)))
        self._hashes.extend(syllable_hashes(chunk))
        return self._close_row(found[-1][1] + 1 if found else 0)

    def _append_around(self, chunk: str, core: str, number: int) -> int:
        """A chunk that is the word of that number with punctuation around it."""
        for first, values in (
            (self._first, self._terms), (self._first, self._positions), (self._first_hash, self._hashes)
        ):  # fmt: skip
            values.extend(values[first[number] : first[number + 1]])
        syllables = self._syllables
        if "." in chunk:  # to the word model a dot may belong to what stands before it
            syllables.extend(self.forms.of_chunk(normalize("NFC", chunk)))
        else:
            before, _, behind = chunk.partition(core)
            if before:
                syllables.extend(self._punctuation(before))
            syllables.extend(syllables[self._first_syllable[number] : self._first_syllable[number + 1]])
            if behind:
                syllables.extend(self._punctuation(behind))
        return self._close_row(self._widths[number])

    def _punctuation(self, signs: str) -> "array[int]":
        """The word model's syllables of what stands around a word."""
        found = self._around.get(signs)
        if found is None:
            found = self.forms.of_chunk(normalize("NFC", signs))
            if len(self._around) < _MOST_AROUND:
                self._around[signs] = found
        return found

    def _close_row(self, width: int) -> int:
        """The number of the chunk whose values were appended."""
        self._first.append(len(self._terms))
        self._first_syllable.append(len(self._syllables))
        self._first_hash.append(len(self._hashes))
        self._widths.append(width)
        return len(self._widths) - 1

    # -- as arrays: row n of the CSR pair (first, values) belongs to chunk n; copies, since the table grows -----

    def terms(self) -> tuple[Array, Array, Array, Array]:
        """(positions that each chunk takes, first, numbers of terms, their positions counted from the chunk's own)."""
        with self._lock:
            columns = self._widths, self._terms, self._positions
            widths, numbers, positions = (np.array(own, np.int32) for own in columns)
            return widths, np.array(self._first), numbers, positions

    def syllables(self) -> tuple[Array, Array]:
        """(first, numbers of the word model's syllables)."""
        with self._lock:
            return np.array(self._first_syllable), np.array(self._syllables, np.int32)

    def hashes(self) -> tuple[Array, Array]:
        """(first, hashes of the folded syllables, of which fingerprints are made)."""
        with self._lock:
            return np.array(self._first_hash), np.array(self._hashes, np.uint32)

    def word_parts(self) -> tuple[list[str], Array, Array]:
        """(parts of words, first, their numbers): row n is what syllable n of the word model adds to a word."""
        with self._lock:
            new = np.arange(len(self._first_part) - 1, len(self.forms))
            for syllable in self.forms.surfaces(new):
                for term, _ in chunk_terms(syllable):
                    self._syllable_parts.append(self._parts.setdefault(term, len(self._parts)))
                self._first_part.append(len(self._syllable_parts))
            return list(self._parts), np.array(self._first_part), np.array(self._syllable_parts, np.int32)


def forget_chunks() -> None:
    """Gives the memory of this process's table back; the next one fills anew."""
    _current.clear()


def current_chunks() -> ChunkTable:
    """The table of this process; a new one when it has grown too large."""
    if not _current or len(_current[0]) > _MOST:
        _current[:] = [ChunkTable()]
    return _current[0]
