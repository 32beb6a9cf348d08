"""The speed benchmark on the sample, from end to end."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

SCRIPT = Path(__file__).parents[2] / "benchmarks/speed.py"


def measured(folder: Path) -> dict[str, dict[str, object]]:
    options = ["--documents", "80", "--queries", "3", "--workers", "1", "--skip-peers", "tantivy", "whoosh"]
    command = [sys.executable, SCRIPT, *options, "--keep", folder / "kept", "--out", folder]
    done = subprocess.run([*map(str, command)], capture_output=True, text=True)
    assert not done.returncode, done.stderr
    found: dict[str, dict[str, object]] = json.loads((folder / "speed.json").read_text())
    assert (folder / "speed.md").read_text().strip() == done.stdout.strip()
    return found


def test_what_is_kept_is_not_indexed_again(tmp_path: Path) -> None:
    first = measured(tmp_path)
    indexes = {path: path.stat().st_mtime_ns for path in (tmp_path / "kept").rglob("*.seg")}
    second = measured(tmp_path)
    assert indexes and indexes == {path: path.stat().st_mtime_ns for path in (tmp_path / "kept").rglob("*.seg")}
    assert not first["about"]["kept"] and second["about"]["kept"] == ["fts5-80", "vnsearch"]
    assert first["indexing"] == second["indexing"] and set(first["indexing"]) >= {"vnsearch, 1 worker", "fts5"}
    for found in (first, second):
        assert {"or", "phrase", "filtered", "unaccented"} <= set(found["queries"])
        for engines in found["queries"].values():
            assert isinstance(engines, dict) and {"plan", "words", "run", "search", "open", "FTS5"} <= set(engines)
            matches = engines["words"]["matches"], engines["FTS5"]["matches"]
            assert matches[0] >= matches[1] > 0  # the same work is asked of both
