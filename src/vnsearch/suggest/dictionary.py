"""The words of an index: pyvi's, with blanks, and in how many articles each is."""

from collections import Counter
from collections.abc import Sequence

from ..index.segment_reader import Segment
from ..text.tokenize import folded_term


def frequency(segments: Sequence[Segment], word: str) -> int:
    """In how many articles a word (terms with blanks) occurs, deleted ones too."""
    return spelled(segments, " ".join(folded_term(term) for term in word.split(" ")))[word]


def spelled(segments: Sequence[Segment], folded: str) -> Counter[str]:
    """The words of the index that are spelled so without diacritics, and how many articles have each."""
    found = Counter[str]()
    for segment in segments:
        numbers, _ = segment.find_words(folded)
        if not numbers:
            continue
        counts = segment.data["word_df"][numbers.start : numbers.stop].tolist()
        found.update(dict(zip(segment.words.part(numbers.start, numbers.stop), counts, strict=True)))
    return found
