"""Processes that make documents of articles: batches on standard input, their JSON on standard output.

Plain pipes: nothing of the caller's program is imported again or forked, and they end when it does.
"""

import signal
import subprocess
import sys
from threading import local
from typing import IO

import msgspec

from ..errors import ArticleError, IndexProblemError
from ..index.article_json import load
from ..processes import command
from .mapping import documents


class Made(msgspec.Struct):
    """The JSON of each document of a batch; where there is none, why."""

    data: list[bytes]
    problems: list[str]


def make(batch: list[bytes]) -> Made:
    """The documents of a batch of articles' JSON, in order; one that a cluster cannot take has none."""
    articles = [load(data) for data in batch]
    try:
        return Made(documents(articles), [""] * len(articles))
    except ArticleError:  # one of them: each by itself
        made = Made([], [])
        for article in articles:
            try:
                made.data += documents([article])
                made.problems.append("")
            except ArticleError as e:
                made.data.append(b"")
                made.problems.append(str(e))
        return made


class Processes:
    """One process for each thread that asks."""

    def __init__(self) -> None:
        self._command = command("vnsearch.cluster.worker")
        self._own = local()
        self._all: list[subprocess.Popen[bytes]] = []

    def make(self, batch: list[bytes]) -> Made:
        """Makes documents as the function `make` does, in another process."""
        if not hasattr(self._own, "process"):
            self._own.process = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            self._all.append(self._own.process)
        process = self._own.process
        try:
            _write(process.stdin, msgspec.msgpack.encode(batch))
            return msgspec.msgpack.decode(_read(process.stdout), type=Made)
        except (OSError, EOFError) as e:
            raise IndexProblemError("opensearch://", f"a worker process failed: {e or 'it died'}") from None

    def close(self) -> None:
        """Ends the processes."""
        for process in self._all:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()


def _write(pipe: IO[bytes], data: bytes) -> None:
    pipe.write(len(data).to_bytes(8, "little") + data)
    pipe.flush()


def _read(pipe: IO[bytes]) -> bytes:
    size = int.from_bytes(header := pipe.read(8), "little")
    data = pipe.read(size) if len(header) == 8 else b""
    if len(header) < 8 or len(data) < size:
        raise EOFError
    return data


def main() -> None:
    """Serves until standard input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's business
    while True:
        try:
            batch = msgspec.msgpack.decode(_read(sys.stdin.buffer), type=list[bytes])
        except EOFError:
            return
        _write(sys.stdout.buffer, msgspec.msgpack.encode(make(batch)))


if __name__ == "__main__":
    main()
