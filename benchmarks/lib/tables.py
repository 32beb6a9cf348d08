"""Tables as text: aligned, and at the same time Markdown."""

import math
from collections.abc import Sequence

Row = Sequence[str]


def table(header: Row, rows: Sequence[Row]) -> str:
    """A Markdown table, aligned; all but the first column to the right."""
    widths = [max(len(row[at]) for row in [header, *rows]) for at in range(len(header))]

    def line(cells: Row) -> str:
        rest = (cell.rjust(width) for cell, width in zip(cells[1:], widths[1:], strict=True))
        return f"| {' | '.join([cells[0].ljust(widths[0]), *rest])} |"

    rule = "|".join(["", "-" * (widths[0] + 2), *("-" * (width + 1) + ":" for width in widths[1:]), ""])
    return "\n".join([line(header), rule, *map(line, rows)])


def number(value: float | None, digits: int = 3) -> str:
    """With so many digits that count, never as a power of ten; a dash where nothing was measured."""
    if value is None or not math.isfinite(value):
        return "-"
    places = digits - 1 - math.floor(math.log10(abs(value))) if value else 0
    return f"{value:,.{max(places, 0)}f}"


def size(count: float | None) -> str:
    """Bytes as MB."""
    return "-" if count is None else f"{number(count / 1e6)} MB"
