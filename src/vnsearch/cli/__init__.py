"""The `vnsearch` command.

Exit codes: 0 found or done, 1 nothing found or some records refused, 2 wrong usage or a broken index.
Results go to standard output, everything else to standard error.
"""

from . import care, evaluate, index, search  # each gives `main` its commands
from .group import main

__all__ = ["care", "evaluate", "index", "main", "search"]
