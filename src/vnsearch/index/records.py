"""Articles as bytes."""

from datetime import date, datetime

import msgspec

from ..article import Article


def dump(article: Article) -> bytes:
    """JSON, every field."""
    return msgspec.json.encode(article)


def load(data: bytes) -> Article:
    """The article that `dump` got."""
    values = msgspec.json.decode(data)
    if text := values.get("published"):
        values["published"] = datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)
    return Article(**values)
