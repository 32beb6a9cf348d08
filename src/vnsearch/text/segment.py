"""Syllables -> words: pyvi's segmentation, the same words at many times its speed.

pyvi labels each syllable as the beginning (B) or the inside (I) of a word with a linear-chain CRF
of two labels.  Here its model is read without importing pyvi, scikit-learn or python-crfsuite and
without unpickling: the model file is found in the pickle's opcodes and read by crfsuite's file
format (chokkan/crfsuite, lib/crf/src/crf1d_model.c).  What a surface form contributes to its own,
its left and its right neighbour's score is computed once; a text then costs one look-up and one
step of a Viterbi search over a single number (score of I minus score of B) per syllable.

    >>> segment("Ban Dân vận Tỉnh ủy Lạng Sơn")
    ['Ban', 'Dân_vận', 'Tỉnh_ủy', 'Lạng_Sơn']
"""

import pickletools
import re
import string
import struct
import unicodedata
from functools import cache
from importlib.util import find_spec
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from .memo import Memo

# pyvi's own syllables, order and all (pyvi 0.1.1, ViTokenizer.sylabelize); none of them spans a blank
_SYLLABLE = re.compile(
    r"[A-ZĐ]+\.|Tp\.|Mr\.|Mrs\.|Ms\.|Dr\.|ThS\.|==>|->|\.\.\.|>>|\n|\w+://[^\s]+"
    r"|(?:[a-zA-Z0-9_.+-]+@(?:[a-zA-Z0-9-]+\.)+[a-zA-Z0-9-]+)|\d+(?:[\.,_]\d+)+|[^\w\s]|\w+"
)


class _Form(NamedTuple):
    """What the model knows of one surface form; scores are those of I minus those of B."""

    syllable: str
    own: float
    to_right: float  # what it adds to its right neighbour's score
    to_left: float
    number: int  # of its lower-case form in known compounds; 0: in none
    lonely: bool  # punctuation or a digit: never joined
    title: bool


class Model(NamedTuple):
    """pyvi's CRF as plain numbers."""

    weights: dict[str, float]  # attribute -> weight of I minus weight of B
    transitions: dict[str, float]  # "BB" "BI" "IB" "II"
    numbers: dict[str, int]  # lower-case syllable of a compound -> its number, from 1
    pairs: frozenset[int]  # compounds of two: first << 20 | second
    triples: frozenset[int]  # compounds of three


def segment(text: str) -> list[str]:
    """The words of a text as pyvi 0.1.1 cuts them, syllables joined by "_"; the text is made NFC first.

    Punctuation marks are words of their own, as in pyvi.  Linear in len(text).
    """
    forms = list(chain.from_iterable(map(_forms().__getitem__, _chunks(unicodedata.normalize("NFC", text)))))
    if not forms:
        return [text] if text else []
    words: list[str] = []
    for form, joined in zip(forms, _inside(forms, model()), strict=True):
        if joined:
            words[-1] += "_" + form.syllable
        else:
            words.append(form.syllable)
    return words


def _chunks(text: str) -> list[str]:
    return text.replace("\n", " \n ").split(" ") if "\n" in text else text.split(" ")


def _inside(forms: list[_Form], crf: Model) -> list[bool]:
    """For each syllable, whether it continues the word before it: two-state Viterbi (Viterbi 1967)."""
    weights, pairs, triples = crf.weights, crf.pairs, crf.triples
    left_of_pair, right_of_pair = weights["+1:word.bi_gram()"], weights["-1:word.bi_gram()"]
    left_of_triple, right_of_triple = weights["+2:word.tri_gram()"], weights["-2:word.tri_gram()"]
    scores = [form.own for form in forms]
    before, before_number, two_before = forms[0], forms[0].number, 0
    for i in range(1, len(forms)):
        form = forms[i]
        scores[i] += before.to_right
        scores[i - 1] += form.to_left
        number = form.number
        if number and before_number:
            pair = before_number << 20 | number
            if pair in pairs:
                scores[i] += right_of_pair
                scores[i - 1] += left_of_pair
            if two_before and two_before << 40 | pair in triples:
                scores[i] += right_of_triple
                scores[i - 2] += left_of_triple
        two_before, before_number, before = before_number, number, form

    moves = crf.transitions
    bb, bi, ib, ii = moves["BB"], moves["BI"], moves["IB"], moves["II"]
    lead = scores[0]  # best score of a path that ends in I, minus that of one that ends in B
    leads = [lead]
    for score in scores[1:]:
        lead = score + (lead + ii if lead + ii > bi else bi) - (lead + ib if lead + ib > bb else bb)
        leads.append(lead)
    label = lead > 0
    labels = [label]
    for lead in leads[-2::-1]:
        label = lead + ii > bi if label else lead + ib > bb
        labels.append(label)
    labels.reverse()
    joined = [False]
    for i in range(1, len(forms)):
        a, b = forms[i - 1], forms[i]
        joined.append(labels[i] and not a.lonely and not b.lonely and (a.title or not b.title))
    return joined


# -- the model ----------------------------------------------------------------------------------------


@cache
def model() -> Model:
    """pyvi's model, read once; a few hundredths of a second."""
    folder = _models()
    strings = (arg for _, arg, _ in pickletools.genops((folder / "pyvi3.pkl").read_bytes()) if isinstance(arg, str))
    weights, transitions = _read_crfsuite(next(s for s in strings if s.startswith("lCRF")).encode("latin-1"))
    numbers: dict[str, int] = {}
    pairs, triples = set(), set()
    for entry in (folder / "words.txt").read_text("utf-8").split("\n"):
        syllables = entry.split(" ")
        if 2 <= len(syllables) <= 3 and entry == entry.lower():  # pyvi looks up lower-case forms only
            ids = [numbers.setdefault(s, len(numbers) + 1) for s in syllables]
            if len(ids) == 2:
                pairs.add(ids[0] << 20 | ids[1])
            else:
                triples.add(ids[0] << 40 | ids[1] << 20 | ids[2])
    return Model(weights, transitions, numbers, frozenset(pairs), frozenset(triples))


def _models() -> Path:
    spec = find_spec("pyvi")  # finds the package without importing it
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError("vnsearch needs the package pyvi for its word model: pip install pyvi")
    return Path(spec.submodule_search_locations[0]) / "models"


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
def _forms() -> Memo[tuple[_Form, ...]]:
    crf = model()
    forms: Memo[_Form] = Memo(lambda syllable: _form(syllable, crf))
    return Memo(lambda chunk: tuple(forms[syllable] for syllable in _SYLLABLE.findall(chunk)))


def _form(syllable: str, crf: Model) -> _Form:
    weight, lower = crf.weights.get, syllable.lower()

    def context(prefix: str) -> float:
        return (
            weight(prefix + "word.lower():" + lower, 0.0)
            + weight(prefix + "word.istitle()", 0.0) * syllable.istitle()
            + weight(prefix + "word.isupper()", 0.0) * syllable.isupper()
        )

    return _Form(
        syllable,
        weight("bias", 0.0) + context("") + weight("word.isdigit()", 0.0) * syllable.isdigit(),
        context("-1:"),
        context("+1:"),
        crf.numbers.get(lower, 0),
        syllable in string.punctuation or syllable[0].isdigit(),
        syllable[0].istitle(),
    )
