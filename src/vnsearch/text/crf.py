"""pyvi's word model as plain numbers: read, not run.

pyvi labels each syllable as the beginning (B) or the inside (I) of a word with a linear-chain CRF of
two labels.  Its model is found in the pickle without unpickling and read by crfsuite's file format
(chokkan/crfsuite, lib/crf/src/crf1d_model.c); neither pyvi nor scikit-learn nor python-crfsuite is imported.
"""

import re
import struct
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from .fold import fold
from .normalize import syllable_key


class Model(NamedTuple):
    """pyvi's CRF as plain numbers."""

    weights: dict[str, float]  # attribute -> weight of I minus weight of B
    moves: tuple[float, float, float, float]  # weights of the transitions BB BI IB II
    compounds: frozenset[str]  # syllables parted by blanks


@cache
def model() -> Model:
    """pyvi's model, read once; some hundredths of a second."""
    folder = _models()
    weights, transitions = _read_crfsuite(_model_file((folder / "pyvi3.pkl").read_bytes()))
    bb, bi, ib, ii = (transitions[move] for move in ("BB", "BI", "IB", "II"))
    # entries with capitals do no harm: pyvi looks up lower-case forms only, so nothing ever meets them
    return Model(weights, (bb, bi, ib, ii), frozenset((folder / "words.txt").read_text("utf-8").split("\n")))


def _models() -> Path:
    spec = find_spec("pyvi")  # finds the package without importing it
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError("vnsearch needs the package pyvi for its word model: pip install pyvi")
    return Path(spec.submodule_search_locations[0]) / "models"


def _model_file(pickled: bytes) -> bytes:
    """The model in the pickle: Python 2 bytes, kept as text; BINUNICODE is X, the size in 4 bytes, UTF-8."""
    at = pickled.index(b"lCRF")
    (size,) = struct.unpack_from("<I", pickled, at - 4)
    return pickled[at : at + size].decode("utf-8").encode("latin-1")


def _read_crfsuite(data: bytes) -> tuple[dict[str, float], dict[str, float]]:
    """State weights (I minus B) and transition weights of a first-order CRF in crfsuite's format."""
    offsets = struct.unpack_from("<4sI4s9I", data)
    features, labels, attributes = offsets[7:10]
    label_names = [name[0] for name in _read_cqdb(data, labels)]  # "B_W", "I_W"
    attribute_names = _read_cqdb(data, attributes)
    _, _, count = struct.unpack_from("<4sII", data, features)
    weights: dict[str, float] = dict.fromkeys(attribute_names, 0.0)
    transitions: dict[str, float] = dict.fromkeys(("BB", "BI", "IB", "II"), 0.0)
    for kind, source, label, weight in struct.iter_unpack("<IIId", data[features + 12 : features + 12 + 20 * count]):
        if kind == 0:
            weights[attribute_names[source]] += weight if label_names[label] == "I" else -weight
        else:
            transitions[label_names[source] + label_names[label]] = weight
    return weights, transitions


def _read_cqdb(data: bytes, at: int) -> list[str]:
    """The strings of a constant quark database, by number."""
    _, _, _, _, count, backward = struct.unpack_from("<4s5I", data, at)
    names = []
    for offset in struct.unpack_from(f"<{count}I", data, at + backward):
        _, size = struct.unpack_from("<II", data, at + offset)
        names.append(data[at + offset + 8 : at + offset + 7 + size].decode("utf-8"))  # without its final NUL
    return names


@cache
def known_syllables() -> frozenset[str]:
    """The keys of all syllables of pyvi's compounds."""
    syllables = set(" ".join(model().compounds).split())
    return frozenset(syllable_key(s) for s in syllables if re.search("[aeiouy]", fold(s)))  # "tp" is none
