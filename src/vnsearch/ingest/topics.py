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
from collections.abc import Iterator
from functools import cache, partial
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
from .terms import Codes, Hashes, Lexicon, Phrases, Terms, forms_of, hash_pairs, read_terms


class Topic(msgspec.Struct, frozen=True):
    """One topic of the data file."""

    slug: str
    name: str
    terms: tuple[str, ...]
    weak: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()


class _File(msgspec.Struct):
    topics: list[Topic]


class _Model(NamedTuple):
    """A linear model: logit of a topic = bias + sum of weight x log2(1 + n) / sqrt(length); see make_topics.py."""

    entries: list[str]
    lexicon: Lexicon
    weights: npt.NDArray[np.float32]  # (entries, slugs of the vocabulary); row 0 is the bias
    unlearned: npt.NDArray[np.intp]  # topics of which the model has no opinion


class Vocabulary(NamedTuple):
    """The topics by slug, and the names that sites give their sections; see `load`."""

    topics: dict[str, Topic]
    sections: dict[str, str]  # key of a section's name -> slug


class _Table(NamedTuple):
    """Topics made ready for matching."""

    slugs: list[str]
    terms: list[str]
    phrases: Phrases[int]  # -> place in `terms`
    weights: npt.NDArray[np.float32]  # (terms, slugs)
    model: _Model | None


def load(path: str | None = None) -> Vocabulary:
    """The topics of a data file of one's own (by default of $VNSEARCH_TOPICS), else the bundled ones.

    The file is as the bundled `data/topics.json`; a file of one's own has no learned weights beside it.
    """
    return _load(path or os.environ.get("VNSEARCH_TOPICS"))


@cache
def _load(path: str | None) -> Vocabulary:
    raw = Path(path).read_bytes() if path else (files(__package__) / "data" / "topics.json").read_bytes()
    try:
        topics = {topic.slug: topic for topic in msgspec.json.decode(raw, type=_File).topics}
    except msgspec.DecodeError as e:
        raise ReadError(str(path), None, f"no table of topics: {e}") from None
    sections = {_section_key(section): t.slug for t in topics.values() for section in (*t.sections, t.name, t.slug)}
    return Vocabulary(topics, sections)


@cache
def _table(path: str | None) -> _Table:
    topics = _load(path).topics
    slugs = list(topics)
    said: dict[tuple[str, ...], list[tuple[int, float]]] = {}
    for number, topic in enumerate(topics.values()):
        for words, weight in ((topic.weak, _WEAK), (topic.terms, 1.0)):
            for word in words:
                said.setdefault(tuple(form.lower() for form in forms_of(word)), []).append((number, weight))
    weights = np.zeros((len(said), len(slugs)), np.float32)
    for row, pairs in enumerate(said.values()):
        for number, weight in pairs:
            weights[row, number] += weight
    terms = [" ".join(key) for key in said]
    phrases = Phrases({key: row for row, key in enumerate(said)})
    learned = files(__package__) / "data" / "topic_weights.tsv"
    return _Table(slugs, terms, phrases, weights, None if path else _read_model(learned.read_text("utf-8"), slugs))


def _read_model(text: str, slugs: list[str]) -> _Model:
    """The learned weights: after a comment the biases, then a line for each entry."""
    _, *lines = text.splitlines()
    weights = np.zeros((len(lines), len(slugs)), np.float32)
    for row, line in enumerate(lines):
        for pair in line.split("\t")[1:]:
            topic, _, weight = pair.partition(" ")
            weights[row, slugs.index(topic)] = float(weight)
    entries = [line.partition("\t")[0] for line in lines]
    return _Model(entries, Lexicon(entries[1:]), weights, np.flatnonzero(weights[0] == 0))


def _section_key(name: str) -> str:
    """ "Giáo dục - Đào tạo", "giao-duc-dao-tao" -> "giao duc dao tao"."""
    return " ".join(re.findall(r"\w+", fold(clean(name).text).lower()))


_OF_SECTION, _WEAK = 4.0, 0.4
_SHORT = 250  # syllables of a short article: a longer one must name a term more often
_PER_LOGIT, _LEAST_LOGIT = 1.2, -1.0  # weight of one unit of the model; so much may it speak against a topic
_ENOUGH, _SHARE = 1.6, 0.4  # least weight, and least share of the strongest, to be kept


def find_topics(title: str, text: str, *, section: str = "", most: int = 3) -> list[Found]:
    """The topics of an article, the clearest first, each with its evidence.

    A topic's weight is 4 where the site's own section names it, 2 for each of its terms in the title,
    and log2(1 + n) for each of its terms that stands n times in the text, damped by the text's length;
    weak terms count .4 of that.  To this comes what the learned words say, for topics that have such.
    The topic of the section comes first.
    """
    return topics_in(read_terms(title, text), section=section, most=most)


def topics_in(terms: Terms, *, section: str = "", most: int = 3) -> list[Found]:
    """As `find_topics`, of terms that were read already."""
    table = _table(os.environ.get("VNSEARCH_TOPICS"))
    keys, title_end = terms.keys, terms.keys_of_title
    hashes = hash_pairs(keys)
    parts = [_listed(table, keys, hashes, title_end)]
    if table.model is not None:
        parts.append(_learned(table.model, keys, hashes, title_end))
    weights = parts[0].sums.copy()
    for part in parts[1:]:
        weights += part.sums
    least = max(_ENOUGH, _SHARE * float(weights.max()))
    stated = load().sections.get(_section_key(section)) if section else None
    kept = [(weight, topic) for topic, weight in enumerate(weights.tolist()) if weight >= least]
    kept.sort(reverse=True)
    found = [Found(table.slugs[topic], weight, partial(_explain, parts, topic)) for weight, topic in kept]
    if stated is not None:  # it comes first, and leaves the others what they are
        topic = table.slugs.index(stated)
        reason = f'section "{section}"'
        first = Found(stated, _OF_SECTION + float(weights[topic]), lambda: (reason, *_explain(parts, topic)))
        found = [first, *(other for other in found if other.value != stated)]
    return found[:most]


def _explain(parts: "list[_Part]", topic: int) -> tuple[str, ...]:
    return tuple(why for part in parts for why in part.evidence(topic))


class _Part(NamedTuple):
    """What a list or a model says: values[i] x weights[rows[i], topic] is what the term rows[i] says of a topic."""

    kind: str
    terms: list[str]
    weights: npt.NDArray[np.float32]
    rows: npt.NDArray[np.intp]
    values: npt.NDArray[np.float32]
    sums: npt.NDArray[np.float32]  # by topic

    def evidence(self, topic: int) -> Iterator[str]:
        """The terms that spoke most for a topic."""
        said = self.values * self.weights[self.rows, topic]
        strongest = [self.terms[self.rows[at]] for at in np.argsort(-said)[:4].tolist() if said[at] > 0]
        if strongest and self.sums[topic] > 0:
            yield f"{self.kind}: {', '.join(dict.fromkeys(strongest))}"  # a term may stand in title and text


def _listed(table: _Table, keys: Codes, hashes: Hashes, title_end: int) -> _Part:
    in_title: dict[int, int] = {}
    in_text: dict[int, int] = {}
    for start, _, row in table.phrases.find(keys, hashes):
        counts = in_title if start < title_end else in_text
        counts[row] = counts.get(row, 0) + 1
    rows = np.array([*in_title, *in_text], np.intp)
    damping = 1.0 / math.sqrt(max(1.0, (len(keys) - title_end) / _SHORT))
    values = np.array(
        [2.0 * min(n, 2) for n in in_title.values()] + [damping * math.log2(1 + n) for n in in_text.values()],
        np.float32,
    )
    weights = table.weights
    return _Part("terms", table.terms, weights, rows, values, values @ weights[rows])


def _learned(model: _Model, keys: Codes, hashes: Hashes, title_end: int) -> _Part:
    """As make_topics.py learned it: bias + sum of weight x log2(1 + n) / sqrt(length) is the logit of a topic."""
    all_rows, places = model.lexicon.rows(keys, hashes)
    counts = np.bincount(all_rows, minlength=1)
    if title_end:
        counts += 2 * np.bincount(all_rows[places < title_end], minlength=len(counts))
    rows = np.flatnonzero(counts > 0)
    values = (np.log2(1 + counts[rows]) / math.sqrt(len(keys))).astype(np.float32)
    logits = values @ model.weights.take(rows, axis=0) + model.weights[0]
    sums = np.maximum(logits, _LEAST_LOGIT) * np.float32(_PER_LOGIT)
    sums[model.unlearned] = 0
    return _Part("words", model.entries, model.weights, rows, values, sums)


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
