"""Provinces of Viet Nam, the 63 before 2025-07-01 and the 34 since: names and the merger.

>>> find_by_name("tinh lang son").name
'Lạng Sơn'
>>> sorted(filter_slugs("Cần Thơ"))     # today's province: all that it was made of
['can-tho', 'hau-giang', 'soc-trang']
>>> sorted(filter_slugs("Sóc Trăng"))   # a former one: the articles that name it
['soc-trang']
"""

import difflib
import re
from datetime import date
from functools import cache, lru_cache
from importlib.resources import files
from typing import NamedTuple

import msgspec

from ..errors import QueryError
from ..text.fold import fold
from ..text.normalize import clean

MERGER = date(2025, 7, 1)  # the first day of the 34


class Province(NamedTuple):
    """One province by name; `parts`: slugs of those before the merger that today's is made of."""

    slug: str
    name: str
    is_current: bool
    parts: tuple[str, ...]
    aliases: tuple[str, ...]
    domains: tuple[str, ...]
    codes: tuple[str, ...]  # of the General Statistics Office, two digits


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
    wanted = _name_key(name)
    near = difflib.get_close_matches(wanted, _names(), n=3, cutoff=0.6)
    least = difflib.SequenceMatcher(None, near[0], wanted).ratio() - 0.1 if near else 0.0  # far behind is no help
    near = [key for key in near if difflib.SequenceMatcher(None, key, wanted).ratio() >= least]
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


@lru_cache(maxsize=1_000)  # the same few filters come again and again
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
    """Every accepted name's key -> slug; a name of today wins over a former one."""
    table: dict[str, str] = {}
    for province in sorted(provinces().values(), key=lambda p: not p.is_current):
        for name in (province.name, province.slug, *province.aliases, *province.codes):
            table.setdefault(_name_key(name), province.slug)
    return table


def shown_province(slug: str) -> str:
    """The name of a province; of what is none, itself."""
    known = provinces().get(slug)
    return known.name if known else slug


@cache
def provinces_today() -> dict[str, str]:
    """Slug of a former province -> name of today's that it is part of, and today's own."""
    current = [province for province in provinces().values() if province.is_current]
    parts = {part: province.name for province in current for part in province.parts}
    return parts | {province.slug: province.name for province in current}
