"""What README says of vnsearch and of others is so; its pictures are of today's command."""

import importlib.util
import re
import shlex
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

import run_page
import screenshots
from vnsearch import Article, Index
from vnsearch.cli import main

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent
TEXTS = [
    "tôi được đi học",
    "cán bộ dân vận",
    "dần dần",
    "kĩ thuật",
    "ủy ban nhân dân",
    "học phí",
    "phí và học",
    "việc 25 của NQ và TW",
    "nghị quyết 25-NQ/TW",
]


def found_by_vnsearch(tmp_path: Path, query: str) -> list[str]:
    """The texts that it finds."""
    with Index.create(tmp_path / "index") as index:
        with index.writer() as writer:
            writer.add_all(Article(id=text, title=text, body="") for text in TEXTS)
        return sorted(hit.id for hit in index.search(query, match="all"))


def found_by_fts5(tmp_path: Path, query: str) -> list[str]:
    """The same, marks left out as far as it can."""
    with closing(sqlite3.connect(":memory:")) as database:
        database.execute("create virtual table texts using fts5(text, tokenize='unicode61 remove_diacritics 2')")
        database.executemany("insert into texts values (?)", [(text,) for text in TEXTS])
        rows = database.execute("select text from texts where texts match ?", (query,)).fetchall()
    return sorted(text for (text,) in rows)


def found_by_tantivy(tmp_path: Path, query: str) -> list[str]:
    """The same, with the analyzer that leaves marks out."""
    tantivy = pytest.importorskip("tantivy")
    analyzer = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
    folding = analyzer.filter(tantivy.Filter.lowercase()).filter(tantivy.Filter.ascii_fold()).build()
    schema = tantivy.SchemaBuilder().add_text_field("text", stored=True, tokenizer_name="folding").build()
    index = tantivy.Index(schema)
    index.register_tokenizer("folding", folding)
    writer = index.writer(num_threads=1)
    for text in TEXTS:
        writer.add_document(tantivy.Document(text=text))
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    searcher = index.searcher()
    asked = index.parse_query(query, ["text"], conjunction_by_default=True)
    return sorted(searcher.doc(address)["text"][0] for _, address in searcher.search(asked, 10).hits)


Finds = Callable[[Path, str], list[str]]
ROWS: list[tuple[str, str, dict[Finds, bool]]] = [  # query, text, whether each one finds it
    ("toi duoc di hoc", "tôi được đi học", {found_by_vnsearch: True, found_by_fts5: False, found_by_tantivy: True}),
    ("dân", "dần dần", {found_by_vnsearch: False, found_by_fts5: True, found_by_tantivy: True}),
    ("kỹ thuật", "kĩ thuật", {found_by_vnsearch: True, found_by_fts5: False, found_by_tantivy: False}),
    ("học phí", "phí và học", {found_by_vnsearch: False, found_by_fts5: True, found_by_tantivy: True}),
    ("UBND", "ủy ban nhân dân", {found_by_vnsearch: True, found_by_fts5: False, found_by_tantivy: False}),
]


@pytest.mark.parametrize(
    ("engine", "query", "text", "finds"),
    [(engine, query, text, finds) for query, text, cells in ROWS for engine, finds in cells.items()],
    ids=lambda value: getattr(value, "__name__", str(value)),
)
def test_the_table_of_others(engine: Finds, query: str, text: str, finds: bool, tmp_path: Path) -> None:
    """Each cell of it that can be tried here is as it says."""
    assert (text in engine(tmp_path, query)) == finds


def test_the_number_of_a_document_in_the_table(tmp_path: Path) -> None:
    """One word to vnsearch; a syntax error to FTS5; to tantivy words that stand anywhere."""
    number, parts = "nghị quyết 25-NQ/TW", "việc 25 của NQ và TW"
    assert found_by_vnsearch(tmp_path, "25-NQ/TW") == [number]
    with pytest.raises(sqlite3.OperationalError):
        found_by_fts5(tmp_path, "25-NQ/TW")
    if importlib.util.find_spec("tantivy"):
        assert found_by_tantivy(tmp_path, "25 NQ TW") == [number, parts]


def test_the_pictures_are_of_today() -> None:
    """`scripts/screenshots.py` would draw what is there."""
    for name, picture in screenshots.pictures().items():
        assert (screenshots.IMAGES / f"{name}.svg").read_text("utf-8") == picture, "run scripts/screenshots.py"


def test_the_number_of_samples(tmp_path: Path) -> None:
    """README's are as many as there are."""
    from vnsearch import read

    samples = str(sum(1 for _ in read(ROOT / "examples")))
    for readme in ("README.md", "README.vi.md"):
        assert samples in re.findall(r"\d+", (ROOT / readme).read_text("utf-8")), samples


def test_pip_install_makes_a_package_with_everything_in_it(tmp_path: Path) -> None:
    """All files of src/vnsearch, data and types too; from a copy, so that nothing of an earlier build is taken."""
    copy, installed = tmp_path / "copy", tmp_path / "installed"
    shutil.copytree(ROOT / "src", copy / "src", ignore=shutil.ignore_patterns("*.so", "*.egg-info", "__pycache__"))
    for name in ("pyproject.toml", "setup.py", "MANIFEST.in", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy)
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(installed), str(copy)]
    subprocess.run(install, check=True, capture_output=True)

    def files(folder: Path) -> set[Path]:
        return {p.relative_to(folder) for p in (folder / "vnsearch").rglob("*") if "__pycache__" not in p.parts}

    assert files(copy / "src") <= files(installed)


def test_all_commands_have_help_with_an_example() -> None:
    """A line each, and a command that vnsearch would take."""
    for name, command in main.commands.items():
        assert command.help, name
        words = shlex.split((command.epilog or "").rpartition("\n")[2])
        assert words[:2] == ["vnsearch", name], f"{name} has no example"
        run_page.check(words)
