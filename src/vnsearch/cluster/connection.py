"""The way to a cluster: its address, who may enter, how long to wait, what its errors mean.

    opensearch://host1:9200,host2:9200/news        plain HTTP
    opensearchs://host1:9200,host2:9200/news       HTTPS, the certificate checked

User and password, or an API key, are arguments or $VNSEARCH_OPENSEARCH_USER, $VNSEARCH_OPENSEARCH_PASSWORD,
$VNSEARCH_OPENSEARCH_API_KEY; a certificate authority of one's own is a file, `ca` or $VNSEARCH_OPENSEARCH_CA.
They are kept in the client alone: no error, no log and no `stats` shows them.
"""

import logging
import os
import random
import re
import time
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import msgspec

from ..deadline import Late, check_time, seconds_left
from ..errors import IndexNotFoundError, IndexProblemError, IndexUnavailableError

if TYPE_CHECKING:
    from opensearchpy import OpenSearch

T = TypeVar("T")

TIMEOUT = 30.0  # seconds that a call may take, all its tries together
_ON_ITS_WAY = 0.03  # seconds after a search's deadline in which what the cluster found by then may come
_PAUSE, _LONGEST_PAUSE = 0.1, 5.0  # seconds between tries: the first, and the longest
_BUSY = frozenset((429, 502, 503, 504))  # too much at once, or a part of the cluster is away: try again
_LOST = re.compile("node_(not_connected|disconnected|closed)|transport_exception|no_shard_available|shard_not_found")
_ADDRESS = re.compile(r"(opensearchs?)://([^/]+)/([^/]+)/?")
_HOST = re.compile(r"(?:[\w.-]+|\[[\da-fA-F:.]+\])(?::(\d{1,5}))?")
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,199}")  # what OpenSearch lets an index be called, and no wildcard
_LOOPBACK = re.compile(r"localhost|127(\.\d+){3}|\[::1\]")


class Address(NamedTuple):
    """Where an index is: hosts with ports, its name, HTTPS or not."""

    hosts: tuple[str, ...]
    name: str
    secure: bool

    def __str__(self) -> str:
        return f"opensearch{'s' * self.secure}://{','.join(self.hosts)}/{self.name}"


def read_address(text: str) -> Address:
    """The address that a text is.  Raises IndexProblemError."""
    example = "expected opensearch://HOST:PORT,HOST:PORT/NAME"
    if "@" in text:  # not repeated: it may be a password
        raise IndexProblemError("opensearch://", f"{example}; user and password are arguments, or in the environment")
    found = _ADDRESS.fullmatch(text)
    hosts = [_HOST.fullmatch(host) for host in found[2].split(",") if host] if found else []
    if not found or not all(host and int(host[1] or 0) < 1 << 16 for host in hosts) or not hosts:
        raise IndexProblemError(text, example)
    scheme, _, name = found.groups()
    if not _NAME.fullmatch(name):
        raise IndexProblemError(text, f'"{name}" is no name of an index: small letters, digits, "-", "_" and "."')
    listed = tuple(host[0] if host[1] else f"{host[0]}:9200" for host in hosts if host)
    return Address(listed, name, scheme == "opensearchs")


@dataclass(frozen=True)
class Access:
    """Who enters, and how; what is None comes from the environment."""

    user: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)
    api_key: str | None = field(default=None, repr=False)
    ca: str | None = None  # file of certificates
    check_certificate: bool = True
    timeout: float = TIMEOUT

    def value(self, name: str) -> str | None:
        """An argument, or what the environment has in its stead."""
        given = getattr(self, name)
        return given if given is not None else os.environ.get(f"VNSEARCH_OPENSEARCH_{name.upper()}")


class Connection:
    """A client that tries again: another host where one is away, later where the cluster is busy."""

    def __init__(self, address: Address, access: Access) -> None:
        self.address, self.timeout = address, access.timeout
        self._client = _client(address, access)

    def call(self, ask: Callable[["OpenSearch", float], T], *, timeout: float | None = None) -> T:
        """What `ask(client, seconds of one try)` answers.

        timeout: seconds for all tries.  Raises IndexUnavailableError, IndexProblemError; Late where the search that
        is at work has no time to wait for an answer.
        """
        from opensearchpy import exceptions as e

        check_time()
        allowed = self.timeout if timeout is None else timeout
        whole = min(allowed, seconds_left() + _ON_ITS_WAY)
        hurried = whole < allowed
        end, pause = time.monotonic() + whole, _PAUSE
        while True:
            left = end - time.monotonic()
            try:  # a host that hangs leaves time for another, but where there is hardly any
                return ask(self._client, max(left, 0.001) if hurried else max(min(left, whole / 2), 0.1))
            except e.SSLError as error:
                raise IndexProblemError(
                    self.address, f"the certificate is not to be trusted: {_short(error)}"
                ) from None
            except (e.ConnectionError, e.TransportError) as error:
                problem = self._problem(error)
                if problem is not None:
                    raise problem from None
                if hurried and error.status_code == "TIMEOUT":
                    raise Late from None
                reason = _short(error)
            pause = min(2 * pause, _LONGEST_PAUSE) * random.uniform(0.5, 1)  # so that clients do not come in step
            if time.monotonic() + pause >= end:
                hosts = ", ".join(self.address.hosts)
                raise IndexUnavailableError(
                    self.address, f"no answer within {whole:g} s from {hosts} ({reason}); is the cluster up?"
                )
            time.sleep(pause)

    def close(self) -> None:
        """Closes what is connected."""
        self._client.close()

    def _problem(self, error: Any) -> IndexProblemError | None:
        """What to raise; None for what another try may mend."""
        status = error.status_code
        if status in ("N/A", "TIMEOUT") or status in _BUSY or _LOST.search(str(error.info)):
            return None
        if status in (401, 403):
            who = "user, password or API key" if status == 401 else "this user or key; it lacks a permission"
            return IndexProblemError(self.address, f"the cluster refused {who} ({status} {_short(error)})")
        if status == 404 and error.error == "index_not_found_exception":
            return IndexNotFoundError(
                self.address, f"no index is here; make one with: vnsearch index FILES --index {self.address}"
            )
        return RequestError(self.address, status, str(error.error), f"{status} {_short(error)}")


class RequestError(IndexProblemError):
    """The cluster understood and refused a request: HTTP status, and the name that OpenSearch gives the problem."""

    def __init__(self, address: Address, status: int, kind: str, problem: str) -> None:
        super().__init__(address, problem)
        self.status, self.kind = status, kind


def _short(error: Any) -> str:
    """One line of an error of the client; it never holds a header, and so no password."""
    info = getattr(error, "info", None)
    if isinstance(info, dict) and isinstance(info.get("error"), dict):
        causes = info["error"].get("root_cause") or [info["error"]]
        text = f"{error.error}: {causes[0].get('reason', '')}"
    else:
        text = str(error.error)
    return " ".join(text.split())[:300]


def _client(address: Address, access: Access) -> "OpenSearch":
    try:
        from opensearchpy import OpenSearch
        from opensearchpy.exceptions import SerializationError
        from opensearchpy.serializer import JSONSerializer
    except ImportError:
        raise IndexProblemError(address, "needs the OpenSearch client: pip install 'vnsearch[opensearch]'") from None

    class Serializer(JSONSerializer):
        """A page of articles is a large answer, which msgspec reads in a fraction of the time."""

        def loads(self, s: str) -> Any:
            try:
                return msgspec.json.decode(s)
            except msgspec.DecodeError as e:
                raise SerializationError(s, e) from None

    user, password, key = (access.value(name) for name in ("user", "password", "api_key"))
    given = user is not None or key is not None
    if given and not address.secure and not all(_LOOPBACK.fullmatch(h.rpartition(":")[0]) for h in address.hosts):
        raise IndexProblemError(
            address, "user and password, or a key, go over HTTPS only; write opensearchs:// in place of opensearch://"
        )
    if user is not None and password is None:
        raise IndexProblemError(address, "a user without a password; give both, or an API key")
    options: dict[str, Any] = {
        "serializer": Serializer(),
        "hosts": [_host(host) for host in address.hosts],
        "use_ssl": address.secure,
        "timeout": access.timeout,
        "max_retries": max(len(address.hosts) - 1, 1),  # one host after the other, at once; `call` does the waiting
        "retry_on_timeout": False,
        "retry_on_status": (),
        "pool_maxsize": 32,
        "dead_timeout": 5,  # seconds until a host that was away is asked again
    }
    if address.secure:
        options |= {
            "verify_certs": access.check_certificate,
            "ssl_show_warn": access.check_certificate,
            "ca_certs": access.value("ca"),
        }
    if user is not None:  # the client itself would write it in Latin-1
        options["headers"] = {"Authorization": f"Basic {b64encode(f'{user}:{password}'.encode()).decode()}"}
    elif key is not None:
        if not key.isascii():
            raise IndexProblemError(address, "the API key has letters that no API key has; give it as it was issued")
        options["headers"] = {"Authorization": f"ApiKey {key}"}
    logging.getLogger("opensearch").addHandler(logging.NullHandler())  # its warnings are for apps that ask for logs
    return OpenSearch(**options)


def _host(text: str) -> dict[str, Any]:
    host, _, port = text.rpartition(":")
    return {"host": host.strip("[]") if host.count(":") else host, "port": int(port)}
