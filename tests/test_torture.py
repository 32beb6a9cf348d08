"""The short forms of `make torture`: each script ends well, and says that it did what it is for."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

SCRIPTS = Path(__file__).parent.parent / "scripts" / "torture"


def run(name: str, *options: str, ends: tuple[int, ...] = (0,)) -> str:
    command = [sys.executable, "-W", "ignore", str(SCRIPTS / name), *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=200)
    assert done.returncode in ends, done.stderr
    return done.stdout


def test_killed_writers_lose_nothing() -> None:
    """SIGKILL at random moments, some of them inside a commit."""
    found = re.fullmatch(
        r"6 processes killed, (\d+) of them inside a commit .* nothing lost; \d+ s\n", run("kill.py", "--runs", "6")
    )
    assert found
    assert int(found[1]) > 0


def test_a_failing_call_fails_the_commit_or_nothing() -> None:
    """Every 29th call to the file system, of three kinds of commit."""
    lines = run("faults.py", "--every", "29").splitlines()
    assert [line.split(":")[0] for line in lines] == ["change", "delete", "optimize"]
    for line in lines:
        failures, errors, done = map(int, re.findall(r"(\d+) (?:failures|errors|commits done)", line))
        assert failures == errors + done
        assert errors > 0


def test_a_changed_file_is_found_and_never_believed() -> None:
    """Bytes flipped, regions zeroed and files cut, of every file of a small index."""
    lines = run("flips.py", "--articles", "60", "--regions", "12").splitlines()
    assert sorted({line.split(":")[0].rsplit(".", 1)[1] for line in lines}) == ["del", "json", "seg", "toc"]
    assert sum(int(number) for line in lines for number in re.findall(r"(\d+) errors, none wrong", line)) > 50


def test_readers_see_one_generation_each() -> None:
    """Processes and threads, for seconds."""
    found = re.match(r"(\d+) commits .* (\d+) searches, each of one generation", run("readers.py", "--seconds", "3"))
    assert found
    assert int(found[1]) > 2
    assert int(found[2]) > 20


def test_small_commits_leave_little() -> None:
    """Open files and segments stay few."""
    found = run("soak.py", "--commits", "40", "--articles", "1500")
    assert re.search(r"^segments .* ([1-9]|1\d)\.0 in the last$", found, re.MULTILINE)


def test_bad_luck_loses_nothing() -> None:
    """Shortage, Ctrl-C and swaps at every 61st call, creators at once, caught exceptions."""
    lines = run("unlucky.py", "--every", "61", "--rounds", "3").splitlines()
    assert [line.split(":")[0] for line in lines] == ["shortage", "interrupt", "swapped", "creators", "caught"]
    for line in lines[:3]:
        assert int(re.findall(r"(\d+) (?:failures|interrupts|swaps)", line)[0]) > 0


def test_searches_that_take_long_are_measured() -> None:
    """A row for each, whatever the times are: they are of the machine."""
    found = run("late.py", "--articles", "200", "--runs", "1", "--only", "phrase", ends=(0, 1)).splitlines()
    assert [line[:32].strip() for line in found[1:-1]] == [
        "one phrase of 256 words", "one phrase of 256 equal words", "128 phrases", "64 phrases with gaps",
    ]  # fmt: skip
    assert all(line.count(" ms") == 4 for line in found[1:-1])
