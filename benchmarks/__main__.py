"""python -m benchmarks NAME [options]: measures; `python -m benchmarks` says what there is."""

import importlib
import sys
from pathlib import Path

from .lib.child import interruptible

COMMANDS = Path(__file__).parent / "commands"


def main() -> int:
    """Runs a command, or lists them."""
    names = sorted(file.stem for file in COMMANDS.glob("[a-z]*.py"))
    if len(sys.argv) < 2 or sys.argv[1] in ("-h", "--help"):
        print("python -m benchmarks NAME [--help]\n")
        for name in names:
            doc = importlib.import_module(f"benchmarks.commands.{name}").__doc__ or ""
            print(f"  {name:13} {doc.splitlines()[0]}")
        return 0
    name = sys.argv.pop(1).replace("-", "_")
    if name not in names:
        print(f"no benchmark is called {name}; there are {', '.join(names)}", file=sys.stderr)
        return 2
    sys.argv[0] = f"python -m benchmarks {name}"
    interruptible()
    try:
        return int(importlib.import_module(f"benchmarks.commands.{name}").main() or 0)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
