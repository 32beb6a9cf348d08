"""SQLite's full-text table, as Python brings it."""

import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing

from vnsearch import Article

from ..analysis import clean, folded, text_of
from ..articles import dump
from ..asked import NEVER, TOP, Found, Query
from .base import Engine, Missing


class Fts5(Engine):
    """bm25, best hits and count from one statement, which is quicker than FTS5's own `order by rank`."""

    name = "SQLite FTS5"
    how = "unicode61 without remove_diacritics (which leaves đ), a column with Unidecode's text; contentless; bm25"
    cannot = (
        "correct or suggest spellings, restore marks",
        "find hoà for hòa without a tokenizer in C",
        "drop words that no article has together",
    )

    @classmethod
    def version(cls) -> str:
        """Of the library that Python was built with."""
        try:
            with closing(sqlite3.connect(":memory:")) as base:
                base.execute("create virtual table t using fts5(x)")
        except sqlite3.OperationalError:
            raise Missing("a Python whose SQLite has FTS5") from None
        return sqlite3.sqlite_version

    def _connect(self) -> sqlite3.Connection:
        return sqlite3.connect(self.folder / "fts5.db", isolation_level=None, check_same_thread=False)

    def build(self, articles: Iterable[Article]) -> None:
        """One transaction, then `optimize`."""
        with closing(self._connect()) as base:
            self._build(articles, base.execute)

    def _build(self, articles: Iterable[Article], run: Callable[..., object]) -> None:
        run(
            "create virtual table words using fts5(typed, folded, content='', "
            'tokenize="unicode61 remove_diacritics 0")'
        )
        run("create table articles (number integer primary key, id text, day integer, article text)")
        run("create table topics (topic text, number integer, primary key (topic, number)) without rowid")
        run("begin")
        for number, article in enumerate(articles, 1):
            text = clean(text_of(article))
            run("insert into words (rowid, typed, folded) values (?, ?, ?)", (number, text, folded(text)))
            day = (article.day or NEVER).toordinal()
            run("insert into articles values (?, ?, ?, ?)", (number, article.id, day, dump(article).decode()))
            for topic in article.topics:
                run("insert into topics values (?, ?)", (topic, number))
        run("create index days on articles (day)")
        run("commit")
        run("insert into words (words) values ('optimize')")
        run("vacuum")

    def open(self) -> None:
        """Opens the file."""
        self._base = self._connect()

    def search(self, query: Query, limit: int = TOP) -> Found:
        """Filters are joined behind the words, whatever the planner thinks."""
        terms = [f'"{term}"' for term in query.terms()]
        if not terms:
            return Found(0, [])
        inner = {"any": " OR ", "all": " AND ", "phrase": " + "}[query.kind]
        tables, where, order = "words", "", "rank"
        values: list[str | int] = [f"{'folded' if query.unmarked else 'typed'} : ({inner.join(terms)})"]
        if query.topic:
            tables += " cross join topics on topics.number = words.rowid and topic = ?"
            values.insert(0, query.topic)
        if query.newest or query.since:
            tables += " cross join articles on articles.number = words.rowid"
        if query.since and query.until:
            where = "and day between ? and ?"
            values += query.since.toordinal(), query.until.toordinal()
        if query.newest:
            order = "day desc"
        column = "day" if query.newest else "rank"
        rows = self._base.execute(
            f"with found as materialized (select words.rowid as number, {column} from {tables} "
            f"where words match ? {where}) "
            f"select (select count(*) from found), number from found order by {order} limit {limit}",
            values,
        ).fetchall()
        return Found(rows[0][0] if rows else 0, [row[1] for row in rows])

    def ids(self, found: Found) -> list[str]:
        """One look-up each."""
        run = self._base.execute
        return [run("select id from articles where number = ?", (number,)).fetchone()[0] for number in found.hits]

    def close(self) -> None:
        """Closes the file."""
        self._base.close()
