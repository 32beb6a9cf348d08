"""What is shown of a text: a record of the text and of what matched in it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from html import escape

from ..printable import printable

SNIPPET_CHARS = 240


@dataclass(frozen=True, slots=True)
class Snippet:
    """A piece of an article; highlights are (start, end) character offsets into `text`, in order."""

    text: str
    highlights: tuple[tuple[int, int], ...]

    def __str__(self) -> str:
        """The text alone."""
        return self.text

    def __html__(self) -> str:
        """What Jinja, Django and others put into a page."""
        return self.html()

    def html(self, before: str = "<mark>", after: str = "</mark>") -> str:
        """The snippet as HTML: everything but the marks is escaped."""
        return self._dressed(before, after, html_of_page)

    def ansi(self) -> str:
        """The snippet for a terminal, matches bold and yellow."""
        return self._dressed("\x1b[1;33m", "\x1b[0m", partial(printable, lines=True))

    def _dressed(self, before: str, after: str, escape: Callable[[str], str]) -> str:
        pieces, done = [], 0
        for start, end in self.highlights:
            pieces += [escape(self.text[done:start]), before, escape(self.text[start:end]), after]
            done = end
        return "".join([*pieces, escape(self.text[done:])])


def html_of_page(text: str) -> str:
    return escape(printable(text, lines=True))
