"""Articles in files of JSON lines, as the benchmarks keep them between their processes."""

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import msgspec

from vnsearch import Article


def dump(article: Article) -> bytes:
    """One line of JSON."""
    return msgspec.json.encode(article)


def load(line: bytes) -> Article:
    """What `dump` wrote."""
    values = msgspec.json.decode(line)
    if text := values.get("published"):
        values["published"] = date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)
    return Article(**values)


def load_all(path: Path | str) -> Iterator[Article]:
    """Those of a file."""
    with Path(path).open("rb") as lines:
        yield from map(load, lines)
