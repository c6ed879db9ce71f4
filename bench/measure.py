"""What a command cost: wall, processor, memory, by the kernel's own books.

Every figure is that of one child process and of what it waited for (``wait4``), so nothing has to be instrumented and
both sides of a comparison are measured alike, interpreter start included.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec


class Cost(msgspec.Struct, frozen=True):
    """What one command cost and said. ``code`` is negative for a signal, ``peak_rss_kb`` of its largest process."""

    code: int
    wall_s: float
    cpu_s: float
    peak_rss_kb: int
    out: str
    err: str

    def last_line(self) -> str:
        """The last thing it said, standard error first: what to show of a failure."""
        lines = (self.err.strip() or self.out.strip()).splitlines()
        return lines[-1] if lines else ""


def run(
    command: Sequence[str | Path],
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    timeout_s: float = 1800,
) -> Cost:
    """Run a command to its end and measure it. One that outlives ``timeout_s`` is killed (``code`` -9).

    Keep the calling process small: Linux counts the memory of the process before ``exec`` as the child's.
    """
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        started = time.perf_counter()
        child = subprocess.Popen(
            [os.fspath(word) for word in command],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            env={**os.environ, **(env or {})},
            cwd=cwd,
            start_new_session=True,
        )
        watchdog = threading.Timer(timeout_s, os.killpg, (child.pid, signal.SIGKILL))
        watchdog.start()
        try:
            _, status, usage = os.wait4(child.pid, 0)
        except BaseException:
            os.killpg(child.pid, signal.SIGKILL)
            raise
        finally:
            watchdog.cancel()
        wall = time.perf_counter() - started
        child.returncode = os.waitstatus_to_exitcode(status)
        texts = []
        for stream in (out, err):
            stream.seek(0)
            texts.append(stream.read().decode(errors="replace"))
    return Cost(child.returncode, wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss, texts[0], texts[1])


def best(costs: Sequence[Cost]) -> Cost:
    """The quickest of several runs: on a shared machine the one that was disturbed least."""
    return min(costs, key=lambda cost: cost.wall_s)


def ratio(reference: float, ours: float) -> float:
    """How many times better ours is; 0 when that cannot be said."""
    return round(reference / ours, 1) if ours > 0 else 0.0


@contextmanager
def workspace(need_bytes: int = 0) -> Iterator[Path]:
    """A folder, removed afterwards: on the RAM disk when that has twice the room needed, else in the temp folder."""
    shm = Path("/dev/shm")
    roomy = shm.is_dir() and os.access(shm, os.W_OK) and shutil.disk_usage(shm).free > 2 * need_bytes + (256 << 20)
    folder = Path(tempfile.mkdtemp(prefix="stampede-bench-", dir=shm if roomy else None))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def report(name: str, sentence: str, figures: Mapping[str, Any]) -> None:
    """One JSON line for programs on standard output, one sentence for people on standard error."""
    print(json.dumps({"bench": name, **figures}), flush=True)
    print(f"{name}: {sentence}", file=sys.stderr, flush=True)
