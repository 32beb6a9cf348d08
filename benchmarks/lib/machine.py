"""Where and on what something was measured, and what a process takes."""

import os
import platform
import re
import resource
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import vnsearch
from vnsearch import kernels

from .child import ROOT


def about() -> dict[str, Any]:
    """Machine, Python, library, commit, load and date."""
    cpus = [line for line in read_text("/proc/cpuinfo").splitlines() if line.startswith("model name")]
    memory = re.search(r"MemTotal:\s+(\d+) kB", read_text("/proc/meminfo"))
    return {
        "date": datetime.now().astimezone().isoformat(timespec="seconds"),
        "commit": commit(),
        "vnsearch": vnsearch.__version__,
        "kernels": kernels.KIND,
        "python": platform.python_version(),
        "system": platform.platform(aliased=True, terse=True),
        "cpu": cpus[0].split(":")[1].strip() if cpus else platform.processor(),
        "cpus": os.cpu_count(),
        "memory_gb": round(int(memory[1]) / 2**20) if memory else None,
        "load": [round(n, 2) for n in os.getloadavg()],
    }


def commit() -> str:
    """Of the checkout, with + where something is not committed; empty where it is none."""
    command = ["git", "-C", str(ROOT), "describe", "--always", "--abbrev=10", "--dirty=+", "--exclude=*"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def read_text(path: str) -> str:
    """Of a file that other systems may not have."""
    try:
        return Path(path).read_text()
    except OSError:
        return ""


def anonymous_mb() -> float:
    """Of this process: its memory that is not mapped from files; 0 where the system does not tell."""
    lines = read_text("/proc/self/smaps_rollup").splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Anonymous:")) / 1024


def peak_mb() -> int:
    """Of this process.  VmHWM, as ru_maxrss also remembers what the parent had when it forked."""
    found = re.search(r"VmHWM:\s+(\d+) kB", read_text("/proc/self/status"))
    return int(found[1]) // 1024 if found else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def folder_bytes(path: Path) -> int:
    """Of all files in it; of an engine that keeps them elsewhere, what it says."""
    elsewhere = path / "bytes"
    if elsewhere.exists():
        return int(elsewhere.read_text())
    return sum(file.stat().st_size for file in path.rglob("*") if file.is_file())


@contextmanager
def clock(found: dict[str, float]) -> Iterator[None]:
    """Seconds by the wall, and of the processor in this process and its ended children."""
    wall, spent = time.perf_counter(), os.times()
    yield
    now = os.times()
    found["seconds"] = time.perf_counter() - wall
    found["cpu_seconds"] = sum(now[:4]) - sum(spent[:4])


def percentiles(ms: Sequence[float]) -> dict[str, float]:
    """p50, p95 and p99 by nearest rank."""
    ordered = sorted(ms)
    ranks = (("p50", 0.5), ("p95", 0.95), ("p99", 0.99))
    return {name: round(ordered[min(int(len(ordered) * p), len(ordered) - 1)], 4) for name, p in ranks}
