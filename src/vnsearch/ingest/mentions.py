"""Where a text names a place, and what the words before the name say of it."""

from datetime import date, datetime
from enum import IntFlag
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ..text.term_stream import CODES, PAUSE, TEXT_END, TITLE_END, Codes, Places, Stream, code, key_codes
from ..vietnam.provinces import MERGER
from .place_names import ANY_TIME, BEFORE_MERGER, IS_NOTHING, KINDS, SINCE_MERGER, WARD_KINDS, name_table, today_of

Bits = npt.NDArray[np.uint16]
_FIRST_TERMS = 70  # terms and pauses of the text: the first paragraph
_BEHIND_PREFIX, _AGENCY_FACTOR, _AT_FACTOR = 1.5, 1.3, 1.3  # "tỉnh X", "Sở Y tế X", "tại X"
_DISTRICT, _WARD = 1.2, 1.0  # "huyện X", "xã X"
_TEAM, _FROM, _ROAD_OR_DISH = 0.3, 0.5, 0.3  # "Hà Nội thắng 2-0", "cô gái Huế", "cao tốc X - Y", "bún bò Huế"


class Mention(NamedTuple):
    """A name in a text that speaks for one province, or perhaps for each of several."""

    slugs: tuple[str, ...]
    factor: float
    where: str  # title, opening or body
    start: int  # codes[start:end] are the name and the words before it that belong to it
    end: int
    is_name: bool  # of the province itself


_OF_A_PROVINCE = {"tỉnh", "tp", "ủy", "thành phố"}
_OF_A_DISTRICT = {"huyện", "quận", "thị xã", "thành phố", "tp", "tx", "h", "q", "đảo"}
_OF_A_PHUONG, _OF_A_XA, _OF_A_KHU = {"phường", "p"}, {"xã", "x"}, {"đặc khu"}
_OF_A_WARD = {"thị trấn", "tt", *_OF_A_PHUONG, *_OF_A_XA, *_OF_A_KHU}
_NOT_OF_A_PLACE = {
    "đường", "phố", "thôn", "ấp", "bản", "trường", "chợ", "cầu", "lộ", "khách", "thpt", "thcs", "tốc", "sông", "ga",
    "họ", "cụ", "tiểu học", "hãng", "ngân hàng",
}  # fmt: skip
_SMALL = {"xã", "phường", "trấn"}  # "thị trấn Phú Phong, Tây Sơn": a district stands after its ward
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
_BEFORE = 6  # forms before a name that are examined, back to the last pause
_STOPS = (PAUSE, TITLE_END, TEXT_END)


class _Bit(IntFlag):
    """What a word before a name can be."""

    STOP, PROVINCE, DISTRICT, WARD, OTHER, PERSON, TITLE, AGENCY, AT, DISH_OR_ROAD, ELSEWHERE, TOWN, SMALL = (
        1 << n for n in range(13)
    )
    PHUONG, XA, KHU = (1 << n for n in range(13, 16))


@cache
def context_words() -> tuple[npt.NDArray[np.uint16], list[tuple[int, int, int]]]:
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
    bits, pairs = context_words()
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


def era_of(published: date | None) -> int:
    if published is None:
        return ANY_TIME
    return SINCE_MERGER if _day(published) >= MERGER else BEFORE_MERGER


def find_mentions(forms: Stream, eras: Places) -> list[list[Mention]]:
    """For each article, which is of an era, the names in it that speak for a province, in order."""
    table = name_table()
    starts, lengths, names = table.phrases.find(forms)
    ends, kinds = starts + lengths, table.kinds[names]
    articles = forms.articles(starts)
    before = _words_before(forms.codes, starts)

    def behind(bit: _Bit) -> Places:
        """How many of the words before are such a prefix."""
        return np.where(before.two & bit, 2, before.one & bit > 0)

    is_province = kinds == KINDS.index("province")
    as_ward = behind(_Bit.WARD) * (before.two & _Bit.TOWN == 0)
    as_district = behind(_Bit.DISTRICT) * (table.district[names] > 0)
    as_province = behind(_Bit.PROVINCE) * is_province
    is_other = ((before.one | before.two) & _Bit.OTHER > 0) | before.is_person
    is_nothing = IS_NOTHING[kinds] | is_other & (as_province == 0) & (kinds != KINDS.index("landmark"))
    has_contest = np.zeros(len(forms.ends), bool)
    has_contest[articles[kinds == KINDS.index("contest")]] = True
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
                             [2, 0, 1], len(WARD_KINDS))  # fmt: skip
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
    found: list[list[Mention]] = [[] for _ in forms.ends]
    (kept,) = np.nonzero((slugs > 0) & ~is_part)
    columns = (articles, slugs, factor, where, starts - prefix, ends, is_name)
    for article, who, weight, place, start, end, named in zip(*(c[kept].tolist() for c in columns), strict=True):
        found[article].append(Mention(table.slugs[who], weight, _WHERE[place], start, end, named))
    return found


_WHERE = ("title", "opening", "body")


def since_merger(mention: Mention, named: set[str]) -> Mention:
    """A district, ward or landmark speaks for the province of today where that is named."""
    if mention.is_name:
        return mention
    return mention._replace(slugs=tuple({today_of()[s] if today_of()[s] in named else s: 0 for s in mention.slugs}))


def _day(published: date) -> date:
    return published.date() if isinstance(published, datetime) else published
