"""What an article, a query or a file's name can do to a terminal, a log or a page: nothing."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vnsearch import Article, Index, QueryError, VnsearchError
from vnsearch.printable import json_text, printable, shortened

OSC, CLEAR, C1, BIDI = "\x1b]52;c;ZXZpbA==\x07", "\x1b[2J", "\x9b31m", "\u202eevil"
EVIL = f"{OSC}{CLEAR}{C1}{BIDI}\x1b[31m"
ID = f"id{EVIL}\nsecond line"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of two articles, one of which is evil in every field."""
    top = tmp_path_factory.mktemp("evil")
    index = Index.create(top / "i")
    with index.writer() as writer:
        writer.add(
            Article(
                id=ID, title=f"dân vận {EVIL}", body=f"dân vận {EVIL} họp.", lead=f"dân {EVIL}", url=f"http://x/{EVIL}",
                source=f"src{EVIL}\nx", provinces=("Lạng Sơn", f"prov{EVIL}\nx"), topics=(f"top{EVIL}\nx",),
                author=f"auth{EVIL}\nx", extra={f"k{EVIL}": EVIL},
            )
        )  # fmt: skip
        writer.add(Article(id="plain", title="dân vận khéo", body="dân vận khéo họp."))
    name = f"a{EVIL}\n\r.jsonl".replace("/", "")
    (top / "in").mkdir()
    record = {"title": f"a{EVIL}", "body": "b", "published": f"x{EVIL}", f"k{EVIL}\n": f"v{EVIL}"}
    (top / "in" / name).write_text(json.dumps(record) + "\n{" + EVIL + "}\n[]\n", "utf-8")
    (top / "in" / f"skip{EVIL}\n.bin").write_text("x")
    return top


def in_terminal(folder: Path, *args: str) -> str:
    """What the command prints to a terminal."""
    code = """
import os, pty, sys
sys.stdout.flush()
pid, fd = pty.fork()
if pid == 0:
    os.environ["TERM"] = "xterm"
    os.execv(sys.executable, [sys.executable, "-m", "vnsearch.cli", *sys.argv[1:]])
while True:
    try:
        data = os.read(fd, 65536)
    except OSError:
        break
    if not data:
        break
    sys.stdout.buffer.write(data)
os.waitpid(pid, 0)
"""
    done = subprocess.run([sys.executable, "-c", code, *args], cwd=folder, capture_output=True, timeout=120)
    return done.stdout.decode("utf-8", "replace")


COMMANDS = [
    ["query", "dân vận", "--facets", "--explain", "--score", "--collapse", "story"],
    ["query", f'"dân vận" {EVIL}', "--explain"],
    ["query", "dân", "--json"],
    ["query", f"tỉnh:{EVIL}"],
    ["show", ID],
    ["show", ID, "--why"],
    ["show", ID, "--json"],
    ["show", EVIL],
    ["similar", "plain"],
    ["complete", "d"],
    ["index", "in", "--index", f"i{EVIL}"],
    ["read", "in"],
    ["read", "in", "--json"],
]


@pytest.mark.skipif(sys.platform == "win32", reason="a terminal of this kind")
@pytest.mark.parametrize("args", COMMANDS, ids=lambda args: args[0])
def test_nothing_steers_the_terminal(folder: Path, args: list[str]) -> None:
    """Whatever is printed, the escape sequences in it are those of bold, dim, yellow and cyan."""
    shown = in_terminal(folder, *args, *(["--index", "i"] if args[0] not in ("index", "read") else []))
    assert shown or args[0] == "similar"  # whose words are too few here
    assert "Traceback" not in shown
    for sequence in ("1", "2", "0", "1;33", "0;1", "36"):  # ours
        shown = shown.replace(f"\x1b[{sequence}m", "")
    shown = shown.replace("\x1b[?25l", "").replace("\x1b[?25h", "").replace("\x1b[2K", "").replace("\x1b[1A", "")
    if args[0] != "index":  # which draws a bar, and that needs some
        assert "\x1b" not in shown
    assert not any(bad in shown for bad in (OSC, CLEAR, "\x9b", "\u202e", "\x07"))


def test_a_page_gets_no_control_characters(folder: Path) -> None:
    """In a snippet's HTML, an explanation, an error: each on its line."""
    index = Index.open(folder / "i")
    [hit] = [hit for hit in index.search("dân vận") if hit.id == ID]
    for text in (hit.snippet.html(), hit.title.html(), hit.explain(), index.explain(f"dân {EVIL}")):
        assert not any(bad in text for bad in "\x1b\x07\x9b\u202e")
    with pytest.raises(QueryError) as raised:
        index.search("a", province=f"{EVIL}\nINFO all is well")
    assert len(str(raised.value).splitlines()) == 1
    assert not any(bad in str(raised.value) for bad in "\x1b\x07\x9b\u202e\n")


@given(st.text())
def test_a_text_stays_as_long_and_is_left_alone_where_it_is_harmless(text: str) -> None:
    """So that offsets into it stay right."""
    shown = printable(text)
    assert len(shown) == len(text)
    assert printable(shown) == shown
    shown.encode()
    harmless = "".join(c for c in text if c.isprintable())
    assert printable(harmless) == harmless
    assert not any(ord(c) < 32 or 127 <= ord(c) < 160 for c in shown)


@given(
    st.recursive(
        st.text() | st.integers() | st.none(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_json_keeps_everything(value: object) -> None:
    """Escaped, not left out: halves of pairs, C1 and the order of letters, too."""
    text = json_text(value)
    assert json.loads(text) == value
    assert printable(text) == text


def test_messages_are_one_line_of_some_length() -> None:
    """Whoever made them of whatever."""
    assert str(VnsearchError("a\nb\x1b[2Jc")) == "a b [2Jc"
    assert len(str(VnsearchError("x" * 1_000_000))) < 2_100
    assert shortened("x" * 2_000) == "x" * 2_000
    assert os.linesep not in str(VnsearchError(os.linesep))
