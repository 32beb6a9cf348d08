"""Terms as numbers: what the index would file, and where known phrases stand."""

from hypothesis import given
from hypothesis import strategies as st

from vnsearch.ingest.terms import (
    PAUSE,
    READ,
    TITLE_END,
    Lexicon,
    Phrases,
    forms_at,
    forms_of,
    hash_pairs,
    read_terms,
)


def test_keys_are_one_spelling_and_forms_keep_the_capitals() -> None:
    """Tone placement and NFD do not matter; commas and brackets are pauses, TP. is none."""
    terms = read_terms("Hoà Bình", "(TP. Huế), THUỶ lợi co\u0302ng 25-NQ/TW")
    assert forms_at(terms.codes) == [
        "Hòa", "Bình", TITLE_END, PAUSE, "TP", "Huế", PAUSE, PAUSE, "THỦY", "lợi", "công", "25", "NQ", "TW",
    ]  # fmt: skip
    assert forms_at(terms.keys)[:3] == ["hòa", "bình", TITLE_END]
    assert (terms.codes_of_title, terms.keys_of_title) == (2, 2)
    assert PAUSE not in forms_at(terms.keys)


def test_a_long_text_is_read_to_a_bound() -> None:
    """So enrichment costs no more for a long report than for an article."""
    assert len(read_terms("", "một " * 50_000).keys) == READ + 1


WORDS = st.lists(st.sampled_from("a b c d e".split()), max_size=30)
PHRASES = st.sets(st.lists(st.sampled_from("a b c d e".split()), min_size=1, max_size=4).map(tuple), max_size=12)


@given(WORDS, PHRASES)
def test_phrases_are_found_as_by_looking_at_every_place(words: list[str], phrases: set[tuple[str, ...]]) -> None:
    """Longest first, from left to right, without overlaps."""
    codes = read_terms("", " ".join(words)).codes
    found = Phrases({phrase: phrase for phrase in phrases}).find(codes, hash_pairs(codes))
    expected, at = [], 0
    while at < len(words):
        here = [p for p in phrases if tuple(words[at : at + len(p)]) == p]
        if here:
            longest = max(here, key=len)
            expected.append((at + 1, at + 1 + len(longest), longest))
            at += len(longest)
        else:
            at += 1
    assert found == expected


@given(WORDS, st.sets(st.lists(st.sampled_from("a b c d e".split()), min_size=1, max_size=2).map(" ".join)))
def test_a_lexicon_numbers_every_term_and_pair_it_knows(words: list[str], entries: set[str]) -> None:
    """Overlapping ones too."""
    known = sorted(entries)
    keys = read_terms("", " ".join(words)).keys
    rows, places = Lexicon(known).rows(keys, hash_pairs(keys))
    found = sorted(zip(places.tolist(), rows.tolist(), strict=True))
    texts = [(at + 1, " ".join(words[at : at + n])) for at in range(len(words)) for n in (1, 2) if at + n <= len(words)]
    assert found == sorted((at, known.index(text) + 1) for at, text in texts if text in entries)


def test_a_phrase_of_a_table_has_no_signs() -> None:
    """ "Bà Rịa - Vũng Tàu" is four syllables."""
    assert forms_of("Bà Rịa - Vũng Tàu") == ["Bà", "Rịa", "Vũng", "Tàu"]
