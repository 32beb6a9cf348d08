"""What is measured of an engine, each function in a process of its own (`child.call`); arguments and answers are JSON.

`corpus` is the file that `setting` writes of a Corpus; `folders` maps engines to where each was built. Times
of queries are of the processor, all threads of the process, which a busy machine disturbs little; of a
server, by the clock.
"""

import random
import tempfile
import threading
import time
from collections.abc import Mapping
from itertools import islice
from pathlib import Path

import msgspec

from .articles import load_all
from .asked import Query
from .corpus import SEED, Corpus
from .engines import ENGINES, Cannot, Engine
from .machine import anonymous_mb, clock, folder_bytes, peak_mb

NO_WORD = Query("qqqxzqq", "qqqxzqq")
REPEATS = 9
Turns = list[tuple[float, int | None] | None]  # of one engine: (ms, matches) of each query; None: not asked


def build(name: str, articles: str, folder: str) -> dict[str, float]:
    """Articles as JSON -> an index on disk, modules and models loaded before."""
    engine = ENGINES[name]
    with tempfile.TemporaryDirectory() as trial:
        engine(Path(trial)).build(islice(load_all(articles), 1))
    found: dict[str, float] = {}
    with clock(found):
        engine(Path(folder)).build(load_all(articles))
    return found | {"peak_mb": peak_mb(), "bytes": folder_bytes(Path(folder))}


def stream(corpus: str, queries: str, folders: Mapping[str, str], patience: float) -> dict[str, Turns | str]:
    """Every query of a set once by each engine, in turns, in another order each time.

    An engine that has had `patience` seconds is not asked any more; one that has no such search says so instead.
    """
    engines = _opened(folders)
    order, left = list(engines), dict.fromkeys(engines, patience)
    taken: dict[str, Turns | str] = {name: [] for name in order}
    rng = random.Random(SEED)
    for query in _queries(corpus)[queries]:
        for name in rng.sample(order, len(order)):
            turns = taken[name]
            if isinstance(turns, str):
                continue
            if left[name] <= 0:
                turns.append(None)
                continue
            try:
                ms, total = _timed(engines[name], query)
            except Cannot as e:
                taken[name] = str(e)
                continue
            left[name] -= ms / 1000
            turns.append((ms, total))
    return taken


def repeated(corpus: str, queries: str, folders: Mapping[str, str], patience: float) -> dict[str, list[float] | str]:
    """The quickest of several runs of each query, in ms; the engines take turns run by run.

    An engine gets `patience` seconds for its first runs and as many for the others, so a slow one is asked less.
    """
    engines, asked = _opened(folders), _queries(corpus)[queries]
    found: dict[str, list[float] | str] = {}
    for name, engine in engines.items():
        first: list[float] = []
        try:
            for query in asked:
                first.append(_timed(engine, query)[0])
                if sum(first) > 1000 * patience:
                    break
            found[name] = first
        except Cannot as e:
            found[name] = str(e)
    order, rng = [name for name, times in found.items() if not isinstance(times, str)], random.Random(SEED)
    left = dict.fromkeys(order, 1000 * patience)
    for _ in range(REPEATS):
        for name in rng.sample(order, len(order)):
            times = found[name]
            for at, query in enumerate(asked[: len(times)]):
                if isinstance(times, list) and left[name] > 0:
                    ms = _timed(engines[name], query)[0]
                    left[name] -= ms
                    times[at] = min(times[at], ms)
    return found


def memory(corpus: str, name: str, folder: str, patience: float) -> dict[str, float]:
    """Anonymous memory of a process that loads an engine, opens an index and asks all sets once, in MB."""
    queries = _shuffled(corpus)
    engine = ENGINES[name](Path(folder))
    engine.version()
    before = anonymous_mb()
    engine.open()
    engine.search(NO_WORD)
    opened, asked, begun = anonymous_mb(), 0, time.perf_counter()
    for query in queries:
        if time.perf_counter() - begun > patience:
            break
        try:
            engine.search(query)
            asked += 1
        except Cannot:
            pass
    return {"before": before, "opened": opened, "after": anonymous_mb(), "queries": asked}


def rate(corpus: str, name: str, folder: str, number: int) -> float:
    """Searches a second of so many threads that share one index and all queries of all sets, each once."""
    engine, queries = _opened({name: folder})[name], _shuffled(corpus)

    def work(share: int) -> None:
        for query in queries[share::number]:
            engine.search(query)

    threads = [threading.Thread(target=work, args=(share,)) for share in range(number)]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(queries) / (time.perf_counter() - begun)


def start(corpus: str, name: str, folder: str) -> dict[str, float]:
    """In a process that has none of the engine's modules: ms to an open index, and from there to the first answer."""
    query = next(iter(_queries(corpus).values()))[0]
    engine = ENGINES[name](Path(folder))
    begun = time.perf_counter()
    engine.open()
    opened = time.perf_counter()
    engine.search(query)
    return {"open_ms": 1000 * (opened - begun), "first_ms": 1000 * (time.perf_counter() - opened)}


def _opened(folders: Mapping[str, str]) -> dict[str, Engine]:
    engines = {name: ENGINES[name](Path(folder)) for name, folder in folders.items()}
    for engine in engines.values():
        engine.open()
        engine.search(NO_WORD)
    return engines


def _queries(corpus: str) -> dict[str, list[Query]]:
    return msgspec.json.decode(Path(corpus).read_bytes(), type=Corpus).queries


def _shuffled(corpus: str) -> list[Query]:
    different = {query.text: query for queries in _queries(corpus).values() for query in queries}
    queries = list(different.values())
    random.Random(SEED).shuffle(queries)
    return queries


def _timed(engine: Engine, query: Query) -> tuple[float, int | None]:
    clock = time.process_time if engine.is_here else time.perf_counter
    begun = clock()
    found = engine.search(query)
    return 1000 * (clock() - begun), found.total
