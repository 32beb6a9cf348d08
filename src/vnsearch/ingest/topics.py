"""What an article is about: some twenty topics of Vietnamese state news, several to an article.

The topics are data (`data/topics.json`): terms that each say the topic, weak ones that support it,
and the names of sites' own sections, which are believed first.

    >>> [found.value for found in find_topics("Tập huấn công tác dân vận", "Ban Dân vận Tỉnh ủy tổ chức ...")]
    ['dan-van']
"""

import difflib
import math
import os
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from ..errors import QueryError, ReadError
from ..text.fold import fold
from ..text.normalize import clean
from .places import Found
from .terms import Codes, Lexicon, Phrases, Terms, forms_of, read_terms


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


class _Model(NamedTuple):
    """A linear model: logit of a topic = bias + sum of weight x log2(1 + n) / sqrt(length); see make_topics.py."""

    topics: list[str]
    entries: list[str]
    lexicon: Lexicon
    weights: npt.NDArray[np.float32]  # (entries + 1, topics); row 0 is zero
    bias: npt.NDArray[np.float32]


class Vocabulary(NamedTuple):
    """Topics made ready for matching; see `load`."""

    topics: dict[str, Topic]
    sections: dict[str, str]  # key of a section's name -> slug
    phrases: Phrases[_Term]
    model: _Model | None


def load(path: str | None = None) -> Vocabulary:
    """The topics of a data file of one's own (by default of $VNSEARCH_TOPICS), else the bundled ones.

    The file is as the bundled `data/topics.json`; a file of one's own has no learned weights beside it.
    """
    return _load(path or os.environ.get("VNSEARCH_TOPICS"))


@cache
def _load(path: str | None) -> Vocabulary:
    data = files(__package__) / "data"
    raw = Path(path).read_bytes() if path else (data / "topics.json").read_bytes()
    try:
        topics = {topic.slug: topic for topic in msgspec.json.decode(raw, type=_Table).topics}
    except msgspec.DecodeError as e:
        raise ReadError(str(path), None, f"no table of topics: {e}") from None
    said: dict[tuple[str, ...], tuple[tuple[str, float], ...]] = {}
    for topic in topics.values():
        for words, weight in ((topic.weak, 0.4), (topic.terms, 1.0)):
            for word in words:
                key = tuple(form.lower() for form in forms_of(word))
                said[key] = (*said.get(key, ()), (topic.slug, weight))
    phrases = Phrases({key: _Term(" ".join(key), values) for key, values in said.items()})
    sections = {_section_key(section): t.slug for t in topics.values() for section in (*t.sections, t.name, t.slug)}
    model = None if path else _read_model((data / "topic_weights.tsv").read_text("utf-8"))
    return Vocabulary(topics, sections, phrases, model)


def _read_model(text: str) -> _Model:
    """The learned weights: after a comment the biases, then a line for each entry."""
    _, *lines = text.splitlines()
    table = [(entry, [pair.rpartition(" ") for pair in pairs]) for entry, *pairs in (x.split("\t") for x in lines)]
    topics = [topic for topic, _, _ in table[0][1]]
    weights = np.zeros((len(table), len(topics)), np.float32)
    for row, (_, pairs) in enumerate(table):
        for topic, _, weight in pairs:
            weights[row, topics.index(topic)] = float(weight)
    bias = weights[0].copy()
    weights[0] = 0
    entries = [entry for entry, _ in table]
    return _Model(topics, entries, Lexicon(entries[1:]), weights, bias)


def _section_key(name: str) -> str:
    """ "Giáo dục - Đào tạo", "giao-duc-dao-tao" -> "giao duc dao tao"."""
    return " ".join(re.findall(r"\w+", fold(clean(name).text).lower()))


_OF_SECTION = 4.0
_ENOUGH, _SHARE = 1.6, 0.4  # least weight, and least share of the strongest, to be kept


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
    if vocabulary.model is not None:
        for slug, weight, words in _learned(vocabulary.model, keys, title_end):
            weights[slug] += weight  # type: ignore[assignment]
            if weight > 0:
                evidence.setdefault(slug, []).append(words)
    best = max(weights.values(), default=0.0)
    stated = vocabulary.sections.get(_section_key(section))
    if stated is not None:  # it comes first, and leaves the others what they are
        weights[stated] += _OF_SECTION  # type: ignore[assignment]
        evidence[stated] = [f'section "{section}"', *evidence.get(stated, [])]
    kept = [slug for slug in weights if weights[slug] >= max(_ENOUGH, _SHARE * best) or slug == stated]
    kept.sort(key=lambda slug: (slug != stated, -weights[slug], slug))
    return [Found(slug, float(weights[slug]), tuple(evidence[slug][:4])) for slug in kept[:most]]


_PER_LOGIT, _LEAST_LOGIT = 1.2, -1.0  # weight of one unit of the model; so much may it speak against a topic


def _learned(model: _Model, keys: Codes, title_end: int) -> Iterator[tuple[str, float, str]]:
    """(slug, weight, the words that said most) for each topic of the model."""
    rows = model.lexicon.rows(keys)
    counts = np.bincount(rows) + 2 * np.bincount(model.lexicon.rows(keys[:title_end]), minlength=int(rows.max()) + 1)
    counts[0] = 0
    (at,) = np.nonzero(counts)
    values = np.log2(1 + counts[at]) / math.sqrt(len(keys))
    logits = values @ model.weights[at] + model.bias
    for topic, logit in enumerate(logits.tolist()):
        words = ""
        if logit > 0:
            most = np.argsort(values * model.weights[at, topic])[:-4:-1]
            words = "words: " + ", ".join(model.entries[at[i]] for i in most.tolist())
        yield model.topics[topic], _PER_LOGIT * max(logit, _LEAST_LOGIT), words


def find_by_name(name: str) -> str:
    """The slug of a topic that a person means: slug or name, with or without diacritics.

    Raises QueryError with the nearest ones.
    """
    key, known = _section_key(name), load().sections
    if key in known:
        return known[key]
    near = [known[k] for k in difflib.get_close_matches(key, known, n=3, cutoff=0.5)]
    raise QueryError(
        f'no topic is called "{name}"',
        query=name,
        hint="did you mean " + " or ".join(dict.fromkeys(near)) + "?"
        if near
        else "one of: " + ", ".join(load().topics),
    )
