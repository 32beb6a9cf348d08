"""The house's own rules: which way imports point, what is public, what importing costs in modules."""

import ast
import subprocess
import sys
from pathlib import Path

import vnsearch

SOURCE = Path(vnsearch.__file__).parent
ROOMS = [
    "limits",
    "deadline",
    "printable",
    "errors",
    "forks",
    "processes",
    "kernels",
    "arrays",
    "cache",
    "article",
    "text",
    "vietnam",
    "ingest",
    "index",
    "query",
    "ranking",
    "present",
    "suggest",
    "engine",
    "embedded",
    "cluster",
    "api",
    "evaluate",
    "__init__",
    "cli",
]  # later ones see earlier ones


def room(path: Path) -> str:
    return path.relative_to(SOURCE).parts[0].removesuffix(".py")


def imported_rooms(path: Path) -> set[str]:
    """The rooms that a file imports from, at its top or inside a function."""
    package = path.relative_to(SOURCE).parts[:-1]
    rooms = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = package[: len(package) - node.level + 1]
            names = [*base, *(node.module or "").split(".")] if node.module else [*base, node.names[0].name]
            target = next((name for name in names if name), "__init__")
            rooms.add(target if target in ROOMS else "__init__")
    return rooms


def test_imports_point_one_way() -> None:
    """A room imports from the rooms before it in `ROOMS` and from itself."""
    for path in SOURCE.rglob("*.py"):
        for other in imported_rooms(path):
            assert ROOMS.index(other) <= ROOMS.index(room(path)), f"{path.name} imports {other}"


def test_only_one_file_of_index_knows_whoosh() -> None:
    """The rest of the house could stand on another engine."""
    for path in SOURCE.rglob("*.py"):
        imports = [
            n for n in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(n, ast.Import | ast.ImportFrom)
        ]
        names = [getattr(n, "module", None) or n.names[0].name for n in imports if not getattr(n, "level", 0)]
        if any(name.split(".")[0] == "whoosh" for name in names):
            assert (room(path), path.name) == ("index", "whoosh_codec.py")


def test_engines_do_not_know_one_another() -> None:
    """What the cluster takes of `index` and `query` is analysis, formulas and plans, nothing of segments and folders;
    nothing of those knows a cluster, and only it knows OpenSearch.
    """
    of_folder = {"folder", "segment_reader", "container", "merge", "writer", "whoosh_codec"}
    for path in SOURCE.rglob("*.py"):
        found = [n for n in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(n, ast.Import | ast.ImportFrom)]
        names = {part for n in found for part in (getattr(n, "module", None) or n.names[0].name).split(".")}
        if room(path) == "cluster":
            others = {n.module for n in found if isinstance(n, ast.ImportFrom) and n.level == 2 and n.module}
            allowed = {"embedded.engine"} if path.name == "sample_index.py" else {"embedded.completion"}
            assert not {o.split(".")[-1] for o in others} & of_folder, path
            assert {o for o in others if o.startswith("embedded")} <= allowed, path
        else:
            assert "opensearchpy" not in names, path
            assert "cluster" not in names or room(path) == "api", path


def test_the_public_names() -> None:
    """What __all__ says is there, and nothing heavy is loaded to say it."""
    for name in vnsearch.__all__:
        assert getattr(vnsearch, name)
    code = "import sys, vnsearch; print(sorted({m.split('.')[0] for m in sys.modules} & set(sys.argv[1:])))"
    heavy = ["numpy", "whoosh", "lxml", "rich", "click", "unidecode", "pyvi", "sklearn", "opensearchpy", "ir_measures"]
    done = subprocess.run([sys.executable, "-c", code, *heavy], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
