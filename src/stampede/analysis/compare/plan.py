"""What was planned otherwise: tasks, jobs, dependencies, programs, requests, versions. These are facts, not samples."""

from __future__ import annotations

from typing import Final

import msgspec

from stampede.query.run_facts import RunFacts

#: names told of each change
NAMED: Final = 10


class PlanChange(msgspec.Struct, kw_only=True):
    """One difference of the plan: ``what`` is tasks_added, tasks_removed, jobs, dependencies, executable,
    requested_memory_mb or version; ``subject`` what it is of; ``examples`` some names of ``count``."""

    what: str
    subject: str
    old: str | None
    new: str | None
    count: int = 0
    examples: list[str] = []


def plan_changes(old: RunFacts, new: RunFacts) -> list[PlanChange]:
    """All differences of the plans, the most telling first."""
    return [*_tasks(old, new), *_jobs(old, new), *_programs(old, new), *_requests(old, new), *_versions(old, new)]


def _tasks(old: RunFacts, new: RunFacts) -> list[PlanChange]:
    found = []
    for what, names in (("tasks_added", new.tasks - old.tasks), ("tasks_removed", old.tasks - new.tasks)):
        if names:
            found.append(PlanChange(
                what=what, subject="tasks", old=str(len(old.tasks)), new=str(len(new.tasks)), count=len(names),
                examples=sorted(names)[:NAMED],
            ))  # fmt: skip
    if old.edges != new.edges:
        found.append(PlanChange(what="dependencies", subject="dependencies", old=str(old.edges), new=str(new.edges),
                                count=abs(new.edges - old.edges)))  # fmt: skip
    return found


def _jobs(old: RunFacts, new: RunFacts) -> list[PlanChange]:
    found = [
        PlanChange(what="jobs", subject=kind, old=str(old.jobs.get(kind, 0)), new=str(new.jobs.get(kind, 0)),
                   count=abs(new.jobs.get(kind, 0) - old.jobs.get(kind, 0)))
        for kind in sorted(old.jobs.keys() | new.jobs.keys())
        if old.jobs.get(kind, 0) != new.jobs.get(kind, 0)
    ]  # fmt: skip
    return sorted(found, key=lambda c: (-c.count, c.subject))


def _programs(old: RunFacts, new: RunFacts) -> list[PlanChange]:
    found = []
    for kind in sorted(old.executables.keys() & new.executables.keys()):
        before, after = old.executables[kind], new.executables[kind]
        # programs that Pegasus writes for each job (PegasusLite) lie in the submit directory and have its names
        names = {p.rsplit("/", 1)[-1] for p in before}, {p.rsplit("/", 1)[-1] for p in after}
        if len(before) == 1 and len(after) == 1 and names[0] != names[1]:
            found.append(PlanChange(what="executable", subject=kind, old=min(before), new=min(after), count=1))
    return found


def _requests(old: RunFacts, new: RunFacts) -> list[PlanChange]:
    found = []
    then, now = _memory(old), _memory(new)
    for kind in sorted(then.keys() & now.keys()):
        if then[kind] != now[kind]:
            found.append(PlanChange(what="requested_memory_mb", subject=kind, old=f"{then[kind]:g}",
                                    new=f"{now[kind]:g}", count=1))  # fmt: skip
    return found


def _memory(run: RunFacts) -> dict[str, float]:
    """The memory that the first try of each kind asked for: later ones may ask for more after a failure."""
    found: dict[str, float] = {}
    for t, kind in zip(run.tries, run.kinds, strict=True):
        if t.request_memory_mb is not None:
            found[kind] = max(found.get(kind, 0.0), t.request_memory_mb) if t.seq == 1 else found.get(kind, 0.0)
    return {k: v for k, v in found.items() if v}


def _versions(old: RunFacts, new: RunFacts) -> list[PlanChange]:
    return [
        PlanChange(what="version", subject=name, old=old.versions.get(name), new=new.versions.get(name), count=1)
        for name in sorted(old.versions.keys() | new.versions.keys())
        if old.versions.get(name) != new.versions.get(name)
    ]
