"""What a search costs that nobody asked before: each query once, in a process that saw none; the headline.

    python -m benchmarks new_queries --corpus vntc10 --documents 30000 --queries 600

Each set (`lib/sets.py`) has fresh processes: one with vnsearch alone, and one for each peer, in which both take turns
query by query, in another order each time, so both find the processor's caches as full of the other's code and data.
Time is of the processor, from text to ten hits and their number, hits not opened; a peer's own analysis of the query
is in its time; of a server, it is by the clock.
Modules are loaded and one query, of a word that is in no article, is run before the first is measured.

  first 100, the rest   p50 / p95 / p99 in ms, vnsearch alone
  a peer's column       time of vnsearch / time of the peer, p50 / p95, over the queries that both were asked in one
                        process: below 1, vnsearch is quicker
  memory                what is not mapped from files, before and after all sets in one process
  threads               searches a second of threads that share one index

A slow peer is asked for --patience seconds a set, so on fewer queries.  Not measured: opening hits, a cold disk.
"""

from .bench import only


def main() -> int:
    """Runs these parts of `bench`."""
    return only("new_queries", __doc__, ["indexing", "new_queries", "memory", "threads"], 600)
