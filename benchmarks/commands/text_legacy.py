"""How often TCVN3 and VNI text is recognised and read back exactly, and how often other text is taken for it.

The old encodings: every text of 40 letters and more of the corpora (NFC, and reduced to characters
that the encoding has) is written in TCVN3 and in VNI with the module's own tables, then decoded.
Reported: the share that is detected, the share that comes back the same, and for TCVN3, which has no
capitals with tones, the same but for capitals.  "cut" is the beginning of each text, to the word
that reaches 40, 60 or 100 letters.

False alarms: texts that must be left alone and are decoded nevertheless.  The corpora as they are;
in bytes of other encodings (UTF-8, windows-1258) read as Latin-1; the translations of programs
(/usr/share/locale) and manuals (/usr/share/man) of this machine, paragraph by paragraph and whole.

    python -m benchmarks text_legacy --data ../shared/data
"""

import gettext
import gzip
import json
import lzma
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from vnsearch.text.legacy import TCVN3, VNI, Encoding, decode_legacy, detect

from ..lib import options, results

FIELDS = ("title", "lead", "text", "body")
CORPORA = (
    "news/gov.jsonl.xz",
    "news/rss_headlines.jsonl.xz",
    "news/dantri2020.jsonl.xz",
    "news/binhdinh.jsonl",
    "segmentation/ud_vtb_dev.jsonl",
    "relevance/alqac_legal/docs.jsonl",
    "relevance/mailong_qa/docs.jsonl",
    "relevance/vmds_clusters/docs.jsonl",
    "relevance/xquad_vi/docs.jsonl",
)
CUTS = (40, 60, 100)  # letters
TONED_CAPITALS = {letter.upper(): code for code, letter in TCVN3.items()}
CODES: dict[Encoding, dict[int, str]] = {
    "tcvn3": str.maketrans(TONED_CAPITALS | {letter: code for code, letter in TCVN3.items()}),
    "vni": str.maketrans({letter: code for code, letter in VNI.items()}),
}
VIETNAMESE = set(VNI.values())


class Score(NamedTuple):
    """Counts of texts."""

    texts: int = 0
    detected: int = 0
    exact: int = 0
    but_for_capitals: int = 0


def main() -> int:
    """Prints the tables."""
    parser = options.parser(__doc__)
    options.add_data(parser)
    asked = parser.parse_args()
    options.need_data(parser, asked.data)
    with results.printed(asked.out, "text_legacy"):
        compare(asked.data)
    return 0


def compare(data: Path) -> None:
    """Prints both tables."""
    print(f"{'corpus':38} {'encoding':8} {'texts':>8} {'detected':>10} {'exact':>10} {'but capitals':>12}")
    for name in CORPORA:
        long = [text for text in read(data / name) if letters(text) >= CUTS[0]]
        report(name, long)
        if name.startswith("news/rss"):
            for cut in CUTS:
                report(f"  cut to {cut} letters", (beginning(text, cut) for text in long))

    print(f"\n{'must be left alone':38} {'texts':>17} {'alarms':>10}")
    ways: dict[str, Callable[[str], str]] = {
        "as it is": lambda text: text,
        "UTF-8 read as Latin-1": lambda text: text.encode().decode("latin-1"),
        "UTF-8 read as cp1252": lambda text: text.encode().decode("cp1252", "ignore"),
        "windows-1258 read as cp1252": windows_1258,
    }
    for way, change in ways.items():
        alarms(f"all corpora, {way}", (change(text) for name in CORPORA for text in read(data / name)))
    alarms("program translations", translations())
    alarms("manuals", manuals())


def read(path: Path) -> Iterator[str]:
    """The texts of a corpus, in NFC."""
    with lzma.open(path, "rt", encoding="utf-8") if path.suffix == ".xz" else path.open(encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            yield unicodedata.normalize("NFC", "\n".join(record[field] for field in FIELDS if record.get(field)))


def letters(text: str) -> int:
    return sum(map(str.isalpha, text))


def beginning(text: str, least: int) -> str:
    """The first words of a text, to the one that reaches so many letters."""
    seen = 0
    for word in re.finditer(r"\S+", text):
        seen += letters(word[0])
        if seen >= least:
            return text[: word.end()]
    return text


def report(name: str, texts: Iterable[str]) -> None:
    """Two lines of the first table."""
    scores: dict[Encoding, Score] = {"tcvn3": Score(), "vni": Score()}
    for text in texts:
        holdable = "".join(map(held, text))
        for encoding, score in scores.items():
            scores[encoding] = Score(*map(sum, zip(score, measure(holdable, encoding), strict=True)))
    for encoding, (count, *parts) in scores.items():
        detected, exact, but_for_capitals = (f"{part / count:.3%}" for part in parts)
        print(f"{name:38} {encoding:8} {count:8,} {detected:>10} {exact:>10} {but_for_capitals:>12}", flush=True)


def held(character: str) -> str:
    """What a typist of the time had: Vietnamese letters, ASCII and everything that is no code of the encodings."""
    if not "\u00a1" <= character <= "\u00ff" or character in VIETNAMESE:
        return character
    base = unicodedata.normalize("NFKD", character)[0]
    return base if base.isascii() else "-"


def measure(text: str, encoding: Encoding) -> Score:
    """One text there and back."""
    legacy = text.translate(CODES[encoding])
    found = detect(legacy) == encoding
    back = decode_legacy(legacy) if found else None
    return Score(1, found, back == text, back is not None and back.lower() == text.lower())


def windows_1258(text: str) -> str:
    """The text in Windows' own Vietnamese code page, whose letters are base + combining tone, misread."""
    tones = "\u0300\u0301\u0309\u0303\u0323"
    decomposed = unicodedata.normalize("NFD", text)
    return re.sub(
        f"([aeou])([{tones}]?)([\u0302\u0306\u031b])",
        lambda m: unicodedata.normalize("NFC", m[1] + m[3]) + m[2],
        decomposed,
        flags=re.IGNORECASE,
    ).encode("cp1258", "ignore").decode("cp1252", "ignore")  # fmt: skip


def alarms(name: str, texts: Iterable[str]) -> None:
    """A line of the second table, and the first words of what was taken for an old encoding."""
    count, wrong = 0, []
    for text in texts:
        if not text.isascii() and letters(text) >= CUTS[0]:
            count += 1
            if (encoding := detect(text)) is not None:
                wrong.append((encoding, text[:80]))
    print(f"{name:38} {count:17,} {len(wrong):10,}", *wrong[:3], flush=True)


def translations() -> Iterator[str]:
    """Messages of the catalogues of every language on this machine, one by one and each catalogue whole."""
    for path in sorted(Path("/usr/share/locale").glob("*/LC_MESSAGES/*.mo")):
        try:
            with path.open("rb") as file:
                catalogue = gettext.GNUTranslations(file)
        except (OSError, LookupError, ValueError):
            continue
        messages = [message for message in vars(catalogue)["_catalog"].values() if isinstance(message, str)]
        yield from messages
        yield "\n".join(messages)


def manuals() -> Iterator[str]:
    """Pages of translated manuals, whole and by paragraph."""
    for path in sorted(Path("/usr/share/man").glob("*/man*/*.gz")):
        with gzip.open(path, "rt", encoding="utf-8", errors="replace") as file:
            page = file.read()
        yield page
        yield from re.split(r"\n\.|\n\n", page)
