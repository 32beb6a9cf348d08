"""pyvi's words, without pyvi's cost."""

import json
import subprocess
import sys
import unicodedata
import warnings
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vnsearch.text.words import segment, words

EXAMPLES = Path(__file__).parents[2] / "examples" / "articles.jsonl"


@pytest.fixture(scope="module")
def pyvi() -> object:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an old pickle, read by a new scikit-learn
        from pyvi import ViTokenizer
    return ViTokenizer


def test_the_words_of_the_sample_are_pyvis(pyvi: object) -> None:
    """Not one token of the bundled articles differs."""
    for line in EXAMPLES.read_text("utf-8").splitlines():
        article = json.loads(line)
        text = article["title"] + "\n" + article["body"]
        assert " ".join(segment(text)) == pyvi.tokenize(text)  # type: ignore[attr-defined]


@given(st.text(st.sampled_from("aBcđĐàHội nghị dân vận Tỉnh ủy. ,/-_>0123456789\n\t\u00a0@:…"), max_size=80))
def test_odd_strings_are_cut_as_pyvi_cuts_them(pyvi: object, text: str) -> None:
    """Signs, digits, blanks and line ends included."""
    assert " ".join(segment(text)) == pyvi.tokenize(text)  # type: ignore[attr-defined]


@given(
    st.lists(
        st.sampled_from("a . a.b @ @c.vn x@y.vn x.y@z.com.vn - _ 1.5 A. Mr. http://a ! ... é 1_000 :// ->".split()),
        max_size=40,
    ),
    st.sampled_from(["", "-" * 200, "a." * 120, "x@y." * 60, "é" * 210, "1." * 110, "a@b!" * 60]),
    st.booleans(),
)
def test_long_pieces_are_cut_as_pyvi_cuts_them(pyvi: object, parts: list[str], long: str, before: bool) -> None:
    """Without a blank, of any length: addresses in them, too, which are looked for in another way there."""
    text = long + "".join(parts) if before else "".join(parts) + long
    assert " ".join(segment(text)) == pyvi.tokenize(text)  # type: ignore[attr-defined]


def test_no_model_is_unpickled_and_no_heavy_package_imported() -> None:
    """Segmentation needs neither pyvi's code nor scikit-learn nor python-crfsuite, and runs no pickle."""
    code = (
        "import sys, pickle, builtins\n"
        "from vnsearch.text.words import segment\n"
        "assert segment('Dân vận khéo') == ['Dân_vận', 'khéo']\n"
        "print(sorted(m for m in ('pyvi', 'sklearn', 'pycrfsuite', 'whoosh') if m in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


LONG = "Ban Dân vận Tỉnh ủy Lạng Sơn tổ chức hội nghị tập huấn, có 15,5% đại biểu. "


def test_long_texts_are_cut_as_pyvi_cuts_them(pyvi: object) -> None:
    """Long texts are scored in arrays, short ones in a loop; both say what pyvi says."""
    lines = [json.loads(line) for line in EXAMPLES.read_text("utf-8").splitlines()]
    text = "\n".join(article["title"] + " " + article["body"] for article in lines)
    assert " ".join(segment(text)) == pyvi.tokenize(text)  # type: ignore[attr-defined]
    for part in text.split(". "):
        assert " ".join(segment(part)) == pyvi.tokenize(part)  # type: ignore[attr-defined]


@given(
    st.lists(st.sampled_from("nhất trí hội nghị Hà Nội an ninh a - 5 \n , UBND tổng bí thư xã hội hóa".split(" "))),
    st.integers(0, 9),
)
def test_compounds_in_any_order_are_cut_as_pyvi_cuts_them(pyvi: object, syllables: list[str], copies: int) -> None:
    """Pairs and triples of known compounds, repeated and broken by signs and line ends."""
    text = " ".join(syllables * (copies + 1)) or "a"
    assert " ".join(segment(text)) == pyvi.tokenize(text)  # type: ignore[attr-defined]


@given(st.text(max_size=60) | st.text(st.sampled_from("aA Đđ\u0300\u200bộHỘI NGHỊ nghi.,-\n1\u3000ﬀß"), max_size=60))
def test_words_lie_in_order_inside_the_text(text: str) -> None:
    """Every word's slice is in the text, not empty, and neither end lies before that of the word before.

    Two words may share a slice where one pile of marks was mended into two (a digit and a mark).
    """
    begin = done = 0
    for word in words(text):
        assert word.start < word.end <= len(text)
        assert begin <= word.start and done <= word.end
        begin, done = word.start, word.end


def test_words_of_ordinary_text_are_those_of_segment() -> None:
    """Offsets cost nothing in exactness, and point at what was written."""
    found = words(LONG)
    assert [word.text for word in found] == segment(LONG)
    assert [LONG[word.start : word.end] for word in found] == [word.text.replace("_", " ") for word in found]


def test_offsets_are_those_of_the_text_as_given() -> None:
    """A text in NFD, with an invisible character, has the same words at its own places."""
    text = unicodedata.normalize("NFD", "Tỉnh ủy\u200b Lạng Sơn")
    found = words(text)
    assert [word.text for word in found] == ["Tỉnh_ủy", "Lạng_Sơn"]
    assert text[found[1].start : found[1].end] == unicodedata.normalize("NFD", "Lạng Sơn")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("TỈNH ỦY LẠNG SƠN TẬP HUẤN", "TỈNH_ỦY LẠNG_SƠN TẬP_HUẤN"),
        ("HỘI NGHỊ TỔNG KẾT CÔNG TÁC DÂN VẬN", "HỘI_NGHỊ TỔNG_KẾT CÔNG_TÁC DÂN_VẬN"),
        ("Chủ tịch UBND, HĐND tỉnh họp", "Chủ_tịch UBND , HĐND tỉnh họp"),  # abbreviations are no headline
        ("UBND TỈNH BẮC GIANG HỌP", "UBND TỈNH BẮC_GIANG HỌP"),
    ],
)
def test_capitals_are_read_as_running_text(text: str, expected: str) -> None:
    """A headline in capitals has the words of its form in small letters."""
    assert " ".join(word.text for word in words(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("tinh uy lang son tap huan", "tinh_uy lang_son tap_huan"),
        ("TINH UY LANG SON TAP HUAN", "TINH_UY LANG_SON TAP_HUAN"),
        ("hoi nghi tong ket cong tac dan van nam 2025", "hoi_nghi tong_ket cong_tac dan_van nam 2025"),
        ("ban an", "ban an"),  # too short to say how it was typed
    ],
)
def test_text_without_diacritics_has_words(text: str, expected: str) -> None:
    """Text that was typed without any diacritics is cut by folded pairs."""
    assert " ".join(word.text for word in words(text)) == expected


@pytest.mark.parametrize(
    "text", ["", " ", "\n", "\ud800", "a\u0300" * 50, "_ _", "İ I ı", "ß SS", "...", "ΑΣ ΣΑ", "\x00"]
)
def test_odd_strings_do_no_harm(text: str) -> None:
    """Nothing crashes, and what is only blanks has no words."""
    assert bool(words(text)) == any(c.isprintable() and c != " " or c == "\n" or not c.isspace() for c in text)
    segment(text)


@pytest.mark.parametrize("syllable", ["nghị", "NGHỊ ", ","])
def test_time_is_linear_in_the_length(syllable: str) -> None:
    """200 kB of one syllable, in one piece or in many, end; quadratic work would not."""
    text = syllable * (200_000 // len(syllable))
    assert sum(map(len, segment(text))) >= 0.7 * len(text)
    assert words(text)[-1].end >= len(text) - 1
