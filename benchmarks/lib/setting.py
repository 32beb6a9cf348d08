"""What a command that compares engines works on: options, corpus, engines, and where their indexes are."""

import argparse
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

import vnsearch

from . import corpus as corpora
from . import measure, options
from .child import call
from .engines import ENGINES, OWN, PEERS, Missing
from .progress import Progress


class Setting:
    """One run's corpus and engines; indexes are built once, and kept where `--keep` says."""

    def __init__(self, asked: argparse.Namespace, folder: Path, progress: Progress) -> None:
        self.progress, self.patience, self._folder = progress, float(asked.patience), folder
        self.judged = asked.sets
        folder.mkdir(parents=True, exist_ok=True)
        named = options.corpus(asked.corpus)
        typed = options.typed(asked.corpus)
        number = asked.documents or named.default_documents
        self.corpus = corpora.prepare(named.name, named.paths, number, asked.queries, typed, folder)
        self.file = folder / f"{self.corpus.name}-{self.corpus.number}.corpus"
        self.file.write_bytes(msgspec.json.encode(self.corpus))
        self.versions, self.missing = available(asked.peers)
        self.built: dict[str, dict[str, float]] = {}

    @property
    def engines(self) -> list[str]:
        """vnsearch first."""
        return list(self.versions)

    @property
    def peers(self) -> list[str]:
        """Those that are installed and wanted."""
        return [name for name in self.versions if name != OWN]

    def folder(self, engine: str) -> str:
        """Where the engine's index is, built if this version of the engine has not built it."""
        key = Path(self.corpus.articles).name.split(".")[0]
        named = f"{key}-{engine.replace(' ', '-')}"
        folder = self._folder / f"{named}-{self.version(engine)}"

        def build() -> Any:
            for old in self._folder.glob(f"{named}-*"):  # of another version, or of a run that was stopped
                shutil.rmtree(old) if old.is_dir() else old.unlink()
            folder.mkdir()
            return call(measure.build, engine, self.corpus.articles, str(folder))

        if engine not in self.built:
            self.built[engine] = self.kept(f"{folder.name}.built", build)
        return str(folder)

    def version(self, engine: str) -> str:
        """Of a peer its release, of vnsearch its files: what an earlier run left is good for the same version only."""
        return _digest(Path(vnsearch.__file__).parent) if engine == OWN else self.versions[engine].split()[0]

    def kept(self, name: str, make: Callable[[], Any]) -> Any:
        """What `make` gives, as JSON; from the folder where an earlier run left it."""
        file = self._folder / f"{name.replace(' ', '-')}.json"
        if not file.exists():
            made = json.dumps(make())
            file.write_text(made)
        return json.loads(file.read_text())

    def folders(self, *engines: str) -> dict[str, str]:
        """Engine -> its index."""
        return {engine: self.folder(engine) for engine in engines}

    def returned_articles(self) -> str:
        """The file of articles over which what is returned is judged: government news where it is at hand."""
        gov = options.data() / "news/gov.jsonl.xz"
        if self.corpus.name == options.SAMPLE or not gov.exists():
            return self.corpus.articles
        return corpora.prepare("gov", [gov], None, 1, [], self._folder).articles

    def described(self) -> dict[str, Any]:
        """What the results say of the corpus and the engines."""
        about = {name: value for name, value in msgspec.to_builtins(self.corpus).items() if name != "queries"}
        del about["articles"]
        about["queries"] = {name: len(queries) for name, queries in self.corpus.queries.items()}
        return {"corpus": about, "engines": self.versions, "missing": self.missing}


@cache
def _digest(package: Path) -> str:
    digest = hashlib.sha256()
    for file in sorted(package.rglob("*")):
        if file.is_file() and file.suffix != ".pyc":
            digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


@contextmanager
def setting(asked: argparse.Namespace, progress: Progress) -> Iterator[Setting]:
    """In `--keep`, or in a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="vnsearch-benchmarks-") as folder:
        yield Setting(asked, asked.keep or Path(folder), progress)


def available(peers: str) -> tuple[dict[str, str], dict[str, str]]:
    """(engine -> version, engine -> what to install), of vnsearch and the wanted peers."""
    versions, missing = {}, {}
    for name in [OWN, *options.wanted(peers, PEERS)]:
        try:
            versions[name] = ENGINES[name].version()
        except Missing as e:
            missing[name] = str(e)
    return versions, missing


@contextmanager
def opensearch(wanted: bool) -> Iterator[None]:
    """A node of this machine, whose address stands in the environment meanwhile, where one is wanted."""
    from .engines.opensearch import ADDRESS

    if not wanted:
        yield
        return
    from .nodes import one_node

    with one_node() as address:
        os.environ[ADDRESS] = address
        try:
            yield
        finally:
            del os.environ[ADDRESS]


def paired(found: Mapping[str, Any], own: str = OWN) -> dict[str, float] | None:
    """vnsearch's percentiles / the other's, over the queries that both were asked; None where it has no such search."""
    (peer,) = [name for name in found if name != own]
    if isinstance(found[peer], str):
        return None
    both = [(a[0], b[0]) for a, b in zip(found[own], found[peer], strict=True) if a and b]
    from .machine import percentiles

    mine, others = (percentiles(times) for times in zip(*both, strict=True))
    return {p: mine[p] / others[p] for p in ("p50", "p95")}
