"""Provinces found in articles: by name, agency, district, ward, landmark, dateline and domain."""

from datetime import date
from importlib.resources import files

import pytest

from vnsearch.ingest.find_provinces import find_provinces
from vnsearch.text.term_stream import forms_of
from vnsearch.vietnam.provinces import provinces


@pytest.mark.parametrize(
    ("title", "text", "expected", "why"),
    [
        ("Họp giao ban", "(BĐ) - Chiều 21.4, Ban Thường vụ họp.", ["Bình Định"], "the newspaper's mark in brackets"),
        ("Họp giao ban", "LSO - Sáng nay, các sở họp.", ["Lạng Sơn"], "the newspaper's mark"),
        ("Họp giao ban", "(sonla.gov.vn) - Sáng nay, các sở họp.", ["Sơn La"], "the portal before the text"),
        ("Họp giao ban", "BĐ là chữ viết tắt.", [], "two letters without brackets are no mark"),
        ("Thu hoạch lúa", "Nông dân huyện Tuy Phước ra đồng.", ["Bình Định"], "a district"),
        ("Thu hoạch lúa", "Nông dân huyện Châu Thành ra đồng.", [], "ten districts are called so"),
        ("Thu hoạch lúa", "Nông dân huyện Châu Thành, Trà Vinh ra đồng.", ["Trà Vinh"], "the province tells which"),
        ("Mưa lớn ở Quy Nhơn", "", ["Bình Định"], "a town by its name alone"),
        ("Tây Sơn khởi nghĩa", "Phong trào Tây Sơn bùng lên.", [], "a district's name that is more than that"),
        ("Lễ hội Tây Sơn", "Người dân huyện Tây Sơn trẩy hội.", ["Bình Định"], "and behind its word"),
        ("Hỏa hoạn ở quận 4", "", ["Hồ Chí Minh"], "a numbered district"),
        ("Làm đường", "Dân xã Nhơn Lý góp công.", ["Bình Định"], "a ward of unique name"),
        ("Làm đường", "Dân xã Tân Lập góp công.", [], "a ward of many provinces"),
        ("Thả diều", "Anh ở khối Một, thị trấn Phú Phong, Tây Sơn.", ["Bình Định"], "a district behind its ward"),
        ("Thả diều", "Anh ở Phú Phong, Tây Sơn.", [], "but not behind any name"),
        ("Bắt một đối tượng trốn từ TP Hải Phòng đến Quảng Ninh", "", ["Quảng Ninh"], "from is not to"),
        ("Đón đoàn ở Ga Diêu Trì", "", ["Bình Định"], "a railway station"),
        ("Sân bay đông khách", "Hành khách xếp hàng ở Tân Sơn Nhất.", ["Hồ Chí Minh"], "a landmark"),
        ("Thị xã Sơn Tây họp", "", [], "a town that two provinces have: not the ward of one"),
        ("Ca sĩ Lê Hà Giang hát", "", [], "a person"),
        ("Bão ở Thái Bình Dương", "", [], "an ocean"),
        ("Sông Sài Gòn dâng", "Nước sông Sài Gòn lên nhanh.", [], "a river"),
        ("Họp bàn về rừng", "UBND tỉnh họp. " + "Rừng xanh tốt, cây lớn nhanh. " * 20 + "Ở huyện Vân Canh cũng vậy.",
         ["Bình Định"], "a province's own paper does not name it"),
        ("Họp bàn về rừng", "Bộ họp. " + "Rừng xanh tốt, cây lớn nhanh. " * 20 + "Ở huyện Vân Canh cũng vậy.",
         [], "in another paper one mention far down is not enough"),
    ],
)  # fmt: skip
def test_where_an_article_is_about(title: str, text: str, expected: list[str], why: str) -> None:
    """Each kind of evidence, and what only looks like it."""
    assert [found.value for found in find_provinces(title, text)] == expected, why


def test_the_first_is_where_it_happened() -> None:
    """Teams, roads and people from elsewhere weigh less than the place."""
    (first, *_) = find_provinces("Hà Nội thắng 2-0", "Ở vòng loại, Hà Nội thắng trên sân Lạch Tray, tại Hải Phòng.")
    assert first.value == "Hải Phòng"
    (first, *_) = find_provinces("Cô gái Huế mở quán", "Quán nằm ở quận 3, TP HCM, bán bún bò.")
    assert first.value == "Hồ Chí Minh"


def test_since_the_merger_a_district_speaks_for_the_province_that_is_named() -> None:
    """Before it, Hà Giang was a province; an old name that the article uses stays."""
    text = "Tỉnh Tuyên Quang họp tại huyện Đồng Văn."
    assert "Hà Giang" in [f.value for f in find_provinces("Họp", text, published=date(2024, 5, 1))]
    assert [f.value for f in find_provinces("Họp", text, published=date(2025, 9, 1))] == ["Tuyên Quang"]
    named = find_provinces("Hà Giang cũ vào mùa hoa", text, published=date(2025, 9, 1))
    assert {f.value for f in named} == {"Tuyên Quang", "Hà Giang"}


def test_reasons_are_those_of_the_text() -> None:
    """Where it stood, and as it was written."""
    (found,) = find_provinces("Họp", "Sở Y tế Lạng Sơn họp.", source="baolangson.vn")
    assert found.evidence == ("domain baolangson.vn", 'opening: "Lạng Sơn"')


@pytest.mark.parametrize(
    ("ward", "of_today"),
    [
        ("phường Hai Bà Trưng", "Hà Nội"), ("phường Ba Đình", "Hà Nội"), ("phường Tây Hồ", "Hà Nội"),
        ("phường Sơn Tây", "Hà Nội"), ("phường Hội An", "Đà Nẵng"), ("phường Tam Kỳ", "Đà Nẵng"),
        ("P. Sơn Trà", "Đà Nẵng"), ("phường Kiến An", "Hải Phòng"), ("đặc khu Phú Quốc", "An Giang"),
        ("đặc khu Côn Đảo", "Hồ Chí Minh"), ("phường 1 Bảo Lộc", "Lâm Đồng"),
    ],
)  # fmt: skip
def test_wards_of_today(ward: str, of_today: str) -> None:
    """A ward since the merger is told by its name and kind, whatever had the name before."""
    for title, text in ((f"UBND {ward} họp", ""), ("Tin", f"Sáng nay, tại {ward}, nhân dân họp.")):
        assert [f.value for f in find_provinces(title, text, published=date(2026, 3, 1))] == [of_today]


def test_wards_mean_what_they_meant_when_the_article_was_published() -> None:
    """There was a xã Tây Hồ in Thanh Hóa; today one is in Đà Nẵng, a phường in Hà Nội; undated, nothing is said."""
    for ward, before, since in (("xã Tây Hồ", "Thanh Hóa", "Đà Nẵng"), ("phường Tây Hồ", "Thanh Hóa", "Hà Nội")):
        title = f"UBND {ward} họp"
        assert [f.value for f in find_provinces(title, "", published=date(2025, 6, 30))] == [before]
        assert [f.value for f in find_provinces(title, "", published=date(2025, 7, 1))] == [since]
    assert find_provinces("UBND phường Tây Hồ họp", "") == []
    named = find_provinces("Hà Nội: Phường Tây Hồ xử lý vi phạm", "", published=date(2026, 3, 1))
    assert [f.value for f in named] == ["Hà Nội"]


def test_every_ward_of_the_shipped_table() -> None:
    """One of a single province is that one's, one of several says nothing, and does not stand against what is named."""
    lines = (files("vnsearch.ingest") / "data" / "places.tsv").read_text("utf-8").splitlines()
    wards: dict[tuple[str, tuple[str, ...]], set[str]] = {}
    for kind, name, slugs in (line.split("\t") for line in lines if line.startswith(("phường", "xã", "đặc khu"))):
        wards.setdefault((kind, tuple(forms_of(name))), set()).update(slugs.split())  # "Mỹ Quí" is "Mỹ Quý"
    assert len(wards) > 2_900
    for (kind, forms), of in list(wards.items())[::7]:
        found = find_provinces(f"UBND {kind} {' '.join(forms)} họp", "", published=date(2026, 3, 1))
        assert [f.value for f in found] == ([provinces()[slug].name for slug in of] if len(of) == 1 else [])
