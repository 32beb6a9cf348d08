"""Runs the code of a page of the docs in the current folder, from top to bottom: what its reader would do.

python scripts/run_page.py PAGE

| fence | what is done |
|---|---|
| any with `title="FILE"` | written to that file |
| `console` | each `$ command` is run by a shell and must succeed; what stands below it must be what it prints |
| `python` | run; all of a page share their names |
| `pycon` | the same, and what is shown must come, as in a doctest |
| `sh` | looked at, not run: targets of make, extras of pip, options of vnsearch must exist |

`...` stands for any text.  Fences of other languages are for reading alone.
"""

import doctest
import os
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import click

ROOT = Path(__file__).parent.parent
_FENCE = re.compile(r"^( *)```(\w+)([^\n]*)\n(.*?)^\1```$", re.DOTALL | re.MULTILINE)
_TITLE = re.compile(r'title="([^"]+)"')
_FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


class Block(NamedTuple):
    """A fence of a page; `line` is its first one's number."""

    language: str
    file: str
    code: str
    line: int


def blocks(page: str) -> Iterator[Block]:
    """All fences of a page, in order."""
    for match in _FENCE.finditer(page):
        indent, language, rest, code = match.groups()
        title = _TITLE.search(rest)
        lines = [line.removeprefix(indent) for line in code.splitlines(keepends=True)]
        yield Block(language, title[1] if title else "", "".join(lines), page.count("\n", 0, match.start()) + 1)


def run(page: Path) -> None:
    """Runs all of it; raises AssertionError, or what the code raises, at the first line that does not do as it says."""
    names: dict[str, Any] = {"__name__": "page"}
    sys.path.insert(0, os.fspath(Path.cwd()))
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    for block in blocks(page.read_text("utf-8")):
        if block.file:
            Path(block.file).parent.mkdir(parents=True, exist_ok=True)
            Path(block.file).write_text(block.code, "utf-8")
        elif block.language == "console":
            _run_commands(page, block)
        elif block.language == "python":
            # blank lines before it, so that a traceback names the page's own lines
            exec(compile("\n" * block.line + block.code, str(page), "exec"), names)
        elif block.language == "pycon":
            _run_doctest(page, block, names)
        elif block.language == "sh":
            for line in block.code.splitlines():
                check(shlex.split(line, comments=True))


def _run_commands(page: Path, block: Block) -> None:
    for text in re.split(r"^\$ ", block.code, flags=re.MULTILINE)[1:]:
        command, _, wanted = text.partition("\n")
        done = subprocess.run(
            ["bash", "-c", command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
        )
        assert done.returncode == 0, f"{page}:{block.line}: {command}: exit code {done.returncode}\n{done.stdout}"
        if wanted.strip():
            fits = doctest.OutputChecker().check_output(wanted, done.stdout, _FLAGS)
            assert fits, f"{page}:{block.line}: {command}\nexpected\n{wanted}\ngot\n{done.stdout}"


def _run_doctest(page: Path, block: Block, names: dict[str, Any]) -> None:
    test = doctest.DocTestParser().get_doctest(block.code, names, page.name, str(page), block.line)
    found: list[str] = []
    doctest.DocTestRunner(optionflags=_FLAGS).run(test, out=found.append, clear_globs=False)
    assert not found, "".join(found)
    names |= test.globs


def check(words: list[str]) -> None:
    """Raises where a command that is not run here names what does not exist."""
    if not words:
        return
    if words[0] == "make":
        subprocess.run([*words, "--dry-run"], cwd=ROOT, check=True, capture_output=True)
    elif words[:2] == ["pip", "install"]:
        project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
        extras = re.findall(r"\[([\w,-]+)\]", words[-1])
        unknown = {e for extra in extras for e in extra.split(",")} - set(project["optional-dependencies"])
        assert not unknown, f"{words}: no such extra"
    elif words[0] == "vnsearch":
        _check_options(words[1:])
    else:
        raise AssertionError(f"{words}: a command of a kind that is not looked at; use another fence, or teach it here")


def _check_options(arguments: list[str]) -> None:
    """Raises where vnsearch would not take them."""
    from vnsearch.cli import main

    command = main.commands[arguments[0]]
    command.make_context(arguments[0], arguments[1:], parent=click.Context(main))


if __name__ == "__main__":
    run(Path(sys.argv[1]).absolute())
