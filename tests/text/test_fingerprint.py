"""Fingerprints of stories: alike for one text told twice, unlike for two."""

import random

import numpy as np

from vnsearch.text.fingerprint import ORDERS, SAME_STORY, agreement, fingerprint, stories

WORDS = "xã huyện tỉnh họp bàn dân vận đường cầu lúa rừng suối chợ trường học sinh cán bộ nông thôn mới mùa vụ".split()


def text(seed: int, length: int = 300) -> str:
    rng = random.Random(seed)
    return " ".join(rng.choice(WORDS) + str(rng.randrange(40)) for _ in range(length))


def test_the_same_text_in_other_dress_is_the_same() -> None:
    """Capitals, diacritics, encoding and line breaks do not matter."""
    one = "Sáng 7/2, huyện Cao Lộc ra quân làm đường giao thông nông thôn ở ba xã biên giới."
    assert fingerprint(one) == fingerprint(one.upper().replace(", ", "\n"))
    assert agreement(fingerprint(one), fingerprint(one)) == ORDERS


def test_a_new_first_line_leaves_a_story_and_another_text_is_another() -> None:
    """Ten words before a text of 280 change few of the sixteen; two texts share hardly one."""
    mostly = [
        agreement(fingerprint(text(s, 280)), fingerprint("Tin vừa nhận được. " + text(s, 280))) for s in range(40)
    ]
    assert sorted(mostly)[2] >= SAME_STORY
    assert max(agreement(fingerprint(text(s)), fingerprint(text(s + 1000))) for s in range(40)) < SAME_STORY / 2


def test_too_little_text_has_no_fingerprint() -> None:
    """And is of no story."""
    assert fingerprint("") == fingerprint("Ba chữ thôi") == 0
    assert stories(np.zeros(3, np.uint64)).tolist() == [0, 1, 2]


def test_stories_are_the_first_of_each() -> None:
    """By pairwise comparison of all."""
    prints = [fingerprint(text(seed)) for seed in (1, 2, 1, 3, 2, 1)]
    assert stories(np.array(prints, np.uint64)).tolist() == [0, 1, 0, 3, 1, 0]
