"""The edges of the public face: what an index, results and hits do in Python's own ways, and what mistakes are told."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import pytest

import vnsearch
from vnsearch import (
    ArgumentError,
    Article,
    Index,
    IndexProblemError,
    QueryError,
    Snippet,
    UnknownIdError,
    Verification,
    VnsearchError,
    api,
)
from vnsearch.query import plan, planner

EVIL = "<script>alert('dân')</script>"
CLUSTER = "opensearch://127.0.0.1:9/news"


@pytest.fixture
def index(tmp_path: Path) -> Index:
    """Three articles."""
    made = Index.create(tmp_path / "index")
    with made.writer() as writer:
        writer.add_all(Article(id=f"ex-{n}", title=f"Dân vận {n}", body=f"Công tác dân vận {EVIL}.") for n in range(3))
    return made


def test_an_id_is_in_an_index(index: Index) -> None:
    """By its text; an article is in it as it is; what is no id is an error and no False."""
    article = index.get("ex-1")
    assert "ex-1" in index and "ex-9" not in index
    assert article in index
    assert Article(id="ex-1", title="Khác", body="Khác.") not in index
    with pytest.raises(VnsearchError, match="id"):
        assert 5 in index


def test_a_closed_index(index: Index) -> None:
    """`with` closes it; every call says so then, hits that were found stay readable, closing twice is nothing."""
    with Index.open(index.path) as opened:
        hits = opened.search("dan van").hits
        snapshot = opened.snapshot()
    opened.close()
    assert [hit.article.title for hit in hits] and all(hit.snippet for hit in hits)
    calls: list[Callable[[], Any]] = [
        opened.search, opened.writer, opened.optimize, opened.stats, opened.verify, opened.refresh, opened.snapshot,
        lambda: opened.get("ex-1"), lambda: "ex-1" in opened, lambda: len(opened), lambda: list(opened),
        lambda: opened.whoosh, lambda: opened.problem, lambda: opened.explain("dân"), lambda: opened.complete("d"),
        lambda: opened.similar("ex-1"), lambda: opened.suggest("dan"), lambda: opened.backup(index.path / "b"),
    ]  # fmt: skip
    for call in calls:
        with pytest.raises(IndexProblemError, match="is closed; open it anew"):
            call()
    assert len(snapshot) == len(index) == 3
    assert repr(opened) == f"<Index {str(index.path)!r}, closed>"


def test_an_index_on_a_cluster_is_closed() -> None:
    """Without an answer from it."""
    pytest.importorskip("opensearchpy")
    from vnsearch.cluster.connection import Access, read_address
    from vnsearch.cluster.engine import Cluster

    with Index(CLUSTER, Cluster(read_address(CLUSTER), Access())) as index:
        assert repr(index) == f"<Index {CLUSTER!r}>"
        with pytest.raises(ArgumentError, match=r"^memory_mb: only for an index in a folder"):
            index.writer(memory_mb=500)
    with pytest.raises(IndexProblemError, match="is closed"):
        index.search("dân")


def test_results_show_and_compare_themselves(index: Index) -> None:
    """A short repr; equal where the same was found; in a notebook nothing of an article is markup."""
    results = index.search("dan van", limit=2)
    assert repr(results).startswith("<Results 2 of 3 for 'dan van', ")
    assert results == index.search("dan van", limit=2) != index.search("dan van", limit=1)
    assert hash(results) == hash(index.search("dan van", limit=2))
    assert repr(results.hits[0]).startswith("Hit(id='ex-")
    page = results._repr_html_()
    assert page.count("<li>") == 2 and "<mark>" in page
    assert "<script" not in page and "&lt;script&gt;" in page
    assert "<b>" not in index.search("<b>", literal=True, limit=0)._repr_html_()


def test_a_snippet_is_text_and_html() -> None:
    """In an f-string its text, in a template that asks for HTML its marks; everything else is escaped."""
    snippet = Snippet("a <b> dân", ((6, 9),))
    assert f"{snippet}" == str(snippet) == "a <b> dân"
    assert snippet.__html__() == snippet.html() == "a &lt;b&gt; <mark>dân</mark>"
    assert repr(snippet) == "Snippet(text='a <b> dân', highlights=((6, 9),))"


def test_add_all(index: Index) -> None:
    """Counts like `add`; what is no article, or not several, is an error, and nothing of it stays."""
    with index.writer() as writer:
        writer.add_all([Article(id="a", title="A", body="A."), Article(id="ex-1", title="B", body="B.")])
    assert (writer.added, writer.replaced, len(index)) == (1, 1, 4)
    several: tuple[Any, ...] = (5, None, Article(id="b", title="B", body="B."), [{}], "text")
    for wrong in several:
        with pytest.raises(VnsearchError, match="article"), index.writer() as writer:
            writer.add_all(wrong)
    assert len(index) == 4


WRONG: list[tuple[str, dict[str, Any]]] = [
    ("text", {"text": None}),
    ("province", {"province": 3}),
    ("topic", {"topic": [3]}),
    ("source", {"source": 3.5}),
    ("since", {"since": 3}),
    ("sort", {"sort": 3}),
    ("sort", {"sort": "date"}),
    ("match", {"match": "most"}),
    ("facet", {"facets": "day"}),
    ("fields", {"fields": 3}),
    ("recency", {"recency": "no"}),
    ("literal", {"literal": 1}),
    ("limit", {"limit": "3"}),
    ("offset", {"offset": -1}),
]


@pytest.mark.parametrize(("name", "options"), WRONG, ids=lambda value: str(value)[:30])
def test_a_wrong_argument_is_named(index: Index, name: str, options: dict[str, Any]) -> None:
    """As the caller wrote it, by `search` and `explain` alike."""
    for call in (index.search, index.explain):
        with pytest.raises(QueryError, match=name):
            call(**options)


def test_other_mistakes_are_errors_of_ours(index: Index) -> None:
    """Named as well; an unknown id is a KeyError too, a wrong number a ValueError and a TypeError."""
    with pytest.raises(UnknownIdError, match=r"^id: no article has the id 'ex-9'$") as raised:
        index.similar("ex-9")
    assert isinstance(raised.value, KeyError) and raised.value.id == "ex-9"
    with pytest.raises(QueryError, match=r"^prefix: expected text"):
        index.complete(None)  # type: ignore[arg-type]
    for name, value in (
        ("timeout", "3"),
        ("timeout", float("nan")),
        ("workers", 0),
        ("memory_mb", 5),
        ("workers", 1.5),
    ):
        with pytest.raises(ArgumentError, match=f"^{name}: expected") as wrong:
            index.writer(**{name: value})  # type: ignore[arg-type]
        assert isinstance(wrong.value, ValueError) and isinstance(wrong.value, TypeError)
    with pytest.raises(VnsearchError, match="article: expected an Article, got dict"), index.writer() as writer:
        writer.add({})  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"Index\.open\(\).*'tiemout'"):
        Index.open(index.path, tiemout=3)  # type: ignore[call-arg]


@pytest.mark.parametrize("name", ["shards", "replicas", "user", "api_key", "ca", "timeout", "check_certificate"])
def test_what_means_nothing_to_a_folder_is_refused(tmp_path: Path, name: str) -> None:
    """Before a folder is made."""
    value: Any = False if name == "check_certificate" else 2
    with pytest.raises(ArgumentError, match=f"^{name}: only for an index on a cluster"):
        Index.create(tmp_path / "new", **{name: value})
    assert not (tmp_path / "new").exists()


def test_what_means_nothing_to_the_other_kind_is_refused(index: Index) -> None:
    """An option of folders to a cluster, an option of clusters to a folder, before any host is asked."""
    with pytest.raises(ArgumentError, match=r"^fallback: only for an index in a folder"):
        Index.open(CLUSTER, fallback=True)
    with pytest.raises(ArgumentError, match=r"^any_version, user: only for an index on a cluster"):
        Index.open(index.path, any_version=True, user="me")
    with pytest.raises(ArgumentError, match=r"^shards: expected a whole number from 1"):
        Index.create(CLUSTER, shards=0)
    with pytest.raises(ArgumentError, match=r"^timeout: expected a number from 0, got str '3'"):
        Index.open(CLUSTER, timeout="3")  # type: ignore[arg-type]


def test_a_filter_may_be_read_once(index: Index) -> None:
    """Names that come from a generator count as a list of them does."""
    names = ["Lạng Sơn", "Huế"]
    assert index.search("dân", province=iter(names)) == index.search("dân", province=names)


def test_the_public_names_are_all_that_is_listed() -> None:
    """`dir` is `__all__`; what it names is there, and errors are all of one tree."""
    assert [name for name in dir(vnsearch) if not name.startswith("__")] == sorted(vnsearch.__all__)
    for name in vnsearch.__all__:
        assert getattr(vnsearch, name).__name__ == name
        assert not name.endswith("Error") or issubclass(getattr(vnsearch, name), VnsearchError)


def test_the_choices_of_the_types_are_those_of_the_plan(index: Index) -> None:
    """A type checker lets through what a search lets through; a verification is one record."""
    assert get_args(api.Sort) == planner.SORTS
    assert get_args(api.Match) == planner.MATCHES
    assert get_args(api.Facet) == planner.FACETS
    assert set(get_args(api.Field)) == set(plan.ALL_FIELDS)
    assert isinstance(index.verify(), Verification)
