"""What the index's own words offer: diacritics for a query typed without, completions, the words of an article.

Built from pyvi's words in the index, once for each generation.
"""

from bisect import bisect_left
from collections.abc import Sequence
from typing import Any, NamedTuple

from ..text.fold import is_unmarked
from ..text.tokenize import Token, folded_term, terms


class Vocabulary(NamedTuple):
    """The words of an index: folded form -> (accented form, number of articles), the most frequent only."""

    words: dict[tuple[str, ...], tuple[tuple[str, ...], int]]
    syllables: dict[str, tuple[str, int]]
    completions: list[tuple[str, str, int]]  # (folded, word with blanks, articles), sorted by folded
    longest: int


def read_vocabulary(reader: Any) -> Vocabulary:
    """Reads the terms of `words` and `body` from a Whoosh reader."""
    words: dict[tuple[str, ...], tuple[tuple[str, ...], int]] = {}
    completions = []
    for text, info in reader.iter_field("words"):
        word = tuple(text.decode().split("_"))
        count = int(info.doc_frequency())
        key = tuple(folded_term(term) for term in word)
        if count > words.get(key, ((), 0))[1]:
            words[key] = (word, count)
        completions.append((" ".join(key), " ".join(word), count))
    syllables: dict[str, tuple[str, int]] = {}
    for text, info in reader.iter_field("body"):
        term = text.decode()
        key_, count = folded_term(term), int(info.doc_frequency())
        if count > syllables.get(key_, ("", 0))[1]:
            syllables[key_] = (term, count)
    completions.sort()
    return Vocabulary(words, syllables, completions, max((len(word) for word in words), default=1))


def suggest(vocabulary: Vocabulary, tokens: Sequence[Token]) -> str | None:
    """The query with its diacritics, when it was typed without any; None when there is nothing better.

    The longest words first, the most frequent spelling of each.
    """
    units = [t.term for t in tokens if t.width == 1]
    if not units or not all(is_unmarked(t) for t in units):
        return None
    restored: list[str] = []
    at = 0
    while at < len(units):
        for length in range(min(vocabulary.longest, len(units) - at), 1, -1):
            known = vocabulary.words.get(tuple(units[at : at + length]))
            if known:
                restored += known[0]
                at += length
                break
        else:
            restored.append(vocabulary.syllables.get(units[at], (units[at], 0))[0])
            at += 1
    return " ".join(restored) if restored != units else None


def complete(vocabulary: Vocabulary, prefix: str, limit: int) -> list[str]:
    """The index's words that begin as typed, with or without diacritics, in most articles first."""
    typed = [term for term, _ in terms(prefix)]
    if not typed:
        return []
    key, exact = " ".join(folded_term(term) for term in typed), " ".join(typed)
    found = []
    for folded, word, count in vocabulary.completions[bisect_left(vocabulary.completions, (key, "", 0)) :]:
        if not folded.startswith(key):
            break
        if is_unmarked(exact) or word.startswith(exact):
            found.append((-count, word))
    return list(dict.fromkeys(word for _, word in sorted(found)))[:limit]
