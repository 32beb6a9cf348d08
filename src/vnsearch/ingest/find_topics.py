"""What an article is about: some twenty topics of Vietnamese state news, several to an article.

The topics are data (`data/topics.json`): terms that each say the topic, weak ones that support it,
and the names of sites' own sections, which are believed first.

    >>> [found.value for found in find_topics("Tập huấn công tác dân vận", "Ban Dân vận Tỉnh ủy tổ chức ...")]
    ['dan-van']
"""

import os
from collections.abc import Iterator, Sequence
from functools import cache, partial
from importlib.resources import files
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ..text.term_stream import Phrases, Places, Stream, Terms, forms_of, read_terms
from ..vietnam.topics import load, load_table, section_key
from .found import Found

Values = npt.NDArray[np.float32]


class _Model(NamedTuple):
    """A linear model: logit of a topic = bias + sum of weight x log2(1 + n) / sqrt(length); see make_topics.py."""

    entries: list[str]
    phrases: Phrases  # -> place in `entries` and `weights`, less one
    weights: npt.NDArray[np.float32]  # (entries, slugs of the vocabulary); row 0 is the bias
    topics: Places  # of which the model has an opinion
    their_weights: Values  # of these, a row each


class _Table(NamedTuple):
    """Topics made ready for matching."""

    slugs: list[str]
    terms: list[str]
    phrases: Phrases  # -> place in `terms`
    weights: npt.NDArray[np.float32]  # (terms, slugs)
    model: _Model | None


def prepare() -> None:
    """Gives the words of all topics their codes: before any text, so that no text can take what codes there are."""
    _table(os.environ.get("VNSEARCH_TOPICS"))


@cache
def _table(path: str | None) -> _Table:
    topics = load_table(path).topics
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
    learned = files(__package__) / "data" / "topic_weights.tsv"
    return _Table(
        slugs, terms, Phrases(said), weights, None if path else _read_model(learned.read_text("utf-8"), slugs)
    )


def _read_model(text: str, slugs: list[str]) -> _Model:
    """The learned weights: after a comment the biases, then a line for each entry."""
    _, *lines = text.splitlines()
    weights = np.zeros((len(lines), len(slugs)), np.float32)
    for row, line in enumerate(lines):
        for pair in line.split("\t")[1:]:
            topic, _, weight = pair.partition(" ")
            weights[row, slugs.index(topic)] = float(weight)
    entries = [line.partition("\t")[0] for line in lines]
    topics = np.flatnonzero(weights[0])
    return _Model(entries, Phrases(entry.split() for entry in entries[1:]), weights, topics, weights.T[topics])


_OF_SECTION, _WEAK = 4.0, 0.4
_SHORT = 250  # syllables of a short article: a longer one must name a term more often
_IN_TITLE = 3  # times that a term in the title counts for the model
_PER_LOGIT, _LEAST_LOGIT = 1.2, -1.0  # weight of one unit of the model; so much may it speak against a topic
_ENOUGH, _SHARE = 1.6, 0.4  # least weight, and least share of the strongest, to be kept


def find_topics(title: str, text: str, *, section: str = "", most: int = 3) -> list[Found]:
    """The topics of an article, the clearest first, each with its evidence.

    A topic's weight is 4 where the site's own section names it, 2 for each of its terms in the title,
    and log2(1 + n) for each of its terms that stands n times in the text, damped by the text's length;
    weak terms count .4 of that.  To this comes what the learned words say, for topics that have such.
    The topic of the section comes first.
    """
    prepare()
    return topics_in(read_terms([(title, text)]), [section], most)[0]


def topics_in(terms: Terms, sections: Sequence[str], most: int = 3) -> list[list[Found]]:
    """The topics of articles whose terms were read already: see `find_topics`."""
    table = _table(os.environ.get("VNSEARCH_TOPICS"))
    parts = [_listed(table, terms.keys)]
    if table.model is not None:
        parts.append(_learned(table.model, terms.keys))
    weights = np.add.reduce([part.sums for part in parts])
    is_kept = weights >= np.maximum(_ENOUGH, _SHARE * weights.max(1))[:, None]
    found: list[list[Found]] = [[] for _ in sections]
    for article, topic in zip(*(places.tolist() for places in is_kept.nonzero()), strict=True):
        why = partial(_explain, parts, article, topic)
        found[article].append(Found(table.slugs[topic], float(weights[article, topic]), why))
    for article, section in enumerate(sections):
        found[article].sort(key=lambda one: -one.weight)
        if section and (stated := load().sections.get(section_key(section))) is not None:
            topic = table.slugs.index(stated)  # it comes first, and leaves the others what they are
            why = partial(_explain, parts, article, topic, f'section "{section}"')
            first = Found(stated, _OF_SECTION + float(weights[article, topic]), why)
            found[article] = [first, *(other for other in found[article] if other.value != stated)]
    return [several[:most] for several in found]


def _explain(parts: "list[_Part]", article: int, topic: int, *reasons: str) -> tuple[str, ...]:
    return (*reasons, *(why for part in parts for why in part.evidence(article, topic)))


class _Part(NamedTuple):
    """What a list or a model says: values[i] x weights[rows[i], topic] is what the term rows[i] says of a topic."""

    kind: str
    terms: list[str]
    weights: npt.NDArray[np.float32]
    articles: Places  # of each row, ascending
    rows: Places
    values: Values
    sums: Values  # (articles, topics)

    def evidence(self, article: int, topic: int) -> Iterator[str]:
        """The terms that spoke most for a topic."""
        mine = slice(*np.searchsorted(self.articles, (article, article + 1)))
        said = self.values[mine] * self.weights[self.rows[mine], topic]
        strongest = [self.terms[self.rows[mine][at]] for at in np.argsort(-said)[:4].tolist() if said[at] > 0]
        if strongest and self.sums[article, topic] > 0:
            yield f"{self.kind}: {', '.join(dict.fromkeys(strongest))}"  # a term may stand in title and text


def _listed(table: _Table, keys: Stream) -> _Part:
    starts, _, rows = table.phrases.find(keys)
    articles = keys.articles(starts)
    in_text = starts > keys.title_ends[articles]
    articles, rows, times = _counted(articles, rows + len(table.terms) * in_text, 2 * len(table.terms))
    in_text, rows = rows >= len(table.terms), rows % len(table.terms)
    damping = 1.0 / np.sqrt(np.maximum(1.0, (keys.ends - keys.title_ends) / _SHORT))
    values = np.where(in_text, damping[articles] * np.log2(1 + times), 2.0 * np.minimum(times, 2)).astype(np.float32)
    sums = _sums(articles, values, table.weights.T[:, rows], len(keys.ends))
    return _Part("terms", table.terms, table.weights, articles, rows, values, sums)


def _learned(model: _Model, keys: Stream) -> _Part:
    """What make_topics.py learned: bias + sum of weight x log2(1 + n) / sqrt(length) is the logit of a topic."""
    articles, numbers, times = model.phrases.count(keys, _IN_TITLE)
    rows = numbers + 1
    values = (np.log2(1 + times) / np.sqrt(keys.ends - keys.begins)[articles]).astype(np.float32)
    logits = _sums(articles, values, model.their_weights[:, rows], len(keys.ends)) + model.their_weights[:, 0]
    sums = np.zeros((len(keys.ends), model.weights.shape[1]), np.float32)
    sums[:, model.topics] = np.maximum(logits, _LEAST_LOGIT) * np.float32(_PER_LOGIT)
    return _Part("words", model.entries, model.weights, articles, rows, values, sums)


def _counted(articles: Places, rows: Places, number: int) -> tuple[Places, Places, Places]:
    """The distinct pairs of an article and a row below `number`, in order, and how often each occurs."""
    pairs, times = np.unique((articles * number + rows).astype(np.int32), return_counts=True)  # sorts twice as fast
    return (pairs // number).astype(np.intp), (pairs % number).astype(np.intp), times


def _sums(articles: Places, values: Values, weights: Values, number: int) -> Values:
    """For each article and topic the sum of values[i] x weights[topic, i]; articles ascend."""
    sums = np.zeros((number, len(weights)), np.float32)
    if len(articles):
        (first,) = np.nonzero(np.diff(articles, prepend=-1))
        sums[articles[first]] = np.add.reduceat(values * weights, first, axis=1).T
    return sums
