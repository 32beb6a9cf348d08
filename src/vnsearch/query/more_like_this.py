"""The words that tell one article from the others, as a plan of its own."""

import math
from collections import Counter
from collections.abc import Callable, Collection, Mapping

from ..article import Article
from ..text.normalize import clean
from ..text.tokenize import terms
from ..text.words import segment
from . import plan as p

MOST_WORDS = 16


def similar(
    article: Article, frequencies: Callable[[Collection[str]], tuple[int, Mapping[str, int]]], limit: int
) -> p.Plan:
    """A plan that finds articles with the same distinguishing words: highest tf x idf of pyvi's words.

    frequencies: how many documents there are, in how many of them each word (terms with blanks) occurs.
    """
    text = clean(f"{article.title}\n{article.lead}\n{article.body}").text
    counts = Counter(tuple(term for term, _ in terms(word.replace("_", " "))) for word in segment(text) if "_" in word)
    documents, found = frequencies([" ".join(word) for word in counts])
    weights: dict[tuple[str, ...], float] = {}
    for word, count in counts.items():
        df = found[" ".join(word)]
        if 1 < df <= documents / 2:  # a word of this article alone finds nothing, one of every second tells nothing
            weights[word] = (1 + math.log(count)) * math.log(documents / df)
    best = sorted(weights, key=lambda word: (-weights[word], word))[:MOST_WORDS]
    words_ = tuple(p.InOrder(tuple(p.Term(term, True) for term in word), weight=weights[word]) for word in best)
    syllables = dict.fromkeys(term for word in best for term in word)  # these find candidates, the words decide
    match = p.Ranked(should=tuple(p.Has(p.Term(term, True)) for term in syllables), boosts=words_)
    return p.Plan(match if best else p.AnyOf(()), (), (), (), (), "relevance", limit, 0, ())
