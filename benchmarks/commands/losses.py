"""Why queries typed without marks find less: of those that lose nDCG@10, what was read wrongly.

    python -m benchmarks losses [--data FOLDER] [--sets vinewsqa_dev ...] [--show 5]

Each query of relevance/ is searched as written and without marks, with the defaults of a user.  Kinds, the first that
fits: "not read" (it stays open what its words are); a wrong reading of "a name" (a word with a capital that is not the
query's first), of "a word of the index alone" (none of the language's table) or of "another word"; "read right",
where the order differs all the same.  Shares are of the nDCG@10 that was lost in all.  --show: so many queries of each
kind, the most lost first: what was lost, which article came first instead of the right one, the query and its reading.
Writes <date>-losses.json to --out.
"""

import tempfile
from collections import defaultdict
from pathlib import Path

from vnsearch import Index
from vnsearch.suggest import language
from vnsearch.text.normalize import syllable_key
from vnsearch.text.tokenize import tokenize

from ..lib import options, results
from ..lib.judged import SETS
from ..lib.relevance import DEPTH, Query, build, load_set, measure
from ..lib.tables import table
from ..lib.typing_ways import without

KINDS = ("not read", "a name", "a word of the index alone", "another word", "read right")


def words(text: str) -> list[str]:
    """Words as typed, capitals too."""
    return [text[token.start : token.end] for token in tokenize(text) if token.width == 1]


def kind(written: str, reading: str | None) -> str:
    """What went wrong with a query that was read so."""
    if reading is None:
        return "not read"
    pairs = list(enumerate(zip(words(written), words(reading), strict=False)))
    wrong = [(at, word) for at, (word, read) in pairs if syllable_key(word.lower()) != syllable_key(read.lower())]
    if not wrong:
        return "read right"
    if any(at and word[0].isupper() for at, word in wrong):
        return "a name"
    unknown = (language.number(syllable_key(word.lower())) == language.unknown() for _, word in wrong)
    return "a word of the index alone" if any(unknown) else "another word"


def losses(index: Index, queries: tuple[Query, ...]) -> dict[str, list[tuple[float, str, str, str]]]:
    """Kind -> (nDCG@10 that was lost, the first article, the query as written, its reading) of each query that lost."""
    relevant = {query.id: query.relevant for query in queries}
    typed = {query.id: index.search(without(query.text), literal=True, limit=DEPTH) for query in queries}
    as_written = {query.id: index.search(query.text, literal=True, limit=DEPTH) for query in queries}
    before, after = (
        measure(relevant, {name: [hit.id for hit in one.hits] for name, one in runs.items()})["nDCG@10"]
        for runs in (as_written, typed)
    )
    found = defaultdict(list)
    for query, lost in zip(queries, (before - after).tolist(), strict=True):
        if lost > 0:
            one = typed[query.id]
            first = one.hits[0].id if one.hits else "none"
            found[kind(query.text, one.ranked_as)].append((lost, first, query.text, one.ranked_as or ""))
    return found


def main() -> int:
    """Prints the tables and writes them."""
    parser = options.parser(__doc__)
    options.add_data(parser)
    parser.add_argument("--sets", nargs="*", choices=SETS, default=list(SETS))
    parser.add_argument("--show", type=int, default=0, help="queries of each kind")
    asked = parser.parse_args()
    options.need_data(parser, asked.data)
    rows = []
    for name in asked.sets:
        collection = load_set(asked.data / "relevance" / name)
        with tempfile.TemporaryDirectory() as folder:
            found = losses(build(collection.articles, Path(folder) / "index"), collection.queries)
        every = sum(lost for some in found.values() for lost, *_ in some)
        shares = [sum(lost for lost, *_ in found[kind]) / every if every else 0.0 for kind in KINDS]
        cells = [f"{100 * share:.0f} % ({len(found[kind])})" for kind, share in zip(KINDS, shares, strict=True)]
        rows.append([name, f"{sum(map(len, found.values()))} of {len(collection.queries):,}", *cells])
        for kind_ in KINDS:
            for lost, first, text, reading in sorted(found[kind_], reverse=True)[: asked.show]:
                print(f"  {kind_}: -{lost:.2f}, {first} first: {text} -> {reading}")
    header = ("set", "lost", *KINDS)
    print(table(header, rows))
    results.save(asked.out, "judged", "losses", {"header": header, "rows": rows})
    return 0
