"""A mild preference for newer articles, where it is requested: `Index.search(recency=True)`.

    score(d) = score by words (d) x (1 + NEWER 2^(-age(d) / HALF_LIFE))

age: days from publication to the day of asking, 0 for what is published later; an article without date gets no more.
So an article of today needs 1 / 1.3 of the words' score of a very old one to stand beside it.  That newer is likelier
to be wanted, and exponentially less so with age, is the prior of Li, Croft 2003, "Time-based language models"; a
factor keeps it mild whatever the scale of scores.  NEWER and HALF_LIFE are a choice, not fitted: no set at hand says
when its queries were asked.
"""

from datetime import date

import numpy as np

from ..arrays import Array

NEWER, HALF_LIFE = 0.3, 180.0  # share of the score, days


def factors(days: Array, asked: date) -> Array:
    """What scores are multiplied by.  days: of publication, proleptic Gregorian ordinals; 0 for none."""
    age = np.maximum(asked.toordinal() - days.astype(np.float32), 0)
    more: Array = 1 + np.float32(NEWER) * np.exp2(-age / np.float32(HALF_LIFE)) * (days > 0)
    return more.astype(np.float32)
