"""What happened while reading: counts by format and by source, and what was refused, left out or not used."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from ..article import Article
from ..errors import ArticleError, ReadError
from ..limits import ERRORS_KEPT
from ..vietnam.dates import find_date
from .identity import Identities
from .record import Made

_LOOKED_AT = 20  # values of a key


class Errors(list[ReadError]):
    """What went wrong, in order: the first 10,000; `total` counts all."""

    def __init__(self) -> None:
        super().__init__()
        self.total = 0

    def append(self, error: ReadError) -> None:
        self.total += 1
        if len(self) < ERRORS_KEPT:
            super().append(error)

    def extend(self, errors: Iterable[ReadError]) -> None:
        for error in errors:
            self.append(error)

    def __iadd__(self, errors: Iterable[ReadError]) -> "Errors":  # type: ignore[misc,override]
        self.extend(errors)
        return self


@dataclass
class Tally:
    """Counts of one format or one source."""

    files: int = 0  # of a format alone
    read: int = 0
    refused: int = 0
    with_date: int = 0
    with_province: int = 0
    with_topic: int = 0

    def count(self, made: Made) -> None:
        """Another article."""
        self.read += 1
        self.with_date += made.article.published is not None
        self.with_province += bool(made.article.provinces)
        self.with_topic += bool(made.article.topics)


@dataclass
class Report:
    """What happened while reading.  `refused` records are not articles; `warned` ones are, with something left out.

    `skipped` are files that gave nothing to refuse: those of an unknown kind in a folder, and those without a record.
    `repeated` are articles whose id or address came before: it says what became of them.
    `unused` counts the records' keys that no field was made of (they are kept in `extra`, and not searched), and
    `looks_like` says of some of them which field their values would make: "published", "body".
    """

    refused: Errors = field(default_factory=Errors)
    skipped: Errors = field(default_factory=Errors)
    warned: Errors = field(default_factory=Errors)
    repeated: Errors = field(default_factory=Errors)
    unused: Counter[str] = field(default_factory=Counter)
    looks_like: dict[str, str] = field(default_factory=dict)
    formats: dict[str, Tally] = field(default_factory=dict)
    sources: dict[str, Tally] = field(default_factory=dict)
    bytes_read: int = 0  # of the files as they are on disk, of bytes_total
    bytes_total: int = 0
    identities: Identities = field(default_factory=Identities, repr=False)

    @property
    def read(self) -> int:
        """The number of articles."""
        return sum(tally.read for tally in self.formats.values())

    @property
    def with_date(self) -> int:
        """The number of articles with a date."""
        return sum(tally.with_date for tally in self.formats.values())

    @property
    def with_province(self) -> int:
        """The number of articles with a province."""
        return sum(tally.with_province for tally in self.formats.values())

    @property
    def with_topic(self) -> int:
        """The number of articles with a topic."""
        return sum(tally.with_topic for tally in self.formats.values())

    def format(self, name: str) -> Tally:
        """The counts of a format."""
        return self.formats.setdefault(name, Tally())

    def count(self, made: Made, format: str) -> None:
        """Another article."""
        article = made.article
        self.format(format).count(made)
        self.sources.setdefault(article.source, Tally()).count(made)
        for key in made.unused:
            if key in self.unused or len(self.unused) < ERRORS_KEPT:
                self.unused[key] += 1
                if self.unused[key] < _LOOKED_AT and key not in self.looks_like:
                    self._look_at(key, article)

    def _look_at(self, key: str, article: Article) -> None:
        """Notes which field that the article lacks the value of a key looks like."""
        value = article.extra.get(key)
        if not isinstance(value, str):
            return
        if not article.body and len(value) > 300 and " " in value:
            self.looks_like[key] = "body"
        elif article.published is None and len(value) < 60:
            try:
                is_date = find_date(value) is not None
            except ArticleError:
                is_date = False
            if is_date:
                self.looks_like[key] = "published"
