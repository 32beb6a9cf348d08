"""Two trees of the project side by side, built alike: the sources of a commit, and those of the checkout as they lie.

Both run with the libraries of this environment; a commit that needs others cannot be compared so.
"""

import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .child import ROOT

_NEEDED = ("src", "setup.py", "pyproject.toml", "README.md", "LICENSE")


def base_tree(commit: str, folder: Path) -> Path:
    """The sources of a commit, built.  Raises SystemExit where there is no such commit."""
    found = subprocess.run(
        ["git", "-C", str(ROOT), "archive", "--format=tar", commit, *_NEEDED], capture_output=True, check=False
    )
    if found.returncode:
        raise SystemExit(f"{commit} is no commit of this project: {found.stderr.decode().strip()}")
    with tarfile.open(fileobj=io.BytesIO(found.stdout)) as sources:
        sources.extractall(folder, filter="data")
    return _built(folder)


def this_tree(folder: Path) -> Path:
    """The sources as they lie in the checkout, committed or not, built."""
    ignored = shutil.ignore_patterns("__pycache__", "*.so", "*.pyd", "*.egg-info")
    for name in _NEEDED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=ignored)
        else:
            shutil.copy2(source, folder / name)
    return _built(folder)


def _built(folder: Path) -> Path:
    """Where the package lies, built and installed there as a user installs it.  Raises SystemExit."""
    site = folder / "site"
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    done = subprocess.run([*command, "--target", str(site), str(folder)], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"the tree in {folder} could not be built: {done.stderr.strip()[-500:]}")
    return folder


class Worker:
    """A fresh process that has one tree's vnsearch, and does what it is told (`worker`)."""

    def __init__(self, tree: Path) -> None:
        own = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tree / "site"), str(ROOT)])}
        own.pop("PYTHONHASHSEED", None)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.lib.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=own,
            cwd=tree,
        )
        where, self.kernels = self.ask("where")
        if not Path(where).is_relative_to(tree):
            raise SystemExit(f"the tree in {tree} was to be measured, but {where} was loaded")

    def ask(self, what: str, *values: object) -> Any:
        """What the worker answers.  Raises SystemExit where it ended."""
        if self._process.stdin is None or self._process.stdout is None:
            raise SystemExit("a worker was asked without pipes")
        self._process.stdin.write(json.dumps([what, *values]) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(f"a process that was to {what} ended; why stands above")
        return json.loads(line)

    def end(self) -> None:
        """Ends the process."""
        if self._process.stdin:
            self._process.stdin.close()
        self._process.wait()


@contextmanager
def pair(base: Path, this: Path) -> Iterator[tuple[Worker, Worker]]:
    """A fresh process of each."""
    workers = (Worker(base), Worker(this))
    try:
        yield workers
    finally:
        for worker in workers:
            worker.end()
