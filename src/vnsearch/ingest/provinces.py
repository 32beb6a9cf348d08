"""Provinces of Viet Nam, the 63 before 2025-07-01 and the 34 since: names, the merger, evidence in text.

>>> find_by_name("tinh lang son").name
'Lạng Sơn'
>>> sorted(filter_slugs("Cần Thơ"))     # today's province: all that it was made of
['can-tho', 'hau-giang', 'soc-trang']
>>> sorted(filter_slugs("Sóc Trăng"))   # one of before: the articles that name it
['soc-trang']
"""

import difflib
import re
from functools import cache
from importlib.resources import files
from typing import NamedTuple

import msgspec

from ..errors import QueryError
from ..text.fold import fold
from ..text.normalize import clean
from .terms import Phrases, Terms, form, forms_of, read_terms


class Province(NamedTuple):
    """One province by name; `parts`: slugs of those before the merger that today's is made of."""

    slug: str
    name: str
    is_current: bool
    parts: tuple[str, ...]
    aliases: tuple[str, ...]
    domains: tuple[str, ...]
    codes: tuple[str, ...]  # of the General Statistics Office, two digits


class Found(NamedTuple):
    """A value found in an article, how sure, and why."""

    value: str
    weight: float
    evidence: tuple[str, ...]


# The shape of data/provinces.json; see scripts/make_gazetteer.py
class _Era(msgspec.Struct):
    code: str


class _Row(msgspec.Struct):
    slug: str
    name: str
    before: _Era | None
    since: _Era | None
    parts: tuple[str, ...]
    aliases: tuple[str, ...]
    domains: tuple[str, ...]


class _Table(msgspec.Struct):
    provinces: list[_Row]


@cache
def provinces() -> dict[str, Province]:
    """All provinces of both eras by slug; one of unchanged name is one entry."""
    data = (files(__package__) / "data" / "provinces.json").read_bytes()
    return {
        row.slug: Province(
            row.slug,
            row.name,
            row.since is not None,
            row.parts,
            row.aliases,
            row.domains,
            tuple(era.code for era in (row.since, row.before) if era),
        )
        for row in msgspec.json.decode(data, type=_Table).provinces
    }


# -- names -------------------------------------------------------------------------------------------

_PREFIX = re.compile(r"^(?:tinh|thanh pho|tp|t\.?p\.?)\.?\s+|^(?:tinh|thanhpho)(?=[a-z]{4})")


def find_by_name(name: str) -> Province:
    """The province that a person means: any case, with or without diacritics, prefix or abbreviation, or a code.

    Raises QueryError with the nearest names.
    """
    if (slug := _slug(name)) is not None:
        return provinces()[slug]
    near = difflib.get_close_matches(_name_key(name), _names(), n=3, cutoff=0.6)
    names = list(dict.fromkeys(provinces()[_names()[key]].name for key in near))
    raise QueryError(
        f'no province is called "{name}"',
        query=name,
        hint="did you mean " + " or ".join(names) + "?" if names else "a name such as Lạng Sơn or TP.HCM is expected",
    )


def slug_or_name(name: str) -> str:
    """The slug of a province, or the name itself where no province is called so."""
    return _slug(name) or name


def _slug(name: str) -> str | None:
    bare = _PREFIX.sub("", fold(clean(name).text).lower().strip())
    return _names().get(_name_key(name)) or _names().get(_name_key(bare))


def filter_slugs(name: str) -> frozenset[str]:
    """The slugs whose articles a filter by this name finds: see the module's example.

    A province that only changed its name (Thừa Thiên Huế, Huế) is one place under both.
    """
    province = find_by_name(name)
    if province.is_current:
        return frozenset({province.slug, *province.parts})
    renamed = {p.slug for p in provinces().values() if p.parts == (province.slug,)}
    return frozenset({province.slug, *renamed})


def _name_key(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", fold(clean(name).text).lower())


@cache
def _names() -> dict[str, str]:
    """Every accepted name's key -> slug; a name of today wins over one of before."""
    table: dict[str, str] = {}
    for province in sorted(provinces().values(), key=lambda p: not p.is_current):
        for name in (province.name, province.slug, *province.aliases, *province.codes):
            table.setdefault(_name_key(name), province.slug)
    return table


# -- evidence in an article ----------------------------------------------------------------------------

_OF_A_PROVINCE = {"tỉnh", "tp", "ủy", "tphcm"}  # tỉnh X, thành phố X, TP X, Tỉnh ủy X
_NOT_OF_A_PROVINCE = {
    "đường",
    "phố",
    "xã",
    "phường",
    "trấn",
    "thôn",
    "ấp",
    "huyện",
    "quận",
    "trường",
    "chợ",
    "cầu",
    "lộ",
    "khách",
}
_PERSON = {"ho-chi-minh"}  # named like a person: only "TP/thành phố Hồ Chí Minh" is the place
_OPENING = 70  # terms and pauses of the text: the first paragraph
_ENOUGH, _SHARE = 3.0, 0.45  # least weight, and least share of the strongest, to be kept


def find_provinces(title: str, text: str, *, source: str = "", most: int = 3) -> list[Found]:
    """The provinces that an article is about, the strongest first, each with its evidence.

    Weights: the source's domain 6; a name in the title 4, in the opening 2, later .5 each (at
    most 2 together); half as much again behind "tỉnh", "thành phố", "Tỉnh ủy".
    """
    return provinces_in(read_terms(title, text), source=source, most=most)


def provinces_in(terms: Terms, *, source: str = "", most: int = 3) -> list[Found]:
    """As `find_provinces`, of terms that were read already."""
    weights: dict[str, float] = {}
    evidence: dict[str, list[str]] = {}

    def add(slug: str, weight: float, why: str) -> None:
        weights[slug] = weights.get(slug, 0.0) + weight
        if len(evidence.setdefault(slug, [])) < 4:
            evidence[slug].append(why)

    if (slug := _of_domain(source)) is not None:
        add(slug, 6.0, f"domain {source}")
    later: dict[str, float] = {}
    for slug, behind, at, position in _mentions(terms):
        if position < 0:
            add(slug, 6.0 if behind else 4.0, f'title: "{at}"')
        elif position < _OPENING:
            add(slug, 3.0 if behind else 2.0, f'opening: "{at}"')
        else:
            weight = min(0.75 if behind else 0.5, 2.0 - later.get(slug, 0.0))
            if weight > 0:
                later[slug] = later.get(slug, 0.0) + weight
                add(slug, weight, f'body: "{at}"')
    _join_renamed(weights, evidence)
    best = max(weights.values(), default=0.0)
    kept = [slug for slug in weights if weights[slug] >= max(_ENOUGH, _SHARE * best)]
    kept.sort(key=lambda slug: -weights[slug])
    return [Found(provinces()[slug].name, weights[slug], tuple(evidence[slug])) for slug in kept[:most]]


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


@cache
def _phrases() -> Phrases[str]:
    """Names as they are written, with capitals on every syllable or all in capitals."""
    phrases: dict[tuple[str, ...], str] = {}
    for slug, province in provinces().items():
        for name in (province.name, *province.aliases):
            forms = tuple(forms_of(name))
            if len(forms) > 1 or forms in (("TPHCM",), ("BRVT",), ("Huế",)):
                phrases[forms] = slug
                if fold(name).lower() not in _WORDS:
                    phrases[tuple(form.upper() for form in forms)] = slug
    return Phrases(phrases)


_WORDS = {"hoa binh", "thai binh", "ha nam", "an giang"}  # in a headline in capitals they cannot be told from words


def _mentions(terms: Terms) -> list[tuple[str, bool, str, int]]:
    """(slug, behind a word for province, the mention, terms of the text before it or -1 for the title) in order."""
    codes = terms.codes
    found = []
    for start, end, slug in _phrases().find(codes):
        before = [form(c).lower() for c in codes[max(0, start - 2) : start].tolist()]
        behind = "tp" if before[-2:] == ["thành", "phố"] else before[-1] if before else ""
        if behind in _NOT_OF_A_PROVINCE:
            continue
        at = [form(c) for c in codes[start:end].tolist()]
        if slug in _PERSON and behind != "tp" and at[0].lower() == "hồ":
            continue
        found.append((slug, behind in _OF_A_PROVINCE, " ".join(at), start - terms.codes_of_title - 1))
    return [(slug, behind, at, max(position, -1)) for slug, behind, at, position in found]


def _join_renamed(weights: dict[str, float], evidence: dict[str, list[str]]) -> None:
    """Thừa Thiên Huế and Huế are one place: what names it fully takes the evidence of both."""
    for province in provinces().values():
        if province.slug in weights and len(province.parts) == 1 and province.parts[0] != province.slug:
            old = province.parts[0]
            if old in weights:
                weights[old] += weights.pop(province.slug)
                evidence[old] += evidence.pop(province.slug)
