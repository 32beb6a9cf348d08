"""Topics: from the site's own section first, then from what the text says."""

import pytest

from vnsearch import QueryError
from vnsearch.ingest.topics import find_by_name, find_topics, load


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
