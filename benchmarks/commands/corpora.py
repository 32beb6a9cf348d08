"""The large corpora by name: where they are from, what may be done with them; fetches, converts and checks them.

    python -m benchmarks corpora                       # what there is, and what is there
    python -m benchmarks corpora xquad_vi mailong_qa   # fetches these
    python -m benchmarks corpora --all

Into --data (by default $VNSEARCH_DATA, else ../shared/data).  What was begun is resumed.  --from names a mirror: an
address or a folder with <repository>/<commit>/<file>, by default GitHub's raw files.  A corpus is right when its files
have the SHA-256 of the catalogue (`corpora/catalogue.toml`), with which the figures in results/ were measured.
"""

import os
import sys
from pathlib import Path

from ..corpora.catalogue import CATALOGUE, load
from ..corpora.converters import ConvertError
from ..corpora.fetch import MIRROR, FetchError, fetch, is_there
from ..lib import options
from ..lib.tables import table


def main() -> int:
    """Lists or fetches; 1 where a corpus could not be had."""
    parser = options.parser(__doc__)
    options.add_data(parser)
    mirror = os.environ.get("VNSEARCH_CORPORA_MIRROR", MIRROR)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--all", action="store_true", help="every corpus that can be fetched")
    parser.add_argument("--from", dest="mirror", default=mirror, help="default: $VNSEARCH_CORPORA_MIRROR, else GitHub")
    parser.add_argument("--accept", action="store_true", help="keep what has another hash than the catalogue's")
    parser.add_argument("--catalogue", type=Path, default=CATALOGUE, help="another catalogue")
    asked = parser.parse_args()
    known, missing = load(asked.catalogue)
    if not asked.names and not asked.all:
        listed(asked.data, asked.catalogue)
        return 0
    if unknown := [name for name in asked.names if name not in known]:
        reasons = [f"{name}: {missing[name].why}" if name in missing else f"{name}: unknown" for name in unknown]
        parser.error(f"cannot be fetched: {'; '.join(reasons)}. There are {', '.join(known)}")
    failed = 0
    for name in known if asked.all else asked.names:
        one = known[name]
        print(f"{name}: {one.title}, about {one.megabytes} MB\n  licence: {one.licence}; you may: {one.may}")
        try:
            for line in fetch(one, asked.mirror, asked.data, told, accept=asked.accept):
                print(f"  {line}")
        except (FetchError, ConvertError) as e:
            print(f"  {name}: {e}", file=sys.stderr)
            failed += 1
    return int(failed > 0)


def listed(data: Path, catalogue: Path) -> None:
    """What can be fetched, what cannot, and what is there."""
    known, missing = load(catalogue)
    rows = []
    for name, one in known.items():
        there = [is_there(data, file, digest) for file, digest in one.becomes.items()]
        state = "there" if there and all(there) else "not used" if not there else "-"
        rows.append([name, one.title, f"{one.megabytes} MB", one.sources[0].repository, one.licence, state])
    print(table(("", "what", "to fetch", "from", "licence", f"in {data}"), rows))
    print("\nNo public repository was found of these; lay them into the folder yourself:\n")
    states = [[name, one.file, _state(data, one.file), one.why] for name, one in missing.items()]
    print(table(("", "file", "", "why"), states))


def _state(data: Path, file: str) -> str:
    return "there" if (data / file).exists() else "-"


def told(file: str, there: int, whole: int | None) -> None:
    """One line on a terminal, written again and again."""
    if sys.stderr.isatty():
        share = f"{100 * there / whole:.0f} % of {whole / 1e6:.1f} MB" if whole else f"{there / 1e6:.1f} MB"
        end = "\n" if there == whole else ""
        print(f"\r  {Path(file).name}: {share}\033[K", end=end, file=sys.stderr, flush=True)
