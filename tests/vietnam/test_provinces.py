"""Provinces before and after 2025-07-01, by any name, with evidence."""

import pytest

from vnsearch import QueryError
from vnsearch.ingest.find_provinces import find_provinces
from vnsearch.vietnam.provinces import filter_slugs, find_by_name, provinces


def test_the_gazetteer_is_whole() -> None:
    """63 before, 34 since, and every one of before became a part of exactly one of today."""
    table = provinces()
    today = [p for p in table.values() if p.is_current]
    parts = [part for p in today for part in p.parts]
    assert len(today) == 34
    assert len(parts) == len(set(parts)) == 63
    assert set(parts) <= set(table)


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("Lạng Sơn", "Lạng Sơn"),
        ("lang son", "Lạng Sơn"),
        ("tinh lang son", "Lạng Sơn"),
        ("Tỉnh Lạng Sơn", "Lạng Sơn"),
        ("LANGSON", "Lạng Sơn"),
        ("lang-son", "Lạng Sơn"),
        ("20", "Lạng Sơn"),
        ("TP.HCM", "Hồ Chí Minh"),
        ("tp hcm", "Hồ Chí Minh"),
        ("Thành phố Hồ Chí Minh", "Hồ Chí Minh"),
        ("Sài Gòn", "Hồ Chí Minh"),
        ("Hoà Bình", "Hòa Bình"),
        ("BR-VT", "Bà Rịa - Vũng Tàu"),
        ("TT-Huế", "Thừa Thiên Huế"),
        ("Thừa Thiên - Huế", "Thừa Thiên Huế"),
        ("Đắc Lắc", "Đắk Lắk"),
        ("Kontum", "Kon Tum"),
    ],
)
def test_a_province_is_known_by_any_of_its_names(typed: str, name: str) -> None:
    """With or without diacritics, prefix, code, abbreviation."""
    assert find_by_name(typed).name == name


def test_an_unknown_name_is_an_error_with_the_nearest() -> None:
    """Nothing is guessed."""
    with pytest.raises(QueryError, match="did you mean Lạng Sơn"):
        find_by_name("Lạng Xơn")
    with pytest.raises(QueryError):
        find_by_name("")


def test_a_filter_by_today_finds_the_parts_and_one_by_before_finds_itself() -> None:
    """Gia Lai is Bình Định too; Bình Định is only itself; Huế is one place under two names."""
    assert filter_slugs("Gia Lai") == {"gia-lai", "binh-dinh"}
    assert filter_slugs("Bình Định") == {"binh-dinh"}
    assert filter_slugs("Thừa Thiên Huế") == filter_slugs("Huế") == {"thua-thien-hue", "hue"}


@pytest.mark.parametrize(
    ("title", "text", "source", "expected", "why"),
    [
        ("Dân vận khéo", "", "baolangson.vn", ["Lạng Sơn"], "the newspaper's domain"),
        ("Dân vận khéo", "", "hanoimoi.vn", ["Hà Nội"], "a domain that does not spell its province"),
        ("Dân vận khéo", "", "vnexpress.net", [], "a national newspaper tells nothing"),
        ("Giữ gìn hòa bình", "Vì hòa bình và phát triển.", "", [], "hòa bình is a word"),
        ("Tỉnh Hòa Bình họp", "", "", ["Hòa Bình"], "and a province"),
        ("Tắc đường Bình Dương", "Trên đường Bình Dương sáng nay.", "", [], "a street"),
        ("Học tập tư tưởng Hồ Chí Minh", "Chủ tịch Hồ Chí Minh nói.", "", [], "a person"),
        ("TP.HCM bắn pháo hoa", "", "", ["Hồ Chí Minh"], "an abbreviation"),
        ("Nối Bến Tre với Trà Vinh", "Cầu nối tỉnh Bến Tre với tỉnh Trà Vinh.", "", ["Bến Tre", "Trà Vinh"], "two"),
    ],
)
def test_evidence_in_an_article(title: str, text: str, source: str, expected: list[str], why: str) -> None:
    """A name is a province where domain, prefix or capitals say so."""
    found = find_provinces(title, text, source=source)
    assert [f.value for f in found] == expected, why
    assert all(f.evidence for f in found)
