"""The table of contents that Whoosh 2.7.4 reads: so `whoosh.index.open_dir(folder)` finds the index.

`_MAIN_<generation>.toc` names the segments of a generation; `whoosh_codec` opens them.  It is written once a commit is
done and never read here.  Where it is missing or old, Whoosh sees the previous generation, whose files are still there;
the next writer writes it again.  Whoosh unpickles what it reads, so a folder of a stranger is not for `open_dir`.
"""

import re
import struct
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from . import disk

if TYPE_CHECKING:
    from collections.abc import Iterable

_NAME = re.compile(r"_MAIN_(\d+)\.toc")
_FORMAT, _RELEASE = -111, (2, 7, 4)  # of Whoosh's file
_SIZES = (4, 8, 4)  # of its integers and floats
_CODEC = b"cvnsearch.index.whoosh_codec\n"  # in a pickle: the next line names what is called in this module


def name(generation: int) -> str:
    """The name of a generation's table."""
    return f"_MAIN_{generation}.toc"


def write(path: Path, generation: int, segments: "Iterable[tuple[str, int, str]]") -> None:
    """Puts the table of a generation in place.  segments: name, documents and file of deletions of each."""
    with suppress(OSError):  # the commit is done; the next writer tries again
        disk.replace(path / name(generation), encoded(generation, segments))


def encoded(generation: int, segments: "Iterable[tuple[str, int, str]]") -> bytes:
    """The bytes of the file: two pickles that call `schema` and `StoredSegment`, written by hand."""
    named = [
        _CODEC + b"StoredSegment\n" + f"(S'{segment}'\nI{documents}\nS'{deletions}'\ntRa".encode()
        for segment, documents, deletions in segments
    ]
    schema = _CODEC + b"schema\n(tR."
    head = bytes(_SIZES) + struct.pack("!ii", -12345, _FORMAT) + bytes(_RELEASE) + bytes([len(schema)]) + schema
    pickled = b"(l" + b"".join(named) + b"." if named else _CODEC + b"NoSegments\n(tR."
    return head + struct.pack("!ii", generation, 0) + pickled


def changed(path: Path, generation: int, segments: "Iterable[tuple[str, int, str]]") -> bool:
    """Whether there is a table of this generation that is not what `write` writes."""
    wanted = encoded(generation, segments)
    try:
        return disk.read(path / name(generation), len(wanted)) != wanted
    except FileNotFoundError:
        return False
    except OSError:
        return True


def generation_of(file: str) -> int | None:
    """The generation of a table, by its name; None where it is none."""
    found = _NAME.fullmatch(file)
    return int(found[1]) if found else None
