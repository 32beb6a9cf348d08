"""The benchmark that sets vnsearch beside its peers, on the sample, from end to end."""

import json
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from benchmarks.lib import corpus, judged, options
from benchmarks.lib.asked import Query
from benchmarks.lib.engines import ENGINES, Cannot, Missing
from benchmarks.lib.progress import Progress
from benchmarks.lib.summary import better

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
SMALL = ("--documents", "150", "--queries", "6", "--patience", "0.2")


def bench(out: Path, *options: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "benchmarks", "bench", "--out", str(out), *SMALL, *options]
    return subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=_heeds_ctrl_c
    )


def _heeds_ctrl_c() -> None:
    """What a shell begins in the background ignores SIGINT, and so do its children."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def saved(out: Path) -> dict[str, Any]:
    (file,) = out.glob("sample-150/*-bench.json")
    found: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return found


def test_a_run_prints_one_table_and_keeps_json_and_a_picture(tmp_path: Path) -> None:
    """Every query of every set was asked once of vnsearch and of the peer; what is drawn is well-formed."""
    done = bench(tmp_path, "--peers", "sqlitefts5")
    printed, said = done.communicate()
    assert done.returncode == 0, said
    found = saved(tmp_path)
    assert {"commit", "cpu", "python", "date", "kernels"} <= set(found["about"])
    figures = found["figures"]
    assert set(figures["engines"]) == {"vnsearch", "SQLite FTS5"}
    sets = figures["corpus"]["queries"]
    assert {"or", "and", "phrase", "filtered", "long", "unaccented", "keywords"} <= set(sets)
    for name, number in sets.items():
        assert figures["new_queries"]["alone"][name]["asked"] == number
        assert figures["new_queries"]["beside"]["SQLite FTS5"][name]["asked"] == number
        assert set(figures["repeated"][name]) == {"vnsearch", "SQLite FTS5"}
    assert figures["relevance"]["sample"]["vnsearch"]["as written"] > 0.9
    assert figures["returned"]["vnsearch"]["precision"] > 0.9
    assert printed.count("| vnsearch ") == 1 and "left" in said
    (picture,) = tmp_path.glob("sample-150/*.svg")
    assert ElementTree.parse(picture).getroot().tag.endswith("svg")


def test_an_interrupted_run_keeps_what_it_has(tmp_path: Path) -> None:
    """Ended while a later part runs, the parts that were done are in the file, and the exit code tells."""
    run = bench(tmp_path, "--peers", "none")
    while not list(tmp_path.glob("sample-150/*-bench.json")):
        assert run.poll() is None, run.communicate()[1]
        time.sleep(0.05)
    run.send_signal(signal.SIGINT)
    printed, said = run.communicate()
    assert run.returncode == 130, said
    assert "what was done is kept" in said and "| vnsearch " in printed
    assert saved(tmp_path)["figures"]["indexing"]["vnsearch"]["bytes"] > 0


def test_a_run_of_everything_that_is_told_to_end_leaves_no_process(tmp_path: Path) -> None:
    """SIGTERM while a step measures in a process of its own: the step ends, too, and keeps what it has."""
    (tmp_path / "news").mkdir()
    (tmp_path / "relevance").mkdir()
    lines = (options.BUNDLED / "articles.jsonl").read_text("utf-8")
    (tmp_path / "news/vntc10.jsonl").write_text(lines, "utf-8")
    out = tmp_path / "out"
    command = [sys.executable, "-m", "benchmarks", "full", "--only", "bench", "--peers", "none"]
    command += ["--data", str(tmp_path), "--out", str(out)]
    run = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while not list(out.glob("vntc10-*/*-bench.json")):
        assert run.poll() is None, run.communicate()[1]
        time.sleep(0.05)
    run.terminate()
    said = run.communicate()[1]
    assert run.returncode == 130 and "what was done is kept" in said
    if Path("/proc/self/environ").exists():
        assert not [file for file in Path("/proc").glob("[0-9]*/environ") if _names(file, str(tmp_path))]


def _names(environ: Path, folder: str) -> bool:
    try:
        return f"VNSEARCH_DATA={folder}\0".encode() in environ.read_bytes()
    except OSError:  # ended meanwhile, or another user's
        return False


def test_what_is_kept_is_not_indexed_again(tmp_path: Path) -> None:
    """With --keep the second run takes the index of the first."""
    asked = ("--peers", "none", "--only", "indexing", "--keep", str(tmp_path / "kept"))
    times = []
    for _ in range(2):
        run = bench(tmp_path / "out", *asked)
        assert run.communicate() and run.returncode == 0
        times.append({file: file.stat().st_mtime_ns for file in (tmp_path / "kept").rglob("*.seg")})
    assert times[0] and times[0] == times[1]


def test_a_wrong_name_is_told(tmp_path: Path) -> None:
    """An engine, a corpus, a benchmark that is not there: one line, no traceback."""
    for wrong in (("--peers", "lucene"), ("--corpus", "nowhere")):
        run = bench(tmp_path, *wrong)
        said = run.communicate()[1]
        assert run.returncode == 1 and "Traceback" not in said and wrong[1] in said
    unknown = subprocess.run([sys.executable, "-m", "benchmarks", "nothing"], cwd=ROOT, capture_output=True, text=True)
    assert unknown.returncode == 2 and "new_queries" in unknown.stderr


def test_every_question_of_the_sample_has_its_answers() -> None:
    """Ids of the answers are there, no question is asked twice, no article bears the id of another."""
    collection = judged.bundled()
    ids = [article.id for article in collection.articles]
    assert len(ids) == len(set(ids)) > 130
    texts = [query.text for query in collection.queries]
    assert len(texts) == len(set(texts)) > 120
    assert all(query.relevant and query.relevant <= set(ids) for query in collection.queries)


def test_a_corpus_and_its_queries_are_the_same_every_time(tmp_path: Path) -> None:
    """One seed; articles beyond those published have other ids; no set has a query twice."""
    paths = options.corpus("sample").paths
    made = []
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        made.append(corpus.prepare("sample", paths, 300, 20, ["dân vận"], tmp_path / name))
    assert made[0].queries == made[1].queries
    assert Path(made[0].articles).read_bytes() == Path(made[1].articles).read_bytes()
    assert made[0].number == 300 > made[0].as_published > 130
    for queries in made[0].queries.values():
        assert len({(q.text, q.since, q.until, q.topic) for q in queries}) == len(queries)


@pytest.mark.parametrize("name", ENGINES)
def test_filters_and_all_words_mean_the_same_to_every_engine(name: str, tmp_path: Path) -> None:
    """By topic, by period, all words, newest first: what an engine has no search for, it refuses by name."""
    try:
        ENGINES[name].version()
    except Missing as e:
        pytest.skip(f"{name} is not here: {e}")
    articles = judged.bundled().articles
    ENGINES[name](tmp_path).build(articles)
    engine = ENGINES[name](tmp_path)
    engine.open()
    of = {article.id: article for article in articles}

    def ids(query: Query) -> list[str]:
        return engine.ids(engine.search(query, len(articles)))

    by_topic = ids(Query("nước", "nước", topic="kinh-te"))
    assert by_topic and all("kinh-te" in of[id].topics for id in by_topic)
    of_2024 = ids(Query("nước", "nước", since=date(2024, 1, 1), until=date(2024, 12, 31)))
    assert of_2024 and all(str(of[id].day).startswith("2024-") for id in of_2024)
    try:
        both = ids(Query("dịch tả lợn", "dịch tả lợn", "all"))
        assert set(both) >= {"bs-031", "bs-032"}
        days = [of[id].day for id in ids(Query("thủy điện", "thủy điện", "all", newest=True))]
        assert len(days) > 2 and days == sorted(days, key=str, reverse=True)
    except Cannot as e:
        assert str(e) in "; ".join(engine.cannot) or name == "bm25s"
    engine.close()


def test_where_a_peer_is_better_is_said() -> None:
    """By more than the margin, in the direction that is better; nothing where vnsearch leads."""
    figures: dict[str, Any] = {
        "corpus": {"number": 100, "text_bytes": 1000},
        "engines": {"vnsearch": "1", "tantivy": "2"},
        "indexing": {
            "vnsearch": {"cpu_seconds": 1.0, "bytes": 1500},
            "tantivy": {"cpu_seconds": 0.5, "bytes": 1600},
        },
    }
    assert better(figures) == ["docs/s: tantivy 200; vnsearch 100"]
    figures["indexing"]["tantivy"]["cpu_seconds"] = 0.99
    assert better(figures) == []
    figures["relevance"] = {"law": {"vnsearch": {"as written": 0.85, "without": 0.84}}}
    figures["relevance"]["law"]["tantivy"] = {"as written": 0.84, "without": 0.842}
    figures["new_queries"] = {"alone": {"or": {"all": {"p50": 2.0, "p95": 4.0}}}, "beside": {"tantivy": {}}}
    times = {"or": {"p50": 2.0, "p95": 4.0, "ratio": {"p50": 1.0, "p95": 0.9}}}
    figures["new_queries"]["beside"]["tantivy"] = {**times, "long": {"ratio": {"p50": 0.5, "p95": 1.25}}}
    assert better(figures) == [
        "unmarked: tantivy 0.842; vnsearch 0.840",
        "nDCG of law, without: tantivy 0.842; vnsearch 0.840",
        "new p50 / p95, time of tantivy / time of vnsearch: long 2.00 / 0.80",
    ]


def test_time_left_is_put_right_by_what_passed() -> None:
    """Steps that take twice as long as guessed double what is left."""
    shown = Progress({"a": 10.0, "b": 10.0})
    assert shown.left() == 20.0
    shown._begun -= 20.0
    shown._step = "a"
    shown.step("b")
    assert 19.0 < shown.left() < 21.0 and shown.share == 0.5
