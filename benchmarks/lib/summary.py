"""What the figures of a run say: one row an engine, and where a peer is better."""

from collections.abc import Iterator, Mapping
from statistics import fmean
from typing import Any, NamedTuple

from .engines import ENGINES, OWN
from .tables import number, table

SET = "or"  # of queries, that stands for all in the summary
EXACT = 0.001  # margin of what is the same in every run
Figures = Mapping[str, Any]


class Column(NamedTuple):
    """A figure of each engine; `values`: engine -> figure, without those that have none."""

    name: str
    values: dict[str, float]
    is_less_better: bool
    means: str
    margin: float = 0.02  # share of a figure by which another may differ by chance


def columns(figures: Figures) -> list[Column]:
    """Those that the run has."""
    corpus = figures["corpus"]
    found = []
    if made := figures.get("indexing"):
        rate = {name: corpus["number"] / _seconds(name, one) for name, one in made.items()}
        size = {name: one["bytes"] / corpus["text_bytes"] for name, one in made.items()}
        found += [
            Column(
                "docs/s",
                rate,
                False,
                "indexing, articles a second of processor time, all threads (of a server, by the clock)",
            ),
            Column("size", size, True, "bytes on disk / bytes of text; everybody stores the articles"),
        ]
    if asked := figures.get("new_queries"):
        for p in ("p50", "p95"):
            values = {OWN: asked["alone"][SET]["all"][p]}
            values |= {n: sets[SET][p] for n, sets in asked["beside"].items() if not isinstance(sets[SET], str)}
            found.append(Column(f"new {p}", values, True, f"ms, {p} of the {SET} set, each query once"))
    if again := figures.get("repeated"):
        values = {name: one["p50"] for name, one in again[SET].items() if not isinstance(one, str)}
        found.append(Column("again p50", values, True, f"ms, p50 of the {SET} set, the quickest of several runs"))
    if kept := figures.get("memory"):
        values = {name: one["after"] for name, one in kept.items() if ENGINES[name].is_here}
        found.append(Column("MB", values, True, "anonymous memory of a process that has searched"))
    if begun := figures.get("starts"):
        values = {name: one["open_ms"] + one["first_ms"] for name, one in begun.items()}
        found.append(
            Column("start", values, True, "ms of a new process from Python to the first answer, imports included")
        )
    if judged := figures.get("relevance"):
        for way, name in (("as written", "nDCG"), ("without", "unmarked")):
            values = {engine: fmean(found[engine][way] for found in judged.values()) for engine in _engines(judged)}
            sets = "one set" if len(judged) == 1 else f"mean of {len(judged)} sets"
            what = f"nDCG@10, queries {way}{' marks' if way == 'without' else ''}, {sets}"
            found.append(Column(name, values, False, what, EXACT))
    if whole := figures.get("returned"):
        for what in ("precision", "recall"):
            values = {name: one[what] for name, one in whole.items() if not isinstance(one, str)}
            found.append(Column(what, values, False, f"{what} of all that a search returns", EXACT))
    return found


def _seconds(engine: str, built: Figures) -> float:
    """Of indexing: by the processor, which a busy machine disturbs little."""
    return float(built["cpu_seconds"] if ENGINES[engine].is_here else built["seconds"])


def _engines(judged: Figures) -> list[str]:
    return list(next(iter(judged.values())))


def overview(figures: Figures) -> str:
    """The table, and what its columns mean."""
    made = columns(figures)
    rows = [[name, *(_cell(column, name) for column in made)] for name in figures["engines"]]
    meanings = "; ".join(f"*{column.name}*: {column.means}" for column in made)
    return f"{table(('', *(column.name for column in made)), rows)}\n\n{meanings}."


def _cell(column: Column, engine: str) -> str:
    value = column.values.get(engine)
    return (
        "-"
        if value is None
        else f"{value:.3f}"
        if column.values and max(column.values.values()) <= 1
        else number(value)
    )


def better(figures: Figures) -> list[str]:
    """A line for each figure in which a peer is ahead of vnsearch by more than the margin, of sets one by one, too."""
    lines = []
    for column in [*columns(figures), *_of_judged(figures)]:
        own = column.values.get(OWN)
        if own is None:
            continue
        ahead = {
            name: value
            for name, value in column.values.items()
            if (value < own * (1 - column.margin) if column.is_less_better else value > own * (1 + column.margin))
        }
        if ahead:
            peers = ", ".join(f"{name} {number(value)}" for name, value in ahead.items())
            lines.append(f"{column.name}: {peers}; vnsearch {number(own)}")
    return [*lines, *_of_queries(figures)]


def _of_judged(figures: Figures) -> list[Column]:
    """Relevance set by set, of which the overview has the mean."""
    return [
        Column(f"nDCG of {name}, {way}", {engine: one[way] for engine, one in engines.items()}, False, "", EXACT)
        for name, engines in figures.get("relevance", {}).items()
        for way in ("as written", "without")
    ]


def _of_queries(figures: Figures) -> Iterator[str]:
    """New queries set by set, of which the overview has one: a line for each peer that is quicker anywhere."""
    for peer, sets in figures.get("new_queries", {}).get("beside", {}).items():
        ratios = {name: found["ratio"] for name, found in sets.items() if not isinstance(found, str)}
        quicker = [
            f"{name} {1 / ratio['p50']:.2f} / {1 / ratio['p95']:.2f}"
            for name, ratio in ratios.items()
            if max(ratio["p50"], ratio["p95"]) > 1.02
        ]
        if quicker:
            yield f"new p50 / p95, time of {peer} / time of {OWN}: {', '.join(quicker)}"


def new_queries(figures: Figures) -> str:
    """Set by set: vnsearch alone, and its time / the time of each peer."""
    alone, beside = figures["new_queries"]["alone"], figures["new_queries"]["beside"]
    rows = []
    for name, found in alone.items():
        own = [" / ".join(number(found[part][p]) for p in ("p50", "p95", "p99")) for part in ("first", "rest")]
        rows.append([name, str(found["asked"]), *own, *(_ratio(sets[name]) for sets in beside.values())])
    return table(("set", "queries", "first 100", "the rest", *beside), rows)


def _ratio(found: Figures | str) -> str:
    if isinstance(found, str):
        return "cannot"
    return " / ".join(f"{found['ratio'][p]:.2f}" for p in ("p50", "p95"))


def peer_times(figures: Figures) -> str:
    """Set by set: p50 / p95 of each peer, in ms."""
    beside = figures["new_queries"]["beside"]
    rows = [
        [
            name,
            *(
                "cannot" if isinstance(s[name], str) else f"{number(s[name]['p50'])} / {number(s[name]['p95'])}"
                for s in beside.values()
            ),
        ]
        for name in figures["new_queries"]["alone"]
    ]
    return table(("set", *beside), rows)


def repeated(figures: Figures) -> str:
    """Set by set: p50 / p95 of each engine, in ms."""
    found = figures["repeated"]
    engines = list(next(iter(found.values())))
    rows = [
        [
            name,
            *("cannot" if isinstance(e[n], str) else f"{number(e[n]['p50'])} / {number(e[n]['p95'])}" for n in engines),
        ]
        for name, e in found.items()
    ]
    return table(("set", *engines), rows)


def relevance(figures: Figures) -> str:
    """nDCG@10 of each set, as written / without marks."""
    found = figures["relevance"]
    rows = [
        [engine, *(f"{sets[engine]['as written']:.4f} / {sets[engine]['without']:.4f}" for sets in found.values())]
        for engine in _engines(found)
    ]
    return table(("", *found), rows)


def memory_line(figures: Figures) -> str:
    """What new queries leave in memory, and how threads help."""
    parts = []
    if kept := figures.get("memory", {}).get(OWN):
        grown = kept["after"] - kept["opened"]
        parts.append(f"{kept['queries']:,} different queries leave {grown:.0f} MB more in memory")
    if rates := figures.get("threads"):
        parts.append(
            "searches a second: " + ", ".join(f"{rate:,.0f} with {n}" for n, rate in rates.items()) + " threads"
        )
    if begun := figures.get("starts", {}).get(OWN):
        parts.append(f"`vnsearch query` at the shell {begun['shell_s']:.2f} s")
    return "; ".join(parts) + "."


def cannot(engines: Figures) -> str:
    """What each peer cannot do, and how it was asked."""
    rows = [[name, version, ENGINES[name].how, "; ".join(ENGINES[name].cannot)] for name, version in engines.items()]
    return table(("", "version", "analysis and calls", "cannot"), rows)
