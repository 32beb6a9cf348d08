"""Functions of the benchmarks in processes of their own, so that nothing of one measurement is there in the next."""

import importlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


class ChildFailedError(Exception):
    """A process ended with an error, which stands above."""


def call(function: Callable[..., Any], *values: object, environment: Mapping[str, str] | None = None) -> Any:
    """What the function, found by module and name, returns in a fresh process; arguments and answer as JSON."""
    command = [sys.executable, "-m", "benchmarks.lib.child", function.__module__, function.__name__]
    paths = [str(ROOT), os.environ.get("PYTHONPATH", "")]
    own = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths)), **(environment or {})}
    text = json.dumps(values, default=str)
    done = subprocess.run(command, input=text, stdout=subprocess.PIPE, text=True, env=own)
    if done.returncode:
        raise ChildFailedError(f"{function.__name__}{values} ended with {done.returncode}")
    return json.loads(done.stdout)


def command(words: Sequence[str], environment: Mapping[str, str]) -> int:
    """The exit code of a command of this suite, which is told to end where this process is, and waited for."""
    running = subprocess.Popen([sys.executable, "-m", "benchmarks", *words], cwd=ROOT, env=environment)
    try:
        return running.wait()
    except KeyboardInterrupt:
        running.terminate()
        running.wait()
        raise


def interruptible() -> None:
    """A request to end (SIGTERM) raises KeyboardInterrupt, as Ctrl-C does."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)


def main() -> None:
    """Keeps standard output for the answer: what libraries print goes to standard error."""
    answer = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    module, name = sys.argv[1:]
    values = json.load(sys.stdin)
    json.dump(getattr(importlib.import_module(module), name)(*values), answer)
    answer.flush()


if __name__ == "__main__":
    interruptible()
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
