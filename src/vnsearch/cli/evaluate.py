"""`vnsearch evaluate`: how well an index answers."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..api import Index
from ..printable import printable
from .group import main
from .options import check_writable, example, index_option, json_option
from .terminal import MOST_REASONS, echo, print_json, wrap

if TYPE_CHECKING:
    from ..api import Match
    from ..evaluate import Answer, Evaluation, Judgements


# -- evaluate ------------------------------------------------------------------------------------------


@main.command(epilog=example("vnsearch evaluate queries.jsonl --typed written --typed without"))
@click.argument("queries", type=click.Path(dir_okay=False))
@index_option
@click.option("--qrels", type=click.Path(dir_okay=False), help="Answers in TREC's form; QUERIES are TREC topics then.")
@click.option(
    "--typed",
    "ways",
    multiple=True,
    type=click.Choice(("written", "without", "half")),
    default=("written",),
    help="As written, without diacritics, half of the words without; may be repeated.",
)
@click.option(
    "--measure",
    "measures",
    multiple=True,
    metavar="NAME",
    default=("nDCG@10", "RR@10", "R@100"),
    show_default=True,
    help="As ir_measures writes it; may be repeated. The first one says which queries do worst.",
)
@click.option("--match", type=click.Choice(("auto", "all", "any", "phrase")), default="auto", show_default=True)
@click.option("--literal", is_flag=True, help="Queries are plain words: quotes, signs and fields mean nothing.")
@click.option("--worst", type=click.IntRange(0), default=5, show_default=True, help="So many queries that do worst.")
@click.option("--run", "run_file", type=click.Path(dir_okay=False), help="Write what came as a TREC run.")
@json_option
def evaluate(
    queries: str,
    folder: str,
    qrels: str | None,
    ways: tuple[str, ...],
    measures: tuple[str, ...],
    match: "Match",
    literal: bool,
    worst: int,
    run_file: str | None,
    as_json: bool,
) -> None:
    """Measure how well an index answers QUERIES, JSON lines such as {"query": "dân vận", "relevant": ["id", ...]}."""
    from ..evaluate import evaluate as measured
    from ..evaluate import read_lines, read_topics, run_lines

    if run_file and len(set(ways)) > 1:
        raise click.BadParameter("a run is of one way of typing; name one with --typed", param_hint="--run")
    judged = read_topics(queries, qrels) if qrels else read_lines(queries)
    if run_file:
        check_writable(run_file)
    opened = Index.open(folder)
    found = measured(opened, judged.queries, measures=measures, ways=ways, match=match, literal=literal)
    if run_file:
        lines = "".join(f"{line}\n" for line in run_lines(found.answers[ways[0]]))
        Path(run_file).write_text(lines, encoding="utf-8")
    if as_json:
        print_json(_evaluation_json(judged, found))
    else:
        _print_means(found)
        for way in found.means:
            _print_worst(opened, found, way, worst)
        _print_not_counted(judged, found)
    sys.exit(1 if found.unknown else 0)


def _evaluation_json(judged: "Judgements", found: "Evaluation") -> dict[str, Any]:
    return {
        "queries": len(judged.queries),
        "depth": found.depth,
        "means": found.means,
        "unknown": [{"query": query, "article": article} for query, article in found.unknown],
        "unanswered": judged.unanswered,
        "unasked": judged.unasked,
        "not_used": judged.unused,
        "answers": {way: [_answer_json(answer) for answer in answers] for way, answers in found.answers.items()},
    }


def _answer_json(answer: "Answer") -> dict[str, Any]:
    return {
        "id": answer.query.id,
        "query": answer.query.text,
        "typed": answer.typed,
        "searched_as": answer.searched_as,
        "relevant": answer.query.grades,
        "values": answer.values,
        "rank": answer.rank,
        "found": answer.ids,
    }


def _print_means(found: "Evaluation") -> None:
    """A row for each way of typing, a column for each measure."""
    names = list(next(iter(found.means.values())))
    count = len(next(iter(found.answers.values())))
    echo(f"{count:,} quer{'y' if count == 1 else 'ies'}, the first {found.depth:,} articles of each")
    echo(f"{'typed':<8}" + "".join(f"  {name:>8}" for name in names))
    for way, means in found.means.items():
        echo(f"{way:<8}" + "".join(f"  {means[name]:>{max(len(name), 8)}.4f}" for name in names))


def _print_worst(opened: Index, found: "Evaluation", way: str, most: int) -> None:
    """What came first for the queries that do worst, and where the first right article stands."""
    name = next(iter(found.means[way]))
    answers = found.worst(way, most)
    if answers:
        echo(f"\nWorst by {name}, typed {way}:" if way != "written" else f"\nWorst by {name}:")
    for answer in answers:
        wrap("", f"{answer.values[name]:.4f} {answer.query.id}: {answer.typed}", further=7)
        if answer.searched_as:
            wrap("       ", f"searched as: {answer.searched_as}")
        if not answer.ids:
            wrap("       ", "nothing was found")
            continue
        first = opened.get(answer.ids[0])
        title = (first.title if first else "") or "(no title)"
        right = f"the first relevant one is number {answer.rank}" if answer.rank else "no relevant one"
        wrap("       ", f"1. {title} (id\u00a0{answer.ids[0]}); {right} of {len(answer.ids):,} found")


def _print_not_counted(judged: "Judgements", found: "Evaluation") -> None:
    """What the measures do not say, a line each, on standard error."""
    notes = [
        ("relevant, but not in the index, so counted as not found", [f"{id} ({query})" for query, id in found.unknown]),
        ("queries without a relevant article, not counted", judged.unanswered),
        ("queries of the qrels that are not among the topics, not counted", judged.unasked),
        ("keys not used", [f"{key} ({count:,})" for key, count in (judged.unused or {}).items()]),
    ]
    for what, names in notes:
        if names:
            more = f" ... and {len(names) - MOST_REASONS:,} more; --json lists them" * (len(names) > MOST_REASONS)
            echo(f"vnsearch: {what}: {', '.join(map(printable, names[:MOST_REASONS]))}{more}", err=True)
