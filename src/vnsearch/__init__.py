"""vnsearch: full-text search over Vietnamese news.

from vnsearch import Index, read

index = Index.create("indexes/news")
with index.writer() as writer:
    for article in read("pages/"):
        writer.add(article)
for hit in index.search("dan van lang son", province="Lạng Sơn", since="tháng 2/2023"):
    print(hit.article.title, "|", hit.snippet.text)
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .api import Hit, Index, Results
from .article import Article
from .errors import (
    ArticleError,
    IndexCorruptError,
    IndexExistsError,
    IndexLockedError,
    IndexNotFoundError,
    IndexProblemError,
    IndexUnavailableError,
    IndexVersionError,
    QueryError,
    ReadError,
    VnsearchError,
)

if TYPE_CHECKING:
    from .ingest.readers import Report, read
    from .query.snippets import Snippet

__version__ = "0.1.0"

_LAZY = {"Report": ".ingest.readers", "read": ".ingest.readers", "Snippet": ".query.snippets"}


def __getattr__(name: str) -> Any:
    """Imports what only some callers use when they use it (PEP 562)."""
    if name in _LAZY:
        return getattr(import_module(_LAZY[name], __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = [
    "Article",
    "ArticleError",
    "Hit",
    "Index",
    "IndexCorruptError",
    "IndexExistsError",
    "IndexLockedError",
    "IndexNotFoundError",
    "IndexProblemError",
    "IndexUnavailableError",
    "IndexVersionError",
    "QueryError",
    "ReadError",
    "Report",
    "Results",
    "Snippet",
    "VnsearchError",
    "read",
]
