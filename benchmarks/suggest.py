"""How many keywords typed without diacritics get theirs back, and how many typed with them get a wrong suggestion.

    python benchmarks/suggest.py --index indexes/rss
    python benchmarks/suggest.py --index indexes/rss --pairs pairs-of-other-corpora.txt

Real search keywords of `accents/typed_both_ways.jsonl` in $VNSEARCH_DATA.  Restored: the suggestion is one of the forms
that people type with diacritics, spelling unified; all keywords count.  Alarms: what is suggested for these forms
themselves; "to no known form": where the suggestion is none of the keyword's other forms, since many forms are slips.
ms of processor time a suggestion, each keyword asked once.  --pairs: another table (`make_pairs.py`), for example
one that was counted without the texts of the index.
"""

import argparse
import json
import os
import time
from pathlib import Path

import numpy as np

from vnsearch import Index
from vnsearch.query import language
from vnsearch.text.normalize import syllable_key

KEYWORDS = Path(os.environ.get("VNSEARCH_DATA", "../shared/data")) / "accents" / "typed_both_ways.jsonl"


def unified(text: str) -> str:
    """One spelling of what is written in several: tone placement, i for y."""
    return " ".join(map(syllable_key, text.split()))


def main() -> None:
    """Prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--index", type=Path, required=True)
    parser.add_argument("--pairs", type=Path, help="a table of the language other than the one shipped")
    options = parser.parse_args()
    if options.pairs:
        language._PAIRS = options.pairs
    index = Index.open(options.index)
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
    p50, p95 = np.percentile(times, (50, 95))
    print(f"{len(index):,} articles of {options.index.name}, table {(options.pairs or language._PAIRS).name}")
    print(f"restored {right:,} of {len(rows):,} ({100 * right / len(rows):.1f} %)")
    print(f"alarms {len(alarms)} of {len(forms):,}, {len(unknown)} to no known form")
    print(f"first {first:.0f} ms, then p50 {p50:.1f} ms, p95 {p95:.1f} ms")
    for form, found in unknown:
        print(f"  {form} -> {found}")


if __name__ == "__main__":
    main()
