"""The peers of the quality benchmark: other rankings of the same tokens, as a user gets them without tuning.

All see title and body as one field, in two views: tokens as typed and folded, made by vnsearch's tokenizer
(one token a position).  Any token of the query in any view is a match.

Whoosh       its MultifieldParser over both views, OR, its own BM25F.
FTS5         SQLite's bm25 over two columns.
tantivy      a term query for each token in each view, OR, its own BM25.
BM25         plain BM25 (k1 1.2, b .75) on syllables as typed alone; distinct tokens of the query.
"""

import math
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence

import numpy as np

from relevance import DEPTH, Asked, Search
from vnsearch import Article
from vnsearch.text.tokenize import folded_term, tokenize


def units(text: str) -> list[str]:
    """One token a position."""
    return [token.term for token in tokenize(text) if token.width == 1]


def views(text: str) -> tuple[str, str]:
    """Tokens as typed and folded, separated by blanks."""
    terms = units(text)
    return " ".join(terms), " ".join(map(folded_term, terms))


def text_of(article: Article) -> str:
    return f"{article.title}\n{article.body}"


def whoosh(articles: Sequence[Article]) -> Search:
    from whoosh import analysis, fields
    from whoosh.filedb.filestore import RamStorage
    from whoosh.qparser import MultifieldParser, OrGroup, plugins

    blanks = analysis.SpaceSeparatedTokenizer()
    schema = fields.Schema(id=fields.STORED, typed=fields.TEXT(analyzer=blanks), folded=fields.TEXT(analyzer=blanks))
    index = RamStorage().create_index(schema)
    writer = index.writer(limitmb=256)
    for article in articles:
        typed, folded = views(text_of(article))
        writer.add_document(id=article.id, typed=typed, folded=folded)
    writer.commit()
    searcher = index.searcher()
    parser = MultifieldParser(["typed", "folded"], schema, plugins=[plugins.WhitespacePlugin()], group=OrGroup)

    def search(asked: Asked) -> list[str]:
        query = parser.parse(" ".join(dict.fromkeys(units(asked.text))))
        return [hit["id"] for hit in searcher.search(query, limit=DEPTH)]

    return search


def fts5(articles: Sequence[Article]) -> Search:
    base = sqlite3.connect(":memory:")
    characters = "!#$%&()*+,-./:;<=>?@[\\]^_`{|}~"  # letters that are not ASCII are token characters anyway
    base.execute(
        f"create virtual table words using fts5(typed, folded, content='', "
        f"tokenize=\"ascii tokenchars '{characters}'\")"
    )
    rows = ((number, *views(text_of(article))) for number, article in enumerate(articles))
    base.executemany("insert into words (rowid, typed, folded) values (?, ?, ?)", rows)

    def search(asked: Asked) -> list[str]:
        terms = dict.fromkeys((*units(asked.text), *map(folded_term, units(asked.text))))
        if not terms:
            return []
        match = " OR ".join('"' + term.replace('"', '""') + '"' for term in terms)
        found = base.execute("select rowid from words where words match ? order by rank limit ?", (match, DEPTH))
        return [articles[number].id for (number,) in found]

    return search


def tantivy(articles: Sequence[Article]) -> Search:
    import tantivy as t

    builder = t.SchemaBuilder()
    for field in ("typed", "folded"):
        builder.add_text_field(field, tokenizer_name="blanks")
    builder.add_unsigned_field("number", stored=True)
    schema = builder.build()
    index = t.Index(schema)
    index.register_tokenizer("blanks", t.TextAnalyzerBuilder(t.Tokenizer.whitespace()).build())
    writer = index.writer(num_threads=1)
    for number, article in enumerate(articles):
        typed, folded = views(text_of(article))
        writer.add_document(t.Document(typed=[typed], folded=[folded], number=[number]))
    writer.commit()
    index.reload()
    searcher = index.searcher()

    def search(asked: Asked) -> list[str]:
        terms = {("typed", term) for term in units(asked.text)}
        terms |= {("folded", folded_term(term)) for _, term in terms}
        queries = [(t.Occur.Should, t.Query.term_query(schema, *term)) for term in sorted(terms)]
        hits = searcher.search(t.Query.boolean_query(queries), DEPTH).hits if queries else []
        return [articles[searcher.doc(address)["number"][0]].id for _, address in hits]

    return search


def bm25(articles: Sequence[Article], k1: float = 1.2, b: float = 0.75) -> Search:
    """Robertson, Zaragoza 2009, "The probabilistic relevance framework: BM25 and beyond", with Lucene's idf."""
    postings: dict[str, list[tuple[int, int]]] = defaultdict(list)
    lengths = np.zeros(len(articles))
    for number, article in enumerate(articles):
        counts = Counter(units(text_of(article)))
        lengths[number] = counts.total()
        for term, count in counts.items():
            postings[term].append((number, count))
    norm = k1 * (1 - b + b * lengths / lengths.mean())

    def search(asked: Asked) -> list[str]:
        scores = np.zeros(len(articles))
        for term in dict.fromkeys(units(asked.text)):
            found = np.array(postings.get(term, ()), int).reshape(-1, 2)
            idf = math.log(1 + (len(articles) - len(found) + 0.5) / (len(found) + 0.5))
            scores[found[:, 0]] += idf * (k1 + 1) * found[:, 1] / (found[:, 1] + norm[found[:, 0]])
        best = np.argsort(-scores, kind="stable")[:DEPTH]
        return [articles[number].id for number in best if scores[number] > 0]

    return search


PEERS: dict[str, Callable[[Sequence[Article]], Search]] = {
    "BM25": bm25,
    "tantivy": tantivy,
    "FTS5": fts5,
    "Whoosh": whoosh,
}
