"""A value that was found in an article, and why."""

from collections.abc import Callable
from functools import cached_property


class Found:
    """A value found in an article, how sure, and why; the reasons are put into words when they are requested."""

    def __init__(self, value: str, weight: float, explain: Callable[[], tuple[str, ...]]) -> None:
        self.value, self.weight, self._explain = value, weight, explain

    @cached_property
    def evidence(self) -> tuple[str, ...]:
        """The reasons, the strongest first."""
        return self._explain()

    def __repr__(self) -> str:
        return f"Found({self.value!r}, {self.weight:.2f}, {self.evidence!r})"
