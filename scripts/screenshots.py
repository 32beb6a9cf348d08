"""Puts what the command prints on a terminal into the README, between its `screenshot` comments.

python scripts/screenshots.py
"""

import os
import pty
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
_SHOT = re.compile(r"(<!-- screenshot: (vnsearch [^\n]*?) -->\n```text\n).*?(```)", re.DOTALL)
_ESCAPE = re.compile(r"\x1b\[[0-9;]*m")


def on_a_terminal(arguments: list[str], folder: str, columns: int = 100) -> str:
    """The command's output, standard error too, as a terminal of this width shows it; colours left out."""
    main, terminal = pty.openpty()
    environment = {**os.environ, "COLUMNS": str(columns), "TERM": "xterm", "VNSEARCH_INDEX": folder}
    process = subprocess.Popen(
        [sys.executable, "-m", "vnsearch.cli", *arguments], stdout=terminal, stderr=terminal, env=environment
    )
    os.close(terminal)
    output = b""
    while True:
        try:
            piece = os.read(main, 65536)
        except OSError:
            break
        if not piece:
            break
        output += piece
    process.wait()
    os.close(main)
    text = _ESCAPE.sub("", output.decode()).replace("\r\n", "\n")
    return re.sub(r", \d+ ms", ", 2 ms", text)  # the same whenever the script runs


def main() -> None:
    """Rewrites the README."""
    import shlex

    with tempfile.TemporaryDirectory() as temporary:
        folder = f"{temporary}/index"
        subprocess.run(
            [sys.executable, "-m", "vnsearch.cli", "index", str(ROOT / "examples"), "--index", folder],
            check=True, capture_output=True,
        )  # fmt: skip

        def shot(match: "re.Match[str]") -> str:
            output = on_a_terminal(shlex.split(match[2])[1:], folder)
            return f"{match[1]}$ {match[2]}\n{output.rstrip()}\n{match[3]}"

        README.write_text(_SHOT.sub(shot, README.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
