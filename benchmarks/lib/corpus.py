"""The articles of a benchmark in a file, and the sets of queries drawn from them.

Where the source has fewer articles than asked for, they are repeated with other sentences: their own and another
article's, shuffled, as many as they had.  An article without a date gets a day drawn from ten years, so that there is
something to filter by.  Everything is drawn with one seed, so the same source gives the same files.
"""

import hashlib
import random
import re
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import chain, count, islice
from pathlib import Path
from typing import NamedTuple

import msgspec

from vnsearch import Article, read

from . import sets
from .analysis import text_of, words
from .articles import dump, load_all
from .asked import Query

SEED = 20261123
_SENTENCES = re.compile(r"(?<=[.!?…])\s+")


class Corpus(msgspec.Struct, frozen=True):
    """`queries`: set -> queries, none twice in a set."""

    name: str
    sha256: str  # of the source
    number: int  # of articles
    as_published: int  # of them, not repeated with other sentences
    text_bytes: int
    articles: str  # path of the file
    queries: dict[str, list[Query]]


def prepare(
    name: str, sources: Sequence[Path], number: int | None, queries: int, typed: list[str], folder: Path
) -> Corpus:
    """Reads the sources, writes the articles and draws the queries; from `folder` where an earlier run left them.

    `typed`: queries that people typed, for the set "keywords"; none, and there is no such set.
    """
    digest = sha256(sources)
    key = hashlib.sha256("\n".join([digest, str(number), str(queries), str(sets.VERSION), *typed]).encode()).hexdigest()
    kept = folder / f"{key[:16]}.corpus.json"
    if kept.exists():
        return msgspec.json.decode(kept.read_bytes(), type=Corpus)
    path = folder / f"{key[:16]}.articles.jsonl"
    base = folder / f"{digest[:16]}-{number or 'all'}.jsonl"
    if not base.exists():
        with base.with_suffix(".part").open("wb") as file:
            file.writelines(
                dump(article) + b"\n" for article in islice(_distinct(chain.from_iterable(map(read, sources))), number)
            )
        base.with_suffix(".part").rename(base)
    facts = _write(base, path, number, queries)
    drawn = sets.draw(facts, queries, typed, random.Random(SEED))
    corpus = Corpus(name, digest, facts.number, facts.as_published, facts.text_bytes, str(path), drawn)
    kept.write_bytes(msgspec.json.encode(corpus))
    return corpus


class Facts(NamedTuple):
    """What queries are drawn from."""

    number: int
    as_published: int
    text_bytes: int
    sample: list[Article]
    days: list[date]  # ascending
    topics: Counter[str]
    df: Counter[str]  # word -> articles


def _write(base: Path, path: Path, number: int | None, queries: int) -> Facts:
    with base.open("rb") as lines:
        there = sum(1 for _ in lines)
    number = number or there
    sampled = set(random.Random(SEED).sample(range(number), min(number, 4 * queries)))
    text_bytes, sample, days = 0, [], []
    topics: Counter[str] = Counter()
    df: Counter[str] = Counter()
    with path.open("wb") as file:
        for at, article in enumerate(_articles(base, number)):
            file.write(dump(article) + b"\n")
            text = text_of(article)
            df.update(set(words(text)))
            text_bytes += len(text.encode())
            days.append(article.day or date.min)
            topics.update(set(article.topics))
            if at in sampled:
                sample.append(article)
    return Facts(number, min(there, number), text_bytes, sample, sorted(days), topics, df)


def _articles(path: Path, number: int) -> Iterator[Article]:
    rng = random.Random(SEED)
    return islice((_dated(article, rng) for round in count() for article in _round(path, round, rng)), number)


def _round(path: Path, round: int, rng: random.Random) -> Iterator[Article]:
    donors: deque[Article] = deque(maxlen=64)
    for article in load_all(path):
        donors.append(article)
        yield _repeated(article, rng.choice(donors), round, rng) if round else article


def _repeated(article: Article, donor: Article, round: int, rng: random.Random) -> Article:
    own = _SENTENCES.split(article.body)
    sentences = own + _SENTENCES.split(donor.body)
    rng.shuffle(sentences)
    body = " ".join(sentences[: len(own)])
    return msgspec.structs.replace(article, id=f"{article.id}#{round}", body=body, published=None)


def _dated(article: Article, rng: random.Random) -> Article:
    if article.published:
        return article
    day = date.fromordinal(date(2015, 1, 1).toordinal() + rng.randrange(3652))
    return msgspec.structs.replace(article, published=day)


def _distinct(articles: Iterable[Article]) -> Iterator[Article]:
    seen: set[str] = set()
    for article in articles:
        if article.id not in seen:
            seen.add(article.id)
            yield article


def sha256(sources: Sequence[Path]) -> str:
    """Of files, and of all files of folders in order of their names."""
    digest = hashlib.sha256()
    for source in sources:
        for file in sorted(source.rglob("*")) if source.is_dir() else [source]:
            if file.is_file():
                digest.update(file.read_bytes())
    return digest.hexdigest()
