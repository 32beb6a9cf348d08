"""Everything in a few minutes: speed, relevance and the set, vnsearch beside its peers, on what is bundled.

    python -m benchmarks bench
    python -m benchmarks bench --corpus vntc10 --queries 600 --patience 10 --out benchmarks/results

Parts: indexing; new queries, the headline (each query once in a fresh process); repeated ones; memory; threads; starts;
relevance; what a search returns; reading files.  `--only` takes some.  What each figure means and does not stands in
`lib/parts.py`, the sets of queries in `lib/sets.py`, how each engine is asked in `lib/engines/`.

Prints one table, and on top where a peer is better; writes everything as JSON and SVG to --out.  What is done is kept
when the run is interrupted.  The sample's articles are few, and repeated with other sentences: its times say whether
something is wrong, and the full-size results of benchmarks/results what to expect.
"""

import argparse
import sys
from typing import Any

from ..lib import options, picture, results, summary
from ..lib.child import ChildFailedError
from ..lib.engines import OWN
from ..lib.parts import PARTS
from ..lib.progress import progress
from ..lib.setting import Setting, opensearch, setting


def main() -> int:
    """Runs the parts."""
    parser = options.parser(__doc__)
    options.add_engines(parser, 80)
    parser.add_argument("--only", nargs="*", choices=PARTS, default=list(PARTS), metavar="PART", help=", ".join(PARTS))
    asked = parser.parse_args()
    return run("bench", asked, list(dict.fromkeys(["indexing", *asked.only])))


def run(command: str, asked: argparse.Namespace, parts: list[str]) -> int:
    """The parts one by one; what is found is saved after each, and shown at the end or when interrupted."""
    figures: dict[str, Any] = {}
    name = ""
    try:
        with (
            opensearch(asked.opensearch),
            progress({"corpus": 5.0} | {part: PARTS[part][1] for part in parts}) as shown,
        ):
            shown.step("corpus")
            with setting(asked, shown) as made:
                figures |= made.described()
                name = f"{made.corpus.name}-{made.corpus.number}"
                for part in parts:
                    shown.step(part)
                    figures[part] = PARTS[part][0](made)
                    keep(asked, name, command, figures)
    except (KeyboardInterrupt, ChildFailedError) as e:
        if len(figures) > 3:  # some part is done
            print(report(figures))
        print(f"{e or 'interrupted'}; what was done is kept", file=sys.stderr)
        return 1 if isinstance(e, ChildFailedError) else 130
    print(report(figures))
    print(f"\n{keep(asked, name, command, figures)}", file=sys.stderr)
    return 0


def keep(asked: argparse.Namespace, name: str, command: str, figures: dict[str, Any]) -> str:
    """JSON, and the picture beside it."""
    file = results.save(asked.out, name, command, figures)
    about = results.latest(asked.out, name, command)
    if about:
        file.with_suffix(".svg").write_text(picture.svg(figures, about["about"]), "utf-8")
    return str(file.with_suffix(".svg"))


def report(figures: dict[str, Any]) -> str:
    """One table, what is not there, and where a peer is better."""
    corpus = figures["corpus"]
    lines = [
        f"{corpus['number']:,} articles of {corpus['name']}, {corpus['as_published']:,} as published; "
        f"{', '.join(f'{name} {version}' for name, version in figures['engines'].items())}",
        *(f"not there: {name} ({why})" for name, why in figures["missing"].items()),
        "",
    ]
    lines += [f"A peer is better: {line}" for line in summary.better(figures)] + [""]
    lines.append(summary.overview(figures))
    if "new_queries" in figures:
        lines += ["", "New queries, ms p50 / p95 / p99, and time of vnsearch / time of the peer, p50 / p95:", ""]
        lines.append(summary.new_queries(figures))
    if {"memory", "threads", "starts"} & set(figures):
        lines += ["", f"{OWN}: {summary.memory_line(figures)}"]
    return "\n".join(lines)


def only(command: str, doc: str | None, parts: list[str], queries: int) -> int:
    """`main` of a command that is a part of this one."""
    parser = options.parser(doc)
    options.add_engines(parser, queries)
    return run(command, parser.parse_args(), parts)


__all__ = ["Setting", "main", "only", "run"]
