"""The weight of a word in an article: BM25F, rounded up to a byte.

(Robertson, Zaragoza 2004, "Simple BM25 extension to multiple weighted fields".)

    tf(d)     = n(d) + (W_TITLE - 1) min(n_title(d), 3) + (W_LEAD - 1) [n_lead(d) > 0]
    impact(d) = ceil(255 tf(d) / (tf(d) + K1 (1 - B + B width(d) / mean width)))
    score(d)  = idf (K1 + 1) impact(d) / 255
    idf       = ln(1 + (N - df + .5) / (df + .5))     N, df over all segments, deleted documents included
"""

from math import log

import numpy as np

from ..arrays import Array
from ..index import layout

K1, B = 0.9, 0.75
W_TITLE, W_LEAD = 2.0, 1.3
_CODES = np.arange(256)
TENTHS = (
    10 * (_CODES & layout.COUNT_MASK)
    + round(10 * (W_TITLE - 1)) * (_CODES >> layout.TITLE_SHIFT & layout.TITLE_MOST)
    + round(10 * (W_LEAD - 1)) * ((_CODES & layout.LEAD_BIT) > 0)
).astype(np.uint32)  # ten times the tf of a code, but for counts that do not fit in it


def idf(documents: int, df: float) -> float:
    """How much a word says that `df` of so many documents have."""
    return log(1 + (documents - df + 0.5) / (df + 0.5))


def impacts_of(tenths: Array, norm: Array) -> Array:
    """The impacts of ten times the tf."""
    share = tenths.astype(np.float32)
    share /= np.float32(10)
    share /= share + norm
    share *= np.float32(255)
    impacts: Array = np.ceil(share, out=share).astype(np.uint8)
    return impacts
