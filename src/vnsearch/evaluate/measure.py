"""Each query asked as its reader would, in several ways of typing, and measured.

>>> WAYS["without"]("Hòa Bình, Đà Lạt")
'Hoa Binh, Da Lat'
"""

import random
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from warnings import catch_warnings, simplefilter

from ..api import Index, Match
from ..errors import QueryError, VnsearchError
from ..query.syntax import NotAQueryError
from ..results import Results
from .judgements import Judged

if TYPE_CHECKING:
    from ir_measures.measures import Measure

DEFAULT_MEASURES = ("nDCG@10", "RR@10", "R@100")
DEEPEST = 1_000  # hits that are examined for a measure without a cutoff, as at TREC


def _without(text: str) -> str:
    """No diacritics; đ is d.  By Unicode alone, so that it does not share the library's own idea of Vietnamese."""
    plain = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    return unicodedata.normalize("NFC", plain).replace("đ", "d").replace("Đ", "D")


def _half(text: str) -> str:
    """Half of the words, rounded up, without diacritics; which ones depends on the text alone."""
    words = text.split()
    chosen = set(random.Random(text).sample(range(len(words)), (len(words) + 1) // 2))
    return " ".join(_without(word) if at in chosen else word for at, word in enumerate(words))


WAYS: dict[str, Callable[[str], str]] = {"written": lambda text: text, "without": _without, "half": _half}


@dataclass(frozen=True)
class Answer:
    """What came for a query typed in some way.

    ids: the articles found, best first.  searched_as: the reading that was searched for, where not what was typed.
    values: what each measure gives.
    """

    query: Judged
    typed: str
    ids: tuple[str, ...]
    searched_as: str | None
    values: Mapping[str, float]

    @property
    def rank(self) -> int | None:
        """Where the first relevant article stands, from 1; None: not among those found."""
        return next((rank for rank, id in enumerate(self.ids, 1) if self.query.grades.get(id, 0) > 0), None)


@dataclass(frozen=True)
class Evaluation:
    """Answers and means for each way of typing.

    depth: how many articles were requested.  unknown: (query, article) of relevant articles that the index does not
    have; they count as not found.
    """

    depth: int
    answers: Mapping[str, tuple[Answer, ...]]
    means: Mapping[str, Mapping[str, float]]
    unknown: tuple[tuple[str, str], ...]

    def worst(self, way: str, most: int) -> list[Answer]:
        """The queries that the first measure likes least, without those that it gives 1."""
        first = next(iter(self.means[way]))
        bad = [answer for answer in self.answers[way] if answer.values[first] < 1]
        return sorted(bad, key=lambda answer: answer.values[first])[:most]


def evaluate(
    index: Index, queries: Sequence[Judged], *, measures: Sequence[str] = DEFAULT_MEASURES,
    ways: Sequence[str] = ("written",), match: Match = "auto", literal: bool = False,
) -> Evaluation:  # fmt: skip
    """Asks every query in every way, as `vnsearch query` does, and measures what comes.

    measures: as ir_measures writes them: nDCG@10, RR@10, R@100, P@5, AP ...  ways: of WAYS.  match, literal: of
    `Index.search`.
    As many articles are requested as the deepest cutoff says, 1,000 where a measure has none.
    Raises VnsearchError where ir_measures is not installed, for measures that it cannot work out, and where the index
    has none of the relevant articles; QueryError for a query that means nothing.
    """
    if not measures or not ways or not set(ways) <= set(WAYS):
        raise VnsearchError(f"measures and ways are not empty, and ways are of {', '.join(WAYS)}; got {ways!r}")
    counted = {str(measure): measure for measure in map(_measure, measures)}  # MRR@10 is RR@10
    depth = max(measure.params.get("cutoff", DEEPEST) for measure in counted.values())
    known = {id for id in dict.fromkeys(id for query in queries for id in query.relevant) if index.get(id)}
    unknown = tuple((query.id, id) for query in queries for id in query.relevant if id not in known)
    if not known:
        first = f"the first is {unknown[0][1]!r}" if unknown else "there are no queries"
        raise VnsearchError(f"{index.path}: it has none of the relevant articles ({first}); is it the right index?")
    answers, means = {}, {}
    for way in dict.fromkeys(ways):
        asked = [WAYS[way](query.text) for query in queries]
        results = [
            _search(index, query, text, match=match, limit=depth, literal=literal)
            for query, text in zip(queries, asked, strict=True)
        ]
        found = [tuple(hit.id for hit in result.hits) for result in results]
        values = _values(counted, queries, found)
        answers[way] = tuple(
            Answer(query, text, ids, result.searched_as, {name: column[query.id] for name, column in values.items()})
            for query, text, ids, result in zip(queries, asked, found, results, strict=True)
        )
        means[way] = {name: _mean(counted[name], column) for name, column in values.items()}
    return Evaluation(depth, answers, means, unknown)


def run_lines(answers: Sequence[Answer], tag: str = "vnsearch") -> Iterator[str]:
    """A TREC run: "query Q0 article rank score tag" a line.

    Scores count down from the number of hits, so that tools that sort by them keep the order.
    Raises VnsearchError for an id with a blank, which a run cannot hold.
    """
    for answer in answers:
        for rank, id in enumerate(answer.ids, 1):
            if id.split() != [id]:
                raise VnsearchError(f"a TREC run parts its columns by blanks, and the article {id!r} has one in its id")
            yield f"{answer.query.id} Q0 {id} {rank} {len(answer.ids) - rank + 1} {tag}"


def _search(index: Index, query: Judged, text: str, **options: Any) -> Results:
    try:
        try:
            return index.search(text, **options)
        except NotAQueryError:
            return index.search(text, **{**options, "literal": True})
    except QueryError as e:
        e.add_note(
            f"this is the query {query.id}, in line {query.line}; --literal (literal=True) takes queries as plain words"
        )
        raise


# -- by ir_measures --------------------------------------------------------------------------------------


def _library() -> Any:
    try:
        import ir_measures
    except ImportError:
        raise VnsearchError("measuring needs ir_measures: pip install 'vnsearch[evaluate]'") from None
    return ir_measures


def _measure(name: str) -> "Measure":
    """The measure of this name.  Tried on a small example, since some need what is not there."""
    library = _library()
    try:
        with catch_warnings():
            simplefilter("ignore", DeprecationWarning)  # it reads names by what Python 3.12 deprecates
            measure: Measure = library.parse_measure(name)
        if measure.params.get("cutoff", 1) < 1:
            raise ValueError("a cutoff is a whole number from 1")
        for _ in library.iter_calc([measure], {"q": {"a": 2, "b": 1, "c": 0}}, {"q": {"c": 3.0, "a": 2.0, "d": 1.0}}):
            pass
    except Exception as e:  # whatever a name makes one of its providers raise
        reason = " ".join(str(e).split())
        raise VnsearchError(f"no measure {name!r} ({reason}); expected such as {', '.join(DEFAULT_MEASURES)}") from None
    return measure


def _values(
    measures: Mapping[str, "Measure"], queries: Sequence[Judged], found: Sequence[Sequence[str]]
) -> dict[str, dict[str, float]]:
    """Measure -> query -> value; where nothing was found, what the measure has for that."""
    values = {name: {query.id: float(measure.DEFAULT) for query in queries} for name, measure in measures.items()}
    qrels = {query.id: dict(query.grades) for query in queries}
    run = {
        query.id: {id: float(-rank) for rank, id in enumerate(ids)}
        for query, ids in zip(queries, found, strict=True) if ids
    }  # fmt: skip
    names = {measure: name for name, measure in measures.items()}
    for metric in _library().iter_calc(list(names), qrels, run):
        values[names[metric.measure]][metric.query_id] = float(metric.value)
    return values


def _mean(measure: "Measure", values: Mapping[str, float]) -> float:
    """A measure over all queries: the mean, but the sum for counts."""
    together = measure.aggregator()
    for value in values.values():
        together.add(value)
    return float(together.result())
