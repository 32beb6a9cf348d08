"""Known items: somebody has read an article and types the few words of it that stayed with them.

    for form, items in draw(articles, 500).items(): ...

From each drawn article 2 to 5 of its 15 most distinguishing words (pyvi's; (1 + ln tf) ln(N / df), in at least
two and at most one in twenty articles, of letters alone), in the order of the text.  The answer is that article, and
what begins with the same 400 characters.  Forms:

  as written, without, wrong tone   the words; without diacritics; one tone mistaken
  long form, abbreviation           a long form that the article has, and two of the words; its abbreviation,
                                    which the article does not have, in its place
  two words, fielded                two of the words; the same with the province and the month as filters,
                                    of the articles of which either is known
"""

import calendar
import math
import random
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from vnsearch import Article
from vnsearch.text.abbreviations import long_to_short
from vnsearch.text.tokenize import tokenize
from vnsearch.text.words import segment

from .relevance import Asked
from .typing_ways import SEED, without, wrong_tone

MOST_DISTINGUISHING = 15
SAME_BEGINNING = 400  # characters


class Item(NamedTuple):
    """A query and the articles that it is after."""

    asked: Asked
    relevant: frozenset[str]


def draw(articles: Sequence[Article], number: int) -> dict[str, list[Item]]:
    """form -> items; the same for the same articles."""
    words = [words_of(article) for article in articles]
    df = Counter(word for found in words for word in set(found))
    alike: dict[str, set[str]] = defaultdict(set)
    for article in articles:
        alike[article.body[:SAME_BEGINNING]].add(article.id)
    chance = random.Random(SEED)
    forms: dict[str, list[Item]] = defaultdict(list)
    drawn = 0
    for at in chance.sample(range(len(articles)), len(articles)):
        best = distinguishing(words[at], df, len(articles))
        if len(best) == MOST_DISTINGUISHING:
            kept = set(chance.sample(best, chance.randint(2, 5)))
            remembered = [word.replace("_", " ") for word in dict.fromkeys(words[at]) if word in kept]
            relevant = frozenset(alike[articles[at].body[:SAME_BEGINNING]])
            for form, asked in asked_so(remembered, articles[at], drawn):
                forms[form].append(Item(asked, relevant))
            drawn += 1
        if drawn == number:
            break
    return dict(forms)


def words_of(article: Article) -> list[str]:
    words = segment(f"{article.title}\n{article.body}")
    return [word.lower() for word in words if len(word) > 1 and word.replace("_", "").isalpha()]


def distinguishing(words: Sequence[str], df: Counter[str], number: int) -> list[str]:
    """The best first; equal ones by the alphabet."""
    counts = Counter(words)
    weights = {
        word: (1 + math.log(tf)) * math.log(number / df[word])
        for word, tf in counts.items()
        if 2 <= df[word] <= max(number // 20, 2)
    }
    return sorted(weights, key=lambda word: (-weights[word], word))[:MOST_DISTINGUISHING]


def asked_so(remembered: Sequence[str], article: Article, number: int) -> Iterator[tuple[str, Asked]]:
    """(form, query) of what is remembered of an article."""
    text = " ".join(remembered)
    yield "as written", Asked(text)
    yield "without", Asked(without(text))
    yield "wrong tone", Asked(wrong_tone(text, number))
    two = " ".join(remembered[:2])
    for long, short in abbreviated(article):
        yield "long form", Asked(f"{long} {two}")
        yield "abbreviation", Asked(f"{short} {two}")
    filters = known_fields(article)
    if filters:
        yield "two words", Asked(two)
        yield "fielded", Asked(two, tuple(filters.items()))


def abbreviated(article: Article) -> list[tuple[str, str]]:
    """A long form that the article has and its abbreviation, which it has not; at most one such pair."""
    terms = [token.term for token in tokenize(f"{article.title}\n{article.body}") if token.width == 1]
    text = f" {' '.join(terms)} "
    for phrase, shorts in sorted(long_to_short().items()):
        if f" {' '.join(phrase)} " in text and not any(f" {short} " in text for short in shorts):
            return [(" ".join(phrase), shorts[0].upper())]
    return []


def known_fields(article: Article) -> dict[str, Any]:
    """Arguments of `Index.search`: the first province; the month."""
    found: dict[str, Any] = {"province": article.provinces[0]} if article.provinces else {}
    if day := article.day:
        found["since"] = day.replace(day=1)
        found["until"] = day.replace(day=calendar.monthrange(day.year, day.month)[1])
    return found
