"""Words that are known by their folded form, of an index of several segments."""

from pathlib import Path

from vnsearch import Article, Index
from vnsearch.index.segment_reader import Segment
from vnsearch.suggest import language
from vnsearch.suggest.known import KnownFolded
from vnsearch.text.fold import fold


def test_known_are_words_that_a_segment_has_twice(tmp_path: Path) -> None:
    """Each of them, and no other of thousands: neither what occurs once in each of two segments nor a number."""
    twice = [f"zq{chr(97 + n % 26)}{chr(97 + n // 26)}ắ" for n in range(300)]
    once = [word + "x" for word in twice]
    segments: list[Segment] = []
    for half in (0, 1):
        index = Index.create(tmp_path / f"{half}")
        with index.writer() as writer:
            own = [*twice[half::2], *twice[half::2], *once, "2023", "2023"]
            writer.add(Article(id=str(half), title="dân", body=" ".join(own)))
        segments += index._fresh().snapshot.segments
    known = KnownFolded(segments)
    known.fill()
    asked = {fold(word) + end for word in [*twice, *once, "2023"] for end in ("", "x", "y", "z")}
    wanted = {fold(word) for word in twice}
    assert {word for word in asked if word in known} - language.all_folded().keys() == wanted
    assert {word for word in asked if known.count(word)} == wanted
    assert {known.count(word) for word in wanted} == {2}
    assert all(word in known for word in list(language.all_folded())[::50])
