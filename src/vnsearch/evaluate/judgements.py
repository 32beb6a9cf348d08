"""Queries and the articles that answer them, read from JSON lines, or from TREC's topics and qrels.

A line of JSON is {"query": "dân vận khéo", "relevant": ["id", ...]}, or with grades {"relevant": {"id": 2, ...}}, and
may have an "id".  Whatever is wrong with a line is a ReadError that names it.
"""

import html
import json
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from ..article import check_id
from ..errors import ArticleError, ReadError
from ..limits import QUERY_CHARS
from ..printable import shown

MOST_GRADE = 100  # trec_eval counts the articles of each grade in an array
_KEYS = ("id", "query", "relevant")


@dataclass(frozen=True)
class Judged:
    """A query and how well each article answers it: grades from 1 are relevant, others are not.

    id: as given, or "q" and the number of its line.  line: of the file, from 1.
    """

    id: str
    text: str
    grades: Mapping[str, int]
    line: int

    @property
    def relevant(self) -> tuple[str, ...]:
        """The articles that answer it."""
        return tuple(article for article, grade in self.grades.items() if grade > 0)


@dataclass(frozen=True)
class Judgements:
    """What a file says.

    queries: those that have a relevant article.  unanswered: ids of the others, which no measure can count.
    unasked: ids of queries that the qrels judge and the topics do not have.  unused: keys of JSON, with how many
    lines have them.
    """

    queries: tuple[Judged, ...]
    unanswered: tuple[str, ...] = ()
    unasked: tuple[str, ...] = ()
    unused: Mapping[str, int] | None = None


def read_lines(path: str | Path) -> Judgements:
    """Queries from JSON lines."""
    unused: Counter[str] = Counter()
    found = []
    for line, text in _lines(path):
        record = _record(path, line, text)
        unused.update(key for key in record if key not in _KEYS)
        id, query = record.get("id", f"q{line}"), record["query"]
        for key, value in (("id", id), ("query", query)):
            if not isinstance(value, str):
                raise ReadError(str(path), line, f'"{key}" is a text, not {shown(value)}')
        found.append(Judged(id, query, _grades(path, line, record["relevant"]), line))
    return _checked(path, found, unused=unused)


def read_topics(path: str | Path, qrels: str | Path) -> Judgements:
    """Queries from a file of TREC topics (<top> with <num> and <title>, or lines "id TAB query"), their answers from
    qrels (lines "query iteration article grade").
    """
    topics = _marked(path) if _text(path).lstrip().startswith("<") else _separated(path)
    judged = _qrels(qrels)
    found = [Judged(id, text, judged.get(id, {}), line) for id, text, line in topics]
    asked = {query.id for query in found}
    return _checked(path, found, unasked=tuple(id for id in judged if id not in asked))


def _checked(path: str | Path, found: Iterable[Judged], **told: Any) -> Judgements:
    """Raises ReadError for a query without a word, one that comes twice, and where there is none to count."""
    ids: dict[str, int] = {}
    texts: dict[str, int] = {}
    queries, unanswered = [], []
    for query in found:
        text = " ".join(unicodedata.normalize("NFC", query.text).split())
        if not query.id or query.id.split() != [query.id]:
            reason = f"the id of a query has no blanks and is not empty; this one is {shown(query.id)}"
            raise ReadError(str(path), query.line, reason)
        if not text:
            raise ReadError(str(path), query.line, "the query is empty; write what a reader types, or leave it out")
        if len(query.text) > QUERY_CHARS:
            reason = f"a query has at most {QUERY_CHARS:,} characters, this one {len(query.text):,}"
            raise ReadError(str(path), query.line, reason)
        for what, key, before in (("id", query.id, ids), ("query", text, texts)):
            if key in before:
                reason = (
                    f"the {what} {shown(key)} is in line {before[key]}, too; each comes once, with all its articles"
                )
                raise ReadError(str(path), query.line, reason)
            before[key] = query.line
        if query.relevant:
            queries.append(query)
        else:
            unanswered.append(query.id)
    if not ids:
        raise ReadError(str(path), None, "there is no query in it; expected one a line")
    if not queries:
        raise ReadError(str(path), None, f"none of its {len(ids):,} queries has a relevant article; nothing to measure")
    return Judgements(tuple(queries), tuple(unanswered), **told)


# -- JSON lines ------------------------------------------------------------------------------------------


def _record(path: str | Path, line: int, text: str) -> dict[str, Any]:
    expected = 'expected {"query": "...", "relevant": ["id", ...]}'
    try:
        record = json.loads(text, object_pairs_hook=partial(_object, path, line))
    except ValueError as e:
        hint = "; topics of TREC need --qrels" if text.lstrip().startswith("<") else ""
        raise ReadError(str(path), line, f"{expected}, got {shown(text)}: {e}{hint}") from None
    except RecursionError:
        raise ReadError(str(path), line, f"{expected}, got objects nested too deep") from None
    if not isinstance(record, dict):
        raise ReadError(str(path), line, f"{expected}, got {shown(record)}")
    for key in ("query", "relevant"):
        if key not in record:
            raise ReadError(str(path), line, f'{expected}; it has no "{key}" but {", ".join(record) or "no key"}')
    return record


def _object(path: str | Path, line: int, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Python's reader would keep the last of what comes twice."""
    twice = [key for key, count in Counter(key for key, _ in pairs).items() if count > 1]
    if twice:
        raise ReadError(str(path), line, f"{shown(twice[0])} comes twice in one object; name it once")
    return dict(pairs)


def _grades(path: str | Path, line: int, value: object) -> dict[str, int]:
    if isinstance(value, list):
        for article in value:
            _check_article(path, line, article)
        twice = [article for article, count in Counter(value).items() if count > 1]
        if twice:
            raise ReadError(str(path), line, f"the article {shown(twice[0])} comes twice in one list; name it once")
        return dict.fromkeys(value, 1)
    if not isinstance(value, dict):
        reason = f'"relevant" is a list of ids, or an object of ids and grades, not {shown(value)}'
        raise ReadError(str(path), line, reason)
    for article, grade in value.items():
        _check_article(path, line, article)
        if type(grade) is not int or not 0 <= grade <= MOST_GRADE:
            reason = f"a grade is a whole number from 0 to {MOST_GRADE}, not {shown(grade)}"
            raise ReadError(str(path), line, reason)
    return value


def _check_article(path: str | Path, line: int, article: object) -> None:
    try:
        check_id(article)
    except ArticleError as e:
        raise ReadError(str(path), line, f"no article can have the id {shown(article)}: {e}") from None


# -- TREC ------------------------------------------------------------------------------------------------


def _marked(path: str | Path) -> Iterator[tuple[str, str, int]]:
    before, *topics = _text(path).split("<top>")
    line = 1 + before.count("\n")
    if not topics:
        raise ReadError(
            str(path), None, 'expected topics: "<top> <num> ... <title> ... </top>", or "id TAB query" a line'
        )
    for topic in topics:
        inner, end, _ = topic.partition("</top>")
        number, title = _part(inner, "num", "Number:"), _part(inner, "title", "Topic:")
        if not end or number is None or title is None:
            missing = "</top>" if not end else "<num>" if number is None else "<title>"
            raise ReadError(str(path), line, f"this topic has no {missing}")
        yield number, title, line
        line += topic.count("\n")


def _part(topic: str, name: str, label: str) -> str | None:
    """What stands after a tag up to the next one, without the label that TREC writes before it."""
    _, found, rest = topic.partition(f"<{name}>")
    text = " ".join(html.unescape(rest.split("<", 1)[0]).split())
    return text.removeprefix(label).strip() if found else None


def _separated(path: str | Path) -> Iterator[tuple[str, str, int]]:
    for line, text in _lines(path):
        id, tab, query = text.partition("\t")
        if not tab:
            raise ReadError(str(path), line, f'expected "id TAB query", got {shown(text)}; JSON lines need no --qrels')
        yield id.strip(), query, line


def _qrels(path: str | Path) -> dict[str, dict[str, int]]:
    judged: dict[str, dict[str, int]] = {}
    for line, text in _lines(path):
        columns = text.split()
        if len(columns) != 4:
            raise ReadError(str(path), line, f'expected "query iteration article grade", got {shown(text)}')
        query, _, article, grade = columns
        _check_article(path, line, article)
        try:
            number = int(grade)
        except ValueError:
            number = MOST_GRADE + 1
        if abs(number) > MOST_GRADE:
            raise ReadError(str(path), line, f"a grade is a whole number up to {MOST_GRADE}, not {shown(grade)}")
        if article in judged.setdefault(query, {}):
            raise ReadError(
                str(path), line, f"the article {shown(article)} is judged twice for the query {shown(query)}"
            )
        judged[query][article] = number
    if not judged:
        raise ReadError(str(path), None, 'it is empty; expected lines "query iteration article grade"')
    return judged


# -- files -----------------------------------------------------------------------------------------------


def _text(path: str | Path) -> str:
    data = Path(path).read_bytes()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as e:
        line = 1 + data.count(b"\n", 0, e.start)
        raise ReadError(str(path), line, "this is no UTF-8; write the file anew in that encoding") from None


def _lines(path: str | Path) -> Iterator[tuple[int, str]]:
    """The lines that are not blank, each with its number from 1."""
    for number, line in enumerate(_text(path).split("\n"), 1):
        if line.strip():
            yield number, line.rstrip("\r")
