"""Processes that vnsearch starts: nothing of the folder they are started in runs in them."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from vnsearch import Article, Index, VnsearchError, processes
from vnsearch.cluster.worker import Processes
from vnsearch.index.article_json import dump

PLANTED = "open('pwned', 'w').close()\nraise SystemExit(1)\n"  # imports nothing, and may be imported first
NAMES = (
    "msgspec.py",
    "numpy.py",
    "types.py",
    "signal.py",
    "sitecustomize.py",
    "vnsearch.py",
    "vnsearch/index/worker.py",
)


@pytest.fixture
def downloads(tmp_path: Path) -> Path:
    """A folder with a file of each name that a process imports."""
    for name in NAMES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(PLANTED)
    (tmp_path / "vnsearch" / "__init__.py").write_text(PLANTED)
    return tmp_path


def test_indexing_runs_nothing_of_the_working_folder(downloads: Path) -> None:
    """As a command, with worker processes; the feed is indexed."""
    (downloads / "feed.jsonl").write_text(json.dumps({"id": "1", "title": "a", "body": "b"}))
    command = [str(Path(sys.executable).with_name("vnsearch")), "index", "feed.jsonl", "--index", "i", "--workers", "2"]
    done = subprocess.run(command, cwd=downloads, capture_output=True, text=True, timeout=120)
    assert not (downloads / "pwned").exists()
    assert (done.returncode, done.stderr) == (0, "")
    assert len(Index.open(downloads / "i")) == 1


def test_a_clusters_processes_run_nothing_of_the_working_folder(
    downloads: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Documents are made; no file of the folder was imported."""
    monkeypatch.chdir(downloads)
    made = Processes()
    try:
        [document] = made.make([dump(Article(id="1", title="a", body="b"))]).data
    finally:
        made.close()
        assert not (downloads / "pwned").exists()
    assert b'"title' in document


@pytest.mark.parametrize("executable", ["", None, "/usr/bin/uwsgi", "/opt/app/reader.exe"])
def test_a_program_that_is_no_python_is_not_started(
    executable: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Within a server or a frozen app sys.executable is something else: a writer with workers says so, and
    leaves no lock.
    """
    index = Index.create(tmp_path / "index")
    monkeypatch.setattr(sys, "executable", executable)
    with pytest.raises(VnsearchError, match="workers=1"):
        index.writer(workers=2)
    index.writer(workers=1).rollback()


@pytest.mark.parametrize("name", ["python", "python3.12", "python3.13t", "Python.exe", "pypy3", "graalpy"])
def test_names_of_interpreters(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """All that are in use."""
    monkeypatch.setattr(sys, "executable", f"/usr/bin/{name}")
    assert processes.command("x")[1:] == ["-P", "-m", "x"]
