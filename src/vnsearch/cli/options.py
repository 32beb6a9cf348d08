"""Options that several commands share."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


FORMATS = ("auto", "jsonl", "json", "csv", "xml", "html", "mhtml", "text")


def example(command: str) -> str:
    """What stands below a command's options, as it can be typed."""
    return f"\b\nExample:\n  {command}"


def index_option(command: F) -> F:
    return click.option(
        "--index", "folder", metavar="DIR", envvar="VNSEARCH_INDEX", default="indexes/news", show_default=True,
        show_envvar=True, help="The index's folder, or its address on a cluster: opensearch://HOST:PORT/NAME.",
    )(command)  # fmt: skip


def json_option(command: F) -> F:
    return click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")(command)


def reading_options(command: F) -> F:
    for option in (
        click.option("--all", "all_", is_flag=True, help="Also what is no article: front pages, drafts, attachments."),
        click.option(
            "--field", "pairs", multiple=True, metavar="OURS=THEIRS", help="Which key of a record is which field."
        ),
        click.option(
            "--format", "format_", type=click.Choice(FORMATS), default="auto", show_default=True,
            help="Of all files, also those of a folder; by default by their names and first bytes.",
        ),
    ):  # fmt: skip
        command = option(command)
    return command


def check_writable(path: str) -> None:
    """Raises OSError now rather than when all is indexed; a file that is there stays as it is."""
    there = Path(path).exists()
    with Path(path).open("a"):
        pass
    if not there:
        Path(path).unlink()


def field_map(pairs: Iterable[str]) -> dict[str, str]:
    from ..ingest.dumps.fields import SYNONYMS

    fields = {}
    for pair in pairs:
        ours, found, theirs = pair.partition("=")
        if not found or ours not in SYNONYMS:
            raise click.BadParameter(
                f'"{pair}": expected FIELD=KEY, FIELD one of {", ".join(SYNONYMS)}', param_hint="--field"
            )
        fields[ours] = theirs
    return fields
