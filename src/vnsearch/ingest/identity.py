"""Articles of one run that share an id: newer versions of one article, or others that must not replace it.

>>> known = Identities()
>>> front = Article(id="https://a.vn/x", url="https://a.vn/x", title="Họp báo", body="Sáng nay, tỉnh họp báo về lũ.")
>>> other = Article(id="https://a.vn/x", url="https://a.vn/x", title="Giá vàng", body="Chiều qua giá vàng tăng mạnh.")
>>> known.told_apart(front)[1], known.told_apart(other)[0].id
('', 'https://a.vn/x#08e476a5ad63ad82')
"""

from array import array
from hashlib import blake2b
from zlib import crc32

import msgspec

from ..article import Article

_WORDS_OF = 400  # characters of a text
_KEPT, _SHARED = 32, 26  # smallest hashes of its words that are kept; of these two versions share so many at least


class Identities:
    """What the ids of a run stood for when they came first, some 400 bytes each."""

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
        if is_address and not _is_version(before, own):
            new, other = f"{article.url}#{content_hash(article.title, article.lead, article.body)}", "text"
        elif not is_address and before and own and before != own:
            new, other = article.url, "address"
        else:
            return article, f'id "{article.id}" came before in this input; this article replaces that one'
        self._known.setdefault(hash(new), own)
        why = f'{"address" if is_address else "id"} "{article.id}" came before with another {other}; kept as "{new}"'
        return msgspec.structs.replace(article, id=new), why


def _sketch(article: Article) -> bytes:
    """An article's title as a hash, its length, and the smallest hashes of its first words: of two sets of words these
    agree as much as the sets do.  Words have the same hashes in every process, so the same files give the same ids.
    """
    words = f"{article.lead} {article.body[:_WORDS_OF]}"[:_WORDS_OF].split()
    length = len(article.lead) + len(article.body)
    hashes = sorted({crc32(word.encode("utf-8", "replace")) for word in words})
    return array("q", [hash(article.title), length, *hashes[:_KEPT]]).tobytes()


def _is_version(old: bytes, new: bytes) -> bool:
    """Whether one is the other anew; what has lost most of its text (a feed's abstract) is not."""
    (title, length, *words), (new_title, new_length, *new_words) = array("q", old), array("q", new)
    shared = len({*words} & {*new_words})
    return title == new_title and 2 * new_length >= length and shared >= min(_SHARED, len(words), len(new_words))


def content_hash(*parts: str) -> str:
    """An id for an article that has no other."""
    return blake2b("\0".join(parts).encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
