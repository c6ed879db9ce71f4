"""``servers``: one generated submit directory into SQLite, PostgreSQL and MariaDB, a whole command each.

The servers are those of the tests (``tools/services.py``). Besides the load: how long ``status`` and ``stats`` take on
each, and two loaders of two directories at once.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench import workload
from bench.measure import Cost, ratio, workspace
from bench.measured import Measured
from bench.workload import Stampede
from tests.servers import SERVERS, database

_REACH = 0.2


def servers(stampede: Stampede, jobs: int) -> Measured:
    """Events a second into each, as shares of SQLite's of the same run."""
    figures: dict[str, Any] = {"jobs": jobs}
    with workspace(jobs * workload.BYTES_PER_JOB * 2) as folder:
        source = workload.submit_dir(folder / "wf", jobs)
        second = workload.submit_dir(folder / "other", max(jobs // 2, 100))
        url = f"sqlite:///{folder / 'one.db'}"
        base = _loaded(stampede, source, url, figures, "sqlite")
        for server in SERVERS:
            with database(server) as url:
                took = _loaded(stampede, source, url, figures, server)
                figures[f"{server}_ratio"] = ratio(base, took)
                figures[f"{server}_two"] = _together(stampede, server, source, second, figures[f"{server}_s"])
    sentence = ", ".join(
        f"{name} {figures[f'{name}_events_s']:,.0f} events/s ({figures[f'{name}_s']} s)"
        for name in ("sqlite", *SERVERS)
    )
    reached = all(figures[f"{server}_ratio"] >= _REACH for server in SERVERS)
    return Measured(sentence, f"each server ≥ {_REACH} of SQLite's rate", reached, figures)


def _loaded(stampede: Stampede, source: Path, url: str, figures: dict[str, Any], name: str) -> float:
    """Load, then ask; the seconds that the load took."""
    cost: Cost = stampede.run("load", source, "--db", url, "--json")
    events = sum(int(one["events"]) for one in json.loads(cost.out)["loads"])
    figures["events"] = events
    figures[f"{name}_s"] = round(cost.wall_s, 2)
    figures[f"{name}_cpu_s"] = round(cost.cpu_s, 2)
    figures[f"{name}_events_s"] = round(events / cost.wall_s)
    for verb in ("status", "stats"):
        figures[f"{name}_{verb}_s"] = round(stampede.run(verb, "--db", url, ok=(0, 1)).wall_s, 2)
    return cost.wall_s


def _together(stampede: Stampede, server: str, source: Path, second: Path, alone_s: float) -> dict[str, float]:
    """Two loaders at once into one database: seconds until both are through."""
    with database(server) as url:
        began = time.perf_counter()
        work: list[Callable[[], Any]] = [
            lambda: stampede.run("load", source, "--db", url),
            lambda: stampede.run("load", second, "--db", url),
        ]
        threads = [threading.Thread(target=one) for one in work]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        took = time.perf_counter() - began
    return {"both_s": round(took, 2), "first_alone_s": alone_s}
