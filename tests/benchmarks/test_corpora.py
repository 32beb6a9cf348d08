"""Corpora by name: fetched from a server of this machine, resumed, converted, checked against the catalogue."""

import hashlib
import json
import subprocess
import sys
import threading
from collections import defaultdict
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from benchmarks.corpora import converters
from benchmarks.corpora.catalogue import Known, Source, load
from benchmarks.corpora.fetch import FetchError, fetch

ROOT = Path(__file__).parents[2]
PAGE = {"title": "Hồ", "paragraphs": [{"context": "Hồ Tây ở Hà Nội.", "qas": [{"id": "1", "question": "Hồ nào?"}]}]}
PAGE["paragraphs"][0]["qas"][0]["answers"] = [{"text": "Hồ Tây", "answer_start": 0}]  # type: ignore[index]
SQUAD = json.dumps({"data": [PAGE]}, ensure_ascii=False, indent=1).encode()


class Server:
    """Files by path; `breaks`: bytes after which a connection is cut, once; `asked`: ranges that came."""

    def __init__(self, files: dict[str, bytes], *, breaks: int | None = None, ranges: bool = True) -> None:
        self.asked: list[str | None] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                nonlocal breaks
                content, wanted = files.get(self.path[1:]), self.headers.get("Range")
                outer.asked.append(wanted)
                if content is None:
                    self.send_error(404)
                    return
                first = int(wanted[6:-1]) if wanted and ranges else 0
                self.send_response(206 if first else 200)
                self.send_header("Content-Length", str(len(content) - first))
                self.end_headers()
                end, breaks = (first + breaks if breaks else None), None
                self.wfile.write(content[first:end])

            def log_message(self, format: str, *args: object) -> None:
                """Says nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def end(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def serve() -> Iterator[Any]:
    servers: list[Server] = []

    def made(files: dict[str, bytes], **options: Any) -> Server:
        servers.append(Server(files, **options))
        return servers[-1]

    yield made
    for server in servers:
        server.end()


def corpus(becomes: dict[str, str] | None = None) -> Known:
    """A stand-in that the converter of XQuAD takes."""
    source = Source("someone/corpus", "c0ffee", "xquad.vi.json")
    if becomes is None:
        lines = {
            name: [json.dumps(row, ensure_ascii=False) + "\n" for row in rows] for name, rows in converted().items()
        }
        becomes = {name: hashlib.sha256("".join(rows).encode()).hexdigest() for name, rows in lines.items()}
    return Known("small", "a stand-in", (source,), 1, "CC0", "everything", "xquad", becomes, True, "")


def converted() -> dict[str, list[dict[str, Any]]]:
    id = "Hồ#0"
    return {
        "relevance/xquad_vi/docs.jsonl": [{"id": id, "title": "Hồ", "text": "Hồ Tây ở Hà Nội."}],
        "relevance/xquad_vi/queries_qrels.jsonl": [
            {"qid": "1", "query": "Hồ nào?", "relevant": [id], "answers": ["Hồ Tây"]}
        ],
    }


PATH = "someone/corpus/c0ffee/xquad.vi.json"


def said() -> tuple[list[tuple[int, int | None]], Any]:
    heard: list[tuple[int, int | None]] = []
    return heard, lambda file, there, whole: heard.append((there, whole))


def test_a_corpus_is_fetched_converted_and_found_right(tmp_path: Path, serve: Any) -> None:
    """The files have the catalogue's hashes; a second run asks the server for nothing."""
    server, (heard, say) = serve({PATH: SQUAD}), said()
    lines = fetch(corpus(), server.address, tmp_path, say)
    assert len(lines) == 2 and heard[-1] == (len(SQUAD), len(SQUAD))
    for name, rows in converted().items():
        assert [json.loads(line) for line in (tmp_path / name).read_text("utf-8").splitlines()] == rows
    assert fetch(corpus(), server.address, tmp_path, say) == ["there already, as it should be"]
    assert server.asked == [None]


def test_a_broken_connection_is_resumed_where_it_broke(tmp_path: Path, serve: Any) -> None:
    """The second request asks for the rest; the whole is what the server has."""
    server, (_, say) = serve({PATH: SQUAD}, breaks=40), said()
    fetch(corpus(), server.address, tmp_path, say)
    assert server.asked == [None, "bytes=40-"]
    assert (tmp_path / "sources" / PATH).read_bytes() == SQUAD


def test_what_an_earlier_run_left_is_not_read_again(tmp_path: Path, serve: Any) -> None:
    """Half a file lies there: the other half is asked for; a server without ranges sends all, and all is taken."""
    for number, ranges in enumerate((True, False)):
        folder = tmp_path / str(number)
        part = folder / "sources" / f"{PATH}.part"
        part.parent.mkdir(parents=True)
        part.write_bytes(SQUAD[:50])
        server, (_, say) = serve({PATH: SQUAD}, ranges=ranges), said()
        fetch(corpus(), server.address, folder, say)
        assert server.asked == ["bytes=50-"]
        assert (folder / "sources" / PATH).read_bytes() == SQUAD


def test_a_file_that_is_not_there_says_what_was_asked(tmp_path: Path, serve: Any) -> None:
    """No second try: it would come to the same."""
    server, (_, say) = serve({}), said()
    with pytest.raises(FetchError, match="answered 404"):
        fetch(corpus(), server.address, tmp_path, say)
    assert server.asked == [None]


def test_another_text_is_refused_unless_accepted(tmp_path: Path, serve: Any) -> None:
    """Figures of another text would be compared with those of results/."""
    server, (_, say) = serve({PATH: SQUAD}), said()
    other = corpus(dict.fromkeys(converted(), "0" * 64))
    with pytest.raises(FetchError, match="expected 0000"):
        fetch(other, server.address, tmp_path, say)
    assert not (tmp_path / "relevance/xquad_vi/docs.jsonl").exists()
    fetch(other, server.address, tmp_path, say, accept=True)
    assert (tmp_path / "relevance/xquad_vi/docs.jsonl").exists()


def test_a_folder_serves_as_a_mirror(tmp_path: Path) -> None:
    """Laid out as <repository>/<commit>/<file>; the command says what may be done with the corpus."""
    file = tmp_path / "mirror" / PATH
    file.parent.mkdir(parents=True)
    file.write_bytes(SQUAD)
    becomes = "\n".join(f'"{name}" = "{digest}"' for name, digest in corpus().becomes.items())
    catalogue = tmp_path / "catalogue.toml"
    catalogue.write_text(
        '[small]\ntitle = "a stand-in"\nrepository = "someone/corpus"\ncommit = "c0ffee"\nfiles = ["xquad.vi.json"]\n'
        'megabytes = 1\nlicence = "CC0"\nmay = "everything"\nconverter = "xquad"\nis_proven = true\n'
        f'[small.becomes]\n{becomes}\n[missing.gone]\nfile = "x"\nwhy = "it is private"\n',
        "utf-8",
    )

    def run(*names: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "benchmarks", "corpora", *names, "--catalogue", str(catalogue)]
        command += ["--from", str(tmp_path / "mirror"), "--data", str(tmp_path / "data")]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)

    done = run("small")
    assert done.returncode == 0, done.stderr
    assert "you may: everything" in done.stdout
    assert (tmp_path / "data/relevance/xquad_vi/docs.jsonl").exists()
    assert "| there |" in run().stdout.replace("  ", " ") or "there" in run().stdout
    private = run("gone")
    assert private.returncode == 2 and "it is private" in private.stderr and "Traceback" not in private.stderr


def test_the_catalogue_is_whole() -> None:
    """Every converter is there, every commit is one, every corpus says what may be done with it."""
    known, missing = load()
    assert {"vntc10", "xquad_vi", "ud_vtb", "vmds_clusters", "vims", "alqac_legal"} <= set(known)
    assert {"gov", "vimedaqa", "vinewsqa_dev"} <= set(missing)
    for one in known.values():
        assert one.may and one.licence and one.sources
        assert not one.converter or one.converter in converters.CONVERTERS
        assert all(len(source.commit) == 40 for source in one.sources)
        assert all(len(digest) == 64 for digest in one.becomes.values())


# -- what becomes of the real sources ------------------------------------------------------------------


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def squad_again(docs: list[dict[str, Any]], queries: list[dict[str, Any]]) -> dict[str, Any]:
    """XQuAD's file as it must have been."""
    asked: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for q in queries:
        answers = [{"text": text, "answer_start": 0} for text in q["answers"]]
        asked[q["relevant"][0]].append({"id": q["qid"], "question": q["query"], "answers": answers})
    pages: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for d in docs:
        pages[d["title"]].append({"context": d["text"], "qas": asked[d["id"]]})
    return {"data": [{"title": title, "paragraphs": paragraphs} for title, paragraphs in pages.items()]}


def law_again(corpora: Path, folder: Path) -> list[Path]:
    """The files of the three shared tasks on law as they must have been."""
    docs, queries = (rows(corpora / "relevance/alqac_legal" / f"{name}.jsonl") for name in ("docs", "queries_qrels"))
    files: list[Path] = []
    for name in ("2022", "2023", "vlsp2023"):
        laws: dict[str, list[dict[str, str]]] = defaultdict(list)
        for d in docs:
            if d["set"] == name:
                laws[d["law"]].append({"id": d["article"], "text": d["text"]})
        written: list[tuple[str, object]] = [
            (f"{name}-law.json", [{"id": law, "articles": articles} for law, articles in laws.items()])
        ]
        if name != "vlsp2023":
            asked = [q for q in queries if q["set"] == name]
            written.append(
                (f"{name}-train.json", [_asked(q, len(name) + 1, "question_id", "text", "answer") for q in asked])
            )
        else:
            for part in ("train", "test"):
                asked = [q for q in queries if q["qid"].startswith(f"{name}-{part[:2]}-")]
                written.append(
                    (f"{part}.json", [_asked(q, len(name) + 4, "example_id", "statement", "label") for q in asked])
                )
        for file, content in written:
            (folder / file).write_text(json.dumps(content), "utf-8")
            files.append(folder / file)
    return files


def _asked(q: dict[str, Any], cut: int, id: str, text: str, answer: str) -> dict[str, Any]:
    articles = [dict(zip(("law_id", "article_id"), ref.split("|")[1:], strict=True)) for ref in q["relevant"]]
    made = {id: q["qid"][cut:], text: q["query"]}
    made["legal_passages" if id == "example_id" else "relevant_articles"] = articles
    if q["answer"] is not None:
        made[answer] = q["answer"]
    return made | ({"question_type": q["type"]} if q["type"] else {})


def conllu_again(sentences: list[dict[str, Any]]) -> str:
    blocks = []
    for s in sentences:
        words = [
            f"{n}\t{word}\t_\t{kind}\t_\t_\t_\t_\t_\t_"
            for n, (word, kind) in enumerate(zip(s["tokens"], s["upos"], strict=True), 1)
        ]
        blocks.append("\n".join([f"# sent_id = {s['id']}", f"# text = {s['text']}", *words]))
    return "\n\n".join(blocks) + "\n"


@pytest.mark.parametrize("name", ["xquad_vi", "alqac_legal", "ud_vtb"])
def test_the_converter_gives_the_files_that_figures_were_measured_on(name: str, corpora: Path, tmp_path: Path) -> None:
    """The source, written again from the corpus, becomes the bytes whose hash stands in the catalogue."""
    folder = corpora / "relevance" / name
    source = tmp_path / "source.json"
    if name == "alqac_legal":
        sources = law_again(corpora, tmp_path)
    elif name == "xquad_vi":
        source.write_text(json.dumps(squad_again(rows(folder / "docs.jsonl"), rows(folder / "queries_qrels.jsonl"))))
        sources = [source]
    else:
        source.write_text(conllu_again(rows(corpora / "segmentation/ud_vtb_dev.jsonl")), "utf-8")
        sources = [source]
    known = load()[0][name]
    for file, records in converters.CONVERTERS[known.converter](sources).items():
        content = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
        assert hashlib.sha256(content.encode()).hexdigest() == known.becomes[file], file


def test_judged_passages_become_documents_and_queries(tmp_path: Path) -> None:
    """One passage of two questions is one document; "impossible" is judged not relevant."""
    shared = {"context": "Hồ Tây ở Hà Nội."}
    pages = [
        {
            "title": "Hồ nào?",
            "paragraphs": [shared | {"qas": [{"is_impossible": False, "answers": [{"text": "Hồ Tây"}]}]}],
        },
        {"title": "Sông nào?", "paragraphs": [shared | {"qas": [{"is_impossible": True, "answers": []}]}]},
    ]
    (tmp_path / "a.json").write_text(json.dumps({"data": pages}))
    docs, queries = converters.mailong([tmp_path / "a.json"]).values()
    assert list(docs) == [{"id": "p00000", "text": "Hồ Tây ở Hà Nội."}]
    assert [(q["qid"], q["relevant"], q["judged_nonrelevant"]) for q in queries] == [
        ("q00000", ["p00000"], []),
        ("q00001", [], ["p00000"]),
    ]
