"""The one place through which text from data passes on its way to a terminal, a log or a page.

An article, a file's name or a query may hold what steers a terminal (escape sequences), turns the order of letters
round (bidirectional overrides), or begins a line that looks like another one's.

>>> printable("tin\\x1b]52;c;ZXZpbA==\\x07 nóng\\n")
'tin ]52;c;ZXZpbA==  nóng '
"""

import json
import re
from typing import Any

from .limits import MESSAGE_CHARS

_C0 = r"\x00-\x08\x0b-\x1f"  # with carriage return, without tab and line feed
_REST = (
    r"\x7f-\x9f"  # DEL and C1: escape sequences of one character
    r"\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # the order of letters
    r"\u2028\u2029"  # ends of lines and paragraphs
    r"\ufff9-\ufffb\U000e0000-\U000e007f"  # annotations and tags, which nobody sees
    r"\ud800-\udfff"  # halves of pairs, which cannot be written
)
_UNSAFE = re.compile(f"[{_C0}\\t\\n{_REST}]")
_UNSAFE_IN_LINES = re.compile(f"[{_C0}{_REST}]")
_UNSAFE_IN_JSON = re.compile(f"[{_REST}]")


def printable(text: str, *, lines: bool = False) -> str:
    """The text, as long, with a blank for each such character; with `lines`, tabs and line ends stay."""
    return text if text.isprintable() else (_UNSAFE_IN_LINES if lines else _UNSAFE).sub(" ", text)


def shortened(text: str, most: int = MESSAGE_CHARS) -> str:
    """At most about so many characters: the beginning and the end."""
    if len(text) <= most:
        return text
    half = most // 2
    return f"{text[:half]} [... {len(text) - 2 * half:,} characters ...] {text[-half:]}"


def shown(value: object, most: int = 60) -> str:
    """The beginning of a value, for a message that says what came."""
    try:
        return f"{value!r:.{most}}"
    except Exception:  # nested too deep, or a stranger's type that cannot be asked
        return f"of {type(value).__name__}"


def json_text(value: Any, *, indent: int | None = None) -> str:
    """JSON on one line, or indented: letters as they are, such characters escaped, so that nothing is lost."""
    return _UNSAFE_IN_JSON.sub(_escaped, json.dumps(value, ensure_ascii=False, indent=indent))


def _escaped(found: "re.Match[str]") -> str:
    return json.dumps(found[0])[1:-1]
