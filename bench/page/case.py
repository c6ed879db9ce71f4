"""Pages of generated runs of 10,000, 100,000 and 1,000,000 jobs in Chromium."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from bench import workload
from bench.api.case import free_port, serving
from bench.api.database import database
from bench.measure import workspace
from bench.measured import Measured

ROOT = Path(__file__).resolve().parent.parent.parent
SCRIPTS = ROOT / "web" / "tests" / "bench"
#: what DESIGN asks for, by size: useful paint of the pictures in ms
PICTURE_MS = {10_000: 1000, 100_000: 3000, 1_000_000: 5000}
#: from so many jobs on, the database is written in bulk, without a submit directory
MANY = 1_000_000
#: bytes of the Gantt page
GANTT_BYTES = 1_500_000

Figures = dict[str, Any]


def page(stampede: workload.Stampede, jobs: int) -> Measured:
    """What each page costs on a run of so many jobs. Raises UnavailableError when the generator is not here."""
    if jobs >= MANY:
        told = pages(stampede, database(jobs))
    else:
        with workspace(jobs * workload.BYTES_PER_JOB) as folder:
            source = workload.submit_dir(folder / "run", jobs)
            stampede.load(source, folder / "run.sqlite")
            told = pages(stampede, folder / "run.sqlite")
    gantt, graph = told["gantt"], told["graph"]
    limit = PICTURE_MS.get(jobs, 3000)
    reached = gantt.get("useful_ms", 1e9) < limit and gantt.get("bytes", 1e9) < GANTT_BYTES
    reached = reached and graph.get("useful_ms", 1e9) < limit
    return Measured(
        sentence=f"{jobs:,} jobs in Chromium: " + "; ".join(f"{name} {_line(one)}" for name, one in told.items()),
        goal=f"Gantt and graph useful < {limit / 1000:g} s, Gantt <= 1.5 MB", reached=reached,
        figures={"jobs": jobs, "pages": told},
    )  # fmt: skip


def pages(stampede: workload.Stampede, db: Path) -> dict[str, Figures]:
    """The figures of each page of the largest workflow of a database."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = [*stampede.words, "serve", "--port", str(port), "--db", f"sqlite:///{db}"]
    with serving(command, f"{url}/healthz", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL):
        run = json.load(urlopen(f"{url}/api/v1/workflows?sort=-total&limit=1"))["items"][0]["wf_uuid"]
        job = json.load(urlopen(f"{url}/api/v1/workflows/{run}/jobs?limit=1&sort=-duration_s"))["items"][0]["name"]
        return dict(node("pages.mjs", url, run, job))


def node(script: str, *arguments: str) -> Any:
    """What a script of ``web/tests/bench`` tells."""
    environment = {**os.environ, "CHROMIUM": os.environ.get("CHROMIUM", "/usr/bin/chromium")}
    told = subprocess.run(
        ["node", str(SCRIPTS / script), *arguments], cwd=ROOT / "web", env=environment, check=True,
        stdout=subprocess.PIPE, stderr=sys.stderr,
    ).stdout  # fmt: skip
    return json.loads(told)


def _line(one: Figures) -> str:
    if "error" in one:
        return one["error"]
    frames = one.get("frames_ms")
    moved = f", frames p95 {frames['p95']} ms" if frames else ""
    return f"{one['useful_ms']} ms, {one['bytes'] / 1e6:.2f} MB{moved}"
