"""The main text of a page: where it stands, and its lines in order, without what is the site's.

A heading, a paragraph, an item of a list, a caption, a row of a table of data are a line each; a table that only lays
out the page is read cell by cell.
"""

import re
from bisect import bisect_left
from functools import cache
from importlib.resources import files
from itertools import accumulate, islice
from typing import Any

from .containers import Container, containers
from .lines import HEADINGS, INLINE, lines_of
from .markup import HIDDEN, Elements, text_of

_NEVER = frozenset("nav aside footer form button dialog audio video".split())  # below the container of the text
_UNSEEN = re.compile(r"display\s?:\s?none|visibility\s?:\s?hidden", re.IGNORECASE)
_PROSE = 40  # characters from which on a line counts as prose
_MOST = 0.4  # of the text: what holds more is never dropped for its name


class Sizes:
    """How many characters each element holds, and how many of these in links, by position in the page."""

    def __init__(self, page: Elements) -> None:
        number = len(page.all)
        self.text, self.links = [0] * number, [0] * number
        position, parents = page.position, [-1] * number
        for at, element in enumerate(page.all):
            above = element.getparent()
            parents[at] = parent = position[above] if above is not None and above in position else -1
            if element.tag not in HIDDEN and element.text:
                self.text[at] += len(element.text.strip())
            if parent >= 0 and element.tail:
                self.text[parent] += len(element.tail.strip())
        self.ends = list(range(1, number + 1))  # the position after the last element below each
        for at in range(number - 1, 0, -1):
            if parents[at] >= 0:
                self.ends[parents[at]] = max(self.ends[parents[at]], self.ends[at])
            if page.all[at].tag == "a" and page.all[at].get("href"):
                self.links[at] = self.text[at]
            if parents[at] >= 0 and page.all[at].tag not in HIDDEN:
                self.text[parents[at]] += self.text[at]
                self.links[parents[at]] += self.links[at]
        self.parents = parents

    def prose(self, at: int) -> int:
        """Characters outside links."""
        return self.text[at] - self.links[at]

    def density(self, at: int) -> float:
        """The share of characters in links."""
        return self.links[at] / self.text[at] if self.text[at] else 0.0


# -- Where? ------------------------------------------------------------------------------------------


def find_body(page: Elements, sizes: Sizes, host: str) -> tuple[list[Any], Container | None]:
    """The element that holds the main text, or several brothers of one class, and the known container they are."""
    known = containers()
    of_host = [c for c in known if c.is_of(host)]
    for group in (of_host, [c for c in known if not c.hosts or not of_host]):
        found = [(element, c) for c in group for element in _largest(page, sizes, c.body)]
        if found:
            most = max(sizes.prose(page.position[e]) for e, _ in found)
            near = [(e, c) for e, c in found if sizes.prose(page.position[e]) >= 0.7 * most]
            best, known_as = min(near, key=lambda pair: _least(sizes, page.position[pair[0]]))
            return _with_brothers(page, sizes, best), known_as
    densest = _densest(page, sizes)
    return ([] if densest is None else [densest]), None


def _least(sizes: Sizes, at: int) -> tuple[int, int]:
    """Order among elements that hold about the same prose: fewest links, then smallest."""
    return sizes.links[at], sizes.text[at]


def _with_brothers(page: Elements, sizes: Sizes, element: Any) -> list[Any]:
    """An element and those beside it that hold more of the same text: of its class, with prose and hardly a link."""
    names, above = set((element.get("class") or "").split()), element.getparent()
    if not names or above is None:
        return [element]
    brothers = [e for e in above.iterchildren(element.tag) if names <= set((e.get("class") or "").split())]
    at = {e: page.position[e] for e in brothers}
    return [e for e in brothers if e is element or sizes.prose(at[e]) >= _PROSE and sizes.density(at[e]) < 0.2]


def _largest(page: Elements, sizes: Sizes, selector: str) -> list[Any]:
    """The first alternative of a selector that holds prose, and not much less than another does; [] where none does.

    Of several elements of an alternative, the one with most prose, the first of about equal ones.
    """
    best: list[int] = []
    least = max(1, min(_PROSE, sizes.prose(0) // 3))
    for way in selector.split(","):
        found = sorted({page.position[e] for e in page.select(way)})
        most = max(map(sizes.prose, found), default=0)
        best += [at for at in found if sizes.prose(at) >= 0.8 * most][:1] if most >= least else []
    most = max(map(sizes.prose, best), default=0)
    return [page.all[at] for at in best if sizes.prose(at) >= 0.5 * most][:1]


def _densest(page: Elements, sizes: Sizes) -> Any:
    """The element whose own paragraphs hold most prose, after Readability: each counts for what it stands in."""
    bodies = page.tags("body") or [page.tree]
    unwanted = {e for e in unwanted_in(page, sizes, bodies[0]) if e.tag != "form"}
    scores: dict[int, float] = {}
    prose: list[tuple[int, float]] = []
    lines = [(line, len(line.text) * (1 - line.linked)) for line in lines_of(page, bodies[0], unwanted)]
    least = _PROSE if any(worth >= _PROSE for _, worth in lines) else 1
    for line, worth in lines:
        if worth < least or line.kind == "caption":
            continue
        holder = sizes.parents[line.at] if page.all[line.at].tag in ("p", "li", *HEADINGS) else line.at
        scores[holder] = scores.get(holder, 0) + worth
        prose.append((line.at, worth))
    if not scores:
        return None
    prose.sort()
    places = [at for at, _ in prose]
    sums = [0.0, *accumulate(worth for _, worth in prose)]

    def below(at: int) -> float:
        return sums[bisect_left(places, sizes.ends[at])] - sums[bisect_left(places, at)]

    best = max(scores, key=lambda at: scores[at] * (1 - sizes.density(at)))
    while (above := sizes.parents[best]) > 0 and page.all[above].tag not in ("body", "html"):
        if below(above) < 1.25 * below(best) or sizes.density(above) > 0.35:
            break
        best = above
    return page.all[best]


# -- What is not the article's? ------------------------------------------------------------------------


def unwanted_in(page: Elements, sizes: Sizes, body: Any, drop: str = "") -> set[Any]:
    """Elements below the body that are the site's: menus, related articles, shares, comments, what is not shown."""
    first = page.position[body]
    whole = sizes.text[first] or 1
    named = page.select(drop) if drop else ()
    unwanted = {e for e in named if e.tag not in INLINE} - {body, *body.iterancestors()}
    for element in body.iter("*"):
        at = page.position.get(element, -1)
        share = sizes.text[at] / whole
        if at > first and (share <= _MOST and _is_unwanted(element) or share <= 2 * _MOST and is_hidden(element)):
            unwanted.add(element)
    return unwanted | teasers_in(page, sizes, body)


def _is_unwanted(element: Any) -> bool:
    if element.tag in _NEVER or is_hidden(element):
        return True
    names = f"{element.get('class') or ''} {element.get('id') or ''}"
    return names != " " and element.tag not in INLINE and _is_site_name(names)


def is_hidden(element: Any) -> bool:
    """Whether an element is not shown."""
    style = element.get("style")
    return bool(style and _UNSEEN.search(style)) or element.get("hidden") is not None


def teasers_in(page: Elements, sizes: Sizes, body: Any) -> set[Any]:
    """Elements below the body that only lead to other articles: brothers with a headline each, lists of links."""
    first = page.position[body]
    whole = sizes.text[first] or 1
    groups: dict[tuple[int, str, str], list[int]] = {}
    for element in body.iter("div", "li", "article", "section", "ul", "tr", "td"):
        at = page.position[element]
        if at > first and sizes.links[at] and sizes.text[at] <= _MOST * whole:
            groups.setdefault((sizes.parents[at], element.tag, (element.get("class") or "")[:60]), []).append(at)
    found: set[Any] = set()
    for (_, tag, _), members in groups.items():
        if _are_teasers(page, sizes, tag, members):
            found.update(page.all[at] for at in members)
    return found


def _are_teasers(page: Elements, sizes: Sizes, tag: str, members: list[int]) -> bool:
    """Whether siblings are lists of headlines: each leads elsewhere, with little text of its own."""
    if tag in ("ul", "tr", "td"):  # by themselves, and nearly nothing but links
        return all(sizes.density(at) > 0.85 for at in members) and sum(sizes.text[at] for at in members) > 60
    if len(members) < 2:
        return False
    teasers = sum(1 for at in members if sizes.density(at) > 0.2 and sizes.text[at] < 900 and _has_headline(page, at))
    return teasers >= 0.7 * len(members)


def _has_headline(page: Elements, at: int) -> bool:
    """A link that is a headline: 20 characters or more, and no word within a sentence."""
    for link in islice(page.all[at].iter("a"), 20):
        if link.get("href") and link.getparent().tag not in ("p", "i", "em") and len(text_of(link)) >= 20:
            return True
    return False


@cache
def _is_site_name(names: str) -> bool:
    return len(names) < 500 and bool(_site_names().search(names.lower().replace("_", "-")))


@cache
def _site_names() -> re.Pattern[str]:
    lines = (files(__package__) / "data" / "furniture_classes.txt").read_text("utf-8").splitlines()
    words = "|".join(re.escape(line.strip()) for line in lines if line.strip() and not line.startswith("#"))
    return re.compile(rf"(?:^|[\s-])(?:{words})(?:[\s-]|\d|$)")
