"""What indexing costs: time, memory, size on disk; what a process takes to open and first answer.

    python -m benchmarks indexing --corpus vntc10 --documents 30000

Each engine in a process of its own that has loaded its modules and indexed one article before: articles as JSON -> a
committed index.  Its own analysis is in its time, also the copy without marks that a peer needs; finding provinces and
topics is not (`ingest`).  Peak memory counts pages of mapped files.  One process, one thread but for tantivy, whose
writer has one beside Python's; docs/s are of processor time, of all threads.
"""

from .bench import only


def main() -> int:
    """Runs these parts of `bench`."""
    return only("indexing", __doc__, ["indexing", "memory", "starts", "readers"], 50)
