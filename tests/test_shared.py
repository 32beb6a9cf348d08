"""The main job on real corpora, which are not part of the project; skipped, with a word, where they are not."""

import json
import lzma
import unicodedata
from collections import Counter
from datetime import date
from hashlib import blake2b
from itertools import islice
from pathlib import Path

import pytest

from vnsearch import Index, Report, read
from vnsearch.ingest.find_provinces import find_provinces
from vnsearch.ingest.record import make_article
from vnsearch.text.term_stream import forms_of
from vnsearch.vietnam.dates import find_date
from vnsearch.vietnam.provinces import find_by_name

pytestmark = pytest.mark.slow

SAVED_PAGES = Path(__file__).parent / "data" / "html_pages_gold.jsonl"


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


@pytest.mark.parametrize(
    "gold", [json.loads(line) for line in SAVED_PAGES.read_text("utf-8").splitlines()], ids=lambda gold: gold["path"]
)
def test_saved_pages_of_news_sites(corpora: Path, gold: dict[str, object]) -> None:
    """Title (by its hash), day, source, provinces and topic; pages that are lists of articles are refused as such."""
    report = Report()
    if reason := gold.get("refused"):
        assert list(read(corpora / str(gold["path"]), report=report)) == []
        assert str(reason) in str(report.refused[0])
        return
    (article,) = read(corpora / str(gold["path"]), report=report)
    assert (report.refused, report.warned) == ([], [])
    assert blake2b(article.title.encode(), digest_size=8).hexdigest() == gold["title_hash"]
    assert (str(article.day), article.source, list(article.provinces)) == (
        gold["day"], gold["source"], gold["provinces"],
    )  # fmt: skip
    assert gold["topic"] is None or gold["topic"] in article.topics
    assert len(article.body) >= int(str(gold["least_body"]))


def test_markup_of_articles_without_their_pages(corpora: Path) -> None:
    """Twelve records with title, day and html: text, lead, day, nothing warned of."""
    report = Report()
    articles = list(read(corpora / "html" / "baodautu_fragments.jsonl", report=report))
    assert (len(articles), report.refused, report.warned) == (12, [], [])
    assert all(a.published and len(a.lead) > 100 and len(a.body) > 1500 and "<" not in a.body for a in articles)


def test_provinces_of_stamped_texts(corpora: Path) -> None:
    """A third of titles and leads tell their province, and the first one found is right in 85 of 100."""
    found = right = number = 0
    for line in (corpora / "province" / "stamps.jsonl").read_text("utf-8").splitlines():
        record = json.loads(line)
        answer = [find_by_name(f.value).slug for f in find_provinces(record["title"], record["lead"])]
        gold = {find_by_name(record["province"]).slug, *(["thua-thien-hue"] if record["province"] == "Huế" else [])}
        number += 1
        found += bool(answer)
        right += bool(answer) and answer[0] in gold
    assert found >= 0.33 * number
    assert right >= 0.85 * found


def test_facets_of_headlines_are_the_counts_of_the_input(corpora: Path, tmp_path: Path) -> None:
    """5,000 headlines with dates and sources of their own."""
    index = Index.create(tmp_path / "index")
    by_source: Counter[str] = Counter()
    by_month: Counter[str] = Counter()
    with lzma.open(corpora / "news" / "rss_headlines.jsonl.xz", "rt", encoding="utf-8") as lines, index.writer() as w:
        for record in map(json.loads, islice(lines, 5000)):
            w.add(make_article(record).article)
            by_source[record["source"]] += 1
            by_month[record["published"][:7]] += 1
    facets = index.search("", limit=0, facets=("source", "month")).facets
    assert facets["source"] == dict(by_source)
    assert facets["month"] == dict(by_month)


def test_every_ward_of_today(corpora: Path) -> None:
    """All 3,321, by their kind, in an article of today: its province; nothing where several have the name."""
    rows = [
        json.loads(line) for line in (corpora / "gazetteer" / "wards_34_2026.jsonl").read_text("utf-8").splitlines()
    ]
    assert len(rows) == 3_321
    of: dict[tuple[str, ...], set[str]] = {}
    for row in rows:
        of.setdefault(tuple(form.lower() for form in forms_of(row["full_name"])), set()).add(row["province"])
    for row in rows:
        found = find_provinces(f"UBND {row['full_name'].replace(row['name'], '').lower()}{row['name']} họp", "",
                               published=date(2026, 3, 1))  # fmt: skip
        alone = of[tuple(form.lower() for form in forms_of(row["full_name"]))]
        expected = [find_by_name(row["province"]).name] if len(alone) == 1 else []
        assert ([f.value for f in found], row["full_name"]) == (expected, row["full_name"])
