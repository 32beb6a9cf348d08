"""Words that ask: they do not order a question's articles, and are words like others everywhere else."""

import pytest

from vnsearch import Article, Index
from vnsearch.query.plan import Has, Ranked, Term, Together, Words
from vnsearch.query.planner import plan
from vnsearch.query.questions import ASKING, asking

TEXTS = {
    "answer": "Cầu Kỳ Cùng ở thành phố Lạng Sơn được khánh thành tháng 8, dài 120 mét, hai làn xe chạy.",
    "asks": "Bao nhiêu người đã hỏi? Bao nhiêu, không ai biết bao nhiêu. Cầu thì chưa ai thấy, mét thì chưa ai đo.",
    **{f"other{n}": f"Tin số {n}: xã tổ chức hội nghị tổng kết công tác năm." for n in range(20)},
}


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    """An article that answers, one that asks, and others."""
    index = Index.create(tmp_path_factory.mktemp("questions") / "index")
    with index.writer() as writer:
        for id, text in TEXTS.items():
            writer.add(Article(id=id, title="", body=text))
    return index


@pytest.mark.parametrize("text", ["cầu dài bao nhiêu mét vậy", "cau dai bao nhieu met vay"])
def test_what_answers_comes_before_what_asks(index: Index, text: str) -> None:
    """The words that ask are rare there, and would count more than those of which they ask."""
    assert index.search(text).hits[0].id == "answer"


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("cầu kỳ cùng dài bao nhiêu mét", True),
        ("cau ky cung dai bao nhieu met", True),
        ("cầu kỳ cùng dài 120 mét?", True),
        ("cầu kỳ cùng dài 120 mét", False),
        ("cầu dài?", False),
        ("cầu dài bao nhiêu", False),
    ],
)
def test_what_is_a_question(text: str, is_one: bool) -> None:
    """More than four words, of which some ask or which end with a question mark."""
    words = plan(text, literal=True).match
    assert isinstance(words, Words)
    assert [boost.asks for boost in words.boosts if isinstance(boost, Together)] == [is_one]


def test_which_words_ask() -> None:
    """Pronouns that ask, names left out; all of them together are what is looked for."""
    assert asking("vì sao cháy rừng".split()) == {0, 1}
    assert asking("vi sao chay rung".split()) == {0, 1}
    assert asking("ai cập và ai".split()) == {3}
    assert asking("ngôi sao dau tay may mắn".split()) == set()
    assert asking("tại sao".split()) == set()


def _weights(text: str) -> dict[str, float]:
    words = plan(text).match
    assert isinstance(words, Words)
    return {node.term.text: node.weight for node in words.ranked if isinstance(node, Has)}


def test_a_short_query_and_what_is_demanded_keep_their_words() -> None:
    """Of four words each may be what is looked for; so may what follows a plus."""
    assert set(_weights("viêm não là gì").values()) == {1.0}
    assert _weights("bệnh viêm não là gì")["gì"] == ASKING
    demanded = plan("+gì bệnh viêm não là").match
    assert isinstance(demanded, Ranked)
    assert Has(Term("gì", True), others=0.1) in [one.ranked[0] for one in demanded.must if isinstance(one, Words)]
