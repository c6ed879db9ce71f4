"""The service at a million jobs: a real server process, clients in another, and pegasus-service beside it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from bench import peer as peer_tools
from bench import workload
from bench.api import peer_service
from bench.api.database import database
from bench.api.questions import questions
from bench.measured import Measured

ROOT = Path(__file__).resolve().parent.parent.parent
CLIENTS = (1, 8, 32)
#: how long each series lasts, in seconds
SERIES_S = 3.0
#: jobs of the peer's workflow
PEER_JOBS = 10_000

Figures = dict[str, Any]


def api(jobs: int, venv: Path | None, workers: int | None = None) -> Measured:
    """Latencies of each question at 1, 8 and 32 clients. ``workers``: as ``stampede serve --workers`` takes it."""
    path = database(jobs)
    _read(path)
    port = free_port()
    command = [*workload.stampede(None).words, "serve", "--db", f"sqlite:///{path}", "--port", str(port), "-q",
               *(() if workers is None else ("--workers", str(workers)))]  # fmt: skip
    began = time.monotonic()
    with serving(command, f"http://127.0.0.1:{port}/api/v1") as process:
        started_s = time.monotonic() - began
        uuid = f"00000000-0000-4000-8000-{jobs:012d}"
        with urlopen(f"http://127.0.0.1:{port}/api/v1/workflows/{uuid}?fields=last_ts") as answer:
            last = json.load(answer)["last_ts"]
        asked = questions(jobs, datetime.fromisoformat(last.replace("Z", "+00:00")).timestamp())
        told: dict[str, Figures] = {}
        for name, (paths, goal) in asked.items():
            told[name] = _series(process.pid, port, paths) | {"goal_ms": goal}
            print(f"  {name}: {_line(told[name])}", file=sys.stderr, flush=True)
        ceiling = _series(process.pid, port, ["/api/v1"])
        peak_kb = sum(map(_peak_kb, group(process.pid)))
    figures: Figures = {"jobs": jobs, "started_s": round(started_s, 2), "questions": told, "ceiling": ceiling,
                        "peak_rss_kb": peak_kb, "load": round(os.getloadavg()[0], 1)}  # fmt: skip
    figures["peer"] = _peer(venv)
    late = [name for name, f in told.items() if f["1"]["p95"] > f["goal_ms"]]
    late_32 = [name for name, f in told.items() if f["32"]["p95"] > f["goal_ms"]]
    sentence = (
        f"{jobs} jobs: p95 at one client {_p95(told, '1')} ms; at 32 clients {_p95(told, '32')} ms; the smallest "
        f"answer that there is takes {ceiling['32']['p95']} ms with 32 clients ({ceiling['32']['per_s']}/s), which "
        f"is what server and clients can do together; {peak_kb / 1024:.0f} MB; beside it "
        f"{_peer_line(figures['peer'])}; later than the goal with 32 clients: {', '.join(late_32) or 'none'}"
    )
    return Measured(sentence, "p95 of one client: summaries < 10 ms, pages < 50 ms", not late, figures)


def _read(path: Path) -> None:
    """Have the file in the memory of the machine, as one that is asked often is: disks are not what is measured."""
    with path.open("rb", buffering=0) as file:
        while file.read(1 << 24):
            pass


def _series(pid: int, port: int, paths: list[str]) -> Figures:
    """The figures by number of clients, each of whom gets paths of its own where there are many."""
    found: Figures = {}
    for turn, clients in enumerate(CLIENTS):
        own = paths[turn * len(paths) // len(CLIENTS) : (turn + 1) * len(paths) // len(CLIENTS)] or paths
        before = cpu_s(pid)
        figures = found[str(clients)] = ask(port, own, clients)
        figures["server_cpu_ms"] = round((cpu_s(pid) - before) * 1000 / figures["n"], 2)
    return found


def group(leader: int) -> list[int]:
    """The processes of a process group that are there."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            if int(status.read_text().rpartition(")")[2].split()[2]) == leader:
                found.append(int(status.parent.name))
    return found


def cpu_s(leader: int) -> float:
    """Processor time of all processes of a process group that are there, with that of children that ended."""
    ticks = 0
    for pid in group(leader):
        with suppress(OSError):
            ticks += sum(map(int, Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


def ask(port: int, paths: Sequence[str], clients: int, seconds: float = SERIES_S) -> Figures:
    """A series by a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.api.clients", str(port), str(clients), str(seconds)],
        input="\n".join(paths), capture_output=True, text=True, cwd=ROOT, timeout=seconds + 300, check=False,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"{paths[0]}: {done.stderr.strip()[-500:]}")
    found: Figures = json.loads(done.stdout)
    return found


def _line(told: Figures) -> str:
    return "; ".join(f"{c} clients p50 {told[str(c)]['p50']} p95 {told[str(c)]['p95']} p99 {told[str(c)]['p99']} ms, "
                     f"{told[str(c)]['per_s']}/s, CPU {told[str(c)]['server_cpu_ms']} + "
                     f"{told[str(c)]['client_cpu_ms']} ms" for c in CLIENTS)  # fmt: skip


def _p95(told: dict[str, Figures], clients: str) -> str:
    return ", ".join(f"{name} {f[clients]['p95']}" for name, f in told.items())


def free_port() -> int:
    """A port that nobody uses now."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def serving(command: Sequence[str], url: str, **more: Any) -> Iterator[subprocess.Popen[bytes]]:
    """A server process, from when it answers until it is stopped."""
    process = subprocess.Popen(command, cwd=ROOT, start_new_session=True, **more)
    try:
        for _ in range(600):
            try:
                urlopen(url, timeout=30).close()
                break
            except OSError:
                if process.poll() is not None:
                    raise RuntimeError(f"{command[0]} did not start") from None
                time.sleep(0.05)
        yield process
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _peak_kb(pid: int) -> int:
    return int(Path(f"/proc/{pid}/status").read_text().split("VmHWM:")[1].split()[0])


# ---- the peer -------------------------------------------------------------------------------------------------------


def _peer(venv: Path | None) -> Figures | None:
    """pegasus-service on a database of 10,000 jobs; None where the peer is not installed."""
    peer = peer_tools.find(venv)
    if peer is None:
        return None
    found: Figures = {}
    with peer_service.prepared(peer, PEER_JOBS) as home:
        port = free_port()
        with serving(
            [str(peer.python), str(peer_tools.DRIVERS / "service.py"), str(port)],
            f"http://127.0.0.1:{port}/api/v1/user/demo/root",
            env={**os.environ, "HOME": str(home)}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        ):  # fmt: skip
            for name, path in peer_service.PATHS.items():
                seconds = 0.1 if name == "gantt" else SERIES_S  # one answer takes many seconds
                found[name] = {str(c): ask(port, [path], c, seconds) for c in ((1,) if name == "gantt" else (1, 8))}
                print(f"  peer, {PEER_JOBS} jobs, {name}: {found[name]}", file=sys.stderr, flush=True)
    return found


def _peer_line(told: Figures | None) -> str:
    if told is None:
        return "the peer is not installed (python bench/peer.py install)"
    return f"pegasus-service at {PEER_JOBS} jobs, p95 of one client: " + ", ".join(
        f"{name} {f['1']['p95']} ms" for name, f in told.items()
    )
