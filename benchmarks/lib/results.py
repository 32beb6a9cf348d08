"""Where results are: a folder a corpus, in it a file a command and day, with commit and machine.

benchmarks/results/vntc10-84132/2026-11-28-new_queries.json
"""

import io
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import Any

from .machine import about


def save(out: Path, corpus: str, command: str, figures: dict[str, Any]) -> Path:
    """Writes figures and what they were measured with; over those of an earlier run of that day."""
    made: dict[str, Any] = {"about": about(), "corpus": corpus, "command": command, "figures": figures}
    folder = out / corpus
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{made['about']['date'][:10]}-{command}.json"
    new = file.with_suffix(".new")
    new.write_text(json.dumps(made, ensure_ascii=False, indent=1) + "\n", "utf-8")
    new.replace(file)
    return file


class _Tee(io.StringIO):
    """Keeps what is printed, and prints it."""

    def write(self, text: str) -> int:
        sys.__stdout__.write(text) if sys.__stdout__ else None
        return super().write(text)


@contextmanager
def printed(out: Path, command: str) -> Iterator[None]:
    """What is printed meanwhile is the result of a command over the corpora."""
    kept = _Tee()
    with redirect_stdout(kept):
        yield
    save(out, "judged", command, {"text": kept.getvalue()})


def latest(out: Path, corpus: str, command: str) -> dict[str, Any] | None:
    """The newest result of a command on a corpus."""
    files = sorted((out / corpus).glob(f"????-??-??-{command}.json"))
    return json.loads(files[-1].read_text("utf-8")) if files else None


def every(out: Path) -> Iterator[dict[str, Any]]:
    """The newest of each command on each corpus."""
    for folder in sorted(path for path in out.iterdir() if path.is_dir()):
        for command in sorted({file.stem[11:] for file in folder.glob("????-??-??-*.json")}):
            if found := latest(out, folder.name, command):
                yield found
