"""Engines for the contract suite: a folder of several segments always, a cluster of three real nodes on request.

What they answer is compared with an index of one segment.  `make test-cluster` sets VNSEARCH_TEST_CLUSTER; then a
machine on which no cluster can be started fails.
"""

import importlib.util
import os
import secrets
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from unittest import mock

import pytest

from vnsearch import Article, Index
from vnsearch.index import merge

if TYPE_CHECKING:
    from nodes import Nodes

ENGINES = ["folder", "cluster"] if os.environ.get("VNSEARCH_TEST_CLUSTER") else ["folder"]


@pytest.fixture(scope="session")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator["Nodes"]:
    """Three nodes, green."""
    if len(ENGINES) == 1:
        pytest.skip("needs a cluster: make test-cluster starts one")
    specification = importlib.util.spec_from_file_location("nodes", Path(__file__).with_name("nodes.py"))
    assert specification and specification.loader
    module = importlib.util.module_from_spec(specification)
    sys.modules["nodes"] = module
    specification.loader.exec_module(module)
    try:
        started = module.Nodes(tmp_path_factory.mktemp("nodes"))
    except module.NotHereError as e:
        pytest.fail(f"VNSEARCH_TEST_CLUSTER is set, but no cluster can be started here: {e}")
    with started:
        yield started


@pytest.fixture
def hosts(nodes: "Nodes") -> str:
    """Their addresses, as an index's address has them."""
    return ",".join(nodes.hosts)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks what needs nodes."""
    for item in items:
        parameters = getattr(item, "callspec", None)
        if "nodes" in getattr(item, "fixturenames", ()) or (parameters and "cluster" in parameters.params.values()):
            item.add_marker("cluster")


def write_in_segments(index: Index, articles: list[Article]) -> None:
    """In five commits, whose segments are not merged."""
    with mock.patch.object(merge, "SMALL", 0):
        for at in range(5):
            with index.writer() as writer:
                writer.add_all(articles[len(articles) * at // 5 : len(articles) * (at + 1) // 5])


@pytest.fixture
def in_segments() -> Callable[[Index, list[Article]], None]:
    """Writes articles to an index in several commits, whose segments are not merged."""
    return write_in_segments


@pytest.fixture(params=ENGINES)
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], Index]:
    """Makes new empty indexes of one engine."""
    if request.param == "folder":
        return lambda: Index.create(tmp_path / secrets.token_hex(4))
    hosts = request.getfixturevalue("hosts")
    return lambda: Index.create(f"opensearch://{hosts}/test-{secrets.token_hex(4)}", shards=3, replicas=1)


@pytest.fixture(scope="session", params=ENGINES)
def engine(request: pytest.FixtureRequest, sample: Index, tmp_path_factory: pytest.TempPathFactory) -> Index:
    """Everything in examples/ in an index of one engine; nobody writes to it."""
    if request.param == "folder":
        index = Index.create(tmp_path_factory.mktemp("segments") / "index")
        write_in_segments(index, list(sample))
        assert index.stats()["segments"] > 1
        return index
    nodes = request.getfixturevalue("nodes")
    index = Index.create(f"opensearch://{','.join(nodes.hosts)}/sample-{secrets.token_hex(4)}", shards=3, replicas=1)
    with index.writer() as writer:
        for article in sample:
            writer.add(article)
    return index
