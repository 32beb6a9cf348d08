"""Pieces of text are numbered and learnt many at once: what a split and a dictionary would give."""

from concurrent.futures import ThreadPoolExecutor
from threading import get_ident

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from vnsearch.text.piece_table import PieceTable, Rows


def letters(piece: str) -> list[int]:
    return [*piece.encode(), 0] if len(piece) % 3 else []


def learn(pieces: list[str]) -> tuple[Rows, Rows]:
    return Rows.of(map(letters, pieces)), Rows.of([len(piece)] for piece in pieces)


def table(most: tuple[int, int] = (1 << 30, 1 << 30)) -> PieceTable:
    return PieceTable(learn, (Rows.of([[7, 7]]), Rows.of([[0]])), most=most)


def looked_up(table: PieceTable, text: str) -> list[list[int]]:
    numbers = np.frombuffer(table.read(text), np.int32)
    return [column.of_rows(numbers).tolist() for column in table.columns()]


def expected(text: str) -> list[list[int]]:
    pieces = text.replace("\n", " \n ").split(" ")
    return [[value for p in pieces for value in letters(p)], [len(p) for p in pieces if p]]


PIECES = ("a", "ab", "dân", "vận,", "x" * 16, "x" * 17, "nghiêng-ngả-" * 2, "\n", "")


@given(st.lists(st.lists(st.sampled_from(PIECES))))
def test_a_table_gives_what_was_learnt_of_each_piece(texts: list[list[str]]) -> None:
    """In order, new or known, of no, one or many values."""
    own = table()
    for words in texts:
        assert looked_up(own, " ".join(words)) == expected(" ".join(words))
    for words in texts:
        assert looked_up(own, " ".join(words)) == expected(" ".join(words))


def test_a_number_of_no_piece_has_its_rows_too() -> None:
    """Callers put it between texts."""
    assert [column.of_rows(np.zeros(2, np.int32)).tolist() for column in table().columns()] == [[7, 7, 7, 7], [0, 0]]


def test_each_piece_is_learnt_once_in_any_number_of_threads() -> None:
    """And every thread finds the rows of what it has read."""
    learnt: list[tuple[int, str]] = []

    def noted(pieces: list[str]) -> tuple[Rows, Rows]:
        learnt.extend((get_ident(), piece) for piece in pieces)
        return learn(pieces)

    own = PieceTable(noted, (Rows.of([[7, 7]]), Rows.of([[0]])))
    texts = [" ".join(f"{n * 7919 % 9_000}" for n in range(at, 15_000, 9)) for at in range(9)]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda text: looked_up(own, text), texts)) == [expected(text) for text in texts]
    assert len(learnt) == len({piece for _, piece in learnt}) == len(own) - 1 == 9_000


def test_what_fails_to_be_learnt_is_learnt_later() -> None:
    """An interrupted look-up leaves the table as it was."""
    fails = [True]

    def failing(pieces: list[str]) -> tuple[Rows, Rows]:
        if fails.pop():
            raise KeyboardInterrupt
        return learn(pieces)

    own = PieceTable(failing, (Rows.of([[7, 7]]), Rows.of([[0]])))
    try:
        looked_up(own, "một hai")
    except KeyboardInterrupt:
        fails[:] = [False, False]
    assert looked_up(own, "hai ba") == expected("hai ba")
    assert looked_up(own, "một") == expected("một")


def test_a_table_is_full_of_pieces_or_of_their_characters() -> None:
    """Whoever reads more takes a new one; the old one still gives what was learnt."""
    few, short = table((4, 1 << 30)), table((1 << 30, 9))
    for own in (few, short):
        looked_up(own, "một hai")
        assert not own.is_full
        looked_up(own, "một hai ba")
        assert own is short or own.is_full
    looked_up(short, "bốn")
    assert short.is_full and looked_up(short, "ba năm") == expected("ba năm")
