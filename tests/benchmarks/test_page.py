"""Pages that are made from results: up to date, and made alike from a small run."""

import subprocess
import sys
from pathlib import Path

import pytest
from benchmarks.lib import options, pages, results

ROOT = Path(__file__).parents[2]


def run(*words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([sys.executable, "-m", "benchmarks", *words], cwd=ROOT, capture_output=True, text=True)


def test_what_is_quoted_is_what_was_measured() -> None:
    """results/README.md and the blocks of other pages are those that the command makes of the results."""
    done = run("page", "--check")
    assert done.returncode == 0, done.stderr


def test_a_block_is_made_anew_and_the_rest_is_left() -> None:
    """What stands between the two comments, and nothing else; an unknown block is an error."""
    text = "a\n<!-- figures: headline -->\nold\n<!-- end of figures -->\nb\n"
    assert pages.filled(text, {"headline": lambda: "new"}) == text.replace("old", "new")
    with pytest.raises(KeyError, match="headline"):
        pages.filled(text, {})


@pytest.mark.slow
def test_a_page_of_a_small_run(tmp_path: Path) -> None:
    """It says on top where a peer is better, shows the picture, and what each peer cannot do."""
    small = ("--documents", "150", "--queries", "4", "--peers", "sqlitefts5", "--out", str(tmp_path))
    assert run("bench", *small).returncode == 0
    text = pages.page(tmp_path, list(results.every(tmp_path)))
    assert text.index("Where a peer is better") < text.index("## Beside its peers") < text.index("### New queries")
    assert "bench.svg)" in text and "| SQLite FTS5" in text and "restore marks" in text
    assert "150 articles" in pages.short(tmp_path)


def test_results_are_by_corpus_and_date(tmp_path: Path) -> None:
    """With commit and machine; the newest of a command is taken."""
    file = results.save(tmp_path, "small-3", "bench", {"x": 1})
    assert file.parent.name == "small-3" and file.name.endswith("-bench.json")
    file.rename(file.with_name("2020-01-01-bench.json"))
    results.save(tmp_path, "small-3", "bench", {"x": 2})
    (found,) = results.every(tmp_path)
    assert found["figures"] == {"x": 2} and found["about"]["python"] and "commit" in found["about"]


def test_every_command_says_what_it_is() -> None:
    """The list of commands is their docstrings' first lines; each has --help."""
    listed = run()
    names = {file.stem for file in (ROOT / "benchmarks/commands").glob("[a-z]*.py")}
    assert listed.returncode == 0 and names == {line.split()[0] for line in listed.stdout.splitlines()[2:]}
    assert run("new-queries", "--help").stdout.startswith("usage: python -m benchmarks new_queries")


def test_the_large_corpora_are_asked_for_by_name(tmp_path: Path) -> None:
    """Where they are not there: exit code 2, and which command fetches them."""
    done = run("quality", "--data", str(tmp_path))
    assert done.returncode == 2 and "make corpora" in done.stderr
    assert options.wanted("none", ("a",)) == []
