"""How a process of Python is started that runs a module of this package, and nothing of the folder it is started in."""

import re
import sys
from pathlib import Path

from .errors import VnsearchError

_PYTHON = re.compile(r"(python|pypy|graalpy)[-\w.]*")


def command(module: str) -> list[str]:
    """The command that runs a module.  Raises VnsearchError where this program is no interpreter of Python.

    -P: with -m alone, a file of the working folder would be imported in the place of a library of the same name.
    """
    if getattr(sys, "frozen", False) or not _PYTHON.fullmatch(Path(sys.executable or "").name.lower()):
        problem = f"worker processes need an interpreter of Python, sys.executable is {sys.executable!r}"
        raise VnsearchError(f"{problem}; use workers=1")
    return [sys.executable, "-P", "-m", module]
