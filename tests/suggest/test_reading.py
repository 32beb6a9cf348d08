"""A query word for word: what was typed, what it is read as, and why."""

from pathlib import Path

import pytest

from vnsearch import Article, Index
from vnsearch.index.folder import open_snapshot
from vnsearch.suggest.cooccurrence import Context
from vnsearch.suggest.reading import Reading, read, spell


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of a few made-up articles."""
    folder = tmp_path_factory.mktemp("reading") / "index"
    index = Index.create(folder)
    texts = [
        "Công an tỉnh Bình Định họp báo sáng nay.",
        "Hội nghị dân vận khéo của tỉnh Lạng Sơn.",
        "Sửa chữa cầu đường sau mưa lũ ở huyện miền núi.",
        "Nghị định 100/2019/NĐ-CP về xử phạt giao thông, kinh tế-xã hội.",
    ]
    with index.writer() as writer:
        for number in range(12):
            for kind, text in enumerate(texts):
                writer.add(Article(id=f"{kind}-{number}", title="-", body=text))
    return folder


def _read(folder: Path, text: str) -> Reading:
    segments = open_snapshot(folder).segments
    found = read(segments, Context(segments), text)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("typed", "read_"),
    [
        ("Dan van, Lang Son?", "Dân vận, Lạng Sơn?"),
        ("(cong an) TINH Binh Dinh.", "(công an) TỈNH Bình Định."),
        ("Nghi dinh 100/2019/ND-CP ve xu phat", "Nghị định 100/2019/ND-CP về xử phạt"),
        ("kinh te-xa hoi", "kinh tế-xã hội"),
        ('+"dan van" -ton title:(lang son)', '+"dân vận" -ton title:(lạng sơn)'),
        ('cong an AND tỉnh:"Binh Dinh"', 'công an AND tỉnh:"Binh Dinh"'),
    ],
)
def test_punctuation_capitals_numbers_and_signs_stay(folder: Path, typed: str, read_: str) -> None:
    """A word that a comma touches is read; what is no word, or no plain word of the query, stays as typed."""
    assert _read(folder, typed).text == read_


def test_each_word_knows_where_it_was_typed(folder: Path) -> None:
    """The words of a reading are those of the query in order, and say what was done to each."""
    typed = "cong an, tinh Binh Dinh 2024"
    words = _read(folder, typed).words
    assert [typed[word.start : word.end] for word in words] == [word.typed for word in words]
    assert [word.spelled for word in words] == ["công", "an", "tỉnh", "Bình", "Định", "2024"]
    assert [word.kind for word in words] == ["marks", "", "marks", "marks", "marks", ""]


@pytest.mark.parametrize("text", ['"dân', "", "cong AND", "a " * 100])
def test_what_cannot_be_read(folder: Path, text: str) -> None:
    """Wrong grammar, no words, too many: there is no reading."""
    segments = open_snapshot(folder).segments
    assert read(segments, Context(segments), text) is None


@pytest.mark.parametrize(
    ("typed", "read_", "what"),
    [
        ("sua chua cau duongg", "sửa chữa cầu đường", "doubled"),
        ("cong an tihn binh dinh", "công an tỉnh bình định", "swapped"),
        ("cong an tnh binh dinh", "công an tỉnh bình định", "left out"),
        ("hoi nghi dan van kheo", "hội nghị dân vận khéo", ""),
        ("hội nghị dân vânj khéo", "hội nghị dân vận khéo", "telex"),
        ("công an tỉnh bìnhh định", "công an tỉnh bình định", "doubled"),
        ("công an tỉnh bìhn định", "công an tỉnh bình định", "swapped"),
        ("công an tỉnh bìn định", "công an tỉnh bình định", "n nh"),
        ("sữa chửa cầu đường", "sửa chữa cầu đường", "hỏi ngã"),
        ("tỉnh nạng sơn", "tỉnh lạng sơn", "l n"),
        ("tỉnh lạng xơn", "tỉnh lạng sơn", "s x"),
        ("sửa trữa cầu đường", "sửa chữa cầu đường", "ch tr"),
        ("sửa chữa cầu đườn", "sửa chữa cầu đường", "n ng"),
        ("coong an tirnh Binhf DDinhj", "công an tỉnh Bình Định", "telex"),
        ("co6ng an ti3nh BI2NH D9I5NH", "công an tỉnh BÌNH ĐỊNH", "vni"),
        ("congan tinh binh dinh", "công an tỉnh bình định", "forgotten"),
        ("hộinghị dân vận", "hội nghị dân vận", "forgotten"),
        ("c ông an tỉnh bình định", "công an tỉnh bình định", "added"),
    ],
)
def test_each_kind_of_slip(folder: Path, typed: str, read_: str, what: str) -> None:
    """What was typed wrong is read right, and the reading says which slip it was."""
    found = _read(folder, typed)
    assert (found.text, what in [word.what for word in found.words]) == (read_, True)


@pytest.mark.parametrize(
    "typed",
    [
        "dân và lạng sơn",
        "công an Binh Dinh",  # with marks elsewhere: what has none may be a name
        "tỉnh qwrtk",
        "xs công an",
        "bình 7a định",
        "iphone công an",
    ],
)
def test_what_may_be_meant_stays(folder: Path, typed: str) -> None:
    """Words that are right, rare, foreign, short, or no words at all are no slips."""
    assert _read(folder, typed).text == typed


def test_which_slip_it_was_and_how_probable_is_explained(folder: Path) -> None:
    """By `explain`; not of what is meant as typed, of marks that were left out, or of what is taken literally."""
    index = Index.open(folder)
    told = "meant\n  tỉnh, typed tihn (slip: swapped, one of 600)"
    assert told in index.explain("cong an tihn binh dinh")
    for typed in ("cong an tinh binh dinh", "công an tỉnh Bình Định"):
        assert "meant" not in index.explain(typed)
    assert "meant" not in index.explain("cong an tihn binh dinh", literal=True)


def test_two_readings_about_as_likely_are_not_sure(tmp_path: Path) -> None:
    """A reading says whether something else may as well have been meant."""
    index = Index.create(tmp_path / "index")
    with index.writer() as writer:
        for number in range(30):
            writer.add(Article(id=f"a{number}", title="-", body="Quán cà của bà."))
            writer.add(Article(id=f"b{number}", title="-", body="Quán cá của ba."))
            writer.add(Article(id=f"c{number}", title="-", body="Công an tỉnh Bình Định."))
    assert not _read(tmp_path / "index", "quan ca").confident
    assert _read(tmp_path / "index", "tinh binh dinh").confident


@pytest.mark.parametrize("word", ["a" * 700, "NaN" * 6_000, "x1" * 600 + " dân", "đ" * 5_000, "dân " + "ngh" * 1_000])
def test_a_word_of_any_length_is_read(tmp_path: Path, word: str) -> None:
    """A chance so small that a number cannot hold it is a chance: searches that find nothing are read, too."""
    index = Index.create(tmp_path / "index")
    with index.writer() as writer:
        writer.add(Article(id="1", title="dân vận", body="hội nghị"))
    assert index.search(word, match="all").total == 0
    assert index.search(word).suggestion is None
    assert index.suggest(word) is None


def test_matches_are_ranked_by_the_words_as_they_are_read(tmp_path: Path) -> None:
    """Of articles that have the words in some accents those come first that have them as they were meant; which match
    and how many does not change; `as_typed` ranks by any accents; what has its marks or is of few words is not read.
    """
    index = Index.create(tmp_path / "index")
    filler = "Hôm nay trời nắng đẹp, cả làng ra đồng gặt lúa từ sáng sớm. " * 3
    with index.writer() as writer:
        for number in range(8):
            writer.add(Article(id=f"meant{number}", title="", body=f"{filler} Họp về công tác dân vận khéo. {filler}"))
            writer.add(Article(id=f"other{number}", title="", body=f"{filler} Đàn của văn nhân khéo có công. {filler}"))
    typed, plain = index.search("cong tac dan van kheo", match="any"), index.search("cong tac dan van kheo", limit=20)
    assert plain.ranked_as == "công tác dân vận khéo"
    assert [hit.id[:5] for hit in plain.hits[:8]] == ["meant"] * 8
    assert plain.total == index.search("cong tac dan van kheo", sort="newest", limit=0).total
    assert typed.ranked_as is None
    assert index.search("cong tac dan van kheo", as_typed=True).ranked_as is None
    assert index.search("cong tac dan van").ranked_as is None
    assert index.search("công tác dân vận khéo").ranked_as is None
    assert "read as\n  công tác dân vận khéo" in index.explain("cong tac dan van kheo")


def test_words_of_a_sentence_are_trusted_where_two_of_them_never_met(folder: Path) -> None:
    """Of words that were only remembered, one that goes with one neighbour alone is never as good as sure."""
    context = Context(open_snapshot(folder).segments)
    sentence = "nguoi dan trong tinh can lam gi de di lai khi co mua lon hoc phi"
    remembered = "mua lon hoc phi san bay tien luong"
    (trusted, sure), (same, unsure) = (
        dict(zip(typed.split(), spell(context, typed.split()), strict=True))["lon"] for typed in (sentence, remembered)
    )
    assert trusted == same == "lớn"
    assert sure > unsure
