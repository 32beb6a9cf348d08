"""How many keywords typed without diacritics get theirs back, and how many typed with them get a wrong suggestion.

    python -m benchmarks suggest --index indexes/rss indexes/gov
    python -m benchmarks suggest --index indexes/rss --pairs pairs-of-other-corpora.npz

Real search keywords of `accents/typed_both_ways.jsonl` in $VNSEARCH_DATA.  Restored: the suggestion is one of the forms
that people type with diacritics, spelling unified; all keywords count.  Alarms: what is suggested for these forms
themselves; "to no known form": where the suggestion is none of the keyword's other forms, since many forms are slips;
"of right words": where besides each word that it changes is a word of the language, as typed.
ms of processor time a suggestion, each keyword asked once.  --pairs: for each index another table (`make_language.py`),
for example one that was counted without the texts of the index.  Writes <date>-suggest.json to --out; which
suggestions are to no known form is printed.  In a text: what is suggested for 12,000 pieces of 2 to 5 words of news
articles (`news/dantri2020.jsonl.xz`, --seed) that have marks: printed too, and wrong where the text has no slip.

Exits 1 where a figure is under its floor (`floors/suggest_floors.json`, for the indexes, keywords, texts and seed that
it was pinned with); --pin: the figures become the floors.
"""

import json
import lzma
import random
import time
from pathlib import Path

import numpy as np

from vnsearch import Index
from vnsearch.suggest import language
from vnsearch.text.fold import is_unmarked
from vnsearch.text.normalize import syllable_key

from ..lib import floors, options, results
from ..lib.tables import table

DATA = options.data()
KEYWORDS = DATA / "accents" / "typed_both_ways.jsonl"
TEXTS = DATA / "news" / "dantri2020.jsonl.xz"
PIECES = 12_000
FLOORS = Path(__file__).parents[1] / "floors" / "suggest_floors.json"


def unified(text: str) -> str:
    """One spelling of what is written in several: tone placement, i for y."""
    return " ".join(map(syllable_key, text.split()))


def pieces(seed: int) -> list[str]:
    """Words side by side in news articles, at least one with marks."""
    with lzma.open(TEXTS, "rt", encoding="utf-8") as lines:
        texts = [json.loads(line)["body"].lower().split() for line in lines]
    random_ = random.Random(seed)
    found: list[str] = []
    while len(found) < PIECES:
        words = random_.choice(texts)
        at = random_.randrange(max(1, len(words) - 5))
        piece = words[at : at + random_.randint(2, 5)]
        if all(map(str.isalpha, piece)) and not is_unmarked("".join(piece)):
            found.append(" ".join(piece))
    return found


def of_right_words(typed: str, suggested: str) -> bool:
    """Whether all words that a suggestion changes are words of the language."""
    kept = unified(suggested).split()
    changed = (word for word in unified(typed).split() if word not in kept)
    return all(language.number(word) != language.unknown() for word in changed)


def measure(folder: Path, pairs: Path | None, running: list[str]) -> tuple[list[str], str, floors.Means]:
    """The figures of an index: a row of the table; the hash of what they are of, and what has floors."""
    if pairs:
        language._COUNTS = pairs
        for kept in (language._table, language._spelled, language.total, language.all_folded):
            kept.cache_clear()
    index = Index.open(folder)
    rows = [json.loads(line) for line in KEYWORDS.read_text("utf-8").splitlines()]
    begun = time.process_time()
    index.suggest("dan van")
    first = 1000 * (time.process_time() - begun)
    times, right = [], 0
    for row in rows:
        begun = time.process_time()
        suggested = index.suggest(row["folded"])
        times.append(1000 * (time.process_time() - begun))
        right += unified(suggested or row["folded"]) in {unified(form) for form in row["accented"]}
    forms = [(form, {unified(other) for other in row["accented"]}) for row in rows for form in row["accented"]]
    alarms = [(form, known, found) for form, known in forms if (found := index.suggest(form))]
    unknown = [(form, found) for form, known, found in alarms if unified(found) not in known]
    for form, found in unknown:
        print(f"  {form} -> {found}")
    in_text = [(piece, found) for piece in running if (found := index.suggest(piece))]
    for piece, found in in_text:
        print(f"  {piece} -> {found}")
    p50, p95 = np.percentile(times, (50, 95))
    means = {
        "keywords": {
            "restored, of 1,000": _of_1000(right, len(rows)),
            "left alone, of 1,000": 1000 - _of_1000(len(alarms), len(forms)),
            "left alone or given a known form, of 1,000": 1000 - _of_1000(len(unknown), len(forms)),
        },
        "pieces of texts": {"left alone, of 1,000": 1000 - _of_1000(len(in_text), len(running))},
    }
    row = [
        folder.name, f"{len(index):,}", (pairs or language._COUNTS).name,
        f"{right:,} of {len(rows):,} ({100 * right / len(rows):.1f} %)",
        f"{len(alarms)} of {len(forms):,}", str(len(unknown)), str(sum(of_right_words(*both) for both in unknown)),
        f"{len(in_text)} of {len(running):,}", str(sum(of_right_words(*both) for both in in_text)),
        f"{first:.0f}", f"{p50:.1f}", f"{p95:.1f}",
    ]  # fmt: skip
    return row, floors.digest(index, KEYWORDS, TEXTS), means


def _of_1000(some: int, all_: int) -> float:
    return 1000 * some / all_


def main() -> int:
    """Prints the table and writes it; 1 under a floor."""
    parser = options.parser(__doc__)
    parser.add_argument("--index", type=Path, nargs="+", required=True)
    parser.add_argument("--pairs", type=Path, nargs="+", default=[], help="tables of the language, one for each index")
    parser.add_argument("--seed", type=int, default=5)
    floors.add_pin(parser)
    asked = floors.parse(parser)
    if asked.pairs and asked.pin:
        parser.error("floors are pinned with the table that is shipped, without --pairs")
    if asked.pairs and len(asked.pairs) != len(asked.index):
        parser.error(f"{len(asked.pairs)} tables for {len(asked.index)} indexes; give one for each")
    running = pieces(asked.seed)
    header = (
        "index", "articles", "table", "restored", "alarms", "to no known form", "of right words", "in a text",
        "of right words", "first, ms", "p50, ms", "p95, ms",
    )  # fmt: skip
    tables = asked.pairs or [None] * len(asked.index)
    found = [measure(*both, running) for both in zip(asked.index, tables, strict=True)]
    rows = [row for row, *_ in found]
    print(table(header, rows))
    results.save(asked.out, "judged", "suggest", {"header": header, "rows": rows})
    if asked.pairs:
        return 0
    named = {f"{row[0]}, seed {asked.seed}": (digest, means) for row, digest, means in found}
    return floors.held(FLOORS, named, pin=asked.pin, lower=asked.lower)
