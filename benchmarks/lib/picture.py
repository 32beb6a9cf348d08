"""The figures of a run as one SVG: a panel a question, a bar an engine; no library is needed to draw it."""

from collections.abc import Mapping, Sequence
from html import escape
from math import log10
from typing import Any, NamedTuple

from .engines import OWN
from .summary import columns
from .tables import number

WIDTH, MARGIN, GAP = 1080, 32, 28
ROW, HEAD, FOOT = 22, 46, 20
LABEL = 104  # width of engines' names
OURS, OURS_LIGHT, THEIRS, THEIRS_LIGHT = "#c8391f", "#eaa796", "#6f8296", "#bcc8d3"
INK, FAINT = "#1d2733", "#66727e"


class Panel(NamedTuple):
    """`bars`: engine -> one or two values; the second is drawn light, behind or below the first."""

    title: str
    note: str
    bars: dict[str, Sequence[float]]
    is_less_better: bool
    is_log: bool = False


def panels(figures: Mapping[str, Any]) -> list[Panel]:
    """Those that the run has figures for, the headline first."""
    found = {column.name: column.values for column in columns(figures)}

    def pair(first: str, second: str) -> dict[str, Sequence[float]]:
        return {name: (value, found[second][name]) for name, value in found[first].items() if name in found[second]}

    def one(name: str) -> dict[str, Sequence[float]]:
        return {engine: (value,) for engine, value in found[name].items()}

    made = []
    if "new p50" in found:
        made.append(
            Panel(
                "A query nobody asked before",
                "ms: half of them, and 95 of 100 (light); log",
                pair("new p50", "new p95"),
                True,
                True,
            )
        )
    if "nDCG" in found:
        made.append(
            Panel(
                "The right article first",
                "nDCG@10: as written, and typed without marks (light)",
                pair("nDCG", "unmarked"),
                False,
            )
        )
    if "precision" in found:
        made.append(Panel("All that is returned", "precision, and recall (light)", pair("precision", "recall"), False))
    for name, title, note, is_less, is_log in (
        ("again p50", "The same query again", "ms, half of them; log", True, True),
        ("docs/s", "Indexing", "articles a second of processor time; log", False, True),
        ("size", "On disk", "bytes / bytes of text", True, False),
        ("MB", "In memory", "MB of a process that has searched; log", True, True),
        ("start", "First answer", "ms of a new process, imports included; log", True, True),
    ):
        if name in found:
            made.append(Panel(title, note, one(name), is_less, is_log))
    return made


def svg(figures: Mapping[str, Any], about: Mapping[str, Any]) -> str:
    """The picture."""
    made = panels(figures)
    across = 2
    width = (WIDTH - 2 * MARGIN - GAP * (across - 1)) / across
    corpus = figures["corpus"]
    title = f"vnsearch beside its peers: {corpus['number']:,} articles ({corpus['name']})"
    machine = f"{about['cpu']}, {about['cpus']} processors · Python {about['python']}"
    where = f"{machine} · {about['date'][:10]} · commit {about['commit']}"
    parts = [
        _text(MARGIN, 40, title, 20, weight="600"),
        _text(MARGIN, 62, where, 12, FAINT),
    ]
    y = 84.0
    for at in range(0, len(made), across):
        row = made[at : at + across]
        height = HEAD + ROW * max(len(panel.bars) for panel in row) + FOOT
        for number_, panel in enumerate(row):
            parts += _panel(panel, MARGIN + number_ * (width + GAP), y, width)
        y += height
    y += 8
    missing = ", ".join(figures["missing"])
    parts.append(_text(MARGIN, y, f"Not there: {missing}." if missing else "", 12, FAINT))
    style = "font-family:system-ui,'Segoe UI','Helvetica Neue',Arial,sans-serif"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y + 16:.0f}" width="{WIDTH}" '
        f'height="{y + 16:.0f}" role="img" style="{style}"><title>{escape(title)}</title>'
        f'<rect width="100%" height="100%" fill="#ffffff"/>{"".join(parts)}</svg>\n'
    )


def _panel(panel: Panel, x: float, y: float, width: float) -> list[str]:
    parts = [
        _text(x, y + 16, panel.title, 15, weight="600"),
        _text(x, y + 33, f"{panel.note}; {'less' if panel.is_less_better else 'more'} is better", 11.5, FAINT),
    ]
    values = [value for bar in panel.bars.values() for value in bar]
    room = width - LABEL - 92
    ranked = sorted(panel.bars.items(), key=lambda bar: bar[1][0], reverse=not panel.is_less_better)
    for at, (engine, bar) in enumerate(ranked):
        top = y + HEAD + at * ROW
        is_own = engine == OWN
        parts.append(_text(x, top + 12, engine, 12.5, INK, weight="600" if is_own else "400"))
        lengths = [max(room * _share(value, values, panel.is_log), 1.5) for value in bar]
        colours = (OURS, OURS_LIGHT) if is_own else (THEIRS, THEIRS_LIGHT)
        if len(bar) == 2 and panel.is_log:  # the second is the larger one: behind
            parts.append(_bar(x + LABEL, top + 3, lengths[1], 10, colours[1]))
            parts.append(_bar(x + LABEL, top + 3, lengths[0], 10, colours[0]))
        elif len(bar) == 2:
            parts.append(_bar(x + LABEL, top + 1.5, lengths[0], 7, colours[0]))
            parts.append(_bar(x + LABEL, top + 9.5, lengths[1], 5, colours[1]))
        else:
            parts.append(_bar(x + LABEL, top + 3, lengths[0], 10, colours[0]))
        shown = " / ".join(_shown(value, values) for value in bar)
        parts.append(_text(x + LABEL + max(lengths) + 6, top + 12, shown, 11.5, INK if is_own else FAINT))
    return parts


def _shown(value: float, among: Sequence[float]) -> str:
    return f"{value:.3f}" if max(among) <= 1 else number(value)


def _share(value: float, among: Sequence[float], is_log: bool) -> float:
    """Of the longest bar; on a log scale from half of the least."""
    if not is_log:
        return value / max(among)
    least = log10(max(min(among) / 2, 1e-6))
    return (log10(max(value, 1e-6)) - least) / (log10(max(among)) - least)


def _bar(x: float, y: float, width: float, height: float, colour: str) -> str:
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height}" rx="2" fill="{colour}"/>'


def _text(x: float, y: float, text: str, size: float, colour: str = INK, weight: str = "400") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" font-weight="{weight}" fill="{colour}">{escape(text)}</text>'
    )
