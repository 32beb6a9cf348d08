"""What is public, what importing costs in modules, how long files are; import-linter checks the order of rooms."""

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path

import pytest

import vnsearch


def test_the_public_names() -> None:
    """What __all__ says is there, and nothing heavy is loaded to say it."""
    for name in vnsearch.__all__:
        assert getattr(vnsearch, name)
    code = "import sys, vnsearch; print(sorted({m.split('.')[0] for m in sys.modules} & set(sys.argv[1:])))"
    heavy = ["numpy", "whoosh", "lxml", "rich", "click", "unidecode", "pyvi", "sklearn", "opensearchpy", "ir_measures"]
    done = subprocess.run([sys.executable, "-c", code, *heavy], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_files_that_architecture_names_are_there() -> None:
    """A stranger finds what to change: each path of the table, and each module of the steps."""
    root = Path(__file__).parent.parent
    text = (root / "ARCHITECTURE.md").read_text("utf-8")
    table = text.split("## Where do I change")[1].split("## ")[0]
    paths = re.findall(r"`([\w/.-]+\.\w+)`", table)
    assert len(paths) > 40
    assert [path for path in paths if not ((root / path).exists() or (root / "src/vnsearch" / path).exists())] == []
    modules = re.findall(r"`([a-z_]+/[a-z_]+)`", text.split("## A search")[1].split("## The rooms")[0])
    missing = [name for name in modules if not list((root / "src/vnsearch").glob(f"{name}*"))]
    assert len(modules) > 20 and missing == []
    assert len(text.splitlines()) <= 150


@pytest.mark.slow
def test_the_order_of_rooms_is_held(tmp_path: Path) -> None:
    """import-linter refuses an import upwards inside a function, one of another engine's, and a circle of types."""
    root = Path(__file__).parent.parent
    linter = Path(sys.executable).with_name("lint-imports")
    shutil.copytree(root / "src", tmp_path / "src", ignore=shutil.ignore_patterns("*.so", "__pycache__", "*.egg-info"))
    shutil.copy(root / "pyproject.toml", tmp_path)

    def broken() -> list[str]:
        done = subprocess.run(
            [linter, "--no-cache"], cwd=tmp_path, capture_output=True, text=True, env={"PYTHONPATH": "src"}
        )
        assert "Contracts:" in done.stdout, done.stdout + done.stderr
        found = re.findall(r"^(.*\S)\s+BROKEN", done.stdout, re.MULTILINE)
        assert done.returncode == bool(found)
        return found

    assert broken() == []
    types = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n"
    for file, line in (
        ("text/fold.py", "def _up() -> None:\n    from ..api import Index\n"),
        ("cluster/translate.py", "from ..embedded.searcher import Engine\n"),
        ("text/normalize.py", types + "    from .tokenize import tokenize\n"),
    ):
        module = tmp_path / "src/vnsearch" / file
        before = module.read_text("utf-8")
        module.write_text(f"{before}\n{line}", "utf-8")
        assert broken(), line
        module.write_text(before, "utf-8")


def test_types_are_checked_everywhere() -> None:
    """mypy reads every folder that has Python, so an ignored error of a test or a benchmark is told once it is none."""
    root = Path(__file__).parent.parent
    settings = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["tool"]["mypy"]
    folders = {file.relative_to(root).parts[0] for file in root.glob("[a-z]*/**/*.py")} - {"build", "examples"}
    assert settings["strict"] and folders == set(settings["files"])


def test_files_are_short_and_folders_small() -> None:
    """Above 400 lines a file says at its top why it is "Longer than" others; a folder has at most 20 modules."""
    root = Path(__file__).parent.parent
    files = [file for room in ("src", "tests", "scripts", "benchmarks") for file in (root / room).rglob("*.py")]
    assert len(files) > 300
    in_c = [file for pattern in ("*.c", "*.h") for file in (root / "src").rglob(pattern)]
    assert len(in_c) > 8
    long = [file for file in files + in_c if len(file.read_text("utf-8").splitlines()) > 400]
    assert [str(file) for file in long if "Longer than" not in _top(file)] == []
    rooms = Counter(file.parent for file in files if file.is_relative_to(root / "src"))
    assert {room: number for room, number in rooms.items() if number > 20} == {}


def _top(file: Path) -> str:
    """What a file says of itself: a module's docstring, the first comment of one in C."""
    text = file.read_text("utf-8")
    return text.split("*/")[0] if file.suffix in (".c", ".h") else ast.get_docstring(ast.parse(text)) or ""
