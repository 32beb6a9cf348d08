"""The engine in a folder of this machine: a snapshot of its segments (`searcher`), its writer, its care."""

import warnings
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..article import Article
from ..deadline import Late
from ..engine import Answer, Row
from ..forks import ForkSafeLock
from ..index import folder
from ..query.plan import Has, Plan, Term
from . import cursor
from .facets import count_facet
from .score_parts import parts
from .searcher import Engine, Found, Match

if TYPE_CHECKING:
    from ..index.whoosh_codec import WhooshIndex
    from ..index.writer import Writer
    from ..suggest.reading import Reading
    from ..verification import Verification


class Embedded:
    """The engine over the newest commit of a folder, whichever that is when it is asked."""

    def __init__(self, path: Path, *, fallback: bool = False) -> None:
        self.path, self._folder, self._fallback = path, str(path), fallback
        self._engine: tuple[folder.Stamp, Engine] | None = None  # as of a stamp of the manifest
        self._lock = ForkSafeLock()
        self._fixed = False

    @classmethod
    def create(cls, path: Path) -> "Embedded":
        """A new empty index in a new folder.  Raises IndexExistsError."""
        folder.create(path)
        return cls(path)

    @classmethod
    def open(cls, path: Path, *, fallback: bool = False) -> "Embedded":
        """The index in a folder.  Raises IndexNotFoundError, IndexVersionError, IndexCorruptError."""
        engine = cls(path, fallback=fallback)
        engine.fresh()
        return engine

    def refresh(self) -> bool:
        """Whether there is a newer generation than at the last look."""
        before = self._engine
        return self.fresh() is not (before[1] if before else None)

    def fixed(self) -> "Embedded":
        """An engine that stays with the generation that is newest now."""
        engine = Embedded(self.path, fallback=self._fallback)
        engine._engine, engine._fixed = ((0, 0, 0), self.fresh()), True
        return engine

    def fresh(self) -> Engine:
        """The engine over the newest generation."""
        if (kept := self._engine) is not None and self._fixed:
            return kept[1]
        stamp = folder.stamp(self._folder)
        if kept is not None and kept[0] == stamp:
            return kept[1]
        with self._lock:
            before = self._engine[1].snapshot if self._engine else None
            snapshot = folder.open_snapshot(self.path, before, fallback=self._fallback)
            if self._engine is None or snapshot is not before:
                self._engine = stamp, Engine(snapshot)
            else:
                self._engine = stamp, self._engine[1]
            return self._engine[1]

    @property
    def whoosh(self) -> "WhooshIndex":
        """The index as a Whoosh index."""
        from ..index.whoosh_codec import WhooshIndex

        return WhooshIndex(lambda: self.fresh().snapshot)

    # -- match and score, count, fetch ---------------------------------------------------------------------

    def search(self, plan: Plan, *, after: str | None = None, collapse: bool = False) -> Answer:
        """The matches of a plan."""
        engine = self.fresh()
        others: Sequence[tuple[Match, ...]] = ()
        if after is not None:
            found, rank = cursor.run_after(engine, plan, cursor.read(after, plan.sort))
        else:
            if collapse and plan.limit:
                from .collapse import run_collapsed

                found, others = run_collapsed(engine, plan)
            else:
                found = engine.run(plan)
            rank = plan.offset + len(found.page)
        facets: dict[str, dict[str, int]] = {name: {} for name in plan.facets}
        try:
            for name in facets:
                facets[name] = count_facet(engine.snapshot, found.sets, name)
        except Late:
            found = found._replace(partial=True)
        return Answer(
            partial(_rows, engine, plan, found, others),
            found.total,
            facets,
            _nothing if collapse or found.partial else partial(_cursor, engine, plan, found, rank),
            found.partial,
            found.matched,
        )

    def cut(self, terms: Sequence[Term]) -> list[int]:
        """How many syllables each word of a query has."""
        return self.fresh().cut(terms)

    def spell(self, words: Sequence[str]) -> Sequence[tuple[str, float]]:
        """How words typed without marks are spelled."""
        from ..suggest.reading import spell

        engine, key = self.fresh(), ("read", *words)
        return engine.kept.get(key, lambda: tuple(spell(engine.context, words)), lambda found: 300 * (len(found) + 1))

    def get(self, id: str) -> Article | None:
        """The article of this id."""
        snapshot = self.fresh().snapshot
        place = snapshot.find(id)
        return snapshot.segments[place[0]].article(place[1]) if place else None

    def __len__(self) -> int:
        return self.fresh().snapshot.articles

    def articles(self) -> Iterator[Article]:
        """Every article of the index."""
        snapshot = self.fresh().snapshot
        for segment, gone in zip(snapshot.segments, snapshot.deleted, strict=True):
            for document, deleted in enumerate(gone.tolist()):
                if not deleted:
                    yield segment.article(document)

    # -- what its words offer ------------------------------------------------------------------------------

    def frequencies(self, words: Collection[str]) -> tuple[int, Mapping[str, int]]:
        """Deleted documents count until they are merged away."""
        from ..suggest.dictionary import frequency

        engine = self.fresh()
        return engine.documents, {word: frequency(engine.snapshot.segments, word) for word in words}

    def has(self, word: str) -> bool:
        """Whether an article has this very word."""
        asked = Has(Term(word, True))
        return any(segment.matches_any(asked) for segment in self.fresh().segments)

    def complete(self, prefix: str, limit: int) -> list[str]:
        """Words that begin so."""
        from .completion import complete

        return complete(self.fresh(), prefix, limit)

    def suggest(self, text: str) -> str | None:
        """A better spelling."""
        found = self.read(text)
        return found.text if found and found.found and found.text != text else None

    def read(self, text: str) -> "Reading | None":
        """A query word for word; kept, as people page and filter."""
        from ..suggest.reading import read

        engine = self.fresh()
        found = engine.kept.get(
            ("read whole", text),
            lambda: (read(engine.snapshot.segments, engine.context, text),),
            lambda _: 1_000 + 10 * len(text),
        )
        return found[0]

    # -- store and care ------------------------------------------------------------------------------------

    def writer(self, *, timeout: float, workers: int, memory_mb: int | None = None, rebuild: bool = False) -> "Writer":
        """The one writer of the folder."""
        from ..index.writer import Writer

        writer = Writer(self.path, timeout=timeout, workers=workers, memory_mb=memory_mb, fallback=self._fallback)
        if writer.problem:
            try:
                warnings.warn(writer.problem, RuntimeWarning, stacklevel=3)
            except RuntimeWarning:  # an app that makes errors of warnings
                writer.rollback()
                raise
        if rebuild:
            for segment in self.fresh().snapshot.segments:
                for id in segment.ids.all():
                    writer.delete(id)
        return writer

    def optimize(self) -> None:
        """Merges all segments into one."""
        self.writer(timeout=10.0, workers=1).commit(optimize=True)

    def stats(self) -> dict[str, Any]:
        """Counts and sizes."""
        snapshot = self.fresh().snapshot
        days: list[int] = []
        with_province = with_topic = 0
        for segment, gone in zip(snapshot.segments, snapshot.deleted, strict=True):
            live = ~gone
            days += segment.day[live & (segment.day > 0)].tolist()
            with_province += int((live & segment.has_tag("provinces")).sum())
            with_topic += int((live & segment.has_tag("topics")).sum())
        return {
            "articles": snapshot.articles,
            "segments": len(snapshot.segments),
            "generation": snapshot.generation,
            "bytes": snapshot.nbytes,
            "first": date.fromordinal(min(days)).isoformat() if days else None,
            "last": date.fromordinal(max(days)).isoformat() if days else None,
            "with_date": len(days),
            "with_province": with_province,
            "with_topic": with_topic,
        }

    def verify(self) -> "Verification":
        """Every byte against its checksum."""
        from ..index.verify import verify

        return verify(self.path)

    def backup(self, path: Path) -> None:
        """Links or copies the files of the newest generation."""
        folder.backup(self.path, path, fallback=self._fallback)

    def close(self) -> None:
        """Lets go of the mapped files; they close once no hit needs them."""
        with self._lock:
            self._engine = None


def _nothing() -> None:
    """There is no page after this one."""


def _cursor(engine: Engine, plan: Plan, found: Found, rank: int) -> str | None:
    following = cursor.of(engine, plan, found, rank)
    return str(following) if following else None


def _rows(engine: Engine, plan: Plan, found: Found, others: Sequence[tuple[Match, ...]]) -> tuple[Row, ...]:
    segments = engine.snapshot.segments

    def id_of(match: Match) -> str:
        return segments[match.segment].ids[match.document]

    return tuple(
        Row(
            partial(id_of, m),
            m.score,
            partial(segments[m.segment].article, m.document),
            tuple(map(id_of, behind)),
            tuple if found.partial else partial(parts, engine, plan, found, m),  # what was cut off has no boosts
        )
        for m, behind in zip(found.page, others or [()] * len(found.page), strict=True)
    )
