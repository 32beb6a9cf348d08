"""The licences of everything that vnsearch needs, as a table of Markdown: `make licences`.

    python scripts/licences.py [EXTRA ...]

Of what is installed here; one whose metadata names none ends the command with exit code 1.
"""

import re
import sys
from importlib.metadata import Distribution, PackageNotFoundError, distribution


def main() -> None:
    """Prints a row for each distribution: its name, version, licence, and who needs it."""
    rows, waiting = dict[str, tuple[str, str, str]](), [("vnsearch", frozenset(sys.argv[1:]))]
    while waiting:
        needing, extras = waiting.pop(0)
        for needed in needs(needing, extras):
            if needed not in rows:
                try:
                    found = distribution(needed)
                except PackageNotFoundError:  # of another system or version of Python
                    continue
                rows[needed] = found.version, licence(found), needing
                waiting.append((needed, frozenset()))
    print("| distribution | version | licence | needed by |\n|---|---|---|---|")
    for name, row in sorted(rows.items()):
        print(f"| {name} | {' | '.join(row)} |")
    sys.exit(any(said == "unknown" for _, said, _ in rows.values()))


def needs(name: str, extras: frozenset[str]) -> list[str]:
    """The names of the distributions that one requires."""
    found = []
    for line in distribution(name).requires or ():
        extra = re.search(r"""extra == ['"]([^'"]+)""", line)
        if extra is None or extra[1] in extras:
            found.append(re.split(r"[^\w.-]", line, maxsplit=1)[0].lower())
    return found


def licence(found: Distribution) -> str:
    """What its metadata says: an expression, a short text, or a classifier."""
    said, text = (" ".join(found.metadata.get_all(name) or ()) for name in ("License-Expression", "License"))
    classes = [c for c in found.metadata.get_all("Classifier") or () if c.startswith("License ::")]
    named = text.strip() if text and "\n" not in text and len(text) < 60 else ""
    return said or named or (classes[0].rpartition(":: ")[2] if classes else "unknown")


if __name__ == "__main__":
    main()
