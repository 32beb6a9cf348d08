"""What is public, and what importing costs in modules; the order of rooms is checked by import-linter."""

import subprocess
import sys

import vnsearch


def test_the_public_names() -> None:
    """What __all__ says is there, and nothing heavy is loaded to say it."""
    for name in vnsearch.__all__:
        assert getattr(vnsearch, name)
    code = "import sys, vnsearch; print(sorted({m.split('.')[0] for m in sys.modules} & set(sys.argv[1:])))"
    heavy = ["numpy", "whoosh", "lxml", "rich", "click", "unidecode", "pyvi", "sklearn", "opensearchpy", "ir_measures"]
    done = subprocess.run([sys.executable, "-c", code, *heavy], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
