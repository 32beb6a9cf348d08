"""Whoosh as it comes: no codec, no executor of vnsearch."""

import warnings
from collections.abc import Iterable
from importlib.metadata import version

from vnsearch import Article

from ..analysis import clean, folded, text_of
from ..articles import dump
from ..asked import NEVER, TOP, Found, Query
from .base import Engine


class Whoosh(Engine):
    """BM25F, best hits; it counts only by searching again, so it does not count here."""

    name = "stock Whoosh"
    how = "RegexTokenizer, LowercaseFilter, a field with Unidecode's text; BM25F; does not count"
    counts = False
    cannot = (
        "find hoà for hòa without a filter of one's own",
        "drop words that no article has together",
        "count without a second search",
    )

    @classmethod
    def version(cls) -> str:
        """vnsearch brings it."""
        return version("whoosh")

    def build(self, articles: Iterable[Article]) -> None:
        """One process, one segment."""
        from whoosh import fields, index
        from whoosh.analysis import LowercaseFilter, RegexTokenizer

        analyzer = RegexTokenizer() | LowercaseFilter()
        schema = fields.Schema(
            id=fields.ID(stored=True),
            typed=fields.TEXT(analyzer=analyzer),
            folded=fields.TEXT(analyzer=analyzer),
            day=fields.NUMERIC(int, bits=32, sortable=True),
            topics=fields.KEYWORD,
            article=fields.STORED,
        )
        writer = index.create_in(str(self.folder), schema).writer(limitmb=256)
        for article in articles:
            text = clean(text_of(article))
            writer.add_document(
                id=article.id,
                typed=text,
                folded=folded(text),
                day=(article.day or NEVER).toordinal(),
                topics=" ".join(article.topics),
                article=dump(article).decode(),
            )
        writer.commit(optimize=True)

    def open(self) -> None:
        """Opens the segment."""
        from whoosh import index

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self._searcher = index.open_dir(str(self.folder)).searcher()

    def search(self, query: Query, limit: int = TOP) -> Found:
        """Filters are Whoosh's own."""
        from whoosh.query import And, NumericRange, Or, Phrase, Term

        field = "folded" if query.unmarked else "typed"
        words = [Term(field, term) for term in query.terms()]
        asked = {"any": Or, "all": And}[query.kind](words) if query.kind != "phrase" else Phrase(field, query.terms())
        wanted = Term("topics", query.topic) if query.topic else None
        if query.since and query.until:
            wanted = NumericRange("day", query.since.toordinal(), query.until.toordinal())
        newest = {"sortedby": "day", "reverse": True} if query.newest else {}
        return Found(None, self._searcher.search(asked, limit=limit, filter=wanted, **newest))

    def ids(self, found: Found) -> list[str]:
        """Reads them from the stored fields."""
        return [hit["id"] for hit in found.hits]
