"""Where the words of a query stand in some documents, as both engines give them to `proximity`."""

from typing import NamedTuple

import numpy as np

from ..arrays import Array

# document: which of the documents, from 0; position: in it; word: of the query; code: of its spelling (see `spellings`)
OCCURRENCE = np.dtype([("document", "<i4"), ("position", "<i4"), ("word", "<i4"), ("code", "<i4")])


class Occurrences(NamedTuple):
    """The words of a query in some documents."""

    found: bytes  # items of OCCURRENCE, ordered by document, position and word
    title_width: Array  # uint32: for each document the positions of its title
    sentences_first: Array  # int64: where each document's begin in the next, and the end; all 0 but of a question
    sentences: Array  # uint32: one position after the last of each sentence
    norm: Array  # float32: for each document what BM25 divides by: see `bm25f`
