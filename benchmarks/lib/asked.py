"""One query, as vnsearch takes it and as a user of another engine would ask it; and what came back."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Literal, NamedTuple

import msgspec

from .analysis import folded, is_unmarked, words

TOP = 10
NEVER = date(1, 1, 1)
Kind = Literal["any", "all", "phrase"]


class Query(msgspec.Struct, frozen=True):
    """`text` in vnsearch's language; `words` the same without operators, for the peers, who join them by `kind`."""

    text: str
    words: str
    kind: Kind = "any"
    since: date | None = None
    until: date | None = None
    topic: str | None = None
    newest: bool = False
    literal: bool = False  # whether operators in `text` are plain words

    @property
    def unmarked(self) -> bool:
        """Whether the peers are asked in the copy without marks."""
        return is_unmarked(self.words)

    def terms(self) -> list[str]:
        """Its words as a peer's index has them; each once, but in phrases."""
        found = words(folded(self.words) if self.unmarked else self.words)
        return found if self.kind == "phrase" else list(dict.fromkeys(found))

    def arguments(self) -> dict[str, Any]:
        """What `Index.search` takes."""
        asked: dict[str, Any] = {"text": self.text, "topic": self.topic, "since": self.since, "until": self.until}
        if self.newest:
            asked["sort"] = "newest"
        if self.literal:
            asked["literal"] = True
        return {name: value for name, value in asked.items() if value is not None}


def plain(text: str, kind: Kind = "any") -> Query:
    """What somebody typed into a search box, whatever is in it."""
    return Query(text, text, kind, literal=True)


class Found(NamedTuple):
    """What a search gave: how many match, where the engine counts; its hits in a form of its own."""

    total: int | None
    hits: Sequence[Any]
