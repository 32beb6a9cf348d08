"""Floors of a command: what is under one is said, and makes it fail."""

from pathlib import Path

import pytest
from benchmarks.lib import floors

from vnsearch import Article


def test_a_figure_under_its_floor_fails_and_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """So does one that is no longer measured, and one of other files; a set without floors does not."""
    path, fine = tmp_path / "floors.json", {"slips": {"mended": 0.8129}}
    assert floors.held(path, {"set": ("a", fine)}, pin=False, lower=None) == 0
    assert not path.exists()
    assert floors.held(path, {"set": ("a", fine)}, pin=True, lower=None) == 0
    assert floors.held(path, {"set": ("a", {"slips": {"mended": 0.8124}})}, pin=False, lower=None) == 0
    assert not capsys.readouterr().err
    for digest, means in (("a", {"slips": {"mended": 0.811}}), ("a", {}), ("b", fine)):
        assert floors.held(path, {"set": (digest, means)}, pin=False, lower=None) == 1
        assert capsys.readouterr().err.startswith("set")
    assert floors.held(path, {"other": ("b", {})}, pin=False, lower=None) == 0


def test_a_floor_falls_with_a_reason_alone(tmp_path: Path) -> None:
    """And the reason is kept."""
    path = tmp_path / "floors.json"
    floors.held(path, {"set": ("a", {"slips": {"mended": 0.8}})}, pin=True, lower=None)
    less = {"set": ("a", {"slips": {"mended": 0.7}})}
    with pytest.raises(SystemExit, match="--lower"):
        floors.held(path, less, pin=True, lower=None)
    assert floors.held(path, less, pin=True, lower="a new table") == 0
    assert "a new table" in path.read_text("utf-8")
    assert floors.held(path, less, pin=False, lower=None) == 0


def test_the_hash_is_of_what_there_is_in_any_order(tmp_path: Path) -> None:
    """Of articles and files; another word or another byte is another hash."""
    file = tmp_path / "keywords"
    file.write_bytes(b"one")
    articles = [Article(id=str(number), title="Tin", body=f"Bài {number}") for number in range(9)]
    whole = floors.digest(articles, file)
    assert floors.digest(articles[::-1], file) == whole
    assert floors.digest([*articles[1:], Article(id="0", title="Tin", body="Bài khác")], file) != whole
    file.write_bytes(b"two")
    assert floors.digest(articles, file) != whole
