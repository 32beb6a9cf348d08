"""Which provinces an article is about, and why: domain, dateline, names, agencies, districts, wards, landmarks.

>>> [(found.value, found.evidence[0]) for found in find_provinces("Khánh thành cầu", "Sáng 7/2, huyện Phù Cát ...")]
[('Bình Định', 'opening: "huyện Phù Cát"')]
"""

import re
from collections.abc import Sequence
from datetime import date
from functools import cache, lru_cache, partial

import numpy as np
import numpy.typing as npt

from ..text.term_stream import PAUSE, Codes, Stream, Terms, code, forms_at, key_codes, read_terms
from ..vietnam.provinces import provinces
from .found import Found
from .mentions import Mention, context_words, era_of, find_mentions, since_merger
from .place_names import SINCE_MERGER, name_table

# -- weights: chosen by hand on province/stamps.jsonl and binhdinh.jsonl; see `python -m benchmarks ingest`

_DOMAIN, _DATELINE = 6.0, 6.0
_BY_PLACE = {"title": 4.0, "opening": 3.0, "body": 0.75}  # of a name, by where it stands
_MOST_OF_BODY = 4.0  # that one province gets from the body; in title and opening the nth mention counts 1/n
_SUPPORT = 0.5  # of a name that districts of several provinces bear; only for those that have more
_ENOUGH, _SHARE = 1.4, 0.45  # least weight, and least share of the strongest, to be kept
_ENOUGH_OF_BODY = 2.9  # the same for one that only the body names
_ENOUGH_AT_HOME = 0.7  # and in a text that says "UBND tỉnh" without saying which: it is a province's own


def find_provinces(
    title: str, text: str, *, source: str = "", published: date | None = None, most: int = 3
) -> list[Found]:
    """The provinces that an article is about, the strongest first, each with its evidence.

    source: the site's domain, which outweighs a name in the title; "" where it is not known.
    published: since 2025-07-01 wards are those of today, and the districts of a province that was merged speak for the
        new one, if it is named; before, wards are those of then.  Where it is not known, a ward's name counts only if
        both times agree.
    """
    prepare()
    return provinces_in(read_terms([(title, text)]), [source], [published], most)[0]


def prepare() -> None:
    """Gives all names their codes: before any text, so that no text can take what codes there are."""
    name_table()
    context_words()


def provinces_in(
    terms: Terms, sources: Sequence[str], published: Sequence[date | None], most: int = 3
) -> list[list[Found]]:
    """The provinces of articles whose terms were read already: see `find_provinces`."""
    mentions = find_mentions(terms.forms, np.array([era_of(day) for day in published], np.intp))
    at_home = _at_home(terms.forms)
    return [
        _weigh(terms.forms, article, mentions[article], at_home[article], source, day)[:most]
        for article, (source, day) in enumerate(zip(sources, published, strict=True))
    ]


def _weigh(
    forms: Stream, article: int, mentions: "list[Mention]", is_at_home: bool, source: str, published: date | None
) -> list[Found]:
    """All that one article says of provinces; the strongest first."""
    weights: dict[str, float] = {}
    reasons: dict[str, list[str | Mention]] = {}

    def add(slug: str, weight: float, why: "str | Mention") -> None:
        weights[slug] = weights.get(slug, 0.0) + weight
        reasons.setdefault(slug, []).append(why)

    if source and (slug := _of_domain(source)) is not None:
        add(slug, _DOMAIN, f"domain {source}")
    if (dateline := _dateline(forms.codes[forms.title_ends[article] + 1 :][:6])) is not None:
        add(dateline[0], _DATELINE, f"dateline {dateline[1]}")
    named = {mention.slugs[0] for mention in mentions if mention.is_name}
    if era_of(published) == SINCE_MERGER:
        mentions = [since_merger(mention, named) for mention in mentions]
    times: dict[tuple[str, str], int] = {}
    for mention in mentions:
        if len(mention.slugs) == 1:
            slug, where = mention.slugs[0], mention.where
            n = times[slug, where] = times.get((slug, where), 0) + 1
            if where != "body":
                add(slug, mention.factor * _BY_PLACE[where] / n, mention)
            elif n <= _MOST_OF_BODY / _BY_PLACE["body"]:
                add(slug, mention.factor * _BY_PLACE[where], mention)
    for mention in mentions:
        for slug in mention.slugs if len(mention.slugs) > 1 else ():
            if slug in weights:
                add(slug, _SUPPORT, mention)
    if not weights:
        return []
    _join_renamed(weights, reasons, named)
    in_title = {m.slugs[0] for m in mentions if m.is_name and m.where == "title" and m.factor >= 1}
    best = max(weights.values())
    of_body = _ENOUGH_AT_HOME if best < _ENOUGH_OF_BODY and is_at_home else _ENOUGH_OF_BODY
    kept = [
        slug
        for slug, weight in weights.items()
        if weight >= (of_body if _is_of_body(reasons[slug][0]) else _ENOUGH)
        and (weight >= _SHARE * best or slug in in_title)
    ]
    kept.sort(key=lambda slug: -weights[slug])
    return [
        Found(provinces()[slug].name, weights[slug], partial(_explain, forms.codes, reasons[slug][:4])) for slug in kept
    ]


def _is_of_body(reason: "str | Mention") -> bool:
    return isinstance(reason, Mention) and reason.where == "body"


def _explain(codes: Codes, reasons: "list[str | Mention]") -> tuple[str, ...]:
    return tuple(
        why if isinstance(why, str) else f'{why.where}: "{" ".join(forms_at(codes[why.start : why.end]))}"'
        for why in reasons
    )


@lru_cache(1024)
def _of_domain(source: str) -> str | None:
    """bao<name>.vn, <name>.gov.vn and <name>tv.vn spell their province; others stand in the table."""
    host = source.lower().removeprefix("www.")
    if not host:
        return None
    for slug, province in provinces().items():
        if any(host == domain or host.endswith("." + domain) for domain in province.domains):
            return slug
    for label in host.split(".")[:-1]:
        spelled = re.sub(r"^(?:bao|congan|thanhtra)|(?:tv|portal|online)$", "", label.replace("-", ""))
        if spelled in _domain_names():
            return _domain_names()[spelled]
    return None


@cache
def _domain_names() -> dict[str, str]:
    return {slug.replace("-", ""): slug for slug in provinces()}


def _dateline(codes: Codes) -> tuple[str, str] | None:
    """ "LSO -", "(BĐ) -", "(binhdinh.gov.vn) -" before the first sentence: (slug, as written)."""
    forms = forms_at(codes)
    in_brackets = forms[:1] == [PAUSE]
    first, *rest = [f for f in forms if f != PAUSE] or [""]
    if rest[:2] == ["gov", "vn"] and first in _domain_names():
        return _domain_names()[first], f"{first}.gov.vn"
    # two letters are many things; in brackets before a text they are the newspaper
    if first in name_table().datelines and (in_brackets or len(first) > 2):
        return name_table().datelines[first], first
    return None


def _at_home(forms: Stream) -> npt.NDArray[np.bool_]:
    """Whether each text speaks of "tỉnh" without a name after it: "UBND tỉnh", "CA tỉnh cho biết"."""
    found = np.zeros(len(forms.ends), bool)
    (at,) = np.nonzero(forms.codes[:-1] == code("tỉnh"))
    following = forms.codes[at + 1]
    found[forms.articles(at[key_codes(following) == following])] = True
    return found


def _join_renamed(weights: dict[str, float], reasons: dict[str, list[str | Mention]], named: set[str]) -> None:
    """Thừa Thiên Huế and Huế are one place: the name that the text uses takes the evidence of both."""
    for whole, part in _renamed():
        other, used = (whole, part) if part in named else (part, whole)
        if other in weights:
            weights[used] = weights.get(used, 0.0) + weights.pop(other)
            reasons[used] = reasons.get(used, []) + reasons.pop(other)


@cache
def _renamed() -> list[tuple[str, str]]:
    """(slug of today, former slug) of provinces that only changed their name."""
    return [(p.slug, p.parts[0]) for p in provinces().values() if len(p.parts) == 1 and p.parts[0] != p.slug]
