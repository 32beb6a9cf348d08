"""The parts of a run that sets vnsearch beside its peers: each takes a setting and gives figures as JSON has them.

A peer that has no such search stands in the figures with what it cannot do, as a string.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any, TypeAlias

from vnsearch import read

from . import judged, measure, options, returned
from .child import call
from .engines import OWN
from .machine import percentiles
from .setting import Setting, paired

FIRST = 100  # queries of a process that has answered none
THREADS = (1, 2, 4)
STARTS = 5
Figures: TypeAlias = dict[str, Any]


def indexing(s: Setting) -> Figures:
    """Engine -> seconds, processor time, peak memory, bytes."""
    for name in s.engines:
        s.progress.say(name)
        s.folder(name)
    return {name: s.built[name] for name in s.engines}


def new_queries(s: Setting) -> Figures:
    """Each query once in a fresh process: vnsearch alone, and in turns with one peer at a time.

    "alone": set -> first hundred, rest, all, in ms; "beside": peer -> set -> its times, and times of vnsearch in that
    process / times of the peer, over the queries that both were asked.
    """
    alone, beside = {}, {}
    for name in s.corpus.queries:
        s.progress.say(f"{name}, vnsearch alone")
        ms = [turn[0] for turn in call(measure.stream, str(s.file), name, s.folders(OWN), 1e9)[OWN]]
        alone[name] = {
            "first": percentiles(ms[:FIRST]),
            "rest": percentiles(ms[FIRST:] or ms),
            "all": percentiles(ms),
            "asked": len(ms),
        }
    for peer in s.peers:
        beside[peer] = {name: _beside(s, peer, name) for name in s.corpus.queries}
    return {"alone": alone, "beside": beside}


def _beside(s: Setting, peer: str, name: str) -> Figures | str:
    s.progress.say(f"{name}, in turns with {peer}")
    found = call(measure.stream, str(s.file), name, s.folders(OWN, peer), s.patience)
    ratio = paired(found)
    if ratio is None:
        return str(found[peer])
    turns = [turn for turn in found[peer] if turn]
    return {**percentiles([ms for ms, _ in turns]), "asked": len(turns), "ratio": ratio}


def memory(s: Setting) -> Figures:
    """Engine -> anonymous MB of a process: libraries loaded, index opened, all sets asked once."""
    return {name: _said(s, name, measure.memory, str(s.file), name, s.folder(name), 10.0) for name in s.engines}


def threads(s: Setting) -> Figures:
    """vnsearch: threads -> searches a second, new queries of all sets, one index."""
    return {str(number): call(measure.rate, str(s.file), OWN, s.folder(OWN), number) for number in THREADS}


def repeated(s: Setting) -> Figures:
    """Set -> engine -> percentiles of the quickest of several runs of each query."""
    found: Figures = {}
    for name in s.corpus.queries:
        s.progress.say(name)
        times = call(measure.repeated, str(s.file), name, s.folders(*s.engines), s.patience)
        found[name] = {
            engine: ms if isinstance(ms, str) else {**percentiles(ms), "asked": len(ms)} for engine, ms in times.items()
        }
    return found


def starts(s: Setting) -> Figures:
    """Engine -> ms to open and to the first answer, in fresh processes; for vnsearch the shell's command, too."""
    found: Figures = {}
    for name in s.engines:
        runs = [_said(s, name, measure.start, str(s.file), name, s.folder(name)) for _ in range(STARTS)]
        found[name] = {what: median(run[what] for run in runs) for what in runs[0]}
    found[OWN]["shell_s"] = _shell(Path(s.folder(OWN)) / "index")
    return found


def _said(s: Setting, name: str, function: Callable[..., Any], *values: object) -> Any:
    s.progress.say(name)
    return call(function, *values)


def _shell(index: Path) -> float:
    """Seconds of `vnsearch query`, modules compiled as an installer leaves them, which the first run does."""
    taken = []
    with tempfile.TemporaryDirectory() as compiled:
        own = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        own["PYTHONPYCACHEPREFIX"] = compiled
        command = [sys.executable, "-m", "vnsearch.cli", "query", "hội nghị dân vận", "--index", str(index)]
        for _ in range(1 + STARTS):
            begun = time.perf_counter()
            done = subprocess.run(command, capture_output=True, text=True, env=own)
            taken.append(time.perf_counter() - begun)
            if done.returncode not in (0, 1):
                raise SystemExit(f"vnsearch query failed: {done.stderr}")
    return median(taken[1:])


def relevance(s: Setting) -> Figures:
    """Set -> engine -> way of typing -> nDCG@10, mean over queries."""
    found: Figures = {}
    there = judged.sets(s.corpus.name)
    for name, folder in there.items() if s.judged is None else [(name, there[name]) for name in s.judged]:
        found[name] = {}
        for engine in s.engines:
            s.progress.say(f"{name}, {engine}")
            found[name][engine] = _of_peer(s, f"{name}.{engine}.relevance", engine, judged.of_engine, str(folder))
    return found


def what_is_returned(s: Setting) -> Figures:
    """Engine -> precision and recall of all that is returned, of the ten newest."""
    found = {}
    for engine in s.engines:
        s.progress.say(engine)
        articles = s.returned_articles()
        key = f"{Path(articles).name.split('.')[0]}.{engine}.returned"
        found[engine] = _of_peer(s, key, engine, returned.of_engine, articles)
    return found


def _of_peer(s: Setting, key: str, engine: str, function: Callable[..., Any], value: str) -> Any:
    """What a function gives; of a peer, which changes in its releases only, what an earlier run left with --keep."""
    if engine == OWN:
        return call(function, engine, value)
    return s.kept(f"{key}.{s.version(engine)}", partial(call, function, engine, value))


def readers(s: Setting) -> Figures:
    """Articles a second that `vnsearch.read` makes of our own files, saved pages and markup; one thread."""
    found = {}
    for name in ("articles.jsonl", "pages", "html"):
        path, number, taken = options.EXAMPLES / name, 0, 0.0
        list(read(path))  # loads modules and data
        while taken < 0.5:
            begun = time.perf_counter()
            number += sum(1 for _ in read(path))
            taken += time.perf_counter() - begun
        found[name] = number / taken
    return found


PARTS: dict[str, tuple[Callable[[Setting], Figures], float]] = {  # name -> (function, share of the time of a run)
    "indexing": (indexing, 15),
    "new_queries": (new_queries, 55),
    "repeated": (repeated, 35),
    "memory": (memory, 15),
    "threads": (threads, 5),
    "starts": (starts, 12),
    "relevance": (relevance, 15),
    "returned": (what_is_returned, 25),
    "readers": (readers, 2),
}
