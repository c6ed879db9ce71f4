"""A recorded run as it stood at a time before its end: what ended runs are learned from, and forecasts are tried on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec

from stampede.analysis.forecast.evidence import Evidence, gathered
from stampede.analysis.forecast.facts import Ahead, Group, OpenJob, Running, Try

#: the kind of jobs that are known by their number only
UNNAMED = "(unnamed)"
#: shares of its time at which an ended run is looked back at
SHARES = (0.1, 0.25, 0.5, 0.75)


class Planned(NamedTuple):
    """A job of the plan: its kind, and how often it may be tried (retries + 1)."""

    kind: str
    tries: int


class Snapshot(msgspec.Struct, frozen=True):
    """A run as it stood at a time."""

    evidence: Evidence
    ahead: Ahead
    ts: float


def snapshot(plan: Mapping[str, Planned], tries: Sequence[Try], now: float, *, unnamed: int = 0) -> Snapshot:
    """How a run stood at ``now``: tries that had ended by then are known as ended, those that had begun as running.

    ``tries`` are in the order of their ends. ``unnamed`` jobs are beside those of the plan.
    """
    ended = [t for t in tries if t.end_ts <= now]
    running = [
        Running(t.job, t.kind, t.host, t.start_ts)
        for t in tries
        if t.start_ts is not None and t.start_ts <= now < t.end_ts
    ]
    done = {t.job for t in ended if not t.failed}
    failures = Counter(t.job for t in ended if t.failed and t.job not in done)
    last = {t.job: t for t in ended}
    here = {r.job: r.host for r in running}
    fresh = Counter(job for name, job in plan.items() if name not in done and name not in failures)
    groups = [Group(job.kind, job.tries, n) for job, n in fresh.items()]
    if unnamed:
        groups.append(Group(UNNAMED, max((job.tries for job in plan.values()), default=1), unnamed))
    open_jobs, exhausted = [], []
    for name, failed in failures.items():
        kind, allowed = plan.get(name, Planned(last[name].kind, 1))
        if failed >= allowed:
            exhausted.append(name)
        else:
            host = last[name].host
            open_jobs.append(
                OpenJob(job=name, kind=kind, tries=allowed, failed=failed, last_host=host, host=here.get(name))
            )
    ahead = Ahead(
        total=len(plan) + unnamed, groups=groups, open_jobs=open_jobs, running=running, exhausted=exhausted
    )  # fmt: skip
    return Snapshot(gathered(ended), ahead, now)


class EndedRun(msgspec.Struct, frozen=True, kw_only=True):
    """A run to learn from: its label, whether it failed, all its evidence, and how it stood at some times before."""

    label: str
    failed: bool
    evidence: Evidence
    snapshots: list[Snapshot] = []


def ended_run(
    label: str, failed: bool, plan: Mapping[str, Planned], tries: Sequence[Try], times: Sequence[float],
    *, unnamed: int = 0,
) -> EndedRun:  # fmt: skip
    """What is kept of a run that has ended, with how it stood at these times."""
    snapshots = [snapshot(plan, tries, ts, unnamed=unnamed) for ts in times]
    return EndedRun(label=label, failed=failed, evidence=gathered(tries), snapshots=snapshots)
