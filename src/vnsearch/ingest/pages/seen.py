"""What was seen of a page, for those who look for its parts."""

from typing import Any, NamedTuple

from ...errors import ArticleError
from .body import Sizes
from .containers import Container
from .lines import Line, lines_of
from .markup import Elements
from .witnesses import Declared


class NotAnArticle(ArticleError):
    """The page is a section front, a home page, a stub or navigation."""


class Seen(NamedTuple):
    """A page, read so far."""

    page: Elements
    sizes: Sizes
    head: Declared
    body: Any
    bodies: list[Any]  # that and its brothers, where the text is in several
    container: Container | None
    teasers: set[Any]

    @property
    def first(self) -> int:
        return self.page.position[self.body]

    @property
    def last(self) -> int:
        return self.sizes.ends[self.page.position[self.bodies[-1]]]


# -- when ------------------------------------------------------------------------------------------------


def text_around(seen: Seen, root: Any, written: list[Line]) -> list[Line]:
    """The lines of the whole page but for teasers, scripts and what is always the site's; `written`: the body's."""
    unwanted = {*seen.teasers, *root.iter("nav", "footer", "aside")} - set(seen.body.iterancestors())
    outside = lines_of(seen.page, root, unwanted | set(seen.bodies)) if root not in seen.bodies else []
    return (
        [line for line in outside if line.at < seen.first]
        + written
        + [line for line in outside if line.at >= seen.first]
    )
