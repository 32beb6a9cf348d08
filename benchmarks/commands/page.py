"""Writes results/README.md from the results, and what other pages quote from them; --check says what is not up to date.

python -m benchmarks page [--check]
"""

import sys
from pathlib import Path

from ..lib import options, pages, results
from ..lib.child import ROOT

QUOTING = ("README.md", "docs/query-language.md", "docs/opensearch.md", "ARCHITECTURE.md")


def main() -> int:
    """Writes the pages; with --check, 1 where one would change."""
    parser = options.parser(__doc__)
    parser.add_argument("--check", action="store_true")
    parser.set_defaults(out=options.RESULTS)
    asked = parser.parse_args()
    made = written(asked.out)
    old = [path for path, text in made.items() if not path.exists() or path.read_text("utf-8") != text]
    if asked.check:
        for path in old:
            print(f"{path} is not what `python -m benchmarks page` makes of {asked.out}", file=sys.stderr)
        return int(bool(old))
    for path in old:
        path.write_text(made[path], "utf-8")
        print(path)
    return 0


def written(out: Path) -> dict[Path, str]:
    """Page -> its text."""
    made = {out / "README.md": pages.page(out, list(results.every(out)))}
    blocks = pages.quoted(out)
    for name in QUOTING:
        path = ROOT / name
        if path.exists():
            made[path] = pages.filled(path.read_text("utf-8"), blocks)
    return made
