"""Errors: each gets through to another process as it is, and none repeats a megabyte."""

import copy
import pickle
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

import pytest

from vnsearch import Article, ArticleError, Index, VnsearchError, errors
from vnsearch.ingest.pages.seen import NotAnArticle
from vnsearch.query.syntax import NotAQueryError, parse


def kinds(of: type[VnsearchError] = VnsearchError) -> list[type[VnsearchError]]:
    return [of, *(kind for sub in of.__subclasses__() for kind in kinds(sub))]


MADE = [
    ArticleError("id", "is empty"),
    NotAnArticle("body", "a stub"),
    errors.ArgumentError("limit", "is no number"),
    errors.UnknownIdError("a-1"),
    errors.ReadError("a.jsonl", 7, "no JSON"),
    errors.ReadError("a.jsonl", None, "no file"),
    errors.QueryError("means nothing", query="(", column=1, hint="close it"),
    NotAQueryError("means nothing", query="(", column=1, hint="close it"),
    errors.IndexProblemError("x", "is wrong"),
    errors.IndexProblemError("opensearch://a:1/x", "is wrong"),
    errors.IndexExistsError("x", "is there"),
    errors.IndexNotFoundError("x", "is not there"),
    errors.IndexVersionError("x", "is old", expected=4, got=3),
    errors.IndexCorruptError("x", "is broken", expected=b"a", got=b"b"),
    errors.IndexLockedError("x", "is held", pid=1, host="a"),
    errors.IndexUnavailableError("x", "is away"),
]


def test_every_kind_is_tried() -> None:
    """A new kind of error gets a line above; those that only a cluster raises are tried where it is."""
    assert {type(error) for error in MADE} | {VnsearchError} >= {
        kind for kind in kinds() if not kind.__module__.startswith("vnsearch.cluster")
    }


@pytest.mark.parametrize("error", MADE, ids=lambda error: type(error).__name__)
def test_an_error_is_pickled_and_copied(error: VnsearchError) -> None:
    """Kind, message and attributes stay."""
    for other in (*(pickle.loads(pickle.dumps(error, n)) for n in range(2, 6)), copy.copy(error), copy.deepcopy(error)):
        assert type(other) is type(error)
        assert (str(other), vars(other), other.args) == (str(error), vars(error), error.args)


def test_an_error_comes_out_of_a_process_pool() -> None:
    """Where it could not be unpickled, the pool breaks, or waits for ever."""
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        with pytest.raises(ArticleError, match="id: is empty") as raised:
            pool.submit(Article, id="", title="a", body="b").result(timeout=60)
        assert raised.value.field == "id"
        with pytest.raises(errors.QueryError) as query:
            pool.submit(parse, 'tỉnh:"').result(timeout=60)
        assert query.value.query == 'tỉnh:"'


def test_a_message_does_not_repeat_a_megabyte(tmp_path: object) -> None:
    """What came is named by its beginning and its end."""
    long: Any = "x" * 1_000_000
    index = Index.create(f"{tmp_path}/index")
    for search in (
        lambda: index.search("a", province=long),
        lambda: index.search("a", topic=long),
        lambda: index.search("a", since=long),
        lambda: index.search("a", sort=long),
        lambda: index.search("a", collapse=long),
        lambda: index.search("a", facets=(long,)),
        lambda: index.search("a", after=long),
        lambda: index.search(long),
        lambda: Article(id="1", title="a", body="b", published=long),
        lambda: Index.open(long),
    ):
        with pytest.raises(VnsearchError) as raised:
            search()
        assert len(str(raised.value)) < 2_100
