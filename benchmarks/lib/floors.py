"""Floors: what a measure must not fall under, for each set and way of typing, with the hash of the set's files.

    {"sets": {"xquad_vi": {"sha256": "...", "floors": {"as written": {"nDCG@10": 0.97}}}},
     "lowered": [{"what": "xquad_vi, as written, nDCG@10", "from": 0.97, "to": 0.96, "reason": "..."}]}

A floor is the mean as measured when it was pinned, rounded down to three digits.
"""

import math
from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any, TypeAlias

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
