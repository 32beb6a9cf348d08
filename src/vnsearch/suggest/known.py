"""Which words without diacritics there are: of an index, more than once, and of the language."""

from collections.abc import Container, Iterable, Iterator, Sequence
from itertools import compress

from ..deadline import check_time
from ..forks import ForkSafeLock
from ..index.segment_reader import Segment
from . import language

_AT_ONCE = 8_192  # folded terms, between two looks at the clock
_BITS = 8  # for each folded term
_KEPT = 1_024  # counts: those of one query's words are requested several times


class KnownFolded(Container[str]):
    """Words of letters that a segment has more than once, or the language has.

    A set of them would take 100 bytes a word.  Here a bit, chosen by its hash, is set for each word; of a word whose
    bit is set the dictionaries are asked.
    """

    def __init__(self, segments: Sequence[Segment]) -> None:
        self._segments = segments
        self._mask = (1 << (_BITS * sum(len(segment.folded) for segment in segments)).bit_length()) - 1
        self._bits = bytearray((self._mask >> 3) + 1)
        self._lock = ForkSafeLock()
        self._counts = dict[str, int]()  # that were requested last
        self._filled = [0] * len(segments)  # of each segment's folded terms

    def fill(self) -> None:
        """Sets the bits.  Raises Late; what a search had no time for is left to the next one."""
        for number, segment in enumerate(self._segments):
            if self._filled[number] >= len(segment.folded):
                continue
            several = segment.folded_counts > 1
            while self._filled[number] < len(segment.folded):
                check_time()
                with self._lock:  # of two threads that set bits of one byte one would be lost
                    begin = self._filled[number]
                    part = slice(begin, min(begin + _AT_ONCE, len(segment.folded)))
                    for word in compress(segment.folded.part(part.start, part.stop), several[part].tolist()):
                        at = hash(word) & self._mask
                        self._bits[at >> 3] |= 1 << (at & 7)
                    self._filled[number] = part.stop

    def __contains__(self, word: object) -> bool:
        if word in language.all_folded():
            return True
        at = hash(word) & self._mask
        return bool(self._bits[at >> 3] >> (at & 7) & 1) and isinstance(word, str) and self.count(word) > 0

    def among(self, words: Iterable[str]) -> Iterator[str]:
        """Those of some words that are known."""
        language_has, bits, mask = language.all_folded(), self._bits, self._mask
        for word in words:
            at = hash(word) & mask
            if word in language_has or (bits[at >> 3] >> (at & 7) & 1 and self.count(word) > 0):
                yield word

    def count(self, folded: str) -> int:
        """How often segments have a word of letters that they have more than once."""
        if (known := self._counts.get(folded)) is not None:
            return known
        if not folded.isalpha():
            return 0
        found = 0
        for segment in self._segments:
            own = segment.find_folded(folded)
            times = segment.occurrences_of_all(own.start, own.stop)
            found += times if times > 1 else 0
        if len(self._counts) >= _KEPT:
            self._counts = {}
        self._counts[folded] = found
        return found
