"""Every regular expression of the package takes time linear in its text: tried on what each of them almost matches.

    python scripts/check_patterns.py

Patterns are found in the modules' names and, where they are written into a call, in the sources.  For each, texts are
made from its own parse tree: what comes before a repetition, then again and again a letter that the pattern knows, or
the whole beginning, then something that does not match.  Ten times the text may take fifteen times the time, and what
takes a moment is not looked at.  Exit code 1 and a line for each that takes more; BOUNDED names those whose texts are
short, and why.
"""

import ast
import importlib
import pkgutil
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import vnsearch

sre_constants, sre_parser = re._constants, re._parser  # type: ignore[attr-defined]
SHORT, MOMENT, MOST = 300, 0.004, 15  # characters, seconds, times
ENDS = ("\x00", "!x")
SOURCES, ANCHORED = Path(vnsearch.__file__).parent, {"match", "fullmatch"}
LETTERS = " \n-.,/:@a0<\"'"
BOUNDED: dict[str, str] = {  # beginning of the pattern: what bounds its texts
    r"[A-ZĐ]+\.|Tp\.|Mr\.": "text/words: pieces of 200 letters; longer ones go to a pattern without addresses",
    r"(?:sapo|chapeau": "ingest/pages/html: names of classes, 200 letters of each",
    r"([#.])([\w:-]+)|\[": "ingest/pages/markup: selectors of our own data",
    r"\s*(?:<\?xml[^>]*>": "ingest/readers: the first 4096 bytes of a file",
    r"(?:[\w-]+:[^\n]*\n": "ingest/readers: the same",
    r"(\d+) (\D+)": "suggest/language: our own data",
}


def main() -> None:
    """Prints what is not linear."""
    bad, patterns = 0, {(one.pattern.pattern, one.anchored): one for one in found()}
    for one in patterns.values():
        written = one.pattern.pattern
        if (written if isinstance(written, str) else written.decode("latin-1")).startswith(tuple(BOUNDED)):
            continue
        slowest = max(((ratio(one, text), text) for text in texts(one.pattern)), default=(0.0, ("", "", "")))
        if slowest[0] > MOST:
            bad += 1
            print(f"{one.where}: {one.pattern.pattern[:100]!r} takes {slowest[0]:.0f} times as long on {slowest[1]!r}")
    print(f"{len(patterns)} regular expressions, {bad} not linear")
    sys.exit(1 if bad or len(patterns) < 30 else 0)


class Found(NamedTuple):
    """A pattern; `anchored` where it is matched at the beginning of a text alone, not looked for in it."""

    where: str
    pattern: "re.Pattern[Any]"
    anchored: bool


def found() -> Iterator[Found]:
    """The patterns of the package."""
    sources = "\n".join(path.read_text("utf-8") for path in SOURCES.rglob("*.py"))
    for module in pkgutil.walk_packages(vnsearch.__path__, "vnsearch."):
        if not module.name.endswith(("__main__", ".kernels")):
            for name, value in vars(importlib.import_module(module.name)).items():
                for pattern, method in within(value, set()):
                    uses = {method} if method else set(re.findall(rf"\b{re.escape(name)}\.(\w+)\(", sources))
                    yield Found(f"{module.name}.{name}", pattern, bool(uses) and uses <= ANCHORED)
    for path in SOURCES.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
                of, first = node.func.value, node.args[0]
                used = node.func.attr  # patterns that are compiled have names
                if isinstance(of, ast.Name) and of.id == "re" and isinstance(first, ast.Constant) and used != "compile":
                    yield Found(f"{path.name}:{node.lineno}", re.compile(first.value), used in ANCHORED)


def within(value: object, seen: set[int]) -> Iterator[tuple["re.Pattern[Any]", str]]:
    """The patterns in a module's value: itself, one of its items or attributes, the pattern of a bound method."""
    if id(value) in seen or len(seen) > 2_000:
        return
    seen.add(id(value))
    if isinstance(value, re.Pattern):
        yield value, ""
    elif isinstance(getattr(value, "__self__", None), re.Pattern):
        yield value.__self__, value.__name__  # type: ignore[attr-defined]
    elif isinstance(value, dict):
        for inner in value.values():
            yield from within(inner, seen)
    elif isinstance(value, list | tuple | set | frozenset):
        for inner in value:
            yield from within(inner, seen)
    elif isinstance(value, type) and value.__module__.startswith("vnsearch"):
        for inner in vars(value).values():
            yield from within(inner, seen)


def texts(pattern: "re.Pattern[Any]") -> Iterator[tuple[str, str, str]]:
    """(beginning, what is repeated, end)."""
    tree = sre_parser.parse(pattern.pattern, pattern.flags & ~re.DEBUG)
    beginnings = dict.fromkeys(["", *before_repeats(tree)])
    units = dict.fromkeys([*LETTERS, *letters(tree), *(b for b in beginnings if b)])
    for unit in list(units)[:18]:
        for beginning in list(beginnings)[:4]:
            for end in ENDS:
                yield beginning, unit, end


def sample(tree: Any) -> str:
    """One text that a part of a pattern matches, about."""
    text = ""
    for op, value in tree:
        if op is sre_constants.LITERAL:
            text += chr(value)
        elif op is sre_constants.IN:
            text += next(iter(members(value)), "a")
        elif op in (sre_constants.ANY, sre_constants.NOT_LITERAL):
            text += "a"
        elif op is sre_constants.BRANCH:
            text += sample(value[1][0])
        elif op is sre_constants.SUBPATTERN:
            text += sample(value[-1])
        elif op.name in REPEATS:
            text += sample(value[2]) * max(value[0], 1 if value[1] == sre_constants.MAXREPEAT else 0)
        elif op.name == "ATOMIC_GROUP":
            text += sample(value)
    return text


REPEATS = ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT")


def before_repeats(tree: Any, before: str = "") -> Iterator[str]:
    """What stands before each repetition."""
    for op, value in tree:
        if op.name in REPEATS:
            yield before
            yield from before_repeats(value[2], before)
            yield before + sample(value[2])
        elif op is sre_constants.BRANCH:
            for branch in value[1]:
                yield from before_repeats(branch, before)
        elif op is sre_constants.SUBPATTERN:
            yield from before_repeats(value[-1], before)
        before += sample([(op, value)])
    yield before


def members(items: Any) -> Iterator[str]:
    """Some letters of a set."""
    of = {"CATEGORY_DIGIT": "0", "CATEGORY_SPACE": " ", "CATEGORY_WORD": "a", "CATEGORY_NOT_SPACE": "a",
          "CATEGORY_NOT_DIGIT": "a", "CATEGORY_NOT_WORD": "-"}  # fmt: skip
    for op, value in items:
        if op is sre_constants.LITERAL:
            yield chr(value)
        elif op is sre_constants.RANGE:
            yield chr(value[0])
        elif op is sre_constants.CATEGORY:
            yield of[str(value).rpartition(".")[2]]


def letters(tree: Any) -> Iterator[str]:
    """Some letters that a pattern knows."""
    for op, value in tree:
        if op is sre_constants.LITERAL:
            yield chr(value)
        elif op is sre_constants.IN:
            yield from members(value)
        elif op is sre_constants.BRANCH:
            for branch in value[1]:
                yield from letters(branch)
        elif op is sre_constants.SUBPATTERN:
            yield from letters(value[-1])
        elif op.name in REPEATS:
            yield from letters(value[2])


def ratio(one: Found, text: tuple[str, str, str]) -> float:
    """How many times as long ten times the text takes; 0 where even that takes a moment."""
    found = 1e9
    for _ in range(3):
        long = seconds(one, text, 10 * SHORT)
        if long < MOMENT:
            return 0.0
        short = min(seconds(one, text, SHORT) for _ in range(3))
        found = min(found, long / max(short, MOMENT / 40))
        if found <= MOST:
            return 0.0
    return found


def seconds(one: Found, text: tuple[str, str, str], size: int) -> float:
    begin, unit, end = text
    whole: Any = begin + unit * (size // len(unit)) + end
    if isinstance(one.pattern.pattern, bytes):
        whole = whole.encode("utf-8", "replace")
    begun = time.process_time()
    one.pattern.fullmatch(whole)
    for _ in () if one.anchored else one.pattern.finditer(whole):
        pass
    return time.process_time() - begun


if __name__ == "__main__":
    main()
