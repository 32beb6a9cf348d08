"""Batches of articles -> segments, here or in worker processes."""

import gc
import subprocess
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Semaphore, local

import msgspec

from ..errors import IndexProblemError
from ..processes import command
from .inverter import Inverter


def write_run(path: Path, batch: list[bytes]) -> None:
    """Writes a batch of articles as a segment."""
    with _no_collector():
        inverter = Inverter()
        for data in batch:
            inverter.add(data)
        inverter.write(path)


@contextmanager
def _no_collector() -> Iterator[None]:
    """Python's collector of cycles rests: a batch makes none, and looking for them takes a fifteenth of indexing."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


# -- worker processes ------------------------------------------------------------------------------------


class Workers:
    """Processes that write runs.  Plain pipes: nothing of the caller's program is imported again or forked."""

    def __init__(self, path: Path, number: int) -> None:
        self._path, self._command = path, command("vnsearch.index.worker")
        self._pool = ThreadPoolExecutor(number)
        self._room = Semaphore(number + 1)  # batches at work, and one in wait: what is read waits for what is written
        self._own = local()
        self._processes: list[subprocess.Popen[bytes]] = []

    def submit(self, name: str, batch: list[bytes]) -> "Future[str]":
        """The name, once the run is written; waits while the processes have enough to do."""
        self._room.acquire()
        future = self._pool.submit(self._write, name, batch)
        future.add_done_callback(lambda _: self._room.release())
        return future

    def _write(self, name: str, batch: list[bytes]) -> str:
        if not hasattr(self._own, "process"):
            self._own.process = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            self._processes.append(self._own.process)
        process = self._own.process
        request = msgspec.msgpack.encode((str(self._path / f"{name}.seg"), batch))
        try:
            process.stdin.write(len(request).to_bytes(8, "little") + request)
            process.stdin.flush()
            answer = process.stdout.readline().decode()
        except OSError as e:
            answer = str(e)
        if answer != "done\n":
            raise IndexProblemError(self._path, f"a worker process failed: {answer.strip() or 'it died'}")
        return name

    def close(self) -> None:
        """Ends the processes; a run that is being written is given up."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        for process in self._processes:
            process.kill()
            process.wait()
        self._pool.shutdown(wait=True)
        for process in self._processes:
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    with suppress(OSError):  # the process at the other end is gone, and what was not yet written
                        pipe.close()
