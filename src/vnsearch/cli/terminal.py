"""What is printed: lines in which nothing steers the terminal, paragraphs in its width, JSON."""

import json
import os
import re
import shutil
import sys
from collections.abc import Iterable
from contextlib import suppress
from typing import Any, TextIO

import click

from ..printable import json_text, printable, shortened

MOST_REASONS = 10  # refused records that are printed one by one


def told(e: BaseException) -> str:
    """What the system said, on one line."""
    if isinstance(e, OSError) and e.strerror:
        return shortened(printable(f"{e.filename}: {e.strerror}" if e.filename else e.strerror))
    names: dict[type, str] = {MemoryError: "too little memory", RecursionError: "nested too deep"}
    name = names.get(type(e), type(e).__name__)
    return shortened(printable(f"{name}: {e}" if str(e) else name))


def forget(stream: TextIO | None) -> None:
    """What cannot be written is not tried again when the interpreter ends."""
    with suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())  # type: ignore[union-attr]


def echo(text: str = "", *, err: bool = False, nl: bool = True) -> None:
    """Prints lines in which nothing steers the terminal."""
    click.echo(printable(text, lines=True), err=err, nl=nl)


def joined(facts: Iterable[str]) -> str:
    """The parts that are known, joined; where a line ends, the sign between two stays on it."""
    return "\u00a0· ".join(fact for fact in facts if fact)


_ESCAPE = re.compile(r"\x1b\[[0-9;]*m")


class Safe(str):
    """Text that has passed `printable`; it may have escape sequences, and these are ours."""

    __slots__ = ()


def _safe(text: str) -> Safe:
    return text if isinstance(text, Safe) else Safe(printable(text))


def styled(text: str, **style: Any) -> Safe:
    return Safe(click.style(_safe(text), **style))


def columns() -> int:
    """Columns of the terminal that are used, whatever it says of itself."""
    return min(max(shutil.get_terminal_size((100, 24)).columns, 20), 120)


def wrap(indent: str, text: str, further: int = 0) -> None:
    """Prints a paragraph in the terminal's width, all lines but the first set in further; escape sequences have no
    width; no line ends at a no-break space.
    """
    width, text = columns(), _safe(text)
    if not sys.stdout.isatty() or os.environ.get("NO_COLOR"):
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


def print_lines(indent: str, text: str) -> None:
    """Each line of a text as a paragraph that keeps how far it is set in."""
    for line in text.splitlines():
        inner = line.lstrip()
        wrap(indent + " " * (len(line) - len(inner)), inner, further=4)


def readable(text: str) -> str:
    """An argument whose bytes are no UTF-8 as readable text; Python hands it over as lone surrogates."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def print_json(value: Any) -> None:
    text = json_text(value)
    try:
        text.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except UnicodeEncodeError:
        text = json.dumps(value)
    click.echo(text)
