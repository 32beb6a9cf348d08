"""The sets of queries by which speed is measured, drawn from the articles themselves.

or            2 to 8 words side by side, as typed into a search box
and           the same, every word required
phrase        the same in quotes
filtered      the same with a period or topic of 5 to 20 % of the articles
long          15 to 25 words side by side
common+rare   one of the 30 most frequent words, and one that at most one article of 10,000 has
unaccented    the or set without marks
keywords      what people typed, where such a file is at hand
"""

import random
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from .analysis import clean, folded
from .asked import Kind, Query

if TYPE_CHECKING:
    from .corpus import Facts

VERSION = 1  # of what is drawn; another one, and nothing kept by an earlier run is taken
ALL = ("or", "and", "phrase", "filtered", "long", "common+rare", "unaccented", "keywords")
_BESIDE = re.compile(r"[^\W\d_]+(?: [^\W\d_]+)+")  # words with nothing but a blank between them
_WORD = re.compile(r"[^\W\d_]+")
_TRIES = 100


def draw(facts: "Facts", number: int, typed: list[str], rng: random.Random) -> dict[str, list[Query]]:
    """The sets by name, at most `number` queries each; one that cannot be drawn is left out."""
    short = _many(number, lambda: _beside(facts, 2, 8, rng))
    found = {
        "or": [_query(words) for words in short],
        "and": [Query(" ".join(f"+{word}" for word in dict.fromkeys(w.split())), w, "all") for w in short],
        "phrase": [Query(f'"{words}"', words, "phrase") for words in short],
        "filtered": _filtered(facts, short, rng),
        "long": [_query(words) for words in _many(number, lambda: _long(facts, rng))],
        "common+rare": [_query(words) for words in _common_and_rare(facts, number, rng)],
        "unaccented": [_query(words) for words in dict.fromkeys(map(folded, short))],
        "keywords": _keywords(typed, number, rng),
    }
    return {name: queries for name, queries in found.items() if queries}


def _query(words: str, kind: Kind = "any") -> Query:
    return Query(words, words, kind)


def _many(number: int, draw: Callable[[], str]) -> list[str]:
    """So many different texts, fewer where they are not to be had."""
    found: dict[str, None] = {}
    for _ in range(number * 4):
        if len(found) == number:
            break
        if text := draw():
            found[text] = None
    return list(found)


def _text(facts: "Facts", rng: random.Random) -> str:
    article = rng.choice(facts.sample)
    return clean(max((article.title, article.lead, article.body), key=len)).lower()


def _beside(facts: "Facts", least: int, most: int, rng: random.Random) -> str:
    """Words of a random article with nothing but blanks between them; empty where there are none."""
    for _ in range(_TRIES):
        length = rng.randint(least, most)
        runs = [run.split() for run in _BESIDE.findall(_text(facts, rng))]
        if runs := [run for run in runs if len(run) >= length]:
            run = rng.choice(runs)
            start = rng.randrange(len(run) - length + 1)
            return " ".join(run[start : start + length])
    return ""


def _long(facts: "Facts", rng: random.Random) -> str:
    """15 to 25 words of a random article, whatever stands between them."""
    for _ in range(_TRIES):
        found, length = _WORD.findall(_text(facts, rng)), rng.randint(15, 25)
        if len(found) >= length:
            start = rng.randrange(len(found) - length + 1)
            return " ".join(found[start : start + length])
    return ""


def _filtered(facts: "Facts", short: list[str], rng: random.Random) -> list[Query]:
    """In turn by period and by topic, where there are topics of the right size."""
    topics = [name for name, n in sorted(facts.topics.items()) if 0.05 <= n / facts.number <= 0.2]
    queries = []
    for at, words in enumerate(short):
        if topics and at % 2:
            queries.append(Query(words, words, topic=rng.choice(topics)))
        else:
            share = int(rng.uniform(0.05, 0.2) * facts.number)
            first = rng.randrange(facts.number - share)
            queries.append(Query(words, words, since=facts.days[first], until=facts.days[first + share]))
    return queries


def _common_and_rare(facts: "Facts", number: int, rng: random.Random) -> list[str]:
    letters = [(word, n) for word, n in facts.df.most_common() if word.isalpha()]
    common = [word for word, _ in letters[:30]]
    if len(letters) <= len(common):
        return []
    rare = [word for word, n in letters[30:] if n <= max(letters[-1][1], facts.number // 10_000)]
    return _many(number, lambda: f"{rng.choice(common)} {rng.choice(rare)}")


def _keywords(typed: list[str], number: int, rng: random.Random) -> list[Query]:
    texts = [text for text in dict.fromkeys(typed) if _WORD.search(text)]
    rng.shuffle(texts)
    return [Query(text, text, literal=True) for text in texts[:number]]
