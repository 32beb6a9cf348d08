"""The words that tell one article from the others, as a plan of its own."""

import math
from collections import Counter
from typing import Any

from ..article import Article
from ..index.schema import words
from . import plan as p

MOST_WORDS = 25


def similar(reader: Any, article: Article, limit: int) -> p.Plan:
    """A plan that finds articles with the same distinguishing words: highest tf x idf of pyvi's words."""
    counts = Counter(words(article))
    total = reader.doc_count()
    weights: dict[str, float] = {}
    for word, count in counts.items():
        found = reader.doc_frequency("words", word)
        if 1 < found <= total / 2:  # a word of this article alone finds nothing, one of every second tells nothing
            weights[word] = (1 + math.log(count)) * math.log(total / found)
    best = sorted(weights, key=lambda word: (-weights[word], word))[:MOST_WORDS]
    nodes = tuple(p.HasWord(word, weight=weights[word]) for word in best)
    return p.Plan(p.Any(nodes) if nodes else p.Any(()), (), (), (), "relevance", limit, 0, ())
