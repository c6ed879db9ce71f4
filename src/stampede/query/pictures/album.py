"""All pictures of a run that are wanted, from one reading of its tries."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final, Literal, Protocol, get_args

import msgspec

from stampede.query.pictures.breakdown import Breakdown, BreakdownCollector
from stampede.query.pictures.failures import Failures, FailuresCollector
from stampede.query.pictures.gantt import Gantt, GanttCollector
from stampede.query.pictures.hosts import Hosts, HostsCollector
from stampede.query.pictures.lanes import By
from stampede.query.pictures.runtimes import Distributions, RuntimesCollector
from stampede.query.pictures.states import JobStates, job_states
from stampede.query.pictures.tries import DrawnTry, drawn_tries
from stampede.query.pictures.window import Window
from stampede.query.workflows import Workflow
from stampede.store.reader import Reader

Kind = Literal["gantt", "hosts", "jobs", "breakdown", "failures", "runtimes"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)


class Album(msgspec.Struct, kw_only=True, omit_defaults=True):
    """The data of the pictures that were asked for; the others are None."""

    window: Window
    gantt: Gantt | None = None
    hosts: Hosts | None = None
    jobs: JobStates | None = None
    breakdown: Breakdown | None = None
    failures: Failures | None = None
    runtimes: Distributions | None = None


class _Collector(Protocol):
    def add(self, one: DrawnTry) -> None: ...


def album(
    reader: Reader, workflows: Sequence[Workflow], window: Window, *, kinds: Collection[Kind] = KINDS,
    by: By = "job", width: int = 1200,
) -> Album:  # fmt: skip
    """Read the tries of these workflows once for all ``kinds`` (jobs by state are counted by the database). ``width``
    is that of the picture in pixels: nothing is told in more detail than it can show. ``by`` is for the Gantt picture.
    """
    fine, coarse = max(50, min(width // 2, 1000)), max(25, min(width // 5, 400))
    gantt = GanttCollector(workflows, window, by=by, bins=coarse * 2)
    hosts = HostsCollector(window, bins=coarse)
    breakdown = BreakdownCollector(window)
    failures = FailuresCollector(window, bins=max(20, min(width // 12, 120)))
    runtimes = RuntimesCollector(window)
    every: dict[Kind, _Collector] = {"gantt": gantt, "hosts": hosts, "breakdown": breakdown,
                                     "failures": failures, "runtimes": runtimes}  # fmt: skip
    wanted = [every[kind].add for kind in every if kind in kinds]
    for one in drawn_tries(reader, workflows, window) if wanted else ():
        for add in wanted:
            add(one)
    return Album(
        window=window,
        gantt=gantt.result(reader) if "gantt" in kinds else None,
        hosts=hosts.result() if "hosts" in kinds else None,
        jobs=job_states(reader, workflows, window, bins=fine) if "jobs" in kinds else None,
        breakdown=breakdown.result() if "breakdown" in kinds else None,
        failures=failures.result() if "failures" in kinds else None,
        runtimes=runtimes.result() if "runtimes" in kinds else None,
    )
