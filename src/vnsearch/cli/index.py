"""Files: `vnsearch index` and `vnsearch read`."""

import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..api import Index
from ..errors import IndexExistsError, IndexNotFoundError
from .group import main
from .options import check_writable, example, field_map, index_option, json_option, reading_options
from .reports import made_json, print_made, print_problems, print_report, problems_json, report_json
from .terminal import echo, print_json, told

if TYPE_CHECKING:
    from ..ingest.readers import Report


# -- index -------------------------------------------------------------------------------------------


@main.command(epilog=example("vnsearch index examples/pages examples/articles.jsonl --index indexes/news"))
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@index_option
@reading_options
@click.option("--strict", is_flag=True, help="Stop at the first bad record; index nothing.")
@click.option("--report", "report_file", type=click.Path(dir_okay=False), help="Write what happened as JSON.")
@click.option("--workers", type=click.IntRange(1), default=os.cpu_count(), help="Processes; by default one a core.")
@click.option("--memory-mb", type=click.IntRange(1), help="What all processes may take together, about.")
@click.option("--rebuild", is_flag=True, help="Leave only what is read now; on a cluster, in an index of its own.")
@click.option("--shards", type=click.IntRange(1), help="Of an index that is made on a cluster.")
@click.option("--replicas", type=click.IntRange(0), help="Of an index that is made on a cluster.")
@click.option("--quiet", is_flag=True, help="No progress bar.")
def index(
    paths: tuple[str, ...], folder: str, format_: str, pairs: tuple[str, ...], all_: bool, strict: bool,
    report_file: str | None, workers: int, memory_mb: int | None, rebuild: bool, shards: int | None,
    replicas: int | None, quiet: bool,
) -> None:  # fmt: skip
    """Add files, folders of files, or standard input ("-") to an index; it is made where there is none."""
    from ..ingest.readers import Report, read

    fields = field_map(pairs)
    report, begun = Report(), time.perf_counter()
    if report_file:
        check_writable(report_file)
    articles = read(*paths, format=format_, fields=fields, strict=strict, all=all_, report=report)
    stopped = _stops()
    try:
        try:
            opened = Index.open(folder, any_version=rebuild and "://" in folder)
        except IndexNotFoundError:
            try:
                opened = Index.create(folder, shards=shards, replicas=replicas)
            except IndexExistsError as e:
                try:
                    opened = Index.open(folder)  # another process has just made it
                except IndexNotFoundError:
                    raise e from None
        try:
            writing = opened.writer(timeout=10.0, workers=workers, memory_mb=memory_mb, rebuild=rebuild)
        except ValueError as e:
            raise click.BadParameter(str(e), param_hint="--memory-mb") from None
        with writing as writer, _progress(report, quiet) as advance:
            for article in articles:
                writer.add(article)
                advance()
                if stopped:
                    raise KeyboardInterrupt
            if stopped:
                raise KeyboardInterrupt
    except KeyboardInterrupt:
        left = (
            "articles that were sent before may stay"
            if "://" in folder and not rebuild
            else "the index is as it was before"
        )
        echo(f"\nvnsearch: stopped; {left}", err=True)
        sys.exit(130)
    report.refused += writer.refused
    seconds = time.perf_counter() - begun
    print_report(report, writer.added, writer.replaced, len(opened), folder, seconds)
    if report_file:
        found = report_json(report, writer.added, writer.replaced, seconds)
        try:
            Path(report_file).write_text(found + "\n", encoding="utf-8")
        except OSError as e:
            echo(f"vnsearch: all is indexed, but the report was not written: {told(e)}", err=True)
            sys.exit(2)
    if report.refused:
        sys.exit(1)


def _stops() -> list[int]:
    """Gets the number of each SIGINT: what it raises is lost where it comes within a callback of the interpreter."""
    stopped: list[int] = []

    def stop(number: int, _: object) -> None:
        stopped.append(number)
        raise KeyboardInterrupt

    signal.signal(signal.SIGINT, stop)
    return stopped


def _progress(report: "Report", quiet: bool) -> Any:
    """A bar on standard error where it is a terminal: share of the bytes read, articles, articles a second."""
    if quiet or not sys.stderr.isatty():
        return nullcontext(lambda: None)
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    class Bar(Progress):
        def __enter__(self) -> Callable[[], None]:  # type: ignore[override]
            super().__enter__()
            task, begun = self.add_task("", total=None), time.perf_counter()

            def advance() -> None:
                text = f"{report.read:,} articles, {report.read / (time.perf_counter() - begun):,.0f}/s"
                self.update(task, description=text, completed=report.bytes_read, total=report.bytes_total or None)

            return advance

    return Bar(
        TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn(),
        console=Console(stderr=True), refresh_per_second=5,
    )  # fmt: skip


# -- read ----------------------------------------------------------------------------------------------


@main.command(epilog=example("vnsearch read examples/html --limit 2"))
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@reading_options
@click.option("--limit", type=click.IntRange(1), help="So many articles at most.")
@json_option
def read(
    paths: tuple[str, ...], format_: str, pairs: tuple[str, ...], all_: bool, limit: int | None, as_json: bool
) -> None:
    """Print the articles that files become, and where each value comes from; no index is needed."""
    from itertools import islice

    from ..ingest.readers import Report, read_made

    report = Report()
    found = read_made(*paths, format=format_, fields=field_map(pairs), all=all_, report=report)
    rows = []
    for one in islice(found, limit):
        if as_json:
            rows.append(made_json(one))
        else:
            print_made(one)
    if as_json:
        print_json({"articles": rows, **problems_json(report)})
    else:
        print_problems(report)
    sys.exit(1 if report.refused or not report.read else 0)
