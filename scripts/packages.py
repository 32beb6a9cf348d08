"""Builds what is uploaded, and tries it where nothing else is: every Python that is here, no compiler, oldest versions.

    python scripts/packages.py                     build, check, install and try
    python scripts/packages.py --suites            the tests and types on each Python, too
    python scripts/packages.py --lowest            the tests with the oldest versions allowed, too, on the oldest Python
    python scripts/packages.py --pythons "python3.12 /opt/python/bin/python3"

Pythons are those on the PATH, and pyenv's where there is one, of version 3.11 or newer, one of each.  All goes into a
temporary folder.  Exit code 1 and what was printed of the first thing that goes wrong.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path

ROOT = Path(__file__).parent.parent
OLDEST, NEWEST = 11, 20  # minor versions that are looked for
TOOLS = ("build", "twine", "check-wheel-contents", "uv")
KINDS = {"compiled", "numpy"}  # of kernels
NOT_LOWEST = ("--ignore=tests/benchmarks", "--ignore=tests/evaluate", "--ignore=tests/test_house.py")  # need tools
TRIED = """
import importlib, pkgutil, sys
import vnsearch, vnsearch.kernels
from vnsearch import Article, Index
for module in pkgutil.walk_packages(vnsearch.__path__, "vnsearch."):
    if not module.name.startswith(("vnsearch.cluster", "vnsearch.evaluate")) and not module.name.endswith("__main__"):
        importlib.import_module(module.name)
index = Index.create(sys.argv[1])
with index.writer(workers=2) as writer:
    writer.add_all(Article(id=str(n), title=f"Dân vận {n}", body="Hội nghị ở tỉnh Lạng Sơn.") for n in range(40))
found = index.search("dan van", timeout_ms=60_000)
assert found.total == 40
assert "<mark>" in found.hits[0].title.html()
assert index.verify().problems == ()
print(vnsearch.kernels.KIND)
"""


def main() -> None:
    """Prints a line for each step."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pythons", default="", help="in place of those that are found")
    parser.add_argument("--suites", action="store_true", help="the tests and types, too")
    parser.add_argument("--lowest", action="store_true", help="the tests with the oldest versions allowed, too")
    parser.add_argument("--at-once", type=int, default=os.cpu_count() or 1, help="suites at the same time")
    parser.add_argument("--tests", default="not cluster", help="which tests, as pytest's -m has it")
    options = parser.parse_args()
    pythons = {version_of(name): name for name in options.pythons.split()} or found()
    if not pythons:
        sys.exit(f"no Python of 3.{OLDEST} or newer is here; name one: --pythons /path/to/python")
    print("Pythons:", ", ".join(f"3.{minor} {name}" for minor, name in pythons.items()), flush=True)
    with tempfile.TemporaryDirectory(prefix="vnsearch-") as folder:
        place = Path(folder)
        place.chmod(0o755)  # some tests become another user, who needs the libraries too
        oldest = pythons[min(pythons)]
        tools = environment(place / "tools", oldest, *TOOLS)
        wheel, sdist = built(place, tools)
        for minor, python in pythons.items():
            with step(f"3.{minor}: the wheel in a bare environment"):
                bare(place, python, wheel, "compiled")
            with step(f"3.{minor}: the source without a compiler"):
                bare(place, python, sdist, "numpy")
        suites = []
        if options.suites:  # one after the other: each installation builds the kernels beside the sources
            for minor, python in pythons.items():
                own = environment(place / f"suite-{minor}", python)
                run(own / "pip", "install", "--quiet", "--editable", f"{ROOT}[dev]")
                suites.append(partial(suite, own, f"3.{minor}", options.tests))
        if options.lowest:
            own = environment(place / "oldest", oldest)
            lowest = [tools / "uv", "pip", "install", "--quiet", "--python", own / "python"]
            run(*lowest, "--resolution", "lowest-direct", "--editable", f"{ROOT}[opensearch]")
            run(own / "pip", "install", "--quiet", "pytest", "pytest-timeout", "hypothesis")
            suites.append(partial(tests, own, "oldest versions of what is needed", options.tests, *NOT_LOWEST))
        with ThreadPoolExecutor(options.at_once) as pool:
            for running in [pool.submit(one) for one in suites]:
                running.result()


def suite(own: Path, name: str, which: str) -> None:
    """Types and tests in an environment."""
    with step(f"{name}: types"):
        run(own / "mypy", "--python-version", name, "--cache-dir", own.parent / "mypy", cwd=ROOT)
    tests(own, name, which)


def tests(own: Path, name: str, which: str, *options: str) -> None:
    """The tests in an environment."""
    with step(f"{name}: tests"):
        run(own / "pytest", "-q", "-m", which, *options, cwd=ROOT)


def found() -> dict[int, str]:
    """The Pythons that are here, by minor version."""
    names = [f"python3.{minor}" for minor in range(OLDEST, NEWEST)]
    if pyenv := shutil.which("pyenv"):
        kept = subprocess.run([pyenv, "versions", "--bare"], capture_output=True, text=True).stdout.split()
        for one in kept:
            prefix = subprocess.run([pyenv, "prefix", one], capture_output=True, text=True).stdout.strip()
            names.append(str(Path(prefix) / "bin" / "python"))
    here = {}
    for name in [*names, "python3", sys.executable]:
        minor = version_of(name)
        if minor >= OLDEST and minor not in here:
            here[minor] = name
    return dict(sorted(here.items()))


def version_of(python: str) -> int:
    """Its minor version; 0 where it does not run."""
    program = "import sys, venv, ensurepip; print(sys.version_info[1] if sys.version_info[0] == 3 else 0)"
    try:
        done = subprocess.run([python, "-c", program], capture_output=True, text=True)
    except OSError:
        return 0
    return int(done.stdout) if done.returncode == 0 else 0


def environment(place: Path, python: str, *packages: str) -> Path:
    """A new virtual environment with some packages; its folder of programs."""
    run(python, "-m", "venv", place)
    if packages:
        run(place / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check", *packages)
    return place / "bin"


def built(place: Path, tools: Path) -> tuple[Path, Path]:
    """The wheel and the source distribution, built from a copy of what git has, checked."""
    copy, out = place / "copy", place / "dist"
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(".*", "build", "dist", "indexes", "*.so", "*.egg-info"))
    with step("sdist and wheel"):
        run(tools / "pyproject-build", "--outdir", out, copy)
    [wheel], [sdist] = out.glob("*.whl"), out.glob("*.tar.gz")
    assert re.search(r"-cp311-abi3-", wheel.name), f"{wheel.name} is not for every Python from 3.11 on"
    with step("twine check"):
        run(tools / "twine", "check", "--strict", wheel, sdist)
    with step("check-wheel-contents"):
        run(tools / "check-wheel-contents", wheel)
    return wheel, sdist


def bare(place: Path, python: str, package: Path, kind: str) -> None:
    """Installs a package with what it needs and nothing else, and tries library and command, outside of the sources."""
    with tempfile.TemporaryDirectory(dir=place) as folder:
        own = environment(Path(folder) / "env", python)
        none = {"CC": "/bin/false", "CXX": "/bin/false"} if kind == "numpy" else {}
        run(own / "pip", "install", "--quiet", "--disable-pip-version-check", package, more=none)
        said = run(own / "python", "-c", TRIED, Path(folder) / "i", cwd=folder)
        assert said.split()[-1] == kind, f"expected {kind} kernels, got {said!r}"
        examples = ROOT / "examples" / "articles.jsonl"
        run(own / "vnsearch", "index", examples, "--index", "news", cwd=folder)
        said = run(own / "vnsearch", "query", "hội nghị dân vận", "--index", "news", cwd=folder)
        assert "ân vận" in said, said
        run(own / "pip", "check")


@contextmanager
def step(name: str) -> Iterator[None]:
    """Prints how long what is done within takes."""
    begun = time.perf_counter()
    yield
    print(f"{name}: {time.perf_counter() - begun:.0f} s", flush=True)


def run(*command: object, cwd: object = None, more: dict[str, str] | None = None) -> str:
    """What a command prints; where it fails, all of that and the end of this program."""
    own = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    done = subprocess.run(
        list(map(str, command)), cwd=str(cwd) if cwd else None, env={**own, **(more or {})},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    if done.returncode:
        print(done.stdout[-6_000:])
        sys.exit(f"this failed, with code {done.returncode}: {' '.join(map(str, command))}")
    return done.stdout


if __name__ == "__main__":
    main()
