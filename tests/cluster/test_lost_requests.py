"""Between a client and real nodes, each answer is lost once, each request, and each is done twice or late.

Whatever happens to one request: the name stands for one whole index; what was there and nobody asked to delete is
there; what a call that returned has written is there; and a search returns what it finds, or an error.
"""

import http.client
import http.server
import json
import secrets
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any, cast

import pytest

from vnsearch import Article, Index, VnsearchError

if TYPE_CHECKING:
    from nodes import Nodes

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
FAULTS = ("answer lost", "request lost", "done twice", "done late")


class Proxy:
    """Hands requests on; something happens to one of them, counted from 1."""

    def __init__(self, host: str) -> None:
        self.host, self.asked, self.number, self.fault = host, 0, 0, ""
        self.address = ""
        self._lock = threading.Lock()
        self.late: list[threading.Thread] = []

    def begin(self, number: int = 0, fault: str = "") -> None:
        """From now on this happens to that request."""
        self.asked, self.number, self.fault = 0, number, fault

    def next_fault(self) -> str:
        """What happens to the request that is there now."""
        with self._lock:
            self.asked += 1
            return self.fault if self.asked == self.number else ""

    def ask(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes, str]:
        """What a node answers."""
        connection = http.client.HTTPConnection(self.host, timeout=60)
        try:
            connection.request(method, path, body or None, headers)
            answer = connection.getresponse()
            return answer.status, answer.read(), answer.getheader("Content-Type") or "application/json"
        finally:
            connection.close()

    def settle(self) -> None:
        """Until what was to be done late is done."""
        while self.late:
            self.late.pop().join()


@pytest.fixture(scope="module")
def proxy(nodes: "Nodes") -> Iterator[Proxy]:
    state = Proxy(nodes.hosts[0])

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {"Content-Type": self.headers.get("Content-Type") or "application/json"}
            request = self.command, self.path, body, headers
            fault = state.next_fault()
            if fault == "done late":
                late = threading.Timer(0.4, state.ask, request)
                state.late.append(late)
                late.start()
            if fault in ("answer lost", "done twice"):
                state.ask(*request)
            if fault in ("answer lost", "request lost", "done late"):
                self.close_connection = True
                self.connection.close()
                return
            status, data, kind = state.ask(*request)
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(data)

        do_POST = do_PUT = do_DELETE = do_HEAD = do_GET  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        listening.daemon_threads = True
        state.address = f"127.0.0.1:{listening.server_address[1]}"
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        yield state
        listening.shutdown()


def article(number: int, text: str = "dân vận") -> Article:
    return Article(id=str(number), title=f"{text} {number}", body="hội nghị")


OLD = {str(n): f"dân vận {n}" for n in range(4)}


def write(index: Index) -> None:
    with index.writer() as writer:
        writer.add(article(1, "thay"))
        writer.add(article(9))
        writer.delete("2")


def rebuild(index: Index) -> None:
    with index.writer(rebuild=True) as writer:
        writer.add(article(7))
        writer.add(article(8))


def give_up(index: Index) -> None:
    with suppress(ZeroDivisionError), index.writer(rebuild=True) as writer:
        writer.add(article(7))
        raise ZeroDivisionError


def page(index: Index) -> None:
    found = index.search("dân vận", limit=2, facets="source")
    assert (found.total, len(found.hits)) == (4, 2)
    behind = index.search("dân vận", limit=2, after=found.cursor)
    assert {hit.id for hit in (*found, *behind)} == set(OLD)
    assert all(hit.snippet.text for hit in found)
    assert index.get("1") is not None
    assert index.suggest("danv") in (None, "dân", "vận", "dân vận")


WRITTEN = (OLD | {"1": "thay 1", "9": "dân vận 9"}).items() - {("2", "dân vận 2")}
SCENES: dict[str, tuple[Callable[[Index], None], set[tuple[str, str]]]] = {
    "write": (write, set(WRITTEN)),
    "rebuild": (rebuild, {("7", "dân vận 7"), ("8", "dân vận 8")}),
    "given up": (give_up, set(OLD.items())),
    "search": (page, set(OLD.items())),
}


def contents(address: str) -> set[tuple[str, str]]:
    return {(article.id, article.title) for article in Index.open(address)}


def concrete(nodes: "Nodes", name: str) -> dict[str, Any]:
    """The indexes whose names begin so, each with its aliases."""
    with urllib.request.urlopen(f"http://{nodes.hosts[0]}/{name}*/_alias", timeout=60) as answer:
        return {index: list(about["aliases"]) for index, about in json.load(answer).items()}


@pytest.mark.parametrize("name", SCENES)
def test_whatever_happens_to_a_request_nothing_is_lost(proxy: Proxy, nodes: "Nodes", name: str) -> None:
    """To each request of a writer, a rebuild, a rebuild that is given up, and of searches."""
    run, expected = SCENES[name]
    number, outcomes = 0, []
    while True:
        number += 1
        for fault in FAULTS:
            own = f"proxy-{secrets.token_hex(4)}"
            direct = f"opensearch://{nodes.hosts[0]}/{own}"
            with Index.create(direct, shards=1, replicas=0).writer() as writer:
                writer.add_all(map(article, range(4)))
            index = Index.open(f"opensearch://{proxy.address}/{own}", timeout=8.0)
            proxy.begin(number, fault)
            error: VnsearchError | None = None
            try:
                run(index)
            except VnsearchError as e:
                error = e
            asked = proxy.asked
            proxy.begin()
            proxy.settle()
            time.sleep(0.05)
            client = cast(Any, Index.open(direct)._engine).client
            client.refresh(own)
            there, names = contents(direct), concrete(nodes, own)
            about = (name, number, fault, error, there, names)
            assert sum(own in aliases for aliases in names.values()) == 1, about
            if error is None:
                assert there == expected, about
                # what a late request makes when all was tidied stays, empty and without a name
                assert len(names) == 1 or (fault == "done late" and sorted(map(len, names.values()))[:-1] == [0]), about
            else:
                untouched = set(OLD.items()) & expected
                assert there >= untouched or there == expected, about
                assert there <= set(OLD.items()) | expected, about
            outcomes.append((fault, error is None))
            for left in names:
                client.drop(left)
        if number > asked:
            break
    assert number > 3
    done = [whole for _, whole in outcomes]
    print(f"{name}: {number - 1} requests, {len(FAULTS) * (number - 1)} runs; of all, {sum(done)} of {len(done)} done")
    assert sum(done) > 0.8 * len(done), outcomes  # trying again is what mends it
