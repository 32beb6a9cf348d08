"""Makes src/vnsearch/vietnam/data/provinces.json and places.tsv from a folder of gazetteer tables.

    python scripts/make_gazetteer.py DATA/gazetteer

The tables (facts; MIT) are JSON lines: provinces_63 and provinces_34_2026 (code, name, full_name),
province_old_to_new (old, new), districts_63, wards_63 and wards_34_2026 (full_name, province).  What they
spell "Hoà Bình" and call "Huế" before 2025 is mended here, where one can see it.  Wards are told apart by time, and
those of today also by kind (there was a xã Tây Hồ, and there is a phường Tây Hồ elsewhere).
"""

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path

from vnsearch.text.fold import fold
from vnsearch.text.normalize import syllable_key

ALIASES = {  # what no rule gives: abbreviations, the usual short forms, names in other languages
    "ba-ria-vung-tau": ["BR-VT", "BRVT", "Vũng Tàu"],
    "hue": ["TP Huế", "Hue City"],
    "thua-thien-hue": ["TT-Huế", "TT Huế", "TTH"],
    "ho-chi-minh": ["TP.HCM", "TPHCM", "HCM", "HCMC", "Sài Gòn", "Saigon", "Ho Chi Minh City"],
    "ha-noi": ["Hanoi", "HN"],
    "da-nang": ["Danang", "ĐN"],
    "can-tho": ["Cantho"],
    "hai-phong": ["Haiphong", "HP"],
    "bac-kan": ["Bắc Cạn"],
    "dak-lak": ["Đắc Lắc", "Đăk Lăk", "Daklak", "Darlac"],
    "dak-nong": ["Đắc Nông", "Đăk Nông", "Daknong"],
    "kon-tum": ["Kontum", "Công Tum"],
    "gia-lai": ["Gialai"],
    "thanh-hoa": ["TH"],
    "quang-nam": ["QNam"],
}
DOMAINS = {  # newspapers and portals whose host does not spell their province
    "ha-noi": ["hanoimoi.vn", "hanoimoi.com.vn", "kinhtedothi.vn"],
    "ho-chi-minh": ["sggp.org.vn", "hcmcpv.org.vn", "tphcm.chinhphu.vn", "hcmc.gov.vn", "thanhuytphcm.vn"],
    "hai-phong": ["baohaiphong.com.vn", "anhp.vn"],
    "ba-ria-vung-tau": ["baobariavungtau.com.vn", "brt.vn"],
    "khanh-hoa": ["baokhanhhoa.vn"],
    "hue": ["huengaynay.vn", "thuathienhue.gov.vn"],
    "thanh-hoa": ["vhds.baothanhhoa.vn", "truyenhinhthanhhoa.vn"],
    "tien-giang": ["baoapbac.vn", "thtg.vn"],
    "binh-dinh": ["baobinhdinh.vn", "baobinhdinh.com.vn"],
}
KINDS = ("phường", "xã", "đặc khu")  # of today's wards


def main(folder: Path) -> None:
    """Writes the data file; prints what it holds."""

    def rows(name: str) -> list[dict[str, str]]:
        return [json.loads(line) for line in (folder / name).read_text("utf-8").splitlines()]

    records: dict[str, dict[str, object]] = {}
    for era, name in (("before", "provinces_63.jsonl"), ("since", "provinces_34_2026.jsonl")):
        for row in rows(name):
            spelled = " ".join(mended(word) for word in row["name"].split(" "))
            if era == "before" and spelled == "Huế":
                spelled = "Thừa Thiên Huế"
            slug = slug_of(spelled)
            record = records.setdefault(
                slug,
                {"slug": slug, "name": spelled, "before": None, "since": None, "parts": [],
                 "aliases": ALIASES.get(slug, []), "domains": DOMAINS.get(slug, [])},
            )  # fmt: skip
            record[era] = {"code": row["code"], "unit": row["full_name"].split(" " + row["name"])[0]}
    for row in rows("province_old_to_new.jsonl"):
        old, new = slug_of(row["old"]), slug_of(row["new"])
        parts = records[new]["parts"]
        assert isinstance(parts, list)
        parts.append("thua-thien-hue" if old == "hue" else old)
    target = Path(__file__).parent.parent / "src/vnsearch/vietnam/data/provinces.json"
    about = "Provinces of Viet Nam before 2025-07-01 (63) and since (34); made by scripts/make_gazetteer.py"
    lines = ",\n".join(json.dumps(record, ensure_ascii=False) for record in records.values())
    target.write_text(f'{{"_about": "{about}", "provinces": [\n{lines}\n]}}\n', "utf-8")
    print(f"{sum(r['before'] is not None for r in records.values())} before, ", end="")
    print(f"{sum(r['since'] is not None for r in records.values())} since -> {target.name}")
    write_places(target.parent / "places.tsv", rows, set(records))


def write_places(target: Path, rows: Callable[[str], list[dict[str, str]]], provinces: set[str]) -> None:
    """One line a name: what it is, the name, the provinces that have (else had) one so called."""
    places: dict[tuple[str, str], set[str]] = {}
    for row in rows("districts_63.jsonl"):
        places.setdefault(("district", bare(row["full_name"])), set()).add(province_of(row["province"], provinces))
    before: dict[str, set[str]] = {}
    for row in rows("wards_63.jsonl"):
        before.setdefault(bare(row["full_name"]), set()).add(province_of(row["province"], provinces))
    names = set()
    for row in rows("wards_34_2026.jsonl"):
        kind = next(kind for kind in KINDS if row["full_name"].lower().startswith(kind))
        name = bare(row["full_name"])
        names.add(name)
        places.setdefault((kind, name), set()).add(slug_of(row["province"]))
    for name, slugs in before.items():
        # one that several had says nothing; it is kept where today's of that name must not speak for articles of then
        if not name.isdigit() and (len(slugs) == 1 or name in names):
            places["ward", name] = slugs
    lines = [f"{kind}\t{name}\t{' '.join(sorted(slugs))}" for (kind, name), slugs in sorted(places.items())]
    about = "# Districts and wards before 2025-07-01, and today's wards by kind; made by scripts/make_gazetteer.py"
    target.write_text("\n".join([about, *lines]) + "\n", "utf-8")
    print(f"{len(lines)} places -> {target.name}")


def bare(full_name: str) -> str:
    """ "Thị xã Hoài Nhơn" -> "Hoài Nhơn", "Quận 01" -> "1"."""
    name = re.sub(r"^(?:Thành phố|Thị xã|Thị trấn|Quận|Huyện|Phường|Xã|Đặc khu)\s+", "", full_name, flags=re.IGNORECASE)
    return str(int(name)) if name.isdigit() else " ".join(mended(word) for word in name.split())


def province_of(full_name: str, provinces: set[str]) -> str:
    """The slug of a province of before: "Thành phố Huế" is Thừa Thiên Huế."""
    slug = slug_of(re.sub(r"^(?:Thành phố|Tỉnh)\s+", "", full_name))
    slug = "thua-thien-hue" if slug == "hue" else slug
    assert slug in provinces, full_name
    return slug


def mended(word: str) -> str:
    """A syllable with its tone mark where "Hòa, Khánh" have it; "Mỹ" stays."""
    key = syllable_key(word)
    return key.capitalize() if word.isalpha() and fold(key) == fold(word).lower() else word


def slug_of(name: str) -> str:
    """ "Bà Rịa - Vũng Tàu" -> "ba-ria-vung-tau"."""
    return "-".join(re.findall(r"\w+", fold(name).lower()))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
