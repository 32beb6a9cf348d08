"""What reading files came to, as text and as JSON."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ..printable import json_text, printable, shortened
from .hits import print_text
from .terminal import MOST_REASONS, echo, styled, wrap

if TYPE_CHECKING:
    from ..ingest.readers import Read, Report


def print_report(report: "Report", added: int, replaced: int, total: int, folder: str, seconds: float) -> None:
    rate = f", {report.read / seconds:,.0f} a second" if seconds > 0 else ""
    counts = f"{report.read:,} read, {added:,} new, {replaced:,} replaced, {report.refused.total:,} refused"
    counts += f", {report.skipped.total:,} files skipped" * bool(report.skipped)
    echo(f"{counts} in {seconds:.1f} s{rate}")
    with_province, with_topic = f"{report.with_province:,} with a province", f"{report.with_topic:,} with a topic"
    echo(f"{report.with_date:,} with a date, {with_province}, {with_topic}")
    _print_tallies(report)
    echo(f"{folder} holds {total:,} article{'s' * (total != 1)}")
    print_problems(report)


def _print_tallies(report: "Report", most: int = 10) -> None:
    """A line for each format, and for each source."""
    sources = sorted(report.sources.items(), key=lambda item: -item[1].read)
    rows = [(name, tally, f"{tally.files:,} file{'s' * (tally.files != 1)}") for name, tally in report.formats.items()]
    rows += [(name or "(no source)", tally, "") for name, tally in sources[:most]]
    width = max((len(name) for name, *_ in rows), default=0)
    for name, tally, files in rows:
        read = f"{tally.read:,} article{'s' * (tally.read != 1)}"
        counts = [
            *([files] if files else []),
            read,
            f"{tally.with_date:,} with a date",
            f"{tally.with_province:,} with a province",
        ]
        counts += [f"{tally.refused:,} refused"] if tally.refused else []
        echo(f"  {printable(name):<{width}}  {', '.join(counts)}")
    if len(sources) > most:
        echo(f"  ... and {len(sources) - most:,} more sources")


def print_problems(report: "Report") -> None:
    """What was refused, left out or not used, a line each, on standard error."""
    for word, errors in (
        ("refused", report.refused), ("skipped", report.skipped),
        ("left out", report.warned), ("repeated", report.repeated),
    ):  # fmt: skip
        for error in errors[:MOST_REASONS]:
            echo(f"  {word}: {error}", err=True)
        if errors.total > MOST_REASONS:
            echo(f"  ... and {errors.total - MOST_REASONS:,} more; --report FILE lists them", err=True)
    if report.unused:
        echo(
            f"  not used: {', '.join(f'{printable(key)} ({n:,})' for key, n in report.unused.most_common(20))}",
            err=True,
        )
    for key, field in [*report.looks_like.items()][:MOST_REASONS]:
        what = "a date" if field == "published" else "a text"
        key = shortened(printable(key), 200)
        echo(f"  {key} looks like {what}; --field {field}={key} would use it", err=True)


def report_json(report: "Report", added: int, replaced: int, seconds: float) -> str:
    counts = {
        "read": report.read, "added": added, "replaced": replaced, "with_date": report.with_date,
        "with_province": report.with_province, "with_topic": report.with_topic, "seconds": round(seconds, 3),
    }  # fmt: skip
    return json_text(counts | problems_json(report), indent=1)


def problems_json(report: "Report") -> dict[str, Any]:
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


def made_json(one: "Read") -> dict[str, Any]:
    import msgspec

    return {
        "path": str(one.file), "line": one.line, **msgspec.to_builtins(one.made.article),
        "reasons": [reason._asdict() for reason in one.reasons()],
        "left_out": one.made.warnings, "not_used": one.made.unused,
    }  # fmt: skip


def print_made(one: "Read") -> None:
    article = one.made.article
    place = f"{one.file}:{one.line}" if one.line else str(one.file)
    echo()
    wrap("", styled(place, dim=True))
    wrap("", styled(article.title or "(no title)", bold=True))
    for reason in one.reasons():
        wrap("", f"{reason.field}: {reason.value} - {reason.why}")
    print_text(article)
