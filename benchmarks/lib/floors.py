"""Floors: what a measure must not fall under, for each set and way of typing, with the hash of the set's files.

    {"sets": {"xquad_vi": {"sha256": "...", "floors": {"as written": {"nDCG@10": 0.97}}}},
     "lowered": [{"what": "xquad_vi, as written, nDCG@10", "from": 0.97, "to": 0.96, "reason": "..."}]}

A floor is the mean as measured when it was pinned, rounded down to three digits.
"""

import argparse
import json
import math
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeAlias

from vnsearch import Article

Means: TypeAlias = Mapping[str, Mapping[str, float]]  # way -> measure -> mean
Floors: TypeAlias = dict[str, Any]


def below(floors: Floors, name: str, sha256: str, means: Means) -> list[str]:
    """What is wrong, a line each; nothing where the set has no floors yet."""
    known = floors.get("sets", {}).get(name)
    if known is None:
        return []
    if known["sha256"] != sha256:
        return [f"{name}: other files (SHA-256 {sha256[:12]}) than those of its floors ({known['sha256'][:12]})"]
    return [
        f"{name}, {way}, {measure}: {mean} is under its floor of {floor}"
        for way, measure, floor, mean in _fallen(known["floors"], means)
    ]


def _fallen(known: Means, means: Means) -> Iterator[tuple[str, str, float, str]]:
    for way, floors in known.items():
        for measure, floor in floors.items():
            mean = means.get(way, {}).get(measure)
            if mean is None or mean < floor:
                yield way, measure, floor, "nothing measured" if mean is None else f"{mean:.4f}"


def pinned(floors: Floors, name: str, sha256: str, means: Means, reason: str | None) -> Floors:
    """The floors raised to these means.  Raises ValueError where one would fall and no reason is given."""
    wrong = below(floors, name, sha256, means)
    if wrong and not reason:
        raise ValueError("\n".join([*wrong, "lower them with --lower REASON"]))
    new = deepcopy(floors)
    old = new.setdefault("sets", {}).get(name, {}).get("floors", {})
    found = {way: {m: math.floor(mean * 1000) / 1000 for m, mean in values.items()} for way, values in means.items()}
    for way, values in old.items():
        for measure, floor in values.items():
            now = found.get(way, {}).get(measure)
            if now is None or now < floor:
                entry = {"what": f"{name}, {way}, {measure}", "from": floor, "to": now, "reason": reason}
                new.setdefault("lowered", []).append(entry)
    new["sets"][name] = {"sha256": sha256, "floors": found}
    return new


# -- floors of a command ------------------------------------------------------------------------------------


def add_pin(parser: argparse.ArgumentParser) -> None:
    """What commands take that have floors."""
    parser.add_argument("--pin", action="store_true", help="make the figures of this run the floors")
    parser.add_argument("--lower", metavar="REASON", help="with --pin: let floors fall, and keep why")


def parse(parser: argparse.ArgumentParser, arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """The arguments, of which --lower goes with --pin."""
    asked = parser.parse_args(arguments)
    if asked.lower is not None and not (asked.pin and asked.lower.strip()):
        parser.error("--lower takes a reason, and goes with --pin")
    return asked


def held(path: Path, sets: Mapping[str, tuple[str, Means]], *, pin: bool, lower: str | None) -> int:
    """1 where a set (name -> hash, means) is under its floor, which is said; pin: the means become the floors."""
    kept = json.loads(path.read_text("utf-8")) if path.exists() else {}
    wrong: list[str] = []
    for name, (digest, means) in sets.items():
        if pin:
            try:
                kept = pinned(kept, name, digest, means, lower)
            except ValueError as e:
                raise SystemExit(str(e)) from None
        wrong += below(kept, name, digest, means)
    if pin:
        path.write_text(json.dumps(kept, ensure_ascii=False, indent=1) + "\n", "utf-8")
    for line in wrong:
        print(line, file=sys.stderr)
    return 1 if wrong else 0


def digest(articles: Iterable[Article], *files: Path) -> str:
    """The hash of articles, in whatever order, and of files."""
    whole = sha256()
    for file in files:
        whole.update(file.read_bytes())
    for one in sorted(sha256(f"{a.id}\0{a.title}\0{a.lead}\0{a.body}".encode()).digest() for a in articles):
        whole.update(one)
    return whole.hexdigest()
