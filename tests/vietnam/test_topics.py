"""Topics by slug, by name, and by the names that sites give their sections; tables of one's own."""

from pathlib import Path

import pytest

from vnsearch import QueryError, ReadError
from vnsearch.vietnam.topics import find_by_name, load


def test_every_name_and_section_leads_to_its_topic() -> None:
    """With marks or without, however it is written; no two topics claim one name."""
    table = load()
    for slug, topic in table.topics.items():
        assert find_by_name(slug) == find_by_name(topic.name) == find_by_name(topic.name.upper()) == slug
        for section in topic.sections:
            assert find_by_name(section) == slug


def test_terms_belong_to_one_topic() -> None:
    """A term that two topics had would say neither."""
    terms = [term for topic in load().topics.values() for term in topic.terms]
    assert len(terms) == len(set(terms))


def test_an_unknown_name_has_a_hint() -> None:
    """The nearest ones; or all of them, where none is near."""
    with pytest.raises(QueryError, match="did you mean") as raised:
        find_by_name("giao duk")
    assert "giao-duc" in str(raised.value)
    with pytest.raises(QueryError, match="one of: "):
        find_by_name("zzzzzzzz")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{", "no table of topics"),
        ('{"topics": [{"slug": "a"}]}', "no table of topics"),
        ('{"topics": []}', "without a topic"),
        ('{"topics": [{"slug": "a", "name": "A", "terms": ["--"]}]}', 'the term "--", in which no word is'),
    ],
)
def test_a_broken_table_names_its_file(tmp_path: Path, text: str, problem: str) -> None:
    """And what is wrong with it; a table that is not there is an error as well."""
    own = tmp_path / "own.json"
    own.write_text(text)
    with pytest.raises(ReadError, match=problem) as raised:
        load(str(own))
    assert raised.value.path == str(own)
    with pytest.raises(ReadError, match="no table of topics"):
        load(str(tmp_path / "none.json"))
