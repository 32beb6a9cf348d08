"""`vnsearch stats`, `verify`, `optimize`, `backup`."""

import sys
import warnings
from pathlib import Path

import click

from ..api import Index
from ..printable import printable
from .group import main
from .options import example, index_option, json_option
from .terminal import echo, print_json

# -- care ----------------------------------------------------------------------------------------------


@main.command(epilog=example("vnsearch stats --index indexes/news"))
@index_option
@json_option
def stats(folder: str, as_json: bool) -> None:
    """Counts and sizes of an index."""
    found = Index.open(folder).stats()
    if as_json:
        print_json(found)
    else:
        for name, value in found.items():
            echo(f"{name.replace('_', ' '):<14} {f'{value:,}' if isinstance(value, int) else value or '-'}")


@main.command(epilog=example("vnsearch verify --index indexes/news"))
@index_option
def verify(folder: str) -> None:
    """Read everything in an index and say what is wrong."""
    from ..index.verify import verify as read_all

    # not of an opened index: a broken one does not open
    found = Index.open(folder).verify() if "://" in folder else read_all(Path(folder))
    for problem in found.problems:
        echo(printable(f"vnsearch: {folder}: {problem}"), err=True)
    for check in found.checks:
        echo(f"{check.what:<18} {check.amount:<46} {check.seconds:6.2f} s")
    echo(
        f"{found.articles:,} articles, {found.terms:,} terms, {found.files} files, {found.bytes:,} bytes read "
        f"in {found.seconds:.1f} s: {'broken' if found.problems else 'whole'}"
    )
    sys.exit(2 if found.problems else 0)


@main.command(epilog=example("vnsearch optimize --index indexes/news"))
@index_option
def optimize(folder: str) -> None:
    """Merge an index into one segment."""
    opened = Index.open(folder)
    before = opened.stats()
    opened.optimize()
    after = opened.stats()
    echo(f"{before['segments']} -> {after['segments']} segments, {before['bytes']:,} -> {after['bytes']:,} bytes")


@main.command(epilog=example("vnsearch backup indexes/saved --index indexes/news"))
@click.argument("target", metavar="DIR")
@index_option
@click.option("--fallback", is_flag=True, help="Where the newest commit is broken, the one before.")
def backup(target: str, folder: str, fallback: bool) -> None:
    """Copy an index to a new folder, and check every byte; so a backup is restored, too."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it is said below
        opened = Index.open(folder, fallback=fallback)
    if opened.problem:
        echo(f"vnsearch: {opened.problem}", err=True)
    opened.backup(target)
    echo(f"{folder} -> {target}")
