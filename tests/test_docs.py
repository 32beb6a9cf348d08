"""Commands and code in README, README.vi and docs/ do what it says there; links lead somewhere."""

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import vnsearch

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "README.vi.md", ROOT / "CONTRIBUTING.md", *sorted(ROOT.glob("docs/**/*.md"))]
NEEDS = {"django.md": "django", "fastapi.md": "fastapi", "evaluate.md": "ir_measures"}  # beside what vnsearch needs
CLUSTER = {"opensearch.md"}  # its pages need nodes; tests/cluster runs the same calls
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)


def named(page: Path) -> str:
    """As a person would call it."""
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", [page for page in PAGES if page.name not in CLUSTER], ids=named)
def test_a_page_does_what_it_says(page: Path, tmp_path: Path) -> None:
    """Its code runs from top to bottom, in a folder that has `examples` as the clone has."""
    need = NEEDS.get(page.name)
    if need and not importlib.util.find_spec(need):
        pytest.skip(f"{need} is not installed")
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    done = subprocess.run(
        [sys.executable, ROOT / "scripts/run_page.py", page],
        cwd=tmp_path, capture_output=True, text=True, env={**os.environ, "COLUMNS": "80"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:] + done.stdout[-1000:]


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_links_lead_somewhere(page: Path) -> None:
    """To a file of the project and, where a heading is named, to one that is in it."""
    for link in _LINK.findall(_CODE.sub("", page.read_text("utf-8"))):
        target, _, anchor = link.partition("#")
        if target.startswith(("http:", "https:", "mailto:")):
            continue
        file = page.parent / target if target else page
        assert file.exists(), f"{named(page)}: {link}"
        if anchor and file.suffix == ".md":
            assert anchor in headings(file), f"{named(page)}: {link}; there are {sorted(headings(file))}"


def headings(page: Path) -> set[str]:
    """The anchors of a page's headings, as they are made on the site and where the repository is looked at."""
    found = re.findall(r"^#+ (.*)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in found}


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_files_that_are_named_are_there(page: Path) -> None:
    """Where a page names a file of the project by its path from the root."""
    named_files = re.findall(
        r"`((?:src|tests|scripts|examples|benchmarks|docs)/[\w./*-]+|vnsearch/[\w/]+\.\w+)`", page.read_text("utf-8")
    )
    for name in named_files:
        assert (ROOT / name).exists() or (ROOT / "src" / name).exists(), f"{named(page)}: {name}"


def test_the_site_is_built(tmp_path: Path) -> None:
    """Strictly: no page without a place in the navigation, no link or heading that is not there, nothing fetched."""
    if not all(map(importlib.util.find_spec, ("mkdocs", "material", "mkdocstrings"))):
        pytest.skip("the extra `docs` is not installed")
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1", "https_proxy": "http://127.0.0.1:9", "no_proxy": ""}
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--site-dir", tmp_path / "site"],
        cwd=ROOT, capture_output=True, text=True, env=environment,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "site/reference/api.html").read_text("utf-8")
    assert all(f'id="vnsearch.Index.{name}"' in page for name in ("search", "writer", "complete"))
    fetched = re.findall(r'<(?:script|link|img)[^>]+(?:src|href)="(?:https?:)?//[^"]+', page)
    assert not fetched


def test_every_public_name_is_in_the_reference() -> None:
    """What `vnsearch` offers, each once, with a docstring; so has what its classes offer."""
    text = "".join(page.read_text("utf-8") for page in ROOT.glob("docs/reference/*.md"))
    listed = re.findall(r"^::: vnsearch\.(\w+)$", text, re.MULTILINE)
    assert sorted(listed) == sorted(vnsearch.__all__)
    for name in listed:
        thing = getattr(vnsearch, name)
        assert thing.__doc__, name
        for member, value in vars(thing).items() if isinstance(thing, type) else ():
            if not member.startswith("_") and (callable(value) or isinstance(value, property | classmethod)):
                assert getattr(value, "__doc__", ""), f"{name}.{member}"


def test_every_page_is_in_the_navigation() -> None:
    """So that nothing is written that nobody finds."""
    listed = set(re.findall(r"[\w./-]+\.md", (ROOT / "mkdocs.yml").read_text("utf-8")))
    there = {str(page.relative_to(ROOT / "docs")) for page in ROOT.glob("docs/**/*.md")}
    assert there <= listed
