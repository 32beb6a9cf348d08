"""Whether a change made anything worse: the tests behind the verdicts, and two trees from end to end."""

import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from benchmarks.lib.verdicts import false_discovery, holm, sign_flip_p, spread, verdict

ROOT = Path(__file__).parents[2]

# -- the tests ---------------------------------------------------------------------------------------------


def test_signs_that_all_agree_are_as_rare_as_they_are() -> None:
    """Of 2^n choices of signs two are as far: all as they are, all turned."""
    for rounds in (3, 8, 14):
        assert sign_flip_p([0.1] * rounds) == 2 / 2**rounds
    assert sign_flip_p([0.1, -0.1]) == 1.0
    assert sign_flip_p([0.3, 0.1, -0.1]) == 0.75  # the sum is .3; of 8 sums two are .1 and -.1


def test_more_rounds_than_can_be_tested_exactly_are_refused() -> None:
    """2^21 choices would be drawn instead; nobody needs them."""
    with pytest.raises(ValueError, match="at most 20"):
        sign_flip_p([0.0] * 21)


def test_holm_as_worked_out_by_hand() -> None:
    """.01 of three: .03; .02 of the two left: .04; .03 alone is no less than that."""
    assert holm({"a": 0.02, "b": 0.01, "c": 0.03}) == pytest.approx({"b": 0.03, "a": 0.04, "c": 0.04})


def test_false_discovery_as_worked_out_by_hand() -> None:
    """.03 of three stays; .02 x 3/2 is .03 as well; .01 x 3/1, too; beside .9 the others are 4/3 of that."""
    assert false_discovery({"a": 0.02, "b": 0.01, "c": 0.03}) == pytest.approx({"a": 0.03, "b": 0.03, "c": 0.03})
    found = false_discovery({"a": 0.02, "b": 0.001, "c": 0.03, "d": 0.9})
    assert found == pytest.approx({"b": 0.004, "a": 0.04, "c": 0.04, "d": 0.9})


def test_the_spread_holds_the_middle() -> None:
    """Ratios, not logs; one round has no spread."""
    found = spread([0.09, 0.1, 0.11])
    assert found.low < found.ratio < found.high and found.ratio == pytest.approx(1.10517, abs=1e-4)
    assert spread([0.0]) == (1.0, 1.0, 1.0)


def test_verdicts() -> None:
    """Sure and worth it, or within noise; for times less is better, for quality more."""
    assert verdict(0.1, 0.001, 0.02, is_less_better=True) == "worse"
    assert verdict(-0.1, 0.001, 0.02, is_less_better=True) == "better"
    assert verdict(0.1, 0.02, 0.02, is_less_better=True) == "within noise"
    assert verdict(0.01, 0.001, 0.02, is_less_better=True) == "within noise"
    assert verdict(-0.01, 0.001, 0.001, is_less_better=False) == "worse"


def test_where_nothing_differs_hardly_anything_is_said_and_a_tenth_is_found() -> None:
    """200 runs of 14 rounds and 20 figures with a noise of 3 % a round: at most 6 runs say anything; a tenth that is
    added to one figure is found in at least 190.
    """
    chance = random.Random(20261123)
    alarms = found = 0
    for _ in range(200):
        rounds = {str(n): [chance.gauss(0, 0.03) for _ in range(14)] for n in range(20)}
        slowed = rounds | {"0": [value + 0.095 for value in rounds["0"]]}
        for values, is_slowed in ((rounds, False), (slowed, True)):
            p = {name: sign_flip_p(values[name]) for name in (["0"] if is_slowed else values)}
            right = {"0": min(1.0, 20 * p["0"])} if is_slowed else holm(p)
            changes = {name: spread(values[name]).ratio - 1 for name in right}
            verdicts = [verdict(changes[name], right[name], 0.02, is_less_better=True) for name in right]
            said = [one != "within noise" for one in verdicts]
            found += is_slowed and said[0]
            alarms += not is_slowed and any(said)
    assert alarms <= 6 and found >= 190


# -- two trees -------------------------------------------------------------------------------------------


def checkout(folder: Path) -> None:
    """The project as it lies here, committed in a repository of its own."""
    wanted = ("src", "benchmarks", "examples", "setup.py", "pyproject.toml", "README.md", "LICENSE")
    ignored = shutil.ignore_patterns("__pycache__", "*.so", "*.egg-info", "results")
    folder.mkdir()
    for name in wanted:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=ignored)
        else:
            shutil.copy2(source, folder / name)
    git = ["git", "-C", str(folder), "-c", "user.name=somebody", "-c", "user.email=somebody@example.org"]
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "as it was"]):
        subprocess.run([*git, *command], check=True)


def compare(folder: Path, *options: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "benchmarks", "compare", *options, "--out", str(folder / "out")]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)


SLOWED = """
import time as _time

_search = Index.search


def _slower(self, text="", **rest):
    begun = _time.process_time()
    found = _search(self, text, **rest)
    end = _time.process_time() + 2 * (_time.process_time() - begun)
    while text.startswith('"') and _time.process_time() < end:
        pass
    return found


Index.search = _slower
"""

WORSENED = """
_halved = Index.search
Index.search = lambda self, text="", **rest: _halved(self, text if '"' in text else text[: len(text) // 2], **rest)
"""


@pytest.mark.slow
@pytest.mark.timeout(1200)  # two trees are built as pip builds them
def test_what_got_worse_is_named(tmp_path: Path) -> None:
    """Phrases take three times as long, and queries are read to their half: both are found by name, quality with the
    queries that changed most, and the exit code tells.
    """
    folder = tmp_path / "project"
    checkout(folder)
    face = folder / "src/vnsearch/__init__.py"
    face.write_text(face.read_text("utf-8") + WORSENED + SLOWED, "utf-8")
    few = ("--rounds", "13", "--indexed", "10", "--documents", "150", "--queries", "4")
    worse = compare(folder, "HEAD", "--sets", "sample", *few)
    assert worse.returncode == 1 and "Worse: " in worse.stdout, worse.stdout + worse.stderr
    (named,) = [line for line in worse.stdout.splitlines() if line.startswith("Worse: ")]
    assert "again: phrase, ms" in named and "sample, nDCG@10, as written" in named
    assert "changed most:" in worse.stdout


def test_a_commit_that_is_none_is_told(tmp_path: Path) -> None:
    """One line."""
    done = compare(ROOT, "no-such-commit", "--out", str(tmp_path))
    assert done.returncode == 1 and "no commit of this project" in done.stderr and "Traceback" not in done.stderr
