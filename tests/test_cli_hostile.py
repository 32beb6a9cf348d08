"""The command, whatever a file, a folder, a terminal or the environment does: one line, an exit code, no traceback.

Each case runs in a process of its own, forked from one that has everything imported, in a folder with an index `i`,
a feed and what `before` makes there; as another user than root where rights are tried.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="each case is a forked process"),
]

HOST = """
import importlib, io, json, os, pkgutil, resource, shutil, signal, sys, time
import vnsearch, vnsearch.cli, vnsearch.ingest.readers
for module in pkgutil.walk_packages(vnsearch.__path__, "vnsearch."):
    importlib.import_module(module.name)
list(vnsearch.ingest.readers.read(sys.argv[1]))  # tables are loaded before rights are given up
for line in sys.stdin.read().splitlines():
    case = json.loads(line)
    if (child := os.fork()) == 0:
        break
    end = time.monotonic() + 60
    while (done := os.waitpid(child, os.WNOHANG))[0] == 0 and time.monotonic() < end:
        time.sleep(0.005)
    if not done[0]:
        os.kill(child, signal.SIGKILL)
        done = os.waitpid(child, 0)
    print(os.waitstatus_to_exitcode(done[1]), flush=True)
else:
    sys.exit()
os.chdir(case["folder"])
os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
for fd, name in ((1, "stdout"), (2, "stderr")):
    os.dup2(os.open(case["folder"] + "." + name, os.O_RDWR | os.O_CREAT, 0o666), fd)
def stream(fd, encoding="utf-8", errors="strict"):
    return open(fd, "w", encoding=encoding, errors=errors, closefd=False)
def nobody():
    if os.getuid() == 0:
        os.setgid(65534), os.setuid(65534)
sys.stdin, sys.stdout, sys.stderr = open(0, closefd=False), stream(1), stream(2, errors="backslashreplace")
exec(case["before"])
vnsearch.cli.main(case["args"], prog_name="vnsearch")
"""
FEED = '{"id":"%d","title":"Hội nghị dân vận %d","body":"Ban dân vận họp bàn.","source":"a.vn","provinces":["Huế"]}'
EVIL = "a\x1b]52;c;ZXZpbA==\x07\x9b31m\u202e\nb"
LONG = "x" * 5_000
BAD = "bad\udcff"  # bytes that are no UTF-8, as Python hands them over
NO_TOPICS = "open('t','w').write('{\"topics\":[]}');os.environ['VNSEARCH_TOPICS']='t'"
EMPTY_TERM = """
topic = {"slug": "x", "name": "X", "sections": [], "terms": [" "], "weak": []}
open("t", "w").write(json.dumps({"topics": [topic]})); os.environ["VNSEARCH_TOPICS"] = "t"
"""


class Case(NamedTuple):
    name: str
    args: list[str]
    code: int | tuple[int, ...]  # that is expected
    says: str = ""  # is in what is printed
    before: str = ""  # Python that is run in the folder first


def on(name: str, args: str, code: int | tuple[int, ...], says: str = "", before: str = "") -> Case:
    """A case whose arguments are plain words, over the index `i`."""
    return Case(name, [*args.split(), "--index", "i"], code, says, before)


CASES = [
    # the index
    Case("no name", ["query", "a", "--index", ""], 2, "expected the path"),
    Case("no name to make", ["index", "feed.jsonl", "--index", ""], 2, "expected the path"),
    *(Case(f"no index: {c}", [*c.split(), "--index", "none"], 2, "no index is here")
      for c in ("query a", "show 1", "similar 1", "complete a", "stats", "verify", "optimize", "backup b")),
    Case("long name", ["query", "a", "--index", LONG], 2, "File name too long"),
    Case("long name to make", ["index", "feed.jsonl", "--index", LONG], 2, "File name too long"),
    Case("a file", ["query", "a", "--index", "feed.jsonl"], 2, "no index is here"),
    Case("a file to make it in", ["index", "feed.jsonl", "--index", "feed.jsonl"], 2, "is a file"),
    Case("below a file", ["index", "feed.jsonl", "--index", "feed.jsonl/x"], 2, "cannot be made here"),
    Case("name of bytes", ["query", "a", "--index", BAD], 2, "no index is here"),
    Case("name of bytes to make", ["index", "feed.jsonl", "--index", BAD], 0, "holds 3 articles"),
    Case("name that steers", ["query", "a", "--index", EVIL], 2, "no index is here"),
    Case("no address", ["query", "a", "--index", "opensearch:///x"], 2, "expected opensearch://"),
    on("folder not to be read", "query a", 2, "may not be read", "os.chmod('i', 0); nobody()"),
    on("folder not to be entered", "query a", 2, "may not be read", "os.chmod('i', 0o444); nobody()"),
    on("segment not to be read", "query dân", 2, "may not be read",
       "[os.chmod('i/' + n, 0) for n in os.listdir('i') if n.endswith('.seg')]; nobody()"),
    on("folder not to be written", "index feed.jsonl", 2, "cannot be written", "os.chmod('i', 0o555); nobody()"),
    Case("nowhere to make it", ["index", "feed.jsonl", "--index", "ro/x"], 2, "cannot be made here",
         "os.mkdir('ro', 0o555); nobody()"),
    on("cut manifest", "query a", 2, "cannot be read", "open('i/vnsearch.json', 'r+').truncate(20)"),
    on("cut manifest, verified", "verify", 2, "broken", "open('i/vnsearch.json', 'r+').truncate(20)"),
    on("cut segment", "query dân", 2, "restore a backup",
       "[os.truncate('i/' + n, 999) for n in os.listdir('i') if n.endswith('.seg')]"),
    on("working folder is gone", "query a", 2, "no index is here",
       "os.mkdir('gone'); os.chdir('gone'); os.rmdir('../gone')"),
    # copies
    on("backup to a long name", f"backup {LONG}", 2, "File name too long"),
    Case("backup to no name", ["backup", "", "--index", "i"], 2, "expected the path"),
    on("backup onto a file", "backup feed.jsonl", 2, "not empty"),
    on("backup onto the index", "backup i", 2, "not empty"),
    on("backup where one may not", "backup ro/x", 2, "cannot be written", "os.mkdir('ro', 0o555); nobody()"),
    on("backup below a file", "backup feed.jsonl/x", 2),
    # what is read
    on("no such file", "index none.jsonl", (1, 2), "none.jsonl"),
    Case("file not to be read", ["index", "feed.jsonl", "--index", "new"], (1, 2), "feed.jsonl",
         "os.chmod('feed.jsonl', 0); nobody()"),
    Case("folder not to be entered among others", ["index", "d", "--index", "new"], (0, 1), "d/closed",
         "os.makedirs('d/closed'); shutil.copy('feed.jsonl', 'd'); os.chmod('d/closed', 0); nobody()"),
    on("dangling link", "index link.jsonl", (1, 2), "link.jsonl", "os.symlink('none', 'link.jsonl')"),
    on("file name of bytes", "index .", (0, 1, 2), "", "os.rename('feed.jsonl', b'bad\\xff.jsonl')"),
    on("file name that steers", "index d", (0, 1, 2), "skipped",
       "os.mkdir('d'); open('d/a\\x1b[2J\\n\\x9b.bin', 'w').write('x'); shutil.copy('feed.jsonl', 'd')"),
    on("long file name", f"index {LONG}", (1, 2), "too long"),
    on("standard input closed", "index -", 0, "0 read", "sys.stdin = None; os.close(0)"),
    on("standard input is a folder", "index - --format jsonl", (1, 2), "", "os.dup2(os.open('.', os.O_RDONLY), 0)"),
    on("standard input is no text", "index - --format jsonl", (1, 2), "",
       "open('x', 'wb').write(b'\\xff\\xfe\\x00[' * 99); os.dup2(os.open('x', os.O_RDONLY), 0)"),
    on("unknown field", "index feed.jsonl --field x=y", 2, "expected FIELD=KEY"),
    on("too little memory asked for", "index feed.jsonl --memory-mb 1", 2, "memory_mb: expected at least"),
    on("no workers", "index feed.jsonl --workers 0", 2, "--workers"),
    # reports
    on("report into no folder", "index feed.jsonl --report none/r.json", 2, "No such file"),
    on("report onto a folder", "index feed.jsonl --report i", 2, "is a directory"),
    on("report onto a full disk", "index feed.jsonl --report /dev/full", 2, "the report was not written"),
    on("report where one may not", "index feed.jsonl --report ro/r", 2, "Permission denied",
       "os.mkdir('ro', 0o555); nobody()"),
    on("report of a name of bytes", f"index feed.jsonl --report {BAD}", 0, "holds 3 articles"),
    # topics of one's own
    on("topics missing", "index feed.jsonl", 2, "no table of topics", "os.environ['VNSEARCH_TOPICS'] = 'none'"),
    on("topics a folder", "index feed.jsonl", 2, "no table of topics", "os.environ['VNSEARCH_TOPICS'] = 'i'"),
    on("topics no text", "index feed.jsonl", 2, "no table of topics",
       "open('t', 'wb').write(b'\\xff\\xfe'); os.environ['VNSEARCH_TOPICS'] = 't'"),
    on("topics deep", "index feed.jsonl", 2, "no table of topics",
       "open('t', 'w').write('[' * 99_999); os.environ['VNSEARCH_TOPICS'] = 't'"),
    on("topics none", "index feed.jsonl", 2, "without a topic", NO_TOPICS),
    on("topics of no word", "index feed.jsonl", 2, "in which no word is", EMPTY_TERM),
    # the terminal
    *(on(f"{columns} columns", "query dân --facets --explain", 0, "", f"os.environ['COLUMNS'] = '{columns}'")
      for columns in ("1", "0", "-5", "x", "9999999999")),
    *(on(f"full disk: {c}", c, 2, "No space left", "os.dup2(os.open('/dev/full', os.O_WRONLY), 1)")
      for c in ("query dân", "query dân --json", "stats", "show 1", "complete d", "verify")),
    Case("full disk: --help", ["--help"], 2, "No space left", "os.dup2(os.open('/dev/full', os.O_WRONLY), 1)"),
    on("full disk for errors", "query (", 2, "", "os.dup2(os.open('/dev/full', os.O_WRONLY), 2)"),
    on("output closed", "query dân", 0, "", "os.close(1); sys.stdout = None"),
    on("errors closed", "show none", 1, "", "os.close(2); sys.stderr = None"),
    on("all closed", "index feed.jsonl", 0, "", "[os.close(n) for n in range(3)]; "
       "sys.stdin = sys.stdout = sys.stderr = None"),
    on("a reader that went away", "query dân", 0, "",
       "r, w = os.pipe(); os.close(r); os.dup2(w, 1); sys.stdout = stream(1)"),
    on("a terminal of Latin letters", "query dân", 0, "Ban d", "sys.stdout = stream(1, 'latin-1')"),
    on("JSON to a terminal of Latin letters", "query dân --json", 0, "H\\u1ed9i", "sys.stdout = stream(1, 'latin-1')"),
    on("JSON to a terminal of ASCII", "show 1 --json", 0, "H\\u1ed9i", "sys.stdout = stream(1, 'ascii')"),
    on("words to a terminal of ASCII", "complete d", 0, "n", "sys.stdout = stream(1, 'ascii')"),
    on("errors to a terminal of ASCII", "query tỉnh:không", 2, "vnsearch:", "sys.stderr = stream(2, 'ascii')"),
    # what is typed
    Case("query of bytes", ["query", BAD, "--index", "i"], (0, 1)),
    Case("query that steers", ["query", EVIL, "--index", "i", "--explain"], (0, 1, 2)),
    Case("query too long", ["query", "a " * 10_001, "--index", "i"], 2, "characters"),
    Case("query too deep", ["query", "(" * 5_000, "--index", "i"], (0, 1, 2)),
    Case("filter too long", ["query", "a", "--province", "x" * 100_000, "--index", "i"], 2, "no province"),
    Case("filter that steers", ["query", "a", "--topic", EVIL, "--index", "i"], 2, "no topic"),
    Case("field that steers", ["query", f'ngày:"{EVIL}"', "--index", "i"], (0, 1, 2)),
    Case("id that steers", ["show", EVIL, "--index", "i"], 1, "no article"),
    Case("id of bytes", ["show", BAD, "--index", "i"], 1, "no article"),
    Case("similar to nothing", ["similar", BAD, "--index", "i"], 1, "no article"),
    on("no such cursor", "query dân --after x", 2, "cursor"),
    on("beyond the calendar", "query dân --since >9999", 2),
    Case("a date of blanks", ["query", "dân", "--since", "1 tháng 1" + " " * 3_000 + "x", "--index", "i"], 2),
    on("limits beyond all", "query dân --limit 99999999999 --offset 99999999999", 0),
    # the system
    on("few descriptors", "query dân", 2, "Too many open files", "resource.setrlimit(resource.RLIMIT_NOFILE, (4, 4))"),
    on("files no larger than", "index feed.jsonl", 2, "File too large",
       "resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100)); os.unlink('i/vnsearch.lock')"),
    on("no home", "query dân", 0, "", "os.environ.clear()"),
]  # fmt: skip


class Done(NamedTuple):
    code: int
    out: str
    err: str


@pytest.fixture(scope="module")
def results() -> Iterator[dict[str, Done]]:
    """What each case printed, and how it ended."""
    with tempfile.TemporaryDirectory(prefix="vnsearch", dir=os.environ.get("TMPDIR", "/tmp")) as name:
        top = Path(name)
        top.chmod(0o755)
        (top / "feed.jsonl").write_text("\n".join(FEED % (n, n) for n in range(3)), "utf-8")
        command = [sys.executable, "-m", "vnsearch.cli", "index", "feed.jsonl", "--index", "i", "--workers", "1"]
        subprocess.run(command, cwd=top, check=True, capture_output=True)
        lines = []
        for number, case in enumerate(CASES):
            folder = top / str(number)
            folder.mkdir()
            subprocess.run(["cp", "-r", top / "i", top / "feed.jsonl", folder], check=True)
            folder.chmod(0o777)
            for path in folder.iterdir():
                path.chmod(0o777 if path.is_dir() else 0o666)
            workers = ["--workers", "1"] * (case.args[:1] == ["index"] and "--workers" not in case.args)
            asked = {"args": [*case.args, *workers], "before": case.before, "folder": str(folder)}
            lines.append(json.dumps(asked))
        done = subprocess.run(
            [sys.executable, "-c", HOST, str(top / "feed.jsonl")],
            input="\n".join(lines),
            capture_output=True,
            text=True,
            timeout=600,
        )
        assert done.returncode == 0, done.stderr
        codes = list(map(int, done.stdout.split()))

        def printed(number: int, stream: str) -> str:
            return (top / f"{number}.{stream}").read_bytes().decode("utf-8", "replace")

        yield {
            case.name: Done(code, printed(number, "stdout"), printed(number, "stderr"))
            for number, (case, code) in enumerate(zip(CASES, codes, strict=True))
        }


def test_there_is_one_case_of_a_name() -> None:
    """So that none hides another."""
    assert len({case.name for case in CASES}) == len(CASES) > 60


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_command_says_what_is_wrong_and_ends(results: dict[str, Done], case: Case) -> None:
    """With the exit code that stands for it, and without a traceback; nothing steers the terminal."""
    done = results[case.name]
    assert "Traceback" not in done.err and "Exception ignored" not in done.err, done.err
    assert done.code in (case.code if isinstance(case.code, tuple) else (case.code,)), done
    assert case.says in done.out + done.err
    shown = done.out + done.err
    assert not any(letter in shown for letter in "\x1b\x07\x9b\u202e")
    assert len(done.err) < 5_000
