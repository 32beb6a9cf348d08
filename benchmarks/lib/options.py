"""The options that commands share, and what a corpus is called."""

import argparse
import json
import os
import random
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from .child import ROOT

SAMPLE = "sample"
EXAMPLES = ROOT / "examples"
BUNDLED = ROOT / "benchmarks/sample"  # more articles like those, and questions over both
RESULTS = ROOT / "benchmarks/results"
OUT = ROOT / "build/benchmarks"  # which git ignores
_MOST_TYPED = 5000


class Named(NamedTuple):
    """A corpus: its name, the files and folders it is in, how many articles are taken where nobody says."""

    name: str
    paths: tuple[Path, ...]
    default_documents: int | None = None


def data() -> Path:
    """The folder of corpora, which may not be there."""
    return Path(os.environ.get("VNSEARCH_DATA", ROOT.parent / "shared/data"))


def parser(doc: str | None) -> argparse.ArgumentParser:
    """Of a command, whose docstring is its help; every command writes to --out."""
    made = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument(
        "--out", type=Path, default=OUT, metavar="FOLDER", help="of results; default: build/benchmarks, unknown to git"
    )
    return made


def add_data(made: argparse.ArgumentParser) -> None:
    """--data, for commands that need the large corpora."""
    made.add_argument("--data", type=Path, default=data(), help="folder of corpora; default: $VNSEARCH_DATA")


def need_data(made: argparse.ArgumentParser, folder: Path) -> None:
    """Ends the command where the corpora are not there."""
    if not (folder / "relevance").is_dir():
        made.error(
            f"{folder} is not there; `make corpora` fetches the corpora, --data or $VNSEARCH_DATA names a folder"
        )


def add_engines(made: argparse.ArgumentParser, queries: int) -> None:
    """What commands take that set vnsearch beside its peers."""
    made.add_argument("--corpus", default=SAMPLE, help="sample, vntc10, gov, ... or a file or folder; default: sample")
    made.add_argument("--documents", type=int, help="default: all, 2,000 of the sample")
    made.add_argument("--queries", type=int, default=queries, help=f"of each set; default: {queries}")
    made.add_argument("--peers", default="all", help="all, none, or names with commas between; default: all there are")
    made.add_argument("--patience", type=float, default=1.0, help="seconds a peer gets for a set; default: 1")
    made.add_argument("--keep", type=Path, metavar="FOLDER", help="leave corpus and indexes there for the next run")
    made.add_argument("--sets", nargs="*", help="of judged queries, for relevance; default: all that are there")
    made.add_argument("--opensearch", action="store_true", help="with a node of this machine (JDK, Maven)")


def wanted(text: str, peers: Sequence[str]) -> list[str]:
    """Names of engines, as typed or in small letters without blanks.  Raises SystemExit."""
    if text in ("all", "none"):
        return list(peers) if text == "all" else []
    known = {_short(name): name for name in peers}
    names = [_short(name) for name in text.split(",")]
    if unknown := [name for name in names if name not in known]:
        raise SystemExit(f"no engine is called {', '.join(unknown)}; there are {', '.join(known)}")
    return [known[name] for name in names]


def _short(name: str) -> str:
    return "".join(name.lower().split())


def corpus(name: str) -> Named:
    """By name or path.  Raises SystemExit where it is not there."""
    if name == SAMPLE:
        return Named(name, (EXAMPLES, BUNDLED / "articles.jsonl"), 2000)
    if Path(name).exists():
        return Named(Path(name).name.split(".")[0], (Path(name),))
    found = sorted((data() / "news").glob(f"{name}.jsonl*"))
    if not found:
        raise SystemExit(
            f"{name} is no file, and no corpus in {data()}/news; `python -m benchmarks corpora` names them"
        )
    return Named(name, (found[0],))


def typed(name: str) -> list[str]:
    """Queries that people typed: our own for the sample, real ones of a search box where they are at hand."""
    if name == SAMPLE:
        lines = (BUNDLED / "questions.jsonl").read_text("utf-8").splitlines()
    else:
        file = data() / "accents/queries_sample.jsonl"
        lines = file.read_text("utf-8").splitlines() if file.exists() else []
    texts = [json.loads(line)["query"] for line in lines]
    return random.Random(0).sample(texts, min(len(texts), _MOST_TYPED))
