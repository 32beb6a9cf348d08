"""Where sites and systems keep the parts of an article: data/containers.tsv, a line a site or system.

A file of one's own, in the form of that one, is named by $VNSEARCH_CONTAINERS; its lines come first.
"""

import os
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

from ...errors import ReadError
from .markup import check_selector

FIELDS = ("title", "lead", "date", "author", "body", "drop")


class Container(NamedTuple):
    """What a site's or system's pages have where; each part is a selector, "" where it has none of its own."""

    name: str
    hosts: frozenset[str]  # without "www."; empty: a system that many sites use
    title: str
    lead: str
    date: str
    author: str
    body: str
    drop: str

    def is_of(self, host: str) -> bool:
        return any(host == known or host.endswith("." + known) for known in self.hosts)


def containers() -> tuple[Container, ...]:
    """The lines of the user's file, then of the built-in one."""
    named = os.environ.get("VNSEARCH_CONTAINERS", "")
    return (_read(named) if named else ()) + _read("")


@cache
def _read(path: str) -> tuple[Container, ...]:
    source = Path(path) if path else files(__package__) / "data" / "containers.tsv"
    try:
        lines = source.read_text("utf-8").splitlines()
    except (OSError, UnicodeError) as e:
        raise ReadError(path, None, f"$VNSEARCH_CONTAINERS cannot be read: {e}") from None
    found = []
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        cells = [cell.strip() for cell in line.split("\t")]
        if len(cells) != 2 + len(FIELDS):
            raise ReadError(
                str(source),
                number,
                f"expected {2 + len(FIELDS)} columns (name, hosts, {', '.join(FIELDS)}), got {len(cells)}",
            )
        for selector in cells[2:]:
            try:
                check_selector(selector)
            except ValueError as e:
                raise ReadError(str(source), number, str(e)) from None
        name, hosts, *parts = cells
        found.append(Container(name, frozenset(hosts.lower().replace(",", " ").split()), *parts))
    return tuple(found)
