"""Dumps as crawlers, systems, services and spreadsheets write them: every record is read, whatever shape it has."""

import json
import unicodedata
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.ingest.dumps.written import BODY, TITLE, A, B, dumped, read_all

from vnsearch import Report, read


def windows_1258(text: str) -> bytes:
    """As old programs write: the tone behind the vowel."""
    out = b""
    for letter in text:
        first, *marks = list(unicodedata.normalize("NFD", letter))
        tones = [mark for mark in marks if mark in "\u0300\u0301\u0303\u0309\u0323"]
        base = unicodedata.normalize("NFC", first + "".join(mark for mark in marks if mark not in tones))
        out += (base + "".join(tones)).encode("cp1258")
    return out


SHAPES = {
    "lines": "{0}\n{1}\n",
    "lines that end in a comma": "{0},\n{1},\n",
    "a sequence of RFC 7464": "\x1e{0}\n\x1e{1}\n",
    "an array": "[{0}, {1}]",
    "an array, a record a line (Scrapy)": "[\n{0},\n{1}\n]",
    "a comma behind the last": "[\n{0},\n{1},\n]",
    "broken off behind a comma": "[\n{0},\n{1},\n",
    "arrays behind one another": "[\n{0}\n][\n{1}\n]",
    "arrays on one line": "[{0}][{1}]",
    "objects behind one another": "{0}{1}",
    "an array a line": "[{0}]\n[{1}]\n",
    "articles": '{{"status": "ok", "totalResults": 2, "articles": [{0}, {1}]}}',
    "items with a title of its own": '{{"version": "1", "title": "Tin", "items": [{0}, {1}]}}',
    "data of data": '{{"data": {{"total": 2, "data": [{0}, {1}]}}}}',
    "hits of Elasticsearch": '{{"took": 1, "hits": {{"total": 2, "hits": [{{"_id": "a", "_source": {0}}}, '
    '{{"_id": "b", "_source": {1}}}]}}}}',
    "lines of Elasticsearch": '{{"_index": "news", "_id": "a", "_source": {0}}}\n'
    '{{"_index": "news", "_id": "b", "_source": {1}}}\n',
    "keys": '{{"one": {0}, "two": {1}}}',
    "docs of Solr": '{{"responseHeader": {{"status": 0}}, "response": {{"numFound": 2, "docs": [{0}, {1}]}}}}',
    "by day": '{{"2023-02-07": [{0}], "2023-02-08": [{1}]}}',
    "keys beside a count": '{{"count": 2, "one": {0}, "two": {1}}}',
    "edges of GraphQL": '{{"data": {{"posts": {{"edges": [{{"node": {0}}}, {{"node": {1}}}]}}}}}}',
    "groups": '[{{"day": "x", "articles": [{0}]}}, {{"day": "y", "articles": [{1}]}}]',
    "a script": "var data = [{0}, {1}];",
    "a callback": "done([{0}, {1}]);",
    "attributes": '{{"data": [{{"id": 1, "attributes": {0}}}, {{"id": 2, "attributes": {1}}}]}}',
}


@pytest.mark.parametrize("name", ["a.json", "a.jsonl"])
@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_shapes_of_json(tmp_path: Path, shape: str, name: str) -> None:
    """The same two records, whatever is around them and whatever the file is called."""
    report = Report()
    articles = read_all(tmp_path / name, shape.format(*dumped(A, B)), report)
    assert [(a.title, a.body) for a in articles] == [(A["title"], A["body"]), (B["title"], B["body"])]
    assert not report.refused
    assert len({a.id for a in articles}) == 2


@pytest.mark.parametrize("orient", ["columns", "index", "list", "split", "table", "records"])
def test_tables_as_pandas_writes_them(tmp_path: Path, orient: str) -> None:
    """In every orientation of to_json."""
    rows = [A, B]
    data: Any = {
        "columns": {key: {str(n): row[key] for n, row in enumerate(rows)} for key in A},
        "index": {str(n): row for n, row in enumerate(rows)},
        "list": {key: [row[key] for row in rows] for key in A},
        "split": {"columns": [*A], "index": [0, 1], "data": [[*row.values()] for row in rows]},
        "table": {"schema": {"fields": []}, "data": [{"index": n, **row} for n, row in enumerate(rows)]},
        "records": rows,
    }[orient]
    articles = read_all(tmp_path / "a.json", json.dumps(data, ensure_ascii=False))
    assert [(a.title, a.body) for a in articles] == [(TITLE, BODY), (B["title"], B["body"])]


@pytest.mark.parametrize(
    "data",
    [
        '{ "_id" : ObjectId("63e1"), "title" : "%s", "at" : ISODate("2023-02-07T04:34:00Z"), "n" : NumberLong(5) }',
        "{'title': '%s', 'at': None, 'is_new': True}",
    ],
)
def test_what_is_nearly_json(tmp_path: Path, data: str) -> None:
    """The shell of MongoDB, and a dict that was printed."""
    report = Report()
    assert [a.title for a in read_all(tmp_path / "a.jsonl", f"{data % TITLE}\n{data % 'Tin'}\n", report)] == [
        TITLE,
        "Tin",
    ]
    assert not report.refused


def test_an_object_over_many_lines(tmp_path: Path) -> None:
    """As mongoexport --pretty and people write them."""
    data = "\n".join(json.dumps(record, ensure_ascii=False, indent=2) for record in (A, B))
    assert [a.title for a in read_all(tmp_path / "a.json", data)] == [A["title"], B["title"]]
    array = json.dumps([A, B], ensure_ascii=False, indent=4)
    assert [a.title for a in read_all(tmp_path / "a.jsonl", array)] == [A["title"], B["title"]]


@pytest.mark.parametrize("bad", ['{"title": "open, "body": 1}', '{"title": nothing}', '{"title" "x"}', "7"])
def test_a_bad_record_in_an_array_is_told_and_the_rest_is_read(tmp_path: Path, bad: str) -> None:
    """As in JSON lines."""
    report = Report()
    one, two = dumped(A, B)
    articles = read_all(tmp_path / "a.json", f"[\n{one},\n{bad},\n{two}\n]", report)
    assert [a.title for a in articles] == [A["title"], B["title"]]
    assert [(error.line, "JSON" in error.reason or "braces" in error.reason) for error in report.refused] == [(2, True)]


def test_an_object_that_is_cut_is_refused(tmp_path: Path) -> None:
    """Those before it are read."""
    report = Report()
    assert len(read_all(tmp_path / "a.json", f'[{dumped(A)[0]}, {{"title": "Tin", "body": "x"', report)) == 1
    assert "the file ends inside this object" in str(report.refused[0])


def test_records_longer_than_what_is_read_at_once(tmp_path: Path) -> None:
    """Some megabytes, with braces and quotes in their texts, and one longer than the limit."""
    long = {"title": "Luật", "body": 'Điều {1} "một" \\ ' * 200_000}
    report = Report()
    articles = read_all(tmp_path / "a.json", "[" + ",\n".join(dumped(A, long, B)) + "]", report)
    assert [a.title for a in articles] == [A["title"], "Luật", B["title"]]
    assert articles[1].body == long["body"].strip()
    for name in ("a.json", "a.jsonl"):
        report = Report()
        articles = read_all(tmp_path / name, "\n".join(dumped(A, long, B)), report, max_record_bytes=1_000_000)
        assert [a.title for a in articles] == [A["title"], B["title"]]
        assert "a record of more than 1,000,000 bytes" in str(report.refused[0])
    report = Report()
    articles = read_all(tmp_path / "b.jsonl", "\n".join(dumped(long, B)), report, max_record_bytes=1_000_000)
    assert [a.title for a in articles] == [B["title"]]
    assert "a record of more than 1,000,000 bytes" in str(report.refused[0])


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "windows-1258"])
@pytest.mark.parametrize("name", ["a.json", "a.jsonl", "a.csv", "a.txt"])
def test_encodings(tmp_path: Path, name: str, encoding: str) -> None:
    """By the byte order mark, the zeros, or as what bytes read as Vietnamese; letters come out composed."""
    text = {
        "a.json": f"[{', '.join(dumped(A, B))}]", "a.jsonl": "\n".join(dumped(A, B)),
        "a.csv": f'title,body\n{TITLE},"{BODY}"\n{B["title"]},"{B["body"]}"\n',
        "a.txt": f"{TITLE}\n\n{BODY}\n",
    }[name]  # fmt: skip
    data = windows_1258(text) if encoding == "windows-1258" else text.encode(encoding)
    article = read_all(tmp_path / name, data)[0]
    assert (article.title, article.body) == (TITLE, BODY)


def test_what_python_writes_and_json_does_not_know(tmp_path: Path) -> None:
    """NaN is nothing, a bare line break is one; half a letter is refused alone."""
    report = Report()
    data = '{"title": "Một", "body": NaN}\n{"title": "Hai", "body": "a\tb"}\n{"title": "\\ud83d", "body": "x"}\n'
    assert [(a.title, a.body) for a in read_all(tmp_path / "a.jsonl", data, report)] == [("Một", ""), ("Hai", "a\tb")]
    assert len(report.refused) == 1


# -- records ---------------------------------------------------------------------------------------------

WRITTEN_BY = {
    "news-please": {"title": TITLE, "maintext": BODY, "date_publish": "2023-02-07 11:34:00", "url": "https://a.vn/1",
                    "source_domain": "baolangson.vn", "authors": ["N. A."], "date_download": "2026-01-01 00:00:00"},
    "newspaper": {"title": TITLE, "text": BODY, "publish_date": "2023-02-07T11:34:00", "url": "https://a.vn/1",
                  "authors": ["N. A."], "source_url": "https://baolangson.vn"},
    "fundus": {"title": TITLE, "plaintext": BODY, "publishing_date": "2023-02-07 11:34:00+07:00",
               "authors": ["N. A."], "publisher": "baolangson.vn"},
    "trafilatura": {"title": TITLE, "raw_text": "x", "text": BODY, "date": "2023-02-07 11:34", "author": "N. A.",
                    "hostname": "baolangson.vn", "source": "https://baolangson.vn/1"},
    "NewsAPI": {"source": {"id": None, "name": "baolangson.vn"}, "author": "N. A.", "title": TITLE, "description": "",
                "url": "https://a.vn/1", "publishedAt": "2023-02-07T04:34:00Z", "content": BODY},
    "WordPress": {"id": 7, "date": "2023-02-07T11:34:00", "guid": {"rendered": "https://baolangson.vn/?p=7"},
                  "link": "https://baolangson.vn/1", "title": {"rendered": "Họp b&aacute;o về lũ"}, "author": 3,
                  "content": {"rendered": f"<p>{BODY}</p>\n", "protected": False}, "categories": [4, 9]},
    "Mongo": {"_id": {"$oid": "63e1d2"}, "title": TITLE, "content": BODY, "author": {"name": "N. A."},
              "publishedAt": {"$date": "2023-02-07T04:34:00Z"}, "source": {"name": "baolangson.vn"}},
    "schema.org": {"@type": "NewsArticle", "headline": TITLE, "articleBody": BODY, "url": "https://baolangson.vn/1",
                   "datePublished": "2023-02-07T11:34:00+07:00", "author": [{"@type": "Person", "name": "N. A."}]},
    "Scrapy, all lists": {"title": [TITLE], "content": [BODY], "date": ["7/2/2023 11:34"], "author": ["N. A."],
                          "url": ["https://baolangson.vn/1"]},
    "Vietnamese": {"Tiêu đề": TITLE, "Nội dung": BODY, "Ngày đăng": "7/2/2023 11:34", "Tác giả": "N. A.",
                   "Nguồn": "baolangson.vn", "Đường dẫn": "https://a.vn/1"},
    "Vietnamese, typed without": {"tieu_de": TITLE, "noi_dung": BODY, "ngay_dang": "7/2/2023 11:34",
                                  "tac_gia": "N. A.", "nguon": "baolangson.vn"},
    "camels": {"articleTitle": TITLE, "ArticleContent": BODY, "PublishedDate": "7/2/2023 11:34", "AuthorName": "N. A.",
               "SourceName": "baolangson.vn"},
}  # fmt: skip


@pytest.mark.parametrize("record", WRITTEN_BY.values(), ids=WRITTEN_BY)
def test_records_of_well_known_programs(tmp_path: Path, record: dict[str, Any]) -> None:
    """Title, text, moment and source are found under the names that each gives them; nobody is made up."""
    report = Report()
    (article,) = read_all(tmp_path / "a.json", json.dumps(record, ensure_ascii=False), report)
    assert (article.title, article.body) == (TITLE, BODY)
    assert isinstance(article.published, datetime)
    assert article.published == datetime.fromisoformat("2023-02-07T11:34+07:00")
    assert article.source in ("baolangson.vn", "a.vn")
    assert article.author == ("" if record.get("author") == 3 else "N. A.")
    assert not report.refused
    assert not report.warned


@pytest.mark.parametrize(
    ("content", "body"),
    [
        (["Đoạn một.", "Đoạn hai."], "Đoạn một.\nĐoạn hai."),
        (["Tỉnh ", "Lạng Sơn", " họp.\r\n", "\r\n", "Đoạn hai."], "Tỉnh Lạng Sơn họp.\n\nĐoạn hai."),
        ([{"sub_title": "Mục một", "sub_content": ["a.", "b."]}, {"sub_title": "Mục hai"}], "Mục một\na.\nb.\nMục hai"),
        ({"blocks": [{"type": "header", "data": {"text": "Mục"}}, {"type": "paragraph", "data": {"text": "Đoạn"}}]},
         "Mục\nĐoạn"),
        ("['Đoạn một.', \"Đoạn 'hai'.\"]", "Đoạn một.\nĐoạn 'hai'."),
        ("['Đoạn một.' 'Đoạn\\xa0hai.']", "Đoạn một.\nĐoạn\xa0hai."),
        ('["Đoạn m\\u1ed9t.", "Đoạn hai."]', "Đoạn một.\nĐoạn hai."),
        ("Lời đầu.['\\r\\n ', 'Đoạn một.', '\\r\\n']", "Lời đầu.\n \nĐoạn một."),
        ('<p style="text-align: justify;">S&aacute;ng 7/2, t&#7881;nh</p><p>họp.</p>', "Sáng 7/2, tỉnh\nhọp."),
        ("&lt;p&gt;S&amp;aacute;ng 7/2&lt;/p&gt;&lt;p&gt;họp.&lt;/p&gt;", "Sáng 7/2\nhọp."),
        ("S&aacute;ng 7/2 R&D &amp; 3 < 4", "Sáng 7/2 R&D & 3 < 4"),
        ("Đoạn một.\\nĐo\\u1ea1n hai.", "Đoạn một.\nĐoạn hai."),
        ("Đoạn một.\r\nĐoạn hai.", "Đoạn một.\nĐoạn hai."),
        ("[img] chú thích ['a'", "[img] chú thích ['a'"),
    ],
)  # fmt: skip
def test_texts_of_all_kinds(tmp_path: Path, content: Any, body: str) -> None:
    """Lists, sections, printed lists, HTML and what is escaped are found out and read."""
    (article,) = read_all(tmp_path / "a.json", json.dumps({"title": "A", "content": content}))
    assert [line.strip() for line in article.body.split("\n")] == [line.strip() for line in body.split("\n")]


def test_a_page_in_a_record(tmp_path: Path) -> None:
    """What the record states goes before what the page says."""
    text = "".join(f"<p>Sáng 7/2, tỉnh Lạng Sơn họp báo về lũ, lần thứ {n}, với đại biểu các xã.</p>" for n in range(9))
    page = (
        f"<!DOCTYPE html><html><head><title>T</title></head><body><h1>Tựa</h1><article>{text}</article></body></html>"
    )
    (article,) = read_all(tmp_path / "a.json", json.dumps({"title": "Họp báo", "url": "https://a.vn/1", "html": page}))
    assert (article.title, article.url, "html" in article.extra) == ("Họp báo", "https://a.vn/1", False)
    assert "lần thứ 8" in article.body
    assert "<p>" not in article.body


@pytest.mark.parametrize(
    ("odd", "warned"),
    [
        ({"url": {"nothing": 1}}, 1), ({"id": True}, 1), ({"source": [True]}, 1), ({"author": 12}, 0),
        ({"id": 7.0}, 0), ({"url": ["https://a.vn/1", "x"]}, 0), ({"title": 1984}, 0), ({"url": "http://[x"}, 0),
        ({"source": "http://[x"}, 0), ({"lead": False}, 1), ({"published": {"x": 1}}, 1),
    ],
)  # fmt: skip
def test_an_odd_value_costs_itself(tmp_path: Path, odd: dict[str, Any], warned: int) -> None:
    """And not the article, whose text is sound; a number is text."""
    report = Report()
    (article,) = read_all(tmp_path / "a.json", json.dumps({**A, **odd}), report)
    assert article.body == BODY
    assert article.id
    assert article.title == str(odd.get("title", TITLE))
    assert report.warned.total == warned


def test_day_and_time_in_two_columns(tmp_path: Path) -> None:
    """Are one moment; a row without a time has its day."""
    first, second = read_all(tmp_path / "a.csv", "title,Ngày,Giờ\nMột,7/2/2023,11:34\nHai,7/2/2023,\n")
    assert first.published == datetime.fromisoformat("2023-02-07T11:34+07:00")
    assert second.published == date(2023, 2, 7)


def test_empty_words_are_no_values(tmp_path: Path) -> None:
    """What pandas, JavaScript and databases write for nothing."""
    report = Report()
    record = {**A, "date": "NaT", "author": "None", "url": "null", "source": "nan", "lead": "undefined", "id": ""}
    (article,) = read_all(tmp_path / "a.json", json.dumps(record), report)
    assert (article.published, article.author, article.url, article.source, article.lead) == (None, "", "", "", "")
    assert not report.warned


def test_keys_that_are_not_used_are_counted(tmp_path: Path) -> None:
    """With what the field that is missing looks like; those of no value are not told."""
    report = Report()
    odd = {"title": "A", "loi_van": "Sáng nay họp. " * 40, "len_luc": "7/2/2023 11:34", "views": 3, "empty": ""}
    read_all(tmp_path / "a.jsonl", "\n".join(dumped(odd, {**odd, "title": "B"})), report)
    assert report.unused == {"loi_van": 2, "len_luc": 2, "views": 2}
    assert report.looks_like == {"loi_van": "body", "len_luc": "published"}


def test_the_number_of_a_document_can_be_searched(tmp_path: Path) -> None:
    """Rows of a gazette have a subject and a number, and no text."""
    row = {"so_hieu": "12/QĐ-UBND", "trich_yeu": "Về việc giao đất", "ngay_ban_hanh": "2026-05-19"}
    (article,) = read_all(tmp_path / "a.json", json.dumps(row))
    assert (article.title, article.body, article.published) == (
        "Về việc giao đất", "Số: 12/QĐ-UBND", date(2026, 5, 19),
    )  # fmt: skip


def test_nested_too_deep_is_refused(tmp_path: Path) -> None:
    """In what would be kept; it could not be shown again."""
    report = Report()
    deep = '{"title": "A", "x": ' + "[" * 70 + "]" * 70 + "}"
    deeper = '{"title": "A", "x": ' + "[" * 100_000 + "]" * 100_000 + "}"
    assert len(read_all(tmp_path / "a.jsonl", "\n".join([deep, deeper, *dumped(A)]), report)) == 1
    assert [error.line for error in report.refused] == [1, 2]
    assert "more than 64 deep" in report.refused[0].reason


# -- addresses and identity ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("record", "url", "source"),
    [
        ({"url": "https://web.archive.org/web/20230301000000/https://baolangson.vn/x"}, "https://baolangson.vn/x",
         "baolangson.vn"),
        ({"url": "/tin-tuc/x.html"}, "/tin-tuc/x.html", ""),
        ({"url": "/tin/x.html", "source": "baolangson.vn"}, "https://baolangson.vn/tin/x.html", "baolangson.vn"),
        ({"url": "//baolangson.vn/x"}, "https://baolangson.vn/x", "baolangson.vn"),
        ({"url": "www.baolangson.vn/x"}, "https://www.baolangson.vn/x", "baolangson.vn"),
    ],
)  # fmt: skip
def test_addresses(tmp_path: Path, record: dict[str, str], url: str, source: str) -> None:
    """The article's own; a path is no source."""
    (article,) = read_all(tmp_path / "a.json", json.dumps({**A, **record}))
    assert (article.url, article.source) == (url, source)


def test_an_address_that_others_share_is_no_identity(tmp_path: Path) -> None:
    """Nothing is lost: of a site's own address, nor of one that a template repeats; a newer version replaces."""
    report = Report()
    home = [{"title": f"Tin {n}", "body": f"Nội dung {n}", "url": "https://xa.gov.vn/"} for n in range(4)]
    template = [{"title": f"Tin {n}", "body": f"Nội dung {n}", "url": "https://xa.gov.vn/tin"} for n in range(4)]
    again = {**template[0], "body": "Nội dung 0 ."}
    articles = read_all(tmp_path / "a.jsonl", "\n".join(dumped(*home, *template, again)), report)
    assert len({a.id for a in articles[:8]}) == 8
    assert articles[8].id == articles[4].id == "https://xa.gov.vn/tin"
    assert [("kept as" in e.reason, "replaces" in e.reason) for e in report.repeated] == [
        (True, False), (True, False), (True, False), (False, True),
    ]  # fmt: skip
    assert {a.id for a in read(tmp_path / "a.jsonl")} == {a.id for a in articles}


def test_pages_of_one_title_and_address_are_all_kept(tmp_path: Path) -> None:
    """A portal's slip: the title and canonical of its template, and much the same words."""
    for n, what in enumerate(("làm đường", "trồng rừng", "tiêm chủng", "nuôi cá"), 1):
        lines = "".join(f"<p>Ngày {day}/{n}, xã số {n * day} họp bàn {what} lần {day}.</p>" for day in range(1, 9))
        (tmp_path / f"p{n}.html").write_text(
            '<html><head><title>Cổng</title><link rel="canonical" href="https://xa.gov.vn/tin.html"></head>'
            f"<body><h1>Cổng thông tin</h1><article>{lines}</article></body></html>"
        )
    assert len({a.id for a in read(tmp_path)}) == 4


def test_an_abstract_does_not_replace_its_article(tmp_path: Path) -> None:
    """As a feed and the pages that it lists give; the other way round it does."""
    whole = {"title": TITLE, "lead": BODY, "body": "Theo báo cáo, lũ đã rút. " * 20, "url": "https://a.vn/1"}
    abstract = {"title": TITLE, "lead": BODY, "url": "https://a.vn/1"}
    assert len({a.id for a in read_all(tmp_path / "a.jsonl", "\n".join(dumped(whole, abstract)))}) == 2
    assert len({a.id for a in read_all(tmp_path / "a.jsonl", "\n".join(dumped(abstract, whole)))}) == 1


def test_a_number_that_others_share_is_no_identity(tmp_path: Path) -> None:
    """The rows of two tables both begin at 1."""
    (tmp_path / "a.csv").write_text("id,title,url\n1,Một,https://a.vn/1\n", "utf-8")
    (tmp_path / "b.csv").write_text("id,title,url\n1,Hai,https://b.vn/1\n", "utf-8")
    assert [a.id for a in read(tmp_path)] == ["1", "https://b.vn/1"]
