"""tantivy-py: Rust, one thread, one segment where its writer's heap holds the corpus."""

from collections.abc import Iterable
from importlib.metadata import version
from typing import Any

from vnsearch import Article

from ..analysis import clean, text_of
from ..articles import dump
from ..asked import NEVER, TOP, Found, Query
from .base import Engine, need

_HEAP = 1 << 30  # bytes


class Tantivy(Engine):
    """Query objects made from words: its query parser would read operators in a plain text."""

    name = "tantivy"
    how = "simple tokenizer, lowercase; the same with ascii_fold; a term query a word, boolean or phrase; counts"
    cannot = (
        "correct or suggest spellings, restore marks",
        "find hoà for hòa without a filter of one's own",
        "drop words that no article has together; all or any of them is up to the caller",
    )

    @classmethod
    def version(cls) -> str:
        """Of the Python package."""
        need("tantivy", install="pip install tantivy")
        return version("tantivy")

    def _index(self) -> Any:
        import tantivy as t

        builder = t.SchemaBuilder()
        for field in ("typed", "folded"):
            builder.add_text_field(field, tokenizer_name=field)
        builder.add_integer_field("day", indexed=True, fast=True)
        builder.add_text_field("topics", tokenizer_name="raw", index_option="basic")
        builder.add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
        builder.add_bytes_field("article", stored=True)
        self._schema = builder.build()
        index = t.Index(self._schema, str(self.folder))
        simple = t.TextAnalyzerBuilder(t.Tokenizer.simple()).filter(t.Filter.lowercase())
        index.register_tokenizer("typed", simple.build())
        simple = t.TextAnalyzerBuilder(t.Tokenizer.simple()).filter(t.Filter.lowercase())
        index.register_tokenizer("folded", simple.filter(t.Filter.ascii_fold()).build())
        return index

    def build(self, articles: Iterable[Article]) -> None:
        """One indexing thread beside Python's."""
        import tantivy as t

        writer = self._index().writer(heap_size=_HEAP, num_threads=1)
        for article in articles:
            text = clean(text_of(article))
            record = t.Document(id=[article.id])
            record.add_text("typed", text)
            record.add_text("folded", text)
            record.add_integer("day", (article.day or NEVER).toordinal())
            for topic in article.topics:
                record.add_text("topics", topic)
            record.add_bytes("article", dump(article))
            writer.add_document(record)
        writer.commit()
        writer.wait_merging_threads()

    def open(self) -> None:
        """Loads the index's schema and tokenizers."""
        index = self._index()
        index.reload()
        self._searcher = index.searcher()

    def search(self, query: Query, limit: int = TOP) -> Found:
        """All matches are counted."""
        import tantivy as t

        newest = {"order_by_field": "day", "order": t.Order.Desc} if query.newest else {}
        found = self._searcher.search(self._query(query), limit, count=True, **newest)
        return Found(found.count, found.hits)

    def _query(self, query: Query) -> Any:
        import tantivy as t

        schema, field, terms = self._schema, "folded" if query.unmarked else "typed", query.terms()
        if not terms:
            return t.Query.empty_query()
        if query.kind == "phrase" and len(terms) > 1:
            asked = t.Query.phrase_query(schema, field, list(terms))
        else:
            occur = t.Occur.Should if query.kind == "any" else t.Occur.Must
            asked = t.Query.boolean_query([(occur, t.Query.term_query(schema, field, term)) for term in terms])
        kept = []
        if query.since and query.until:
            days = query.since.toordinal(), query.until.toordinal()
            kept.append(t.Query.range_query(schema, "day", t.FieldType.Integer, *days))
        if query.topic:
            kept.append(t.Query.term_query(schema, "topics", query.topic, "basic"))
        scoreless = [(t.Occur.Must, t.Query.const_score_query(one, 0.0)) for one in kept]
        return t.Query.boolean_query([(t.Occur.Must, asked), *scoreless]) if kept else asked

    def ids(self, found: Found) -> list[str]:
        """Reads them from the stored documents."""
        return [self._searcher.doc(address)["id"][0] for _, address in found.hits]
