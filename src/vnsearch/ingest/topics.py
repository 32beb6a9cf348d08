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
from .places import Found
from .terms import Phrases, Terms, forms_of, read_terms


class Topic(msgspec.Struct, frozen=True):
    """One topic of the data file."""

    slug: str
    name: str
    terms: tuple[str, ...]
    weak: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()


class _Table(msgspec.Struct):
    topics: list[Topic]


class _Term(NamedTuple):
    """A phrase, and what it says: (slug, weight) pairs."""

    phrase: str
    topics: tuple[tuple[str, float], ...]


class Vocabulary(NamedTuple):
    """Topics made ready for matching; see `load`."""

    topics: dict[str, Topic]
    sections: dict[str, str]  # folded section name -> slug
    phrases: Phrases[_Term]


@cache
def load(path: str | None = None) -> Vocabulary:
    """The topics of a data file of one's own, or the bundled ones."""
    data = Path(path).read_bytes() if path else (files(__package__) / "data" / "topics.json").read_bytes()
    topics = {topic.slug: topic for topic in msgspec.json.decode(data, type=_Table).topics}
    said: dict[tuple[str, ...], tuple[tuple[str, float], ...]] = {}
    for topic in topics.values():
        for words, weight in ((topic.weak, 0.4), (topic.terms, 1.0)):
            for word in words:
                key = tuple(form.lower() for form in forms_of(word))
                said[key] = (*said.get(key, ()), (topic.slug, weight))
    phrases = Phrases({key: _Term(" ".join(key), values) for key, values in said.items()})
    sections = {fold(section).lower(): t.slug for t in topics.values() for section in (*t.sections, t.name)}
    return Vocabulary(topics, sections, phrases)


def find_topics(title: str, text: str, *, section: str = "", most: int = 3) -> list[Found]:
    """The topics of an article, the clearest first, each with its evidence.

    A topic's weight is 4 where the site's own section names it, 2 for each of its terms in the title,
    and log2(1 + n) for each of its terms that stands n times in the text, damped by the text's length;
    weak terms count .4 of that.
    """
    return topics_in(read_terms(title, text), section=section, most=most)


def topics_in(terms: Terms, *, section: str = "", most: int = 3) -> list[Found]:
    """As `find_topics`, of terms that were read already."""
    vocabulary = load()
    weights: Counter[str] = Counter()
    evidence: dict[str, list[str]] = {}

    def add(slug: str, weight: float, why: str) -> None:
        weights[slug] += weight  # type: ignore[assignment]  # Counter is typed for int only
        evidence.setdefault(slug, []).append(why)

    if (slug := vocabulary.sections.get(fold(clean(section).text).lower().strip())) is not None:
        add(slug, 4.0, f'section "{section}"')
    keys, title_end = terms.keys, terms.keys_of_title
    in_title: Counter[_Term] = Counter()
    in_text: Counter[_Term] = Counter()
    for start, _, term in vocabulary.phrases.find(keys):
        (in_title if start < title_end else in_text)[term] += 1
    for term, count in in_title.items():
        for slug, weight in term.topics:
            add(slug, 2.0 * weight * min(count, 2), f'title: "{term.phrase}"')
    damping = 1.0 / math.sqrt(max(1.0, (len(keys) - title_end) / 250))  # 250 words: a short article
    for term, count in in_text.items():
        for slug, weight in term.topics:
            add(slug, weight * math.log2(1 + count) * damping, f'text: "{term.phrase}" x {count}')
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
