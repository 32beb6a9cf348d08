"""What the site has beside docs/, and where links out of it lead (a hook of mkdocs)."""

import re
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parent.parent
PAGES = {  # page of the site -> file of the repository
    "results.md": "benchmarks/results/README.md",
    "architecture.md": "ARCHITECTURE.md",
    "changes.md": "CHANGELOG.md",
    "contributing.md": "CONTRIBUTING.md",
}
_LINK = re.compile(r"\[([^\]]*)\]\(([^)\s#]+)(#[^)\s]*)?\)")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Adds the pages of the repository."""
    for name, path in PAGES.items():
        files.append(File.generated(config, name, abs_src_path=str(ROOT / path)))
    return files


def on_page_markdown(markdown: str, page: Page, files: Files, **_: Any) -> str:
    """Links to what is no page become text; links to pages of the repository lead to them on the site."""
    source = page.file.src_uri
    folder = (ROOT / PAGES[source]).parent if source in PAGES else (ROOT / "docs" / source).parent
    ways = {(ROOT / path).resolve(): name for name, path in PAGES.items()}
    ways |= {(ROOT / "docs" / file.src_uri).resolve(): file.src_uri for file in files if file.src_uri not in PAGES}

    def link(match: re.Match[str]) -> str:
        text, target, anchor = match[1], match[2], match[3] or ""
        if "://" in target:
            return match[0]
        file = (folder / target).resolve()
        if file in ways:
            up = "../" * source.count("/")
            return f"[{text}]({up}{ways[file]}{anchor})"
        return f"{text} (`{file.relative_to(ROOT)}`)" if file.exists() else match[0]

    return _LINK.sub(link, markdown)
