"""Results, hits and articles, as text and as JSON."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ..article import VIETNAM, Article
from ..printable import printable
from ..results import Hit, Results
from .terminal import Safe, columns, echo, joined, print_json, print_lines, styled, wrap


def results_json(results: Results, *, explain: bool = False) -> dict[str, Any]:
    return {
        "query": results.query,
        "searched_as": results.searched_as,
        "total": results.total,
        "matched": results.matched,
        "missing": results.missing,
        "took_ms": round(results.took * 1000, 3),
        "suggestion": results.suggestion,
        "relaxed": [{"without": name, "total": total} for name, total in results.relaxed],
        "facets": results.facets,
        "hits": [hit_json(hit) | ({"explanation": hit.explain()} if explain else {}) for hit in results.hits],
    }


def hit_json(hit: Hit) -> dict[str, Any]:
    article = hit.article
    return {
        "id": hit.id,
        "title": article.title,
        "url": article.url,
        "source": article.source,
        "published": article.published.isoformat() if article.published else None,
        "provinces": article.provinces,
        "topics": article.topics,
        "score": round(hit.score, 6),
        "snippet": {"text": hit.snippet.text, "highlights": hit.snippet.highlights},
    }


_MATCHED = {
    "everything": "",
    "all": "with every word",
    "accents": "with every word in other accents; none has them as typed",
    "nearest": "that come nearest; few have every word",
    "any": "with any of the words",
}


def print_results(results: Results, offset: int, *, with_score: bool, explain: bool, behind: bool) -> None:
    took = f"{results.took * 1000:.0f} ms"
    first, last = offset + 1, offset + len(results.hits)
    articles = f"{results.total:,} article{'s' * (results.total != 1)} {_MATCHED[results.matched]}".rstrip()
    if results.searched_as:
        echo(f"Searched as: {results.searched_as} (--as-typed for what was typed)", err=True)
    if not results.total:
        echo(f"Nothing found ({took}).", err=True)
    elif behind:
        echo(f"{len(results.hits):,} more of {articles}, {took}", err=True)
    elif results.hits:
        echo(f"{first}-{last} of {articles}, {took}", err=True)
    else:
        echo(f"{articles}, {took}", err=True)
    if results.missing:
        echo(f"No article has {', '.join(map(_quoted, results.missing))}.", err=True)
    for name, count in results.relaxed[:3]:
        what = f"--{name}" if name in ("province", "topic", "source", "since") else _quoted(name)
        echo(f"Without {what} there {'is' if count == 1 else 'are'} {count:,}.", err=True)
    if results.suggestion:
        echo(f"Did you mean: {results.suggestion}", err=True)
    for number, hit in enumerate(results.hits, first):
        print_hit(number, hit, with_score=with_score)
        if explain:
            print_lines("   ", hit.explain())
    for name, counts in results.facets.items():
        if counts:
            _print_facet(name, counts)


def _quoted(word: str) -> str:
    return f"“{word}”"


def print_hit(number: int, hit: Hit, *, with_score: bool = False) -> None:
    article = hit.article
    title = Safe(hit.title.ansi()) if article.title else styled("(no title)", dim=True)
    facts = [
        when_published(article),
        ", ".join(article.provinces),
        article.source,
        ", ".join(article.topics),
        f"id\u00a0{hit.id}",
    ]
    if with_score:
        facts.append(f"score {hit.score:.3f}")
    if hit.same_story:
        facts.append(f"also told by {', '.join(hit.same_story)}")
    echo()
    wrap(f"{number}. ", styled(Safe(title.replace("\x1b[0m", "\x1b[0;1m")), bold=True))  # bold behind a mark, too
    wrap("   ", styled(joined(facts), dim=True))
    wrap("   ", Safe(" ".join(hit.snippet.ansi().split())))


def when_published(article: Article) -> str:
    """When it was published, with the time of day in Viet Nam where it is known."""
    published = article.published
    if isinstance(published, datetime):
        return f"{published.astimezone(VIETNAM):%d/%m/%Y %H:%M}"
    return f"{published:%d/%m/%Y}" if published else ""


def _print_facet(name: str, counts: Mapping[str, int], most: int = 10) -> None:
    """A bar for each value; on narrow terminals the names are cut, then the bars."""
    echo(f"\n{name}")
    shown = list(counts.items())[:most]
    room = columns() - 12
    largest, width = max(counts.values(), default=1), min(max((len(v) for v, _ in shown), default=0), room - 4)
    for value, count in shown:
        bar = "█" * max(1, round(min(20, room - width) * count / largest))
        echo(f"  {printable(value[:width]):<{width}} {count:>6,} {bar}")
    if len(counts) > most:
        echo(f"  ... and {len(counts) - most} more")


def print_text(article: Article) -> None:
    for paragraph in (article.lead, *article.body.split("\n")):
        if paragraph.strip():
            echo()
            wrap("", paragraph)


def print_reasons(article: Article, as_json: bool) -> None:
    from ..ingest.reasons import explain

    reasons = explain(article)
    if as_json:
        print_json({"id": article.id, "reasons": [reason._asdict() for reason in reasons]})
        return
    for reason in reasons:
        wrap("", f"{reason.field}: {reason.value} - {reason.why}")
