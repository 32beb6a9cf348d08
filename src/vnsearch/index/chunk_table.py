"""Pieces of text as numbers: what a piece holds is found out once, for the index and for the word model.

Vietnamese news is written with few distinct pieces between blanks; a process that indexes keeps the
table from batch to batch.
"""

from array import array
from unicodedata import normalize

import numpy as np

from ..arrays import Array
from ..forks import ForkSafeLock
from ..text.fingerprint import syllable_hash, syllable_hashes
from ..text.fold import fold
from ..text.memo import Memo
from ..text.normalize import syllable_key
from ..text.piece_table import Columns, PieceTable, Rows
from ..text.tokenize import SPACED, chunk_terms, ends_sentence, in_signs
from ..text.words import WITH_DOT, Forms, current_forms

_current: list["ChunkTable"] = []  # that of this process


class ChunkTable(PieceTable):
    """Chunk -> number; beside it the chunk's terms, how many positions it takes, its syllables, their folded hashes,
    whether it ends a sentence.

    Number GAP is what stands between two fields: one position without a term, to the word model the end
    of a line.  Number TEXT_END ends an article.  Writers in several threads share a table.
    """

    GAP, TEXT_END = 0, 1

    def __init__(self) -> None:
        self.forms: Forms = current_forms()
        self.names: list[str] = []  # of the terms
        self._term_numbers: dict[str, int] = {}
        self._words: dict[str, tuple[int, int, int]] = {}  # word -> its term, syllable and hash
        self._signs: Memo[list[int]] = Memo(lambda signs: self.forms.of_chunk(signs).tolist())
        self._parts: dict[str, int] = {}  # of words: what a syllable is worth as terms
        self._syllable_parts, self._first_part = array("i"), array("q", [0])
        self._parts_lock = ForkSafeLock(spoilt=_current.clear)
        none: list[list[int]] = [[], []]
        syllables = [self.forms.of_chunk("\n").tolist(), [Forms.TEXT_END]]
        of_terms = Rows.of([[1], [0]]), Rows.of(none), Rows.of(none)
        columns = *of_terms, Rows.of(syllables), Rows.of(none, np.uint32), Rows.of([[1], [1]])
        super().__init__(self._learn_chunks, columns, SPACED)

    # -- new chunks ------------------------------------------------------------------------------------------

    def _learn_chunks(self, chunks: list[str]) -> Columns:
        """What the columns of `terms`, `syllables`, `hashes` and `ends` have of new chunks."""
        counts: list[int] = []
        terms: list[int] = []
        positions: list[int] = []
        widths: list[int] = []
        hashes: list[list[int]] = []
        syllables: list[list[int]] = []
        odd: list[int] = []  # chunks that the word model parts otherwise than into words and signs
        matches = list(map(in_signs, chunks))
        self._learn_words({match[2] for match in matches if match})
        words, signs = self._words, self._signs
        for at, (chunk, match) in enumerate(zip(chunks, matches, strict=True)):
            if match is None:
                found = chunk_terms(chunk)
                counts.append(len(found))
                terms += [self._term(term) for term, _ in found]
                positions += [position for _, position in found]
                widths.append(found[-1][1] + 1 if found else 0)
                hashes.append(syllable_hashes(chunk).tolist())
                syllables.append([])
                odd.append(at)
                continue
            before, word, behind = match.groups()
            own, syllable, hash = words[word]
            counts.append(1)
            terms.append(own)
            positions.append(0)
            widths.append(1)
            hashes.append([hash])
            if not before and not behind:
                syllables.append([syllable])
            elif behind[:1] == "." and WITH_DOT(word):
                syllables.append([])
                odd.append(at)
            else:
                syllables.append([*signs[before], syllable, *signs[behind]])
        of_odd = self.forms.of_chunks([normalize("NFC", chunks[at]) for at in odd])
        for at, found_there in zip(odd, of_odd, strict=True):
            syllables[at] = found_there
        return (
            Rows.joined([1] * len(widths), widths),
            Rows.joined(counts, terms),
            Rows.joined(counts, positions),
            Rows.of(syllables),
            Rows.of(hashes, np.uint32),
            Rows.joined([1] * len(widths), list(map(ends_sentence, chunks))),
        )

    def _learn_words(self, words: set[str]) -> None:
        new = [word for word in words if word not in self._words]
        for word, syllable in zip(new, self.forms.numbers(new).tolist(), strict=True):
            self._words[word] = self._term(syllable_key(word)), syllable, syllable_hash(fold(word).lower())

    def _term(self, term: str) -> int:
        number = self._term_numbers.get(term)
        if number is None:
            self.names.append(term)
            number = self._term_numbers[term] = len(self.names) - 1
        return number

    # -- as arrays: row n of the CSR pair (first, values) belongs to chunk n -----------------------------------

    def terms(self) -> tuple[Array, Array, Array, Array]:
        """(positions that each chunk takes, first, numbers of terms, their positions counted from the chunk's own)."""
        widths, terms, positions, *_ = self.columns()
        return widths.values, *terms, positions.values

    def syllables(self) -> Rows:
        """Numbers of the word model's syllables."""
        return self.columns()[3]

    def hashes(self) -> Rows:
        """Hashes of the folded syllables, of which fingerprints are made."""
        return self.columns()[4]

    def ends(self) -> Array:
        """For each chunk, 1 where a sentence ends with it, else 0; a field ends one, too."""
        return self.columns()[5].values

    def word_parts(self) -> tuple[list[str], Array, Array]:
        """(parts of words, first, their numbers): row n is what syllable n of the word model adds to a word."""
        with self._parts_lock:
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
    if not _current or _current[0].is_full:
        _current[:] = [ChunkTable()]
    return _current[0]
