"""A text page comes apart into what the article says and what the site adds."""

from vnsearch.ingest.page import is_furniture, read_page

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
    assert page == ("", "Một tiêu đề", "Một câu.\nMột câu nữa.", "", (), "")
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
