"""A process that writes runs for a Writer: requests on standard input, "done" or what went wrong on standard output."""

import signal
import sys
from pathlib import Path

import msgspec

from .runs import write_run


def main() -> None:
    """Serves until standard input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's business
    while header := sys.stdin.buffer.read(8):
        path, batch = msgspec.msgpack.decode(
            sys.stdin.buffer.read(int.from_bytes(header, "little")), type=tuple[str, list[bytes]]
        )
        try:
            write_run(Path(path), batch)
            answer = "done"
        except Exception as e:  # the parent reports it, whatever it is
            answer = " ".join(f"{type(e).__name__}: {e}".split())
        print(answer, flush=True)


if __name__ == "__main__":
    main()
