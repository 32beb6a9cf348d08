"""OpenSearch nodes of this machine, as the tests start them (a JDK and Maven are needed)."""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from .child import ROOT


@contextmanager
def three_nodes() -> Iterator[list[str]]:
    """host:port of each; the processes are ended afterwards.  Raises SystemExit where something is missing."""
    sys.path.insert(0, str(ROOT / "tests" / "cluster"))
    found: Any = import_module("nodes")

    with tempfile.TemporaryDirectory() as folder:
        try:
            nodes = found.Nodes(Path(folder), heap="1g", quick_start=False)
        except found.NotHereError as e:
            raise SystemExit(f"no OpenSearch here: {e}") from None
        with nodes:
            yield nodes.hosts


@contextmanager
def one_node() -> Iterator[str]:
    """The first of three, which holds what is indexed there without shards or replicas elsewhere."""
    with three_nodes() as hosts:
        yield hosts[0]
