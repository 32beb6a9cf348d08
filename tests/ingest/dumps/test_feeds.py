"""Feeds and site maps, and what a crawl leaves."""

import quopri
from pathlib import Path

import pytest
from tests.ingest.dumps.written import BODY, TITLE, A, dumped, read_all

from vnsearch import Report, read

# -- feeds -----------------------------------------------------------------------------------------------


def test_rss(tmp_path: Path) -> None:
    """The text of content:encoded, else what the description says; markup and entities are read."""
    feed = f"""<?xml version="1.0" encoding="utf-8"?>
    <rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/">
    <channel><title>Báo</title><link>https://baolangson.vn</link>
    <item><title><![CDATA[{TITLE}]]></title><link>https://baolangson.vn/1</link><dc:creator>N. A.</dc:creator>
      <description><![CDATA[<a href="x"><img src="y"/></a>Tóm tắt]]></description>
      <content:encoded><![CDATA[<p>{BODY}</p>]]></content:encoded>
      <pubDate>Tue, 07 Feb 2023 11:34:00 +0700</pubDate><category>Tin</category><category>Lũ</category></item>
    <item><title>Gi&#225; v&amp;agrave;ng</title><link>https://baolangson.vn/2</link>
      <description>&lt;p&gt;Giá vàng tăng.&lt;/p&gt;</description>
      <pubDate>Tue, 07 Feb 2023 04:34:00 GMT</pubDate></item>
    </channel></rss>"""
    for name in ("a.xml", "a.rss", "feed"):
        first, second = read_all(tmp_path / name, feed)
        assert (first.title, first.lead, first.body, first.author) == (TITLE, "Tóm tắt", BODY, "N. A.")
        assert (first.url, first.source, first.extra["category"]) == (
            "https://baolangson.vn/1", "baolangson.vn", ["Tin", "Lũ"],
        )  # fmt: skip
        assert (second.title, second.lead, second.published) == ("Giá vàng", "Giá vàng tăng.", first.published)


def test_atom(tmp_path: Path) -> None:
    """The alternate link, the authors' names, XHTML; no entity of the file's own is followed."""
    (tmp_path / "secret").write_text("bí mật")
    feed = f"""<?xml version="1.0"?><!DOCTYPE feed [<!ENTITY x SYSTEM "file://{tmp_path}/secret">]>
    <feed xmlns="http://www.w3.org/2005/Atom"><title>Báo</title><entry><title>{TITLE}</title>
    <link rel="self" href="https://a.vn/self"/><link rel="alternate" href="https://a.vn/1"/><id>urn:1</id>
    <updated>2023-02-07T04:34:00Z</updated><author><name>N. A.</name></author><summary>&x;</summary>
    <content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>Đoạn một.</p><p>Đoạn hai.</p></div></content>
    </entry></feed>"""
    (article,) = read_all(tmp_path / "a.atom", feed)
    assert (article.url, article.author, article.body) == ("https://a.vn/1", "N. A.", "Đoạn một.\nĐoạn hai.")
    assert article.published is not None
    assert "bí mật" not in str(article)


def test_an_export_of_wordpress(tmp_path: Path) -> None:
    """Posts that were published; what is no article, and drafts, are counted with the reason, or read if asked for."""
    kinds = [("post", "publish"), ("page", "publish"), ("attachment", "inherit"), ("nav_menu_item", "publish"),
             ("post", "draft"), ("tin-tuc", "publish")]  # fmt: skip
    items = "".join(
        f"<item><title>Tin {n}</title><link>https://a.vn/?p={n}</link>"
        f"<content:encoded><![CDATA[Đoạn {n}.]]></content:encoded>"
        f"<wp:post_date><![CDATA[2023-02-0{n + 1} 11:34:00]]></wp:post_date><wp:post_id>{n}</wp:post_id>"
        f"<wp:status><![CDATA[{status}]]></wp:status><wp:post_type><![CDATA[{kind}]]></wp:post_type></item>"
        for n, (kind, status) in enumerate(kinds)
    )
    export = f"""<?xml version="1.0" encoding="UTF-8" ?><rss version="2.0" xmlns:wp="http://wordpress.org/export/1.2/"
    xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>S</title>{items}</channel></rss>"""
    report = Report()
    articles = read_all(tmp_path / "a.xml", export, report)
    assert [a.title for a in articles] == ["Tin 0", "Tin 1", "Tin 5"]
    assert articles[0].published is not None
    assert sorted(str(error).partition(": ")[2] for error in report.skipped) == [
        '1 left out: items of type "attachment" are no articles',
        '1 left out: items of type "nav_menu_item" are no articles',
        '1 left out: items with status "draft" were not published',
    ]
    assert len(list(read(tmp_path / "a.xml", all=True))) == 6


@pytest.mark.parametrize(
    ("data", "reason"), [("<urlset><url><loc>x</loc></url></urlset>", "<urlset> holds no"), ("x", "this is no XML")]
)
def test_xml_that_is_no_list_of_articles(tmp_path: Path, data: str, reason: str) -> None:
    """Named, with what it is."""
    report = Report()
    assert not read_all(tmp_path / "a.xml", data, report)
    assert reason in str(report.skipped[0])


# -- what a crawl leaves ---------------------------------------------------------------------------------

PAGE = (
    "<!DOCTYPE html><html><head><title>Tin {0}</title></head><body><h1>Tin {0}</h1><article>"
    + "".join(f"<p>Sáng 7/2, tỉnh Lạng Sơn họp báo {{0}} về lũ lần {n}, có đại biểu các xã dự.</p>" for n in range(9))
    + "</article></body></html>"
)


def test_a_mirrored_site(tmp_path: Path) -> None:
    """Pages by what they are, whatever wget called them; what is none is named."""
    names = ["a.chn", "b.aspx", "c.php", "d.jsp", "e.shtml", "tin-tuc", "g.html?p=2", "h.html@p=2", "i.html"]
    for number, name in enumerate(names):
        (tmp_path / name).write_text(PAGE.format(number))
    (tmp_path / "style.css").write_text("p { color: red }")
    (tmp_path / "logo.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0")
    report = Report()
    assert sorted(a.title for a in read(tmp_path, report=report)) == [f"Tin {n}" for n in range(len(names))]
    assert [Path(error.path).name for error in report.skipped] == ["logo.png", "style.css"]
    assert next(iter(read(tmp_path / "tin-tuc"))).title == "Tin 5"


def test_a_format_holds_for_a_folder(tmp_path: Path) -> None:
    """For all of its files that are text."""
    (tmp_path / "a.bai").write_text("7/2/2023\nHọp báo\n\nSáng nay.\n")
    (tmp_path / "b.bai").write_text("8/2/2023\nGiá vàng\n\nChiều nay.\n")
    (tmp_path / "c.bin").write_bytes(b"\0\1\2")
    report = Report()
    assert [a.title for a in read(tmp_path, format="text", report=report)] == ["Họp báo", "Giá vàng"]
    assert [Path(error.path).name for error in report.skipped] == ["c.bin"]


def test_a_page_saved_in_one_file(tmp_path: Path) -> None:
    """MHTML, as Chrome writes it: its encoding and address are used."""
    quoted = quopri.encodestring(PAGE.format(1).encode()).decode()
    data = (
        "From: <Saved by Blink>\nSnapshot-Content-Location: https://baolangson.vn/tin-1.html\nMIME-Version: 1.0\n"
        'Content-Type: multipart/related;\n\ttype="text/html";\n\tboundary="----x"\n\n\n------x\n'
        "Content-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n"
        f"Content-Location: https://baolangson.vn/tin-1.html\n\n{quoted}\n------x--\n"
    )
    for name in ("a.mhtml", "a.mht", "saved"):
        (article,) = read_all(tmp_path / name, data)
        assert (article.title, article.url, article.source) == (
            "Tin 1", "https://baolangson.vn/tin-1.html", "baolangson.vn",
        )  # fmt: skip
        assert "Lạng Sơn họp báo 1" in article.body


def test_links_to_folders_and_folders_without_rights(tmp_path: Path) -> None:
    """Named; nothing in a folder is passed over in silence."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.jsonl").write_text(dumped(A)[0])
    (tmp_path / "out").mkdir()
    (tmp_path / "in" / "link").symlink_to(tmp_path / "out")
    report = Report()
    assert len(list(read(tmp_path / "in", report=report))) == 1
    assert "a link to a folder" in str(report.skipped[0])
