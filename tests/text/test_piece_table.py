"""Pieces of text are looked up many at once: what a split and a dictionary would give."""

from concurrent.futures import ThreadPoolExecutor

from hypothesis import given
from hypothesis import strategies as st

from vnsearch.text.piece_table import PieceTable

LONG = "nghiêng-ngả-nghiêng-ngả"


def read(piece: bytes) -> list[int]:
    return [*piece, 0] if len(piece) % 3 else []


def expected(text: str) -> list[int]:
    return [value for piece in text.encode().split() for value in read(piece)]


@given(st.lists(st.lists(st.sampled_from(["a", "ab", "dân", "vận,", "x" * 8, "x" * 9, "x" * 16, "x" * 17, LONG]))))
def test_a_table_gives_what_was_read_of_each_piece(texts: list[list[str]]) -> None:
    """In order, new or known, of no, one or many values, shorter or longer than what is compared at once."""
    table = PieceTable(read)
    for words in texts:
        text = " ".join(words)
        assert table.look_up(f" {text} ".encode()).tolist() == expected(text)


def test_blanks_of_any_kind_and_number_part_pieces() -> None:
    """Also at the ends; a text may hold nothing else."""
    table = PieceTable(read)
    assert table.look_up(b" \t a\n\nab\r ").tolist() == expected("a ab")
    assert table.look_up(b"  ").tolist() == []


def test_many_pieces_in_threads_stay_what_they_are() -> None:
    """More than lie apart in the table, met by all at the same time, until it is full."""
    table = PieceTable(read)
    texts = [" ".join(f"{n * 7919 % 90_000}" for n in range(at, 150_000, 9)) for at in range(9)]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda text: table.look_up(f" {text} ".encode()).tolist(), texts))
    assert found == [expected(text) for text in texts]
    before = table.is_full
    table.look_up(" ".join(["", *(f"{n}" for n in range(140_000)), ""]).encode())
    assert (before, table.is_full) == (False, True)
    assert table.look_up(b" 139999 7 ").tolist() == expected("139999 7")
