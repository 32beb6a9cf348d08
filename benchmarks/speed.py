"""How fast vnsearch is, and beside its peers, on one corpus in one run.

    python benchmarks/speed.py --corpus articles.jsonl.xz --documents 10000

Prints tables, and writes them with everything behind them to --out: speed.json, speed.md, and speed.png where
matplotlib is installed.  `curve.py` measures what size costs.

Corpus.  JSON lines, or whatever `vnsearch.read` reads; without --corpus the articles of examples/.  Where
there are fewer than --documents, articles are repeated with other sentences: their own and another
article's, shuffled, as many as they had.  An article without a date gets a day drawn from ten years, so
that there is something to filter by.  What was read is kept in the system's temporary folder, since
finding provinces and topics takes long.  Every choice is drawn with one seed.

Indexing, docs/s by the wall clock and by processor time of all threads and processes, which bears a busy
machine.  vnsearch: from articles as JSON to the commit on disk, in a process of its own that has loaded its
modules and the word model before (worker processes load theirs inside the time).  Terms, words: that part
of the analysis alone.  Read: `vnsearch.read` of the first records, which comes before all that for who
indexes files.  Peers: from tokens made beforehand, see `peers`; "with pyvi" is Whoosh and pyvi's
segmentation, still with tokens made by vnsearch.  Size: bytes on disk / bytes of title, lead and body;
everybody stores the article's JSON.  Peak memory: of the indexing process, + workers x the largest worker;
pages of mapped files are in it.

Queries, ms, one thread.  Sets are drawn from articles: "or" 2 to 8 adjacent syllables; "and" the same, all
required; "phrase" the same in quotes; "filtered" the same with a period or topic of 5 to 20 % of the
articles; "long" 15 to 25 adjacent syllables; "common+rare" one of the 30 most frequent words and one of the
rarest (in at most one article of 10,000, where there are such); "unaccented" the or set without diacritics.
The engines take turns set by set, in another order each time, after one pass that warms them (the index is opened anew
for each set; "first run" is that pass).  So each finds the processor's caches as it left them, as where an app has one
engine; with turns query by query both find them full of the other's code and data, and `search` takes a fifth longer.
Each query is run fifteen times, twice where the first run took more than 20 ms, and the quickest time kept;
percentiles are over queries.

  plan     query text -> plan
  words    the executor alone on the same work as the peers': the same terms, added up; -> the number of matches
           and the best ten
  run      the executor on the whole plan: pairs, other accents and abbreviations too
  search   the whole `Index.search`: plan and run; hits not opened, nothing suggested
  open     reading ten found articles and making their snippets

"words" and a peer do the same work.  "run" and "search" do more: vnsearch also scores adjacent pairs, and
for a word with marks looks at its other accents ("matches" says how many more documents it finds than
tantivy); its caches are warm.  The peers' query objects are made beforehand.
tantivy and FTS5 count all matches, Whoosh does not; where Whoosh holds fewer documents, it would be slower in
proportion with all of them.
Ratios are time of vnsearch / time of the peer: below 1, vnsearch is quicker.

Searches a second: by threads that share one index, and by processes forked from one that has searched; forking is in
the time.

Not measured: quality, concurrent writing, deletions, facets, a cold disk, more than one segment, memory
of searching.
"""

import argparse
import gc
import hashlib
import json
import multiprocessing
import os
import pickle
import platform
import random
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from importlib.metadata import version
from itertools import count, islice
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple, TypeAlias

import msgspec
import numpy as np
from msgspec.structs import replace

from peers import FIELDS, PEERS, TOP, Document, Peer, Prepare, Query, Run
from vnsearch import Article, Index, kernels, read
from vnsearch.index.article_json import dump, load
from vnsearch.query.plan import Any as Any_
from vnsearch.query.plan import Has, Node, Ranked
from vnsearch.query.planner import plan
from vnsearch.text.fold import fold
from vnsearch.text.tokenize import Token, folded_term, terms, tokenize
from vnsearch.text.words import segment

ROOT = Path(__file__).resolve().parent.parent
SEED = 20261123
REPEATS, SLOW_REPEATS, SLOW = 15, 2, 20.0  # SLOW: ms of a first run
READ_SAMPLE = 500  # records by which reading is timed
COLD_STARTS = 5
ROUNDS = 3  # of the or set, by which searches a second are counted
FORKED = multiprocessing.get_context("fork").Process
Row: TypeAlias = list[str]


def main() -> None:
    if sys.argv[1:2] == ["child"]:
        print(json.dumps(CHILDREN[sys.argv[2]](*sys.argv[3:])))
        return
    options = arguments()
    options.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="vnsearch-speed-") as folder:
        if options.keep:
            options.keep.mkdir(parents=True, exist_ok=True)
        results = benchmark(options, options.keep or Path(folder))
    text = report(results)
    (options.out / "speed.json").write_text(json.dumps(results, ensure_ascii=False, indent=1) + "\n")
    (options.out / "speed.md").write_text(text)
    print(text)
    plot_speed(results, options.out / "speed.png")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, default=ROOT / "examples", help="file or folder (default: examples/)")
    parser.add_argument("--documents", type=int, help="default: all of --corpus, 3000 of examples/")
    parser.add_argument("--whoosh-documents", type=int, default=2000, metavar="M", help="default: 2000")
    parser.add_argument("--queries", type=int, default=200, help="of each set; default: 200")
    parser.add_argument("--workers", type=int, default=2, help="of the second indexing; default: 2")
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks/results")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="leave corpus and indexes there for the next run")
    parser.add_argument("--skip-peers", nargs="*", default=[], choices=sorted(PEERS), metavar="PEER")
    options = parser.parse_args()
    if options.documents is None and options.corpus == ROOT / "examples":
        options.documents = 3000
    if not options.corpus.exists():
        parser.error(f"no such file or folder: {options.corpus}")
    return options


def benchmark(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Everything, in order; see the module's docstring."""
    base = Base(options.corpus, options.documents)
    number = options.documents or base.number
    folder /= f"{base.sha256[:16]}-{number}-{options.queries}"
    folder.mkdir(exist_ok=True)
    before = sorted(path.stem for path in folder.glob("*.pickle") if path.stem != "corpus")
    corpus = kept(folder / "corpus", lambda path: prepare(base, number, options.queries, path))
    sets = query_sets(corpus, options.queries)
    indexing = kept(folder / "vnsearch", lambda path: index_vnsearch(base, corpus, path, options.workers))
    peers: dict[str, Prepare] = {}
    for name in [name for name in PEERS if name not in options.skip_peers]:
        many = min(options.whoosh_documents, number) if name == "whoosh" else number
        path = folder / f"{name}-{many}"
        try:
            indexing[name] = kept(path, partial(index_peer, name, corpus, many))
            peers |= PEERS[name](path).engines()
        except ImportError as e:
            say(f"{name} is left out: {e}")
    path = folder / "vnsearch/index-1"
    return {
        "about": about(base, corpus) | {"kept": before},
        "indexing": indexing,
        "queries": {name: measure(name, queries, vnsearch_engines(path) | peers) for name, queries in sets.items()},
        "start": start(path),
        "searches_per_second": {n: searches_per_second(path, sets["or"], n) for n in (1, 2, 4)},
        "searches_per_second_of_processes": {n: searches_per_second(path, sets["or"], n, FORKED) for n in (1, 2)},
    }


def kept(path: Path, make: Callable[[Path], Any]) -> Any:
    """What `make` gives when it has filled the folder; from a file beside it where an earlier run left both."""
    result = Path(f"{path}.pickle")
    if not result.exists():
        shutil.rmtree(path, ignore_errors=True)  # a run that was stopped left it
        path.mkdir()
        made = make(path)
        result.write_bytes(pickle.dumps(made))
    return pickle.loads(result.read_bytes())


def say(text: str) -> None:
    print(f"[{datetime.now():%H:%M:%S}] {text}", file=sys.stderr, flush=True)


def about(base: "Base", corpus: "Corpus") -> dict[str, Any]:
    """On what, with what, where and when."""
    cpus = [line for line in read_text("/proc/cpuinfo").splitlines() if line.startswith("model name")]
    return {
        "corpus": base.source.name,
        "sha256": base.sha256,
        "documents": corpus.number,
        "documents_of_the_corpus": min(base.number, corpus.number),
        "text_bytes": corpus.text_bytes,
        "python": platform.python_version(),
        "kernels": kernels.KIND,
        "versions": {name: version_of(name) for name in ("vnsearch", "numpy", "whoosh", "pyvi", "tantivy")}
        | {"sqlite": PEERS["fts5"].version},
        "cpus": os.cpu_count(),
        "cpu": cpus[0].split(":")[1].strip() if cpus else platform.processor(),
        "load": [round(n, 2) for n in os.getloadavg()],
        "date": datetime.now().astimezone().isoformat(timespec="seconds"),
        "seed": SEED,
    }


def version_of(package: str) -> str:
    try:
        return version(package)
    except ModuleNotFoundError:
        return "not installed"


def read_text(path: str) -> str:
    try:
        return Path(path).read_text()
    except OSError:
        return ""


# -- the corpus ----------------------------------------------------------------------------------------


class Base:
    """The articles of the source as `vnsearch.read` makes them, at most `limit`, in a file that is kept."""

    def __init__(self, source: Path, limit: int | None) -> None:
        self.source = source
        self.sha256 = sha256(source)
        name = f"vnsearch-speed-{self.sha256[:16]}-{limit or 'all'}.jsonl"
        self._path = Path(tempfile.gettempdir()) / name
        if not self._path.exists():
            say(f"reading {source}")
            new = self._path.with_suffix(".part")
            with new.open("wb") as file:
                file.writelines(dump(article) + b"\n" for article in islice(distinct(read(source)), limit))
            new.rename(self._path)
        with self._path.open("rb") as lines:
            self.number = sum(1 for _ in lines)

    def articles(self, number: int) -> Iterator[Article]:
        """So many articles, repeated with other sentences where there are fewer."""
        rng = random.Random(SEED)
        return islice((dated(article, rng) for round in count() for article in self._round(round, rng)), number)

    def _round(self, round: int, rng: random.Random) -> Iterator[Article]:
        donors: deque[Article] = deque(maxlen=64)
        for article in load_all(self._path):
            donors.append(article)
            yield repeated(article, rng.choice(donors), round, rng) if round else article


def sha256(source: Path) -> str:
    """Of a file, or of all files of a folder in order of their names."""
    digest = hashlib.sha256()
    for file in sorted(source.rglob("*")) if source.is_dir() else [source]:
        if file.is_file():
            digest.update(file.read_bytes())
    return digest.hexdigest()


def distinct(articles: Iterator[Article]) -> Iterator[Article]:
    """Without articles whose id came before."""
    seen: set[str] = set()
    for article in articles:
        if article.id not in seen:
            seen.add(article.id)
            yield article


def load_all(path: str | Path) -> Iterator[Article]:
    with Path(path).open("rb") as lines:
        yield from map(load, lines)


def repeated(article: Article, donor: Article, round: int, rng: random.Random) -> Article:
    own = re.split(r"(?<=[.!?…])\s+", article.body)
    sentences = own + re.split(r"(?<=[.!?…])\s+", donor.body)
    rng.shuffle(sentences)
    body = " ".join(sentences[: len(own)])
    return msgspec.structs.replace(article, id=f"{article.id}#{round}", body=body, published=None)


def dated(article: Article, rng: random.Random) -> Article:
    if article.published:
        return article
    day = date.fromordinal(date(2015, 1, 1).toordinal() + rng.randrange(3652))
    return msgspec.structs.replace(article, published=day)


@dataclass
class Corpus:
    """The documents of one benchmark in files, and what queries are drawn from."""

    number: int
    articles: Path
    documents: Path  # the same, in tokens for the peers
    sample: list[Article]
    text_bytes: int
    days: list[int]  # ascending
    topics: Counter[str]
    df: Counter[str]


def prepare(base: Base, number: int, queries: int, folder: Path, *, peers: bool = True) -> Corpus:
    """Writes the files; without `peers` only vnsearch's, and terms are not counted."""
    say(f"preparing {number} documents")
    folder.mkdir(exist_ok=True)
    corpus = Corpus(number, folder / "articles.jsonl", folder / "documents.jsonl", [], 0, [], Counter(), Counter())
    sampled = set(random.Random(SEED).sample(range(number), min(number, 4 * queries)))
    with corpus.articles.open("wb") as articles, corpus.documents.open("wb") as documents:
        for at, article in enumerate(base.articles(number)):
            articles.write(dump(article) + b"\n")
            if peers:
                texts = {field: list(units(getattr(article, field))) for field in FIELDS}
                documents.write(msgspec.json.encode(document(article, texts)) + b"\n")
                corpus.df.update({term for text in texts.values() for term in text})
            corpus.text_bytes += text_bytes(article)
            corpus.days.append(ordinal(article))
            corpus.topics.update(set(article.topics))
            if at in sampled:
                corpus.sample.append(article)
    corpus.days.sort()
    return corpus


def units(text: str) -> Iterator[str]:
    """One term a position: the parts of compounds, not the compounds."""
    return iter({position: term for term, position in terms(text)}.values())


def ordinal(article: Article) -> int:
    return article.day.toordinal() if article.day else 0


def document(article: Article, texts: Mapping[str, list[str]]) -> Document:
    exact = {field: " ".join(text) for field, text in texts.items()}
    folded = {f"{field}_folded": " ".join(map(folded_term, text)) for field, text in texts.items()}
    return Document(ordinal(article), list(article.topics), exact | folded, dump(article).decode())


def documents(corpus: Corpus) -> Iterator[Document]:
    with corpus.documents.open("rb") as lines:
        yield from map(msgspec.json.Decoder(Document).decode, lines)


# -- the queries ---------------------------------------------------------------------------------------


def query_sets(corpus: Corpus, number: int) -> dict[str, list[Query]]:
    """The sets by name; one that cannot be drawn from the corpus is left out."""
    rng = random.Random(SEED)
    short = [run for run in (syllables(corpus, 2, 8, rng) for _ in range(number)) if run]
    long = [run for run in (syllables(corpus, 15, 25, rng) for _ in range(number)) if run]
    sets = {
        "or": [Query(words(run), "any", distinct_terms(run)) for run in short],
        "and": [
            Query(" ".join("+" + word for word in dict.fromkeys(words(run).split())), "all", distinct_terms(run))
            for run in short
        ],
        "phrase": [Query(f'"{words(run)}"', "phrase", tuple(unit.term for unit, _ in run)) for run in short],
        "filtered": filtered(corpus, short, rng),
        "long": [Query(words(run), "any", distinct_terms(run)) for run in long],
        "common+rare": common_and_rare(corpus, number, rng),
        "unaccented": [unaccented(run) for run in short],
    }
    for name, queries in sets.items():
        if not queries:
            say(f"no queries for the set {name!r} in this corpus: left out")
    return {name: queries for name, queries in sets.items() if queries}


Syllables: TypeAlias = list[tuple[Token, str]]  # tokens, and each as typed


def syllables(corpus: Corpus, least: int, most: int, rng: random.Random) -> Syllables:
    """Adjacent syllables of a random article's longest field, in small letters; empty where there are none."""
    for _ in range(100):
        article = rng.choice(corpus.sample)
        text = max((getattr(article, field) for field in FIELDS), key=len)
        found = [token for token in tokenize(text) if token.width == 1]
        length = rng.randint(least, most)
        start = rng.randrange(max(1, len(found) - length + 1))
        run = found[start : start + length]
        if len(run) == length and all(unit.kind == "word" for unit in run):
            return [(unit, text[unit.start : unit.end].lower()) for unit in run]
    return []


def words(run: Syllables) -> str:
    return " ".join(word for _, word in run)


def distinct_terms(run: Syllables) -> tuple[str, ...]:
    return tuple(dict.fromkeys(unit.term for unit, _ in run))


def unaccented(run: Syllables) -> Query:
    return Query(fold(words(run)), "any", tuple(dict.fromkeys(unit.folded for unit, _ in run)), folded=True)


def filtered(corpus: Corpus, runs: list[Syllables], rng: random.Random) -> list[Query]:
    """In turn by period and by topic, where there are topics of the right size."""
    topics = [name for name, n in sorted(corpus.topics.items()) if 0.05 <= n / corpus.number <= 0.2]
    queries = []
    for at, run in enumerate(runs):
        if topics and at % 2:
            queries.append(Query(words(run), "any", distinct_terms(run), topic=rng.choice(topics)))
        else:
            share = int(rng.uniform(0.05, 0.2) * corpus.number)
            first = rng.randrange(corpus.number - share)
            days = corpus.days[first], corpus.days[first + share]
            queries.append(Query(words(run), "any", distinct_terms(run), days=days))
    return queries


def common_and_rare(corpus: Corpus, number: int, rng: random.Random) -> list[Query]:
    letters = [(term, n) for term, n in corpus.df.most_common() if term.isalpha()]
    common = [term for term, _ in letters[:30]]
    if len(letters) <= len(common):
        return []
    rare = [term for term, n in letters[30:] if n <= max(letters[-1][1], corpus.number // 10_000)]
    pairs = [(rng.choice(common), rng.choice(rare)) for _ in range(number)]
    return [Query(" ".join(pair), "any", pair) for pair in pairs]


def search_arguments(query: Query) -> dict[str, Any]:
    """What `Index.search` and `plan` take."""
    since, until = map(date.fromordinal, query.days) if query.days else (None, None)
    return {"text": query.text, "topic": query.topic, "since": since, "until": until, "limit": TOP}


# -- measuring queries ---------------------------------------------------------------------------------


def vnsearch_engines(path: Path) -> dict[str, Prepare]:
    """The stages of a search, over an index opened anew."""
    index = Index.open(path)
    engine = index._fresh()

    def prepare_words(query: Query) -> Run:
        asked = plan(**search_arguments(query), match="any")  # what the peers are asked for
        asked = replace(asked, match=only_words(asked.match))
        return lambda: engine.run(asked).total

    def prepare_run(query: Query) -> Run:
        asked = plan(**search_arguments(query), cut=engine.cut)
        return lambda: engine.run(asked).total

    def prepare_plan(query: Query) -> Run:
        asked = search_arguments(query)
        return lambda: len(plan(**asked, cut=engine.cut).tokens)

    def prepare_search(query: Query) -> Run:
        asked = search_arguments(query)
        return lambda: index.search(**asked).total

    def prepare_open(query: Query) -> Run:
        hits = index.search(**search_arguments(query)).hits
        return lambda: sum(bool(hit.article and hit.snippet) for hit in hits)

    return {
        "words": prepare_words,
        "run": prepare_run,
        "plan": prepare_plan,
        "search": prepare_search,
        "open": prepare_open,
    }


def only_words(node: Node | None) -> Node | None:
    """Without what the peers are not asked for: pairs, other accents, long forms of abbreviations."""
    match node:
        case Has():
            return replace(node, others=0.0)
        case Any_(nodes):
            return only_words(nodes[0])
        case Ranked(must, should, without):
            kept = [tuple(node for each in nodes if (node := only_words(each))) for nodes in (must, should)]
            return Ranked(kept[0], kept[1], without)
        case _:
            return node


class Times(NamedTuple):
    """Of one engine and one set, ms; `first_*` of the warming pass; matches of all queries."""

    p50: float
    p95: float
    p99: float
    first_p50: float
    first_p95: float
    matches: int


def measure(name: str, queries: list[Query], engines: Mapping[str, Prepare]) -> dict[str, dict[str, float]]:
    """Engine -> its times over a set of queries."""
    say(f"queries: {name}")
    gc.collect()
    firsts = {engine: [timed(prepare(query)) for query in queries] for engine, prepare in engines.items()}
    best = {engine: [float("inf")] * len(queries) for engine in engines}
    order = random.Random(SEED)
    for repeat in range(REPEATS):
        for engine in order.sample(list(engines), len(engines)):
            for at, query in enumerate(queries):
                if repeat >= SLOW_REPEATS and firsts[engine][at][0] > SLOW:
                    continue
                taken, _ = timed(engines[engine](query))
                best[engine][at] = min(best[engine][at], taken)
    return {engine: times(best[engine], firsts[engine])._asdict() for engine in engines}


def timed(run: Run) -> tuple[float, int]:
    """(ms, what it returned)."""
    begun = time.perf_counter()
    matches = run()
    return 1000 * (time.perf_counter() - begun), matches


def times(best: list[float], first: list[tuple[float, int]]) -> Times:
    p50, p95, p99 = (round(float(n), 4) for n in np.percentile(best, (50, 95, 99)))
    first_p50, first_p95 = (round(float(n), 4) for n in np.percentile([taken for taken, _ in first], (50, 95)))
    return Times(p50, p95, p99, first_p50, first_p95, sum(matches for _, matches in first))


def searches_per_second(
    path: Path, queries: list[Query], number: int, kind: Callable[..., Any] = threading.Thread
) -> float:
    """Of one index shared by threads or forked processes, each of which runs all queries some rounds."""
    index = Index.open(path)
    asked = [search_arguments(query) for query in queries]

    def work(rounds: int) -> None:
        for _ in range(rounds):
            for query in asked:
                index.search(**query)

    work(1)
    workers = [kind(target=work, args=(ROUNDS,)) for _ in range(number)]
    begun = time.perf_counter()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    if any(getattr(worker, "exitcode", 0) for worker in workers):
        raise RuntimeError("a process that searched failed; why stands above")
    return round(number * ROUNDS * len(queries) / (time.perf_counter() - begun), 1)


# -- measuring indexing and starting -------------------------------------------------------------------


def index_vnsearch(base: Base, corpus: Corpus, folder: Path, workers: int) -> dict[str, dict[str, Any]]:
    """The indexes are left in folder/index-<workers>."""
    say("indexing with vnsearch")
    measured = {"read": child("read", base.source)}
    measured |= {what: child(what, corpus.articles) for what in ("terms", "words")}
    for number in dict.fromkeys((1, workers)):
        path = folder / f"index-{number}"
        found = child("index", corpus.articles, path, number)
        measured[f"vnsearch, {number} worker{'s' * (number > 1)}"] = found | size(path, corpus, corpus.number)
    return measured


def index_peer(name: str, corpus: Corpus, number: int, folder: Path) -> dict[str, Any]:
    """What indexing took.  ImportError where the peer is not installed."""
    peer: Peer = PEERS[name](folder)
    say(f"indexing with {name}")
    begun = clock()
    peer.add(islice(documents(corpus), number))
    found = {"documents": number, **since(begun), **peer.finish()}
    return found | size(folder, corpus, number)


def clock() -> tuple[float, float]:
    """Seconds by the wall, and of the processor in this process and its ended children."""
    spent = os.times()
    return time.perf_counter(), spent.user + spent.system + spent.children_user + spent.children_system


def since(begun: tuple[float, float]) -> dict[str, float]:
    wall, cpu = clock()
    return {"seconds": wall - begun[0], "cpu_seconds": cpu - begun[1]}


def size(path: Path, corpus: Corpus, number: int) -> dict[str, int]:
    """Bytes on disk, and of the texts that are in the index."""
    text = corpus.text_bytes
    if number < corpus.number:
        text = sum(text_bytes(article) for article in islice(load_all(corpus.articles), number))
    return {"bytes": sum(f.stat().st_size for f in path.rglob("*") if f.is_file()), "text_bytes": text}


def text_bytes(article: Article) -> int:
    return sum(len(getattr(article, field).encode()) for field in FIELDS)


def start(path: Path) -> dict[str, float]:
    """Opening in a fresh process, imports done, ms; a query from the shell, s, modules compiled as an installer leaves
    them, which the first run does; medians.
    """
    say("starts")
    script = Path(sys.executable).parent / "vnsearch"
    command = [str(script)] if script.exists() else [sys.executable, "-m", "vnsearch.cli"]
    command += ["query", "hội nghị dân vận", "--index", str(path)]
    opened = [child("open", path)["ms"] for _ in range(COLD_STARTS)]
    queried = []
    with tempfile.TemporaryDirectory() as compiled:
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        environment["PYTHONPYCACHEPREFIX"] = compiled
        for _ in range(1 + COLD_STARTS):
            begun = time.perf_counter()
            done = subprocess.run(command, capture_output=True, text=True, env=environment)
            queried.append(time.perf_counter() - begun)
            if done.returncode not in (0, 1):
                raise SystemExit(f"vnsearch query failed: {done.stderr}")
    return {"open_ms": round(median(opened), 2), "cold_query_s": round(median(queried[1:]), 3)}


# -- processes of their own ----------------------------------------------------------------------------


def child(what: str, *values: object) -> dict[str, Any]:
    command = [sys.executable, __file__, "child", what, *map(str, values)]
    answer: dict[str, Any] = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
    return answer


def child_read(source: str) -> dict[str, Any]:
    list(islice(read(source), 1))  # loads modules and data
    begun = clock()
    number = sum(1 for _ in islice(read(source), READ_SAMPLE))
    return {"documents": number, **since(begun)}


def child_terms(articles: str) -> dict[str, Any]:
    begun = clock()
    number = sum(bool(deque(terms(text_of(article)), maxlen=1)) for article in load_all(articles))
    return {"documents": number, **since(begun)}


def child_words(articles: str) -> dict[str, Any]:
    segment("một câu")  # loads the model
    begun = clock()
    number = sum(bool(segment(text_of(article))) for article in load_all(articles))
    return {"documents": number, **since(begun)}


def text_of(article: Article) -> str:
    return f"{article.title}\n{article.lead}\n{article.body}"


def child_index(articles: str, path: str, workers: str) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as trial:  # loads modules and the model
        add_all(islice(load_all(articles), 1), trial, 1)
    begun = clock()
    number = add_all(load_all(articles), path, int(workers))
    found = {"documents": number, **since(begun), "peak_mb": peak_mb()}
    if int(workers) == 1:
        return found
    return found | {
        "workers": int(workers),
        "worker_mb": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024,
    }


def add_all(articles: Iterator[Article], path: str, workers: int) -> int:
    index = Index.create(path)
    with index.writer(workers=workers) as writer:
        for article in articles:
            writer.add(article)
    return writer.added


def peak_mb() -> int:
    """Of this process.  VmHWM, as ru_maxrss also remembers what the parent had when it forked."""
    found = re.search(r"VmHWM:\s+(\d+) kB", read_text("/proc/self/status"))
    return int(found[1]) // 1024 if found else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def child_open(path: str) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as trial:  # loads modules
        Index.create(trial)
        Index.open(trial)
    begun = time.perf_counter()
    Index.open(path)
    return {"ms": 1000 * (time.perf_counter() - begun)}


CHILDREN: dict[str, Callable[..., dict[str, Any]]] = {
    "read": child_read,
    "terms": child_terms,
    "words": child_words,
    "index": child_index,
    "open": child_open,
}


# -- what is shown -------------------------------------------------------------------------------------


def report(results: dict[str, Any]) -> str:
    """The results as Markdown."""
    about, start = results["about"], results["start"]
    versions = ", ".join(f"{name} {number}" for name, number in about["versions"].items())
    threads, processes = (
        ", ".join(f"{rate:,.0f} with {n}" for n, rate in results[f"searches_per_second{of}"].items())
        for of in ("", "_of_processes")
    )
    parts = [
        "# Speed",
        f"{about['corpus']} (SHA-256 {about['sha256']}): {about['documents']:,} documents, of which "
        f"{about['documents_of_the_corpus']:,} as published, {about['text_bytes'] / 1e6:,.1f} MB of text; "
        f"seed {about['seed']}.",
        f"Python {about['python']}, {versions}.  {about['cpus']} x {about['cpu']}, load {about['load']}, "
        f"{about['date']}.",
        "What each number means stands in `benchmarks/speed.py` and `benchmarks/peers.py`.",
        "## Indexing",
        indexing_table(results["indexing"]),
        *([f"Indexed by an earlier run, and measured then: {', '.join(about['kept'])}."] if about.get("kept") else []),
        "## vnsearch, ms: p50 / p95 / p99",
        own_table(results["queries"]),
        "## Beside its peers, ms: p50 / p95 / p99",
        peers_table(results["queries"], whoosh_documents(results)),
        "## Time of vnsearch / time of the peer: p50, p95",
        ratio_table(results["queries"]),
        "## Starting, and several threads or processes",
        f"Opening the index {start['open_ms']} ms; `vnsearch query` from the shell {start['cold_query_s']} s; "
        f"searches a second of the or set: {threads} threads; {processes} processes.  By Amdahl's law from one thread "
        f"and two, {without_lock(results['searches_per_second']):.0%} of a search runs without Python's lock.",
    ]
    return "\n\n".join(parts) + "\n"


def without_lock(rates: Mapping[int, float]) -> float:
    """The share s of a search that threads run at the same time: rate(2) / rate(1) = 1 / (1 - s / 2); 0 if it falls."""
    return max(0.0, 2 - 2 * rates[1] / rates[2])


def whoosh_documents(results: dict[str, Any]) -> int:
    number: int = results["indexing"].get("whoosh", {}).get("documents", 0)
    return number


def table(header: Sequence[str], rows: Sequence[Row]) -> str:
    """A Markdown table, aligned; numbers to the right."""
    widths = [max(len(row[at]) for row in [list(header), *rows]) for at in range(len(header))]

    def line(cells: Sequence[str]) -> str:
        rest = (cell.rjust(width) for cell, width in zip(cells[1:], widths[1:], strict=True))
        return f"| {' | '.join([cells[0].ljust(widths[0]), *rest])} |"

    rule = "|".join(["", "-" * (widths[0] + 2), *("-" * (width + 1) + ":" for width in widths[1:]), ""])
    return "\n".join([line(header), rule, *map(line, rows)])


def indexing_table(indexing: dict[str, dict[str, Any]]) -> str:
    names = {"terms": "terms alone", "words": "words alone", "whoosh": "whoosh with pyvi"}
    rows = [[names.get(name, name), *indexing_cells(found)] for name, found in indexing.items()]
    if "whoosh" in indexing:
        found = {key: value for key, value in indexing["whoosh"].items() if key != "cpu_seconds"}
        rows.append(
            ["pyvi alone", *indexing_cells({"documents": found["documents"], "seconds": found["pyvi_seconds"]})]
        )
        rows.append(["whoosh alone", *indexing_cells(found | {"seconds": found["seconds"] - found["pyvi_seconds"]})])
    return table(("", "documents", "docs/s", "docs/CPU s", "size / text", "peak MB"), rows)


def indexing_cells(found: dict[str, Any]) -> Row:
    number = found["documents"]
    cpu = f"{number / found['cpu_seconds']:,.0f}" if found.get("cpu_seconds") else ""
    ratio = f"{found['bytes'] / found['text_bytes']:.2f}" if "bytes" in found else ""
    peak = str(found.get("peak_mb", ""))
    if "worker_mb" in found:
        peak += f" + {found['workers']} x {found['worker_mb']}"
    return [f"{number:,}", f"{number / found['seconds']:,.0f}", cpu, ratio, peak]


def three(found: dict[str, float]) -> str:
    return f"{found['p50']:.2f} / {found['p95']:.2f} / {found['p99']:.2f}"


def own_table(queries: dict[str, dict[str, dict[str, float]]]) -> str:
    rows = []
    for name, engines in queries.items():
        run = engines["run"]
        first = f"{run['first_p50']:.2f} / {run['first_p95']:.2f}"
        rows.append([name, *(three(engines[stage]) for stage in ("plan", "words", "run", "search", "open")), first])
    return table(("", "plan", "words", "run", "search", "open ten hits", "first run, p50 / p95"), rows)


def peer_names(queries: dict[str, dict[str, dict[str, float]]]) -> list[str]:
    own = ("plan", "words", "run", "search", "open")
    return [name for name in next(iter(queries.values())) if name not in own]


def peers_table(queries: dict[str, dict[str, dict[str, float]]], whoosh: int) -> str:
    peers = peer_names(queries)
    shown = [f"{name}, {whoosh:,} documents" if name == "Whoosh" else name for name in peers]
    rows = [[name, *(three(engines[e]) for e in ("words", "search", *peers))] for name, engines in queries.items()]
    return table(("", "vnsearch words", "vnsearch search", *shown), rows)


def ratio_table(queries: dict[str, dict[str, dict[str, float]]]) -> str:
    peers = peer_names(queries)
    pairs = [(own, peer) for peer in peers for own in ("words", "search") if own == "search" or "tantivy" in peer]
    rows = []
    for name, engines in queries.items():
        cells = [ratio(engines[own], engines[peer]) for own, peer in pairs]
        if "tantivy" in engines:
            cells.append(f"{engines['run']['matches'] / max(engines['tantivy']['matches'], 1):.2f}")
        rows.append([name, *cells])
    matches = ["matches, x tantivy's"] if "tantivy" in peers else []
    return table(("", *(f"{own} / {peer}" for own, peer in pairs), *matches), rows)


def ratio(own: dict[str, float], peer: dict[str, float]) -> str:
    ratios = (own[p] / peer[p] for p in ("p50", "p95"))
    return ", ".join(f"{n:.2g}" if n < 1 else f"{n:.1f}" for n in ratios)


# -- pictures ------------------------------------------------------------------------------------------


def plot_speed(results: dict[str, Any], path: Path) -> None:
    """Bars to p50, whiskers to p95; nothing where matplotlib is not installed."""
    try:
        from matplotlib.figure import Figure
    except ImportError:
        say("no picture: matplotlib is not installed")
        return
    queries = results["queries"]
    engines = ["words", "search", *peer_names(queries)]
    figure = Figure(figsize=(12, 5), layout="constrained")
    axes = figure.subplots()
    for at, engine in enumerate(engines):
        found = [measured[engine] for measured in queries.values()]
        x = np.arange(len(queries)) + (at - len(engines) / 2 + 0.5) * 0.8 / len(engines)
        p50 = [times["p50"] for times in found]
        above = [times["p95"] - times["p50"] for times in found]
        axes.bar(x, p50, 0.8 / len(engines), yerr=[[0] * len(found), above], label=label(engine, results))
    axes.set_yscale("log")
    axes.set_xticks(range(len(queries)), list(queries))
    axes.set_ylabel("ms, p50; line to p95")
    axes.set_title(f"{results['about']['corpus']}, {results['about']['documents']:,} documents")
    figure.legend(loc="outside right upper")
    figure.savefig(path, dpi=120)


def label(engine: str, results: dict[str, Any]) -> str:
    if engine in ("words", "search"):
        return f"vnsearch {engine}"
    return f"{engine}, {whoosh_documents(results):,} documents" if engine == "Whoosh" else engine


if __name__ == "__main__":
    main()
