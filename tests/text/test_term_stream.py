"""Terms as numbers: what the index would file, and where known phrases stand."""

from bisect import bisect_left
from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from vnsearch.text.term_stream import PAUSE, READ, TEXT_END, TITLE_END, Phrases, forms_at, forms_of, read_terms


def test_keys_are_one_spelling_and_forms_keep_the_capitals() -> None:
    """Tone placement, NFD, odd spaces do not matter; commas and brackets are pauses, TP. is none."""
    terms = read_terms([("Hoà\u00a0Bình", "(TP. Huế), THUỶ lợi co\u0302n\u200bg 25-NQ/TW"), ("Hai", "")])
    assert forms_at(terms.forms.codes) == [
        TEXT_END, "Hòa", "Bình", TITLE_END, PAUSE, "TP", "Huế", PAUSE, PAUSE, "THỦY", "lợi", "công", "25", "NQ", "TW",
        TEXT_END, "Hai", TITLE_END, TEXT_END,
    ]  # fmt: skip
    assert forms_at(terms.keys.codes)[1:4] == ["hòa", "bình", TITLE_END]
    assert PAUSE not in forms_at(terms.keys.codes)


def test_each_article_knows_its_places() -> None:
    """Of its title, of what ends the title, and of what ends it; also where one is empty."""
    forms = read_terms([("a b", "c"), ("", ""), ("d", "")]).forms
    assert [p.tolist() for p in (forms.begins, forms.title_ends, forms.ends)] == [[1, 6, 8], [3, 6, 9], [5, 7, 10]]
    assert forms.articles(np.array([1, 4, 6, 8, 9])).tolist() == [0, 0, 1, 2, 2]


def test_a_long_text_is_read_to_a_bound() -> None:
    """So enrichment costs no more for a long report than for an article."""
    assert len(read_terms([("", "một " * 50_000)]).keys.codes) == READ // len("một ") + 3
    assert forms_at(read_terms([("", "một" * 50_000 + " hai")]).forms.codes)[2] == "một" * (READ // 3) + "m"


WORDS = st.lists(st.sampled_from("a b c d e".split()), max_size=30)
PHRASES = st.sets(st.lists(st.sampled_from("a b c d e".split()), min_size=1, max_size=4).map(tuple), max_size=12)


@given(st.lists(WORDS, max_size=4), PHRASES)
def test_phrases_are_found_as_by_looking_at_every_place(texts: list[list[str]], phrases: set[tuple[str, ...]]) -> None:
    """All of them; or the longest first, from left to right, without overlaps; never across two articles."""
    known = sorted(phrases)
    keys = read_terms([("", " ".join(words)) for words in texts]).keys
    every, expected = [], []
    for words, begin in zip(texts, keys.title_ends.tolist(), strict=True):
        done = 0
        for at in range(len(words)):
            here = [(n, p) for n, p in enumerate(known) if tuple(words[at : at + len(p)]) == p]
            every += [(begin + 1 + at, len(p), n) for n, p in here]
            if here and at >= done:
                number, longest = max(here, key=lambda one: len(one[1]))
                expected.append((begin + 1 + at, len(longest), number))
                done = at + len(longest)
    table = Phrases(known)
    assert list(zip(*(column.tolist() for column in table.find(keys)), strict=True)) == expected
    counted = Counter((bisect_left(keys.ends.tolist(), begin), number) for begin, _, number in every)
    expected = [(*which, times) for which, times in sorted(counted.items())]
    assert list(zip(*(column.tolist() for column in table.count(keys, in_title=3)), strict=True)) == expected


def test_a_phrase_in_a_title_counts_more() -> None:
    """As often as is asked for, also where several begin there."""
    keys = read_terms([("a b", "b"), ("", "a b a b")]).keys
    found = Phrases([("a", "b"), ("b",)]).count(keys, in_title=3)
    assert [column.tolist() for column in found] == [[0, 0, 1, 1], [0, 1, 0, 1], [3, 4, 2, 2]]


def test_a_phrase_of_a_table_has_no_signs() -> None:
    """ "Bà Rịa - Vũng Tàu" is four syllables."""
    assert forms_of("Bà Rịa - Vũng Tàu") == ["Bà", "Rịa", "Vũng", "Tàu"]
