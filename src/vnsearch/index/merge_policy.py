"""Which segments of an index are merged with a commit."""

from pathlib import Path

from ..arrays import Array
from . import folder
from .folder import Part
from .segment_reader import Segment

_TIER = 8  # that many segments of about a size become one
SMALL = 120  # documents that are copied with every commit, rather than searched as many small segments


class Piece:
    """A segment that a commit keeps or merges."""

    def __init__(self, name: str, segment: Segment, gone: Array, deletions: str, changed: bool) -> None:
        self.name, self.segment, self.gone, self.deletions, self.changed = name, segment, gone, deletions, changed

    @property
    def is_emptied(self) -> bool:
        """Most of it is deleted."""
        return 2 * int(self.gone.sum()) > len(self.gone)

    def part(self, path: Path) -> Part:
        """The segment's entry in the manifest; its deletions are written where they changed."""
        if not self.changed:
            return Part(self.name, len(self.gone), self.deletions)
        file = f"{self.name}.{folder.new_name()}.del"
        folder.write_deletions(path, file, self.gone)
        return Part(self.name, len(self.gone), file)


def improvable(parts: list[Piece]) -> bool:
    return len(parts) > 1 or any(part.gone.any() or not part.segment.has_minutes for part in parts)


def first_to_merge(parts: list[Piece], new: int) -> int:
    """From which segment on all are merged with what is new: a logarithmic policy.

    Segments stand in order of age, large ones first.  What is new joins the last ones while they are few
    documents together.  When the last _TIER - 1 of those left are all smaller than _TIER times what comes
    together, they join too; so an article is copied O(log n) times.  A segment that is mostly deleted goes.
    """
    live = [int(len(part.gone) - part.gone.sum()) for part in parts]
    first, total = len(parts), new
    while new and first and total + live[first - 1] <= SMALL:
        first -= 1
        total += live[first]
    while True:
        tail = first
        while tail and live[tail - 1] < _TIER * max(total, 1):
            tail -= 1
        if first - tail < _TIER - 1:
            break
        first, total = tail, total + sum(live[tail:first])
    emptied = (n for n, part in enumerate(parts) if part.is_emptied)
    return min(first, next(emptied, first))
