"""The way to a cluster: addresses, who may enter, waiting, certificates.  Real sockets; no cluster is needed."""

import http.server
import json
import logging
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from vnsearch import Index, IndexNotFoundError, IndexProblemError, IndexUnavailableError
from vnsearch.cli import main

pytest.importorskip("opensearchpy", reason="needs the OpenSearch client: pip install 'vnsearch[opensearch]'")
Answer = Callable[[http.server.BaseHTTPRequestHandler], int]
SECRET = "mật-khẩu-s3cret"


@contextmanager
def server(
    answer: Callable[[http.server.BaseHTTPRequestHandler], int], certificate: Path | None = None
) -> Iterator[str]:
    """A server on loopback that answers with a status and an error as OpenSearch words it."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status = answer(self)
            kind = {404: "index_not_found_exception", 429: "rejected"}.get(status, "security_exception")
            body = json.dumps({"error": {"type": kind, "reason": "no"}, "status": status}).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            listening.socket = context.wrap_socket(listening.socket, server_side=True)
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{listening.server_address[1]}"
        listening.shutdown()


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("opensearch://localhost:9200", "expected opensearch://HOST:PORT"),
        ("opensearch:///news", "expected opensearch://HOST:PORT"),
        ("opensearch://localhost/News", '"News" is no name'),
        ("opensearch://localhost/*", "is no name"),
        (f"opensearch://me:{SECRET}@localhost/news", "user and password are arguments"),
    ],
)
def test_addresses_that_are_none(address: str, message: str) -> None:
    """Are refused with what was expected, and without a password that stands in them."""
    with pytest.raises(IndexProblemError, match=message) as raised:
        Index.open(address)
    assert SECRET not in str(raised.value)


def test_a_password_goes_over_https_only() -> None:
    """Plain HTTP to another machine is refused before anything is sent; a user alone is, too."""
    with pytest.raises(IndexProblemError, match="opensearchs://"):
        Index.open("opensearch://search.example:9200/news", user="me", password=SECRET)
    with pytest.raises(IndexProblemError, match="without a password"):
        Index.open("opensearch://127.0.0.1:9200/news", user="me")


def test_access_to_a_folder(tmp_path: Path) -> None:
    """Means nothing, and is not silently ignored."""
    with pytest.raises(TypeError, match="user"):
        Index.create(tmp_path / "index", user="me")


@pytest.mark.parametrize("key", [{"user": "me", "password": SECRET}, {"api_key": "a2V5OnMzY3JldA=="}])
def test_what_is_refused_shows_no_secret(key: dict[str, Any], caplog: pytest.LogCaptureFixture) -> None:
    """401 is an error at once; neither it nor a log at the finest level has the password, the server got it."""
    caplog.set_level(logging.DEBUG)
    sent: list[str] = []

    def refuse(request: http.server.BaseHTTPRequestHandler) -> int:
        sent.append(request.headers["Authorization"])
        return 401

    with server(refuse) as host, pytest.raises(IndexProblemError, match="refused user, password or API key") as raised:
        Index.open(f"opensearch://{host}/news", **key)
    assert len(sent) == 1 and sent[0]
    shown = f"{raised.value}{raised.value.__cause__}{caplog.text}"
    assert not any(secret in shown for secret in (SECRET, "a2V5OnMzY3JldA=="))
    assert sent[0].split()[1] not in caplog.text


def test_an_index_that_is_not_there() -> None:
    """Is told from a cluster that is not."""
    with server(lambda _: 404) as host, pytest.raises(IndexNotFoundError, match="vnsearch index FILES --index opensea"):
        Index.open(f"opensearch://{host}/news")


def test_a_busy_cluster_is_asked_again() -> None:
    """429 and 503 are tried again, with growing pauses, until something else is answered."""
    answers = [429, 503, 429, 404]
    with server(lambda _: answers.pop(0)) as host, pytest.raises(IndexNotFoundError):
        Index.open(f"opensearch://{host}/news")
    assert answers == []


def test_no_host_answers() -> None:
    """Nobody listens at one, the other listens and never answers: an error in time, with both hosts."""
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        with closing(socket.create_server(("127.0.0.1", 0))) as gone:
            hosts = [f"127.0.0.1:{one.getsockname()[1]}" for one in (silent, gone)]
        begun = time.monotonic()
        with pytest.raises(IndexUnavailableError) as raised:
            Index.open(f"opensearch://{','.join(hosts)}/news", timeout=2.0)
        assert time.monotonic() - begun < 2.0 + 1.5
    assert all(host in str(raised.value) for host in hosts)


def test_the_command_says_it_in_one_line() -> None:
    """Exit code 2, and no traceback."""
    with closing(socket.create_server(("127.0.0.1", 0))) as gone:
        host = f"127.0.0.1:{gone.getsockname()[1]}"
    done = CliRunner().invoke(main, ["stats", "--index", f"opensearch://me:{SECRET}@{host}/news"])
    assert (done.exit_code, len(done.output.splitlines())) == (2, 1)
    assert SECRET not in done.output


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for 127.0.0.1 that is its own authority, with its key."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("needs openssl to make a certificate")
    file = tmp_path / "certificate.pem"
    subprocess.run(
        [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1",
         "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", tmp_path / "key.pem", "-out", file],
        check=True, capture_output=True,
    )  # fmt: skip
    file.write_text(file.read_text() + (tmp_path / "key.pem").read_text())
    return file


def test_certificates_are_checked(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One of an unknown authority is refused; one whose authority is named, by argument or environment, is not."""
    with server(lambda _: 404, certificate) as host:
        address = f"opensearchs://{host}/news"
        with pytest.raises(IndexProblemError, match="certificate") as raised:
            Index.open(address, timeout=5.0)
        assert not isinstance(raised.value, IndexNotFoundError | IndexUnavailableError)
        with pytest.raises(IndexNotFoundError):
            Index.open(address, ca=str(certificate))
        monkeypatch.setenv("VNSEARCH_OPENSEARCH_CA", str(certificate))
        with pytest.raises(IndexNotFoundError):
            Index.open(address)
        monkeypatch.setenv("VNSEARCH_OPENSEARCH_CA", "/none.pem")
        with pytest.raises(IndexNotFoundError):
            Index.open(address, check_certificate=False, ca=str(certificate))
