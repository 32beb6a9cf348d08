"""The words of the index as the cluster knows them: pyvi's, in how many articles each is.

A keyword of `words` is a word without diacritics, WORD_END, and the word; so words that begin as typed, with
diacritics or without, are the terms of one prefix.  Of more than _MOST_COUNTED articles a shard only so many are
counted, and the counts made up for it.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from ..engine import most_first
from ..index.article_json import load
from ..query import plan as p
from ..text.fold import is_unmarked
from ..text.normalize import syllable_key
from ..text.tokenize import folded_term, terms
from .candidates import Words
from .client import IndexClient
from .mapping import FOLDED, OTHER_FORM, WORD_END, word_key
from .translate import node

if TYPE_CHECKING:
    from ..suggest.reading import Reading

_MOST_COUNTED = 100_000  # articles of a shard
_MOST_CANDIDATES = 40  # words that may stand after what is typed
_MOST_ARTICLES = 128  # that are asked what stands there
_LONGEST_WORD = 5  # syllables
_MOST_MENDED = 32  # words of a query that are examined for a better spelling
_LONGEST_CUT = 15  # letters of two syllables


class Vocabulary:
    """The words of an index."""

    def __init__(self, client: IndexClient) -> None:
        self._client = client

    def frequencies(self, words: Collection[str]) -> dict[str, int]:
        """In how many articles each of the words (terms with blanks) is."""
        keys = {word_key(word): word for word in words}
        if not keys:
            return {}
        found = self._counted({"match_all": {}}, list(keys), len(keys))
        return dict.fromkeys(words, 0) | {keys[key]: count for key, count in found.items()}

    def beginning(self, typed: list[str], limit: int) -> Counter[str]:
        """Words that begin as typed, and in how many articles each is: at least the `limit` most frequent."""
        exact, folded = " ".join(typed), " ".join(map(folded_term, typed))
        pattern = f"{_literal(folded)}[^|]*\\|" + (".*" if is_unmarked(exact) else f"{_literal(exact)}.*")
        return _spelled(self._counted({"prefix": {"words": folded}}, pattern, 2 * limit + 20))

    def spelled(self, folded: str) -> Counter[str]:
        """Words that are spelled so without diacritics."""
        key = f"{folded}{WORD_END}"
        return _spelled(self._counted({"prefix": {"words": key}}, f"{_literal(key)}.*", 200))

    def _counted(self, among: dict[str, Any], include: Any, size: int) -> Counter[str]:
        counts = {"terms": {"field": "words", "include": include, "size": size, "shard_size": 4 * size}}
        answer = self._client.ask(
            {
                "query": {"constant_score": {"filter": among}}, "size": 0, "aggs": {"words": counts},
                "track_total_hits": True, "terminate_after": _MOST_COUNTED,
            }
        )  # fmt: skip
        share = 1.0
        if answer.get("terminated_early"):
            everything = {"query": {"constant_score": {"filter": among}}, "size": 0, "track_total_hits": True}
            seen, whole = (found["hits"]["total"]["value"] for found in (answer, self._client.ask(everything)))
            share = whole / max(seen, 1)
        return Counter({b["key"]: round(b["doc_count"] * share) for b in answer["aggregations"]["words"]["buckets"]})

    # -- a better spelling -----------------------------------------------------------------------------------

    def read(self, text: str) -> "Reading | None":
        """A query word for word, by the articles that have most of the words in any spelling."""
        from .sample_index import read

        words = [folded_term(syllable_key(word)) for word in re.findall(r"[^\W_]+", text)[:_MOST_MENDED]]
        sought: list[p.Node] = [p.Has(p.Term(word, False)) for word in dict.fromkeys(words)]
        pairs = [*pairwise(words), *(pair for word in words for pair in _cuts(word))]  # a blank may be forgotten
        sought += [p.InOrder((p.Term(a, False), p.Term(b, False)), weight=4.0) for a, b in dict.fromkeys(pairs)]
        if not sought:
            return None
        body = {"query": node(p.AnyOf(tuple(sought))), "size": _MOST_ARTICLES, "_source": True}
        hits = self._client.ask(body)["hits"]["hits"]
        return read((load(hit["_source"]["article"].encode()) for hit in hits), text)

    # -- completion ----------------------------------------------------------------------------------------

    def complete(self, prefix: str, limit: int) -> list[str]:
        """Completions of what is typed: words that begin so, then what stands after the words typed."""
        typed = [term for term, _ in terms(prefix)]
        if not typed:
            return []
        from ..embedded.completion import chosen

        found = chosen(self.beginning(typed, limit), limit)
        if len(found) < limit and len(typed) > 1:
            behind = chosen(self._behind(typed), limit, behind=len(typed) - 1)
            found += [text for text in behind if text not in found]
        return found[:limit]

    def _behind(self, typed: list[str]) -> Counter[str]:
        """The words typed with what stands after them, and how often it does in a sample of articles."""
        *context, last = typed
        known = set(_best(self.beginning([last], _MOST_CANDIDATES), _MOST_CANDIDATES))
        found: dict[str, Counter[str]] = {}  # what stands behind -> the words typed as spelled there
        for words in (one.spelled() for one in self._sample(context)):
            for end in _ends(words, context):
                spelled = " ".join(_exact(word) for word in words[end - len(context) : end])
                next_ = [_exact(word) for word in words[end : end + _LONGEST_WORD]]
                if next_ and _begins(next_[0], last):
                    found.setdefault(next_[0], Counter())[spelled] += 1
                    for word in (" ".join(next_[:length]) for length in range(2, len(next_) + 1)):
                        if word in known:  # a whole word is better than its first syllable
                            found.setdefault(word, Counter())[spelled] += 2
        return Counter(
            {f"{max(mine, key=lambda text: (mine[text], text))} {word}": mine.total() for word, mine in found.items()}
        )

    def _sample(self, context: list[str]) -> list[Words]:
        """The words of the newest articles with a phrase."""
        sought = tuple(p.Term(text, not is_unmarked(text)) for text in context)
        phrase = p.Has(sought[0]) if len(sought) == 1 else p.InOrder(sought)
        body = {"query": node(phrase), "sort": [{"published": "desc"}], "size": _MOST_ARTICLES, "_source": True}
        hits = self._client.ask(body)["hits"]["hits"]
        return self._client.words_of([(hit["_id"], hit["_source"]["article"]) for hit in hits])


def _cuts(word: str) -> list[tuple[str, str]]:
    return [(word[:at], word[at:]) for at in range(2, len(word) - 1)] if len(word) <= _LONGEST_CUT else []


def _ends(words: Sequence[str], context: list[str]) -> Iterator[int]:
    """Behind which positions the words stand in a row."""
    keys = [FOLDED + text if is_unmarked(text) else text for text in context]
    for begin in range(len(words) - len(keys)):
        if all(key in words[begin + at].split(OTHER_FORM) for at, key in enumerate(keys)):
            yield begin + len(keys)


def _exact(word: str) -> str:
    """The last form of a position that has its diacritics: the syllable or part, not the compound that begins there."""
    return next((form for form in reversed(word.split(OTHER_FORM)) if not form.startswith(FOLDED)), "")


def _begins(text: str, typed: str) -> bool:
    return folded_term(text).startswith(typed) if is_unmarked(typed) else text.startswith(typed)


def _best(found: Counter[str], limit: int) -> list[str]:
    return list(most_first(found))[:limit]


def _spelled(found: Counter[str]) -> Counter[str]:
    return Counter({key.partition(WORD_END)[2]: count for key, count in found.items()})


def _literal(text: str) -> str:
    """For Lucene's regular expressions."""
    return re.sub(r"([^\w\s])", r"\\\1", text)
