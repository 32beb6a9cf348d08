"""Articles as Whoosh documents: the fields of the index and the analyzers behind them.

Each text field stands there twice: as typed (`title`) and without diacritics (`title_folded`).
`words` holds pyvi's words, `numbers` the document numbers; the article itself is stored whole.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

import msgspec
from whoosh import analysis, fields

from ..article import Article
from ..ingest import provinces
from ..text.segment import segment
from ..text.tokenize import folded_term, terms, tokenize

TEXT_FIELDS = ("title", "lead", "body")
FORMAT = 1  # of the documents; an index of another format is refused


class Terms(analysis.Analyzer):  # type: ignore[misc]  # Whoosh is untyped
    """Whoosh's view of `text.tokenize`; compounds stand at the position of their first part."""

    def __init__(self, folded: bool) -> None:
        self.folded = folded

    def __call__(self, value: str, **options: Any) -> Iterator[analysis.Token]:
        token = analysis.Token(positions=True)
        for term, position in terms(value):
            token.text = token.original = folded_term(term) if self.folded else term
            token.pos = position
            token.stopped = False
            token.boost = 1.0
            yield token


def schema() -> fields.Schema:
    """The Whoosh schema of an index."""
    text = {}
    for name in TEXT_FIELDS:
        text[name] = fields.TEXT(analyzer=Terms(folded=False), phrase=True)
        text[f"{name}_folded"] = fields.TEXT(analyzer=Terms(folded=True), phrase=True)
    return fields.Schema(
        id=fields.ID(unique=True, stored=True),
        words=fields.KEYWORD(commas=True),
        numbers=fields.KEYWORD(commas=True),
        provinces=fields.KEYWORD(commas=True),
        topics=fields.KEYWORD(commas=True),
        source=fields.ID(),
        day=fields.NUMERIC(int, bits=32, sortable=True, default=NO_DAY),
        facts=fields.STORED(),
        article=fields.STORED(),
        **text,
    )


NO_DAY = 0  # proleptic ordinals begin at 1


def document(article: Article) -> dict[str, Any]:
    """The Whoosh document of an article."""
    day = article.day
    return {
        "id": article.id,
        "title": article.title,
        "lead": article.lead,
        "body": article.body,
        "title_folded": article.title,
        "lead_folded": article.lead,
        "body_folded": article.body,
        "words": ",".join(words(article)),
        "numbers": ",".join(numbers(article)),
        "provinces": ",".join(province_slugs(article)),
        "topics": ",".join(article.topics),
        "source": article.source,
        "day": day.toordinal() if day else NO_DAY,
        "facts": (article.provinces, article.topics, article.source, day.isoformat() if day else None),
        "article": msgspec.json.encode(article),
    }


def load(stored: bytes) -> Article:
    """The article as it was added."""
    values = msgspec.json.decode(stored)
    if published := values.get("published"):
        values["published"] = _published(published)
    return Article(**values)


def _published(text: str) -> date:
    from datetime import datetime

    return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)


def words(article: Article) -> list[str]:
    """pyvi's words of two and more syllables, as terms joined by "_"."""
    text = f"{article.title}\n{article.lead}\n{article.body}"
    found = (word for word in segment(text) if "_" in word)
    return ["_".join(term for term, _ in terms(word.replace("_", " "))) for word in found]


def numbers(article: Article) -> list[str]:
    """The numbers of documents that an article names, in both views."""
    text = f"{article.title}\n{article.lead}\n{article.body}"
    return sorted({form for t in tokenize(text) if t.kind == "document" for form in (t.term, t.folded)})


def province_slugs(article: Article) -> list[str]:
    """The slugs under which a filter finds the article; a name of no known province is its own."""
    slugs = []
    for name in article.provinces:
        try:
            slugs.append(provinces.find_by_name(name).slug)
        except ValueError:
            slugs.append(name)
    return slugs
