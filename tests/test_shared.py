"""The main job on real corpora, which are not part of the project; skipped, with a word, where they are not."""

import json
import unicodedata
from pathlib import Path

import pytest

from vnsearch import Index, Report, read
from vnsearch.ingest.dates import find_date


@pytest.fixture(scope="module")
def real(corpora: Path, tmp_path_factory: pytest.TempPathFactory) -> Index:
    """One scraped page among 68 articles of a provincial newspaper."""
    index = Index.create(tmp_path_factory.mktemp("real") / "index")
    report = Report()
    with index.writer() as writer:
        for article in read(corpora.parent / "seed", corpora / "news" / "binhdinh.jsonl", report=report):
            writer.add(article)
    assert (report.read, report.refused, report.warned) == (69, [], [])
    return index


@pytest.mark.parametrize(
    "typed", ["dan van lang son", "dân vận Lạng Sơn", unicodedata.normalize("NFD", "dân vận Lạng Sơn")]
)
def test_the_scraped_page_comes_first(real: Index, typed: str) -> None:
    """With everything that was found in it, and its sentence with the matches marked."""
    hit = real.search(typed).hits[0]
    article = hit.article
    assert (str(article.published), article.source, article.provinces) == ("2023-02-07", "baolangson.vn", ("Lạng Sơn",))
    assert set(article.topics) == {"dan-van", "xay-dung-dang", "dan-toc"}
    assert {hit.snippet.text[a:b] for a, b in hit.snippet.highlights} >= {"dân vận", "Lạng Sơn"}


def test_the_fields_of_the_scraped_page(real: Index) -> None:
    """Found by province, topic and date together; not a day earlier."""
    fields = {"province": "Lang Son", "since": "2023-02-01", "topic": "dan-van"}
    assert real.search("dan van", until="2023-02-28", **fields).total == 1  # type: ignore[arg-type]
    assert real.search("dan van", until="2023-02-06", **fields).total == 0  # type: ignore[arg-type]


def test_every_real_date_is_read(corpora: Path) -> None:
    """All of the collected date strings give the day that their article has."""
    for line in (corpora / "dates" / "date_pairs.jsonl").read_text("utf-8").splitlines():
        pair = json.loads(line)
        found = find_date(pair["raw"])
        assert str(found)[:10] == pair["gold"][:10], pair["raw"]


def test_government_news_are_indexed_and_searched(corpora: Path, tmp_path: Path) -> None:
    """300 articles of the in-domain corpus: nothing refused, every article found by its own words."""
    index = Index.create(tmp_path / "index")
    report = Report()
    with index.writer() as writer:
        for article in read(corpora / "news" / "gov.jsonl.xz", report=report):
            writer.add(article)
            if report.read == 300:
                break
    assert not report.refused
    assert len(index) == writer.added
    for article in list(index)[::30]:
        words = " ".join(article.body.split()[20:32])
        assert article.id in [hit.id for hit in index.search("".join(c for c in words if c.isalnum() or c == " "))]
