"""Finding: `vnsearch query`, `similar`, `complete`, `show`."""

import sys
from typing import Any

import click

from ..api import Index
from ..printable import printable
from ..results import Results
from .group import main
from .hits import (
    hit_json,
    print_hit,
    print_reasons,
    print_results,
    print_text,
    results_json,
    topic_names,
    when_published,
)
from .options import example, index_option, json_option
from .terminal import echo, joined, print_json, print_lines, readable, styled, wrap

# -- query -------------------------------------------------------------------------------------------


@main.command(epilog=example('vnsearch query "dan van" --province "Lạng Sơn" --since "tháng 2/2023" --facets'))
@click.argument("text", default="")
@index_option
@click.option("--province", multiple=True, help="Name, old or new, with or without diacritics; may be repeated.")
@click.option("--topic", multiple=True, help="Slug or name; may be repeated.")
@click.option("--source", multiple=True, help="Domain, for example baolangson.vn; may be repeated.")
@click.option("--since", metavar="DATE", help='First day or minute: 7/2/2023, "2023-02-07 17:00", "tháng 2/2023" ...')
@click.option("--until", metavar="DATE", help="Last day or minute.")
@click.option("--sort", type=click.Choice(("relevance", "newest", "oldest")), default="relevance", show_default=True)
@click.option("--limit", type=click.IntRange(0), default=10, show_default=True)
@click.option("--offset", type=click.IntRange(0), default=0)
@click.option("--after", metavar="CURSOR", help="The page after the one that printed CURSOR (with --json, on stderr).")
@click.option("--collapse", type=click.Choice(("story",)), help="Of articles that tell the same, only the best.")
@click.option("--facets", is_flag=True, help="Count the matches by province, topic, source, year and month.")
@click.option("--score", is_flag=True, help="Print each article's score.")
@click.option(
    "--match", type=click.Choice(("auto", "all", "any", "phrase")), default="auto", show_default=True,
    help="Every word and, where few have, the nearest; every word; any of them; in this order side by side.",
)  # fmt: skip
@click.option("--in", "fields", multiple=True, help="Where the words stand: title, lead or body; may be repeated.")
@click.option("--as-typed", is_flag=True, help="Never search for another reading of the query.")
@click.option("--synonyms", metavar="FILE", help="Other words for the same, in the place of the library's own table.")
@click.option("--recency", is_flag=True, help="Rank newer articles a little higher.")
@click.option("--explain", is_flag=True, help="Print what the query was taken to mean, and why each article was found.")
@json_option
def query(
    text: str, folder: str, province: tuple[str, ...], topic: tuple[str, ...], source: tuple[str, ...],
    since: str | None, until: str | None, sort: str, limit: int, offset: int, after: str | None, collapse: str | None,
    facets: bool, score: bool, match: str, fields: tuple[str, ...], as_typed: bool, synonyms: str | None, recency: bool,
    explain: bool, as_json: bool,
) -> None:  # fmt: skip
    """Search: words, "phrases", +must, -not, AND OR NOT, prefix*, title:word, tỉnh:"Lạng Sơn", ngày:2/2023 ..."""
    from ..query.syntax import NotAQueryError

    opened, text = Index.open(folder, synonyms=True if synonyms is None else synonyms), readable(text)
    options: dict[str, Any] = {
        "province": province or None, "topic": topic or None, "source": source or None, "since": since, "until": until,
        "sort": sort, "limit": limit, "offset": offset, "recency": recency, "match": match, "fields": fields or None,
        "facets": ("province", "topic", "source", "year", "month") if facets else (),
    }  # fmt: skip
    paged: dict[str, Any] = {"collapse": collapse, "after": after, "as_typed": as_typed}
    try:
        results = opened.search(text, **paged, **options)
    except NotAQueryError as e:
        echo(f"vnsearch: searched as plain words, because {e}", err=True)
        options["literal"] = True
        results = opened.search(text, **paged, **options)
    if as_json:
        print_json(results_json(results, explain=explain))
    else:
        if explain:
            print_lines("", opened.explain(text, **options))
        print_results(results, offset, with_score=score, explain=explain, behind=after is not None)
    if more := _more(results, offset, by_cursor=as_json or after is not None):
        echo(f"\nMore: {more}", err=True)
    sys.exit(0 if results.total else 1)


def _more(results: Results, offset: int, *, by_cursor: bool) -> str:
    """The option that asks for the next page; a cursor is long, so only programs and who came by one are told."""
    if by_cursor:
        return f"--after {results.cursor}" if results.cursor else ""
    last = offset + len(results.hits)
    return f"--offset {last}" if results.hits and last < results.total else ""


# -- one article ---------------------------------------------------------------------------------------


@main.command(epilog=example("vnsearch show ex-001 --why"))
@click.argument("id")
@index_option
@click.option("--why", is_flag=True, help="Tell where date, source, provinces and topics come from.")
@json_option
def show(id: str, folder: str, why: bool, as_json: bool) -> None:
    """Print one article."""
    article = Index.open(folder).get(readable(id))
    if article is None:
        echo(f'vnsearch: no article has the id "{id}"', err=True)
        sys.exit(1)
    if why:
        print_reasons(article, as_json)
        return
    if as_json:
        import msgspec

        print_json(msgspec.to_builtins(article))
        return
    wrap("", styled(article.title or "(no title)", bold=True))
    about = (", ".join(article.provinces), article.source, topic_names(article), article.author)
    wrap("", styled(joined((when_published(article), *about)), dim=True))
    if article.url:
        echo(article.url)
    print_text(article)


@main.command(epilog=example("vnsearch similar ex-001 --limit 3"))
@click.argument("id")
@index_option
@click.option("--limit", type=click.IntRange(1), default=5, show_default=True)
@json_option
def similar(id: str, folder: str, limit: int, as_json: bool) -> None:
    """Articles with the same distinguishing words."""
    try:
        hits = Index.open(folder).similar(readable(id), limit=limit)
    except KeyError:
        echo(f'vnsearch: no article has the id "{id}"', err=True)
        sys.exit(1)
    if as_json:
        print_json({"id": id, "hits": [hit_json(hit) for hit in hits]})
    else:
        for number, hit in enumerate(hits, 1):
            print_hit(number, hit)
    sys.exit(0 if hits else 1)


@main.command(epilog=example('vnsearch complete "dan v"'))
@click.argument("prefix")
@index_option
@click.option("--limit", type=click.IntRange(1), default=10, show_default=True)
@json_option
def complete(prefix: str, folder: str, limit: int, as_json: bool) -> None:
    """Words of the index that begin so."""
    words = Index.open(folder).complete(readable(prefix), limit=limit)
    if as_json:
        print_json({"prefix": prefix, "words": words})
    else:
        echo("".join(f"{printable(word)}\n" for word in words), nl=False)
    sys.exit(0 if words else 1)
