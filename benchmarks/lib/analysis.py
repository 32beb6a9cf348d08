"""What a careful user does to a text before another engine gets it: one Unicode form, and a copy without marks.

Made here from Unicode and Unidecode alone, so that no peer is helped or hindered by vnsearch's own idea of a token.
"""

import re
import unicodedata

from unidecode import unidecode

from vnsearch import Article

_WORD = re.compile(r"\w+")


def clean(text: str) -> str:
    """NFC: 5 % of some corpora are not."""
    return unicodedata.normalize("NFC", text)


def folded(text: str) -> str:
    """Without marks; đ is d."""
    return unidecode(clean(text))


def words(text: str) -> list[str]:
    """Lower-cased runs of letters and digits."""
    return _WORD.findall(clean(text).lower())


def is_unmarked(text: str) -> bool:
    """Whether nobody typed a mark, so that the copy without marks is what to search."""
    return folded(text) == clean(text)


def text_of(article: Article) -> str:
    """All that is searched of an article."""
    return "\n".join(filter(None, (article.title, article.lead, article.body)))
