"""Rebuilding on a cluster whose answers are lost: the index that has the name is never removed.

The cluster is a server on loopback that keeps indexes and aliases as OpenSearch does: actions on aliases are done all
together or not at all.  `test_nodes` tries the same on real nodes.
"""

import http.server
import json
import threading
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, cast

import pytest

from vnsearch import Article, Index, IndexProblemError
from vnsearch.cluster.mapping import VERSION

pytest.importorskip("opensearchpy", reason="needs the OpenSearch client: pip install 'vnsearch[opensearch]'")


class MissingError(Exception):
    """An index that is not there."""


class Server:
    """Indexes with their aliases; `lose` names a request whose answer is lost, the first time."""

    def __init__(self) -> None:
        self.aliases: dict[str, set[str]] = {"news-1-old": {"news"}}
        self.lose: dict[tuple[str, str], int] = {}
        self.interrupt: Any = None
        self.asked: list[str] = []

    def answer(self, method: str, path: str, body: bytes) -> Any:
        """What OpenSearch would answer."""
        name = path.strip("/").partition("?")[0]
        if name == "_aliases":
            return self.change(json.loads(body)["actions"])
        if name.endswith("_refresh"):
            return {"_shards": {"failed": 0}}
        if name.endswith("_bulk"):
            items = [line for line in body.splitlines() if line.startswith((b'{"index"', b'{"delete"'))]
            return {"items": [{"index": {"status": 201, "result": "created"}} for _ in items]}
        if method == "PUT":
            self.aliases[name] = set()
            return {"acknowledged": True}
        if method == "DELETE":
            self.aliases.pop(name, None)
            return {"acknowledged": True}
        found = [index for index, names in self.aliases.items() if name == index or name in names]
        if not found:
            raise MissingError(name)
        settings = {"index": {"number_of_shards": "1", "number_of_replicas": "1", "creation_date": "1"}}
        about = {"settings": settings, "mappings": {"_meta": {"vnsearch": VERSION}}}
        return dict.fromkeys(found, about)

    def change(self, actions: list[dict[str, Any]]) -> Any:
        """All of the actions, or none."""
        for action in actions:
            [what] = action.values()
            if what["index"] not in self.aliases:
                raise MissingError(what["index"])
        for action in actions:
            [(kind, what)] = action.items()
            if kind == "add":
                self.aliases[what["index"]].add(what["alias"])
            else:
                del self.aliases[what["index"]]
        return {"acknowledged": True}


@pytest.fixture
def server() -> Iterator[Server]:
    state = Server()

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            path = self.path.partition("?")[0]
            state.asked.append(f"{self.command} {path}")
            lost = state.lose.get((self.command, path.rpartition("/")[2]), 0)
            if lost:
                state.lose[self.command, path.rpartition("/")[2]] = lost - 1
            status, answer = 200, None
            try:
                answer = state.answer(self.command, path, body)
            except MissingError as e:
                status = 404
                answer = {
                    "error": {"type": "index_not_found_exception", "reason": f"no such index [{e}]"},
                    "status": 404,
                }
            if lost:
                if state.interrupt:
                    state.interrupt()
                self.close_connection = True
                self.connection.close()
                return
            data = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(data)

        do_POST = do_PUT = do_DELETE = do_HEAD = do_GET  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        listening.daemon_threads = True
        state.address = f"opensearch://127.0.0.1:{listening.server_address[1]}/news"  # type: ignore[attr-defined]
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        yield state
        listening.shutdown()


def rebuild(server: Server, timeout: float = 20.0) -> None:
    with Index.open(server.address, timeout=timeout).writer(rebuild=True) as writer:  # type: ignore[attr-defined]
        writer.add(Article(id="1", title="a", body="b"))


def live(server: Server) -> list[str]:
    return [index for index, names in server.aliases.items() if "news" in names]


@pytest.mark.parametrize("times", [1, 2])
def test_a_swap_whose_answer_is_lost_is_done(server: Server, times: int) -> None:
    """The client asks again, is told that the old index is gone, looks, and finds the new one in its place."""
    server.lose["POST", "_aliases"] = times
    try:
        rebuild(server)
    finally:  # whatever is raised
        assert len(live(server)) == len(server.aliases) == 1
    assert live(server) != ["news-1-old"]


def test_a_swap_that_is_interrupted_leaves_what_is_live(server: Server) -> None:
    """Ctrl-C once the request has gone out, and has been done: what has the name now is not removed."""
    index = Index.open(server.address)  # type: ignore[attr-defined]
    client = cast(Any, index._engine).client
    real = client._change

    def interrupted(actions: list[dict[str, Any]]) -> None:
        real(actions)
        client._change = real
        raise KeyboardInterrupt

    client._change = interrupted
    with suppress(KeyboardInterrupt), index.writer(rebuild=True) as writer:
        writer.add(Article(id="1", title="a", body="b"))
    assert len(live(server)) == len(server.aliases) == 1
    assert live(server) != ["news-1-old"]


def test_a_rebuild_that_is_given_up_leaves_the_old_index(server: Server) -> None:
    """Also where the answer to that is lost."""
    server.lose["POST", "_aliases"] = 1
    with pytest.raises(ZeroDivisionError), Index.open(server.address).writer(rebuild=True) as writer:  # type: ignore[attr-defined]
        writer.add(Article(id="1", title="a", body="b"))
        raise ZeroDivisionError
    assert server.aliases == {"news-1-old": {"news"}}


def test_a_swap_that_comes_late_fails_or_wins_but_loses_nothing(server: Server) -> None:
    """Given up before a swap that is still under way is done, or after: one index has the name, the other is gone."""
    for late in (True, False):
        client: Any = Index.open(server.address)._engine.client  # type: ignore[attr-defined]
        [old] = live(server)
        new = client.begin(1, 1, named=False)
        actions = [client._naming(new), {"remove_index": {"index": old}}]
        if late:
            assert client.give_up(new)
            with pytest.raises(IndexProblemError):
                client._change(actions)
            assert live(server) == [*server.aliases] == [old]
        else:
            real = client.concrete

            def look_then_swapped(client: Any = client, real: Any = real, actions: Any = actions) -> Any:
                found = real()
                client.concrete = real
                client._change(actions)  # done between the look and the request
                return found

            client.concrete = look_then_swapped
            assert not client.give_up(new)
            assert live(server) == [*server.aliases] == [new]


@pytest.mark.parametrize("request_", [("POST", "_bulk"), ("POST", "_refresh"), ("GET", "news")])
def test_any_other_answer_may_be_lost(server: Server, request_: tuple[str, str]) -> None:
    """The request is made again, and all is as if it had been made once."""
    index = Index.open(server.address)  # type: ignore[attr-defined]
    server.lose[request_] = 1
    with index.writer(rebuild=True) as writer:
        writer.add(Article(id="1", title="a", body="b"))
    assert len(live(server)) == len(server.aliases) == 1
    assert server.lose[request_] == 0


def test_a_batch_that_is_not_sent_is_not_committed_without(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """An app that catches the error of an `add` gets no commit that leaves the batch out."""
    from vnsearch.cluster import writer as module

    monkeypatch.setattr(module, "BATCH", 1)
    monkeypatch.setattr(module, "HELD_BACK", 0)
    index = Index.open(server.address, timeout=1.0)  # type: ignore[attr-defined]
    monkeypatch.setattr(module, "_PATIENCE", 1.0)
    server.lose["POST", "_bulk"] = 1_000
    writer = index.writer()
    with pytest.raises(IndexProblemError):
        for number in range(20):
            writer.add(Article(id=str(number), title="a", body="b"))
    server.lose.clear()
    with pytest.raises(IndexProblemError, match="could not be sent"):
        writer.commit()
