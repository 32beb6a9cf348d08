"""Xapian, where Debian's python3-xapian (or a wheel) is."""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from vnsearch import Article

from ..analysis import clean, folded, text_of
from ..articles import dump
from ..asked import NEVER, TOP, Found, Query
from .base import Engine, Missing

_DEBIAN = Path("/usr/lib/python3/dist-packages")  # which a virtual environment does not see
_DAY = 0  # the slot of a value


def _xapian() -> Any:
    """The module.  Debian's is for the system's Python, and loads in any of the same minor version."""
    try:
        import xapian
    except ImportError:
        if not (_DEBIAN / "xapian").is_dir():
            raise Missing("apt-get install python3-xapian") from None
        sys.path.append(str(_DEBIAN))
        try:
            import xapian
        except ImportError as e:
            raise Missing(f"a python3-xapian for Python {sys.version_info[0]}.{sys.version_info[1]}: {e}") from None
        finally:
            sys.path.remove(str(_DEBIAN))
    return xapian


class Xapian(Engine):
    """Its own BM25; the best hits, and an exact count."""

    name = "Xapian"
    how = "TermGenerator without a stemmer, Unidecode's text under a prefix of its own; BM25Weight; counts"
    cannot = (
        "find hoà for hòa without a filter of one's own",
        "drop words that no article has together",
        "be installed by pip from its makers",
    )

    @classmethod
    def version(cls) -> str:
        """Of the library."""
        return str(_xapian().version_string())

    def build(self, articles: Iterable[Article]) -> None:
        """One process, then `compact`, as its documentation advises for what is only read."""
        x = _xapian()
        base = x.WritableDatabase(str(self.folder / "new"), x.DB_CREATE_OR_OPEN)
        terms = x.TermGenerator()
        for article in articles:
            text, document = clean(text_of(article)), x.Document()
            terms.set_document(document)
            terms.index_text(text)
            terms.increase_termpos()
            terms.index_text(folded(text), 1, "XF")
            document.add_boolean_term(f"Q{article.id}"[:200])
            for topic in article.topics:
                document.add_boolean_term(f"XT{topic}")
            document.add_value(_DAY, x.sortable_serialise((article.day or NEVER).toordinal()))
            document.set_data(dump(article))
            base.add_document(document)
        base.commit()
        base.compact(str(self.folder / "compact"))
        base.close()
        for file in (self.folder / "new").iterdir():
            file.unlink()

    def open(self) -> None:
        """Opens the compacted database."""
        self._base = _xapian().Database(str(self.folder / "compact"))
        self._number = self._base.get_doccount()

    def search(self, query: Query, limit: int = TOP) -> Found:
        """Looks at all matches, so that the count is exact."""
        x = _xapian()
        prefix = "XF" if query.unmarked else ""
        terms = [prefix + term for term in query.terms()]
        if not terms:
            return Found(0, [])
        asked = x.Query({"any": x.Query.OP_OR, "all": x.Query.OP_AND, "phrase": x.Query.OP_PHRASE}[query.kind], terms)
        if query.since and query.until:
            days = (x.sortable_serialise(day.toordinal()) for day in (query.since, query.until))
            asked = x.Query(x.Query.OP_FILTER, asked, x.Query(x.Query.OP_VALUE_RANGE, _DAY, *days))
        if query.topic:
            asked = x.Query(x.Query.OP_FILTER, asked, x.Query(f"XT{query.topic}"))
        enquire = x.Enquire(self._base)
        enquire.set_query(asked)
        if query.newest:
            enquire.set_sort_by_value(_DAY, True)
        found = enquire.get_mset(0, limit, self._number)
        return Found(found.get_matches_estimated(), found)

    def ids(self, found: Found) -> list[str]:
        """From the stored articles."""
        from ..articles import load

        return [load(hit.document.get_data()).id for hit in found.hits]

    def close(self) -> None:
        """Closes the database."""
        self._base.close()
