"""How well an index answers queries whose right answers somebody has named.

`judgements` reads queries and their relevant articles, `measure` asks each and counts, by ir_measures (the extra
`evaluate`).

    judged = read_lines("queries.jsonl")
    found = evaluate(Index.open("indexes/news"), judged.queries, ways=("written", "without"))
    print(found.means["without"]["nDCG@10"])
"""

from .judgements import Judged, Judgements, read_lines, read_topics
from .measure import DEFAULT_MEASURES, WAYS, Answer, Evaluation, evaluate, run_lines

__all__ = [
    "DEFAULT_MEASURES",
    "WAYS",
    "Answer",
    "Evaluation",
    "Judged",
    "Judgements",
    "evaluate",
    "read_lines",
    "read_topics",
    "run_lines",
]
