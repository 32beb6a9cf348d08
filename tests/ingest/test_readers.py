"""Files of every kind; what cannot be read is reported with file, line and reason, and the rest goes on."""

import gzip
import json
import lzma
from datetime import date
from pathlib import Path

import pytest
from backports import zstd

from vnsearch import Article, ReadError, Report, read

RECORD = {"id": "1", "title": "Lạng Sơn họp", "body": "Sáng nay.", "published": "7/2/2023"}


def lines(*records: object) -> bytes:
    return "\n".join(json.dumps(r, ensure_ascii=False) if not isinstance(r, str) else r for r in records).encode()


def test_json_lines_with_bad_records(tmp_path: Path) -> None:
    """Each bad line is named; the good ones around it are read."""
    file = tmp_path / "a.jsonl"
    file.write_bytes(
        lines(RECORD, "{oops", "[1]", {"title": "chỉ có tiêu đề"}, {"id": 7, "body": "x"}, {"id": "9"}, {"body": True})
    )
    report = Report()
    articles = list(read(file, report=report))
    assert [a.id for a in articles[:1] + articles[2:]] == ["1", "7"]
    assert report.read == 3
    assert [error.line for error in report.refused] == [2, 3, 6, 7]
    assert "not JSON" in str(report.refused[0])
    assert "a.jsonl:3: expected an object in braces, got int 1" in str(report.refused[1])
    assert "no key is known as title or text among id" in str(report.refused[2])
    assert "body: expected text, got bool True" in str(report.refused[3])


def test_strict_stops_at_the_first(tmp_path: Path) -> None:
    """And says where."""
    file = tmp_path / "a.jsonl"
    file.write_bytes(lines(RECORD, "{oops", RECORD))
    with pytest.raises(ReadError, match=r"a\.jsonl:2: not JSON"):
        list(read(file, strict=True))


def test_a_wrong_date_or_name_leaves_the_article_and_a_warning(tmp_path: Path) -> None:
    """The value is kept where it came from, not guessed at and not lost."""
    file = tmp_path / "a.jsonl"
    file.write_bytes(lines({**RECORD, "published": "31/2/2023", "province": "Atlantis", "score": 3}))
    report = Report()
    (article,) = read(file, report=report)
    assert article.published is None
    assert article.provinces == ("Lạng Sơn",)
    assert article.extra == {"published": "31/2/2023", "province": "Atlantis", "score": 3}
    assert len(report.warned) == 2
    assert "31/2/2023" in str(report.warned[0])
    assert "Atlantis" in str(report.warned[1])


@pytest.mark.parametrize(
    ("name", "pack"),
    [("a.jsonl.gz", gzip.compress), ("a.jsonl.xz", lzma.compress), ("a.jsonl.zst", zstd.compress)],
)
def test_packed_files(tmp_path: Path, name: str, pack: object) -> None:
    """Read as they are; a cut one is reported."""
    packed = pack(lines(RECORD, {**RECORD, "id": "2"}))  # type: ignore[operator]
    (tmp_path / name).write_bytes(packed)
    assert [a.id for a in read(tmp_path / name)] == ["1", "2"]
    (tmp_path / name).write_bytes(packed[: len(packed) // 2])
    report = Report()
    list(read(tmp_path / name, report=report))
    assert report.refused


def test_every_format_gives_the_same_article(tmp_path: Path) -> None:
    """JSON lines, JSON, CSV and a text page of one text are one article."""
    (tmp_path / "a.jsonl").write_bytes(lines(RECORD))
    (tmp_path / "b.json").write_bytes(json.dumps([RECORD]).encode())
    (tmp_path / "c.csv").write_text("id,headline,text,date\n1,Lạng Sơn họp,Sáng nay.,7/2/2023\n", "utf-8-sig")
    (tmp_path / "d.txt").write_text("7/2/2023\nLạng Sơn họp\n\nSáng nay.\n")
    articles = list(read(tmp_path))
    assert len(articles) == 4
    for article in articles:
        assert (article.title, article.body, article.published) == ("Lạng Sơn họp", "Sáng nay.", date(2023, 2, 7))


def test_field_map_and_stable_ids(tmp_path: Path) -> None:
    """fields= says which key is which; without an id the URL, else a hash of the text, which stays the same."""
    (tmp_path / "a.jsonl").write_bytes(lines({"alpha": "A", "beta": "B"}, {"title": "A", "url": "https://x.vn/1"}))
    first, second = (
        read(tmp_path / "a.jsonl", fields={"title": "alpha", "body": "beta"}),
        read(tmp_path / "a.jsonl"),
    )
    assert [(a.title, a.body) for a in first] == [("A", "B")]
    assert [a.id for a in second] == ["https://x.vn/1"]
    assert len({a.id for _ in range(2) for a in read(tmp_path / "a.jsonl", fields={"body": "beta"})}) == 2


def test_what_is_not_there_or_of_no_known_kind(tmp_path: Path) -> None:
    """A path that was named itself must be readable; at once, before anything is indexed."""
    with pytest.raises(ReadError, match="no such file"):
        read(tmp_path / "nothing")
    (tmp_path / "a.docx").write_bytes(b"PK")
    with pytest.raises(ReadError, match="what kind of file"):
        read(tmp_path / "a.docx")
    with pytest.raises(ReadError, match="no file of a known kind"):
        read(tmp_path)


def test_bytes_that_are_no_utf8(tmp_path: Path) -> None:
    """Reported with the place of the byte, for a page and for a record."""
    (tmp_path / "a.txt").write_bytes(b"Tin m\xffi\nKh\xc3\xb4ng")
    (tmp_path / "b.jsonl").write_bytes(b'{"id": "1", "title": "\xff"}\n' + lines(RECORD))
    (tmp_path / "c.html").write_bytes(b"<html><body></body></html>")
    report = Report()
    articles = list(read(tmp_path, report=report))
    assert [a.id for a in articles] == ["1"]
    assert len(report.refused) == 3
    assert "not UTF-8" in str(report.refused[0])


def test_articles_survive_a_round_through_a_file(tmp_path: Path) -> None:
    """What `vnsearch show --json` prints can be indexed again."""
    import msgspec

    (tmp_path / "a.jsonl").write_bytes(lines(RECORD))
    (article,) = read(tmp_path / "a.jsonl")
    (tmp_path / "b.jsonl").write_bytes(msgspec.json.encode(article))
    (again,) = read(tmp_path / "b.jsonl")
    assert isinstance(again, Article)
    assert (again.id, again.title, again.published, again.provinces) == (
        article.id, article.title, article.published, article.provinces,
    )  # fmt: skip


def test_old_encodings_are_read(tmp_path: Path) -> None:
    """A page in TCVN3 bytes, and a record whose TCVN3 bytes were read as cp1252, come out in Unicode."""
    text = "Héi nghÞ tæng kÕt c«ng t¸c d©n vËn\nB¸o c¸o cña Ban D©n vËn TØnh uû L¹ng S¬n vÒ c«ng t¸c d©n vËn n¨m 2008."
    (tmp_path / "a.txt").write_bytes(text.encode("cp1252"))
    title, body = text.split("\n")
    (tmp_path / "b.jsonl").write_bytes(lines({"title": title, "body": body}))
    for article in read(tmp_path):
        assert article.title == "Hội nghị tổng kết công tác dân vận"
        assert "Tỉnh uỷ Lạng Sơn" in article.body
        assert article.provinces == ("Lạng Sơn",)


def test_an_id_that_comes_twice_is_reported(tmp_path: Path) -> None:
    """With file and line; both articles are given on, so that the later one replaces the earlier."""
    (tmp_path / "a.jsonl").write_bytes(lines(RECORD, {**RECORD, "id": "2"}))
    (tmp_path / "b.jsonl").write_bytes(lines(RECORD))
    report = Report()
    assert len(list(read(tmp_path, report=report))) == 3
    (repeated,) = report.repeated
    assert (Path(repeated.path).name, repeated.line) == ("b.jsonl", 1)
    assert 'id "1" came before' in repeated.reason


def test_what_stands_before_a_break_is_read_and_reported_in_order(tmp_path: Path) -> None:
    """Records are looked at many at a time; still nothing before a cut or a bad line is lost, and order stays."""
    (tmp_path / "a.jsonl").write_bytes(
        lines(RECORD, {"body": True}, "{oops", {"body": {}}, *({**RECORD, "id": f"{n}"} for n in range(90)))
    )
    (tmp_path / "b.jsonl").write_bytes(lines({**RECORD, "id": "b"}))
    report = Report()
    articles = list(read(tmp_path, report=report))
    assert [a.id for a in articles] == ["1", *(f"{n}" for n in range(90)), "b"]
    assert [error.line for error in report.refused] == [2, 3, 4]
    assert report.bytes_read == report.bytes_total
    until_error = []
    with pytest.raises(ReadError, match=r"a\.jsonl:2: body"):
        for article in read(tmp_path, strict=True):
            until_error.append(article.id)
    assert until_error == ["1"]


def test_files_of_unknown_kinds_in_a_folder_are_named(tmp_path: Path) -> None:
    """Not those that are hidden, or lie in a hidden folder: nobody means them."""
    (tmp_path / "a.jsonl").write_bytes(lines(RECORD))
    (tmp_path / "b.docx").write_bytes(b"PK")
    (tmp_path / "c.pdf.gz").write_bytes(b"")
    (tmp_path / ".DS_Store").write_bytes(b"")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "config").write_bytes(b"")
    report = Report()
    assert len(list(read(tmp_path, report=report))) == 1
    assert [Path(error.path).name for error in report.skipped] == ["b.docx", "c.pdf.gz"]
    assert "not of a known kind" in str(report.skipped[0])
    assert not report.refused


@pytest.mark.parametrize(("name", "data"), [("a.jsonl", "\n\n"), ("a.csv", "title,body\n"), ("a.json", "[]")])
def test_a_file_without_a_record_is_named(tmp_path: Path, name: str, data: str) -> None:
    """It is no error, and it is no silence."""
    (tmp_path / name).write_text(data)
    report = Report()
    assert not list(read(tmp_path / name, report=report))
    assert [str(error) for error in report.skipped] == [f"{tmp_path / name}: no record"]
    assert not report.refused


@pytest.mark.parametrize(
    ("rows", "lines_refused", "ids"),
    [
        (['1,A,"one', "2,B,two"], [2], ["2"]),  # to the end of the file
        (['1,A,"one', '2,B,"two"', "3,C,three"], [2], ["2", "3"]),  # to the next quote
        (['1,A,"one "two" three', 'four"', "5,E,five"], [2], ["5"]),  # not doubled, over two lines
        (['1,A,"one ""two"" three', 'four"', "5,E,five"], [], ["1", "5"]),
        (['1,A,6" pipes', "2,B"], [], ["1", "2"]),
        (["1,A,one,two", "2,B,two"], [2], ["2"]),  # a comma without quotes
    ],
)
def test_a_broken_row_of_a_csv_file(tmp_path: Path, rows: list[str], lines_refused: list[int], ids: list[str]) -> None:
    """It is refused with its line, becomes no article, and takes no other row with it."""
    (tmp_path / "a.csv").write_text("\n".join(["id,title,body", *rows]) + "\n", "utf-8")
    report = Report()
    assert [article.id for article in read(tmp_path / "a.csv", report=report)] == ids
    assert [error.line for error in report.refused] == lines_refused
    assert all("quote" in error.reason or "columns" in error.reason for error in report.refused)


def test_a_broken_header_of_a_csv_file(tmp_path: Path) -> None:
    """No row is taken for a header in its stead."""
    (tmp_path / "a.csv").write_text('id,"title,body\n1,A,one\n2,B,two\n', "utf-8")
    report = Report()
    assert not list(read(tmp_path / "a.csv", report=report))
    assert [error.line for error in report.refused] == [1]
