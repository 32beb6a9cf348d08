"""Topics: from the site's own section first, then from what the text says."""

from pathlib import Path

import pytest

from vnsearch import QueryError, ReadError
from vnsearch.ingest.find_topics import find_topics
from vnsearch.vietnam.topics import find_by_name, load


def test_the_vocabulary_is_sound() -> None:
    """About 20 topics; no term says two of them."""
    topics = load().topics
    assert 20 <= len(topics) <= 26
    terms = [term for topic in topics.values() for term in topic.terms]
    assert len(terms) == len(set(terms))


def test_section_title_and_text_speak_in_this_order() -> None:
    """A site's own category outweighs single words."""
    (first, *_) = find_topics("Khai mạc giải bóng chuyền", "Các vận động viên tranh tài.", section="Giáo dục")
    assert first.value == "giao-duc"
    assert first.evidence[0] == 'section "Giáo dục"'
    (first, *_) = find_topics("Khai mạc giải bóng đá", "Các cầu thủ, huấn luyện viên và trọng tài ra sân.")
    assert first.value == "the-thao"
    assert find_topics("Một ngày", "Trời xanh, mây trắng.") == []


@pytest.mark.parametrize("name", ["dan-van", "Dân vận", "dan van", "DÂN VẬN", "công tác dân vận"])
def test_a_topic_by_any_name(name: str) -> None:
    """Slug, name or section, with or without diacritics."""
    assert find_by_name(name) == "dan-van"


def test_an_unknown_topic_is_an_error() -> None:
    """With what there is."""
    with pytest.raises(QueryError, match="dan-van"):
        find_by_name("dan-vam")
    with pytest.raises(QueryError, match="xay-dung-dang"):
        find_by_name("qqq")


@pytest.mark.parametrize("name", ["Giáo dục - Đào tạo", "giao-duc-dao-tao", "GIÁO DỤC, ĐÀO TẠO", "giao-duc"])
def test_a_section_by_any_spelling(name: str) -> None:
    """Of the site's menu or of its address."""
    assert find_topics("Một ngày", "Trời xanh.", section=name)[0].value == "giao-duc"


def test_learned_words_find_what_no_list_names() -> None:
    """None of the listed terms stands here; and the words that said it are named."""
    (first, *_) = find_topics("", "Chip mới của Samsung và Apple chạy Android nhanh hơn, pin bền, màn hình sáng.")
    assert first.value == "khoa-hoc-cong-nghe"
    assert any(why.startswith("words: ") for why in first.evidence)


def test_a_table_of_ones_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """$VNSEARCH_TOPICS names it; nothing of the bundled one is left, and a broken one is an error in one line."""
    file = tmp_path / "topics.json"
    file.write_text('{"topics": [{"slug": "ong", "name": "Ong", "terms": ["mật ong", "tổ ong"]}]}')
    monkeypatch.setenv("VNSEARCH_TOPICS", str(file))
    assert [f.value for f in find_topics("Mật ong", "Tổ ong và mật ong.")] == ["ong"]
    assert find_topics("Giải bóng đá", "Cầu thủ ghi bàn.") == []
    file = tmp_path / "broken.json"
    file.write_text('{"topics": 1}')
    monkeypatch.setenv("VNSEARCH_TOPICS", str(file))
    with pytest.raises(ReadError, match=r"broken\.json: no table of topics"):
        find_topics("Mật ong", "")
