"""The bundled sample, read, against labels that were written beside it."""

import json
import unicodedata
from pathlib import Path

import pytest

from vnsearch import Report, read

ROOT = Path(__file__).parents[2]
ARTICLES = {article.id: article for article in read(ROOT / "examples" / "articles.jsonl")}
GOLD = [json.loads(line) for line in (ROOT / "tests/data/examples_articles_gold.jsonl").read_text("utf-8").splitlines()]
PAGES = [json.loads(line) for line in (ROOT / "tests/data/examples_pages_gold.jsonl").read_text("utf-8").splitlines()]


@pytest.mark.parametrize("gold", GOLD, ids=lambda gold: gold["id"])
def test_a_json_line(gold: dict[str, object]) -> None:
    """Date, provinces in order, and the main topic among those found."""
    article = ARTICLES[gold["id"]]  # type: ignore[index]
    assert str(article.day) == gold["published"]
    assert list(article.provinces) == gold["provinces"]
    assert gold["topics"][0] in article.topics  # type: ignore[index]


@pytest.mark.parametrize("gold", PAGES, ids=lambda gold: gold["path"])
def test_a_page(gold: dict[str, object]) -> None:
    """Text pages and HTML: all fields, the whole text, and none of the site's furniture."""
    report = Report()
    (article,) = read(ROOT / "examples" / str(gold["path"]), report=report)
    assert not report.refused
    assert not report.warned
    assert unicodedata.normalize("NFC", article.title) == gold["title"]
    assert str(article.day) == gold["published"]
    assert list(article.provinces) == gold["provinces"]
    assert gold["topics"][0] in article.topics  # type: ignore[index]
    # a page without any address on it cannot tell its site
    assert article.source == gold["source"] or (article.source == "" and "son-la" in str(gold["path"]))
    text = unicodedata.normalize("NFC", f"{article.lead}\n{article.body}")
    assert str(gold["body_contains"]) in text
    assert str(gold["body_lacks"]) not in text
