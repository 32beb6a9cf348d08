"""Where the values of an article come from, said for a person."""

from typing import NamedTuple

import msgspec

from ..article import Article
from ..vietnam.dates import date_of_url
from . import address
from .identity import content_hash
from .record import make_article


class Reason(NamedTuple):
    """Where one value of an article comes from."""

    field: str
    value: str
    why: str


def explain(article: Article) -> list[Reason]:
    """Where the values of an article come from, by finding them once more in its own text.

    What would not be found was stated by the record that it was made from.
    """
    bare = msgspec.to_builtins(article)
    stated = {"provinces": bare.pop("provinces"), "topics": bare.pop("topics")}
    bare.pop("published")
    made = make_article({**article.extra, **bare, "published": article.published})
    found = {"provinces": made.provinces, "topics": made.topics}
    reasons = [Reason("id", article.id, _why_id(article))]
    witnesses = article.extra.get("why")
    witnesses = witnesses if isinstance(witnesses, dict) else {}  # of a web page
    for field in ("title", "lead", "author", "body"):
        if field in witnesses:
            shown = getattr(article, field)
            reasons.append(Reason(field, shown[:80] + "…" * (len(shown) > 80), str(witnesses[field])))
    if article.source:
        is_of_url = address.host(article.url) == article.source
        why = witnesses.get("source", "the address" if is_of_url else "stated")
        reasons.append(Reason("source", article.source, str(why)))
    if article.published:
        is_of_url = article.published == date_of_url(article.url)
        why = witnesses.get("published", "the address" if is_of_url else "stated")
        reasons.append(Reason("published", str(article.published), str(why)))
    for field, values in stated.items():
        evidence = {each.value: "; ".join(each.evidence) + f" (weight {each.weight:.1f})" for each in found[field]}
        reasons += [Reason(field, value, evidence.get(value, "stated")) for value in values]
    return reasons


def _why_id(article: Article) -> str:
    if article.id == article.url:
        return "the address"
    is_hash = article.id == content_hash(article.title, article.lead, article.body)
    return "a hash of title and text" if is_hash else "stated"
