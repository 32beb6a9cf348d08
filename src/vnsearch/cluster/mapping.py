"""What the cluster is given of an article: our tokens, not its text.  The mapping has a version.

A field's tokens come as a text of words parted by blanks, one word a position; forms that stand at one position
are joined by "|", a form without diacritics begins with "~":

    Nghị quyết 25-NQ/TW  ->  nghị|~nghi quyết|~quyet 25-nq/tw|~25-nq/tw|25|~25 nq|~nq tw|~tw

On the cluster the `whitespace` tokenizer and one `pattern_capture` filter make of it what an index in a folder has,
position for position: both views of a token in one field, so that a phrase may mix them.  Forms at a position that
is taken do not count in a field's length, but do in the mean length; K1 and B make up for that.

Only the article itself is stored, as the JSON that it is; what is made of it is indexed, and made again when the
mapping has another version.
"""

from array import array
from collections.abc import Sequence
from datetime import date
from hashlib import sha256
from itertools import groupby
from operator import itemgetter
from typing import Any

import msgspec
import numpy as np

from ..arrays import Array, rows
from ..article import DAY, Article
from ..errors import ArticleError
from ..index.article_json import dump
from ..index.chunk_table import current_chunks
from ..index.inverter import province_slugs
from ..index.word_counts import words_in
from ..ranking.bm25f import K1, B
from ..text import fingerprint
from ..text.memo import Memo
from ..text.normalize import cleaned
from ..text.tokenize import chunk_terms, chunks, folded_term
from ..vietnam.provinces import provinces_today

VERSION = 2
FIELDS = ("title", "lead", "body")
FOLDED, OTHER_FORM, WORD_END = "~", "|", "|"
_LONGEST_TERM = 1_000  # characters; Lucene takes 32,766 bytes
_LONGEST_ID = 512  # bytes of an `_id`
_LONGEST_TAG = 8_000  # characters of a value that is filtered by, or of an id
_FORMS = 2.05  # a position's forms, on average: what OpenSearch's mean length is too long by

# k1 (1 - b + b length / mean) with the true mean, written with one that is _FORMS times too long
_K1 = K1 * (1 - B) + K1 * B * _FORMS
_B = K1 * B * _FORMS / _K1

_STREAM = {"type": "text", "analyzer": "stream", "search_analyzer": "keys"}
_TAG = {"type": "keyword"}
MAPPING: dict[str, Any] = {
    "dynamic": "strict",
    "_meta": {"vnsearch": VERSION},
    "_source": {"includes": ["article"]},
    "properties": {
        **dict.fromkeys(FIELDS, _STREAM),
        "id": _TAG,
        "published": {"type": "date", "format": "strict_date||strict_date_hour_minute"},  # as a clock in Viet Nam shows
        "provinces": _TAG,  # slugs
        "provinces34": _TAG,  # names of today's
        "topics": _TAG,
        "source": _TAG,
        "words": _TAG,  # pyvi's: without diacritics, WORD_END, as it is spelled
        "width": {"type": "integer", "index": False},  # positions of all fields
        "story": {"type": "keyword", "index": False},  # fingerprint; hexadecimal
        "article": {"type": "keyword", "index": False, "doc_values": False},  # its JSON
    },
}


def settings(shards: int, replicas: int) -> dict[str, Any]:
    """Settings of a new index."""
    return {
        "number_of_shards": shards,
        "number_of_replicas": replicas,
        "refresh_interval": "-1",  # a commit refreshes: nothing is seen before
        "similarity": {"default": {"type": "BM25", "k1": round(_K1, 4), "b": round(_B, 4)}},
        "analysis": {
            "tokenizer": {"blanks": {"type": "whitespace", "max_token_length": 1 << 20}},
            "filter": {"forms": {"type": "pattern_capture", "preserve_original": False, "patterns": ["([^|]+)"]}},
            "analyzer": {
                "stream": {"type": "custom", "tokenizer": "blanks", "filter": ["forms"]},
                "keys": {"type": "custom", "tokenizer": "blanks"},
            },
        },
    }


# -- tokens --------------------------------------------------------------------------------------------


def key(term: str) -> str:
    """A term as the cluster has it: no "|", and cut where it is too long for Lucene."""
    if OTHER_FORM in term:
        term = term.replace(OTHER_FORM, "¦")
    return term if len(term) <= _LONGEST_TERM else term[:_LONGEST_TERM] + sha256(term.encode()).hexdigest()


def folded_key(term: str) -> str:
    """The key of a term in the view without diacritics."""
    return FOLDED + key(folded_term(term))


def stream(text: str) -> list[str]:
    """A field's words, one a position."""
    words: list[str] = []
    for chunk in chunks(cleaned(text)) if text else ():
        words += chunk_words[chunk]
    return words


def _words_of_chunk(chunk: str) -> tuple[str, ...]:
    return tuple(
        OTHER_FORM.join(dict.fromkeys(form for term, _ in same for form in (key(term), folded_key(term))))
        for _, same in groupby(chunk_terms(chunk), itemgetter(1))
    )


chunk_words: Memo[tuple[str, ...]] = Memo(_words_of_chunk)


def clock(moment: int) -> str:
    """A minute, as `Article.moment` has it, as the cluster has it: what a clock in Viet Nam shows."""
    days, minutes = divmod(moment, DAY)
    return f"{date.fromordinal(days)}T{minutes // 60:02}:{minutes % 60:02}"


# -- articles ------------------------------------------------------------------------------------------


def document_id(id: str) -> str:
    """The `_id` of an article: its id, or a hash of one that is too long."""
    data = id.encode()
    return id if len(data) <= _LONGEST_ID else "sha256:" + sha256(data).hexdigest()


def documents(articles: Sequence[Article]) -> list[bytes]:
    """The JSON of each article's document.  Raises ArticleError for what a cluster cannot take."""
    words, prints = _words_and_stories(articles)
    return [
        msgspec.json.encode(_document(article, own, int(print_)))
        for article, own, print_ in zip(articles, words, prints, strict=True)
    ]


def _document(article: Article, words: list[str], print_: int) -> dict[str, Any]:
    slugs = list(dict.fromkeys(province_slugs(article.provinces)))
    today = provinces_today()
    document: dict[str, Any] = {
        "id": article.id,
        "published": clock(article.moment) if article.moment else None,
        "provinces": slugs,
        "provinces34": sorted({today.get(slug, slug) for slug in slugs}),
        "topics": list(dict.fromkeys(article.topics)),
        "source": article.source or None,
    }
    for name, value in document.items():
        for text in value if isinstance(value, list) else (value,):
            if text and len(text) > _LONGEST_TAG:
                raise ArticleError(name, f"{len(text)} characters; a cluster takes {_LONGEST_TAG}")
    streams = {name: stream(getattr(article, name)) for name in FIELDS}
    document |= {name: " ".join(words_) for name, words_ in streams.items()}
    document |= {"words": words, "width": sum(map(len, streams.values())), "article": dump(article).decode()}
    return document | ({"story": f"{print_:016x}"} if print_ else {})


def _words_and_stories(articles: Sequence[Article]) -> tuple[list[list[str]], Array]:
    """(pyvi's words of each article, as the field `words` has them; the fingerprint of its lead and body)."""
    table, numbers, ends, titles = current_chunks(), array("i"), [], []
    for article in articles:
        for name, end in zip(FIELDS, (table.GAP, table.GAP, table.TEXT_END), strict=True):
            if text := getattr(article, name):
                numbers.frombytes(table.read(cleaned(text)))
            numbers.append(end)
            if name == "title":
                titles.append(len(numbers))
        ends.append(len(numbers))
    every = np.array(numbers, np.int32)
    prints = fingerprint.fingerprints(every, np.array(titles), np.array(ends), *table.hashes())
    first, syllables = table.syllables()
    inside, count = rows(first, every)
    lengths = np.diff([0, *ends])
    number_of_document = np.repeat(np.repeat(np.arange(len(articles)), lengths), count)
    found: list[list[str]] = [[] for _ in articles]
    for names, words, places in words_in(table.forms, syllables[inside], number_of_document):
        keys = [word_key(name) for name in names]
        for word, place in zip(words.tolist(), places.tolist(), strict=True):
            found[place].append(keys[word])
    return found, prints


def word_key(word: str) -> str:
    """pyvi's words are of letters, so WORD_END is in none; what is too long to be one is cut, and found by nobody."""
    return f"{' '.join(map(folded_term, word.split(' ')))}{WORD_END}{word}"[:_LONGEST_TERM]
