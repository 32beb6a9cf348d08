"""What an article is about: some twenty topics of Vietnamese state news, several to an article.

The topics are data (`data/topics.json`): terms that each say the topic, weak ones that support it,
and the names of sites' own sections, which are believed first.

    >>> [found.value for found in find_topics("Tập huấn công tác dân vận", "Ban Dân vận Tỉnh ủy tổ chức ...")]
    ['dan-van']
"""

import difflib
import math
from collections import Counter
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

import msgspec

from ..errors import QueryError
from ..text.fold import fold
from ..text.normalize import clean
from ..text.phrases import PhraseMatcher
from ..text.tokenize import tokenize
from .provinces import Found


class Topic(msgspec.Struct, frozen=True):
    """One topic of the data file."""

    slug: str
    name: str
    terms: tuple[str, ...]
    weak: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()


class _Table(msgspec.Struct):
    topics: list[Topic]


class Vocabulary(NamedTuple):
    """Topics made ready for matching; see `load`."""

    topics: dict[str, Topic]
    sections: dict[str, str]  # folded section name -> slug
    matcher: PhraseMatcher[tuple[tuple[str, float], ...]]  # -> (slug, weight) pairs


@cache
def load(path: str | None = None) -> Vocabulary:
    """The topics of a data file of one's own, or the bundled ones."""
    data = Path(path).read_bytes() if path else (files(__package__) / "data" / "topics.json").read_bytes()
    topics = {topic.slug: topic for topic in msgspec.json.decode(data, type=_Table).topics}
    phrases: dict[tuple[str, ...], tuple[tuple[str, float], ...]] = {}
    for topic in topics.values():
        for words, weight in ((topic.weak, 0.4), (topic.terms, 1.0)):
            for word in words:
                key = _terms(word)
                phrases[key] = (*phrases.get(key, ()), (topic.slug, weight))
    sections = {fold(section).lower(): t.slug for t in topics.values() for section in (*t.sections, t.name)}
    return Vocabulary(topics, sections, PhraseMatcher(phrases))


def find_topics(title: str, text: str, *, section: str = "", most: int = 3) -> list[Found]:
    """The topics of an article, the clearest first, each with its evidence.

    A topic's weight is 4 where the site's own section names it, 2 for each of its terms in the title,
    and log2(1 + n) for each of its terms that stands n times in the text, damped by the text's length;
    weak terms count .4 of that.
    """
    vocabulary = load()
    weights: Counter[str] = Counter()
    evidence: dict[str, list[str]] = {}

    def add(slug: str, weight: float, why: str) -> None:
        weights[slug] += weight  # type: ignore[assignment]  # Counter is typed for int only
        evidence.setdefault(slug, []).append(why)

    if (slug := vocabulary.sections.get(fold(clean(section).text).lower().strip())) is not None:
        add(slug, 4.0, f'section "{section}"')
    for slug, phrase, weight, count in _hits(title, vocabulary)[0]:
        add(slug, 2.0 * weight * min(count, 2), f'title: "{phrase}"')
    hits, length = _hits(text, vocabulary)
    damping = 1.0 / math.sqrt(max(1.0, length / 250))  # 250 words: a short article
    for slug, phrase, weight, count in hits:
        add(slug, weight * math.log2(1 + count) * damping, f'text: "{phrase}" x {count}')
    best = max(weights.values(), default=0.0)
    kept = [slug for slug in weights if weights[slug] >= max(1.6, 0.4 * best)]
    kept.sort(key=lambda slug: (-weights[slug], slug))
    return [Found(slug, float(weights[slug]), tuple(evidence[slug][:4])) for slug in kept[:most]]


def find_by_name(name: str) -> str:
    """The slug of a topic that a person means: slug or name, with or without diacritics.

    Raises QueryError with the nearest ones.
    """
    key = fold(clean(name).text).lower().strip().replace("-", " ").replace(",", "")
    known = {slug.replace("-", " "): slug for slug in load().topics}
    known |= {section.replace("-", " ").replace(",", ""): slug for section, slug in load().sections.items()}
    if " ".join(key.split()) in known:
        return known[" ".join(key.split())]
    near = [known[k] for k in difflib.get_close_matches(key, known, n=3, cutoff=0.5)]
    raise QueryError(
        f'no topic is called "{name}"',
        query=name,
        hint="did you mean " + " or ".join(dict.fromkeys(near)) + "?"
        if near
        else "one of: " + ", ".join(load().topics),
    )


def _terms(text: str) -> tuple[str, ...]:
    return tuple(token.term for token in tokenize(text) if token.width == 1)


def _hits(text: str, vocabulary: Vocabulary) -> tuple[list[tuple[str, str, float, int]], int]:
    """(slug, phrase, weight, count) of the terms in a text, and the number of its words."""
    terms = _terms(text)
    counts: Counter[tuple[str, tuple[tuple[str, float], ...]]] = Counter(
        (" ".join(terms[match.start : match.end]), match.value) for match in vocabulary.matcher.find(terms)
    )
    return [(slug, phrase, weight, n) for (phrase, values), n in counts.items() for slug, weight in values], len(terms)
