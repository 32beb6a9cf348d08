"""`vnsearch evaluate` through a real process, with values worked out by hand."""

import json
import math
import os
import subprocess
import sys
from pathlib import Path

import pytest

from vnsearch import Article, Index, QueryError
from vnsearch.errors import ReadError, VnsearchError
from vnsearch.evaluate import WAYS, Judged, evaluate, read_lines, read_topics, run_lines

pytest.importorskip("ir_measures", reason="the extra `evaluate` has it")

ARTICLES = {
    "cau": ("Khánh thành cầu treo", "Cây cầu treo mới nối hai bản."),
    "cau-2": ("Sửa đường", "Tổ thợ gia cố mố. Sau đó họ sang xã bên, nơi cầu treo cũ đã hỏng từ lâu."),
    "cho": ("Chợ phiên", "Phiên chợ họp sáng chủ nhật."),
    "lua": ("Được mùa lúa", "Bà con gặt lúa sớm."),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("evaluate") / "index"
    with Index.create(path).writer() as writer:
        for id, (title, body) in ARTICLES.items():
            writer.add(Article(id=id, title=title, body=body))
    return path


def written(path: Path, *records: object) -> Path:
    path.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records), "utf-8")
    return path


def run(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "vnsearch.cli", "evaluate", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, env={**os.environ, **environment})
    assert "Traceback" not in done.stderr
    return done


def test_values_worked_out_by_hand(folder: Path, tmp_path: Path) -> None:
    """ "cầu treo" finds cau, then cau-2. Only the second is relevant: RR 1/2, nDCG 1/log2(3), recall 1. Of "chợ phiên"
    one of two relevant articles comes, first: RR 1, recall 1/2, nDCG 1/(1 + 1/log2(3)). Means are halves of the sums.
    """
    queries = written(
        tmp_path / "q.jsonl",
        {"id": "bridge", "query": "cầu treo", "relevant": ["cau-2"]},
        {"query": "chợ phiên", "relevant": ["cho", "lua"]},
    )
    done = run(queries, "--index", folder, "--json", "--typed", "written", "--typed", "without", "--typed", "half")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    second = 1 / math.log2(3)
    expected = {"nDCG@10": (second + 1 / (1 + second)) / 2, "RR@10": 3 / 4, "R@100": 3 / 4}
    assert found["means"]["written"] == pytest.approx(expected)
    assert found["means"]["without"] == pytest.approx(expected)
    first, other = found["answers"]["written"]
    assert (first["id"], first["found"], first["rank"]) == ("bridge", ["cau", "cau-2"], 2)
    assert (other["id"], other["found"], other["rank"]) == ("q2", ["cho"], 1)
    assert first["values"] == pytest.approx({"nDCG@10": second, "RR@10": 1 / 2, "R@100": 1})
    assert found["answers"]["without"][0]["typed"] == "cau treo"
    assert (found["depth"], found["queries"]) == (100, 2)


def test_grades_count(folder: Path, tmp_path: Path) -> None:
    """With grades 1 and 3 the wrong way round, nDCG is (1 + 3/log2(3)) / (3 + 1/log2(3)); grade 0 is not relevant."""
    queries = written(tmp_path / "q.jsonl", {"query": "cầu treo", "relevant": {"cau": 1, "cau-2": 3, "lua": 0}})
    found = json.loads(run(queries, "--index", folder, "--json", "--measure", "nDCG@10", "--measure", "P@4").stdout)
    second = 1 / math.log2(3)
    assert found["means"]["written"] == pytest.approx({"nDCG@10": (1 + 3 * second) / (3 + second), "P@4": 2 / 4})
    assert found["depth"] == 10


def test_the_table_names_what_does_worst(folder: Path, tmp_path: Path) -> None:
    """Means, then the worst query with what came first and where the right one stands; what finds nothing says so."""
    queries = written(
        tmp_path / "q.jsonl",
        {"query": "cầu treo", "relevant": ["cau-2"]},
        {"query": "zzzqqq", "relevant": ["lua"]},
        {"query": "lúa", "relevant": ["lua"]},
    )
    done = run(queries, "--index", folder, "--measure", "RR@10", COLUMNS="200")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "3 queries, the first 10 articles of each",
        "typed        RR@10",
        "written     0.5000",
        "",
        "Worst by RR@10:",
        "0.0000 q2: zzzqqq",
        "       nothing was found",
        "0.5000 q1: cầu treo",
        "       1. Khánh thành cầu treo (id cau); the first relevant one is number 2 of 2 found",
    ]


def test_unknown_ids_are_told_and_count_as_not_found(folder: Path, tmp_path: Path) -> None:
    """Recall is 1/2, the id is named, the exit code is 1; where no id is known, nothing is measured."""
    queries = written(
        tmp_path / "q.jsonl",
        {"query": "lúa", "relevant": ["lua", "gone"], "note": "x"},
        {"query": "chợ", "relevant": []},
    )
    done = run(queries, "--index", folder, "--measure", "R@100")
    assert done.returncode == 1
    assert "0.5000" in done.stdout
    assert "not in the index, so counted as not found: gone (q1)" in done.stderr
    assert "without a relevant article, not counted: q2" in done.stderr
    assert "keys not used: note (1)" in done.stderr
    done = run(written(queries, {"query": "lúa", "relevant": ["gone"]}), "--index", folder)
    assert (done.returncode, done.stdout) == (2, "")
    assert "is it the right index?" in done.stderr


TOPICS = {
    "tagged": "<top>\n<num> Number: 7\n<title> cầu treo\n<desc> Description:\nx\n</top>\n"
    "<top><num>8</num><title>lúa &amp; gạo</title></top>\n",
    "separated": "7\tcầu treo\r\n8\tlúa & gạo\n",
}


@pytest.mark.parametrize("form", TOPICS)
def test_trec_files_in_and_out(folder: Path, tmp_path: Path, form: str) -> None:
    """Both forms of topics give the same queries; the run that is written keeps the order by its scores."""
    topics, qrels, out = (tmp_path / name for name in ("topics", "qrels", "run"))
    topics.write_text(TOPICS[form], "utf-8")
    qrels.write_text("7 0 cau 0\n7 0 cau-2 1\n8 0 lua 2\n9 0 cho 1\n", "utf-8")
    assert [query.text for query in read_topics(topics, qrels).queries] == ["cầu treo", "lúa & gạo"]
    done = run(topics, "--qrels", qrels, "--index", folder, "--run", out)
    assert done.returncode == 0, done.stderr
    assert "not among the topics, not counted: 9" in done.stderr
    lines = out.read_text("utf-8").splitlines()
    assert lines[:2] == ["7 Q0 cau 1 2 vnsearch", "7 Q0 cau-2 2 1 vnsearch"]
    assert "8 Q0 lua 1" in lines[2]


WRONG = {
    "": "there is no query in it",
    "{": 'expected {"query"',
    "[1]": 'expected {"query"',
    "<top>": "need --qrels",
    '{"query": "lúa"}': 'no "relevant"',
    '{"query": 5, "relevant": ["lua"]}': '"query" is a text',
    '{"query": " ", "relevant": ["lua"]}': "the query is empty",
    '{"query": "lúa", "relevant": "lua"}': "a list of ids",
    '{"query": "lúa", "relevant": [7]}': "no article can have the id 7",
    '{"query": "lúa", "relevant": ["lua", "lua"]}': "twice in one list",
    '{"query": "lúa", "relevant": {"lua": 1, "lua": 2}}': "twice in one object",
    '{"query": "lúa", "relevant": {"lua": 1.5}}': "a grade is a whole number",
    '{"query": "lúa", "relevant": {"lua": true}}': "a grade is a whole number",
    '{"query": "lúa", "relevant": []}': "nothing to measure",
    '{"id": "a b", "query": "lúa", "relevant": ["lua"]}': "has no blanks",
    '{"query": "lúa", "relevant": ["lua"]}\n{"query": "lu\u0301a ", "relevant": ["cho"]}': "is in line 1, too",
    '{"id": "1", "query": "lúa", "relevant": ["lua"]}\n{"id": "1", "query": "x", "relevant": ["cho"]}': "the id '1'",
}  # fmt: skip


@pytest.mark.parametrize("text", WRONG)
def test_what_is_wrong_with_lines_is_told(tmp_path: Path, text: str) -> None:
    """Each with the file, and what was expected."""
    path = tmp_path / "q.jsonl"
    path.write_text(text, "utf-8")
    with pytest.raises(ReadError) as e:
        read_lines(path)
    assert WRONG[text] in str(e.value)
    assert str(path) in str(e.value)


def test_bytes_that_are_no_utf_8_have_a_line(tmp_path: Path) -> None:
    """The line that they are in, not a traceback."""
    (tmp_path / "q").write_bytes(b'\n{"query": "l\xfaa"}\n')
    with pytest.raises(ReadError, match=r"q:2: .*UTF-8"):
        read_lines(tmp_path / "q")


@pytest.mark.parametrize(
    ("topics", "qrels", "said"),
    [
        ("7 lúa\n", "7 0 lua 1\n", "id TAB query"),
        ("<top><num>7</num></top>", "7 0 lua 1\n", "no <title>"),
        ("<top><num>7<title>lúa", "7 0 lua 1\n", "no </top>"),
        ("7\tlúa\n", "7 lua 1\n", "query iteration article grade"),
        ("7\tlúa\n", "7 0 lua good\n", "whole number"),
        ("7\tlúa\n", "7 0 lua 1\n7 0 lua 0\n", "judged twice"),
        ("7\tlúa\n", "", "it is empty"),
    ],
)
def test_what_is_wrong_with_trec_files_is_told(tmp_path: Path, topics: str, qrels: str, said: str) -> None:
    """Topics and qrels alike."""
    (tmp_path / "topics").write_text(topics, "utf-8")
    (tmp_path / "qrels").write_text(qrels, "utf-8")
    with pytest.raises(ReadError) as e:
        read_topics(tmp_path / "topics", tmp_path / "qrels")
    assert said in str(e.value)


@pytest.mark.parametrize("name", ["Foo", "nDCG@", "nDCG@0", "INST", "__import__"])
def test_measures_that_cannot_be_worked_out(folder: Path, tmp_path: Path, name: str) -> None:
    """Exit code 2 and one line that names the measure and some that there are."""
    queries = written(tmp_path / "q.jsonl", {"query": "lúa", "relevant": ["lua"]})
    done = run(queries, "--index", folder, "--measure", name)
    assert (done.returncode, done.stdout) == (2, "")
    assert name in done.stderr
    assert "nDCG@10" in done.stderr


def test_without_the_library(folder: Path, tmp_path: Path) -> None:
    """Where ir_measures cannot be imported, the message says how to install it."""
    (tmp_path / "ir_measures.py").write_text("raise ImportError('not here')")
    queries = written(tmp_path / "q.jsonl", {"query": "lúa", "relevant": ["lua"]})
    done = run(queries, "--index", folder, PYTHONPATH=str(tmp_path))
    assert done.returncode == 2
    assert "pip install 'vnsearch[evaluate]'" in done.stderr


def test_a_run_is_of_one_way_and_of_ids_without_blanks(tmp_path: Path) -> None:
    """Two ways in one file would be two runs; a blank in an id would be another column."""
    queries = written(tmp_path / "q.jsonl", {"query": "lúa", "relevant": ["a b"]})
    done = run(queries, "--run", tmp_path / "run", "--typed", "half", "--typed", "written")
    assert done.returncode == 2
    assert "one way of typing" in done.stderr
    index = Index.create(tmp_path / "index")
    with index.writer() as writer:
        writer.add(Article(id="a b", title="Lúa", body="Lúa chín."))
    answers = evaluate(index, read_lines(queries).queries).answers["written"]
    with pytest.raises(VnsearchError, match="has one in its id"):
        list(run_lines(answers))


def test_a_query_that_means_nothing_is_named(folder: Path) -> None:
    """The error is the query's own, with a note that says which one it was."""
    with pytest.raises(QueryError) as e:
        evaluate(Index.open(folder), [Judged("q4", 'tỉnh:"Lạng Xơn"', {"lua": 1}, 4)])
    assert "the query q4, in line 4" in e.value.__notes__[0]


def test_a_quote_that_is_not_closed_can_be_taken_as_it_is(folder: Path, tmp_path: Path) -> None:
    """It is an error that names the query and the way out, and none with --literal."""
    queries = written(tmp_path / "q.jsonl", {"query": '"chợ phiên', "relevant": ["cho"]})
    done = run(queries, "--index", folder)
    assert (done.returncode, done.stdout) == (2, "")
    assert "the query q1, in line 1; --literal" in done.stderr
    done = run(queries, "--index", folder, "--literal", "--measure", "RR@10")
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "written     1.0000")


def test_half_of_the_words_lose_their_marks() -> None:
    """Rounded up, and the same ones each time; đ counts as a mark."""
    typed = WAYS["half"]("đường ở Đắk Nông mới")
    changed = [a != b for a, b in zip(typed.split(), "đường ở Đắk Nông mới".split(), strict=True)]
    assert (sum(changed), typed) == (3, WAYS["half"]("đường ở Đắk Nông mới"))
    assert WAYS["without"]("đường ở Đắk Nông") == "duong o Dak Nong"
