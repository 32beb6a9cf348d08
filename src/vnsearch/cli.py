"""The `vnsearch` command.

Exit codes: 0 found or done, 1 nothing found or some records refused, 2 wrong usage or a broken index.
Results go to standard output, everything else to standard error.
"""

import json
import os
import re
import shutil
import signal
import sys
import time
import warnings
from collections.abc import Callable, Iterable, Mapping
from contextlib import nullcontext, suppress
from datetime import datetime
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO, TypeVar

import click

from . import __version__
from .api import Hit, Index, Results
from .article import VIETNAM, Article
from .errors import IndexExistsError, IndexNotFoundError, QueryError, VnsearchError
from .printable import json_text, printable, shortened

if TYPE_CHECKING:
    from .api import Match
    from .evaluate import Answer, Evaluation, Judgements
    from .ingest.readers import Read, Report

F = TypeVar("F", bound=Callable[..., Any])

FORMATS = ("auto", "jsonl", "json", "csv", "xml", "html", "mhtml", "text")
_MOST_REASONS = 10  # refused records that are printed one by one


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
                if sys.stdout is not None:
                    sys.stdout.flush()
        except BrokenPipeError:
            _forget(sys.stdout)
            sys.exit(0)
        except (OSError, UnicodeError, MemoryError, RecursionError, RuntimeWarning) as e:
            _forget(sys.stdout)
            with suppress(OSError):  # where even that cannot be written
                _echo(f"vnsearch: {_told(e)}", err=True)
            sys.exit(2)
        finally:
            try:
                if sys.stderr is not None:
                    sys.stderr.flush()
            except OSError:
                _forget(sys.stderr)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except VnsearchError as e:
            _echo(f"vnsearch: {e}", err=True)
            if isinstance(e, QueryError) and e.column and e.query:
                _point_at(e.query, e.column)
            for note in getattr(e, "__notes__", ()):
                _echo(f"vnsearch: {printable(note)}", err=True)
            ctx.exit(2)
        except KeyboardInterrupt:
            _echo("\nvnsearch: stopped", err=True)
            ctx.exit(130)
        except BrokenPipeError:  # the reader of a pipe (head, less) went away: not our problem
            _forget(sys.stdout)
            ctx.exit(0)


def _mend_streams() -> None:
    """Those that are closed lead nowhere: else a file of the index would get their numbers, and their output."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest number that is free
    if sys.stdin is None:
        sys.stdin = open(os.devnull)  # noqa: SIM115, PTH123
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper) and stream.errors == "strict":
            with suppress(OSError):
                stream.reconfigure(errors="replace")  # of letters that a terminal's encoding lacks


def _told(e: BaseException) -> str:
    """What the system said, on one line."""
    if isinstance(e, OSError) and e.strerror:
        return shortened(printable(f"{e.filename}: {e.strerror}" if e.filename else e.strerror))
    names: dict[type, str] = {MemoryError: "too little memory", RecursionError: "nested too deep"}
    name = names.get(type(e), type(e).__name__)
    return shortened(printable(f"{name}: {e}" if str(e) else name))


def _forget(stream: TextIO | None) -> None:
    """What cannot be written is not tried again when the interpreter ends."""
    with suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())  # type: ignore[union-attr]


def _point_at(query: str, column: int, around: int = 60) -> None:
    """The part of a query where something is wrong, and a mark under it."""
    begin = max(column - 1 - around, 0)
    part = printable(query[begin : column + around])
    _echo(f"  {part}\n  {' ' * (column - 1 - begin)}^", err=True)


def _echo(text: str = "", *, err: bool = False, nl: bool = True) -> None:
    """Prints lines in which nothing steers the terminal."""
    click.echo(printable(text, lines=True), err=err, nl=nl)


def _index_option(command: F) -> F:
    return click.option(
        "--index", "folder", metavar="DIR", envvar="VNSEARCH_INDEX", default="indexes/news", show_default=True,
        show_envvar=True, help="The index's folder, or its address on a cluster: opensearch://HOST:PORT/NAME.",
    )(command)  # fmt: skip


def _json_option(command: F) -> F:
    return click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")(command)


def _reading_options(command: F) -> F:
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


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def main() -> None:
    """Full-text search over Vietnamese news, typed with or without diacritics."""


# -- index -------------------------------------------------------------------------------------------


@main.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@_index_option
@_reading_options
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
    from .ingest.readers import Report, read

    fields = _field_map(pairs)
    report, begun = Report(), time.perf_counter()
    if report_file:
        _check_writable(report_file)
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
        _echo(f"\nvnsearch: stopped; {left}", err=True)
        sys.exit(130)
    report.refused += writer.refused
    seconds = time.perf_counter() - begun
    _print_report(report, writer.added, writer.replaced, len(opened), folder, seconds)
    if report_file:
        found = _report_json(report, writer.added, writer.replaced, seconds)
        try:
            Path(report_file).write_text(found + "\n", encoding="utf-8")
        except OSError as e:
            _echo(f"vnsearch: all is indexed, but the report was not written: {_told(e)}", err=True)
            sys.exit(2)
    if report.refused:
        sys.exit(1)


def _check_writable(path: str) -> None:
    """Raises OSError now rather than when all is indexed; a file that is there stays as it is."""
    there = Path(path).exists()
    with Path(path).open("a"):
        pass
    if not there:
        Path(path).unlink()


def _stops() -> list[int]:
    """Gets the number of each SIGINT: what it raises is lost where it comes within a callback of the interpreter."""
    stopped: list[int] = []

    def stop(number: int, _: object) -> None:
        stopped.append(number)
        raise KeyboardInterrupt

    signal.signal(signal.SIGINT, stop)
    return stopped


def _field_map(pairs: Iterable[str]) -> dict[str, str]:
    from .ingest.dumps.fields import SYNONYMS

    fields = {}
    for pair in pairs:
        ours, found, theirs = pair.partition("=")
        if not found or ours not in SYNONYMS:
            raise click.BadParameter(
                f'"{pair}": expected FIELD=KEY, FIELD one of {", ".join(SYNONYMS)}', param_hint="--field"
            )
        fields[ours] = theirs
    return fields


def _progress(report: "Report", quiet: bool) -> Any:
    """A bar on standard error where it is a terminal: share of the bytes read, articles, articles a second."""
    if quiet or sys.stderr is None or not sys.stderr.isatty():
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


def _print_report(report: "Report", added: int, replaced: int, total: int, folder: str, seconds: float) -> None:
    rate = f", {report.read / seconds:,.0f} a second" if seconds > 0 else ""
    counts = f"{report.read:,} read, {added:,} new, {replaced:,} replaced, {report.refused.total:,} refused"
    counts += f", {report.skipped.total:,} files skipped" * bool(report.skipped)
    _echo(f"{counts} in {seconds:.1f} s{rate}")
    _echo(f"{report.dated:,} with a date, {report.placed:,} with a province, {report.classed:,} with a topic")
    _print_tallies(report)
    _echo(f"{folder} holds {total:,} articles")
    _print_problems(report)


def _print_tallies(report: "Report", most: int = 10) -> None:
    """A line for each format, and for each source."""
    sources = sorted(report.sources.items(), key=lambda item: -item[1].read)
    rows = [(name, tally, f"{tally.files:,} files") for name, tally in report.formats.items()]
    rows += [(name or "(no source)", tally, "") for name, tally in sources[:most]]
    width = max((len(name) for name, *_ in rows), default=0)
    for name, tally, files in rows:
        counts = [f"{tally.read:,} articles", f"{tally.dated:,} dated", f"{tally.placed:,} placed"]
        counts = [files, *counts] if files else counts
        counts += [f"{tally.refused:,} refused"] if tally.refused else []
        _echo(f"  {printable(name):<{width}}  {', '.join(counts)}")
    if len(sources) > most:
        _echo(f"  ... and {len(sources) - most:,} more sources")


def _print_problems(report: "Report") -> None:
    """What was refused, left out or not used, a line each, on standard error."""
    for word, errors in (
        ("refused", report.refused), ("skipped", report.skipped),
        ("left out", report.warned), ("repeated", report.repeated),
    ):  # fmt: skip
        for error in errors[:_MOST_REASONS]:
            _echo(f"  {word}: {error}", err=True)
        if errors.total > _MOST_REASONS:
            _echo(f"  ... and {errors.total - _MOST_REASONS:,} more; --report FILE lists them", err=True)
    if report.unused:
        _echo(
            f"  not used: {', '.join(f'{printable(key)} ({n:,})' for key, n in report.unused.most_common(20))}",
            err=True,
        )
    for key, field in [*report.looks_like.items()][:_MOST_REASONS]:
        what = "a date" if field == "published" else "a text"
        key = shortened(printable(key), 200)
        _echo(f"  {key} looks like {what}; --field {field}={key} would use it", err=True)


def _report_json(report: "Report", added: int, replaced: int, seconds: float) -> str:
    counts = {
        "read": report.read, "added": added, "replaced": replaced, "with_date": report.dated,
        "with_province": report.placed, "with_topic": report.classed, "seconds": round(seconds, 3),
    }  # fmt: skip
    return json_text(counts | _problems_json(report), indent=1)


def _problems_json(report: "Report") -> dict[str, Any]:
    from dataclasses import asdict

    def rows(errors: Iterable[Any]) -> list[dict[str, Any]]:
        return [{"path": e.path, "line": e.line, "reason": e.reason} for e in errors]

    kinds = {
        "refused": report.refused, "skipped": report.skipped, "left_out": report.warned, "repeated": report.repeated,
    }  # fmt: skip
    return {
        **{name: rows(errors) for name, errors in kinds.items()},
        "totals": {name: errors.total for name, errors in kinds.items()},
        "not_used": dict(report.unused.most_common()),
        "looks_like": report.looks_like,
        "formats": {name: asdict(tally) for name, tally in report.formats.items()},
        "sources": {name: asdict(tally) for name, tally in report.sources.items()},
    }


# -- read ----------------------------------------------------------------------------------------------


@main.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@_reading_options
@click.option("--limit", type=click.IntRange(1), help="So many articles at most.")
@_json_option
def read(
    paths: tuple[str, ...], format_: str, pairs: tuple[str, ...], all_: bool, limit: int | None, as_json: bool
) -> None:
    """Print the articles that files become, and where each value comes from; no index is needed."""
    from itertools import islice

    from .ingest.readers import Report, read_made

    report = Report()
    found = read_made(*paths, format=format_, fields=_field_map(pairs), all=all_, report=report)
    rows = []
    for one in islice(found, limit):
        if as_json:
            rows.append(_made_json(one))
        else:
            _print_made(one)
    if as_json:
        _print_json({"articles": rows, **_problems_json(report)})
    else:
        _print_problems(report)
    sys.exit(1 if report.refused or not report.read else 0)


def _made_json(one: "Read") -> dict[str, Any]:
    import msgspec

    return {
        "path": str(one.file), "line": one.line, **msgspec.to_builtins(one.made.article),
        "reasons": [reason._asdict() for reason in one.reasons()],
        "left_out": one.made.warnings, "not_used": one.made.unused,
    }  # fmt: skip


def _print_made(one: "Read") -> None:
    article = one.made.article
    place = f"{one.file}:{one.line}" if one.line else str(one.file)
    _echo()
    _wrap("", _styled(place, dim=True))
    _wrap("", _styled(article.title or "(no title)", bold=True))
    for reason in one.reasons():
        _wrap("", f"{reason.field}: {reason.value} - {reason.why}")
    _print_text(article)


# -- query -------------------------------------------------------------------------------------------


@main.command()
@click.argument("text", default="")
@_index_option
@click.option("--province", multiple=True, help="Name, old or new, with or without diacritics; may be repeated.")
@click.option("--topic", multiple=True, help="Slug or name; may be repeated.")
@click.option("--source", multiple=True, help="Domain, for example baolangson.vn; may be repeated.")
@click.option("--since", metavar="DATE", help='First day or minute: 7/2/2023, "2023-02-07 17:00", "tháng 2/2023" ...')
@click.option("--until", metavar="DATE", help="Last day or minute.")
@click.option("--sort", type=click.Choice(("relevance", "newest", "oldest")), default="relevance", show_default=True)
@click.option("--limit", type=click.IntRange(0), default=10, show_default=True)
@click.option("--offset", type=click.IntRange(0), default=0)
@click.option("--after", metavar="CURSOR", help="The page behind the one that told CURSOR (with --json, on stderr).")
@click.option("--collapse", type=click.Choice(("story",)), help="Of articles that tell the same, only the best.")
@click.option("--facets", is_flag=True, help="Count the matches by province, topic, source, year and month.")
@click.option("--score", is_flag=True, help="Print each article's score.")
@click.option(
    "--match", type=click.Choice(("auto", "all", "any", "phrase")), default="auto", show_default=True,
    help="Every word and, where few have, the nearest; every word; any of them; in this order side by side.",
)  # fmt: skip
@click.option("--in", "fields", multiple=True, help="Where the words stand: title, lead or body; may be repeated.")
@click.option("--as-typed", is_flag=True, help="Never search for another reading of the query.")
@click.option("--recency", is_flag=True, help="Rank newer articles a little higher.")
@click.option("--explain", is_flag=True, help="Print what the query was taken to mean, and why each article was found.")
@_json_option
def query(
    text: str, folder: str, province: tuple[str, ...], topic: tuple[str, ...], source: tuple[str, ...],
    since: str | None, until: str | None, sort: str, limit: int, offset: int, after: str | None, collapse: str | None,
    facets: bool, score: bool, match: str, fields: tuple[str, ...], as_typed: bool, recency: bool, explain: bool,
    as_json: bool,
) -> None:  # fmt: skip
    """Search: words, "phrases", +must, -not, AND OR NOT, prefix*, title:word, tỉnh:"Lạng Sơn", ngày:2/2023 ..."""
    from .query.syntax import NotAQueryError

    opened, text = Index.open(folder), _typed(text)
    options: dict[str, Any] = {
        "province": province or None, "topic": topic or None, "source": source or None, "since": since, "until": until,
        "sort": sort, "limit": limit, "offset": offset, "recency": recency, "match": match, "fields": fields or None,
        "facets": ("province", "topic", "source", "year", "month") if facets else (),
    }  # fmt: skip
    paged: dict[str, Any] = {"collapse": collapse, "after": after, "as_typed": as_typed}
    try:
        results = opened.search(text, **paged, **options)
    except NotAQueryError as e:
        _echo(f"vnsearch: searched as plain words, because {e}", err=True)
        options["literal"] = True
        results = opened.search(text, **paged, **options)
    if as_json:
        _print_json(_results_json(results, explain=explain))
    else:
        if explain:
            _print_lines("", opened.explain(text, **options))
        _print_results(results, offset, with_score=score, explain=explain, behind=after is not None)
    if more := _more(results, offset, by_cursor=as_json or after is not None):
        _echo(f"\nMore: {more}", err=True)
    sys.exit(0 if results.total else 1)


def _more(results: Results, offset: int, *, by_cursor: bool) -> str:
    """The option that asks for the page behind; a cursor is long, so only programs and who came by one are told."""
    if by_cursor:
        return f"--after {results.cursor}" if results.cursor else ""
    last = offset + len(results.hits)
    return f"--offset {last}" if results.hits and last < results.total else ""


def _results_json(results: Results, *, explain: bool = False) -> dict[str, Any]:
    return {
        "query": results.query,
        "searched_as": results.searched_as,
        "ranked_as": results.ranked_as,
        "total": results.total,
        "matched": results.matched,
        "missing": results.missing,
        "took_ms": round(results.took * 1000, 3),
        "suggestion": results.suggestion,
        "relaxed": [{"without": name, "total": total} for name, total in results.relaxed],
        "facets": results.facets,
        "hits": [_hit_json(hit) | ({"explanation": hit.explain()} if explain else {}) for hit in results.hits],
    }


def _hit_json(hit: Hit) -> dict[str, Any]:
    article = hit.article
    return {
        "id": hit.id,
        "title": article.title,
        "url": article.url,
        "source": article.source,
        "published": article.published.isoformat() if article.published else None,
        "provinces": article.provinces,
        "topics": article.topics,
        "score": round(hit.score, 6),
        "snippet": {"text": hit.snippet.text, "highlights": hit.snippet.highlights},
    }


_MATCHED = {
    "everything": "",
    "all": "with every word",
    "accents": "with every word in other accents; none has them as typed",
    "nearest": "that come nearest; few have every word",
    "any": "with any of the words",
}


def _print_results(results: Results, offset: int, *, with_score: bool, explain: bool, behind: bool) -> None:
    took = f"{results.took * 1000:.0f} ms"
    first, last = offset + 1, offset + len(results.hits)
    articles = f"{results.total:,} article{'s' * (results.total != 1)} {_MATCHED[results.matched]}".rstrip()
    if results.searched_as:
        _echo(f"Searched as: {results.searched_as} (--as-typed for what was typed)", err=True)
    elif results.ranked_as:
        _echo(f"Ranked as: {results.ranked_as} (--as-typed for what was typed)", err=True)
    if not results.total:
        _echo(f"Nothing found ({took}).", err=True)
    elif behind:
        _echo(f"{len(results.hits):,} more of {articles}, {took}", err=True)
    elif results.hits:
        _echo(f"{first}-{last} of {articles}, {took}", err=True)
    else:
        _echo(f"{articles}, {took}", err=True)
    if results.missing:
        _echo(f"No article has {', '.join(map(_quoted, results.missing))}.", err=True)
    for name, count in results.relaxed[:3]:
        what = f"--{name}" if name in ("province", "topic", "source", "since") else _quoted(name)
        _echo(f"Without {what} there {'is' if count == 1 else 'are'} {count:,}.", err=True)
    if results.suggestion:
        _echo(f"Did you mean: {results.suggestion}", err=True)
    for number, hit in enumerate(results.hits, first):
        _print_hit(number, hit, with_score=with_score)
        if explain:
            _print_lines("   ", hit.explain())
    for name, counts in results.facets.items():
        if counts:
            _print_facet(name, counts)


def _quoted(word: str) -> str:
    return f"“{word}”"


def _print_hit(number: int, hit: Hit, *, with_score: bool = False) -> None:
    article = hit.article
    title = _Safe(hit.title.ansi()) if article.title else _styled("(no title)", dim=True)
    facts = [
        _published(article),
        ", ".join(article.provinces),
        article.source,
        ", ".join(article.topics),
        f"id\u00a0{hit.id}",
    ]
    if with_score:
        facts.append(f"score {hit.score:.3f}")
    if hit.same_story:
        facts.append(f"also told by {', '.join(hit.same_story)}")
    _echo()
    _wrap(f"{number}. ", _styled(_Safe(title.replace("\x1b[0m", "\x1b[0;1m")), bold=True))  # bold behind a mark, too
    _wrap("   ", _styled(_joined(facts), dim=True))
    _wrap("   ", _Safe(" ".join(hit.snippet.ansi().split())))


def _joined(facts: Iterable[str]) -> str:
    """Those that are known; where a line ends, the sign between two stays on it."""
    return "\u00a0· ".join(fact for fact in facts if fact)


def _published(article: Article) -> str:
    """When it was published, with the time of day in Viet Nam where it is known."""
    published = article.published
    if isinstance(published, datetime):
        return f"{published.astimezone(VIETNAM):%d/%m/%Y %H:%M}"
    return f"{published:%d/%m/%Y}" if published else ""


_ESCAPE = re.compile(r"\x1b\[[0-9;]*m")


class _Safe(str):
    """Text that has passed `printable`; it may have escape sequences, and these are ours."""

    __slots__ = ()


def _safe(text: str) -> _Safe:
    return text if isinstance(text, _Safe) else _Safe(printable(text))


def _styled(text: str, **style: Any) -> _Safe:
    return _Safe(click.style(_safe(text), **style))


def _width() -> int:
    """Columns of the terminal that are used, whatever it says of itself."""
    return min(max(shutil.get_terminal_size((100, 24)).columns, 20), 120)


def _wrap(indent: str, text: str, further: int = 0) -> None:
    """Prints a paragraph in the terminal's width, all lines but the first set in further; escape sequences have no
    width; no line ends at a no-break space.
    """
    width, text = _width(), _safe(text)
    if sys.stdout is None or not sys.stdout.isatty() or os.environ.get("NO_COLOR"):
        text = _ESCAPE.sub("", text)
    lines: list[str] = []
    line, length = indent, len(indent)
    for word in text.split(" "):
        visible = len(_ESCAPE.sub("", word))
        if length + visible > width and line.strip():
            lines.append(line.rstrip())
            line, length = " " * (len(indent) + further), len(indent) + further
        line += word + " "
        length += visible + 1
    # the sequences were taken out above where nobody wants them
    click.echo("\n".join([*lines, line.rstrip()]).replace("\u00a0", " "), color=True)


def _print_lines(indent: str, text: str) -> None:
    """Each line of a text as a paragraph that keeps how far it is set in."""
    for line in text.splitlines():
        inner = line.lstrip()
        _wrap(indent + " " * (len(line) - len(inner)), inner, further=4)


def _print_facet(name: str, counts: Mapping[str, int], most: int = 10) -> None:
    """A bar for each value; on narrow terminals the names are cut, then the bars."""
    _echo(f"\n{name}")
    shown = list(counts.items())[:most]
    room = _width() - 12
    largest, width = max(counts.values(), default=1), min(max((len(v) for v, _ in shown), default=0), room - 4)
    for value, count in shown:
        bar = "█" * max(1, round(min(20, room - width) * count / largest))
        _echo(f"  {printable(value[:width]):<{width}} {count:>6,} {bar}")
    if len(counts) > most:
        _echo(f"  ... and {len(counts) - most} more")


def _typed(text: str) -> str:
    """An argument whose bytes are no UTF-8 as readable text; Python hands it over as lone surrogates."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _print_json(value: Any) -> None:
    text = json_text(value)
    try:
        text.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except UnicodeEncodeError:
        text = json.dumps(value)
    click.echo(text)


# -- evaluate ------------------------------------------------------------------------------------------


@main.command()
@click.argument("queries", type=click.Path(dir_okay=False))
@_index_option
@click.option("--qrels", type=click.Path(dir_okay=False), help="Answers in TREC's form; QUERIES are TREC topics then.")
@click.option(
    "--typed",
    "ways",
    multiple=True,
    type=click.Choice(("written", "without", "half")),
    default=("written",),
    help="As written, without diacritics, half of the words without; may be repeated.",
)
@click.option(
    "--measure",
    "measures",
    multiple=True,
    metavar="NAME",
    default=("nDCG@10", "RR@10", "R@100"),
    show_default=True,
    help="As ir_measures writes it; may be repeated. The first one says which queries do worst.",
)
@click.option("--match", type=click.Choice(("auto", "all", "any", "phrase")), default="auto", show_default=True)
@click.option("--literal", is_flag=True, help="Queries are plain words: quotes, signs and fields mean nothing.")
@click.option("--worst", type=click.IntRange(0), default=5, show_default=True, help="So many queries that do worst.")
@click.option("--run", "run_file", type=click.Path(dir_okay=False), help="Write what came as a TREC run.")
@_json_option
def evaluate(
    queries: str,
    folder: str,
    qrels: str | None,
    ways: tuple[str, ...],
    measures: tuple[str, ...],
    match: "Match",
    literal: bool,
    worst: int,
    run_file: str | None,
    as_json: bool,
) -> None:
    """Measure how well an index answers QUERIES, JSON lines such as {"query": "dân vận", "relevant": ["id", ...]}."""
    from .evaluate import evaluate as measured
    from .evaluate import read_lines, read_topics, run_lines

    if run_file and len(set(ways)) > 1:
        raise click.BadParameter("a run is of one way of typing; name one with --typed", param_hint="--run")
    judged = read_topics(queries, qrels) if qrels else read_lines(queries)
    if run_file:
        _check_writable(run_file)
    opened = Index.open(folder)
    found = measured(opened, judged.queries, measures=measures, ways=ways, match=match, literal=literal)
    if run_file:
        lines = "".join(f"{line}\n" for line in run_lines(found.answers[ways[0]]))
        Path(run_file).write_text(lines, encoding="utf-8")
    if as_json:
        _print_json(_evaluation_json(judged, found))
    else:
        _print_means(found)
        for way in found.means:
            _print_worst(opened, found, way, worst)
        _print_not_counted(judged, found)
    sys.exit(1 if found.unknown else 0)


def _evaluation_json(judged: "Judgements", found: "Evaluation") -> dict[str, Any]:
    return {
        "queries": len(judged.queries),
        "depth": found.depth,
        "means": found.means,
        "unknown": [{"query": query, "article": article} for query, article in found.unknown],
        "unanswered": judged.unanswered,
        "unasked": judged.unasked,
        "not_used": judged.unused,
        "answers": {way: [_answer_json(answer) for answer in answers] for way, answers in found.answers.items()},
    }


def _answer_json(answer: "Answer") -> dict[str, Any]:
    return {
        "id": answer.query.id,
        "query": answer.query.text,
        "typed": answer.typed,
        "searched_as": answer.searched_as,
        "relevant": answer.query.grades,
        "values": answer.values,
        "rank": answer.rank,
        "found": answer.ids,
    }


def _print_means(found: "Evaluation") -> None:
    """A row for each way of typing, a column for each measure."""
    names = list(next(iter(found.means.values())))
    count = len(next(iter(found.answers.values())))
    _echo(f"{count:,} quer{'y' if count == 1 else 'ies'}, the first {found.depth:,} articles of each")
    _echo(f"{'typed':<8}" + "".join(f"  {name:>8}" for name in names))
    for way, means in found.means.items():
        _echo(f"{way:<8}" + "".join(f"  {means[name]:>{max(len(name), 8)}.4f}" for name in names))


def _print_worst(opened: Index, found: "Evaluation", way: str, most: int) -> None:
    """What came first for the queries that do worst, and where the first right article stands."""
    name = next(iter(found.means[way]))
    answers = found.worst(way, most)
    if answers:
        _echo(f"\nWorst by {name}, typed {way}:" if way != "written" else f"\nWorst by {name}:")
    for answer in answers:
        _wrap("", f"{answer.values[name]:.4f} {answer.query.id}: {answer.typed}", further=7)
        if answer.searched_as:
            _wrap("       ", f"searched as: {answer.searched_as}")
        if not answer.ids:
            _wrap("       ", "nothing was found")
            continue
        first = opened.get(answer.ids[0])
        title = (first.title if first else "") or "(no title)"
        right = f"the first relevant one is number {answer.rank}" if answer.rank else "no relevant one"
        _wrap("       ", f"1. {title} (id\u00a0{answer.ids[0]}); {right} of {len(answer.ids):,} found")


def _print_not_counted(judged: "Judgements", found: "Evaluation") -> None:
    """What the measures do not say, a line each, on standard error."""
    notes = [
        ("relevant, but not in the index, so counted as not found", [f"{id} ({query})" for query, id in found.unknown]),
        ("queries without a relevant article, not counted", judged.unanswered),
        ("queries of the qrels that are not among the topics, not counted", judged.unasked),
        ("keys not used", [f"{key} ({count:,})" for key, count in (judged.unused or {}).items()]),
    ]
    for what, names in notes:
        if names:
            more = f" ... and {len(names) - _MOST_REASONS:,} more; --json lists them" * (len(names) > _MOST_REASONS)
            _echo(f"vnsearch: {what}: {', '.join(map(printable, names[:_MOST_REASONS]))}{more}", err=True)


# -- one article ---------------------------------------------------------------------------------------


@main.command()
@click.argument("id")
@_index_option
@click.option("--why", is_flag=True, help="Tell where date, source, provinces and topics come from.")
@_json_option
def show(id: str, folder: str, why: bool, as_json: bool) -> None:
    """Print one article."""
    article = Index.open(folder).get(_typed(id))
    if article is None:
        _echo(f'vnsearch: no article has the id "{id}"', err=True)
        sys.exit(1)
    if why:
        _print_reasons(article, as_json)
        return
    if as_json:
        import msgspec

        _print_json(msgspec.to_builtins(article))
        return
    _wrap("", _styled(article.title or "(no title)", bold=True))
    about = (", ".join(article.provinces), article.source, ", ".join(article.topics), article.author)
    _wrap("", _styled(_joined((_published(article), *about)), dim=True))
    if article.url:
        _echo(article.url)
    _print_text(article)


def _print_text(article: Article) -> None:
    for paragraph in (article.lead, *article.body.split("\n")):
        if paragraph.strip():
            _echo()
            _wrap("", paragraph)


def _print_reasons(article: Article, as_json: bool) -> None:
    from .ingest.record import explain

    reasons = explain(article)
    if as_json:
        _print_json({"id": article.id, "reasons": [reason._asdict() for reason in reasons]})
        return
    for reason in reasons:
        _wrap("", f"{reason.field}: {reason.value} - {reason.why}")


@main.command()
@click.argument("id")
@_index_option
@click.option("--limit", type=click.IntRange(1), default=5, show_default=True)
@_json_option
def similar(id: str, folder: str, limit: int, as_json: bool) -> None:
    """Articles with the same distinguishing words."""
    try:
        hits = Index.open(folder).similar(_typed(id), limit=limit)
    except KeyError:
        _echo(f'vnsearch: no article has the id "{id}"', err=True)
        sys.exit(1)
    if as_json:
        _print_json({"id": id, "hits": [_hit_json(hit) for hit in hits]})
    else:
        for number, hit in enumerate(hits, 1):
            _print_hit(number, hit)
    sys.exit(0 if hits else 1)


@main.command()
@click.argument("prefix")
@_index_option
@click.option("--limit", type=click.IntRange(1), default=10, show_default=True)
@_json_option
def complete(prefix: str, folder: str, limit: int, as_json: bool) -> None:
    """Words of the index that begin so."""
    words = Index.open(folder).complete(_typed(prefix), limit=limit)
    if as_json:
        _print_json({"prefix": prefix, "words": words})
    else:
        _echo("".join(f"{printable(word)}\n" for word in words), nl=False)
    sys.exit(0 if words else 1)


# -- care ----------------------------------------------------------------------------------------------


@main.command()
@_index_option
@_json_option
def stats(folder: str, as_json: bool) -> None:
    """Counts and sizes of an index."""
    found = Index.open(folder).stats()
    if as_json:
        _print_json(found)
    else:
        for name, value in found.items():
            _echo(f"{name.replace('_', ' '):<14} {f'{value:,}' if isinstance(value, int) else value or '-'}")


@main.command()
@_index_option
def verify(folder: str) -> None:
    """Read everything in an index and say what is wrong."""
    from .index.verify import verify as read_all

    # not of an opened index: a broken one does not open
    found = Index.open(folder).verify() if "://" in folder else read_all(Path(folder))
    for problem in found.problems:
        _echo(printable(f"vnsearch: {folder}: {problem}"), err=True)
    for check in found.checks:
        _echo(f"{check.what:<18} {check.amount:<46} {check.seconds:6.2f} s")
    _echo(
        f"{found.articles:,} articles, {found.terms:,} terms, {found.files} files, {found.bytes:,} bytes read "
        f"in {found.seconds:.1f} s: {'broken' if found.problems else 'whole'}"
    )
    sys.exit(2 if found.problems else 0)


@main.command()
@_index_option
def optimize(folder: str) -> None:
    """Merge an index into one segment."""
    opened = Index.open(folder)
    before = opened.stats()
    opened.optimize()
    after = opened.stats()
    _echo(f"{before['segments']} -> {after['segments']} segments, {before['bytes']:,} -> {after['bytes']:,} bytes")


@main.command()
@click.argument("target", metavar="DIR")
@_index_option
@click.option("--fallback", is_flag=True, help="Where the newest commit is broken, the one before.")
def backup(target: str, folder: str, fallback: bool) -> None:
    """Copy an index to a new folder, and check every byte; so a backup is restored, too."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it is said below
        opened = Index.open(folder, fallback=fallback)
    if opened.problem:
        _echo(f"vnsearch: {opened.problem}", err=True)
    opened.backup(target)
    _echo(f"{folder} -> {target}")


if __name__ == "__main__":
    main()
