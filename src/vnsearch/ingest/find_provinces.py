"""Which provinces an article is about, and why: domain, dateline, names, agencies, districts, wards, landmarks.

>>> [(found.value, found.evidence[0]) for found in find_provinces("Khánh thành cầu", "Sáng 7/2, huyện Phù Cát ...")]
[('Bình Định', 'opening: "huyện Phù Cát"')]
"""

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime
from enum import IntFlag
from functools import cache, cached_property, lru_cache, partial
from importlib.resources import files
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ..vietnam.provinces import MERGER, provinces
from .term_stream import (
    CODES,
    PAUSE,
    TEXT_END,
    TITLE_END,
    Codes,
    Phrases,
    Places,
    Stream,
    Terms,
    code,
    forms_at,
    forms_of,
    key_codes,
    read_terms,
)

Bits = npt.NDArray[np.uint16]


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


# -- weights: chosen by hand on province/stamps.jsonl and binhdinh.jsonl; see `python -m benchmarks ingest`

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
    published: since 2025-07-01 wards are those of today, and the districts of a province that was merged speak for the
        new one, if it is named; before, wards are those of then.  Where it is not known, a ward's name counts only if
        both times agree.
    """
    prepare()
    return provinces_in(read_terms([(title, text)]), [source], [published], most)[0]


def prepare() -> None:
    """Gives all names their codes: before any text, so that no text can take what codes there are."""
    _table()
    _words()


def provinces_in(
    terms: Terms, sources: Sequence[str], published: Sequence[date | None], most: int = 3
) -> list[list[Found]]:
    """As `find_provinces`, of articles whose terms were read already."""
    mentions = _mentions(terms.forms, np.array([_era(day) for day in published], np.intp))
    at_home = _at_home(terms.forms)
    return [
        _weigh(terms.forms, article, mentions[article], at_home[article], source, day)[:most]
        for article, (source, day) in enumerate(zip(sources, published, strict=True))
    ]


def _weigh(
    forms: Stream, article: int, mentions: "list[_Mention]", is_at_home: bool, source: str, published: date | None
) -> list[Found]:
    """All that one article says of provinces; the strongest first."""
    weights: dict[str, float] = {}
    reasons: dict[str, list[str | _Mention]] = {}

    def add(slug: str, weight: float, why: "str | _Mention") -> None:
        weights[slug] = weights.get(slug, 0.0) + weight
        reasons.setdefault(slug, []).append(why)

    if source and (slug := _of_domain(source)) is not None:
        add(slug, _DOMAIN, f"domain {source}")
    if (dateline := _dateline(forms.codes[forms.title_ends[article] + 1 :][:6])) is not None:
        add(dateline[0], _DATELINE, f"dateline {dateline[1]}")
    named = {mention.slugs[0] for mention in mentions if mention.is_name}
    if _era(published) == _SINCE_MERGER:
        mentions = [_since_merger(mention, named) for mention in mentions]
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


def _is_of_body(reason: "str | _Mention") -> bool:
    return isinstance(reason, _Mention) and reason.where == "body"


def _explain(codes: Codes, reasons: "list[str | _Mention]") -> tuple[str, ...]:
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
    if first in _table().datelines and (in_brackets or len(first) > 2):
        return _table().datelines[first], first
    return None


def _at_home(forms: Stream) -> npt.NDArray[np.bool_]:
    """Whether each text speaks of "tỉnh" without a name behind it: "UBND tỉnh", "CA tỉnh cho biết"."""
    found = np.zeros(len(forms.ends), bool)
    (at,) = np.nonzero(forms.codes[:-1] == code("tỉnh"))
    following = forms.codes[at + 1]
    found[forms.articles(at[key_codes(following) == following])] = True
    return found


# -- names in a text -----------------------------------------------------------------------------------


class _Name(NamedTuple):
    """All that a name can stand for; slugs of provinces."""

    kind: str  # of the name alone: province, district, landmark, other, contest; "" where it needs a word before it
    province: str = ""
    districts: tuple[str, ...] = ()
    wards: tuple[str, ...] = ()  # before the merger
    now: tuple[tuple[str, ...], ...] = ((),) * 3  # wards of today, of each of _WARD_KINDS

    def ward(self, era: int, kind: int) -> tuple[str, ...]:
        """For whom the name speaks behind a word for a ward; several: for one of them."""
        now = self.now[kind] if kind < len(_WARD_KINDS) else ()
        before = self.wards if len(self.wards) == 1 else ()
        if era == _BEFORE_MERGER or not now:
            return before
        if era == _SINCE_MERGER or not self.wards:
            return now
        if all((_whole()[slug],) == now for slug in self.wards):  # the same province; the narrower name is kept
            return before or now
        return tuple(dict.fromkeys((*self.wards, *now)))


class _Mention(NamedTuple):
    """A name in a text that speaks for one province, or perhaps for each of several."""

    slugs: tuple[str, ...]
    factor: float
    where: str  # title, opening or body
    start: int  # codes[start:end] are the name and the words before it that belong to it
    end: int
    is_name: bool  # of the province itself


class _Table(NamedTuple):
    """Names by the numbers that `phrases` gives them, and for whom each can speak, as places in `slugs`; 0: nobody."""

    phrases: Phrases
    kinds: npt.NDArray[np.int8]  # places in _KINDS
    own: Places  # by the name alone
    district: Places  # behind "huyện"
    ward: Places  # behind "xã": [era, kind of ward, name]
    slugs: list[tuple[str, ...]]
    datelines: dict[str, str]


_WARD_KINDS = ("phường", "xã", "đặc khu")  # then any other word for one
_BEFORE_MERGER, _SINCE_MERGER, _ANY_TIME = range(3)  # eras: an article without a date may be of either

_KINDS = ("", "province", "district", "landmark", "other", "contest")
_IS_NOTHING = np.array([True, False, False, False, True, True])  # by itself, without a word before it


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
                    names[forms] = known._replace(wards=_joined(known.wards, slugs))
                case "phường" | "xã" | "đặc khu":
                    now = list(known.now)
                    place = _WARD_KINDS.index(kind)
                    now[place] = _joined(now[place], slugs)
                    names[forms] = known._replace(now=tuple(now))
                case "word":
                    names[forms] = known._replace(kind="province" if known.province else "")
                case "landmark":
                    names[forms] = known._replace(kind="landmark", province=slugs)
                case _:
                    names[forms] = _Name(kind, now=known.now)
    return _numbered({**capitals, **names}, datelines)


def _joined(known: tuple[str, ...], slugs: str) -> tuple[str, ...]:
    """Those of a name that is spelled in two ways ("Mỹ Quí", "Mỹ Quý"), too."""
    return tuple(dict.fromkeys((*known, *slugs.split())))


def _numbered(names: dict[tuple[str, ...], _Name], datelines: dict[str, str]) -> _Table:
    places: dict[tuple[str, ...], int] = {(): 0}

    def place(slugs: tuple[str, ...]) -> int:
        return places.setdefault(slugs, len(places))

    def own(name: _Name) -> tuple[str, ...]:
        return (name.province,) if name.province else name.districts

    return _Table(
        Phrases(names),
        np.array([_KINDS.index(name.kind) for name in names.values()], np.int8),
        np.array([place(own(name)) for name in names.values()]),
        # of a town and its province of one name ("thành phố Hà Nội", "TP Lạng Sơn") the same is meant
        np.array([place(own(n) if n.province in n.districts else n.districts) for n in names.values()]),
        np.array(
            [
                [[place(name.ward(era, kind)) for name in names.values()] for kind in range(len(_WARD_KINDS) + 1)]
                for era in range(3)
            ]
        ),
        list(places),
        datelines,
    )


_WORDS = {"Hòa Bình", "Thái Bình", "Hà Nam", "An Giang"}  # in capitals they cannot be told from words and names
_OF_A_PROVINCE = {"tỉnh", "tp", "ủy", "thành phố"}
_OF_A_DISTRICT = {"huyện", "quận", "thị xã", "thành phố", "tp", "tx", "h", "q", "đảo"}
_OF_A_PHUONG, _OF_A_XA, _OF_A_KHU = {"phường", "p"}, {"xã", "x"}, {"đặc khu"}
_OF_A_WARD = {"thị trấn", "tt", *_OF_A_PHUONG, *_OF_A_XA, *_OF_A_KHU}
_NOT_OF_A_PLACE = {
    "đường", "phố", "thôn", "ấp", "bản", "trường", "chợ", "cầu", "lộ", "khách", "thpt", "thcs", "tốc", "sông", "ga",
    "họ", "cụ", "tiểu học", "hãng", "ngân hàng",
}  # fmt: skip
_SMALL = {"xã", "phường", "trấn"}  # "thị trấn Phú Phong, Tây Sơn": a district stands behind its ward
_TITLES = {"ông", "bà", "anh", "chị", "sĩ", "chú", "bác", "cụ"}
_PERSON = set(  # "Lê Hà Giang", "ông Thái Bình": names of persons that end so; with a capital but in titles
    "ông bà anh chị cô em sĩ bé chú bác cụ nguyễn trần lê phạm huỳnh phan vũ võ đặng bùi đỗ hồ ngô dương lý đào đoàn "
    "trịnh đinh mai tô lâm hà văn thị hữu đức minh ngọc thanh xuân quang quốc công đình thế duy trọng".split()
)
_AGENCY = set(  # with a capital
    "sở ubnd hđnd đbqh mttq tòa viện cục ban đài báo hội cdc bhxh lđlđ bch đội phòng chi ca bv thành tỉnh an".split()
)
_AT = {"tại", "ở", "đến", "tới", "về", "qua", "vào", "sân", "bàn"}
_DISHES = {"bún", "phở", "bánh", "nem", "chè", "mì", "cơm", "hỏi", "bò", "lẩu", "kiểu"}
_ROADS = {"tốc", "lộ", "tuyến", "đai"}
_ELSEWHERE = {"quê", "người", "gái", "trai", "mẹ", "gốc", "dân", "con", "bỏ", "rời", "ra", "xuống", "từ"}
_BEFORE = 6  # forms before a name that are looked at, back to the last pause

_STOPS = (PAUSE, TITLE_END, TEXT_END)


class _Bit(IntFlag):
    """What a word before a name can be."""

    STOP, PROVINCE, DISTRICT, WARD, OTHER, PERSON, TITLE, AGENCY, AT, DISH_OR_ROAD, ELSEWHERE, TOWN, SMALL = (
        1 << n for n in range(13)
    )
    PHUONG, XA, KHU = (1 << n for n in range(13, 16))


@cache
def _words() -> tuple[npt.NDArray[np.uint16], list[tuple[int, int, int]]]:
    """Bits of each word by the code of its key; (code, code, bits) of those of two syllables."""
    bits = np.zeros(CODES, np.uint16)
    pairs: list[tuple[int, int, int]] = []
    for bit, words in (
        (_Bit.STOP, _STOPS), (_Bit.PROVINCE, _OF_A_PROVINCE), (_Bit.DISTRICT, _OF_A_DISTRICT), (_Bit.WARD, _OF_A_WARD),
        (_Bit.OTHER, _NOT_OF_A_PLACE), (_Bit.PERSON, _PERSON), (_Bit.TITLE, _TITLES), (_Bit.AGENCY, _AGENCY),
        (_Bit.AT, _AT), (_Bit.DISH_OR_ROAD, _DISHES | _ROADS), (_Bit.ELSEWHERE, _ELSEWHERE), (_Bit.TOWN, {"thị xã"}),
        (_Bit.SMALL, _SMALL), (_Bit.PHUONG, _OF_A_PHUONG), (_Bit.XA, _OF_A_XA), (_Bit.KHU, _OF_A_KHU),
    ):  # fmt: skip
        for word in words:
            first, *second = (code(form) for form in word.split(" "))
            if second:
                pairs.append((first, second[0], int(bit)))
            else:
                bits[first] |= bit
    return bits, pairs


class _Before(NamedTuple):
    """The words before some names, as bits."""

    one: Bits  # of the word before
    two: Bits  # of the two words before, where they are one
    any: Bits  # of all since the last pause
    any_capital: Bits  # of those with a capital
    is_person: npt.NDArray[np.bool_]
    is_ward: npt.NDArray[np.bool_]  # "xã X,"
    is_from: npt.NDArray[np.bool_]  # "từ tỉnh", "quê thành phố"


def _words_before(codes: Codes, starts: Places) -> _Before:
    bits, pairs = _words()
    before = codes[np.maximum(starts[:, None] - np.arange(1, _BEFORE + 1), 0)]  # the nearest first
    keys = key_codes(before)
    found, is_capital = bits[keys], before != keys
    is_ward = np.zeros(len(starts), bool)
    for syllables in (1, 2, 3):
        is_ward |= (found[:, 1 + syllables] & _Bit.SMALL > 0) & is_capital[:, 1 : 1 + syllables].all(1)
    found[np.logical_or.accumulate(found & _Bit.STOP, axis=1)] = 0
    two = np.zeros(len(starts), np.uint16)
    for first, second, bit in pairs:
        two[(keys[:, 1] == first) & (keys[:, 0] == second)] |= bit
    one = found[:, 0]
    return _Before(
        one,
        two,
        np.bitwise_or.reduce(found, axis=1),
        np.bitwise_or.reduce(np.where(is_capital, found, 0), axis=1),
        (one & _Bit.PERSON > 0) & (is_capital[:, 0] | (one & _Bit.TITLE > 0)),
        is_ward & (before[:, 0] == code(PAUSE)),
        np.where(two & _Bit.PROVINCE, found[:, 2], found[:, 1]) & _Bit.ELSEWHERE > 0,
    )


def _era(published: date | None) -> int:
    if published is None:
        return _ANY_TIME
    return _SINCE_MERGER if _day(published) >= MERGER else _BEFORE_MERGER


def _mentions(forms: Stream, eras: Places) -> list[list[_Mention]]:
    """For each article, which is of an era, the names in it that speak for a province, in order."""
    table = _table()
    starts, lengths, names = table.phrases.find(forms)
    ends, kinds = starts + lengths, table.kinds[names]
    articles = forms.articles(starts)
    before = _words_before(forms.codes, starts)

    def behind(bit: _Bit) -> Places:
        """How many of the words before are such a prefix."""
        return np.where(before.two & bit, 2, before.one & bit > 0)

    is_province = kinds == _KINDS.index("province")
    as_ward = behind(_Bit.WARD) * (before.two & _Bit.TOWN == 0)
    as_district = behind(_Bit.DISTRICT) * (table.district[names] > 0)
    as_province = behind(_Bit.PROVINCE) * is_province
    is_other = ((before.one | before.two) & _Bit.OTHER > 0) | before.is_person
    is_nothing = _IS_NOTHING[kinds] | is_other & (as_province == 0) & (kinds != _KINDS.index("landmark"))
    has_contest = np.zeros(len(forms.ends), bool)
    has_contest[articles[kinds == _KINDS.index("contest")]] = True
    slugs, prefix, factor = table.own[names], as_province, np.ones(len(names))
    for applies, its_factor in (  # the later ones outweigh those before
        (before.any_capital & _Bit.AGENCY > 0, _AGENCY_FACTOR),
        (before.one & _Bit.ELSEWHERE > 0, _FROM),
        (has_contest[articles], _TEAM),
        (before.one & _Bit.AT > 0, _AT_FACTOR),
        (before.any & _Bit.DISH_OR_ROAD > 0, _ROAD_OR_DISH),
        (as_province > 0, _BEHIND_PREFIX),
        ((as_province > 0) & before.is_from, _FROM),
    ):
        factor[applies] = its_factor
    slugs[is_nothing] = 0
    is_district = (as_district > 0) | before.is_ward & (table.district[names] > 0)
    kind_of_ward = np.select([before.two & _Bit.KHU > 0, before.one & _Bit.PHUONG > 0, before.one & _Bit.XA > 0],
                             [2, 0, 1], len(_WARD_KINDS))  # fmt: skip
    for applies, its_prefix, its_slugs, its_factor in (
        (is_district, as_district, table.district[names], _DISTRICT),
        (as_ward > 0, as_ward, table.ward[eras[articles], kind_of_ward, names], _WARD),
    ):
        slugs[applies], prefix[applies], factor[applies] = its_slugs[applies], its_prefix[applies], its_factor
    following = forms.codes[ends]
    is_part = (lengths == 1) & (key_codes(following) != following)  # "xã Thanh Nho" is not "xã Thanh"
    offsets = starts - forms.title_ends[articles]
    where = (offsets >= 0).astype(int) + (offsets > _FIRST_TERMS)
    is_name = is_province & (slugs == table.own[names])
    found: list[list[_Mention]] = [[] for _ in forms.ends]
    (kept,) = np.nonzero((slugs > 0) & ~is_part)
    columns = (articles, slugs, factor, where, starts - prefix, ends, is_name)
    for article, who, weight, place, start, end, named in zip(*(c[kept].tolist() for c in columns), strict=True):
        found[article].append(_Mention(table.slugs[who], weight, _WHERE[place], start, end, named))
    return found


_WHERE = ("title", "opening", "body")


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


def _join_renamed(weights: dict[str, float], reasons: dict[str, list[str | _Mention]], named: set[str]) -> None:
    """Thừa Thiên Huế and Huế are one place: the name that the text uses takes the evidence of both."""
    for whole, part in _renamed():
        other, used = (whole, part) if part in named else (part, whole)
        if other in weights:
            weights[used] = weights.get(used, 0.0) + weights.pop(other)
            reasons[used] = reasons.get(used, []) + reasons.pop(other)


@cache
def _renamed() -> list[tuple[str, str]]:
    """(slug of today, slug of before) of provinces that only changed their name."""
    return [(p.slug, p.parts[0]) for p in provinces().values() if len(p.parts) == 1 and p.parts[0] != p.slug]


def _day(published: date) -> date:
    return published.date() if isinstance(published, datetime) else published
