"""Words that ask (gì, bao nhiêu, vì sao): an article that answers has other words in their place.

In a question they do not count for the order of articles, and stay words of it for what matches.  Where "nào" or "gì"
stand in an article, they rather join its sentences than answer; as rare words they would count much.

>>> sorted(asking("nghị quyết nào quy định về dân vận".split()))
[2]
>>> sorted(asking("tour ai cập giá bao nhiêu một người".split()))
[4, 5]
"""

from collections.abc import Sequence

from ..text.fold import fold
from ..text.phrase_matcher import PhraseMatcher

ASKING = 0.0  # what such a word counts, of a word's weight
_ALONE = ("gì", "nào", "ai", "đâu", "mấy")
_TOGETHER = ("như thế nào", "thế nào", "bao nhiêu", "bao lâu", "vì sao", "tại sao", "ra sao")
_NAMES = ("ai cập", "ai len", "ai lao")
_UNREAD = (*map(fold, _TOGETHER), "gi", "nao")  # without marks others of them are rather other words: dau, may
_phrases = PhraseMatcher(
    {tuple(phrase.split()): True for phrase in (*_ALONE, *_TOGETHER, *_UNREAD)}
    | {tuple(phrase.split()): False for phrase in _NAMES}
)


def asking(words: Sequence[str]) -> frozenset[int]:
    """Which of the words of a query ask, marks as typed or read; none where all of them do."""
    found = frozenset(at for match in _phrases.find(words) if match.value for at in range(match.start, match.end))
    return found if len(found) < len(words) else frozenset()
