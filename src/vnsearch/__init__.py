"""vnsearch: full-text search over Vietnamese news.

from vnsearch import Index, read

index = Index.create("indexes/news")
with index.writer() as writer:
    writer.add_all(read("pages/"))
for hit in index.search("dan van lang son", province="Lạng Sơn", since="tháng 2/2023"):
    print(hit.article.title, "|", hit.snippet)
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .api import Index
from .article import Article
from .errors import (
    ArgumentError,
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
    UnknownIdError,
    VnsearchError,
)
from .results import Explanation, Hit, Results

if TYPE_CHECKING:
    from .engine import Writer
    from .ingest.readers import Report, read
    from .present.snippet import Snippet
    from .query.syntax import NotAQueryError
    from .verification import Verification

__version__ = "0.1.0"

_LAZY = {
    "NotAQueryError": ".query.syntax",
    "Report": ".ingest.readers",
    "Snippet": ".present.snippet",
    "Verification": ".verification",
    "Writer": ".engine",
    "read": ".ingest.readers",
}


def __getattr__(name: str) -> Any:
    """Imports what only some callers use when they use it (PEP 562)."""
    if name in _LAZY:
        return getattr(import_module(_LAZY[name], __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """What is public, whether or not it was imported yet."""
    return sorted({*__all__, *(name for name in globals() if name.startswith("__"))})


__all__ = [
    "ArgumentError",
    "Article",
    "ArticleError",
    "Explanation",
    "Hit",
    "Index",
    "IndexCorruptError",
    "IndexExistsError",
    "IndexLockedError",
    "IndexNotFoundError",
    "IndexProblemError",
    "IndexUnavailableError",
    "IndexVersionError",
    "NotAQueryError",
    "QueryError",
    "ReadError",
    "Report",
    "Results",
    "Snippet",
    "UnknownIdError",
    "Verification",
    "VnsearchError",
    "Writer",
    "read",
]
