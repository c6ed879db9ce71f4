"""Processes that are watched while they run: what they cost, by the kernel's books in ``/proc``."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from bench.workload import ROOT, UnavailableError

_TICK = os.sysconf("SC_CLK_TCK")
_SAMPLE_S = 0.25


class Sample(NamedTuple):
    """What a process and all below it had used by a moment (monotonic seconds)."""

    at: float
    cpu_s: float
    rss_kb: int


class Watched:
    """A command that runs, sampled a few times a second. Its output goes into a file."""

    def __init__(self, command: Sequence[str | Path], output: Path, env: dict[str, str] | None = None) -> None:
        self.started = time.monotonic()
        self._output = output
        with output.open("ab") as file:
            self._child = subprocess.Popen(
                [os.fspath(word) for word in command], stdin=subprocess.DEVNULL, stdout=file, stderr=file,
                env={**os.environ, **(env or {})}, start_new_session=True,
            )  # fmt: skip
        self.pid = self._child.pid
        #: the kernel's high-water mark, summed over the process and all below it
        self.peak_rss_kb = 0
        self.samples: list[Sample] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)
        self._thread.start()

    def _sample(self) -> None:
        while not self._stop.wait(_SAMPLE_S):
            self.look()

    def look(self) -> Sample | None:
        """Take a sample now; None when the process has gone."""
        cpu, rss, peak = 0.0, 0, 0
        for number, pid in enumerate(_tree(self.pid)):
            try:
                fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
                status = Path(f"/proc/{pid}/status").read_text()
            except OSError:
                continue
            if fields[0] == "Z":
                continue
            # user and system time; of the first also that of children it has waited for
            cpu += sum(map(int, fields[11 : 15 if number == 0 else 13])) / _TICK
            rss += _kb(status, "VmRSS")
            peak += _kb(status, "VmHWM")
        if not rss:
            return None
        self.peak_rss_kb = max(self.peak_rss_kb, peak)
        sample = Sample(time.monotonic(), cpu, rss)
        self.samples.append(sample)
        return sample

    def share(self, start: float, end: float) -> float | None:
        """Processor time per second between two moments; None when too little is known."""
        within = [s for s in self.samples if start <= s.at <= end]
        if len(within) < 3:
            return None
        first, last = within[0], within[-1]
        return round((last.cpu_s - first.cpu_s) / (last.at - first.at), 3)

    def rss_at(self, moment: float) -> int:
        """Resident size (kB) of all, at the first sample after a moment."""
        after = [s.rss_kb for s in self.samples if s.at >= moment]
        return after[0] if after else self.samples[-1].rss_kb if self.samples else 0

    @property
    def code(self) -> int | None:
        """How it ended; None while it runs."""
        return self._child.poll()

    def said(self) -> str:
        """The last thing it said."""
        lines = self._output.read_text(errors="replace").strip().splitlines()
        return lines[-1] if lines else ""

    def wait(self, timeout_s: float) -> int | None:
        """How it ended, None when it has not."""
        try:
            return self._child.wait(timeout_s)
        except subprocess.TimeoutExpired:
            return None

    def stop(self, how: int = signal.SIGTERM, patience_s: float = 60.0) -> int | None:
        """Tell it to end and wait for that; one that does not is killed."""
        self.look()
        self._stop.set()
        self._thread.join()
        if self._child.poll() is None:
            os.killpg(self.pid, how)
            if self.wait(patience_s) is None:
                os.killpg(self.pid, signal.SIGKILL)
                self._child.wait()
        return self._child.returncode


def _tree(pid: int) -> list[int]:
    found = [pid]
    for parent in found:
        try:
            for thread in os.listdir(f"/proc/{parent}/task"):
                found += map(int, Path(f"/proc/{parent}/task/{thread}/children").read_text().split())
        except OSError:
            continue
    return found


def _kb(status: str, name: str) -> int:
    _, found, rest = status.partition(f"{name}:")
    return int(rest.split(None, 1)[0]) if found else 0


class Helper:
    """A process of ours that obeys commands: ``writer`` or ``reader``."""

    def __init__(self, module: str, *words: str | Path) -> None:
        self._child = subprocess.Popen(
            [sys.executable, "-m", f"bench.live.{module}", *(os.fspath(word) for word in words)], cwd=ROOT, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={**os.environ, "TZ": "UTC"},
        )  # fmt: skip
        self._module = module

    def tell(self, do: str, **words: Any) -> dict[str, Any]:
        """Give a command and wait for the answer."""
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        try:
            self._child.stdin.write(json.dumps({"do": do, **words}) + "\n")
            self._child.stdin.flush()
        except BrokenPipeError:
            pass
        answer = self._child.stdout.readline()
        if not answer:
            raise UnavailableError(f"bench.live.{self._module} ended with {self._child.wait()}")
        told: dict[str, Any] = json.loads(answer)
        return told

    def close(self) -> None:
        """Let it end."""
        assert self._child.stdin is not None
        self._child.stdin.close()
        try:
            self._child.wait(30)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
