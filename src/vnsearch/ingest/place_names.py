"""The names of provinces, districts, wards and landmarks, as a table that texts are matched with."""

from functools import cache
from importlib.resources import files
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ..text.term_stream import Phrases, Places, forms_of
from ..vietnam.provinces import provinces

# -- names in a text -----------------------------------------------------------------------------------


class Name(NamedTuple):
    """All that a name can stand for; slugs of provinces."""

    kind: str  # of the name alone: province, district, landmark, other, contest; "" where it needs a word before it
    province: str = ""
    districts: tuple[str, ...] = ()
    wards: tuple[str, ...] = ()  # before the merger
    now: tuple[tuple[str, ...], ...] = ((),) * 3  # wards of today, of each of _WARD_KINDS

    def ward(self, era: int, kind: int) -> tuple[str, ...]:
        """For whom the name speaks after a word for a ward; several: for one of them."""
        now = self.now[kind] if kind < len(WARD_KINDS) else ()
        before = self.wards if len(self.wards) == 1 else ()
        if era == BEFORE_MERGER or not now:
            return before
        if era == SINCE_MERGER or not self.wards:
            return now
        if all((today_of()[slug],) == now for slug in self.wards):  # the same province; the narrower name is kept
            return before or now
        return tuple(dict.fromkeys((*self.wards, *now)))


class _Table(NamedTuple):
    """Names by the numbers that `phrases` gives them, and for whom each can speak, as places in `slugs`; 0: nobody."""

    phrases: Phrases
    kinds: npt.NDArray[np.int8]  # places in _KINDS
    own: Places  # by the name alone
    district: Places  # after "huyện"
    ward: Places  # after "xã": [era, kind of ward, name]
    slugs: list[tuple[str, ...]]
    datelines: dict[str, str]


WARD_KINDS = ("phường", "xã", "đặc khu")  # then any other word for one
BEFORE_MERGER, SINCE_MERGER, ANY_TIME = range(3)  # eras: an article without a date may be of either
KINDS = ("", "province", "district", "landmark", "other", "contest")
IS_NOTHING = np.array([True, False, False, False, True, True])  # by itself, without a word before it


@cache
def name_table() -> _Table:
    """Names as they are written: capitals on every syllable, those of provinces also all in capitals."""
    names: dict[tuple[str, ...], Name] = {}
    capitals: dict[tuple[str, ...], Name] = {}
    datelines: dict[str, str] = {}
    for slug, province in provinces().items():
        for name in (province.name, *province.aliases):
            forms = tuple(forms_of(name))
            if name != "Vũng Tàu" and (len(forms) > 1 or forms in (("TPHCM",), ("BRVT",), ("Huế",))):  # a town
                names[forms] = Name("province", slug)
                if province.name not in _WORDS:
                    capitals[tuple(f.upper() for f in forms)] = names[forms]
    for file in ("places.tsv", "landmarks.tsv"):
        for line in (files(__package__) / "data" / file).read_text("utf-8").splitlines():
            if line.startswith("#"):
                continue
            kind, name, slugs = line.split("\t")
            forms = ("quận", name) if name.isdigit() else tuple(forms_of(name))
            known = names.get(forms, Name(""))
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
                    place = WARD_KINDS.index(kind)
                    now[place] = _joined(now[place], slugs)
                    names[forms] = known._replace(now=tuple(now))
                case "word":
                    names[forms] = known._replace(kind="province" if known.province else "")
                case "landmark":
                    names[forms] = known._replace(kind="landmark", province=slugs)
                case _:
                    names[forms] = Name(kind, now=known.now)
    return _numbered({**capitals, **names}, datelines)


def _joined(known: tuple[str, ...], slugs: str) -> tuple[str, ...]:
    """The names, and for one that is spelled in two ways ("Mỹ Quí", "Mỹ Quý") both."""
    return tuple(dict.fromkeys((*known, *slugs.split())))


def _numbered(names: dict[tuple[str, ...], Name], datelines: dict[str, str]) -> _Table:
    places: dict[tuple[str, ...], int] = {(): 0}

    def place(slugs: tuple[str, ...]) -> int:
        return places.setdefault(slugs, len(places))

    def own(name: Name) -> tuple[str, ...]:
        return (name.province,) if name.province else name.districts

    return _Table(
        Phrases(names),
        np.array([KINDS.index(name.kind) for name in names.values()], np.int8),
        np.array([place(own(name)) for name in names.values()]),
        # of a town and its province of one name ("thành phố Hà Nội", "TP Lạng Sơn") the same is meant
        np.array([place(own(n) if n.province in n.districts else n.districts) for n in names.values()]),
        np.array(
            [
                [[place(name.ward(era, kind)) for name in names.values()] for kind in range(len(WARD_KINDS) + 1)]
                for era in range(3)
            ]
        ),
        list(places),
        datelines,
    )


_WORDS = {"Hòa Bình", "Thái Bình", "Hà Nam", "An Giang"}  # in capitals they cannot be told from words and names


@cache
def today_of() -> dict[str, str]:
    """A former province -> that of today."""
    table = {slug: slug for slug in provinces()}
    return table | {part: whole.slug for whole in provinces().values() for part in whole.parts}
