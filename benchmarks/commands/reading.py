"""How many queries that were typed wrong are read right, whole questions restored, and what completion saves.

    python -m benchmarks reading --headlines indexes/rss40 --questions indexes/alqac

--headlines: an index of the first 40,000 of `news/rss_headlines.jsonl.xz` in $VNSEARCH_DATA (title, lead as body).
Phrases of two to five words are drawn from their titles (--seed) and mistyped by rule: Telex and VNI keys, each
syllable in one of three orders of its marks, capitals kept; a syllable with hỏi for ngã or a sound that regions
confuse; a blank forgotten; a slip of the finger (a letter left out, doubled, swapped with the next one or another).
Of the last three only phrases that the index has twice; what it has is no slip.  As they are: such phrases, typed
right, to be left alone.
Completion: whole words side by side in the next 40,000 titles, as often as they occur there, that the index has five
times, typed without marks letter by letter: found when the phrase is among the first five.

--questions: an index of the texts of `relevance/alqac_legal`; the questions of `accents/legal_questions.jsonl` are
typed without marks and read.  Constants were chosen on 400 of the half that `random.Random(1).shuffle` puts first, and
on every other keyword of the command `suggest`; the other halves confirm.

ms of processor time.  Writes <date>-reading.json to --out.  Exits 1 where a share is under its floor
(`floors/reading_floors.json`, for the articles, questions and seed it was pinned with); --pin: the shares become the
floors.
"""

import json
import lzma
import random
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple
from unicodedata import normalize

import numpy as np

from vnsearch import Index
from vnsearch.text.fold import fold
from vnsearch.text.normalize import TONES, syllable_key
from vnsearch.text.words import segment

from ..lib import floors, options, results
from ..lib.tables import table

DATA = options.data()
HEADLINES, QUESTIONS = DATA / "news" / "rss_headlines.jsonl.xz", DATA / "accents" / "legal_questions.jsonl"
FLOORS = Path(__file__).parents[1] / "floors" / "reading_floors.json"
INDEXED = 40_000
AS_THEY_ARE = "as they are"
_WORDS = re.compile(r"[^\W\d_]+( [^\W\d_]+)*")


def unified(text: str) -> str:
    """One spelling of what is written in several, without punctuation."""
    return " ".join(map(syllable_key, re.findall(r"\w+", text)))


def titles(first: int, last: int) -> list[str]:
    """Titles of headlines by number."""
    with lzma.open(HEADLINES, "rt", encoding="utf-8") as lines:
        return [json.loads(line)["title"] for number, line in enumerate(lines) if first <= number < last]


def keys(word: str, vni: bool, order: int) -> str:
    """A syllable as typed: each tone behind its vowel and other mark (0), at the end (1), before the other mark (2)."""
    tones = dict(zip(TONES, "21345" if vni else "fsrxj", strict=True))
    typed, tone = "", ""
    for letter in word:
        base, *marks = tuple("dđ" if letter == "đ" else "Dđ" if letter == "Đ" else normalize("NFD", letter))
        shape = "".join(
            {"\u0302": "6", "\u0306": "8", "\u031b": "7", "đ": "9"}[mark]
            if vni
            else {"\u0302": base.lower(), "\u0306": "w", "\u031b": "w", "đ": "d"}[mark]
            for mark in marks
            if mark not in tones
        )
        own = "".join(tones[mark] for mark in marks if mark in tones)
        typed += base + (own + shape if order == 2 else shape + own if order == 0 else shape)
        tone += own if order == 1 else ""
    return (typed + tone).upper() if word.isupper() and len(word) > 1 else typed + tone


def confused(word: str, random_: random.Random) -> str | None:
    """A syllable with another tone or sound that somebody confuses with its own; None where it has none."""
    tilde = {"\u0309": "\u0303", "\u0303": "\u0309"}
    found = {normalize("NFC", "".join(tilde.get(c, c) for c in normalize("NFD", word)))} - {word}
    for a, b in (("l", "n"), ("tr", "ch"), ("s", "x"), ("d", "gi"), ("r", "d"), ("gi", "r")):
        for old, new in ((a, b), (b, a)):
            if re.match(old + r"[^\Whgri]", word):
                found.add(new + word[len(old) :])
    for old, new in (("ng", "n"), ("n", "ng"), ("c", "t"), ("t", "c")):
        if re.search(rf"[^\Wn]{old}$", word) and len(word) > len(old) + 1:
            found.add(word[: -len(old)] + new)
    return random_.choice(sorted(found)) if found else None


def slipped(word: str, random_: random.Random) -> str | None:
    """A word with one slip of the finger, which may be another word; None where it has too few letters."""
    if len(word) < 3:
        return None
    at, letter = random_.randrange(1, len(word)), random_.choice("abcdeghiklmnopqrstuvxy")
    swap = at - 1
    made = [
        word[:at] + word[at + 1 :],
        word[:at] + word[at - 1 :],
        word[:swap] + word[at] + word[swap] + word[at + 1 :],
        word[:at] + letter + word[at + 1 :],
    ][random_.randrange(4)]
    return made if made != word else None


def phrases(random_: random.Random, wanted: Callable[[str], bool]) -> Iterator[str]:
    """Words side by side in titles, at least one with marks."""
    every = titles(0, INDEXED)
    for title in random_.sample(every, len(every)):
        words = title.split()
        size = random_.randint(2, 5)
        if len(words) > size:
            at = random_.randrange(len(words) - size + 1)
            phrase = " ".join(words[at : at + size])
            if _WORDS.fullmatch(phrase) and fold(phrase) != phrase and wanted(phrase):
                yield phrase


def mistyped(index: Index, number: int, random_: random.Random) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """(what is wrong, pairs of phrase and typed)."""

    def twice(phrase: str) -> bool:
        return index.search(f'"{phrase}"', limit=0).total > 1

    for name, vni in (("Telex", False), ("VNI", True)):
        some = phrases(random_, lambda _: True)
        yield (
            name,
            [
                (phrase, " ".join(keys(word, vni, random_.randrange(3)) for word in phrase.split()))
                for phrase in (next(some) for _ in range(number))
            ],
        )
    wrong: dict[str, list[tuple[str, str]]] = {
        name: [] for name in ("sound", "blank", "blank, without marks", "finger", "finger, without marks", AS_THEY_ARE)
    }
    for phrase in phrases(random_, lambda phrase: twice(phrase.lower())):
        words = phrase.lower().split()
        at = random_.randrange(len(words))
        other = confused(words[at], random_)
        typed = " ".join([*words[:at], other or "", *words[at + 1 :]])
        if other and not index.search(f'"{typed}"', limit=0).total:
            wrong["sound"].append((phrase, typed))
        at = random_.randrange(len(words) - 1)
        typed = " ".join([*words[:at], words[at] + words[at + 1], *words[at + 2 :]])
        wrong["blank"].append((phrase, typed))
        wrong[AS_THEY_ARE].append((phrase, " ".join(words)))
        restored = unified(index.suggest(fold(" ".join(words))) or "") == unified(phrase)
        if restored:
            wrong["blank, without marks"].append((phrase, fold(typed)))
        at = random_.randrange(len(words))
        for name, own in (("finger", words), ("finger, without marks", fold(" ".join(words)).split())):
            other = slipped(own[at], random_)
            typed = " ".join([*own[:at], other or "", *own[at + 1 :]])
            if other and (restored or own is words) and not index.search(f'"{typed}"', limit=0).total:
                wrong[name].append((phrase, typed))
        if min(map(len, wrong.values())) >= number * 3 // 5:
            break
    yield from ((name, found[: number * 3 // 5]) for name, found in wrong.items())


class Row(NamedTuple):
    """Cells of the table, and what has a floor, of 1,000."""

    cells: list[str]
    means: dict[str, float]


def read(index: Index, name: str, pairs: list[tuple[str, str]]) -> Row:
    """How many are read as meant."""
    times, right = [], 0
    for meant, typed in pairs:
        begun = time.process_time()
        found = index._engine.read(typed)
        times.append(1000 * (time.process_time() - begun))
        right += unified(found.text.lower() if found else typed) == unified(meant.lower())
    p50, p95 = np.percentile(times, (50, 95))
    share = right / len(pairs)
    cells = [name, f"{right} of {len(pairs)} ({100 * share:.1f} %)", f"{p50:.1f}", f"{p95:.1f}"]
    return Row(cells, {"read right, of 1,000": 1000 * share})


def complete(index: Index, number: int, random_: random.Random) -> Row:
    """In how many phrases the first five have the phrase before its last letter, and letters saved."""
    every = titles(INDEXED, 2 * INDEXED)
    chosen: list[str] = []
    while len(chosen) < number:
        words = [word.replace("_", " ").lower() for word in segment(random_.choice(every))]
        at, size = random_.randrange(len(words)), random_.randint(1, 2)
        phrase = unified(" ".join(words[at : at + size]))
        if " " in phrase and _WORDS.fullmatch(phrase) and index.search(f'"{phrase}"', limit=0).total >= 5:
            chosen.append(phrase)
    times, found, letters, saved = [], 0, 0, 0
    for phrase in chosen:
        typed = fold(phrase)
        letters += len(typed)
        for size in range(2, len(typed)):
            begun = time.process_time()
            offered = index.complete(typed[:size], limit=5)
            times.append(1000 * (time.process_time() - begun))
            if phrase in offered:
                found, saved = found + 1, saved + len(typed) - size
                break
    p50, p95 = np.percentile(times, (50, 95))
    share = f"{found} of {number} in the first five, {100 * saved / letters:.0f} % of letters saved"
    means = {"found, of 1,000": 1000 * found / number, "letters saved, of 1,000": 1000 * saved / letters}
    return Row(["completion", share, f"{p50:.1f}", f"{p95:.1f}"], means)


def main() -> int:
    """Prints the table and writes it; 1 under a floor."""
    parser = options.parser(__doc__)
    parser.add_argument("--headlines", type=Path)
    parser.add_argument("--questions", type=Path)
    parser.add_argument("--number", type=int, default=500, help="phrases in Telex; three fifths of it of other slips")
    parser.add_argument("--seed", type=int, default=5)
    floors.add_pin(parser)
    asked = floors.parse(parser)
    if not asked.headlines and not asked.questions:
        parser.error("name an index with --headlines or --questions")
    rows: list[Row] = []
    named: dict[str, tuple[str, floors.Means]] = {}
    if asked.headlines:
        index, random_ = Index.open(asked.headlines), random.Random(asked.seed)
        rows += [read(index, name, pairs) for name, pairs in mistyped(index, asked.number, random_)]
        rows.append(complete(index, asked.number * 3 // 5, random_))
        means = {row.cells[0]: row.means for row in rows}
        named[f"headlines, {asked.number}, seed {asked.seed}"] = floors.digest(index, HEADLINES), means
    if asked.questions:
        questions = [json.loads(line)["question"] for line in QUESTIONS.read_text("utf-8").splitlines()]
        random.Random(1).shuffle(questions)
        half, index = len(questions) // 2, Index.open(asked.questions)
        halves = [("questions, chosen on", questions[:half]), ("questions, confirming", questions[half:])]
        found = [read(index, name, [(question, fold(question)) for question in some]) for name, some in halves]
        rows += found
        named["questions"] = floors.digest(index, QUESTIONS), {row.cells[0]: row.means for row in found}
    header, cells = ("typed", "read right", "p50, ms", "p95, ms"), [row.cells for row in rows]
    print(table(header, cells))
    results.save(asked.out, "judged", "reading", {"header": header, "rows": cells})
    return floors.held(FLOORS, named, pin=asked.pin, lower=asked.lower)
