"""A text page comes apart into what the article says and what the site adds."""

import pytest

from vnsearch.ingest.pages.text_page import Page, is_furniture, read_page
from vnsearch.vietnam.dates import parse_date

PAGE = """Thứ Ba, 7/2/2023
Huyện Cao Lộc ra quân làm đường

 Đoàn viên tham gia đổ bê tông\x20

\u00a0

Sáng 7/2, huyện Cao Lộc ra quân làm đường giao thông nông thôn.

Hơn 300 đoàn viên đã tham gia.

(baolangson.vn)


Gửi cho bạn bè

Các tin khác
Một tin khác hẳn"""


def test_the_parts_of_a_page() -> None:
    """Date line, headline, caption, body and source are told apart; the furniture is gone."""
    page = read_page(PAGE)
    assert page.date_line == "Thứ Ba, 7/2/2023"
    assert page.title == "Huyện Cao Lộc ra quân làm đường"
    assert page.captions == ("Đoàn viên tham gia đổ bê tông",)
    assert page.body == (
        "Sáng 7/2, huyện Cao Lộc ra quân làm đường giao thông nông thôn.\nHơn 300 đoàn viên đã tham gia."
    )
    assert page.source == "baolangson.vn"


def test_what_is_missing_stays_empty() -> None:
    """No date, no caption, no source: the text is all there, nothing is invented."""
    page = read_page("Một tiêu đề\nMột câu.\nMột câu nữa.")
    assert page == Page("", "Một tiêu đề", "Một câu.\nMột câu nữa.")
    assert read_page("").body == ""


def test_a_date_below_the_headline_and_windows_line_ends() -> None:
    """Sites differ; so do editors."""
    page = read_page("Tiêu đề\r\n07/02/2023 14:35 GMT+7\r\n\r\nMột câu.\r\n")
    assert (page.title, page.date_line, page.body) == ("Tiêu đề", "07/02/2023 14:35 GMT+7", "Một câu.")


def test_furniture_is_known_however_it_is_typed() -> None:
    """Case, diacritics and arrows do not hide it; a sentence with its words is not furniture."""
    assert is_furniture("GỬI CHO BẠN BÈ")
    assert is_furniture("» Tin liên quan:")
    assert not is_furniture("Tin liên quan đến bão số 3 được cập nhật hằng giờ.")


@pytest.mark.parametrize(
    ("text", "title", "date_line"),
    [
        (
            "Giá vàng hôm nay 7/2/2023: Tăng mạnh phiên thứ hai\nMột câu.",
            "Giá vàng hôm nay 7/2/2023: Tăng mạnh phiên thứ hai",
            "7/2/2023",
        ),
        (
            "Lịch cắt điện xã A ngày 8/2/2023\nThứ Ba, 7/2/2023\nMột câu.",
            "Lịch cắt điện xã A ngày 8/2/2023",
            "Thứ Ba, 7/2/2023",
        ),
        ("Thứ Ba, 7/2/2023\nTin ngày 6/2/2023\nMột câu.", "Tin ngày 6/2/2023", "Thứ Ba, 7/2/2023"),
        ("Cập nhật: 7/2/2023 - 11:34\nMột tiêu đề\nMột câu.", "Một tiêu đề", "Cập nhật: 7/2/2023 - 11:34"),
    ],
)
def test_a_headline_with_a_date_in_it_stays(text: str, title: str, date_line: str) -> None:
    """Only a line that is nothing but a date is one."""
    page = read_page(text)
    assert (page.title, page.date_line, page.body) == (title, date_line, "Một câu.")


def test_a_number_line_with_a_date_stays() -> None:
    """The number of a document is found though place and date stand beside it."""
    page = read_page("Dự toán ngân sách\nSố: 12/NQ-HĐND \t Cao Bằng, ngày 09 tháng 12 năm 2023\nMột câu.")
    assert "12/NQ-HĐND" in page.body


LETTER = """ỦY BAN NHÂN DÂN
TỈNH LẠNG SƠN
-------
CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
Độc lập - Tự do - Hạnh phúc
Số: 778/UBND-KT
V/v phòng, chống dịch
Lạng Sơn, ngày 13 tháng 02 năm 2023
Kính gửi: Các sở, ban, ngành.
Sở A báo cáo."""
DECISION = """CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
Độc lập - Tự do - Hạnh phúc
BỘ Y TẾ
Số: 3467 /QĐ-BYT
Hà Nội, ngày 15 tháng 11 năm 2024
QUYẾT ĐỊNH
Giá dịch vụ khám bệnh
BỘ TRƯỞNG BỘ Y TẾ
Căn cứ Luật A;"""
COLUMNS = """HỘI ĐỒNG NHÂN DÂN\tCỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
TỈNH CAO BẰNG\tĐộc lập - Tự do - Hạnh phúc
Số: 12/NQ-HĐND\tCao Bằng, ngày 09 tháng 12 năm 2023
NGHỊ QUYẾT
Về dự toán ngân sách
HỘI ĐỒNG NHÂN DÂN TỈNH CAO BẰNG
Điều 1. Một câu."""


@pytest.mark.parametrize(
    ("text", "title", "number", "issuer", "day"),
    [
        (LETTER, "V/v phòng, chống dịch", "778/UBND-KT", "ỦY BAN NHÂN DÂN TỈNH LẠNG SƠN", "2023-02-13"),
        (DECISION, "QUYẾT ĐỊNH Giá dịch vụ khám bệnh", "3467/QĐ-BYT", "BỘ Y TẾ", "2024-11-15"),
        (
            COLUMNS,
            "NGHỊ QUYẾT Về dự toán ngân sách",
            "12/NQ-HĐND",
            "HỘI ĐỒNG NHÂN DÂN TỈNH CAO BẰNG",
            "2023-12-09",
        ),
    ],
)
def test_official_documents(text: str, title: str, number: str, issuer: str, day: str) -> None:
    """The form of Decree 30/2020 gives title, number, issuing body and date."""
    page = read_page(text)
    assert (page.title, page.number, page.author) == (title, number, issuer)
    assert str(parse_date(page.date_line)) == day
    assert number in page.body
    assert ("ngày" in page.body) == (
        issuer != "BỘ Y TẾ"
    )  # that Hà Nội is the seat of ministries says nothing of a text


def test_byline_of_a_text_page() -> None:
    """The last line with a name is the author, "Theo ..." the source."""
    page = read_page("Một tiêu đề\nMột câu.\nMột câu nữa.\nA. Bình (tổng hợp)\nTheo Báo Xã A")
    assert (page.author, page.credit, page.body) == ("A. Bình", "Theo Báo Xã A", "Một câu.\nMột câu nữa.")
