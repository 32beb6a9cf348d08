"""pyvi's words, without pyvi's cost."""

import json
import subprocess
import sys
import warnings
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vnsearch.text.segment import segment

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


def test_no_model_is_unpickled_and_no_heavy_package_imported() -> None:
    """Segmentation needs neither pyvi's code nor scikit-learn nor python-crfsuite, and runs no pickle."""
    code = (
        "import sys, pickle, builtins\n"
        "from vnsearch.text.segment import segment\n"
        "assert segment('Dân vận khéo') == ['Dân_vận', 'khéo']\n"
        "print(sorted(m for m in ('pyvi', 'sklearn', 'pycrfsuite', 'numpy', 'whoosh') if m in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
