"""Real pages, as their sites sent them or browsers saved them, against what was read in them by eye.

A part of the command `ingest`.  Three runs over the same pages: as they are; without the known containers; and with
every class and id of theirs replaced by a number, as a site would look that nobody here has seen.
Text is compared in NFC, blanks left out.
"""

import json
import re
import tempfile
import unicodedata
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from hashlib import blake2b
from pathlib import Path
from typing import Any

from vnsearch import Article, Report, read
from vnsearch.article import VIETNAM
from vnsearch.ingest.pages import body, html

Table = list[list[str]]
Section = tuple[str, dict[str, Any], list[tuple[str, Table]]]
MEASURES = ("title", "day", "time", "source", "author", "lead", "first", "last", "ends", "headings", "clean", "refused")
_NAMED = re.compile(r"""\b(class|id|data-role|itemprop)=(["'])([^"']*)\2""")


def pages(data: Path) -> Section:
    """Right of those whose gold states it, in three runs."""
    folder = data / "html" / "field"
    gold = [row for row in map(json.loads, (folder / "gold.jsonl").open(encoding="utf-8")) if "records" not in row]
    runs: dict[str, Counter[str]] = {}
    of: dict[str, Counter[str]] = {}
    with tempfile.TemporaryDirectory() as renamed:
        for row in gold:
            text = (folder / row["file"]).read_bytes().decode("utf-8", "replace")
            Path(renamed, row["file"]).write_text(_NAMED.sub(_numbered, text), "utf-8")
        for name, where, is_known in (
            ("as they are", folder, True),
            ("no known container", folder, False),
            ("classes and ids as numbers", Path(renamed), True),
        ):
            with _containers(is_known):
                runs[name], of[name] = _run(gold, where)
    rows = [["", *MEASURES]]
    rows += [[name, *(f"{right[m]}/{of[name][m]}" for m in MEASURES)] for name, right in runs.items()]
    about = (
        f"{len(gold)} pages. first, last: the text's first and last paragraph are there; ends: nothing of the site "
        "behind the last; headings: lines of their own; clean: nothing of the site in title, lead or body; refused: "
        "fronts, home pages and stubs."
    )
    figures = {name: {m: [right[m], of[name][m]] for m in MEASURES} for name, right in runs.items()}
    return "Pages in the field", figures, [(about, rows)]


def _numbered(m: re.Match[str]) -> str:
    words = (blake2b(word.encode(), digest_size=4).hexdigest() for word in m[3].split())
    return f'{m[1]}="{" ".join(f"k{word}" for word in words)}"'


@contextmanager
def _containers(is_known: bool) -> Iterator[None]:
    """Without those of data/containers.tsv, for a run."""
    modules: tuple[Any, ...] = (body, html)
    before = body.__dict__["containers"]
    if not is_known:
        for module in modules:
            module.containers = lambda: ()
    try:
        yield
    finally:
        for module in modules:
            module.containers = before


def _run(gold: list[dict[str, Any]], folder: Path) -> tuple[Counter[str], Counter[str]]:
    right: Counter[str] = Counter()
    of: Counter[str] = Counter()
    for row in gold:
        articles = list(read(folder / row["file"], report=Report()))
        if row["kind"] == "not-an-article":
            answers = {"refused": (int(not articles), 1)}
        else:
            answers = _answers(row, articles[0]) if articles else dict.fromkeys(MEASURES[:-1], (0, 1))
        for measure, (good, asked) in answers.items():
            right[measure] += good
            of[measure] += asked
    return right, of


def _answers(gold: dict[str, Any], article: Article) -> dict[str, tuple[int, int]]:
    """measure -> (right, asked)"""
    text = _bare(article.body)
    parts = [_plain(part) for part in (article.title, article.lead, article.body)]
    found: dict[str, bool] = {
        "title": _plain(article.title) in {_plain(t) for t in [gold["title"], *gold["title_alternatives"]]},
        "first": _bare(gold["body_first"]) in (text if "lead" in gold else _bare(article.lead) + text),
        "clean": not any(_plain(furniture) in part for furniture in gold["must_not"] for part in parts),
    }
    if "published" in gold:
        day, _, clock = (gold["published"] or "").partition("T")
        found["day"] = str(article.day) == (day or "None")
        if clock:
            moment = article.published
            found["time"] = isinstance(moment, datetime) and f"{moment.astimezone(VIETNAM):%H:%M}" == clock
    if gold.get("source"):
        found["source"] = article.source == gold["source"]
    if "author" in gold:
        found["author"] = _names(article.author) == _names(", ".join(gold["author"]))
    elif "author_any" in gold:
        found["author"] = _names(article.author) <= _names(", ".join(gold["author_any"]))
    if gold.get("lead"):
        found["lead"] = 0 <= _bare(article.lead).find(_bare(gold["lead"])) <= 40
    if "body_last" in gold:
        found["last"] = _bare(gold["body_last"]) in text
        if gold["kind"] == "article":
            found["ends"] = text.endswith(_bare(gold["body_last"]))
    answers = {measure: (int(is_right), 1) for measure, is_right in found.items()}
    if headings := gold.get("headings"):
        lines = {_bare(line) for line in article.body.splitlines()}
        answers["headings"] = (sum(_bare(heading) in lines for heading in headings), len(headings))
    return answers


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def _bare(text: str) -> str:
    return "".join(_plain(text).split())


def _names(text: str) -> set[str]:
    parts = re.split(r"[;,/|&]| - | – | và ", re.sub(r"\([^)]*\)", "", _plain(text)))
    return {name.casefold() for part in parts if (name := part.strip(" -–"))}
