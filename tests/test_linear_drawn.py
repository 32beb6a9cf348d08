"""Time grows with the length of a text, over texts that nobody listed: as drawn, and as `test_linear` lists them.

A text is a beginning, something again and again, and an end: pieces of what each reader knows, and what the regular
expressions of the package almost match (`scripts/check_patterns.py` makes it of them).  The same are drawn at each run;
`VNSEARCH_EXAMPLES=2000 pytest tests/test_linear_drawn.py` draws others, and more.
"""

import os
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.test_linear import MARKUP, UNITS, grows

from check_patterns import found, texts
from vnsearch import Article, Index, Report, read
from vnsearch.ingest.dumps.fields import text_of
from vnsearch.ingest.find_provinces import find_provinces
from vnsearch.ingest.find_topics import find_topics
from vnsearch.ingest.pages.html import read_fragment
from vnsearch.ingest.record import make_article
from vnsearch.present.marker import Marker
from vnsearch.printable import json_text, printable
from vnsearch.query.planner import plan
from vnsearch.query.syntax import parse
from vnsearch.text.fingerprint import fingerprint
from vnsearch.text.legacy import decode_legacy
from vnsearch.text.tokenize import tokenize

pytestmark = pytest.mark.slow
EXAMPLES = int(os.environ.get("VNSEARCH_EXAMPLES", "0"))
CHARACTERS, OF_A_QUERY = 60_000, 19_000

JSON = (
    *('{"title":"a","body":"b"},', '{"title":"a","body":"b"}\n', "[", "]", "{", "}", '"', ",", ":", "\n", "\\", "1e"),
    *('"a":', '"body":"', '{"a":', '{"data":[', '{"items":', '{"items":[[', "null", "\ufeff", "\\ud800", "{}\n", "//"),
)
ROWS = ("a,", "a;", "a\t", '"', '""', '","', "\n", "\r\n", "\r", "title,body\n", 'z,"\n', '"a\nb",', "\x00", "a|", "'")
FEED = (
    *("<item>", "</item>", "<rss>", "<channel>", "<title>a</title>", "<title>", "<description>", "<![CDATA[", "]]>"),
    *("&lt;", "&x;", "<!DOCTYPE a [", "<!ENTITY a 'b'>", "<a>", "</a>", "<a b='c'>", "<content:encoded>", "<entry>"),
    *("<!--", "-->", "<?x ?>", "<item><title>a</title><description>b</description></item>", "\n", "x"),
)
MAIL = (
    *("MIME-Version: 1.0\n", "Content-Type: multipart/related; boundary=x\n", "--x\n", "\n", "=3D", "=\n", " a", "--"),
    *("Content-Type: text/html\n\n", "Content-Transfer-Encoding: base64\n\n", "QUJD", "--x--\n", "From: ", ";", "a:"),
    *("<p>a</p>", "boundary=", '"', "=?utf-8?q?a?= ", "Content-Location: http://a.vn/x\n", "(", "=?"),
)
PAGE = (
    *MARKUP,
    *("<div>", "</div>", "<p>", "</p>", "<span>", "<h2>", "<script>", "</script>", "<style>", "<!-- ", "-->", "&#"),
    *("<ul>", "<title>", "<iframe>", "<noscript>", "<svg>", "<textarea>", "class='", "<blockquote>", "<nav>", "\n"),
    *("<div style='display:none'>", "<article>", "<strong>Theo A</strong>", "<select><option>", "<base href=x>"),
    *('{"@type":"NewsArticle","headline":"x",', "<script type='application/ld+json'>", "[", "{", '"a":', "dân vận "),
)
TEXT = (
    *UNITS,
    *("Nguyễn Văn A", "Tỉnh Lạng Sơn, ", "xã ", "huyện ", "Theo ", "(VOV) - ", "\n\n", "Ảnh: ", "Số: 12/QĐ-UBND\n"),
    *("CỘNG HÒA ", "&amp;", "<p>", "Thñ ", "vµ ", "TP. ", "PGS. ", "Mr. "),
)


@cache
def nearly() -> list[str]:
    """What regular expressions almost match: beginnings and what is repeated behind them."""
    patterns = {one.pattern.pattern: one.pattern for one in found()}.values()
    return sorted({part for pattern in patterns for text in texts(pattern) for part in text[:2] if part})


class Adversary:
    """A text of any size.  nested: as many times at its end what closes; counted: none of its parts is as another."""

    def __init__(self, begin: str, unit: str, end: str, close: str, kind: str) -> None:
        self.begin, self.unit, self.end, self.close, self.kind = begin, unit, end, close, kind

    def __repr__(self) -> str:
        return f"Adversary({self.begin!r}, {self.unit!r}, {self.end!r}, {self.close!r}, {self.kind!r})"

    def __call__(self, size: int) -> str:
        """The unit so many times."""
        if self.kind == "counted":
            return self.begin + "".join(f"{self.unit}{n}{self.close}" for n in range(size)) + self.end
        behind = self.close * size if self.kind == "nested" else ""
        return f"{self.begin}{self.unit * size}{self.end}{behind}"

    def size(self, most: int) -> int:
        """How often the unit is in a text of a tenth of so many characters."""
        return max(most // 10 // (len(self(100)) // 100 + 1), 2)


def adversaries(pieces: tuple[str, ...]) -> st.SearchStrategy[Adversary]:
    piece = st.one_of(
        st.lists(st.sampled_from(pieces), min_size=1, max_size=3).map("".join),
        st.sampled_from(pieces),
        st.deferred(lambda: st.sampled_from(nearly())),
    )
    kinds = st.sampled_from(("", "", "nested", "counted"))
    return st.builds(Adversary, st.just("") | piece, piece, st.just("") | piece | st.just("!x"), piece, kinds)


def drawn(number: int, pieces: tuple[str, ...]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """`number` adversaries of these pieces, the same each time, or as many others as the environment says."""
    how = settings(
        max_examples=EXAMPLES or number, derandomize=not EXAMPLES, database=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    return lambda test: how(given(adversary=adversaries(pieces))(test))


def check(run: Callable[[str], object], adversary: Adversary, most: int = CHARACTERS) -> None:
    """Fails where ten times the text takes more than fifteen times the time, at three sizes: modes change with size,
    and what is remembered of a smaller text fits into a processor's caches.
    """
    size = adversary.size(most)
    ratios = (grows(run, adversary, times * size, moment=0.03) for times in (1, 3, 6))
    assert any(ratio <= 15 for ratio in ratios)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    index = Index.create(tmp_path_factory.mktemp("linear") / "index")
    with index.writer() as writer:
        for n in range(50):
            writer.add(Article(id=str(n), title=f"dân vận {n}", body=f"hội nghị công tác nông thôn mới tin{n}"))
    return index


FORMATS = {"html": PAGE, "json": JSON, "jsonl": JSON, "csv": ROWS, "xml": FEED, "mhtml": MAIL, "text": TEXT}


@pytest.mark.parametrize("format", FORMATS)
def test_readers_are_linear(tmp_path: Path, format: str) -> None:
    """Files of each format, of what the format is made of."""
    path = tmp_path / "file"

    def run(text: str) -> None:
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
        list(read(path, format=format, report=Report()))

    @drawn(20, FORMATS[format])
    @example(adversary=Adversary('[{},1e\n{"a', '{"items":', "", "\n", "nested"))
    @example(adversary=Adversary('{},{"items":"', ' {"id":1}\n{"items":[[', "", "", ""))
    def each(adversary: Adversary) -> None:
        check(run, adversary)

    each()


WRITER = Marker(plan("dan van thang* a* b~ title").marked)
ANALYSERS: dict[str, Callable[[str], object]] = {
    "tokenize": tokenize,
    "legacy": decode_legacy,
    "fingerprint": fingerprint,
    "topics": lambda text: (find_topics(text[:300], text), find_topics(text, "")),
    "provinces": lambda text: (find_provinces(text[:300], text), find_provinces(text, "")),
    "snippets": lambda text: WRITER.shown([(text, (text,))], 240),
    "printable": lambda text: (printable(text), json_text(text.encode("utf-8", "replace").decode())),
    "record": lambda text: make_article({"title": text[:9_000], "body": text, "author": text, "published": text}),
    "address": lambda text: make_article({"title": "a", "body": "b", "url": f"http://a.vn/{text}", "source": text}),
}


@pytest.mark.parametrize("name", ANALYSERS)
def test_analysers_are_linear(name: str) -> None:
    """Whatever reads a text as a whole."""

    @drawn(15, TEXT)
    def each(adversary: Adversary) -> None:
        check(ANALYSERS[name], adversary, CHARACTERS)

    each()


@pytest.mark.parametrize("read_markup", [text_of, read_fragment], ids=["fields", "fragment"])
def test_markup_within_records_is_linear(read_markup: Callable[[str], object]) -> None:
    """Fields of a dump that hold pages, escaped or not."""

    @drawn(15, PAGE)
    @example(adversary=Adversary("", "\x00", "", "<a ", "counted"))
    @example(adversary=Adversary("<!--><i ", "a='>' b", "", "='<' /", "counted"))
    def each(adversary: Adversary) -> None:
        check(read_markup, adversary)

    each()


def test_indexing_is_linear(tmp_path: Path) -> None:
    """An article of any text, committed."""
    folders = iter(range(1_000_000))

    def run(text: str) -> None:
        with Index.create(tmp_path / str(next(folders))).writer() as writer:
            writer.add(Article(id="1", title="t", body=text.encode("utf-8", "replace").decode()))

    @drawn(8, TEXT)
    def each(adversary: Adversary) -> None:
        check(run, adversary)

    each()


def test_queries_are_linear(index: Index) -> None:
    """Up to as many characters as one may have: read, planned, explained, completed, searched for."""
    calls: dict[str, Callable[[str], Any]] = {
        "parse": parse, "plan": plan, "literal": lambda text: plan(text, literal=True), "explain": index.explain,
        "suggest": index.suggest, "complete": index.complete,
        "search": lambda text: index.search(text, literal=True).hits,
        "query": lambda text: [hit.snippet for hit in index.search(text)],
    }  # fmt: skip

    @drawn(12, TEXT)
    @example(adversary=Adversary("", "https", "7/2/==", "", ""))
    @example(adversary=Adversary("", "A", "!x", "", ""))
    def each(adversary: Adversary) -> None:
        for run in calls.values():
            check(run, adversary, OF_A_QUERY)

    each()
