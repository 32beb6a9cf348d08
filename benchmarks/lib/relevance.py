"""Sets of queries with known answers: read, searched, measured.

A run is query id -> article ids, best first.  The measures are those of ir_measures (trec_eval's): nDCG@10,
RR@10 and R@100; each gives one number a query, the mean of which is reported.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import ir_measures
import numpy as np
from ir_measures import RR, R, nDCG

from vnsearch import Article, Index

MEASURES = {"nDCG@10": nDCG @ 10, "MRR@10": RR @ 10, "Recall@100": R @ 100}
DEPTH = 100
PERMUTATIONS = 10_000
Search: TypeAlias = Callable[["Asked"], Sequence[str]]  # ids of articles, best first, at most DEPTH
Numbers: TypeAlias = "Sequence[float] | np.ndarray[Any, Any]"
Values: TypeAlias = dict[str, "np.ndarray[Any, np.dtype[np.float64]]"]  # measure -> one number a query


@dataclass(frozen=True)
class Asked:
    """A query as typed, and filters beside it (arguments of `Index.search`)."""

    text: str
    filters: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True)
class Query:
    """A query as written and the ids of the articles that answer it."""

    id: str
    text: str
    relevant: frozenset[str]


@dataclass(frozen=True)
class Collection:
    """Articles and queries; `sha256` of the files they come from."""

    name: str
    articles: tuple[Article, ...]
    queries: tuple[Query, ...]
    sha256: str


def load_set(folder: Path) -> Collection:
    """A folder with docs.jsonl (id, text or title and body) and queries_qrels.jsonl (query, relevant or doc_ids).

    Text is the body; a title is only taken where there is a body beside it (elsewhere it names the page that
    the text was cut from).  Queries without a relevant article are left out: no measure says anything of them.
    """
    files = (folder / "docs.jsonl", folder / "queries_qrels.jsonl")
    documents, asked = ([json.loads(line) for line in file.read_text("utf-8").splitlines()] for file in files)
    articles = [
        Article(id=d["id"], title=d["title"], body=d["body"])
        if "body" in d
        else Article(id=d["id"], title="", body=d["text"])
        for d in documents
    ]
    queries = [
        Query(
            q.get("qid") or q.get("cluster") or f"q{number}",
            q["query"],
            frozenset(q.get("relevant") or q.get("doc_ids") or ()),
        )
        for number, q in enumerate(asked)
    ]
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()
    return Collection(folder.name, tuple(articles), tuple(q for q in queries if q.relevant), digest)


def build(articles: Iterable[Article], path: Path) -> Index:
    """An index of the articles in a new folder."""
    index = Index.create(path)
    with index.writer() as writer:
        for article in articles:
            writer.add(article)
    return index


def searcher(index: Index) -> Search:
    """The library's own search, whatever the text has in it."""

    def search(asked: Asked) -> list[str]:
        return [hit.id for hit in index.search(asked.text, literal=True, limit=DEPTH, **dict(asked.filters)).hits]

    return search


def measure(relevant: Mapping[str, Iterable[str]], run: Mapping[str, Sequence[str]]) -> Values:
    """Each measure for each query, in the order of `relevant`; 0 where the run has nothing."""
    qrels = {query: dict.fromkeys(ids, 1) for query, ids in relevant.items()}
    scored = {query: {id: float(-rank) for rank, id in enumerate(ids)} for query, ids in run.items() if ids}
    at = {query: number for number, query in enumerate(qrels)}
    names = {measure: name for name, measure in MEASURES.items()}
    values = {name: np.zeros(len(qrels)) for name in MEASURES}
    for found in ir_measures.iter_calc(list(MEASURES.values()), qrels, scored):
        values[names[found.measure]][at[found.query_id]] = found.value
    return values


def randomization_p(a: Numbers, b: Numbers, seed: int = 0) -> float:
    """How often chance alone would part two runs so far: paired randomization, two-sided.

    The sign of each query's difference is drawn anew PERMUTATIONS times; p = (1 + as far or farther) / (1 + all)
    (Smucker, Allan, Carterette 2007, "A comparison of statistical significance tests for IR evaluation").
    """
    differences = np.asarray(a, float) - np.asarray(b, float)
    differences = differences[differences != 0]
    if not len(differences):
        return 1.0
    chance = np.random.default_rng(seed)
    signs = chance.integers(0, 2, (PERMUTATIONS, len(differences)), np.int8) * 2 - 1
    farther = np.abs(signs @ differences) >= abs(differences.sum()) - 1e-9
    return float((1 + farther.sum()) / (1 + PERMUTATIONS))
