"""What a tree is told to do when it is compared: lines of JSON in, lines of JSON out.

It uses only the library's face, so that trees of other days can be measured with it.  Times are of the processor, in
seconds, of all threads of the process: what waits is not seen.
"""

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

import vnsearch
from vnsearch import Index, kernels

from .articles import load_all
from .asked import Query
from .judged import load
from .machine import anonymous_mb, folder_bytes
from .typing_ways import WAYS

MOST = 1000  # ids of a judged query


class _Work:
    """The commands, by name."""

    def __init__(self) -> None:
        self.queries: dict[str, list[Query]] = {}
        self.index: Any = None

    def where(self) -> tuple[str, str]:
        """Which vnsearch this is, and the kind of its kernels."""
        return str(vnsearch.__file__), kernels.KIND

    def build(self, articles: str, folder: str) -> dict[str, float]:
        """Seconds and bytes of an index."""
        begun = time.process_time()
        with Index.create(Path(folder) / "index").writer() as writer:
            for article in load_all(articles):
                writer.add(article)
        return {"seconds": time.process_time() - begun, "bytes": folder_bytes(Path(folder))}

    def rebuild(self, articles: str) -> float:
        """Seconds of an index that is thrown away."""
        with tempfile.TemporaryDirectory() as folder:
            return self.build(articles, folder)["seconds"]

    def open(self, folder: str, queries: str) -> float:
        """Opens an index; seconds from the start of Python to the first answer."""
        self.index = Index.open(Path(folder) / "index")
        self.index.search("qqqxzqq")
        begun = time.process_time()
        self.queries = msgspec.json.decode(Path(queries).read_bytes(), type=dict[str, list[Query]])
        return 2 * begun - time.process_time()

    def search(self, name: str, first: int, last: int) -> list[float]:
        """Seconds of each query of a part of a set."""
        taken = []
        for query in self.queries[name][first:last]:
            asked = query.arguments()
            begun = time.process_time()
            len(self.index.search(**asked, limit=10).hits)
            taken.append(time.process_time() - begun)
        return taken

    def memory(self) -> float:
        """Anonymous memory now, MB."""
        return anonymous_mb()

    def judge(self, folder: str, way: str) -> dict[str, list[str]]:
        """What is found for each query of a set, best first."""
        collection = load(Path(folder))
        with tempfile.TemporaryDirectory() as place:
            index = Index.create(Path(place) / "index")
            with index.writer() as writer:
                for article in collection.articles:
                    writer.add(article)
            return {
                query.id: [hit.id for hit in index.search(WAYS[way](query.text, number), literal=True, limit=MOST).hits]
                for number, query in enumerate(collection.queries)
            }


def main() -> None:
    """Until standard input ends."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    work = _Work()
    for line in sys.stdin:
        what, *values = json.loads(line)
        run: Callable[..., object] = getattr(work, what)
        answers.write(json.dumps(run(*values)) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
