"""Which provinces an article is about, and why: domain, dateline, names, agencies, districts, wards, landmarks.

>>> [(found.value, found.evidence[0]) for found in find_provinces("Khánh thành cầu", "Sáng 7/2, huyện Phù Cát ...")]
[('Bình Định', 'opening: "huyện Phù Cát"')]
"""

import re
from collections.abc import Callable
from datetime import date, datetime
from functools import cache, cached_property, lru_cache, partial
from importlib.resources import files
from typing import NamedTuple

import numpy as np

from .provinces import MERGER, provinces
from .terms import PAUSE, TITLE_END, Phrases, Terms, code, forms_at, forms_of, hash_pairs, read_terms


class Found:
    """A value found in an article, how sure, and why; the reasons are put into words when they are asked for."""

    def __init__(self, value: str, weight: float, explain: Callable[[], tuple[str, ...]]) -> None:
        self.value, self.weight, self._explain = value, weight, explain

    @cached_property
    def evidence(self) -> tuple[str, ...]:
        """The reasons, the strongest first."""
        return self._explain()

    def __repr__(self) -> str:
        return f"Found({self.value!r}, {self.weight:.2f}, {self.evidence!r})"


# -- weights: chosen by hand on province/stamps.jsonl and binhdinh.jsonl; see benchmarks/ingest.py ------------------

_DOMAIN, _DATELINE = 6.0, 6.0
_BY_PLACE = {"title": 4.0, "opening": 3.0, "body": 0.75}  # of a name, by where it stands
_FIRST_TERMS = 70  # terms and pauses of the text: the first paragraph
_MOST_OF_BODY = 4.0  # that one province gets from the body; in title and opening the nth mention counts 1/n
_BEHIND_PREFIX, _AGENCY_FACTOR, _AT_FACTOR = 1.5, 1.3, 1.3  # "tỉnh X", "Sở Y tế X", "tại X"
_DISTRICT, _WARD = 1.2, 1.0  # "huyện X", "xã X"
_SUPPORT = 0.5  # of a name that districts of several provinces bear; only for those that have more
_TEAM, _FROM, _ROAD_OR_DISH = 0.3, 0.5, 0.3  # "Hà Nội thắng 2-0", "cô gái Huế", "cao tốc X - Y", "bún bò Huế"
_ENOUGH, _SHARE = 1.4, 0.45  # least weight, and least share of the strongest, to be kept
_ENOUGH_OF_BODY = 2.9  # the same for one that only the body names
_ENOUGH_AT_HOME = 0.7  # and in a text that says "UBND tỉnh" without saying which: it is a province's own


def find_provinces(
    title: str, text: str, *, source: str = "", published: date | None = None, most: int = 3
) -> list[Found]:
    """The provinces that an article is about, the strongest first, each with its evidence.

    source: the site's domain, which outweighs a name in the title; "" where it is not known.
    published: since 2025-07-01 the districts of a province that was merged speak for the new one, if it is named.
    """
    return provinces_in(read_terms(title, text), source=source, published=published, most=most)


def provinces_in(terms: Terms, *, source: str = "", published: date | None = None, most: int = 3) -> list[Found]:
    """As `find_provinces`, of terms that were read already."""
    weights: dict[str, float] = {}
    evidence: dict[str, list[str]] = {}

    def add(slug: str, weight: float, why: str) -> None:
        weights[slug] = weights.get(slug, 0.0) + weight
        if len(evidence.setdefault(slug, [])) < 4:
            evidence[slug].append(why)

    if (slug := _of_domain(source)) is not None:
        add(slug, _DOMAIN, f"domain {source}")
    if (dateline := _dateline(terms)) is not None:
        add(dateline[0], _DATELINE, f"dateline {dateline[1]}")
    mentions = _mentions(terms)
    named = {mention.slugs[0] for mention in mentions if mention.is_name}
    if published is not None and _day(published) >= MERGER:
        mentions = [_since_merger(mention, named) for mention in mentions]
    times: dict[tuple[str, str], int] = {}
    for mention in mentions:
        if len(mention.slugs) == 1:
            slug, where = mention.slugs[0], mention.where
            n = times[slug, where] = times.get((slug, where), 0) + 1
            if where != "body":
                add(slug, mention.factor * _BY_PLACE[where] / n, f'{where}: "{mention.at}"')
            elif n <= _MOST_OF_BODY / _BY_PLACE["body"]:
                add(slug, mention.factor * _BY_PLACE[where], f'{where}: "{mention.at}"')
    for mention in mentions:
        for slug in mention.slugs if len(mention.slugs) > 1 else ():
            if slug in weights:
                add(slug, _SUPPORT, f'{mention.where}: "{mention.at}"')
    _join_renamed(weights, evidence, named)
    in_title = {m.slugs[0] for m in mentions if m.is_name and m.where == "title" and m.factor >= 1}
    best = max(weights.values(), default=0.0)
    of_body = _ENOUGH_AT_HOME if 0 < best < _ENOUGH_OF_BODY and _is_at_home(terms) else _ENOUGH_OF_BODY
    kept = [
        slug
        for slug, weight in weights.items()
        if weight >= (of_body if evidence[slug][0].startswith("body") else _ENOUGH)
        and (weight >= _SHARE * best or slug in in_title)
    ]
    kept.sort(key=lambda slug: -weights[slug])
    return [Found(provinces()[slug].name, weights[slug], partial(tuple, evidence[slug])) for slug in kept[:most]]


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


def _dateline(terms: Terms) -> tuple[str, str] | None:
    """ "LSO -", "(BĐ) -", "(binhdinh.gov.vn) -" before the first sentence: (slug, as written)."""
    begin = terms.codes_of_title + 1
    forms = forms_at(terms.codes[begin : begin + 6])
    in_brackets = forms[:1] == [PAUSE]
    first, *rest = [f for f in forms if f != PAUSE] or [""]
    if rest[:2] == ["gov", "vn"] and first in _domain_names():
        return _domain_names()[first], f"{first}.gov.vn"
    # two letters are many things; in brackets before a text they are the newspaper
    if first in _table().datelines and (in_brackets or len(first) > 2):
        return _table().datelines[first], first
    return None


def _is_at_home(terms: Terms) -> bool:
    """Whether the text speaks of "tỉnh" without a name behind it: "UBND tỉnh", "CA tỉnh cho biết"."""
    (at,) = np.nonzero(terms.codes[:-1] == code("tỉnh"))
    return any(not form[0].isupper() for form in forms_at(terms.codes[at + 1]))


# -- names in a text -----------------------------------------------------------------------------------


class _Name(NamedTuple):
    """All that a name can stand for; slugs of provinces."""

    kind: str  # of the name alone: province, district, landmark, other, contest; "" where it needs a word before it
    province: str = ""
    districts: tuple[str, ...] = ()
    ward: str = ""


class _Mention(NamedTuple):
    """A name in a text that speaks for one province, or perhaps for each of several."""

    slugs: tuple[str, ...]
    factor: float
    where: str  # title, opening or body
    at: str
    is_name: bool  # of the province itself


class _Table(NamedTuple):
    phrases: Phrases[_Name]
    datelines: dict[str, str]


@cache
def _table() -> _Table:
    """Names as they are written: capitals on every syllable, those of provinces also all in capitals."""
    names: dict[tuple[str, ...], _Name] = {}
    capitals: dict[tuple[str, ...], _Name] = {}
    datelines: dict[str, str] = {}
    for slug, province in provinces().items():
        for name in (province.name, *province.aliases):
            forms = tuple(forms_of(name))
            if name != "Vũng Tàu" and (len(forms) > 1 or forms in (("TPHCM",), ("BRVT",), ("Huế",))):  # a town
                names[forms] = _Name("province", slug)
                if province.name not in _WORDS:
                    capitals[tuple(f.upper() for f in forms)] = names[forms]
    for file in ("places.tsv", "landmarks.tsv"):
        for line in (files(__package__) / "data" / file).read_text("utf-8").splitlines():
            if line.startswith("#"):
                continue
            kind, name, slugs = line.split("\t")
            forms = ("quận", name) if name.isdigit() else tuple(forms_of(name))
            known = names.get(forms, _Name(""))
            match kind:
                case "dateline":
                    datelines[name] = slugs
                case "district":
                    is_clear = not known.kind and " " not in slugs and len(forms) > 1
                    names[forms] = known._replace(
                        districts=tuple(slugs.split()), kind="district" if is_clear else known.kind
                    )
                case "ward":
                    names[forms] = known._replace(ward=slugs)
                case "word":
                    names[forms] = known._replace(kind="province" if known.province else "")
                case "landmark":
                    names[forms] = _Name("landmark", slugs, known.districts, known.ward)
                case _:
                    names[forms] = _Name(kind)
    return _Table(Phrases({**capitals, **names}), datelines)


_WORDS = {"Hòa Bình", "Thái Bình", "Hà Nam", "An Giang"}  # in capitals they cannot be told from words and names
_OF_A_PROVINCE = {"tỉnh", "tp", "ủy", "thành phố", "t.p"}
_OF_A_DISTRICT = {"huyện", "quận", "thị xã", "thành phố", "tp", "tx", "h", "q", "đảo"}
_OF_A_WARD = {"xã", "phường", "thị trấn", "p", "x", "tt"}
_PREFIXES = {prefix.split()[-1] for prefix in _OF_A_DISTRICT | _OF_A_WARD}
_NOT_OF_A_PLACE = {
    "đường", "phố", "thôn", "ấp", "bản", "trường", "chợ", "cầu", "lộ", "khách", "thpt", "thcs", "tốc", "sông", "ga",
    "họ", "cụ", "tiểu học", "hãng", "ngân hàng",
}  # fmt: skip
_PERSON = set(
    "ông bà anh chị cô em sĩ bé chú bác cụ nguyễn trần lê phạm huỳnh phan vũ võ đặng bùi đỗ hồ ngô dương lý đào đoàn "
    "trịnh đinh mai tô lâm hà văn thị hữu đức minh ngọc thanh xuân quang quốc công đình thế duy trọng".split()
)
_AGENCY = set(
    "sở ubnd hđnd đbqh mttq tòa viện cục ban đài báo hội cdc bhxh lđlđ bch đội phòng chi ca bv thành tỉnh an".split()
)
_AT = {"tại", "ở", "đến", "tới", "về", "qua", "vào", "sân", "bàn"}
_DISHES = {"bún", "phở", "bánh", "nem", "chè", "mì", "cơm", "hỏi", "bò", "lẩu", "kiểu"}
_ROADS = {"tốc", "lộ", "tuyến", "đai"}
_BEFORE = 6  # forms before a name that are looked at
_ELSEWHERE = {"quê", "người", "gái", "trai", "mẹ", "gốc", "dân", "con", "bỏ", "rời", "ra", "xuống", "từ"}


def _mentions(terms: Terms) -> list[_Mention]:
    codes, begin = terms.codes, terms.codes_of_title
    matches = _table().phrases.find(codes, hash_pairs(codes))
    is_contest = any(name.kind == "contest" for _, _, name in matches)
    found: list[_Mention] = []
    times: dict[int, int] = {}
    for start, end, name in matches:
        if not name.kind and not (start and forms_at(codes[start - 1 : start])[0].lower() in _PREFIXES):
            continue  # most names of wards are also those of persons
        offset = start - begin
        where = "title" if offset < 0 else "opening" if offset <= _FIRST_TERMS else "body"
        if where == "body":
            times[id(name)] = times.get(id(name), 0) + 1
            if times[id(name)] > _MOST_OF_BODY / _BY_PLACE["body"]:
                continue
        first = max(0, start - _BEFORE)
        forms = forms_at(codes[first : end + 1])
        if end - start == 1 and len(forms) > end - first and forms[-1][0].isupper():
            continue  # "xã Thanh Nho" is not "xã Thanh"
        before = forms[: start - first]
        for place in range(len(before) - 1, -1, -1):  # back to the last pause
            if before[place] in (PAUSE, TITLE_END):
                before = before[place + 1 :]
                break
        if (read := _read(name, before, is_contest)) is not None:
            slugs, factor, prefix = read
            is_name = name.kind == "province" and slugs == (name.province,)
            at = " ".join(forms[start - first - prefix : end - first])
            found.append(_Mention(slugs, factor, where, at, is_name))
    return found


def _read(name: _Name, before: list[str], is_contest: bool) -> tuple[tuple[str, ...], float, int] | None:
    """(provinces that a name speaks for, factor of its weight, words before it that belong to it), or None."""
    last = before[-1].lower() if before else ""
    pair = " ".join(before[-2:]).lower() if len(before) > 1 else ""

    def behind(words: set[str]) -> int:
        """How many of the words before are such a prefix."""
        return 2 if pair in words else 1 if last in words else 0

    if pair != "thị xã" and (prefix := behind(_OF_A_WARD)):
        return ((name.ward,), _WARD, prefix) if name.ward else None
    if name.districts and (prefix := behind(_OF_A_DISTRICT)):
        # of a town and its province of one name ("thành phố Hà Nội", "TP Lạng Sơn") the same is meant
        slugs = (name.province,) if name.province in name.districts else name.districts
        return slugs, _DISTRICT, prefix
    if not name.kind or name.kind in ("other", "contest"):
        return None
    if name.kind == "province" and (prefix := behind(_OF_A_PROVINCE)):
        return (name.province,), _BEHIND_PREFIX, prefix
    if name.kind != "landmark" and (behind(_NOT_OF_A_PLACE) or _is_person(before)):
        return None
    words = {word.lower() for word in before}
    factor = _AGENCY_FACTOR if any(word[0].isupper() and word.lower() in _AGENCY for word in before) else 1.0
    if not words.isdisjoint(_DISHES) or not words.isdisjoint(_ROADS):
        factor = _ROAD_OR_DISH
    elif last in _AT:
        factor = _AT_FACTOR
    elif is_contest:
        factor = _TEAM
    elif last in _ELSEWHERE:
        factor = _FROM
    return (name.province,) if name.province else name.districts, factor, 0


def _is_person(before: list[str]) -> bool:
    """ "Lê Hà Giang", "ông Thái Bình": a name of a person that ends like a province."""
    return bool(before) and before[-1].lower() in _PERSON and (before[-1][0].isupper() or before[-1] in _TITLES)


_TITLES = {"ông", "bà", "anh", "chị", "sĩ", "chú", "bác", "cụ"}


def _since_merger(mention: _Mention, named: set[str]) -> _Mention:
    """A district, ward or landmark speaks for the province of today where that is named."""
    if mention.is_name:
        return mention
    return mention._replace(slugs=tuple({_whole()[s] if _whole()[s] in named else s: 0 for s in mention.slugs}))


@cache
def _whole() -> dict[str, str]:
    """A province of before -> that of today."""
    table = {slug: slug for slug in provinces()}
    return table | {part: whole.slug for whole in provinces().values() for part in whole.parts}


def _join_renamed(weights: dict[str, float], evidence: dict[str, list[str]], named: set[str]) -> None:
    """Thừa Thiên Huế and Huế are one place: the name that the text uses takes the evidence of both."""
    for whole, part in _renamed():
        other, used = (whole, part) if part in named else (part, whole)
        if other in weights:
            weights[used] = weights.get(used, 0.0) + weights.pop(other)
            evidence[used] = evidence.get(used, []) + evidence.pop(other)


@cache
def _renamed() -> list[tuple[str, str]]:
    """(slug of today, slug of before) of provinces that only changed their name."""
    return [(p.slug, p.parts[0]) for p in provinces().values() if len(p.parts) == 1 and p.parts[0] != p.slug]


def _day(published: date) -> date:
    return published.date() if isinstance(published, datetime) else published
