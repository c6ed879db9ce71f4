"""From a line on the disk to a number on the screen: a run is replayed, watched, served and looked at in Chromium."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from bench import workload
from bench.api.case import free_port, serving
from bench.measure import workspace
from bench.measured import Measured
from bench.page.case import ROOT, SCRIPTS
from stampede.replaying import Replay

#: seconds that the run takes
LASTS_S = 40.0
GOAL_S = 0.5
#: after it the node counts as done: every node of the generated runs has a POST script
_DONE = b"POST Script of node"

Figures = dict[str, Any]


def pixel(stampede: workload.Stampede, jobs: int) -> Measured:
    """The lag of the screen behind the log, for each change of the number of jobs that are done."""
    with workspace(3 * jobs * workload.BYTES_PER_JOB) as folder:
        os.environ["STAMPEDE_STATE"] = str(folder / "state")
        os.environ["TZ"] = "UTC"
        time.tzset()
        source = workload.submit_dir(folder / "run", jobs)
        written, seen = _looked_at(stampede, source, folder)
    lags = sorted(_lags(written, seen))
    told = {f"p{q}_s": round(lags[min(len(lags) - 1, len(lags) * q // 100)], 3) for q in (50, 95, 99)}
    return Measured(
        sentence=f"{jobs:,} jobs in {LASTS_S:g} s: line on the disk to number on the screen p50 {told['p50_s']} s, "
        f"p95 {told['p95_s']} s, p99 {told['p99_s']} s ({len(seen)} changes seen of {len(written)} lines)",
        goal=f"p95 < {GOAL_S} s", reached=told["p95_s"] < GOAL_S,
        figures={"jobs": jobs, "changes": len(seen), "lines": len(written), "longest_s": round(lags[-1], 3), **told},
    )  # fmt: skip


def _looked_at(
    stampede: workload.Stampede, source: Path, folder: Path
) -> tuple[list[tuple[float, int]], list[tuple[float, int]]]:
    """When which number of done jobs stood in the log, and when on the screen; epoch seconds."""
    replay = Replay(source, folder / "live", speed=1e9, longest_pause_s=None, start_ts=time.time() + 8)
    span = replay.times.last - replay.times.first
    replay = Replay(source, folder / "live", speed=span / LASTS_S, start_ts=time.time() + 10)
    replay.begin()
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    written: list[tuple[float, int]] = []

    def note(at: int, _of: int) -> None:
        line = replay.script.steps[at - 1].data
        if _DONE in line and b"completed successfully" in line:
            written.append((time.time(), len(written) + 1))

    watch = [*stampede.words, "watch", "-q", str(folder / "live")]
    serve = [*stampede.words, "serve", "--port", str(port)]
    quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with serving(serve, f"{url}/healthz", **quiet), tempfile.TemporaryFile() as out:
        watching = subprocess.Popen(watch, **quiet)
        replay.play(go_on=lambda: time.time() < replay.times(replay.times.first) + 0.5, tell=note)
        looking = subprocess.Popen(
            ["node", str(SCRIPTS / "live.mjs"), url, _uuid(url), str(LASTS_S + 6)], cwd=ROOT / "web", stdout=out,
            stderr=sys.stderr, env={**os.environ, "CHROMIUM": os.environ.get("CHROMIUM", "/usr/bin/chromium")},
        )  # fmt: skip
        try:
            replay.play(tell=note)
            looking.wait(LASTS_S + 60)
        finally:
            watching.terminate()
            watching.wait(30)
            looking.kill()
        out.seek(0)
        return written, [(ms / 1000, done) for ms, done in json.load(out)]


def _uuid(url: str) -> str:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        try:
            items = json.load(urlopen(f"{url}/api/v1/workflows?limit=1"))["items"]
        except URLError:
            items = []
        if items:
            return str(items[0]["wf_uuid"])
        time.sleep(0.1)
    raise workload.UnavailableError("The run that is watched does not show up in the service.")


def _lags(written: list[tuple[float, int]], seen: list[tuple[float, int]]) -> list[float]:
    """For each line that was written while somebody looked: how long until the screen showed it, or a later one."""
    lags: list[float] = []
    at = 0
    began = seen[0][0] if seen else float("inf")
    for ts, number in written:
        while at < len(seen) and seen[at][1] < number:
            at += 1
        if ts > began + 1 and at < len(seen):
            lags.append(seen[at][0] - ts)
    if not lags:
        raise workload.UnavailableError("Nothing changed on the screen while the run went on.")
    return lags
