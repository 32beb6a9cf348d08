"""Engines for the contract suite: a folder always, a cluster of three real nodes where it is asked for.

`make test-cluster` sets VNSEARCH_TEST_CLUSTER; without it only the folder is tested, which takes no time.
"""

import importlib.util
import os
import secrets
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from vnsearch import Index

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
        pytest.skip(f"no cluster can be started here: {e}")
    with started:
        yield started


@pytest.fixture
def hosts(nodes: "Nodes") -> str:
    """Their addresses, as an index's address has them."""
    return ",".join(nodes.hosts)


@pytest.fixture(params=ENGINES)
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], Index]:
    """Makes new empty indexes of one engine."""
    if request.param == "folder":
        return lambda: Index.create(tmp_path / secrets.token_hex(4))
    hosts = request.getfixturevalue("hosts")
    return lambda: Index.create(f"opensearch://{hosts}/test-{secrets.token_hex(4)}", shards=3, replicas=1)


@pytest.fixture(scope="session", params=ENGINES)
def engine(request: pytest.FixtureRequest, sample: Index) -> Index:
    """Everything in examples/ in an index of one engine; nobody writes to it."""
    if request.param == "folder":
        return sample
    nodes = request.getfixturevalue("nodes")
    index = Index.create(f"opensearch://{','.join(nodes.hosts)}/sample-{secrets.token_hex(4)}", shards=3, replicas=1)
    with index.writer() as writer:
        for article in sample:
            writer.add(article)
    return index
