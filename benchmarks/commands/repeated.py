"""What a search costs that was asked before: the quickest of nine runs of each query.

    python -m benchmarks repeated --corpus vntc10 --documents 30000

All engines are open in one process and take turns run by run, in another order each time.  So this says what is left
when everything is in caches; what a search costs that nobody asked before says `new_queries`.
"""

from .bench import only


def main() -> int:
    """Runs these parts of `bench`."""
    return only("repeated", __doc__, ["indexing", "repeated"], 200)
