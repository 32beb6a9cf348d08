"""The topics of Vietnamese state news: their names, their terms, the sections of sites; data, `data/topics.json`."""

import difflib
import os
import re
from functools import cache, lru_cache
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

import msgspec

from ..errors import QueryError, ReadError
from ..text.fold import fold
from ..text.normalize import clean
from ..text.term_stream import forms_of


class Topic(msgspec.Struct, frozen=True):
    """One topic of the data file."""

    slug: str
    name: str
    terms: tuple[str, ...]
    weak: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()


class _File(msgspec.Struct):
    topics: list[Topic]


class Vocabulary(NamedTuple):
    """The topics by slug, and the names that sites give their sections; see `load`."""

    topics: dict[str, Topic]
    sections: dict[str, str]  # key of a section's name -> slug


def load(path: str | None = None) -> Vocabulary:
    """The topics of a custom data file (by default of $VNSEARCH_TOPICS), else the bundled ones.

    The file is as the bundled `data/topics.json`; a file of one's own has no learned weights beside it.
    """
    return load_table(path or os.environ.get("VNSEARCH_TOPICS"))


@cache
def load_table(path: str | None) -> Vocabulary:
    try:
        raw = Path(path).read_bytes() if path else (files(__package__) / "data" / "topics.json").read_bytes()
        topics = {topic.slug: topic for topic in msgspec.json.decode(raw, type=_File).topics}
    except (OSError, ValueError, RecursionError) as e:  # ValueError: no JSON, no such table, no such name of a file
        raise ReadError(str(path), None, f"no table of topics: {e}") from None
    if not topics:
        raise ReadError(str(path), None, "a table of topics without a topic")
    for topic in topics.values():
        for term in (*topic.terms, *topic.weak):
            if not forms_of(term):
                raise ReadError(str(path), None, f'topic "{topic.slug}" has the term "{term}", in which no word is')
    sections = {section_key(section): t.slug for t in topics.values() for section in (*t.sections, t.name, t.slug)}
    return Vocabulary(topics, sections)


@lru_cache(maxsize=1_000)  # the same few are met in every article and every filter
def section_key(name: str) -> str:
    """ "Giáo dục - Đào tạo", "giao-duc-dao-tao" -> "giao duc dao tao"."""
    return " ".join(re.findall(r"\w+", fold(clean(name).text).lower()))


def find_by_name(name: str) -> str:
    """The slug of a topic that a person means: slug or name, with or without diacritics.

    Raises QueryError with the nearest ones.
    """
    key, known = section_key(name), load().sections
    if key in known:
        return known[key]
    near = [known[k] for k in difflib.get_close_matches(key, known, n=3, cutoff=0.5)]
    raise QueryError(
        f'no topic is called "{name}"',
        query=name,
        hint="did you mean " + " or ".join(dict.fromkeys(near)) + "?"
        if near
        else "one of: " + ", ".join(load().topics),
    )
