"""The catalogue of corpora (catalogue.toml), as records."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

CATALOGUE = Path(__file__).with_name("catalogue.toml")


class Source(NamedTuple):
    """A file of a public repository at a commit."""

    repository: str
    commit: str
    file: str

    @property
    def path(self) -> str:
        """Under a mirror, and in the folder of what was fetched."""
        return f"{self.repository}/{self.commit}/{self.file}"


class Known(NamedTuple):
    """A corpus that can be fetched; `becomes`: file -> SHA-256."""

    name: str
    title: str
    sources: tuple[Source, ...]
    megabytes: int
    licence: str
    may: str
    converter: str
    becomes: dict[str, str]
    is_proven: bool
    note: str


class Missing(NamedTuple):
    """A corpus of which no public repository was found."""

    name: str
    file: str
    why: str


def load(path: Path = CATALOGUE) -> tuple[dict[str, Known], dict[str, Missing]]:
    """(what can be fetched, what cannot), by name."""
    entries = tomllib.loads(path.read_text("utf-8"))
    missing = {name: Missing(name, **entry) for name, entry in entries.pop("missing", {}).items()}
    return {name: _known(name, entry) for name, entry in entries.items()}, missing


def _known(name: str, entry: dict[str, Any]) -> Known:
    sources = tuple(_sources(entry)) + tuple(_sources(entry["more"]) if "more" in entry else ())
    return Known(
        name,
        entry["title"],
        sources,
        entry["megabytes"],
        entry["licence"],
        entry["may"],
        entry.get("converter", ""),
        entry["becomes"],
        entry["is_proven"],
        entry.get("note", ""),
    )


def _sources(entry: dict[str, Any]) -> Iterator[Source]:
    return (Source(entry["repository"], entry["commit"], file) for file in entry["files"])
