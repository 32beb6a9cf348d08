"""How far a command is, and how long it will take: a bar on a terminal, a line a step elsewhere."""

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

Say = Callable[[str], None]  # what is being done within a step


@contextmanager
def progress(steps: Mapping[str, float]) -> Iterator["Progress"]:
    """`steps`: name -> about how many seconds, by which the time left is guessed and then put right by what passed."""
    shown = _Bar(steps) if sys.stderr.isatty() else Progress(steps)
    try:
        yield shown
    finally:
        shown.end()


class Progress:
    """Lines with the time on standard error."""

    def __init__(self, steps: Mapping[str, float]) -> None:
        self._guess, self._done, self._begun = dict(steps), 0.0, time.monotonic()
        self._step = ""

    def step(self, name: str) -> None:
        """The step before is done, this one begins."""
        self._done += self._guess.get(self._step, 0.0)
        self._step = name
        self.show(name)

    def say(self, detail: str) -> None:
        """Within the step."""
        self.show(f"{self._step}: {detail}", is_detail=True)

    def left(self) -> float:
        """Seconds, by the guesses scaled by how wrong they were so far."""
        passed, rest = time.monotonic() - self._begun, sum(self._guess.values()) - self._done
        return max(rest * (passed / self._done if self._done else 1.0), 0.0)

    @property
    def share(self) -> float:
        """Done, of the whole."""
        return self._done / (sum(self._guess.values()) or 1.0)

    def show(self, text: str, *, is_detail: bool = False) -> None:
        if not is_detail:
            print(f"[{datetime.now():%H:%M:%S}] {text}; {_minutes(self.left())} left", file=sys.stderr, flush=True)

    def end(self) -> None:
        """Nothing follows."""


class _Bar(Progress):
    """One line that is written again and again."""

    def __init__(self, steps: Mapping[str, float]) -> None:
        super().__init__(steps)
        from rich.console import Console
        from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
        from rich.progress import Progress as Rich

        columns: tuple[Any, ...] = (
            BarColumn(24),
            TextColumn("{task.percentage:3.0f} %"),
            TimeElapsedColumn(),
            TextColumn("{task.fields[left]} left  {task.description}"),
        )
        self._rich = Rich(*columns, console=Console(stderr=True), transient=True)
        self._task = self._rich.add_task("", total=1.0, left="?")
        self._rich.start()

    def show(self, text: str, *, is_detail: bool = False) -> None:
        self._rich.update(self._task, completed=self.share, description=text, left=_minutes(self.left()))

    def end(self) -> None:
        self._rich.stop()


def _minutes(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"
