"""How a search matched: what both engines say of it."""

from typing import Literal, NamedTuple, TypeAlias

How: TypeAlias = Literal["everything", "all", "accents", "nearest", "any"]


class Matched(NamedTuple):
    """How a search matched: the loosest way that any of its words did.

    everything: there were no words; all: every word as typed; accents: every word in any accents; nearest: some of
    the articles do not have every word but score nearly as well as the best; any: any of the words, as was requested.
    missing: the words as typed that no article has, in whatever accents.
    """

    how: How
    missing: tuple[str, ...] = ()
    none: bool = False  # no article has every word


EVERYTHING = Matched("everything")
_LOOSENESS: tuple[How, ...] = ("everything", "all", "accents", "nearest", "any")


def looser(a: Matched, b: Matched) -> Matched:
    """What two parts of one query matched: the looser way of the two, and all that is missing."""
    return Matched(max(a.how, b.how, key=_LOOSENESS.index), (*a.missing, *b.missing), a.none or b.none)
