"""Everything in an index read and compared: checksums, how the arrays fit, every article.

Other commits may go on meanwhile: what is examined is the newest generation when it began, and the previous one.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

import numpy as np

from ..arrays import Array
from ..errors import IndexCorruptError, IndexNotFoundError, IndexProblemError, VnsearchError
from ..text.tokenize import folded_term
from ..verification import Check, Verification
from . import folder, whoosh_toc
from .container import Container
from .folder import Manifest, Snapshot
from .segment_reader import Segment

T = TypeVar("T")
D = TypeVar("D")
_AT_ONCE = 20_000  # terms whose postings are examined together


class _Clock:
    """Collects checks."""

    def __init__(self) -> None:
        self.begun = self._last = time.perf_counter()
        self.checks: list[Check] = []

    @property
    def total(self) -> float:
        return time.perf_counter() - self.begun

    def note(self, what: str, amount: str) -> None:
        now = time.perf_counter()
        self.checks.append(Check(what, amount, now - self._last))
        self._last = now


def verify(path: Path) -> Verification:
    """Reads every byte of every file against its checksum, every posting, every article.

    Raises IndexNotFoundError where there is nothing to verify.
    """
    while True:
        before = folder.stamp(path)
        found = _verify(path)
        if not found.problems or folder.stamp(path) == before:  # else a commit may have removed what was looked for
            return found


def _verify(path: Path) -> Verification:
    clock = _Clock()
    problems: list[str] = []
    snapshot = _collect(problems, path, lambda: folder.open_snapshot(path), None)
    if snapshot is None:
        problems += _way_out(path)
        return Verification(0, 0, 0, 0, 0, clock.total, (), tuple(problems))
    clock.note("manifest", f"generation {snapshot.generation}, {len(snapshot.segments)} segments")
    files, bytes_ = _checksums(path, folder.MANIFEST, snapshot.manifest, problems)
    problems += _changed_toc(path, snapshot.manifest)
    clock.note("checksums", f"{files} files, {bytes_:,} bytes")
    terms = articles = 0
    if problems:  # what follows would only say it again
        problems += _way_out(path)
    else:
        terms = sum(len(segment.df) for segment in snapshot.segments)
        postings = sum(_collect(problems, s.path, partial(_postings, s), 0) for s in snapshot.segments)
        clock.note("postings", f"{terms:,} terms, {postings:,} postings")
        articles = _articles(snapshot, problems)
        clock.note("articles", f"{articles:,} articles, each under an id of its own")
    if (path / folder.PREVIOUS).exists():
        previous = _collect(problems, path, lambda: folder.read_manifest(path, folder.PREVIOUS), folder.EMPTY)
        more, more_bytes = _checksums(path, folder.PREVIOUS, previous, problems, known=snapshot.manifest)
        files, bytes_ = files + more, bytes_ + more_bytes
        problems += _changed_toc(path, previous)
        clock.note("generation before", f"generation {previous.generation}, {more} files of its own")
    return Verification(
        snapshot.generation, articles, terms, files, bytes_, clock.total, tuple(clock.checks), tuple(problems)
    )


def _changed_toc(path: Path, manifest: Manifest) -> list[str]:
    if not folder.toc_is_changed(path, manifest):
        return []
    return [f"{path / whoosh_toc.name(manifest.generation)}: was changed; only Whoosh reads it, a writer mends it"]


def _way_out(path: Path) -> list[str]:
    """That the generation before is whole, where it is."""
    with suppress(IndexProblemError):
        older = folder.open_snapshot(path, fallback=True)
        return [f"{path}: generation {older.generation} before it is whole: vnsearch backup --fallback NEW_FOLDER"]
    return []


def _collect(problems: list[str], path: Path, work: Callable[[], T], otherwise: D) -> T | D:
    """What a piece of work gives; where it fails, that is a problem of the file, unless the system is short of
    something: then nobody can tell.
    """
    try:
        return work()
    except IndexNotFoundError:
        raise
    except MemoryError as e:
        raise IndexProblemError(path, f"cannot be verified: too little memory ({e})") from e
    except (VnsearchError, ArithmeticError, LookupError, ValueError, TypeError) as e:
        if type(e) is IndexProblemError:
            raise
        problems.append(str(e) if isinstance(e, IndexCorruptError) else f"{path.name}: {type(e).__name__}: {e}")
        return otherwise


def _checksums(
    path: Path, name: str, manifest: Manifest, problems: list[str], known: Manifest = folder.EMPTY
) -> tuple[int, int]:
    """(files, bytes) of a manifest and what it needs beyond what is known already."""
    names = [needed for needed in manifest.files if needed not in known.files]
    for file in names:
        container = _collect(problems, path / file, partial(Container, path / file), None)
        problems += container.problems() if container is not None else ()
    sizes = [(path / file).stat().st_size for file in (name, *names) if (path / file).exists()]
    return len(sizes), sum(sizes)


def _postings(segment: Segment) -> int:
    """How many a segment has.  Raises IndexCorruptError where they contradict one another."""
    found = 0
    _sentences(segment)
    in_order = sorted(segment.terms.all(), key=lambda term: (folded_term(term), term))
    if in_order != segment.terms.all() or segment.folded.all() != list(dict.fromkeys(map(folded_term, in_order))):
        segment.data.corrupt("the terms are not in order")
    for first, last in pairwise([*range(0, len(segment.terms), _AT_ONCE), len(segment.terms)]):
        terms, documents, codes = segment.all_postings(first, last)
        same = terms[1:] == terms[:-1]
        ascending = (np.diff(documents.astype(np.int64))[same] > 0).all()
        if not ascending or int(documents.max(initial=0)) >= segment.documents:
            segment.data.corrupt(f"the documents of the terms {first}-{last - 1}", expected="ascending", got="others")
        counts = np.bincount(terms - first, minlength=last - first)
        _same(segment, f"postings of the terms {first}-{last - 1}", segment.df[first:last], counts)
        positions = np.bincount(terms - first, segment.all_counts(first, last, codes), last - first)
        begins = [segment.occurrences_of(term) for term in range(first, last)]
        _same(segment, f"positions of the terms {first}-{last - 1}", np.array(begins), positions)
        found += len(documents)
    return found


def _sentences(segment: Segment) -> None:
    """Those of a document end one after the other, the last where it ends.  Raises IndexCorruptError."""
    counts, ends = segment.sentences(np.arange(segment.documents))
    last = np.cumsum(counts) - 1
    ascend = np.diff(ends.astype(np.int64), prepend=0) > 0
    ascend[last[:-1] + 1] = ends[last[:-1] + 1] > 0
    if (counts < 1).any() or not ascend.all():
        segment.data.corrupt("the ends of sentences", expected="ascending", got="others")
    _same(
        segment,
        "positions of the documents' sentences",
        segment.width.astype(np.int64) + 2,
        ends[last].astype(np.int64),
    )


def _same(segment: Segment, what: str, expected: Array, got: Array) -> None:
    if (differing := np.flatnonzero(expected != got)).size:
        at = int(differing[0])
        segment.data.corrupt(what, expected=int(expected[at]), got=int(got[at]))


def _articles(snapshot: Snapshot, problems: list[str]) -> int:
    """How many can be read under their id, each once."""
    seen: set[str] = set()
    for segment, gone in zip(snapshot.segments, snapshot.deleted, strict=True):
        for document in np.flatnonzero(~gone).tolist():
            id = _collect(problems, segment.path, partial(_id, segment, document), None)
            if id in seen:
                problems.append(f"{segment.path.name}: the id {id!r} stands twice")
            elif id is not None:
                seen.add(id)
    return len(seen)


def _id(segment: Segment, document: int) -> str:
    article = segment.article(document)
    if article.id != segment.ids[document] or segment.find_id(article.id) != document:
        segment.data.corrupt(f"document {document}", expected=segment.ids[document], got=article.id)
    if article.moment != (moment := int(segment.moment[document])):
        segment.data.corrupt(f"the minute of document {document}", expected=article.moment, got=moment)
    return article.id
