"""``sse``: delivery of the live stream to many listeners, some of whom leave and come back."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from bench.measure import workspace
from bench.measured import Measured
from bench.sse.writer import plan

#: what a delivery may take, of 95 in 100; the issue names no figure: half a second is "at once" for a person
_GOAL_S = 0.5
_ROOT = Path(__file__).resolve().parents[2]
#: those who listen stay so much longer than is written, in seconds
_AFTER_S = 6.0


def sse(listeners: int, rate: int, seconds: float) -> Measured:
    """``rate`` changes a second to ``listeners`` listeners: time from commit to client, events lost or twice."""
    with workspace(64 << 20) as place:
        url = f"sqlite:///{place / 'sse.sqlite'}"
        plan(url)
        port = _port()
        server = _start("serving", url, port)
        try:
            _await(port)
            clients = _start("clients", port, listeners, seconds + _AFTER_S, pipe=True)
            assert clients.stdout is not None
            clients.stdout.readline()
            before = _cpu_s(server.pid)
            written = int(_start("writer", url, rate, seconds, pipe=True).communicate()[0])
            found = json.loads(clients.communicate()[0])
            cpu_s = _cpu_s(server.pid) - before
            rss_mb = _rss_mb(server.pid)
        finally:
            server.terminate()
            server.wait()
    return _measured(listeners, rate, seconds, written, found, cpu_s, rss_mb)


def _measured(
    listeners: int, rate: int, seconds: float, written: int, found: dict[str, Any], cpu_s: float, rss_mb: float
) -> Measured:
    short = sum(max(written - heard, 0) for heard in found["heard"])
    twice = sum(noted - distinct for noted, distinct in zip(found["noted"], found["distinct"], strict=True))
    over = sum(max(heard - written, 0) for heard in found["heard"])
    figures: dict[str, Any] = {
        "listeners": listeners, "rate": rate, "seconds": seconds, "changes": written,
        "deliveries_per_s": round(sum(found["heard"]) / seconds), "comebacks": found["comebacks"],
        "lost": short, "twice": max(twice, over), "resyncs": found["resyncs"],
        "p50_s": round(found["p50_s"], 3), "p95_s": round(found["p95_s"], 3), "p99_s": round(found["p99_s"], 3),
        "server_cores": round(cpu_s / (seconds + _AFTER_S), 2), "server_rss_mb": round(rss_mb),
        "clients_cores": round(found["cpu_s"] / (seconds + _AFTER_S), 2),
    }  # fmt: skip
    sentence = (
        f"{figures['deliveries_per_s']} deliveries/s to {listeners} listeners: p50 {figures['p50_s']} s, p95"
        f" {figures['p95_s']} s, p99 {figures['p99_s']} s; {short} lost and {figures['twice']} twice over"
        f" {found['comebacks']} reconnections; the server took {figures['server_cores']} cores and"
        f" {figures['server_rss_mb']} MB, the listeners {figures['clients_cores']} cores"
    )
    reached = not short and not figures["twice"] and not found["resyncs"] and figures["p95_s"] < _GOAL_S
    return Measured(sentence, f"p95 < {_GOAL_S} s, none lost, none twice", reached, figures)


def _start(role: str, *words: object, pipe: bool = False) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", f"bench.sse.{role}", *map(str, words)]
    return subprocess.Popen(command, cwd=_ROOT, stdout=subprocess.PIPE if pipe else None, text=True)


def _port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


def _await(port: int) -> None:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError("the service did not start")


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _rss_mb(pid: int) -> float:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
