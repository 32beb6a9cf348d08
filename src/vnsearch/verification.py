"""What checking an index brings to light, whichever engine holds it."""

from typing import NamedTuple


class Check(NamedTuple):
    """One thing that was examined: what, how much of it, in what time."""

    what: str
    amount: str
    seconds: float


class Verification(NamedTuple):
    """What `Index.verify` examined, and what it found wrong; nothing where `problems` is empty.

    generation: of an index in a folder; None on a cluster.
    terms, files: on a cluster terms are not counted, and files are segments.
    checks: the steps in order; of the previous generation only what it alone has.  Empty on a cluster.
    """

    generation: int | None
    articles: int
    terms: int
    files: int
    bytes: int
    seconds: float
    checks: tuple[Check, ...]
    problems: tuple[str, ...]
