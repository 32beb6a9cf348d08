"""A query read by a few articles, for an engine whose words are elsewhere: an index of them that lives as long
as the question.
"""

import tempfile
from collections.abc import Iterable
from pathlib import Path

from ..article import Article
from ..embedded.engine import Embedded
from ..suggest.reading import Reading


def read(articles: Iterable[Article], text: str) -> Reading | None:
    """A query read word for word, by the words of these articles: see `suggest.reading.read`."""
    with tempfile.TemporaryDirectory(prefix="vnsearch-") as folder:
        engine = Embedded.create(Path(folder) / "sample")
        with engine.writer(timeout=0.0, workers=1) as writer:
            for article in articles:
                writer.add(article)
        return engine.read(text)
