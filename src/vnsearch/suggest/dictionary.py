"""The words of an index: pyvi's, with blanks, and in how many articles each is."""

from collections.abc import Sequence

from ..index.segment_reader import Segment
from ..text.tokenize import folded_term


def frequency(segments: Sequence[Segment], word: str) -> int:
    """In how many articles a word (terms with blanks) occurs, deleted ones too."""
    folded = " ".join(folded_term(term) for term in word.split(" "))
    found = 0
    for segment in segments:
        numbers, _ = segment.find_words(folded)
        for number, name in zip(numbers, segment.words.part(numbers.start, numbers.stop), strict=True):
            found += int(segment.word_df[number]) if name == word else 0
    return found
