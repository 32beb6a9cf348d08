"""DuckDB with its fts extension, which is a package of its own on PyPI."""

from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec

from vnsearch import Article

from ..analysis import clean, folded, text_of
from ..articles import dump
from ..asked import NEVER, TOP, Found, Query
from .base import Cannot, Engine, need

_COLUMNS = "{number: 'integer', id: 'varchar', day: 'date', topics: 'varchar[]', typed: 'varchar', folded: 'varchar'}"
_NO_WORD = r"[^\p{L}\p{M}\p{N}]+"


class DuckDb(Engine):
    """match_bm25 over a table; one thread, as the others have."""

    name = "DuckDB FTS"
    how = "no stemmer, no stop words, `ignore` for Unicode letters, a column with Unidecode's text; match_bm25"
    cannot = (
        "search for phrases",
        "keep the index up to date: it is made anew",
        "correct or suggest spellings, restore marks",
        "show a snippet",
    )

    @classmethod
    def version(cls) -> str:
        """Of the package, where the extension is there."""
        need(
            "duckdb",
            "duckdb_extensions",
            "duckdb_extension_fts",
            install="pip install duckdb-extensions duckdb-extension-fts",
        )
        return version("duckdb")

    def _connect(self) -> Any:
        import duckdb
        from duckdb_extensions import import_extension

        import_extension("fts")
        base = duckdb.connect(str(self.folder / "articles.duckdb"))
        base.execute("load fts")
        base.execute("set threads = 1")
        return base

    def build(self, articles: Iterable[Article]) -> None:
        """Rows by way of a file of JSON lines, which DuckDB reads quickest."""
        rows = self.folder / "rows.jsonl"
        with rows.open("wb") as file:
            for number, article in enumerate(articles):
                text = clean(text_of(article))
                row = {
                    "number": number,
                    "id": article.id,
                    "day": article.day or NEVER,
                    "topics": article.topics,
                    "typed": text,
                    "folded": folded(text),
                    "article": dump(article).decode(),
                }
                file.write(msgspec.json.encode(row) + b"\n")
        base = self._connect()
        columns = _COLUMNS.replace("}", ", article: 'varchar'}")
        base.execute(
            f"create table articles as select * from read_json('{rows}', format = 'newline_delimited', "
            f"columns = {columns}, maximum_object_size = 100000000)"
        )
        base.execute(
            "pragma create_fts_index('articles', 'number', 'typed', 'folded', stemmer = 'none', stopwords = 'none', "
            f"ignore = '{_NO_WORD}', strip_accents = 0, lower = 1)"
        )
        base.close()
        Path(rows).unlink()

    def open(self) -> None:
        """Opens the file."""
        self._base = self._connect()

    def search(self, query: Query, limit: int = TOP) -> Found:
        """All or any of the words."""
        if query.kind == "phrase":
            raise Cannot("search for phrases")
        field, every = "folded" if query.unmarked else "typed", int(query.kind == "all")
        where = ""
        values: list[object] = [" ".join(query.terms())]
        if query.since and query.until:
            where, values = "where day between ? and ?", [*values, query.since, query.until]
        if query.topic:
            where, values = "where list_contains(topics, ?)", [*values, query.topic]
        order = "day desc" if query.newest else "score desc"
        rows = self._base.execute(
            f"select id, count(*) over () from (select id, day, fts_main_articles.match_bm25(number, ?, "
            f"fields := '{field}', conjunctive := {every}) as score from articles {where}) "
            f"where score is not null order by {order} limit {limit}",
            values,
        ).fetchall()
        return Found(rows[0][1] if rows else 0, [id for id, _ in rows])

    def ids(self, found: Found) -> list[str]:
        """As selected."""
        return list(found.hits)

    def close(self) -> None:
        """Closes the file."""
        self._base.close()
