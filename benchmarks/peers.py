"""The peers of the speed benchmark: tantivy-py, SQLite FTS5 and stock Whoosh, each behind the same few calls.

All index the same token streams (title, lead, body; as typed and folded; one token a position, made by
vnsearch's tokenizer beforehand), days and topics as filter columns, and store the article's JSON.  Where a
choice had to be made, it was made for the peer: what it need not do is left out of its time.

tantivy  whitespace tokenizer, one indexing thread beside Python's, one segment where 1 GB of heap holds it;
         query objects made beforehand, without the terms and fields that would match nothing; day as an
         indexed and fast integer, topics as raw terms.  "tantivy" counts all matches, as vnsearch does;
         "tantivy, top 10" does not, so it may skip documents that cannot reach the top.
FTS5     contentless table, one transaction, then `optimize`, which is not timed; bm25, top 10 and count from
         one statement, which is quicker than FTS5's own `order by rank`.
Whoosh   stock codec, blanks as separators, pyvi's words in a field of their own; BM25F, top 10, no count.
"""

import sqlite3
import time
import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal, Protocol, TypeAlias

import msgspec

TOP = 10
FIELDS = ("title", "lead", "body")
FOLDED = tuple(f"{field}_folded" for field in FIELDS)
_HEAP = 1 << 30  # bytes; of tantivy's writer


class Document(msgspec.Struct, frozen=True):
    """An article in tokens, separated by blanks."""

    day: int  # proleptic ordinal
    topics: list[str]
    text: dict[str, str]  # FIELDS + FOLDED -> tokens
    article: str  # its JSON


@dataclass(frozen=True)
class Query:
    """A query in vnsearch's language, and as terms for the peers."""

    text: str
    kind: Literal["any", "all", "phrase"]
    terms: tuple[str, ...]
    folded: bool = False
    days: tuple[int, int] | None = None  # both included
    topic: str | None = None

    @property
    def fields(self) -> tuple[str, ...]:
        """Where the peers look."""
        return FOLDED if self.folded else FIELDS


Run: TypeAlias = Callable[[], int]  # one search; how many matches, where the engine says so
Prepare: TypeAlias = Callable[[Query], Run]


class Peer(Protocol):
    """An engine in a folder of its own, new or as an earlier run left it; `add` once, then search."""

    version: str

    def __init__(self, folder: Path) -> None: ...

    def add(self, documents: Iterable[Document]) -> None:
        """Indexes everything and makes it visible."""

    def finish(self) -> dict[str, Any]:
        """What is done behind the clock before searching; what is worth saying about the index."""

    def engines(self) -> Mapping[str, Prepare]:
        """Name -> what turns a query into a search."""


# -- tantivy -------------------------------------------------------------------------------------------


class Tantivy:
    """tantivy-py."""

    def __init__(self, folder: Path) -> None:
        import tantivy as t

        self.version = version("tantivy")
        self._t = t
        builder = t.SchemaBuilder()
        for field in FIELDS + FOLDED:
            builder.add_text_field(field, tokenizer_name="blanks")
        builder.add_integer_field("day", indexed=True, fast=True)
        builder.add_text_field("topics", tokenizer_name="raw", index_option="basic")
        builder.add_bytes_field("article", stored=True)
        self._schema = builder.build()
        self._index = t.Index(self._schema, str(folder))
        self._index.register_tokenizer("blanks", t.TextAnalyzerBuilder(t.Tokenizer.whitespace()).build())
        self._searcher: Any = None

    def add(self, documents: Iterable[Document]) -> None:
        writer = self._index.writer(heap_size=_HEAP, num_threads=1)
        for document in documents:
            record = self._t.Document()
            for field, text in document.text.items():
                record.add_text(field, text)
            record.add_integer("day", document.day)
            for topic in document.topics:
                record.add_text("topics", topic)
            record.add_bytes("article", document.article.encode())
            writer.add_document(record)
        writer.commit()
        writer.wait_merging_threads()

    def finish(self) -> dict[str, Any]:
        self._index.reload()
        return {"segments": self._index.searcher().num_segments}

    def engines(self) -> Mapping[str, Prepare]:
        self._index.reload()
        self._searcher = self._index.searcher()
        return {"tantivy": self._counting, "tantivy, top 10": self._top}

    def _counting(self, query: Query) -> Run:
        searcher, asked = self._searcher, self._query(query)
        return lambda: int(searcher.search(asked, TOP, count=True).count)

    def _top(self, query: Query) -> Run:
        searcher, asked = self._searcher, self._query(query)
        return lambda: len(searcher.search(asked, TOP, count=False).hits)

    def _query(self, query: Query) -> Any:
        words = self._words(query)
        filters = [self._t.Query.const_score_query(asked, 0.0) for asked in self._filters(query)]
        return self._all([words, *filters])

    def _words(self, query: Query) -> Any:
        if query.kind == "phrase":
            phrase = self._t.Query.phrase_query
            fields = [field for field in query.fields if all(self._has(field, term) for term in query.terms)]
            return self._any([phrase(self._schema, field, list(query.terms)) for field in fields])
        found = [self._term(query, term) for term in query.terms]
        if query.kind == "all":
            return self._all([self._any(fields) for fields in found])
        return self._any([asked for fields in found for asked in fields])

    def _term(self, query: Query, term: str) -> list[Any]:
        return [self._t.Query.term_query(self._schema, f, term) for f in query.fields if self._has(f, term)]

    def _has(self, field: str, term: str) -> bool:
        return int(self._searcher.doc_freq(field, term)) > 0

    def _filters(self, query: Query) -> list[Any]:
        found = []
        if query.days:
            kind = self._t.FieldType.Integer
            found.append(self._t.Query.range_query(self._schema, "day", kind, *query.days))
        if query.topic:
            found.append(self._t.Query.term_query(self._schema, "topics", query.topic, "basic"))
        return found

    def _any(self, queries: list[Any]) -> Any:
        return self._boolean(self._t.Occur.Should, queries)

    def _all(self, queries: list[Any]) -> Any:
        return self._boolean(self._t.Occur.Must, queries)

    def _boolean(self, occur: Any, queries: list[Any]) -> Any:
        if len(queries) == 1:
            return queries[0]
        return self._t.Query.boolean_query([(occur, q) for q in queries]) if queries else self._t.Query.empty_query()


# -- SQLite --------------------------------------------------------------------------------------------

_TOKENCHARS = "!#$%&()*+,-./:;<=>?@[\\]^_`{|}~"  # letters that are not ASCII are token characters anyway


class Fts5:
    """SQLite's full-text table."""

    version = sqlite3.sqlite_version

    def __init__(self, folder: Path) -> None:
        self._base = sqlite3.connect(folder / "fts5.db", isolation_level=None)
        columns = ", ".join(FIELDS + FOLDED)
        tokenizer = f"ascii tokenchars '{_TOKENCHARS}'"
        self._base.execute(
            f"create virtual table if not exists words using fts5({columns}, content='', tokenize=\"{tokenizer}\")"
        )
        self._base.execute("create table if not exists articles (id integer primary key, day integer, article text)")
        self._base.execute(
            "create table if not exists topics (topic text, id integer, primary key (topic, id)) without rowid"
        )

    def add(self, documents: Iterable[Document]) -> None:
        run = self._base.execute
        marks = ", ".join("?" * (1 + len(FIELDS + FOLDED)))
        run("begin")
        for number, document in enumerate(documents, 1):
            texts = (document.text[field] for field in FIELDS + FOLDED)
            run(f"insert into words (rowid, {', '.join(FIELDS + FOLDED)}) values ({marks})", (number, *texts))
            run("insert into articles values (?, ?, ?)", (number, document.day, document.article))
            for topic in document.topics:
                run("insert into topics values (?, ?)", (topic, number))
        run("create index days on articles (day)")
        run("commit")

    def finish(self) -> dict[str, Any]:
        self._base.execute("insert into words (words) values ('optimize')")
        self._base.execute("vacuum")
        return {}

    def engines(self) -> Mapping[str, Prepare]:
        return {"FTS5": self._prepare}

    def _prepare(self, query: Query) -> Run:
        tables, where = "words", ""
        values: list[str | int] = [self._match(query)]
        if query.days:  # cross join: the words first, whatever the planner thinks
            tables, where = "words cross join articles on id = words.rowid", "and day between ? and ?"
            values += query.days
        elif query.topic:
            tables, where = "words cross join topics on id = words.rowid", "and topic = ?"
            values.append(query.topic)
        statement = (
            f"with found as materialized (select words.rowid, rank from {tables} where words match ? {where}) "
            f"select (select count(*) from found), rowid from found order by rank limit {TOP}"
        )

        def run() -> int:
            found = self._base.execute(statement, values).fetchall()
            return int(found[0][0]) if found else 0

        return run

    def _match(self, query: Query) -> str:
        terms = [term.replace('"', '""') for term in query.terms]
        inner = {"any": " OR ", "all": " AND "}.get(query.kind)
        words = inner.join(f'"{term}"' for term in terms) if inner else f'"{" ".join(terms)}"'
        return f"{{{' '.join(query.fields)}}} : ({words})"


# -- Whoosh --------------------------------------------------------------------------------------------


class Whoosh:
    """Whoosh as it comes, with pyvi as it comes."""

    def __init__(self, folder: Path) -> None:
        from whoosh import analysis, fields, index

        self.version = version("whoosh")
        self._segment = load_pyvi()
        blanks = analysis.SpaceSeparatedTokenizer()
        schema = fields.Schema(
            words=fields.TEXT(analyzer=blanks, phrase=False),
            day=fields.NUMERIC(int, bits=32),
            topics=fields.KEYWORD,
            article=fields.STORED,
            **{field: fields.TEXT(analyzer=blanks) for field in FIELDS + FOLDED},
        )
        made = index.exists_in(str(folder))
        self._index = index.open_dir(str(folder)) if made else index.create_in(str(folder), schema)
        self._searcher: Any = None
        self.segmenting = 0.0  # seconds of `add` that pyvi took

    def add(self, documents: Iterable[Document]) -> None:
        writer = self._index.writer(limitmb=256)
        for document in documents:
            writer.add_document(
                words=self._words(document.article),
                day=document.day,
                topics=" ".join(document.topics),
                article=document.article,
                **document.text,
            )
        writer.commit(optimize=True)

    def _words(self, article: str) -> str:
        begun = time.perf_counter()
        record = msgspec.json.decode(article)
        words = self._segment("\n".join(record.get(field, "") for field in FIELDS))
        self.segmenting += time.perf_counter() - begun
        return words.lower()

    def finish(self) -> dict[str, Any]:
        return {"pyvi_seconds": self.segmenting}

    def engines(self) -> Mapping[str, Prepare]:
        self._searcher = self._index.searcher()
        return {"Whoosh": self._prepare}

    def _prepare(self, query: Query) -> Run:
        from whoosh.query import And, NumericRange, Or, Phrase, Term

        asked: Any
        if query.kind == "phrase":
            asked = Or([Phrase(field, list(query.terms)) for field in query.fields])
        elif query.kind == "all":
            asked = And([Or([Term(field, term) for field in query.fields]) for term in query.terms])
        else:
            asked = Or([Term(field, term) for term in query.terms for field in query.fields])
        wanted: Any = None
        if query.days:
            wanted = NumericRange("day", *query.days)
        elif query.topic:
            wanted = Term("topics", query.topic)
        return lambda: int(self._searcher.search(asked, limit=TOP, filter=wanted).scored_length())


def load_pyvi() -> Callable[[str], str]:
    """pyvi's own segmentation; needs scikit-learn and python-crfsuite, which vnsearch does not import."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an old pickle, read by a new scikit-learn
        from pyvi import ViTokenizer
    tokenize: Callable[[str], str] = ViTokenizer.tokenize
    return tokenize


PEERS: dict[str, type[Peer]] = {"tantivy": Tantivy, "fts5": Fts5, "whoosh": Whoosh}
