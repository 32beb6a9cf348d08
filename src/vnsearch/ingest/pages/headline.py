"""The title of a page, and its lead."""

import re
from itertools import islice
from typing import Any

from ...text.fold import fold
from ...vietnam.dates import is_date_line
from .body import is_hidden
from .byline import author_beside_date
from .containers import containers
from .lines import Line, lines_of, without_teasers
from .markup import plain, text_of
from .seen import Seen
from .witnesses import Said, is_same, is_site_title, without_site

LEAD = 1200  # characters at most
ABSTRACT = re.compile(r"^(?:trích yếu(?: nội dung)?|về việc)\s?[:|][\s:|]{0,3}([^|]{10,500})", re.IGNORECASE)
_TITLE = re.compile(r"title|tieu-?de|headline")
_SAPO = re.compile(r"(?:sapo|chapeau|chappeau|trich-?dan)(?!.*(?:thumb|list|other|relate|box))")


# -- the headline --------------------------------------------------------------------------------------


def find_title(seen: Seen, warnings: list[str]) -> tuple[Said, Any]:
    """The headline that a reader sees, and its element; what the head declares where none is to be seen."""
    page = seen.page
    visible = _headlines(seen)
    texts = [said.value for _, said in visible]
    stated = declared_titles(seen, texts)

    def worth(pair: tuple[Any, Said]) -> float:
        is_sound = "\ufffd" not in pair[1].value  # a stray byte
        return pair[1].weight + 3 * any(is_same(pair[1].value, said.value) for said in stated) * is_sound

    best = max(visible, key=worth, default=None)
    if best is not None:
        element, said = best
        is_headline = said.weight >= 1.5 and (stated and stated[0].weight < 1 or not _is_section(seen, said.value))
        if worth(best) >= 3 or not stated or said.weight >= 2 or is_headline:
            other = next(
                (each for each in stated if each.weight >= 1), None
            )  # a title element alone is often the site's
            if other and worth(best) < 3:
                warnings.append(f'title: {said.by} says "{said.value[:80]}", {other.by} "{other.value[:80]}"')
            return said, element
    if stated:
        return stated[0], _element_of(seen, stated[0].value)
    title = next(iter(page.tags("title")), None)
    return Said(text_of(title) if title is not None else "", "title element", 0.5), None


def _headlines(seen: Seen) -> list[tuple[Any, Said]]:
    """Elements that may be the headline, the most plausible first."""
    page, found = seen.page, list[tuple[Any, Said]]()
    sources = [(seen.container.title, 2.0, seen.container.name)] if seen.container else []
    sources += [("h1", 1.5, "h1"), ("[itemprop=headline]", 1.5, "itemprop headline")]
    sources += [(c.title, 1.2, f"{c.name}'s headline") for c in containers() if not c.hosts]
    sources += [("h2", 0.4, "h2"), ("h3", 0.2, "h3")]
    taken: set[Any] = set()
    places = [(list(page.select(selector)), weight, by) for selector, weight, by in sources]
    for elements, weight, by in [*places, (page.of_class(_TITLE), 0.3, "a class that is called title")]:
        for element in elements:
            at = page.position[element]
            if element in taken or at > seen.last or seen.sizes.text[at] > 500 or is_aside(seen, element):
                continue
            taken.add(element)
            text = plain(element.get("content")) if element.tag == "meta" else text_of(element)
            names = f"{element.get('class') or ''} {element.get('id') or ''}".lower()
            if (
                (1 if element.tag == "h1" else 5) <= len(text) <= 400
                and "logo" not in names
                and not is_site_title(text, seen.head.names)
            ):
                is_of_text = at > seen.first and element.tag in ("h2", "h3")
                found.append((element, Said(text, by, min(weight, 0.1) if is_of_text else weight)))
    return found


def is_aside(seen: Seen, element: Any) -> bool:
    """Whether an element stands in a menu, a foot, a teaser, or is not shown."""
    for each in (element, *islice(element.iterancestors(), 100)):
        if each.tag in ("nav", "footer", "aside") or each in seen.teasers or is_hidden(each):
            return True
        if each is seen.body:
            return False
    return False


def declared_titles(seen: Seen, headlines: list[str]) -> list[Said]:
    """The titles of the head without the site's name; one that is cut off stands last."""
    head, page = seen.head, seen.page
    article = head.article(headlines)
    title = next(iter(page.tags("title")), None)
    said = [
        Said(head.meta.get("og:title", ""), "og:title", 1),
        Said(plain(article.get("headline")), "JSON-LD headline", 1),
        Said(head.meta.get("twitter:title", ""), "twitter:title", 1),
        Said(plain(article.get("name")), "JSON-LD name", 1),
        Said(head.meta.get("title", ""), "meta title", 1),
        Said(text_of(title) if title is not None else "", "title element", 0.9),
    ]
    cut = [each._replace(value=without_site(each.value[:500], head.names, headlines)) for each in said if each.value]
    kept = [each for each in cut if not is_site_title(each.value, head.names)]
    return sorted(kept, key=lambda each: each.value.endswith(("...", "…")))


def _is_section(seen: Seen, text: str) -> bool:
    """Whether a heading names a section: short, or what the page says of its category."""
    section = seen.head.meta.get("article:section", "")
    return len(text) < 20 and len(text.split()) <= 4 or bool(section) and is_same(text, section)


def _element_of(seen: Seen, title: str) -> Any:
    """The innermost element before the text's end that shows a title."""
    tries = 0
    for element in seen.page.all[seen.last - 1 :: -1]:
        if tries > 200:
            break
        if seen.sizes.text[seen.page.position[element]] <= 2 * len(title) and element.tag not in (
            "title",
            "meta",
            "script",
        ):
            tries += seen.sizes.text[seen.page.position[element]] >= len(title) // 2
            if is_same(text_of(element), title) and not is_aside(seen, element):
                return element
    return None


# -- the lead --------------------------------------------------------------------------------------------


def find_lead(seen: Seen, headline: Any, article: dict[str, Any], title: str, lines: list[Line]) -> Said:
    """The paragraph under the headline; else what the page declares as its description."""
    page = seen.page
    after = page.position[headline] if headline is not None else -1
    known = [(c.lead, c.name) for c in ([seen.container] if seen.container else []) if c.lead]
    known += [(c.lead, f"{c.name}'s lead") for c in containers() if c.lead and not c.hosts]
    places = [(list(page.select(selector)), by) for selector, by in known]
    for elements, by in [*places, (page.of_class(_SAPO), "a class that is called sapo")]:
        for element in elements:
            at = page.position[element]
            if (
                not after < at <= seen.last
                or element is seen.body
                or element in seen.body.iterancestors()
                or is_aside(seen, element)
            ):
                continue
            text = " ".join(line.text for line in without_teasers(lines_of(page, element)))
            if 20 <= len(text) <= LEAD and not is_same(text, title) and (at <= seen.first or _opens(lines, text)):
                return Said(text, by, 1)
    described = [
        Said(plain(article.get("description")), "JSON-LD description", 1),
        Said(seen.head.meta.get("og:description", ""), "og:description", 1),
        Said(seen.head.meta.get("description", ""), "meta description", 1),
    ]
    for said in described:
        if len(said.value) < 20 or is_same(said.value, title):
            continue
        for line in lines[:3]:
            if _holds(line.text, said.value) and len(line.text) <= LEAD:
                return Said(line.text, f"the first paragraph, as {said.by}", 1)
        if not said.value.endswith(("...", "…")) or len(said.value) > 60:
            return said
    prose = [line for line in lines[:6] if line.kind == "p" and len(line.text) >= 60]
    if len(prose) > 1 and prose[0].is_marked and not prose[1].is_marked and len(prose[0].text) <= LEAD:
        return Said(prose[0].text, "the first paragraph, which is bold", 1)
    return Said("", "", 0)


def _holds(line: str, described: str) -> bool:
    """Whether a line is what the page describes itself with, cut off or not, after a place or not."""
    return is_same(line, described) or described.rstrip(". …")[:80].strip() in line[: len(described) + 40]


def _opens(lines: list[Line], text: str) -> bool:
    return any(is_same(line.text, text) or text.startswith(line.text) for line in lines[:4])


def without_head(lines: list[Line], title: str, lead: str) -> list[Line]:
    """The lines without headline, lead and date, which stand elsewhere."""
    kept = []
    for number, line in enumerate(lines):
        is_repeated = any(
            len(part) == len(line.text) and fold(line.text).lower() == fold(part).lower() for part in (title, lead)
        )
        is_part = number < 4 and len(line.text) > 20 and bool(lead) and line.text in lead
        if (
            not is_repeated
            and not is_part
            and not (number < 6 and (is_date_line(line.text) or author_beside_date(line.text)))
        ):
            kept.append(line)
    return kept
