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
        "ranked_as": results.ranked_as,
        "total": results.total,
        "matched": results.matched,
        "missing": results.missing,
        "took_ms": round(results.took * 1000, 3),
        "suggestion": results.suggestion,
        "relaxed": [{"without": name, "total": total} for name, total in results.relaxed],
        "facets": results.facets,
        "hits": [hit_json(hit, explain=explain) for hit in results.hits],
    }


def hit_json(hit: Hit, *, explain: bool = False) -> dict[str, Any]:
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
        **({"explanation": hit.explanation.asdict()} if explain else {}),
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
    page = f"{first}-{last}" if last > first else f"{first}"
    articles = f"{results.total:,} article{'s' * (results.total != 1)} {_MATCHED[results.matched]}".rstrip()
    if results.searched_as:
        echo(f"Searched as: {results.searched_as} (--as-typed for what was typed)", err=True)
    elif results.ranked_as:
        echo(f"Ranked as: {results.ranked_as} (--as-typed for what was typed)", err=True)
    if not results.total:
        echo(f"Nothing found ({took}).", err=True)
    elif behind:
        echo(f"{len(results.hits):,} more of {articles}, {took}", err=True)
    elif results.hits:
        echo(f"{page} of {articles}, {took}", err=True)
    else:
        echo(f"{articles}, {took}", err=True)
    if results.missing:
        echo(f"No article has {', '.join(map(_quoted, results.missing))}.", err=True)
    for name, count in results.relaxed[:3]:
        what = f"--{name}" if name in ("province", "topic", "source", "since") else _quoted(name)
        echo(f"Without {what} there {'is' if count == 1 else 'are'} {count:,}.", err=True)
    if results.suggestion and results.suggestion != results.ranked_as:
        echo(f"Did you mean: {results.suggestion}", err=True)
    for number, hit in enumerate(results.hits, first):
        print_hit(number, hit, with_score=with_score)
        if explain:
            print_lines("   ", hit.explain())
    _print_facets(results.facets)


def _quoted(word: str) -> str:
    return f"“{word}”"


def print_hit(number: int, hit: Hit, *, with_score: bool = False) -> None:
    article = hit.article
    title = Safe(hit.title.ansi()) if article.title else styled("(no title)", dim=True)
    facts = [
        when_published(article),
        ", ".join(article.provinces),
        article.source,
        topic_names(article),
        f"id\u00a0{hit.id}",
    ]
    if with_score:
        facts.append(f"score {hit.score:.3f}")
    if hit.same_story:
        facts.append(f"also told by {', '.join(hit.same_story)}")
    echo()
    wrap(f"{number}. ", styled(Safe(title.replace("\x1b[0m", "\x1b[0;1m")), bold=True))  # bold after a mark, too
    wrap("   ", styled(joined(facts), dim=True))
    wrap("   ", Safe(" ".join(hit.snippet.ansi().split())))


def when_published(article: Article) -> str:
    """When it was published, with the time of day in Viet Nam where it is known."""
    published = article.published
    if isinstance(published, datetime):
        return f"{published.astimezone(VIETNAM):%d/%m/%Y %H:%M}"
    return f"{published:%d/%m/%Y}" if published else ""


def _print_facets(facets: Mapping[str, Mapping[str, int]]) -> None:
    """A paragraph for each facet that has values; of years and months the one that says more."""
    shown = {name: counts for name, counts in facets.items() if counts}
    if "year" in shown and "month" in shown:
        del shown["month" if len(shown["year"]) > 1 else "year"]
    for number, (name, counts) in enumerate(shown.items()):
        if number == 0:
            echo()
        _print_facet(name, counts)


_FACET_WIDTH = 10  # columns of a facet's name


def _print_facet(name: str, counts: Mapping[str, int], most: int = 10) -> None:
    """Values and their numbers, the most frequent first; a value is not broken over lines where it fits into one."""
    room = columns() - _FACET_WIDTH - 10
    values = []
    for value, count in list(counts.items())[:most]:
        value = printable(_topic_name(value) if name == "topic" else value)
        value = value.replace(" ", "\u00a0") if len(value) < room else value
        values.append(f"{value}\u00a0{styled(f'{count:,}', dim=True)}")
    if len(counts) > most:
        values.append(f"{len(counts) - most:,}\u00a0more")
    wrap("", Safe(f"{styled(f'{name:<{_FACET_WIDTH}}', fg='cyan')}{joined(values)}"), further=_FACET_WIDTH)


def topic_names(article: Article) -> str:
    """The names of an article's topics; of a topic that is in no table its slug."""
    return ", ".join(map(_topic_name, article.topics))


def _topic_name(slug: str) -> str:
    from ..vietnam.topics import load

    topic = load().topics.get(slug)
    return topic.name if topic else slug


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
