"""The benchmark of new queries on the sample, from end to end."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

SCRIPT = Path(__file__).parents[2] / "benchmarks/new_queries.py"


def test_every_query_is_asked_once_by_each_engine(tmp_path: Path) -> None:
    """Vnsearch finds at least what a peer does; keywords that people typed are a set like the others."""
    typed = ["dân vận", "lễ hội", "nong thon moi"]
    keywords = tmp_path / "typed.jsonl"
    keywords.write_text("".join(json.dumps({"query": text}) + "\n" for text in typed))
    options = ["--documents", "80", "--queries", "4", "--skip-peers", "tantivy", "whoosh", "--keywords", keywords]
    command = [sys.executable, SCRIPT, *options, "--out", tmp_path]
    done = subprocess.run([*map(str, command)], capture_output=True, text=True)
    assert not done.returncode, done.stderr
    found = json.loads((tmp_path / "new_queries.json").read_text())
    assert (tmp_path / "new_queries.md").read_text().strip() == done.stdout.strip()
    assert {"or", "phrase", "filtered", "unaccented", "keywords"} <= set(found["sets"])
    for engines in found["sets"].values():
        assert set(engines) == {"vnsearch", "FTS5"} and set(engines["FTS5"]["first"]) == {"p50", "p95", "p99"}
    assert all(found[kind]["2"] > 0 for kind in ("threads", "processes")) and found["memory_mb"]["queries"] > 10
