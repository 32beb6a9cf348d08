"""From the files of a repository to those that benchmarks read: JSON lines, one object a line, UTF-8.

A converter takes where the sources lie, in the catalogue's order, and gives file -> lines.
"""

import json
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

Lines: TypeAlias = Mapping[str, Iterable[dict[str, Any]]]


class ConvertError(Exception):
    """A source is not of the form that was expected; says which and what."""


def read(path: Path) -> Any:
    """JSON.  Raises ConvertError."""
    try:
        return json.loads(path.read_text("utf-8-sig"))
    except ValueError as e:
        raise ConvertError(f"{path} should be JSON: {e}") from None


def xquad(sources: Sequence[Path]) -> Lines:
    """SQuAD's form: a document a paragraph, named by its page and number; a query a question."""
    docs, queries = [], []
    for page in read(sources[0])["data"]:
        for number, paragraph in enumerate(page["paragraphs"]):
            id = f"{page['title']}#{number}"
            docs.append({"id": id, "title": page["title"], "text": paragraph["context"]})
            queries += [
                {
                    "qid": question["id"],
                    "query": question["question"],
                    "relevant": [id],
                    "answers": [answer["text"] for answer in question["answers"]],
                }
                for question in paragraph["qas"]
            ]
    return {"relevance/xquad_vi/docs.jsonl": docs, "relevance/xquad_vi/queries_qrels.jsonl": queries}


def mailong(sources: Sequence[Path]) -> Lines:
    """SQuAD 2's form, a page a question: passages with an answer are relevant, "impossible" ones are not."""
    ids: dict[str, str] = {}
    queries: list[dict[str, Any]] = []
    for page in (page for source in sources for page in read(source)["data"]):
        query: dict[str, Any] = {"qid": f"q{len(queries):05}", "query": page["title"], "relevant": []}
        query |= {"judged_nonrelevant": [], "answers": []}
        for paragraph in page["paragraphs"]:
            id = ids.setdefault(paragraph["context"], f"p{len(ids):05}")
            for judged in paragraph["qas"]:
                query["judged_nonrelevant" if judged["is_impossible"] else "relevant"].append(id)
                query["answers"] += [answer["text"] for answer in judged["answers"]]
        query["answers"] = list(dict.fromkeys(query["answers"]))
        queries.append(query)
    docs = [{"id": id, "text": text} for text, id in ids.items()]
    return {"relevance/mailong_qa/docs.jsonl": docs, "relevance/mailong_qa/queries_qrels.jsonl": queries}


def alqac(sources: Sequence[Path]) -> Lines:
    """Laws by article and questions with their articles, of ALQAC 2022, ALQAC 2023, VLSP 2023."""
    sets = ("2022", "2023", "vlsp2023")
    docs, queries = [], []
    parts = (sources[0:2], sources[2:4], sources[4:7])  # laws, then questions
    for name, (laws, *asked) in zip(sets, parts, strict=True):
        for law in read(laws):
            for article in law["articles"]:
                id = f"{name}|{law['id']}|{article['id']}"
                docs.append(
                    {"id": id, "set": name, "law": law["id"], "article": article["id"], "text": article["text"]}
                )
        queries += [_legal_question(name, part, question) for part in asked for question in read(part)]
    return {"relevance/alqac_legal/docs.jsonl": docs, "relevance/alqac_legal/queries_qrels.jsonl": queries}


def _legal_question(name: str, part: Path, question: Mapping[str, Any]) -> dict[str, Any]:
    """ALQAC: question_id, text, answer; VLSP: example_id, statement, label."""
    is_vlsp = "example_id" in question
    articles = question["legal_passages" if is_vlsp else "relevant_articles"]
    return {
        "qid": f"{name}-{part.stem[:2]}-{question['example_id']}" if is_vlsp else f"{name}-{question['question_id']}",
        "set": name,
        "type": question.get("question_type"),
        "query": question["statement" if is_vlsp else "text"],
        "relevant": [f"{name}|{article['law_id']}|{article['article_id']}" for article in articles],
        "answer": question.get("label" if is_vlsp else "answer"),
    }


def conllu(sources: Sequence[Path]) -> Lines:
    """A sentence a line: its words, and their classes."""

    def sentences() -> Iterator[dict[str, Any]]:
        for block in sources[0].read_text("utf-8").strip().split("\n\n"):
            lines = block.splitlines()
            said = dict(line[2:].split(" =", 1) for line in lines if line.startswith("#") and " =" in line)
            words = [line.split("\t") for line in lines if not line.startswith("#")]
            words = [word for word in words if word[0].isdigit()]
            yield {
                "id": said["sent_id"].strip(),
                "text": said["text"].strip(),
                "tokens": [word[1] for word in words],
                "upos": [word[3] for word in words],
            }

    return {"segmentation/ud_vtb_dev.jsonl": sentences()}


def vntc(sources: Sequence[Path]) -> Lines:
    """Archives of texts in UTF-16, a folder a topic; test before training, as the ids were given."""

    def articles() -> Iterator[dict[str, Any]]:
        with tempfile.TemporaryDirectory() as folder:
            for archive in sorted(sources, key=lambda source: source.name):
                _unpack(archive, Path(folder))
            for file in sorted(Path(folder).rglob("*.txt")):
                path = file.relative_to(folder)
                split = "test" if path.parts[0].startswith("Test") else "train"
                text = file.read_text("utf-16")
                yield {
                    "id": str(path),
                    "split": split,
                    "category": path.parts[1],
                    "file": file.name,
                    "text": "\n".join(filter(None, map(str.strip, text.splitlines()))),
                }

    return {"news/vntc10.jsonl": articles()}


def _unpack(archive: Path, folder: Path) -> None:
    """With the first program that is there.  Raises ConvertError."""
    commands: tuple[list[str], ...] = (
        ["bsdtar", "-xf", str(archive), "-C", str(folder)],
        ["unar", "-q", "-o", str(folder), str(archive)],
        ["unrar", "x", str(archive), str(folder)],
    )
    for command in commands:
        if shutil.which(command[0]):
            done = subprocess.run(command, capture_output=True, text=True)
            if done.returncode:
                raise ConvertError(f"{command[0]} could not unpack {archive}: {done.stderr.strip()}")
            return
    raise ConvertError(f"{archive.name} is unpacked by bsdtar, unar or unrar; install one (Debian: libarchive-tools)")


CONVERTERS: dict[str, Callable[[Sequence[Path]], Lines]] = {
    "xquad": xquad,
    "mailong": mailong,
    "alqac": alqac,
    "conllu": conllu,
    "vntc": vntc,
}
