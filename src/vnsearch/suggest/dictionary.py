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
        keys = segment.words_folded
        for number in range(keys.bisect(folded), len(keys)):
            if keys[number] != folded:
                break
            found[segment.words[number]] += int(segment.data["word_df"][number])
    return found
