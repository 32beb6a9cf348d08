"""The command as a shell sees it: output, exit codes, errors in one line."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from screenshots import printed
from vnsearch import Index

EXAMPLES = Path(__file__).parent.parent / "examples"
COMMAND = [sys.executable, "-m", "vnsearch.cli"]


def run(*arguments: str | Path, cwd: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [*COMMAND, *arguments], capture_output=True, text=True, cwd=cwd, env={**os.environ, **environment}, timeout=120
    )
    assert "Traceback" not in done.stderr
    return done


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = str(tmp_path_factory.mktemp("cli") / "index")
    done = run("index", str(EXAMPLES / "pages"), "--index", path)
    assert done.returncode == 0
    assert "13 read, 13 new, 0 replaced, 0 refused" in done.stdout
    return path


def test_query_as_json(folder: str) -> None:
    """One object with the documented keys; highlights are offsets into the snippet."""
    done = run("query", "dan van lang son", "--json", "--facets", "--index", folder)
    assert done.returncode == 0
    found = json.loads(done.stdout)
    assert set(found) == {
        "query", "searched_as", "ranked_as", "total", "matched", "missing", "took_ms", "suggestion", "relaxed",
        "facets", "hits",
    }  # fmt: skip
    hit = found["hits"][0]
    assert set(hit) == {"id", "title", "url", "source", "published", "provinces", "topics", "score", "snippet"}
    assert hit["published"] == "2023-02-07"
    assert hit["provinces"] == ["Lạng Sơn"]
    assert "dan-van" in hit["topics"]
    marks = [hit["snippet"]["text"][a:b] for a, b in hit["snippet"]["highlights"]]
    assert "dân vận" in [mark.lower() for mark in marks]
    assert found["facets"]["province"]["Lạng Sơn"] == 1


def test_other_words_by_a_table_of_ones_own(folder: str, tmp_path: Path) -> None:
    """`--synonyms` takes a file in the place of the library's table; one that is not there is said in a line."""
    own = tmp_path / "own.txt"
    own.write_text("miệt vườn xa = dân vận\n", "utf-8")
    assert run("query", "+miệt +vườn +xa", "--index", folder).returncode == 1
    plain = json.loads(run("query", "miệt vườn xa", "--json", "--match", "all", "--index", folder).stdout)
    with_own = run("query", "miệt vườn xa", "--json", "--match", "all", "--index", folder, "--synonyms", own)
    assert plain["total"] == 0 < json.loads(with_own.stdout)["total"]
    assert run("query", "dân vận", "--index", folder, "--synonyms", "").returncode == 2  # not the library's table
    missing = run("query", "dân vận", "--index", folder, "--synonyms", tmp_path / "none.txt")
    assert missing.returncode not in (0, 1)
    assert len(missing.stderr.splitlines()) == 1


def test_times_are_shown_and_asked_for_by_the_minute(tmp_path: Path) -> None:
    """In Viet Nam's time where an article says one; a day alone has none."""
    (tmp_path / "in.jsonl").write_text(
        '{"id": "a", "title": "Bản tin", "body": "sáng", "published": "2023-02-07T08:00:00+07:00"}\n'
        '{"id": "b", "title": "Bản tin", "body": "chiều", "published": "2023-02-07T10:00:00+00:00"}\n'
        '{"id": "c", "title": "Bản tin", "body": "trong ngày", "published": "2023-02-07"}\n'
    )
    folder = str(tmp_path / "index")
    assert run("index", str(tmp_path / "in.jsonl"), "--index", folder).returncode == 0
    newest = run("query", "tin", "--sort", "newest", "--index", folder).stdout
    shown = [line.split("·")[0].strip() for line in newest.splitlines() if "07/02/2023" in line]
    assert shown == ["07/02/2023 17:00", "07/02/2023 08:00", "07/02/2023"]
    assert "07/02/2023 17:00" in run("show", "b", "--index", folder).stdout
    since = run("query", "", "--since", "2023-02-07 17:00", "--json", "--index", folder)
    assert [hit["id"] for hit in json.loads(since.stdout)["hits"]] == ["b"]
    until = run("query", "", "--until", "7/2/2023 8h", "--sort", "oldest", "--json", "--index", folder)
    assert [hit["id"] for hit in json.loads(until.stdout)["hits"]] == ["c", "a"]
    wrong = run("query", "", "--since", "2023-02-07 25:00", "--index", folder)
    assert (wrong.returncode, "write 2023-02-07 17:00" in wrong.stderr) == (2, True)


def test_exit_codes(folder: str, tmp_path: Path) -> None:
    """0 found, 1 nothing found or some refused, 2 wrong usage or a broken index."""
    assert run("query", "dân vận", "--index", folder).returncode == 0
    assert run("query", "dan van", "--province", "Lang Son", "--until", "2023-02-06", "--index", folder).returncode == 1
    assert run("show", "no such id", "--index", folder).returncode == 1
    assert run("complete", "qqqq", "--index", folder).returncode == 1
    assert run("query", '"dân', "--index", folder).returncode == 2
    assert run("query", "x", "--index", str(tmp_path / "none")).returncode == 2
    assert run("query", "x", "--sort", "best", "--index", folder).returncode == 2
    assert run("nonsense").returncode == 2
    (tmp_path / "a.jsonl").write_text('{"id": "1", "body": "được"}\n{oops\n')
    done = run("index", str(tmp_path / "a.jsonl"), "--index", str(tmp_path / "i"), "--report", str(tmp_path / "r.json"))
    assert done.returncode == 1
    assert "a.jsonl:2: not JSON" in done.stderr
    report = json.loads((tmp_path / "r.json").read_text())
    assert (report["read"], report["refused"][0]["line"], report["repeated"]) == (1, 2, [])


def test_an_error_is_one_line_and_points_at_the_column(folder: str) -> None:
    """On standard error, nothing on standard output."""
    done = run("query", 'họp tinh:"Lạng Xơn"', "--index", folder)
    assert done.stdout == ""
    assert done.stderr.splitlines() == [
        'vnsearch: no province is called "Lạng Xơn" at column 10; did you mean Lạng Sơn?',
        '  họp tinh:"Lạng Xơn"',
        "           ^",
    ]


def test_prose_is_searched_as_words(folder: str) -> None:
    """A bracket or an AND that was no operator: said so on standard error; an unclosed quote stays an error."""
    for text in ("dân vận (Lạng Sơn", "dân vận AND", "họp)", "re:dân vận"):
        done = run("query", text, "--index", folder)
        assert done.returncode == 0
        assert done.stderr.startswith("vnsearch: searched as plain words, because")
    assert run("query", "tinhh:x", "--index", folder).returncode == 2


def test_score_explain_and_the_next_page(folder: str) -> None:
    """On request; how to go on stands on standard error."""
    assert "score" not in run("query", "dân vận", "--index", folder).stdout
    done = run("query", "tỉnh", "--score", "--limit", "2", "--offset", "2", "--index", folder)
    assert done.stdout.count("score ") == 2
    assert "More: --offset 4" in done.stderr
    assert "More" not in run("query", "tỉnh", "--limit", "100", "--index", folder).stderr
    explained = run("query", "dân ngày:2023", "--explain", "--index", folder)
    assert explained.returncode == 0
    assert "Published period=2023-01-01..2023-12-31" in explained.stdout
    shown = explained.stdout.split("order\n")[1]
    assert "(found: dân)" in shown
    assert "published: 2023" in shown
    as_json = run("query", "dân", "--explain", "--json", "--recency", "--index", folder)
    hits = json.loads(as_json.stdout)["hits"]
    parts = [part for hit in hits for part in hit["explanation"]["parts"]]
    assert {"dân", "newer"} <= {part["what"] for part in parts}
    assert all(part["found"] == ["dân"] for part in parts if part["what"] == "dân")


def test_pages_by_cursor(folder: str) -> None:
    """With --json the way to the next page is told on stderr; the pages together are the whole list, each once."""
    whole = [
        hit["id"]
        for hit in json.loads(run("query", "tỉnh", "--limit", "7", "--json", "--index", folder).stdout)["hits"]
    ]
    pages: list[str] = []
    after: tuple[str, ...] = ()
    while len(pages) < 7:
        done = run("query", "tỉnh", "--limit", "3", "--json", *after, "--index", folder)
        pages += [hit["id"] for hit in json.loads(done.stdout)["hits"]]
        after = tuple(done.stderr.partition("More: ")[2].split())
        assert after[0] == "--after"
    assert pages[:7] == whole
    wrong = run("query", "tỉnh", "--after", "x", "--index", folder)
    assert (wrong.returncode, wrong.stderr.splitlines()[0]) == (
        2,
        'vnsearch: "x" is no cursor; after= takes the cursor of an earlier page\'s results',
    )


def test_a_typo_in_a_path_makes_no_index(tmp_path: Path) -> None:
    """Paths are looked at before anything is made."""
    done = run("index", str(tmp_path / "nothing.jsonl"), "--index", str(tmp_path / "i"))
    assert done.returncode == 2
    assert "no such file" in done.stderr
    assert not (tmp_path / "i").exists()


def test_what_was_skipped_is_said(tmp_path: Path) -> None:
    """Files of unknown kinds and files without a record, in the summary and in the report; no reason to fail."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.jsonl").write_text('{"id": "1", "body": "được"}\n')
    (tmp_path / "in" / "b.docx").write_text("PK")
    (tmp_path / "in" / "c.jsonl").write_text("")
    places = ("--index", str(tmp_path / "i"), "--report", str(tmp_path / "r.json"))
    done = run("index", str(tmp_path / "in"), *places)
    assert done.returncode == 0
    assert "1 read, 1 new, 0 replaced, 0 refused, 2 files skipped" in done.stdout
    assert "b.docx: not of a known kind" in done.stderr
    assert "c.jsonl: no record" in done.stderr
    assert len(json.loads((tmp_path / "r.json").read_text())["skipped"]) == 2


def test_strict_indexes_nothing(tmp_path: Path) -> None:
    """At the first bad record everything is rolled back."""
    (tmp_path / "a.jsonl").write_text('{"id": "1", "body": "được"}\n{oops\n')
    done = run("index", str(tmp_path / "a.jsonl"), "--strict", "--index", str(tmp_path / "i"))
    assert done.returncode == 2
    assert len(Index.open(tmp_path / "i")) == 0


def test_piped_output_is_plain_and_a_closed_pipe_is_no_error(folder: str) -> None:
    """No escape sequences in a pipe; `| head -1` ends quietly."""
    assert "\x1b" not in run("query", "dân vận", "--index", folder).stdout
    shell = (
        f"{sys.executable} -m vnsearch.cli query '' --limit 1000 --index '{folder}' 2>err.txt | head -1; cat err.txt"
    )
    done = subprocess.run(["bash", "-c", shell], capture_output=True, text=True, cwd=Path(folder).parent)
    assert "Traceback" not in done.stdout
    assert "Broken" not in done.stdout


def on_a_terminal(columns: int, *arguments: str, **environment: str) -> str:
    """What the command prints when standard output is a terminal of this width."""
    environment = {**os.environ, "COLUMNS": str(columns), "TERM": "xterm", **environment}
    return printed([*COMMAND, *arguments], environment, errors=False)


def test_a_terminal_gets_colour_and_its_width(folder: str) -> None:
    """Matches are bold, lines fit 40 columns; NO_COLOR is honoured."""
    output = on_a_terminal(40, "query", "dan van", "--limit", "2", "--index", folder)
    assert "\x1b[1;33m" in output
    plain = on_a_terminal(40, "query", "dan van", "--limit", "2", "--index", folder, NO_COLOR="1")
    assert "\x1b" not in plain
    assert all(len(line.strip("\r\n")) <= 40 for line in plain.splitlines())


def test_reasons_fit_the_terminal_too(folder: str) -> None:
    """What --explain prints is wrapped, further lines set in; no line opens with the sign between two facts."""
    output = on_a_terminal(40, "query", "dân vận ngày:2023", "--explain", "--index", folder, NO_COLOR="1")
    lines = [line.rstrip("\r") for line in output.split("\n")]
    assert max(map(len, lines)) <= 40
    assert "    Published" in lines
    assert "        period=2023-01-01..2023-12-31" in lines
    assert not any(line.lstrip().startswith("·") for line in lines)
    assert any(line.endswith(" ·") for line in lines)


def test_no_color_counts_when_it_says_something(folder: str) -> None:
    """An empty NO_COLOR is none (https://no-color.org)."""
    assert "\x1b[1;33m" in on_a_terminal(80, "query", "dan van", "--index", folder, NO_COLOR="")


def test_facets_fit_the_terminal(folder: str) -> None:
    """A paragraph each in any width, topics by their names; years alone where there are several, else months alone."""
    output = on_a_terminal(80, "query", "", "--facets", "--limit", "0", "--index", folder, NO_COLOR="1")
    lines = output.replace("\r", "").splitlines()
    assert max(map(len, lines)) <= 80
    names = [line.split()[0] for line in lines[1:] if line and not line.startswith(" ")]
    assert names == ["province", "topic", "source", "year"]
    assert "Dân vận " in output and "dan-van" not in output
    one_year = on_a_terminal(80, "query", "ngày:2023", "--facets", "--limit", "0", "--index", folder, NO_COLOR="1")
    assert "\nmonth " in one_year and "\nyear " not in one_year


def test_nothing_found_has_no_facets(folder: str) -> None:
    """No headings with nothing below them."""
    done = run("query", "qqqq", "--facets", "--index", folder)
    assert (done.returncode, done.stdout) == (1, "")


def test_bytes_that_are_no_text(folder: str) -> None:
    """An argument that is no UTF-8 is searched as what can be read of it."""
    done = subprocess.run(
        [*COMMAND, "query", "--json", "--index", folder, b"d\xe2n v\xe2n"], capture_output=True, timeout=60
    )
    assert done.returncode in (0, 1)
    assert b"Traceback" not in done.stderr
    json.loads(done.stdout)


def test_standard_input(tmp_path: Path) -> None:
    """ "-" reads JSON lines, or what --format says."""
    done = subprocess.run(
        [*COMMAND, "index", "-", "--index", str(tmp_path / "i"), "--format", "text"],
        input="7/2/2023\nTiêu đề\n\nMột câu.\n", capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0
    assert [a.title for a in Index.open(tmp_path / "i")] == ["Tiêu đề"]


def test_interrupted_indexing_leaves_the_index_as_it_was(tmp_path: Path) -> None:
    """Ctrl-C while articles come in: said so, exit 130, nothing half done, and the next run works."""
    line = json.dumps({"title": "Tin", "body": "Một câu. " * 20}) + "\n"
    process = subprocess.Popen(
        [*COMMAND, "index", "-", "--index", str(tmp_path / "i")],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdin
    deadline = time.monotonic() + 30
    while not (tmp_path / "i" / "vnsearch.json").exists() and time.monotonic() < deadline:
        process.stdin.write(line.encode() * 10)
        process.stdin.flush()
        time.sleep(0.05)
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "as it was before" in errors.decode()
    assert "Traceback" not in errors.decode()
    assert len(Index.open(tmp_path / "i")) == 0
    assert run("index", str(EXAMPLES / "pages"), "--index", str(tmp_path / "i")).returncode == 0


def test_show_similar_complete_stats_verify_optimize_backup(folder: str, tmp_path: Path) -> None:
    """The other commands, by VNSEARCH_INDEX."""
    id = json.loads(run("query", "dan van", "--json", "--index", folder).stdout)["hits"][0]["id"]
    assert "Lạng Sơn" in run("show", id, VNSEARCH_INDEX=folder).stdout
    assert json.loads(run("show", id, "--json", VNSEARCH_INDEX=folder).stdout)["id"] == id
    assert len(json.loads(run("similar", id, "--json", "--limit", "2", VNSEARCH_INDEX=folder).stdout)["hits"]) == 2
    assert "provinces: Lạng Sơn - " in run("show", id, "--why", VNSEARCH_INDEX=folder).stdout
    reasons = json.loads(run("show", id, "--why", "--json", VNSEARCH_INDEX=folder).stdout)["reasons"]
    assert {reason["field"] for reason in reasons} == {"id", "source", "published", "provinces", "topics"}
    assert "dân vận" in run("complete", "dan v", VNSEARCH_INDEX=folder).stdout.splitlines()
    assert json.loads(run("stats", "--json", VNSEARCH_INDEX=folder).stdout)["articles"] == 13
    assert run("verify", VNSEARCH_INDEX=folder).stdout.endswith("whole\n")
    assert run("optimize", VNSEARCH_INDEX=folder).returncode == 0
    assert run("backup", str(tmp_path / "copy"), VNSEARCH_INDEX=folder).returncode == 0
    assert len(Index.open(tmp_path / "copy")) == 13


def test_what_files_become_is_shown_without_an_index(tmp_path: Path) -> None:
    """The article, which key or witness each value is from, and what was not used; as text and as JSON."""
    (tmp_path / "a.csv").write_text(
        "Tiêu đề;Nội dung;Ngày đăng;Lượt xem\nLạng Sơn họp;Sáng nay họp.;7/2/2023;3\nTin hai;Chiều nay.;;4\n", "utf-8"
    )
    done = run("read", tmp_path / "a.csv", cwd=tmp_path)
    assert done.returncode == 0
    assert 'title: Lạng Sơn họp - key "Tiêu đề"' in done.stdout
    assert 'published: 2023-02-07 - key "Ngày đăng"' in done.stdout
    assert 'provinces: Lạng Sơn - title: "Lạng Sơn"' in done.stdout
    assert "Tin hai" in done.stdout
    assert "not used: Lượt xem (2)" in done.stderr
    found = json.loads(run("read", tmp_path / "a.csv", "--json", "--limit", "1", cwd=tmp_path).stdout)
    assert [(a["title"], a["line"], a["not_used"]) for a in found["articles"]] == [("Lạng Sơn họp", 2, ["Lượt xem"])]
    assert {"field": "body", "value": "Sáng nay họp.", "why": 'key "Nội dung"'} in found["articles"][0]["reasons"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.csv"]


def test_index_tells_formats_sources_and_keys(tmp_path: Path) -> None:
    """A line each, and in the report."""
    (tmp_path / "a.json").write_text('[{"title": "A", "url": "https://a.vn/1", "x": 1}, {"title": "B", "x": 2}, {}]')
    done = run("index", tmp_path / "a.json", "--report", tmp_path / "r.json", cwd=tmp_path)
    assert done.returncode == 1
    assert "json         1 file, 2 articles, 0 with a date, 0 with a province, 1 refused" in done.stdout
    assert "a.vn         1 article," in done.stdout
    assert "not used: x (2)" in done.stderr
    report = json.loads((tmp_path / "r.json").read_text())
    assert report["not_used"] == {"x": 2}
    assert report["formats"]["json"]["read"] == report["sources"]["a.vn"]["read"] + 1 == 2


def test_what_is_no_article_is_read_when_asked_for(tmp_path: Path) -> None:
    """A front page is refused with the reason, unless --all."""
    links = "".join(
        f'<div><h3><a href="/tin-{n}.html">Tỉnh Lạng Sơn họp về lũ lần thứ {n} trong năm nay</a></h3></div>'
        for n in range(40)
    )
    about = "<p>Cổng thông tin của tỉnh, nơi đăng tin về lũ và các cuộc họp của tỉnh trong năm nay.</p>"
    (tmp_path / "a.html").write_text(f"<html><body><h1>Trang chủ</h1><div>{about}</div>{links}</body></html>")
    done = run("read", tmp_path / "a.html", cwd=tmp_path)
    assert (done.returncode, "a section front" in done.stderr) == (1, True)
    done = run("read", tmp_path / "a.html", "--all", cwd=tmp_path)
    assert (done.returncode, "Cổng thông tin" in done.stdout) == (0, True)
