"""The command `vnsearch` itself: streams, errors, exit codes; `main` gets its commands in the other modules."""

import os
import sys
from contextlib import suppress
from io import TextIOWrapper
from typing import Any

import click

from .. import __version__
from ..errors import QueryError, VnsearchError
from ..printable import printable
from .terminal import echo, forget, told


class _Group(click.Group):
    """Turns errors into one line and exit code 2, whatever a file, a folder, a terminal or the environment does; a
    traceback is a bug.
    """

    def main(self, *args: Any, **kwargs: Any) -> Any:
        _mend_streams()
        try:
            try:
                return super().main(*args, **kwargs)
            finally:
                sys.stdout.flush()
        except BrokenPipeError:
            forget(sys.stdout)
            sys.exit(0)
        except (OSError, UnicodeError, MemoryError, RecursionError, RuntimeWarning) as e:
            forget(sys.stdout)
            with suppress(OSError):  # where even that cannot be written
                echo(f"vnsearch: {told(e)}", err=True)
            sys.exit(2)
        finally:
            try:
                sys.stderr.flush()
            except OSError:
                forget(sys.stderr)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except VnsearchError as e:
            echo(f"vnsearch: {e}", err=True)
            if isinstance(e, QueryError) and e.column and e.query:
                _point_at(e.query, e.column)
            for note in getattr(e, "__notes__", ()):
                echo(f"vnsearch: {printable(note)}", err=True)
            ctx.exit(2)
        except KeyboardInterrupt:
            echo("\nvnsearch: stopped", err=True)
            ctx.exit(130)
        except BrokenPipeError:  # the reader of a pipe (head, less) went away: not our problem
            forget(sys.stdout)
            ctx.exit(0)


def _mend_streams() -> None:
    """Closed streams are made to lead nowhere: else a file of the index would get their numbers, and their output."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest number that is free
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:  # which older versions of click do not bear
            setattr(sys, name, open(os.devnull, mode))  # noqa: SIM115, PTH123
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper) and stream.errors == "strict":
            with suppress(OSError):
                stream.reconfigure(errors="replace")  # of letters that a terminal's encoding lacks


def _point_at(query: str, column: int, around: int = 60) -> None:
    """The part of a query where something is wrong, and a mark under it."""
    begin = max(column - 1 - around, 0)
    part = printable(query[begin : column + around])
    echo(f"  {part}\n  {' ' * (column - 1 - begin)}^", err=True)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def main() -> None:
    """Full-text search over Vietnamese news, typed with or without diacritics."""
