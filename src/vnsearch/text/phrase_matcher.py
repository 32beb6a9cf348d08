"""Finds known phrases in a sequence of terms: names of provinces, words of a topic, long forms.

>>> matcher = PhraseMatcher({("dân", "vận"): "dan-van", ("dân", "vận", "khéo"): "dan-van-kheo"})
>>> [(m.start, m.end, m.value) for m in matcher.find(["công", "tác", "dân", "vận", "mới"])]
[(2, 4, 'dan-van')]
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Generic, NamedTuple, TypeVar

V = TypeVar("V")


class Match(NamedTuple, Generic[V]):
    """terms[start:end] is the phrase that stands for `value`."""

    start: int
    end: int
    value: V


class PhraseMatcher(Generic[V]):
    """Longest match from left to right; one look-up for a term that begins no phrase."""

    def __init__(self, phrases: Mapping[tuple[str, ...], V]) -> None:
        self._by_first: dict[str, list[tuple[tuple[str, ...], V]]] = {}
        for phrase in sorted(phrases, key=len, reverse=True):
            self._by_first.setdefault(phrase[0], []).append((phrase, phrases[phrase]))

    def find(self, terms: Sequence[str]) -> Iterator[Match[V]]:
        """The matches in order; they do not overlap."""
        if self._by_first.keys().isdisjoint(terms):
            return
        terms = tuple(terms)
        done = 0
        for start, first in enumerate(terms):
            phrases = self._by_first.get(first)
            if phrases is None or start < done:
                continue
            for phrase, value in phrases:
                if terms[start : start + len(phrase)] == phrase:
                    done = start + len(phrase)
                    yield Match(start, done, value)
                    break
