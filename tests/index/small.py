"""Small indexes, what is in them, and how they are broken."""

from pathlib import Path

from vnsearch import Article, Index


def article(id: str, body: str = "Ban dân vận họp bàn việc làm đường.") -> Article:
    return Article(id=id, title=f"Tin {id}", body=body)


def add(index: Index, *ids: str, body: str = "Ban dân vận họp bàn việc làm đường.") -> None:
    with index.writer() as writer:
        for id in ids:
            writer.add(article(id, body))


def ids(index: Index, text: str = "") -> set[str]:
    return {hit.id for hit in index.search(text, limit=100)}


def break_byte(file: Path, at: int = -200) -> None:
    """Another file in its place: what is mapped stays as it is."""
    data = bytearray(file.read_bytes())
    data[at] ^= 0xFF
    file.unlink()
    file.write_bytes(data)


def segments(index: Index) -> set[Path]:
    return set(index.path.glob("*.seg"))
