"""Tables as spreadsheets and databases write them."""

from datetime import date
from pathlib import Path

import pytest
from tests.ingest.dumps.written import BODY, TITLE, read_all

from vnsearch import Report


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize(
    "names", ["Tiêu đề{}Nội dung{}Ngày đăng", "tieu_de{}noi_dung{}ngay_dang", "Title{0}Content{0}Date"]
)
def test_separators(tmp_path: Path, names: str, separator: str) -> None:
    """Found out by the header, not said; commas in the text do not mislead."""
    header = names.format(separator, separator)
    row = separator.join(f'"{cell}"' for cell in (TITLE, BODY, "7/2/2023"))
    for name in ("a.csv", "a.tsv"):
        (article,) = read_all(tmp_path / name, f"\ufeff{header}\r\n{row}\r\n")
        assert (article.title, article.body, article.published) == (TITLE, BODY, date(2023, 2, 7))


@pytest.mark.parametrize(
    "data",
    [
        f"sep=;\r\nTitle;Content\r\n{TITLE};{BODY}\r\n",
        f"\nid, title, content\n1, {TITLE}, \"{BODY}\"\n",
        f",title,content\n0,{TITLE},\"{BODY}\"\n",
        f"title,content,tags\n\"['{TITLE}']\",\"['{BODY}']\",\"[]\"\n",
        f"title,content\n{TITLE},\"{BODY}\",,\n",
    ],
)  # fmt: skip
def test_tables_of_spreadsheets_and_pandas(tmp_path: Path, data: str) -> None:
    """A line that names the separator, blanks behind commas, a column of row numbers, printed lists, empty columns."""
    report = Report()
    (article,) = read_all(tmp_path / "a.csv", data, report)
    assert (article.title, article.body) == (TITLE, BODY)
    assert not report.refused


def test_quotes_as_databases_write_them(tmp_path: Path) -> None:
    """With a backslash, or as they are where tabs separate; the rows around are read."""
    for name, data in (("a.csv", 'title,body\nMột,"ông nói \\"x\\", đi"\nHai,y\n'),
                       ("a.tsv", 'title\tbody\nMột\t"x" là gì\nHai\ty\n')):  # fmt: skip
        report = Report()
        first, second = read_all(tmp_path / name, data, report)
        assert (first.body, second.body) == ('ông nói "x", đi' if name == "a.csv" else '"x" là gì', "y")
        assert not report.refused


def test_a_long_cell(tmp_path: Path) -> None:
    """A law has more than the 131,072 characters that Python's csv takes."""
    body = "Điều một. " * 20_000
    (article,) = read_all(tmp_path / "a.csv", f"title,body\nLuật,{body}\n")
    assert article.body == body.strip()


def test_columns_that_nobody_knows(tmp_path: Path) -> None:
    """The reason names them and says what to do."""
    report = Report()
    assert not read_all(tmp_path / "a.csv", "alpha,beta\n1,2\n", report)
    assert "no key is known as title or text among alpha, beta" in str(report.refused[0])
