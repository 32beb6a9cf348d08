"""What only a cluster has: versions of the mapping, the command on an address, nodes that die."""

import json
import os
import secrets
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from vnsearch import Article, Index, IndexExistsError, IndexProblemError, IndexUnavailableError, IndexVersionError

if TYPE_CHECKING:
    from nodes import Nodes

ROOT = Path(__file__).parents[2]
EXAMPLES, SCRIPTS = ROOT / "examples", ROOT / "scripts"
SECONDS = float(os.environ.get("VNSEARCH_TEST_SECONDS", "8"))  # of searching and indexing around a node's death


@pytest.fixture
def address(hosts: str) -> str:
    """Of an index that is not there yet."""
    return f"opensearch://{hosts}/test-{secrets.token_hex(4)}"


def request(nodes: "Nodes", method: str, path: str, body: object = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    asked = urllib.request.Request(f"http://{nodes.hosts[0]}{path}", data, {"Content-Type": "application/json"})
    asked.method = method
    with urllib.request.urlopen(asked, timeout=30) as answer:
        return json.load(answer)


def article(number: int) -> Article:
    return Article(id=f"{number}", title=f"Bản tin số {number}", body="Bão số 3 vào đất liền, học sinh nghỉ học.")


def test_what_a_cluster_cannot_do(address: str, nodes: "Nodes", tmp_path: Path) -> None:
    """No Whoosh index, no copy into a folder, no second index of a name: each says so."""
    index = Index.create(address)
    with pytest.raises(IndexProblemError, match="whoosh, refresh and snapshot are of an index in a folder"):
        index.whoosh  # noqa: B018
    with pytest.raises(IndexProblemError, match="of an index in a folder"):
        index.snapshot()
    with pytest.raises(IndexProblemError, match="snapshot"):
        index.backup(tmp_path / "copy")
    with pytest.raises(IndexExistsError):
        Index.create(address)
    assert index.path == address
    index.optimize()
    nodes.wait_for("green")
    assert index.stats()["health"] == "green"


def test_a_mapping_of_another_version(address: str, nodes: "Nodes") -> None:
    """Is refused with the command that rebuilds it, and that command does."""
    name = address.rpartition("/")[2]
    request(nodes, "PUT", f"/{name}-0", {"aliases": {name: {}}, "mappings": {"_meta": {"vnsearch": 0}}})
    with pytest.raises(IndexVersionError, match="vnsearch index FILES --rebuild --index opensearch") as raised:
        Index.open(address)
    command = str(raised.value).rpartition("rebuild it with: vnsearch ")[2].replace("FILES", str(EXAMPLES / "pages"))
    done = vnsearch(*command.split())
    assert done.returncode == 0, done.stderr
    assert len(Index.open(address)) == int(done.stdout.split(" holds ")[1].split()[0])
    assert f"{name}-0" not in request(nodes, "GET", "/_aliases")


def test_the_mapping_is_strict(address: str, nodes: "Nodes") -> None:
    """What this version does not know is refused, not guessed."""
    Index.create(address)
    name = address.rpartition("/")[2]
    with pytest.raises(OSError, match="400"):
        request(nodes, "POST", f"/{name}/_doc", {"unknown": 1})


def test_the_command(address: str, tmp_path: Path) -> None:
    """index, query, show, similar, complete and stats take an address as they take a folder."""
    file = tmp_path / "odd.jsonl"
    file.write_text(json.dumps({"id": "odd", "title": "Bản tin", "body": "x", "source": "s" * 9000}) + "\n")
    done = vnsearch("index", str(EXAMPLES / "articles.jsonl"), str(file), "--shards", "2", "--index", address)
    assert done.returncode == 1  # one is refused, the others are there
    assert "refused: article odd" in done.stderr
    found = vnsearch("query", "dan van lang son", "--facets", "--json", "--index", address)
    first = json.loads(found.stdout)
    assert (first["hits"][0]["id"], first["suggestion"]) == ("ex-001", "dân vận lạng sơn")
    for arguments in (["show", "ex-001"], ["similar", "ex-001"], ["complete", "dan v"], ["stats"], ["verify"]):
        done = vnsearch(*arguments, "--index", address)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout


def vnsearch(*arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "vnsearch.cli", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


def test_analysis_on_several_machines(address: str, tmp_path: Path) -> None:
    """The example runs as it stands: files go to Dask's workers, which store them; twice is the same."""
    pytest.importorskip("dask.distributed", reason="needs Dask: pip install 'dask[distributed]'")
    lines = (EXAMPLES / "articles.jsonl").read_text("utf-8").splitlines()
    files = [tmp_path / f"part-{number}.jsonl" for number in range(3)]
    for number, file in enumerate(files):
        file.write_text("\n".join(lines[number::3]) + "\n", "utf-8")
    command = [sys.executable, str(SCRIPTS / "index_with_dask.py"), address, *map(str, files)]
    for _ in range(2):
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
        assert (done.returncode, len(done.stdout.splitlines())) == (0, 4), done.stderr
    assert f"{files[0]}: 0 new, {len(lines[0::3])} replaced, 0 refused" in done.stdout
    assert len(Index.open(address)) == len(lines)


def test_a_node_dies(address: str, nodes: "Nodes") -> None:
    """kill -9 while one thread searches and another writes: no error reaches them, nothing that was committed is lost,
    the results are the same; the node comes back, and the cluster is green.
    """
    index = Index.create(address, shards=3, replicas=1)
    with index.writer() as writer:
        for number in range(300):
            writer.add(article(number))
    before = [hit.id for hit in index.search("bão học sinh", limit=50)]
    errors: list[BaseException] = []
    searches, committed = [0], list(range(300))
    end = time.monotonic() + SECONDS

    def search() -> None:
        try:
            while time.monotonic() < end:
                assert index.search("bão học sinh", limit=50).total >= 300
                searches[0] += 1
        except BaseException as e:
            errors.append(e)

    def write() -> None:
        try:
            while time.monotonic() < end:
                number = len(committed)
                with index.writer() as writer:
                    for n in range(number, number + 20):
                        writer.add(article(n))
                committed.extend(range(number, number + 20))
        except BaseException as e:
            errors.append(e)

    threads = [threading.Thread(target=search), threading.Thread(target=write)]
    for thread in threads:
        thread.start()
    time.sleep(SECONDS / 4)
    nodes.kill(2)
    for thread in threads:
        thread.join()
    print(f"{searches[0]} searches, {len(committed)} articles committed, errors: {errors}")
    assert not errors
    assert searches[0] > 1
    assert len(committed) > 300
    found = {one.id for one in index}
    assert found == set(map(str, committed))
    assert len(index) == len(committed)
    with index.writer() as writer:
        for number in committed[300:]:
            writer.delete(str(number))
    assert sorted(hit.id for hit in index.search("bão học sinh", limit=1000)) == sorted(map(str, range(300)))
    assert len(before) == 50
    nodes.begin(2)
    nodes.wait_for("green")
    assert index.stats()["health"] == "green"
    assert len(index) == 300


def test_all_nodes_die(address: str, nodes: "Nodes") -> None:
    """An error in time, with the hosts that were tried.  The last test of the last file: the nodes stay dead."""
    with Index.create(address).writer() as writer:
        writer.add(article(1))
    index = Index.open(address, timeout=3.0)
    nodes.stop()
    begun = time.monotonic()
    with pytest.raises(IndexUnavailableError) as raised:
        index.search("bão")
    assert time.monotonic() - begun < 3.0 + 1.5
    assert all(host in str(raised.value) for host in nodes.hosts)
