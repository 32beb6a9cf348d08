"""What the arrays of a segment mean; shared by those who write them and those who read them.

Documents are numbered from 0.  A document's stream of positions is its title, a gap of one position,
its lead, a gap, its body; so a phrase never crosses fields, and a posting's positions tell its fields.

    title_width lead_width   positions of the field, u32 a document
    width                    positions of all three fields without gaps: the length that BM25 sees
    day                      proleptic ordinal, 0 for none, i4 a document
    minute                   of the day in Viet Nam, 0 where only the day is known, u2 a document
    sentences, sentences_first   CSR: one position after the last of each sentence of a document, u2 (u4 where a
                             document is longer); each field ends one, its gap among it
    story                    fingerprint of lead and body, u8 a document; 0 for none
    ids, id_order            the documents' ids; their numbers in order of id
    tags_<column>            a value of a filter column each; <column>_first, <column>_tags: CSR of numbers
    stored, stored_ends      zstd blocks of about BLOCK articles' JSON; where each block ends
    stored_first             the first document of each block (and the end)
    stored_sizes             bytes of each article's JSON

    folded, folded_first     terms without diacritics in order; the first exact term of each (and the end)
    terms                    exact terms, in order of (folded, exact): one accented posting list each,
                             and the view without diacritics is a range of them
    df, cf                   documents and positions of each exact term
    first                    where a term's sparse postings begin in docs and codes (u4 or u8, and the end)
    docs, codes              sparse postings: document, code
    row                      number of a dense term's row, or NO_ROW
    rows                     one code a document, zeros to a multiple of 8
    positions                u2 (u4 where a document is longer) of all postings, by term, document, position
    first_position           where a term's positions begin (u4 or u8, and the end)
    long_terms, long_docs, long_counts   the postings whose count does not fit in their code
    words, word_df           pyvi's words with blanks, in order of (folded, word): how many documents have it

A *code* is one byte a posting: how often the term occurs (31: see long_counts), how often of that in
the title (at most 3), whether in the lead.  It holds no statistics of the collection, so a merge copies
it; what BM25F makes of it is worked out when it is read.
"""

import numpy as np

from ..arrays import Array

TITLE, LEAD, BODY = 0, 1, 2
COLUMNS = ("provinces", "topics", "source")
BLOCK = 16  # articles compressed together
NO_ROW = 0xFFFFFFFF
DENSE = 16  # a term in more than 1/DENSE of the documents is a row of one byte a document

COUNT_MASK, COUNT_LONG = 0x1F, 31
TITLE_SHIFT, TITLE_MOST = 5, 3
LEAD_BIT = 0x80


def encode(counts: Array, in_title: Array, in_lead: Array) -> Array:
    """Codes of postings from their counts in all fields, in the title and in the lead."""
    code: Array = np.minimum(counts, COUNT_LONG) | (np.minimum(in_title, TITLE_MOST).astype(np.int64) << TITLE_SHIFT)
    code |= np.where(in_lead > 0, LEAD_BIT, 0)
    return code.astype(np.uint8)


def is_dense(df: Array, documents: int) -> Array:
    """Which terms are kept as rows."""
    return df * DENSE > documents


def row_width(documents: int) -> int:
    """Bytes of a row: eight documents at a time can be read as one number."""
    return -(-documents // 8) * 8
