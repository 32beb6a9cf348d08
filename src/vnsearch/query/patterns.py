"""Words of which some letters are open: `ng?ĩ`, `*định`."""

import fnmatch
import re
from functools import lru_cache


@lru_cache(maxsize=100)
def compiled(pattern: str) -> re.Pattern[str]:
    """What a word has to be: "?" is one letter, "*" any number of them, also none.  Linear in the word's length.

    >>> [word for word in ("nghĩ", "ngĩ", "ngoĩ") if compiled("ng?ĩ").fullmatch(word)]
    ['nghĩ', 'ngoĩ']
    """
    return re.compile(fnmatch.translate(pattern))
