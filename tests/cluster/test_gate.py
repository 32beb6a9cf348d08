"""The gate of the cluster fails where it cannot be tried."""

import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.slow
def test_a_cluster_that_cannot_be_started_fails(tmp_path: Path) -> None:
    """Where VNSEARCH_TEST_CLUSTER is set and no node can be started, tests are errors and not skipped."""
    tests = tmp_path / "cluster"
    tests.mkdir()
    for name in ("conftest.py", "nodes.py"):
        (tests / name).write_bytes(Path(__file__).with_name(name).read_bytes())
    (tests / "nodes").mkdir()  # without jars; and without Maven on the path they cannot be fetched
    (tests / "test_it.py").write_text("def test_it(nodes): pass\n")
    environment = {**os.environ, "VNSEARCH_TEST_CLUSTER": "1", "PATH": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-c", os.devnull, tests],
        cwd=tmp_path, capture_output=True, text=True, env=environment,
    )  # fmt: skip
    assert done.returncode == 1, done.stdout
    assert "no cluster can be started here" in done.stdout and "skipped" not in done.stdout, done.stdout
