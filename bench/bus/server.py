"""Through the bus into PostgreSQL: one loader, two loaders that share the workflows, and the direct load."""

from __future__ import annotations

import os
from typing import Any

from bench.bus.commands import Commands
from bench.server_cpu import pid_of, used_s
from tests.servers import database


def into_server(bench: Commands, events: int) -> dict[str, Any]:
    """Seconds, and processor seconds of loaders and server per 1,000 events, of each way into an empty database."""
    load = _way(bench, events, 0)
    one, two, apart = _way(bench, events, 1), _way(bench, events, 2), _way(bench, events, 2, apart=True)
    return {
        "postgresql_load_average": round(os.getloadavg()[0], 1),
        "postgresql_direct": load, "postgresql_one_consume": one, "postgresql_two_consume": two,
        "postgresql_two_databases": apart,
        "postgresql_one_consume_to_direct": round(load["s"] / one["s"], 2),
        "postgresql_two_consume_to_one": round(one["s"] / two["s"], 2),
        "postgresql_two_databases_to_one": round(one["s"] / apart["s"], 2),
    }  # fmt: skip


def _way(bench: Commands, events: int, loaders: int, *, apart: bool = False) -> dict[str, Any]:
    bus = bench.broker.url()
    if loaders:
        bench.publish(bus, bench.files)
    with database("postgresql") as url, database("postgresql") as other:
        server = pid_of(url)
        before = used_s(server)
        if loaders:
            took = bench.consume(*((bus, db) for db in (url, other if apart else url)[:loaders]), apart=apart)
            cpu, shares = bench.cpu_s, list(bench.stored)
        else:
            cost = bench.stampede.run("load", *bench.files, "--db", url)
            took, cpu, shares = cost.wall_s, cost.cpu_s, [events]
        used = used_s(server) - before
    per = 1000 / events
    return {
        "s": round(took, 2), "events_s": round(events / took), "events_of_each": shares,
        "loaders_cpu_s_per_1000": round(cpu * per, 4), "server_cpu_s_per_1000": round(used * per, 4),
    }  # fmt: skip
