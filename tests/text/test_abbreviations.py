"""Abbreviations of the state stand for their long forms and the other way round."""

import unicodedata
from pathlib import Path

from vnsearch import Article, Index
from vnsearch.text import abbreviations


def test_the_table_is_large_and_clean() -> None:
    """At least 120 abbreviations, each with a long form of several words, in NFC."""
    table = abbreviations.long_to_short()
    assert sum(len(shorts) for shorts in table.values()) >= 120
    for phrase, shorts in table.items():
        assert all(word == unicodedata.normalize("NFC", word).lower() for word in (*phrase, *shorts))


def test_both_ways() -> None:
    """UBND is ủy ban nhân dân, in every style of writing either."""
    assert abbreviations.long_forms("ubnd")[0] == ("ủy", "ban", "nhân", "dân")
    assert "ubnd" in abbreviations.long_to_short()["ủy", "ban", "nhân", "dân"]
    assert abbreviations.key("GD-ĐT") == abbreviations.key("GD&ĐT") == "gdđt"
    assert abbreviations.is_abbreviation("hđnd")
    assert not abbreviations.is_abbreviation("dân")


def test_a_user_adds_his_own() -> None:
    """extend() is seen by the next look-up, both ways."""
    abbreviations.extend({"BQLRĐD": "Ban quản lý rừng đặc dụng"})
    assert abbreviations.long_forms("bqlrđd") == (("ban", "quản", "lí", "rừng", "đặc", "dụng"),)
    assert abbreviations.long_forms("bqlrdd") == abbreviations.long_forms("bqlrđd")
    assert "bqlrđd" in abbreviations.long_to_short()["ban", "quản", "lí", "rừng", "đặc", "dụng"]


def test_typed_without_diacritics() -> None:
    """hdnd stands for what HĐND stands for; a word that is no abbreviation for nothing."""
    assert ("hội", "đồng", "nhân", "dân") in abbreviations.long_forms("hdnd")
    assert abbreviations.long_forms("nhan") == ()


def test_an_abbreviation_added_after_a_query(tmp_path: Path) -> None:
    """Its long form finds it in the next query."""
    index = Index.create(tmp_path / "index")
    with index.writer() as writer:
        writer.add(Article(id="1", title="BQLKTN vừa họp", body="Một câu."))
    query = "ban quản lý khu tự nhiên"
    assert index.search(query).total == 0
    abbreviations.extend({"BQLKTN": "Ban quản lý khu tự nhiên"})
    assert [hit.id for hit in index.search(query)] == ["1"]
