"""vnsearch, with the defaults of a user."""

from collections.abc import Iterable

import vnsearch
from vnsearch import Article, Index, kernels

from ..asked import TOP, Found, Query
from .base import Engine


class Vnsearch(Engine):
    """The library through its face."""

    name = "vnsearch"
    how = "the article as it is; Index.search with its defaults"

    @classmethod
    def version(cls) -> str:
        """With the kind of its kernels."""
        return f"{vnsearch.__version__} ({kernels.KIND} kernels)"

    def build(self, articles: Iterable[Article]) -> None:
        """One process."""
        with Index.create(self.folder / "index").writer() as writer:
            for article in articles:
                writer.add(article)

    def open(self) -> None:
        """Maps the files."""
        self.index = Index.open(self.folder / "index")

    def search(self, query: Query, limit: int = TOP) -> Found:
        """Hits are not opened."""
        results = self.index.search(**query.arguments(), limit=limit)
        return Found(results.total, results.hits)

    def ids(self, found: Found) -> list[str]:
        """Reads them from the stored articles."""
        return [hit.id for hit in found.hits]
