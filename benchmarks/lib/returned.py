"""What a search returns as a whole beside what it should: the truth by brute force, and how far an engine is from it.

Keywords are queries of one to three words, as written and without marks.  The truth is found in the articles' texts:
every one of pyvi's words of the query as written, its syllables side by side, marks as typed, any accents where none
were typed.  Queries whose words fewer than ENOUGH articles have are left out.

  precision, recall   of all that is returned, means over queries
  newest ten          share of right ones among the ten newest

vnsearch is asked as a user asks it; a peer for articles that have all words, since with any word it returns nearly
everything, and can leave out no word that few articles have.
"""

import re
import tempfile
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from statistics import fmean
from typing import NamedTuple

from unidecode import unidecode

from vnsearch import Article
from vnsearch.text.normalize import syllable_key
from vnsearch.text.words import segment

from .articles import load_all
from .asked import Query
from .engines import ENGINES, Cannot

ENOUGH = 10  # articles that have every word
MOST = 100_000
KEYWORDS = (
    "học sinh", "bảo hiểm xã hội", "thuế", "du lịch Quảng Ninh", "tai nạn lao động", "xử phạt vi phạm", "đường sắt",
    "dịch bệnh chăn nuôi", "bầu cử đại biểu Quốc hội", "lũ miền Trung", "phá rừng", "nước sạch", "khiếu nại tố cáo",
    "tinh giản biên chế", "đầu tư công", "kỷ luật cán bộ", "biển đảo", "y tế cơ sở", "thủy điện", "xuất khẩu thủy sản",
    "an toàn thực phẩm", "sáp nhập huyện", "tiền lương", "đất đai", "giá điện", "ma túy", "hộ nghèo", "Phạm Minh Chính",
    "Công an tỉnh Bình Định",
)  # fmt: skip


class Sought(NamedTuple):
    """A query as typed, and all articles that it should return."""

    text: str
    right: set[str]


def sought(articles: Iterable[Article]) -> Iterator[Sought]:
    """The keywords in both ways of typing that enough articles have."""
    texts = {a.id: [spaced(text) for text in (a.title, a.lead, a.body)] for a in articles}
    bare = {id: [unidecode(text) for text in own] for id, own in texts.items()}
    for keyword in KEYWORDS:
        words = [spaced(word.replace("_", " ")) for word in segment(keyword)]
        for text, wanted, among in ((keyword, words, texts), (unidecode(keyword), list(map(unidecode, words)), bare)):
            right = {id for id, own in among.items() if all(any(word in part for part in own) for word in wanted)}
            if len(right) >= ENOUGH:
                yield Sought(text, right)


def spaced(text: str) -> str:
    """Its syllables in one spelling, one blank round each."""
    syllables = re.findall(r"[^_\W]+", unicodedata.normalize("NFC", text))
    return f" {' '.join(map(syllable_key, syllables))} "


def f1(found: set[str], right: set[str] | frozenset[str]) -> float:
    """Of what was returned."""
    return 2 * len(found & right) / (len(found) + len(right))


def of_engine(name: str, articles: str) -> dict[str, float] | str:
    """The figures of an engine over a file of articles; what it cannot do, where it has no such search."""
    kept = list(load_all(articles))
    with tempfile.TemporaryDirectory() as folder:
        engine = ENGINES[name](Path(folder))
        engine.build(kept)
        engine = ENGINES[name](Path(folder))
        engine.open()
        rows: list[tuple[float, float, float]] = []
        try:
            for text, right in sought(kept):
                found = set(engine.ids(engine.search(Query(text, text, "all"), min(MOST, len(kept)))))
                newest = engine.ids(engine.search(Query(text, text, "all", newest=True)))
                hits = len(found & right)
                share = len(set(newest) & right) / max(len(newest), 1)
                rows.append((hits / max(len(found), 1), hits / len(right), share))
        except Cannot as e:
            return str(e)
        finally:
            engine.close()
    return {**_means(rows), "searches": len(rows)}


def _means(rows: Sequence[tuple[float, float, float]]) -> dict[str, float]:
    return dict(zip(("precision", "recall", "newest ten"), map(fmean, zip(*rows, strict=True)), strict=True))
