"""``bus``: events through RabbitMQ into SQLite, next to the direct load of the same files in the same run.

The broker is a node of its own on this machine, and shares the cores with everything else.
"""

from __future__ import annotations

import json
import os
import re
import resource
import subprocess
import sys
import time
import uuid
from pathlib import Path
from typing import Any

from bench import workload
from bench.measure import run, workspace
from bench.measured import Measured
from tests.broker import Broker, scripts

#: workflows, so that loaders have something to share
_COPIES = 8
_COUNTED = ("workflow", "task", "job", "job_instance", "jobstate", "invocation")
#: a loader ends when nothing has come for so long, in seconds; it is taken off the time
_IDLE_S = 2.0


def bus(stampede: workload.Stampede, jobs: int, runs: int) -> Measured:
    """Rates of publisher, one loader, two loaders, and what a subscriber costs."""
    if scripts() is None:
        raise workload.UnavailableError("RabbitMQ is not installed here.")
    with workspace(jobs * workload.BYTES_PER_JOB + jobs * _COPIES * 20_000) as folder:
        files, events = _files(stampede, folder, jobs)
        broker = Broker()
        try:
            return _measured(stampede, folder, files, events, broker, runs)
        finally:
            broker.close()


def _files(stampede: workload.Stampede, folder: Path, jobs: int) -> tuple[list[Path], int]:
    """The events of a generated workflow, several times over with other uuids; how many events."""
    source = workload.submit_dir(folder / "wf", jobs)
    stampede.run("events", source, "--format", "jsonl", "-o", folder / "events.jsonl")
    text = (folder / "events.jsonl").read_bytes()
    uuids = set(re.findall(rb'"xwf_id":"([0-9a-f-]{36})"', text))
    found = []
    for number in range(_COPIES):
        part = text
        for old in uuids:
            part = part.replace(old, str(uuid.uuid5(uuid.UUID(old.decode()), str(number))).encode())
        found.append(folder / f"run{number}.jsonl")
        found[-1].write_bytes(part)
    return found, text.count(b"\n") * _COPIES


class _Bench:
    """What the measurements share."""

    def __init__(self, stampede: workload.Stampede, folder: Path, files: list[Path], broker: Broker) -> None:
        self.stampede, self.folder, self.files, self.broker = stampede, folder, files, broker
        self.environment = {**os.environ, "TZ": "UTC", "STAMPEDE_STATE": str(folder / "state")}

    def database(self, name: str) -> Path:
        for end in ("", "-wal", "-shm"):
            (self.folder / f"{name}.db{end}").unlink(missing_ok=True)
        return self.folder / f"{name}.db"

    def publish(self, url: str, files: list[Path]) -> float:
        """Seconds until the bus has everything."""
        words = [*self.stampede.words, "publish", *files, "--bus", url, "--spool", self.folder / f"s{uuid.uuid4().hex}"]
        cost = run([str(w) for w in words], env=self.environment)
        if cost.code != 0:
            raise workload.UnavailableError(f"stampede publish ended with {cost.code}: {cost.last_line()}")
        return cost.wall_s

    def consume(self, *targets: tuple[str, Path]) -> float:
        """Seconds until loaders, started together, have stored everything that waits."""
        began, before = time.monotonic(), _children_cpu_s()
        loaders = [
            subprocess.Popen(
                [*self.stampede.words, "consume", "--bus", url, "--db", f"sqlite:///{db}", "--json",
                 "--until-idle", str(_IDLE_S)],
                env=self.environment, stdout=subprocess.PIPE,
            )
            for url, db in targets
        ]  # fmt: skip
        said = [one.communicate()[0] for one in loaders]
        self.stored = [json.loads(text.splitlines()[-1])["events"] for text in said]
        self.cpu_s = _children_cpu_s() - before
        return time.monotonic() - began - _IDLE_S


def _children_cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _measured(
    stampede: workload.Stampede, folder: Path, files: list[Path], events: int, broker: Broker, runs: int
) -> Measured:  # fmt: skip
    bench = _Bench(stampede, folder, files, broker)
    direct_db = bench.database("direct")

    cpu: list[tuple[float, float]] = []
    cpu_two: tuple[list[float], list[float]] = ([], [])
    loads, published, one, shared, apart, heard = [], [], [], [], [], []
    for _ in range(runs):
        bench.database("direct")
        load = stampede.run("load", *files, "--db", f"sqlite:///{direct_db}")
        loads.append(load.wall_s)
        url = broker.url()
        published.append(bench.publish(url, files))
        one.append(bench.consume((url, bench.database("one"))))
        cpu.append((load.cpu_s, bench.cpu_s))
        url = broker.url()
        bench.publish(url, files)
        together = bench.database("shared")
        shared.append(bench.consume((url, together), (url, together)))
        cpu_two[0].append(bench.cpu_s)
        halves = [broker.url(), broker.url()]
        for half, some in zip(halves, (files[::2], files[1::2]), strict=True):
            bench.publish(half, some)
        apart.append(bench.consume(*((half, bench.database(f"apart{n}")) for n, half in enumerate(halves))))
        cpu_two[1].append(bench.cpu_s)
        heard.append(_with_subscriber(bench, broker.url()))
    same = _same(direct_db, [folder / "one.db"]) and _same(direct_db, [folder / "shared.db"])
    same = same and _same(direct_db, [folder / "apart0.db", folder / "apart1.db"])
    figures: dict[str, Any] = {
        "events": events,
        "direct_per_s": round(events / min(loads)),
        "publish_per_s": round(events / min(published)),
        "loader_per_s": round(events / min(one)),
        "loader_to_direct": round(min(loads) / min(one), 2),
        "loader_to_direct_by_cpu": round(min(c[0] for c in cpu) / min(c[1] for c in cpu), 2),
        "two_loaders_one_database_to_one": round(min(one) / min(shared), 2),
        "two_loaders_two_databases_to_one": round(min(one) / min(apart), 2),
        "two_loaders_cpu_to_one": [round(min(some) / min(c[1] for c in cpu), 2) for some in cpu_two],
        "publish_with_subscriber_to_without": round(min(published) / min(heard), 2),
        "rows_equal": same,
    }
    reached = same and figures["loader_to_direct"] >= 0.5
    sentence = (
        f"{figures['loader_per_s']:,} events/s by one loader, {figures['loader_to_direct']} of the direct load; "
        f"two loaders {figures['two_loaders_one_database_to_one']} times one with one database, "
        f"{figures['two_loaders_two_databases_to_one']} with a database each; rows {'equal' if same else 'DIFFER'}"
    )
    return Measured(sentence, "loader at least half of the direct load, rows equal", reached, figures)


def _with_subscriber(bench: _Bench, url: str) -> float:
    """Seconds to publish while somebody hears everything."""
    words = [*bench.stampede.words, "subscribe", "#", "--bus", url, "-o", os.devnull]
    listener = subprocess.Popen(words, env=bench.environment)
    try:
        time.sleep(1.5)
        return bench.publish(url, bench.files)
    finally:
        listener.terminate()
        listener.wait()


def _same(direct: Path, others: list[Path]) -> bool:
    """Whether the tables have as many rows."""
    wanted = workload.row_counts(direct, list(_COUNTED))
    counts = [workload.row_counts(other, list(_COUNTED)) for other in others]
    found = {table: sum(max(c[table], 0) for c in counts) for table in _COUNTED}
    if wanted != found:
        print(f"bus: {wanted} and {found}", file=sys.stderr)
    return wanted == found
