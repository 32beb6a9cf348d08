"""vnsearch and the engines that a user would weigh it against, behind the same few calls.

Each gets title, lead and body as one text, in NFC and once more without marks, through its own tokenizer and small
letters; a query without any mark is asked of the second, every other of the first.  Each stores the article's JSON and
can, where the engine has filters at all, be filtered by day and topic.  Where there was a choice, it was made for the
peer.  vnsearch gets the article as it is.
"""

from .base import Cannot, Engine, Missing
from .bm25s import Bm25s
from .duckdb import DuckDb
from .fts5 import Fts5
from .opensearch import OpenSearch
from .tantivy import Tantivy
from .vnsearch import Vnsearch
from .whoosh import Whoosh
from .xapian import Xapian

__all__ = ["ENGINES", "OWN", "PEERS", "Cannot", "Engine", "Missing"]

OWN = Vnsearch.name
ENGINES: dict[str, type[Engine]] = {
    engine.name: engine for engine in (Vnsearch, Tantivy, Xapian, Fts5, Bm25s, DuckDb, Whoosh, OpenSearch)
}
PEERS = tuple(name for name in ENGINES if name != OWN)
