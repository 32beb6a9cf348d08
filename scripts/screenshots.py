"""Draws what the command prints on a terminal of 80 columns, in its colours: docs/images/*.svg.

python scripts/screenshots.py
"""

import os
import pty
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from html import escape
from pathlib import Path

ROOT = Path(__file__).parent.parent
IMAGES = ROOT / "docs/images"
COLUMNS = 80
SHOTS = {  # picture -> the commands in it
    "search": ['vnsearch query "dan van lang son" --limit 2', "vnsearch query 'tỉnh:\"Lạng Xơn\"'"],
    "facets": ['vnsearch query "du lịch" --facets --limit 1'],
}

_COLUMN, _LINE, _MARGIN = 8.43, 19, 16  # pixels, of a monospaced font of 14
_STYLE = re.compile(r"\x1b\[([0-9;]*)m")
_CLASSES = {"1": "b", "2": "d", "31": "r", "32": "g", "33": "y", "34": "l", "35": "m", "36": "c"}
_SHEET = """
  rect { fill: #0d1117 }
  text { font: 14px ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; fill: #e6edf3; white-space: pre }
  .b { font-weight: bold } .d { fill: #8b949e } .r { fill: #ff7b72 } .g { fill: #7ee787 } .y { fill: #f2cc60 }
  .l { fill: #79c0ff } .m { fill: #d2a8ff } .c { fill: #76e3ea }
"""


def on_a_terminal(arguments: list[str], folder: str, columns: int = COLUMNS) -> str:
    """The command's output, standard error too, as a terminal of this width gets it, with its escape sequences."""
    environment = {**os.environ, "COLUMNS": str(columns), "TERM": "xterm-256color", "VNSEARCH_INDEX": folder}
    environment.pop("NO_COLOR", None)
    text = printed([sys.executable, "-m", "vnsearch.cli", *arguments], environment, errors=True).replace("\r\n", "\n")
    return re.sub(r", \d+ ms", ", 2 ms", text)  # the same whenever the script runs


def printed(command: Sequence[str], environment: dict[str, str], *, errors: bool) -> str:
    """What a command prints where standard output is a terminal, and standard error too if `errors`."""
    main, terminal = pty.openpty()
    process = subprocess.Popen(
        command, stdout=terminal, stderr=terminal if errors else subprocess.DEVNULL, env=environment
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
    process.wait(60)
    os.close(main)
    return output.decode()


def drawn(text: str) -> str:
    """A terminal's text with escape sequences as a picture."""
    lines = text.rstrip("\n").split("\n")
    width, height = COLUMNS * _COLUMN + 2 * _MARGIN, len(lines) * _LINE + 2 * _MARGIN
    rows, style = [], ""
    for number, line in enumerate(lines):
        spans, style = _spans(line, style)
        if spans:
            rows.append(f'<text y="{_MARGIN + 14 + number * _LINE}">{spans}</text>')
    plain = escape(_STYLE.sub("", text))
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height}" role="img">',
        f"<title>{plain.splitlines()[0]}</title>",
        f"<style>{_SHEET}</style>",
        f'<rect width="{width:.0f}" height="{height}" rx="8"/>',
        *rows,
        "</svg>\n",
    ])  # fmt: skip


def _spans(line: str, style: str) -> tuple[str, str]:
    """The pieces of a line of one style each, at the columns where they stand, and the style after the line."""
    spans, column = "", 0
    for number, piece in enumerate(_STYLE.split(line)):
        if number % 2:  # the numbers of an escape sequence: 0 ends all styles, any other adds one
            for code in piece.split(";"):
                style = f"{style} {_CLASSES[code]}".strip() if code.strip("0") else ""
        elif piece:
            kind = f' class="{style}"' if style else ""
            spans += f'<tspan x="{_MARGIN + column * _COLUMN:.1f}"{kind}>{escape(piece, quote=False)}</tspan>'
            column += len(piece)
    return spans, style


def pictures() -> dict[str, str]:
    """Each picture by its name."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = f"{temporary}/index"
        subprocess.run(
            [sys.executable, "-m", "vnsearch.cli", "index", str(ROOT / "examples"), "--index", folder],
            check=True, capture_output=True,
        )  # fmt: skip
        return {
            name: drawn(
                "\n".join(
                    f"\x1b[32m$\x1b[0m {command}\n{on_a_terminal(shlex.split(command)[1:], folder)}"
                    for command in commands
                )
            )
            for name, commands in SHOTS.items()
        }


def main() -> None:
    """Draws them anew."""
    IMAGES.mkdir(exist_ok=True)
    for name, picture in pictures().items():
        (IMAGES / f"{name}.svg").write_text(picture, "utf-8")


if __name__ == "__main__":
    main()
