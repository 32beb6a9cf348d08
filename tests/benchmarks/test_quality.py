"""The evaluation of ranking itself: measures, significance, ways of typing, floors, known items, a small set."""

import json
import shutil
import subprocess
import sys
import unicodedata
from datetime import date
from math import log2
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("ir_measures", reason="the extra `bench` has it")

from benchmarks.lib import floors, known_items
from benchmarks.lib.asked import plain
from benchmarks.lib.engines import ENGINES, Missing
from benchmarks.lib.relevance import Asked, load_set, measure, randomization_p
from benchmarks.lib.typing_ways import WAYS, other_placement, without, wrong_tone

from vnsearch import Article

pytestmark = pytest.mark.slow

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"

# -- measures ------------------------------------------------------------------------------------------

HAND_WORKED = {  # relevant, run -> nDCG@10, MRR@10, Recall@100
    "both in front": (["a", "c"], ["a", "c", "b"], 1.0, 1.0, 1.0),
    "one wrong before both": (["a", "c"], ["b", "a", "c"], (1 / log2(3) + 1 / log2(4)) / (1 + 1 / log2(3)), 0.5, 1.0),
    "one of two, third": (["a", "c"], ["x", "y", "c"], 0.5 / (1 + 1 / log2(3)), 1 / 3, 0.5),
    "the eleventh": (["a"], [*"bcdefghijk", "a"], 0.0, 0.0, 1.0),
    "nothing found": (["a"], [], 0.0, 0.0, 0.0),
    "the 101st": (["a"], [*(f"x{n}" for n in range(100)), "a"], 0.0, 0.0, 0.0),
}


@pytest.mark.parametrize("name", HAND_WORKED)
def test_measures_are_those_worked_out_by_hand(name: str) -> None:
    """Also the order of a run counts, whatever its ids are; a query without answers counts as 0."""
    relevant, ranked, *expected = HAND_WORKED[name]
    values = measure({"q": relevant}, {"q": ranked})
    assert [float(values[m][0]) for m in ("nDCG@10", "MRR@10", "Recall@100")] == pytest.approx(expected)


def test_values_stand_in_the_order_of_the_queries() -> None:
    """So that two runs can be compared query by query."""
    values = measure({"2": ["a"], "1": ["a"], "3": ["a"]}, {"1": ["a"], "3": ["b", "a"]})
    assert values["MRR@10"].tolist() == [0.0, 1.0, 0.5]


def test_chance_explains_no_difference_and_few_queries() -> None:
    """Equal runs: 1.  One query of two better: each of 4 draws of signs is as far.  Two: as far with p = 1/2."""
    assert randomization_p([0.5, 0.1], [0.5, 0.1]) == 1.0
    assert randomization_p([0.6, 0.1], [0.5, 0.1]) == 1.0
    assert randomization_p([0.6, 0.2], [0.5, 0.1]) == pytest.approx(0.5, abs=0.03)


def test_chance_does_not_explain_what_all_queries_say() -> None:
    """Twenty of twenty better: 2 of 2^20 draws are as far, so p is the least it can be; half and half: none."""
    a = np.full(20, 0.6)
    assert randomization_p(a, a - 0.1) == pytest.approx(1 / 10_001, abs=3e-4)
    assert randomization_p(a, a - np.tile([0.1, -0.1], 10)) == 1.0


# -- ways of typing ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("hòa bình", "hoà bình"),  # oa
        ("Thuỷ điện", "Thủy điện"),  # uy, and ê with a dot below is no movable tone
        ("khỏe, loé", "khoẻ, lóe"),  # oe, before a comma
        ("quý", "quý"),  # qu is a consonant
        ("hoàn toàn", "hoàn toàn"),  # closed syllables have one place for the tone
        ("của mùa", "của mùa"),  # ua has one
        ("HÒA", "HOÀ"),
        ("oa", "oa"),  # no tone
    ],
)
def test_the_other_tone_placement(text: str, other: str) -> None:
    """Only where two orthographies differ, and back again."""
    assert other_placement(text) == other
    assert other_placement(other) == text


def test_ways_of_typing() -> None:
    """Each way changes what it says and nothing else."""
    text = "Đảng bộ huyện Hòa Vang, 2023"
    typed = {name: way(text, 7) for name, way in WAYS.items()}
    assert typed["as written"] == text
    assert typed["without"] == "Dang bo huyen Hoa Vang, 2023" == without(text)
    assert typed["other tone placement"] == "Đảng bộ huyện Hoà Vang, 2023"
    assert unicodedata.normalize("NFC", typed["NFD"]) == text != typed["NFD"]
    pairs = list(zip(text.split(), typed["half without"].split(), strict=True))
    assert all(half in (word, without(word)) for word, half in pairs)
    assert typed["half without"] == WAYS["half without"](text, 7), "the same for the same query"


def test_half_of_the_words() -> None:
    """Rounded up, and others for other queries."""
    words = "một hài bà bốn năm sáu bảy"
    halves = {WAYS["half without"](words, number) for number in range(20)}
    assert {sum(a != b for a, b in zip(words.split(), half.split(), strict=True)) for half in halves} <= {3, 4}
    assert len(halves) > 10


def test_a_wrong_tone() -> None:
    """One word has another tone, its letters are the same; without any tone nothing can be wrong."""
    text = "hội nghị dân vận tập kết"
    for number in range(20):
        wrong = wrong_tone(text, number)
        assert sum(a != b for a, b in zip(text.split(), wrong.split(), strict=True)) == 1
        assert without(wrong) == without(text)
        assert len(wrong) == len(text), "ậ becomes ẫ, not a with two marks beside each other"
    assert wrong_tone("dan 2023", 1) == "dan 2023"


# -- floors --------------------------------------------------------------------------------------------

MEANS = {"as written": {"nDCG@10": 0.97129, "MRR@10": 0.95}}


def test_floors_hold_what_was_pinned() -> None:
    """Rounded down, so the same run passes; a worse one, another way and other files do not."""
    kept = floors.pinned({}, "s", "abc", MEANS, None)
    assert kept == {"sets": {"s": {"sha256": "abc", "floors": {"as written": {"nDCG@10": 0.971, "MRR@10": 0.95}}}}}
    assert floors.below(kept, "s", "abc", MEANS) == []
    assert floors.below(kept, "other", "xyz", MEANS) == []
    (line,) = floors.below(kept, "s", "abc", {"as written": {"nDCG@10": 0.9709, "MRR@10": 0.95}})
    assert line == "s, as written, nDCG@10: 0.9709 is under its floor of 0.971"
    assert len(floors.below(kept, "s", "abc", {"without": MEANS["as written"]})) == 2
    assert "other files" in floors.below(kept, "s", "xyz", MEANS)[0]


def test_a_floor_falls_only_with_a_reason() -> None:
    """The reason is kept; rising takes none."""
    kept = floors.pinned({}, "s", "abc", MEANS, None)
    lower = {"as written": {"nDCG@10": 0.9, "MRR@10": 0.96}}
    with pytest.raises(ValueError, match="--lower"):
        floors.pinned(kept, "s", "abc", lower, None)
    with pytest.raises(ValueError, match="other files"):
        floors.pinned(kept, "s", "xyz", MEANS, None)
    better = {"as written": {"nDCG@10": 0.98, "MRR@10": 0.98}}
    fallen = floors.pinned(kept, "s", "abc", lower, "queries were corrected")
    assert fallen["sets"]["s"]["floors"] == lower
    (entry,) = fallen["lowered"]
    assert entry == {"what": "s, as written, nDCG@10", "from": 0.971, "to": 0.9, "reason": "queries were corrected"}
    assert floors.pinned(fallen, "s", "abc", better, None)["lowered"] == fallen["lowered"]


# -- whole sets ----------------------------------------------------------------------------------------

ARTICLES = [
    ("1", "Hội nghị dân vận tỉnh Lạng Sơn"),
    ("2", "Đại hội hội nông dân huyện"),
    ("3", "Giá vàng hôm nay tăng mạnh"),
    ("4", "Thủy điện Hòa Bình xả lũ"),
]
QUERIES = [
    ("a", "dân vận", ["1"]),
    ("b", "thủy điện Hòa Bình", ["4"]),
    ("c", "không có gì", []),
    ("d", "giá vàng", ["3"]),
]


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A folder of data with one set."""
    folder = tmp_path / "data" / "relevance" / "xquad_vi"
    folder.mkdir(parents=True)
    documents = [json.dumps({"id": id, "title": "no_title", "text": text}) for id, text in ARTICLES]
    asked = [json.dumps({"qid": id, "query": text, "relevant": relevant}) for id, text, relevant in QUERIES]
    (folder / "docs.jsonl").write_text("\n".join(documents) + "\n", "utf-8")
    (folder / "queries_qrels.jsonl").write_text("\n".join(asked) + "\n", "utf-8")
    return tmp_path / "data"


def test_a_set_is_read(small: Path) -> None:
    """Queries without an answer are left out; a title beside a text is a name, no title."""
    collection = load_set(small / "relevance" / "xquad_vi")
    assert [query.id for query in collection.queries] == ["a", "b", "d"]
    assert {article.title for article in collection.articles} == {""}
    assert collection.queries[0].relevant == {"1"}
    (small / "relevance" / "xquad_vi" / "docs.jsonl").write_text('{"id": "1", "title": "t", "body": "b"}\n', "utf-8")
    changed = load_set(small / "relevance" / "xquad_vi")
    assert changed.articles[0].title == "t"
    assert changed.sha256 != collection.sha256


@pytest.mark.parametrize("name", ENGINES)
def test_every_engine_finds_what_only_one_article_has(name: str, small: Path, tmp_path: Path) -> None:
    """So a peer's figures are of its ranking and not of how it was called; nothing asked, nothing found."""
    try:
        ENGINES[name].version()
    except Missing as e:
        pytest.skip(f"{name} is not here: {e}")
    ENGINES[name](tmp_path).build(load_set(small / "relevance" / "xquad_vi").articles)
    engine = ENGINES[name](tmp_path)
    engine.open()

    def search(text: str) -> list[str]:
        return engine.ids(engine.search(plain(text), 4))

    assert search("dân vận tỉnh")[0] == "1"
    assert search("thủy điện Hòa Bình") == ["4"]
    assert search('giá "vàng AND') == ["3"]
    assert search("qqq") == []
    assert search("thuy dien hoa binh") == ["4"]
    engine.close()


def run_script(data: Path, copy: Path, *options: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "benchmarks", "quality", "--data", str(data), "--sets", "xquad_vi", *options]
    return subprocess.run([*command, "--out", str(copy / "out")], capture_output=True, text=True, cwd=copy)


def test_the_script_pins_and_fails_under_a_floor(small: Path, tmp_path: Path) -> None:
    """Exit code 0 with floors held, 1 under one; lowering takes --lower; the tables say what changed."""
    copy = tmp_path / "copy"  # it writes its floors beside itself
    shutil.copytree(BENCHMARKS, copy / "benchmarks", ignore=shutil.ignore_patterns("floors", "results", "__pycache__"))
    (copy / "benchmarks" / "floors").mkdir()
    assert run_script(small, copy, "--pin").returncode == 0
    again = run_script(small, copy)
    assert again.returncode == 0
    assert "| as written | 3 | 1.0000 | 1.0000 | 1.0000 | 1.000 | +0.0000, p 1.000 |" in again.stdout
    (saved,) = (copy / "out" / "judged").glob("*-quality.json")
    assert json.loads(saved.read_text("utf-8"))["figures"]["xquad_vi"]["means"]["as written"]["nDCG@10"] == 1.0
    floors_file = copy / "benchmarks" / "floors" / "quality_floors.json"
    kept = json.loads(floors_file.read_text("utf-8"))
    kept["sets"]["xquad_vi"]["floors"]["without"]["nDCG@10"] = 1.1
    floors_file.write_text(json.dumps(kept))
    worse = run_script(small, copy)
    assert worse.returncode == 1
    assert worse.stderr == "xquad_vi, without, nDCG@10: 1.0000 is under its floor of 1.1\n"
    refused = run_script(small, copy, "--pin")
    assert refused.returncode == 1
    assert refused.stderr.endswith("lower them with --lower REASON\n")
    assert "Traceback" not in refused.stderr
    assert run_script(small, copy, "--pin", "--lower", "no measure exceeds 1").returncode == 0
    assert json.loads(floors_file.read_text("utf-8"))["lowered"][0]["to"] == 1.0
    assert run_script(small, copy, "--lower", "x").returncode == 2


# -- known items ---------------------------------------------------------------------------------------

LAND, WATER = "núi, rừng, đèo, hang, đồng", "sông, suối, thác, vịnh, kênh"


def test_known_items_are_drawn_from_their_articles(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two to five words of an article in its order, none that many have; every form of the same words; the same draw
    every time; what begins alike is one answer.
    """
    monkeypatch.setattr(known_items, "MOST_DISTINGUISHING", 5)
    texts = [f"1, {LAND}, chung", f"1, {LAND}, chung", f"2, {WATER}, chung", f"3, {WATER}, chung"]
    articles = [Article(id=str(n), title="", body=text) for n, text in enumerate(texts)]
    forms = known_items.draw(articles, 10)
    assert forms == known_items.draw(articles, 10)
    assert list(forms) == ["as written", "without", "wrong tone"]
    assert sorted(sorted(item.relevant) for item in forms["as written"]) == [["0", "1"], ["0", "1"], ["2"], ["3"]]
    for written, bare, wrong in zip(*forms.values(), strict=True):
        words = written.asked.text.split()
        assert 2 <= len(words) <= 5
        source = (LAND if "0" in written.relevant else WATER).split(", ")
        assert words == [word for word in source if word in words]
        assert bare.asked.text == without(written.asked.text) == without(wrong.asked.text)
    assert len(known_items.draw(articles, 3)["as written"]) == 3


def test_known_items_have_abbreviations_and_fields() -> None:
    """An abbreviation stands for a long form that the article has; the month and province of the article are asked."""
    article = Article(id="1", title="", body="Ủy ban nhân dân huyện")
    dated_article = Article(id="2", title="", body="x", published=date(2023, 2, 7), provinces=("Lạng Sơn", "Huế"))
    asked = dict(known_items.asked_so(["núi", "sông", "biển"], article, 0))
    assert asked["long form"] == Asked("ủy ban nhân dân núi sông")
    assert asked["abbreviation"] == Asked("UBND núi sông")
    dated = dict(known_items.asked_so(["núi", "sông", "biển"], dated_article, 0))
    assert dated["two words"] == Asked("núi sông")
    filters = dict(dated["fielded"].filters)
    assert filters["province"] == "Lạng Sơn"
    assert [str(filters[name]) for name in ("since", "until")] == ["2023-02-01", "2023-02-28"]
    assert "abbreviation" not in dated
