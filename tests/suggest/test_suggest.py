"""What suggestions are made from: counts of an index and of the language."""

from collections import Counter
from itertools import pairwise
from pathlib import Path
from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vnsearch import Article, Index
from vnsearch.index import merge
from vnsearch.index.folder import open_snapshot
from vnsearch.suggest import cooccurrence, language

SYLLABLES = "bảo bạo bao hành hạnh vệ vẻ".split()


def _index(folder: Path, texts: list[list[str]]) -> Index:
    """An index of two segments."""
    index = Index.create(folder)
    with mock.patch.object(merge, "SMALL", 0):
        for part in (0, 1):
            with index.writer() as writing:
                for number, words in enumerate(texts[part::2]):
                    writing.add(Article(id=f"{part}-{number}", title="-", body=" ".join(words)))
    return index


@settings(max_examples=25, deadline=None)
@given(texts=st.lists(st.lists(st.sampled_from(SYLLABLES), min_size=1, max_size=40), min_size=2, max_size=8))
def test_pairs_and_triples_are_those_of_the_texts(
    tmp_path_factory: pytest.TempPathFactory, texts: list[list[str]]
) -> None:
    """Counts by position are the counts of a reader: of rows and lists, in two segments; no triple that occurs once."""
    folder = tmp_path_factory.mktemp("pairs") / "index"
    _index(folder, texts)
    found = cooccurrence.Context(open_snapshot(folder).segments)
    slots = [found.spelled(folded) for folded in ("bao", "hanh", "ve")]
    if not all(slots):
        return
    spelled = [slot.spellings for slot in slots if slot]
    first, second = pairs_ = [found.pair(*both) for both in pairwise(slot for slot in slots if slot)]
    alone = Counter(word for words in texts for word in words)
    pairs = Counter(pair for words in texts for pair in pairwise(words))
    triples = Counter(three for words in texts for three in zip(words, words[1:], words[2:], strict=False))
    for pair, (names, others) in zip(pairs_, pairwise(spelled), strict=True):
        assert pair.following.tolist() == [alone[name] for name in names]
        assert pair.counts.tolist() == [[pairs[a, b] for b in others] for a in names]
    before, counts = found.triples(first, second)
    assert before.tolist() == first.counts.tolist()
    for (i, j, k), number in np.ndenumerate(counts):
        real = triples[spelled[0][i], spelled[1][j], spelled[2][k]]
        assert number == (real if real > 1 else 0)


def test_of_what_is_frequent_the_first_documents_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A query costs the same in an index of any size; both words of a pair are counted in the same documents."""
    index = Index.create(tmp_path / "index")
    with index.writer() as writer:
        for number in range(40):
            writer.add(Article(id=str(number), title="-", body="bảo vệ " * 5))
    monkeypatch.setattr(cooccurrence, "MOST_OCCURRENCES", 50)
    found = cooccurrence.Context(open_snapshot(tmp_path / "index").segments)
    pair = found.pair(found.only("bảo"), found.only("vệ"))
    assert pair.following.tolist() == [50]
    assert pair.counts.tolist() == [[50]]


def test_words_of_the_same_articles_go_together(tmp_path: Path) -> None:
    """Where pairs cannot tell, what else the articles with a word are about does."""
    index = Index.create(tmp_path / "index")
    with index.writer() as writer:
        for number in range(20):
            writer.add(Article(id=f"a{number}", title="-", body="Bảo hành một năm. Bán máy giặt."))
            writer.add(Article(id=f"b{number}", title="-", body="Bạo hành trẻ em. Bạo hành trẻ nhỏ."))
    assert index.suggest("bao hanh tre") == "bạo hành trẻ"
    assert index.suggest("bao hanh may") == "bảo hành máy"
    found = cooccurrence.Context(open_snapshot(tmp_path / "index").segments)
    words = [(found.only(word), 0) for word in ("máy", "bảo", "bạo")]
    with_, without = found.agreement(words, [(0, 1), (0, 2)])
    assert found.agreement(words, []) == []
    assert with_ > 0 > without


def test_a_pair_is_counted_where_both_its_words_are_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three in a row where both pairs are: a common word does not take from what is known of rare ones."""
    index = Index.create(tmp_path / "index")
    with index.writer() as writer:
        for number in range(40):
            writer.add(Article(id=str(number), title="-", body="bảo vệ hành. " + "hành, " * 4))
    monkeypatch.setattr(cooccurrence, "MOST_OCCURRENCES", 50)
    found = cooccurrence.Context(open_snapshot(tmp_path / "index").segments)
    slots = [found.only(word) for word in ("bảo", "vệ", "hành")]
    first, second = (found.pair(*both) for both in pairwise(slots))
    assert (first.counts.tolist(), second.counts.tolist()) == ([[40]], [[10]])
    before, counts = found.triples(first, second)
    assert (before.tolist(), counts.tolist()) == ([[10]], [[[10]]])


def test_a_rare_reading_is_no_slip(tmp_path: Path) -> None:
    """Where what is typed is found now and then, a frequent word beside it is not what was meant."""
    index = Index.create(tmp_path / "index")
    with index.writer() as writer:
        for number in range(300):
            writer.add(Article(id=f"a{number}", title="-", body="Vốn đầu tư phát triển của nhà đầu tư."))
            writer.add(Article(id=f"b{number}", title="-", body="Người từ xa đến."))
        for number in range(10):
            writer.add(Article(id=f"c{number}", title="-", body="Bắt đầu từ hôm nay."))
    assert index.suggest("bắt đầu từ hôm nay") is None
    assert index.suggest("vốn đầu tứ") == "vốn đầu tư"


def test_one_wrong_mark_is_likelier_than_two(tmp_path: Path) -> None:
    """`bê bơi` is bể bơi where that fits, rather than bê bối, though that is found more often."""
    filler = "Hôm nay trời nắng đẹp, cả làng ra đồng gặt lúa từ sáng sớm."
    index = Index.create(tmp_path / "index")
    with index.writer() as writer:
        for number in range(60):
            writer.add(Article(id=f"a{number}", title="-", body=f"Vụ bê bối tài chính. {filler}"))
            writer.add(Article(id=f"b{number}", title="-", body=f"Trẻ em tập bơi. {filler}"))
        for number in range(30):
            writer.add(Article(id=f"c{number}", title="-", body=f"Một bể bơi mới. {filler}"))
    assert index.suggest("một bê bơi mới") == "một bể bơi mới"


def test_the_language_knows_what_an_index_has_not_seen(tmp_path: Path) -> None:
    """Where an index cannot tell two words apart, the language does, also of words that it lacks."""
    index = Index.create(tmp_path / "index")
    with index.writer() as writer:
        writer.add(Article(id="1", title="-", body="Tủ một. Bếp hai. Từ ba. Bệp bốn. Từ năm. Từ sáu."))
    assert index.suggest("tu bep") == "tủ bếp"
    assert index.suggest("tu lanh") == "tủ lạnh"


def test_the_table_of_pairs_is_in_order_and_adds_up() -> None:
    """Each pair once, its syllables of small letters, and no syllable has more behind it than it occurs."""
    table = language._table()
    assert table.names == sorted(table.names)
    assert all(name.isalpha() and name == name.lower() for name in table.names)
    first = np.repeat(np.arange(len(table.names)), table.begins[1:-1] - table.begins[:-2])
    assert (np.diff(first << 16 | table.seconds) > 0).all()
    begins = table.third_begins.astype(np.int64)
    pair = np.repeat(np.arange(len(table.seconds)), begins[1:] - begins[:-1])
    assert (np.diff(pair << 16 | table.thirds) > 0).all()
    assert ((table.rest > 0) & (table.rest <= 1)).all()
    bao, hanh, unmarked = map(language.number, ("bảo", "hành", "bao"))
    assert language.pairs([bao], [hanh]) > language.pairs([unmarked], [hanh])
    assert language.number("qzx") == language.unknown()
    assert language.pairs([language.unknown()], [hanh]) == [0]


def test_an_abbreviation_of_the_finger_is_mended(tmp_path: Path) -> None:
    """A vowel left out among words with marks (`giá vng`) is put back where the index has the words so; a real
    abbreviation stays."""
    index = Index.create(tmp_path / "index")
    with index.writer() as writer:
        for number in range(30):
            writer.add(Article(id=f"a{number}", title="-", body="Hôm nay giá vàng miếng trong nước tăng mạnh."))
            writer.add(Article(id=f"b{number}", title="-", body="Cổ phiếu vng tăng, giá mới của hãng là bí mật."))
    assert index.suggest("giá vng miếng") == "giá vàng miếng"
    assert index.suggest("cổ phiếu vng") is None


def _glued(folder: Path) -> Index:
    index = Index.create(folder)
    with index.writer() as writer:
        for number in range(30):
            writer.add(Article(id=f"a{number}", title="-", body="Nhiều khách hàng hỏi mua nhà ở gần trường học."))
            writer.add(Article(id=f"b{number}", title="-", body="Gió mùa về, khách du lịch ngại ra biển."))
    return index


def test_a_forgotten_blank_is_suggested_where_the_index_has_the_words_so(tmp_path: Path) -> None:
    """`hỏimua` is two words of the index with a neighbour of both, `muakhách` two that never meet there: the first is
    suggested; texts have words that were printed so.
    """
    index = _glued(tmp_path / "index")
    assert index.suggest("khách hàng hỏimua nhà") == "khách hàng hỏi mua nhà"
    assert index.suggest("gió muakhách du lịch") is None


def test_a_forgotten_blank_is_searched_without_where_nothing_else_is_found(tmp_path: Path) -> None:
    """What is not suggested for want of evidence is searched all the same where no article has the words as typed."""
    index = _glued(tmp_path / "index")
    found = index.search("nhà gầntrường")
    assert (found.searched_as, found.total) == ("nhà gần trường", 30)


def test_marks_are_put_on_one_word_only_where_it_is_clear_which(tmp_path: Path) -> None:
    """Among words with marks, one without stays as typed where two words of these letters are about as likely."""
    for afternoons, suggested in ((3, "lịch chiếu"), (30, None)):
        index = Index.create(tmp_path / str(afternoons))
        with index.writer() as writer:
            for number in range(30):
                writer.add(Article(id=f"a{number}", title="-", body="Xem lịch chiếu phim hôm nay."))
            for number in range(afternoons):
                writer.add(Article(id=f"b{number}", title="-", body="Xem lịch chiều nay của đoàn."))
        assert index.suggest("lịch chieu") == suggested


def test_a_word_that_sounds_like_a_far_oftener_one_is_suspected(tmp_path: Path) -> None:
    """`hổ trợ` is met in texts, `hỗ trợ` far oftener: the pair alone does not make it right.  `ỡ` is a word of one
    letter.
    """
    index = Index.create(tmp_path / "index")
    with index.writer() as writer:
        for number in range(30):
            writer.add(Article(id=f"a{number}", title="-", body="Nhà nước hỗ trợ người nghèo ở nông thôn."))
    assert index.suggest("nhà nước hổ trợ người nghèo") == "nhà nước hỗ trợ người nghèo"
    assert index.suggest("người nghèo ỡ nông thôn") == "người nghèo ở nông thôn"


def test_y_stays_where_it_was_typed(tmp_path: Path) -> None:
    """Of words typed as one each letter keeps its i or y."""
    index = Index.create(tmp_path / "index")
    with index.writer() as writer:
        for number in range(30):
            writer.add(Article(id=f"a{number}", title="-", body="Câu chuyện kỳ diệu của một gia đình."))
    assert index.suggest("kydieu") == "kỳ diệu"
