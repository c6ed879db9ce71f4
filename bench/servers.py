"""``servers``: generated submit directories into SQLite, PostgreSQL and MariaDB, whole commands.

Two directories of the same size, each a workflow of its own. Into each database: the first alone; the second after it;
and, into another database, both at once. Told are wall time, the processor time of the loaders and of the server per
1,000 events, the load average around it, and how long ``status`` and ``stats`` take. The servers are those of the tests
(``tools/services.py``); what else they do counts as theirs, so where others use those of this host, name idle ones by
``STAMPEDE_TEST_POSTGRESQL`` and ``STAMPEDE_TEST_MARIADB``.
"""

from __future__ import annotations

import json
import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import msgspec

from bench import workload
from bench.measure import Cost, ratio, workspace
from bench.measured import Measured
from bench.server_cpu import pid_of, used_s
from bench.workload import Stampede
from tests.servers import SERVERS, database

_REACH = 0.2


class _Took(msgspec.Struct, frozen=True):
    """What loading cost: seconds by the clock, of the loaders' and of the server's processors; events."""

    wall_s: float
    loaders_s: float
    server_s: float
    events: int

    def told(self) -> dict[str, float]:
        per = 1000 / self.events
        return {
            "s": round(self.wall_s, 2), "events_s": round(self.events / self.wall_s),
            "loaders_cpu_s_per_1000": round(self.loaders_s * per, 4),
            "server_cpu_s_per_1000": round(self.server_s * per, 4),
        }  # fmt: skip


def servers(stampede: Stampede, jobs: int) -> Measured:
    """Events a second into each, as shares of SQLite's of the same run, and what two loaders gain."""
    figures: dict[str, Any] = {"jobs": jobs, "load_average_before": os.getloadavg()[0]}
    rates = {}
    with workspace(jobs * workload.BYTES_PER_JOB * 2) as folder:
        first = workload.submit_dir(folder / "wf", jobs)
        second = workload.submit_dir(folder / "other", jobs, seed=2)
        urls = [f"sqlite:///{folder / name}.db" for name in ("one", "two")]
        rates["sqlite"] = _measured(stampede, first, second, urls, figures, "sqlite")
        for server in SERVERS:
            with database(server) as one, database(server) as two:
                rates[server] = _measured(stampede, first, second, [one, two], figures, server)
                figures[f"{server}_ratio"] = ratio(rates[server], rates["sqlite"])
    figures["load_average_after"] = os.getloadavg()[0]
    sentence = ", ".join(
        f"{name} {rate:,.0f} events/s ({figures[name]['after_each_other_to_at_once']} times as many by two)"
        for name, rate in rates.items()
    )
    reached = all(rates[server] >= _REACH * rates["sqlite"] for server in SERVERS)
    return Measured(sentence, f"each server ≥ {_REACH} of SQLite's rate", reached, figures)


def _measured(
    stampede: Stampede, first: Path, second: Path, urls: list[str], figures: dict[str, Any], name: str
) -> float:  # fmt: skip
    """Fill in the figures of one kind of database; events a second of one loader alone."""
    alone = _loaded(stampede, [first], urls[0])
    told: dict[str, Any] = {"alone": alone.told()}
    for verb in ("status", "stats"):
        told[f"{verb}_s"] = round(stampede.run(verb, "--db", urls[0], ok=(0, 1)).wall_s, 2)
    then = _loaded(stampede, [second], urls[0])
    together = _loaded(stampede, [first, second], urls[1])
    told["after_each_other"] = _Took(
        alone.wall_s + then.wall_s, alone.loaders_s + then.loaders_s, alone.server_s + then.server_s,
        alone.events + then.events,
    ).told()  # fmt: skip
    told["at_once"] = together.told()
    told["after_each_other_to_at_once"] = round((alone.wall_s + then.wall_s) / together.wall_s, 2)
    figures[name] = told
    return alone.events / alone.wall_s


def _loaded(stampede: Stampede, sources: list[Path], url: str) -> _Took:
    """Load into one database, a command for each source, all at once."""
    server = None if url.startswith("sqlite") else pid_of(url)
    before = 0.0 if server is None else used_s(server)
    began = time.perf_counter()
    with ThreadPoolExecutor(len(sources)) as pool:
        costs: list[Cost] = list(pool.map(lambda source: stampede.run("load", source, "--db", url, "--json"), sources))
    wall = time.perf_counter() - began
    used = 0.0 if server is None else used_s(server) - before
    events = sum(int(one["events"]) for cost in costs for one in json.loads(cost.out)["loads"])
    return _Took(wall, sum(cost.cpu_s for cost in costs), used, events)
