"""Articles of one run that share an id: newer versions of one article, or others that must not replace it.

>>> known = Identities()
>>> front = Article(id="https://a.vn/x", url="https://a.vn/x", title="Họp báo", body="Sáng nay, tỉnh họp báo về lũ.")
>>> other = Article(id="https://a.vn/x", url="https://a.vn/x", title="Giá vàng", body="Chiều qua giá vàng tăng mạnh.")
>>> known.told_apart(front)[1], known.told_apart(other)[0].id
('', 'https://a.vn/x#08e476a5ad63ad82')
"""

from array import array
from hashlib import blake2b

import msgspec

from ..article import Article

_WORDS_OF = 400  # characters of a text
_KEPT, _SHARED = 8, 4  # smallest hashes of its words that are kept, and that two versions of one article share at least


class Identities:
    """What the ids of a run stood for when they came first, some hundred bytes each."""

    def __init__(self) -> None:
        self._known: dict[int, bytes] = {}

    def told_apart(self, article: Article) -> tuple[Article, str]:
        """The article, under an id of its own where its id came before and stood for another; and what was done, if so.

        An address that articles of other texts share is not theirs (a template's canonical), nor is a number that comes
        again with another address (a row's number): so none replaces another.  What comes again with the same title and
        much the same words, or without an address, is a newer version.
        """
        is_address = article.id == article.url
        own = _sketch(article) if is_address else article.url.encode("utf-8", "replace")
        before = self._known.get(hash(article.id))
        if before is None:
            self._known[hash(article.id)] = own
            return article, ""
        if is_address and not _alike(before, own):
            new, other = f"{article.url}#{content_hash(article.title, article.lead, article.body)}", "text"
        elif not is_address and before and own and before != own:
            new, other = article.url, "address"
        else:
            return article, f'id "{article.id}" came before in this input; this article replaces that one'
        self._known.setdefault(hash(new), own)
        why = f'{"address" if is_address else "id"} "{article.id}" came before with another {other}; kept as "{new}"'
        return msgspec.structs.replace(article, id=new), why


def _sketch(article: Article) -> bytes:
    """The hash of an article's title, and the smallest of its words: of two sets these agree as much as the sets do."""
    words = f"{article.lead} {article.body[:_WORDS_OF]}"[:_WORDS_OF].split()
    return array("q", [hash(article.title), *sorted(set(map(hash, words)))[:_KEPT]]).tobytes()


def _alike(one: bytes, other: bytes) -> bool:
    (title, *first), (other_title, *second) = array("q", one), array("q", other)
    return title == other_title and len({*first} & {*second}) >= min(_SHARED, len(first), len(second))


def content_hash(*parts: str) -> str:
    """An id for an article that has no other."""
    return blake2b("\0".join(parts).encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
