"""A real OpenSearch cluster of three processes on loopback, from Maven Central's jars.

with Nodes(folder) as nodes:
    Index.create(f"opensearch://{','.join(nodes.hosts)}/news")
    nodes.kill(1)  # kill -9
    nodes.begin(1)
    nodes.wait_for("green")
"""

import json
import os
import re
import shutil
import socket
import subprocess
import time
import urllib.request
from pathlib import Path
from types import TracebackType

HERE = Path(__file__).parent / "nodes"
OLDEST_JDK = 21  # that OpenSearch 3.8 runs on
_QUICK_START = ["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]


class NotHereError(Exception):
    """What this machine lacks for a cluster."""


def find_java() -> Path:
    """The `java` of a JDK that is new enough.  Raises NotHereError."""
    homes = [os.environ.get("JAVA_HOME", ""), *map(str, sorted(Path("/usr/lib/jvm").glob("*"), reverse=True))]
    paths = [Path(home, "bin", "java") for home in homes if home] + [Path(shutil.which("java") or "java")]
    for path in paths:
        if path.is_file() and (path.parent / "javac").exists():
            said = subprocess.run([path, "-version"], capture_output=True, text=True).stderr
            version = re.search(r'version "(\d+)', said)
            if version and int(version[1]) >= OLDEST_JDK:
                return path
    raise NotHereError(f"no JDK of version {OLDEST_JDK} or newer; install one, or name it by JAVA_HOME")


def find_jars() -> Path:
    """The folder of jars; Maven fetches them where they are not there yet.  Raises NotHereError."""
    jars = HERE / "target" / "dependency"
    if not (jars / ".complete").exists():
        maven = shutil.which("mvn")
        if maven is None:
            raise NotHereError("no Maven (mvn), which fetches OpenSearch's jars; install it")
        done = subprocess.run(
            [maven, "-q", "-B", "dependency:copy-dependencies"], cwd=HERE, capture_output=True, text=True, timeout=600
        )
        if done.returncode:
            raise NotHereError(f"Maven could not fetch OpenSearch's jars: {done.stdout.strip()[:500]}")
        (jars / ".complete").touch()
    return jars


class Nodes:
    """Three nodes; `hosts` are their HTTP addresses."""

    def __init__(self, folder: Path, count: int = 3, *, heap: str = "512m", quick_start: bool = True) -> None:
        """quick_start: up in half the time, at half the speed from then on."""
        self._java, self._jars, self._folder = find_java(), find_jars(), folder
        self._options = [f"-Xmx{heap}", f"-Xms{heap}", *_QUICK_START * quick_start]
        self._classes = folder / "classes"
        subprocess.run(
            [self._java.with_name("javac"), "-cp", f"{self._jars}/*", "-d", self._classes, HERE / "Node.java"],
            check=True,
        )
        ports = _free_ports(2 * count)
        self._http, self._transport = ports[:count], ports[count:]
        self.hosts = [f"127.0.0.1:{port}" for port in self._http]
        self._processes: dict[int, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> "Nodes":
        try:
            for number in range(1, len(self.hosts) + 1):
                self.begin(number)
            self.wait_for("green")
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def begin(self, number: int) -> None:
        """Starts a node (from 1), with the data it had before."""
        folder = self._folder / f"node-{number}"
        folder.mkdir(exist_ok=True)
        command = [
            self._java, *self._options, "--add-modules", "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED",
            "-cp", f"{self._jars}/*:{self._classes}", "Node", folder, number, self._http[number - 1], *self._transport,
        ]  # fmt: skip
        with (self._folder / f"node-{number}.log").open("ab") as log:
            self._processes[number] = subprocess.Popen(
                [str(word) for word in command], stdin=subprocess.PIPE, stdout=log, stderr=log, cwd=folder
            )

    def kill(self, number: int) -> None:
        """kill -9."""
        process = self._processes.pop(number)
        process.kill()
        process.wait()
        if process.stdin:
            process.stdin.close()

    def stop(self) -> None:
        """Kills all nodes."""
        for number in list(self._processes):
            self.kill(number)

    def wait_for(self, status: str, timeout: float = 120.0) -> None:
        """Until all nodes are there and the cluster's health is that."""
        count, left = len(self.hosts), time.monotonic() + timeout
        path = f"/_cluster/health?wait_for_status={status}&wait_for_nodes={count}&timeout=5s"
        while time.monotonic() < left:
            for number, host in enumerate(self.hosts, 1):
                process = self._processes.get(number)
                if process is not None and process.poll() is not None:
                    raise RuntimeError(f"node {number} ended: {self.log(number)[-2000:]}")
                try:
                    with urllib.request.urlopen(f"http://{host}{path}", timeout=10) as answer:
                        health = json.load(answer)
                except OSError:
                    continue
                if not health["timed_out"]:
                    return
            time.sleep(0.3)
        raise TimeoutError(f"the cluster is not {status} after {timeout:g} s: {self.log(1)[-2000:]}")

    def log(self, number: int) -> str:
        """What a node printed."""
        return (self._folder / f"node-{number}.log").read_text("utf-8", "replace")


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports
