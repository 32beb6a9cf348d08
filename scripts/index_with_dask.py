"""Index files into a cluster with the machines of a Dask cluster: reading and analysis are what costs, and spreads.

    python scripts/index_with_dask.py opensearch://HOST:9200/news FILE...                   processes of this machine
    python scripts/index_with_dask.py opensearch://HOST:9200/news FILE... --scheduler tcp://HOST:8786

Needs: pip install 'vnsearch[opensearch]' 'dask[distributed]'.  A file is the unit of work, so cut a large corpus into
some hundred.  A task that Dask runs again, because a worker died, stores the same articles again under the same ids.
What is not yet there after an error is not lost: run it again.  User, password and certificates come from each
machine's environment ($VNSEARCH_OPENSEARCH_USER ...), so that they are in no task.
"""

import argparse
from typing import NamedTuple

from dask.distributed import Client, LocalCluster, as_completed

from vnsearch import Index, IndexNotFoundError, read


class Done(NamedTuple):
    """What became of a file."""

    path: str
    added: int
    replaced: int
    refused: list[str]


def index_file(address: str, path: str) -> Done:
    """Reads a file and stores its articles; runs on a worker."""
    with Index.open(address).writer() as writer:
        for article in read(path):
            writer.add(article)
    return Done(path, writer.added, writer.replaced, [str(error) for error in writer.refused])


def main() -> None:
    """Prints a line a file, then the number of articles."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("address")
    parser.add_argument("files", nargs="+")
    parser.add_argument("--scheduler")
    parser.add_argument("--shards", type=int, default=3)
    options = parser.parse_args()
    try:
        index = Index.open(options.address)
    except IndexNotFoundError:
        index = Index.create(options.address, shards=options.shards)
    machines = options.scheduler or LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None)
    with Client(machines) as client:
        tasks = [client.submit(index_file, options.address, file, pure=False) for file in options.files]
        for _, done in as_completed(tasks, with_results=True):
            print(f"{done.path}: {done.added} new, {done.replaced} replaced, {len(done.refused)} refused", flush=True)
            for reason in done.refused:
                print(f"  {reason}")
    print(f"{options.address} holds {len(index)} articles")


if __name__ == "__main__":
    main()
