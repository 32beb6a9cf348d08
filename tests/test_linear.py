"""Time grows with the length of a text, not with its square: over texts that somebody wrote to make it do so.

Ten times the text may take fifteen times the time; what takes a moment is not looked at.  These are ratios within
one process, the best of several runs, and a text is tried again before it fails: a busy machine changes nothing.
"""

import gc
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from typing import Any

import pytest

from vnsearch import VnsearchError
from vnsearch.ingest.pages.byline import read_byline
from vnsearch.ingest.pages.html import read_html
from vnsearch.ingest.pages.text_page import read_page
from vnsearch.query.periods import read_period
from vnsearch.text.abbreviations import long_forms
from vnsearch.text.fold import fold
from vnsearch.text.normalize import clean, syllable_key
from vnsearch.text.piece_table import PieceTable, Rows
from vnsearch.text.tokenize import folded_term, tokenize
from vnsearch.text.words import segment, words
from vnsearch.vietnam.dates import beside_date, date_of_url, find_date, is_date_line

UNITS = (  # each is written again and again, without anything between
    *"- + _ . a. a- 1. 1, 1- 1/ www. a@ a@b. @ a.b@ :// a:// & &a T. a A aA Đ ă ｕ ﬁ ( [ { (( < > = == ->".split(),
    *".. ... \" “ * ~ : ; # % \\ / | ^ ' 0 2023 2023- 7/2/ 11:30: thu jan 25- NQ/ TP.HCM 4.6".split(),
    *"title: x: 😀 中 ngh qu gi".split(),
    *("11:30 ", "thu ", "thang ", "1 thang 1 ", "ngay ", "tu ", "den ", "1 jan ", "nam ", "25-NQ/TW ", "a* ", "a~ "),
    *("+a ", "a OR ", "NOT ", "( ", " ", "\t\n", "\r\n", " a\n", "\u00a0", "\u200b", "a\u0301", "\u0301", "ư\u0323"),
    *("\x00", "\x1b[31m", "\ufffd", "\U000e0001"),
)
AROUND = (
    ("", ""),
    ("1 tháng 1", "x"),
    ("thứ 11:30 a@b", "!"),
)  # what makes a pattern start, and what it does not match
TODAY = date(2026, 1, 1)


def grows(run: Callable[[Any], object], make: Callable[[int], Any], size: int, moment: float = 0.015) -> float:
    """How many times as long ten times the size takes; 0 where even that takes a moment."""
    small, large = make(size), make(10 * size)
    ratio = 0.0
    for _ in range(6):  # other programs disturb; what is quadratic grows a hundredfold each time
        long = _seconds(run, large)
        if long < moment:
            return 0.0
        short = min(_seconds(run, small) for _ in range(3))
        ratio = min(ratio or 1e9, long / max(short, moment / 20))
        if ratio <= 15:
            break
    return ratio


def _seconds(run: Callable[[Any], object], value: Any) -> float:
    gc.disable()
    begun = time.process_time()
    with suppress(VnsearchError):
        run(value)
    took = time.process_time() - begun
    gc.enable()
    return took


def texts(unit: str, begin: str, end: str) -> Callable[[int], str]:
    return lambda size: begin + unit * (size // len(unit)) + end


@pytest.mark.parametrize(
    "read",
    [
        clean,
        fold,
        tokenize,
        segment,
        words,
        syllable_key,
        folded_term,
        long_forms,
        lambda text: find_date(text, today=TODAY),
        lambda text: date_of_url(f"https://a.vn/{text}"),
        lambda text: read_period(text, now=TODAY),
        read_page,
        lambda text: (read_byline(text), beside_date(text), is_date_line(text)),
    ],
    ids="clean fold tokenize segment words key folded_term long_forms find_date date_of_url"
    " read_period read_page lines".split(),
)
def test_analysers_are_linear(read: Callable[[str], object]) -> None:
    """Text of one unit, again and again, whatever stands before and behind it."""
    bad = {
        (unit, begin, end): round(ratio, 1)
        for unit in UNITS
        for begin, end in AROUND
        if (ratio := grows(read, texts(unit, begin, end), 500)) > 15
    }
    assert not bad


MARKUP = (
    *(
        "<p>Một câu của bài này.</p>",
        "<table><tr><td>x</td><td>",
        "<tr><td>1</td><td>2</td></tr>",
        "<b>",
        "x<br>",
        "<img>",
    ),
    *(
        "<li><a href=x>Một tin khác hẳn của huyện</a></li>",
        "<div><div><a href=/x>ab</a></div>",
        "<h1>Một tiêu đề dài</h1>",
    ),
    *("<section><a href=x>Một tin khác hẳn</a>", "<i class=author>x y</i>", "<time>7/2/2023</time>", "<p>7/2/2023</p>"),
    *("<meta name=author content=x>", "<!-- -->", "<", "<a ", "&amp;", "<p class=related>x</p>", "<p>Nguyễn Văn A</p>"),
)


def test_pages_are_linear() -> None:
    """Markup of one kind again and again, nested or not, and JSON-LD nested or long."""
    around = "<h1>Họp báo thường kỳ</h1><p>Sáng 7/2, xã họp về phát triển kinh tế trong năm.</p>{}<p>Hết.</p>"
    made: list[Callable[[int], str]] = [lambda size, unit=unit: around.format(unit * size) for unit in MARKUP]  # type: ignore[misc]
    made += [
        lambda size: around.format('<script type="application/ld+json">' + "[" * size + "</script>"),
        lambda size: around.format(
            '<script type="application/ld+json">[' + '{"@type":"Article"},' * size + "{}]</script>"
        ),
        lambda size: around.format(f"<p class='{'a-' * size}'>x</p><title>{'a - ' * size}</title>"),
    ]
    bad = [make(1) for make in made if grows(read_html, make, 600, moment=0.1) > 15]
    assert not bad


def test_pieces_that_collide_elsewhere_do_not_here() -> None:
    """Where a piece stands hangs on a secret: those that share one place without it are found as others are."""

    def read(text: str) -> None:
        PieceTable(lambda pieces: (Rows.of([[0]] * len(pieces)),), (Rows.of([]),)).read(text)

    def sharing(size: int) -> str:
        """Under a secret of zeros, these first eight bytes make nothing of the eight that follow."""
        return " ".join("\0" * 8 + f"{n:08}" for n in range(size))

    assert grows(read, sharing, 20_000) <= 15
