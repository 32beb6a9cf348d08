"""Writers that are killed lose nothing: the short form of `make torture`."""

import subprocess
import sys
from pathlib import Path


def test_killed_writers_lose_nothing() -> None:
    script = Path(__file__).parent.parent / "scripts/torture.py"
    done = subprocess.run([sys.executable, script, "--runs", "4"], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("4 processes killed")
    assert done.stdout.endswith("nothing lost\n")
