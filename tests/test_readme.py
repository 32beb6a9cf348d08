"""Every command of the README does what it says there."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from vnsearch.cli import main

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that looks like the clone to the commands, without their writing into it."""
    folder = tmp_path_factory.mktemp("readme")
    (folder / "examples").symlink_to(ROOT / "examples")
    return folder


def test_the_commands_at_the_shell(elsewhere: Path) -> None:
    """Run in order, each succeeds."""
    commands = [line[2:] for block in blocks("console") for line in block.splitlines() if line.startswith("$ ")]
    assert len(commands) > 5
    for command in commands:
        program, *arguments = shlex.split(command)
        assert program == "vnsearch"
        done = subprocess.run(
            [sys.executable, "-m", "vnsearch.cli", *arguments], cwd=elsewhere, capture_output=True, text=True
        )
        assert done.returncode == 0, (command, done.stderr)
        assert done.stdout, command


def test_the_python_code(elsewhere: Path) -> None:
    """Runs as it stands, and finds the article it adds first."""
    for code in blocks("python"):
        check = '\nassert results.hits[0].id == "1", results.hits\n'
        done = subprocess.run([sys.executable, "-c", code + check], cwd=elsewhere, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr


def test_the_make_targets_and_the_install_command(tmp_path: Path) -> None:
    """`make` knows what the README names; `pip install .` makes a package with everything in it."""
    for line in "\n".join(blocks("sh")).splitlines():
        words = shlex.split(line, comments=True)
        if not words:
            continue
        if words[0] == "make":
            subprocess.run([*words, "--dry-run"], cwd=ROOT, check=True, capture_output=True)
        else:
            assert words == ["pip", "install", "."]
            install = [
                sys.executable,
                "-m",
                "pip",
                "install",
                "--quiet",
                "--no-deps",
                "--target",
                str(tmp_path),
                str(ROOT),
            ]
            subprocess.run(install, check=True, capture_output=True)
            found = {
                str(p.relative_to(tmp_path)) for p in (tmp_path / "vnsearch").rglob("*") if "__pycache__" not in p.parts
            }
            wanted = {
                str(p.relative_to(ROOT / "src"))
                for p in (ROOT / "src/vnsearch").rglob("*")
                if "__pycache__" not in p.parts
            }
            assert wanted <= found | {"vnsearch"}


def test_all_commands_have_help() -> None:
    """A line each, and options that say what they are."""
    for name, command in main.commands.items():
        assert command.help, name
