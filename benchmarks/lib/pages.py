"""Results as Markdown: what a stranger reads first, and the blocks that other pages quote.

<!-- figures: headline -->
... made by `python -m benchmarks page` ...
<!-- end of figures -->
"""

import re
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, TypeAlias

from . import summary
from .engines import OWN, PEERS
from .results import latest
from .tables import number, table

Result: TypeAlias = Mapping[str, Any]
_BLOCK = re.compile(r"(<!-- figures: ([a-z-]+) -->\n).*?(<!-- end of figures -->)", re.DOTALL)
TITLES = {
    "new_queries": "New queries over more articles",
    "quality": "Relevance, however a query is typed",
    "result_set": "What a search returns",
    "reading": "Mistyped queries, completion",
    "suggest": "Keywords without marks",
    "ingest": "Dates, provinces, topics, stories, pages",
    "ranking": "What each part of the ranking is worth",
    "app": "What an app asks beside a search",
    "curve": "What size costs",
    "cluster": "On a cluster",
    "text": "Stages of text analysis",
    "text_segment": "Words",
    "text_legacy": "Old encodings",
}


def headline(out: Path) -> Result | None:
    """The newest run of `bench` over the most articles."""
    runs = [found for folder in out.iterdir() if folder.is_dir() if (found := latest(out, folder.name, "bench"))]
    return max(runs, key=lambda run: run["figures"]["corpus"]["number"], default=None)


def page(out: Path, every: list[Result]) -> str:
    """results/README.md."""
    parts = ["# Results", "Made by `python -m benchmarks page` from the files in this folder; not edited by hand."]
    if run := headline(out):
        parts += bench(run)
    of = {result["command"]: result for result in every}
    if whole := of.get("full"):
        taken = {step: one["seconds"] for step, one in whole["figures"]["steps"].items()}
        each = ", ".join(f"{step} {seconds}" for step, seconds in taken.items())
        minutes = f"{sum(taken.values()) / 60:.0f} minutes"
        parts.append(
            f"`python -m benchmarks full` took {minutes}, without what `--keep` had from before (seconds: {each})."
        )
    for command, title in TITLES.items():
        if command in of:
            parts += [f"## {title}", where(of[command]), shown(of[command])]
    return "\n\n".join(part.strip("\n") for part in parts if part) + "\n"


def bench(run: Result) -> list[str]:
    """vnsearch beside its peers."""
    figures, about = run["figures"], run["about"]
    file = f"{run['corpus']}/{about['date'][:10]}-bench.svg"
    ahead = "\n".join(f"- {line}" for line in summary.better(figures))
    parts = [
        measured_on(run),
        f"![vnsearch beside its peers]({file})",
        f"**Where a peer is better:**\n\n{ahead}" if ahead else "No peer is better in any figure.",
        "## Beside its peers",
        summary.overview(figures),
    ]
    if figures["missing"]:
        parts.append("Not there: " + "; ".join(f"{name} ({why})" for name, why in figures["missing"].items()) + ".")
    if "new_queries" in figures:
        parts += ["### New queries", *new_queries(figures)]
    if "repeated" in figures:
        parts += ["### The same queries again", "p50 / p95 in ms, the quickest of several runs:"]
        parts.append(summary.repeated(figures))
    if "relevance" in figures:
        parts += ["### Relevance", "nDCG@10 of queries as written / without marks:", summary.relevance(figures)]
    peers = {name: version for name, version in figures["engines"].items() if name in PEERS}
    parts += ["### What each peer cannot do", summary.cannot(peers)]
    return parts


def measured_on(run: Result) -> str:
    """Corpus, machine, commit."""
    corpus = run["figures"]["corpus"]
    return (
        f"{corpus['number']:,} articles ({corpus['name']}, SHA-256 {corpus['sha256'][:16]}), "
        f"{corpus['text_bytes'] / 1e6:,.1f} MB of text; {machine(run['about'])}."
    )


def new_queries(figures: Any) -> list[str]:
    """The headline's tables."""
    return [
        "Each query once, in a process that saw none: vnsearch alone, p50 / p95 / p99 in ms; then its time / the "
        "peer's, p50 / p95, in turns in one process: below 1, vnsearch is quicker.",
        summary.new_queries(figures),
        "The peers' own times there, p50 / p95 in ms:",
        summary.peer_times(figures),
        f"{OWN}: {summary.memory_line(figures)}",
    ]


def machine(about: Result) -> str:
    """On what, when, which commit."""
    return (
        f"{about['cpu']}, {about['cpus']} processors, load {about['load'][0]}; Python {about['python']}, kernels "
        f"{about['kernels']}; {about['date'][:10]}, commit {about['commit']}"
    )


def where(result: Result) -> str:
    """Which command, on what, when."""
    return f"`python -m benchmarks {result['command']} --help` says what is measured. {machine(result['about'])}."


def shown(result: Result) -> str:
    """A command's own tables."""
    figures: Any = result["figures"]
    if "text" in figures:
        return f"```text\n{figures['text'].strip()}\n```"
    if "new_queries" in figures:
        return "\n\n".join([measured_on(result), *new_queries(figures)])
    if "header" in figures:
        return table(figures["header"], figures["rows"])
    module = import_module(f"benchmarks.commands.{result['command']}")
    return str(module.report(figures))


# -- what other pages quote ----------------------------------------------------------------------------


def quoted(out: Path) -> dict[str, Callable[[], str]]:
    """Block -> its text."""
    return {"headline": lambda: short(out)}


def short(out: Path) -> str:
    """A few lines for a README."""
    run = headline(out)
    if run is None:
        return "Nothing is measured yet: `make bench`."
    figures = run["figures"]
    names = ("new p50", "new p95", "docs/s", "size", "nDCG", "unmarked", "precision", "recall")
    columns = [column for column in summary.columns(figures) if column.name in names]
    engines = [name for name in figures["engines"] if name == OWN or any(name in c.values for c in columns)]
    rows = [[name, *(_cell(column.values.get(name)) for column in columns)] for name in engines]
    head = {"new p50": "a new query, ms: p50", "new p95": "p95", "nDCG": "nDCG@10", "size": "size / text"}
    head |= {"unmarked": "without marks"}
    text = table(("", *(head.get(column.name, column.name) for column in columns)), rows)
    corpus, about = figures["corpus"], run["about"]
    return (
        f"{text}\n\n{corpus['number']:,} articles, {about['cpus']} processors ({about['cpu']}), {about['date'][:10]}; "
        "where peers are better, and what each figure means: [benchmarks/results](benchmarks/results/README.md)."
    )


def _cell(value: float | None) -> str:
    return number(value)


def filled(text: str, blocks: Mapping[str, Callable[[], str]]) -> str:
    """A page with its blocks made anew.  KeyError where one is unknown."""
    return _BLOCK.sub(lambda m: f"{m[1]}{blocks[m[2]]()}\n{m[3]}", text)
