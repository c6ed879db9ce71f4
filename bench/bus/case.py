"""``bus``: events through RabbitMQ into SQLite and PostgreSQL, next to the direct load of the same files.

The broker is a node of its own on this machine, and shares the cores with everything else.
"""

from __future__ import annotations

import re
import sys
import uuid
from pathlib import Path
from statistics import median
from typing import Any

from bench import workload
from bench.bus.commands import Commands, Heard
from bench.bus.server import into_server
from bench.measure import workspace
from bench.measured import Measured
from tests.broker import Broker, scripts

#: workflows, so that loaders have something to share
_COPIES = 16
_COUNTED = ("workflow", "task", "job", "job_instance", "jobstate", "invocation")


def bus(stampede: workload.Stampede, jobs: int, runs: int) -> Measured:
    """Rates of publisher, one loader, two loaders, into a file and a server, and what a subscriber costs."""
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


def _measured(
    stampede: workload.Stampede, folder: Path, files: list[Path], events: int, broker: Broker, runs: int
) -> Measured:  # fmt: skip
    bench = Commands(stampede, folder, files, broker)
    direct_db = bench.database("direct")

    cpu: list[tuple[float, float]] = []
    cpu_two: tuple[list[float], list[float]] = ([], [])
    loads, published, one, shared, apart = [], [], [], [], []
    for _ in range(runs):
        bench.database("direct")
        load = stampede.run("load", *files, "--db", f"sqlite:///{direct_db}")
        loads.append(load.wall_s)
        url = broker.url()
        published.append(bench.publish(url, files).wall_s)
        one.append(bench.consume((url, bench.database("one"))))
        cpu.append((load.cpu_s, bench.cpu_s))
        url = broker.url()
        bench.publish(url, files)
        together = bench.database("shared")
        shared.append(bench.consume((url, together), (url, together)))
        cpu_two[0].append(bench.cpu_s)
        url = broker.url()
        bench.publish(url, files)
        apart.append(bench.consume(*((url, bench.database(f"apart{n}")) for n in range(2)), apart=True))
        cpu_two[1].append(bench.cpu_s)
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
        **_subscriber(bench, runs),
        **into_server(bench, events),
        "rows_equal": same,
    }
    reached = same and figures["loader_to_direct"] >= 0.5
    sentence = (
        f"{figures['loader_per_s']:,} events/s by one loader, {figures['loader_to_direct']} of the direct load; "
        f"two loaders {figures['two_loaders_one_database_to_one']} times one with one database, "
        f"{figures['two_loaders_two_databases_to_one']} with a database each; rows {'equal' if same else 'DIFFER'}"
    )
    return Measured(sentence, "loader at least half of the direct load, rows equal", reached, figures)


def _subscriber(bench: Commands, repetitions: int) -> dict[str, Any]:
    """Processor seconds with and without somebody who hears everything: medians of runs that alternate."""
    heard: tuple[list[Heard], list[Heard]] = ([], [])
    for number in range(repetitions):
        for subscribers in ((0, 1), (1, 0))[number % 2]:  # what drifts, drifts for both
            heard[subscribers].append(bench.hear(subscribers))
    return {
        name: {part: round(median(getattr(one, part) for one in some), 2) for part in Heard.__struct_fields__}
        for name, some in zip(("cpu_s_without_subscriber", "cpu_s_with_subscriber"), heard, strict=True)
    }


def _same(direct: Path, others: list[Path]) -> bool:
    """Whether the tables have as many rows."""
    wanted = workload.row_counts(direct, list(_COUNTED))
    counts = [workload.row_counts(other, list(_COUNTED)) for other in others]
    found = {table: sum(max(c[table], 0) for c in counts) for table in _COUNTED}
    if wanted != found:
        print(f"bus: {wanted} and {found}", file=sys.stderr)
    return wanted == found
