"""What the index's own words offer: diacritics for a query typed without, and completions.

Read from the dictionaries of the segments by binary search; nothing is built in advance.
"""

from collections import Counter
from collections.abc import Iterator, Sequence

from ..index.segment import Segment
from ..text.fold import is_unmarked
from ..text.tokenize import Token, folded_term, terms

_LONGEST_WORD = 4  # syllables
_MOST_WORDS = 64  # of a query that is restored
_MOST_COMPLETIONS = 5_000  # words that are looked at for one prefix


def suggest(segments: Sequence[Segment], tokens: Sequence[Token]) -> str | None:
    """The query with its diacritics, when it was typed without any; None when there is nothing better.

    The longest words first, the most frequent spelling of each.
    """
    units = [t.term for t in tokens if t.width == 1]
    if not 0 < len(units) <= _MOST_WORDS or not all(is_unmarked(t) for t in units):
        return None
    restored: list[str] = []
    at = 0
    while at < len(units):
        for length in range(min(_LONGEST_WORD, len(units) - at), 0, -1):
            known = _word(segments, units[at : at + length]) if length > 1 else _syllable(segments, units[at])
            if known:
                restored.append(known)
                at += length
                break
        else:
            restored.append(units[at])
            at += 1
    better = " ".join(restored)
    return better if better != " ".join(units) else None


def complete(segments: Sequence[Segment], prefix: str, limit: int) -> list[str]:
    """The index's words that begin as typed, with or without diacritics, in most articles first."""
    typed = [term for term, _ in terms(prefix)]
    if not typed:
        return []
    exact = " ".join(typed)
    found = Counter[str]()
    for segment in segments:
        for word, count in _words(segment, " ".join(folded_term(term) for term in typed)):
            if is_unmarked(exact) or word.startswith(exact):
                found[word] += count
    return sorted(found, key=lambda word: (-found[word], word))[:limit]


def frequency(segments: Sequence[Segment], word: str) -> int:
    """In how many articles a word (terms with blanks) occurs, deleted ones too."""
    folded = " ".join(folded_term(term) for term in word.split(" "))
    return sum(count for segment in segments for found, count in _words(segment, folded) if found == word)


def _word(segments: Sequence[Segment], folded: Sequence[str]) -> str:
    key = " ".join(folded)
    found = Counter[str]()
    for segment in segments:
        for word, count in _words(segment, key):
            if word.count(" ") == len(folded) - 1 and " ".join(map(folded_term, word.split(" "))) == key:
                found[word] += count
    return max(found, key=lambda word: (found[word], word), default="")


def _syllable(segments: Sequence[Segment], folded: str) -> str:
    found = Counter[str]()
    for segment in segments:
        for number in segment.find_folded(folded):
            found[segment.terms[number]] += int(segment.df[number])
    return max(found, key=lambda term: (found[term], term), default="")


def _words(segment: Segment, folded: str) -> Iterator[tuple[str, int]]:
    """(word, articles) of the words that begin so when folded."""
    keys, words = segment.words_folded, segment.words
    counts = segment.data["word_df"]
    begin = keys.bisect(folded)
    for number in range(begin, min(begin + _MOST_COMPLETIONS, len(keys))):
        if not keys[number].startswith(folded):
            break
        yield words[number], int(counts[number])
