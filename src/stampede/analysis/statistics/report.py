"""The statistics of one workflow or of many."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from stampede.analysis.statistics.calendar import Host, Period, StartOf, hosts, periods
from stampede.analysis.statistics.groups import Group, group, groups
from stampede.analysis.statistics.outcomes import Outcomes, Walls, WorkflowLine, line, walls
from stampede.analysis.statistics.phases import PhaseTime, phases
from stampede.analysis.statistics.transformations import Transformation, transformations
from stampede.query.statistics.integrity import Checks
from stampede.query.statistics.invocations import Invocations
from stampede.query.statistics.times import Machine, Span
from stampede.query.statistics.tries import Tries
from stampede.query.statistics.workflows import Counts


class Sums(msgspec.Struct, kw_only=True):
    """What was asked for of a database, or of several together. A part that was not asked for is empty.

    ``missing`` is how many blocks of jobs had to be added up from their rows.
    """

    missing: int = 0
    counts: list[Counts] = []
    tries: list[Tries] = []
    invocations: list[Invocations] = []
    spans: list[Span] = []
    machines: list[Machine] = []
    checks: list[Checks] = []


class Integrity(msgspec.Struct, kw_only=True):
    """Checksums of files by kind; ``errors`` of all tries, ``failures``: jobs whose last try failed and had some."""

    checks: list[Checks]
    errors: int
    failures: int


class Statistics(msgspec.Struct, kw_only=True):
    """All of it. ``types``, ``transformations`` and ``sites`` are groups of tries; ``programs`` are invocations by
    transformation. ``all`` is everything as one group."""

    workflows: list[WorkflowLine]
    tasks: Outcomes
    jobs: Outcomes
    sub_workflows: Outcomes
    restarts: int
    walls: Walls
    all: Group
    phases: list[PhaseTime]
    programs: list[Transformation]
    types: list[Group]
    transformations: list[Group]
    sites: list[Group]
    hosts: list[Host]
    periods: list[Period]
    integrity: Integrity


def statistics(sums: Sums, start_of: StartOf) -> Statistics:
    """What the sums mean; ``start_of`` gives the beginning of the day or hour that a time (epoch seconds) lies in."""
    lines = [line(c) for c in sums.counts]
    own = [t for t in sums.tries if not t.sub]
    return Statistics(
        workflows=lines,
        tasks=_together(w.tasks for w in lines),
        jobs=_together(w.jobs for w in lines),
        sub_workflows=_together(w.sub_workflows for w in lines),
        restarts=sum(w.restarts for w in lines),
        walls=walls(sums.counts, sums.invocations, sums.tries),
        all=group(own, "all"),
        phases=phases(sums.tries),
        programs=transformations(sums.invocations),
        types=groups(sums.tries, lambda t: t.type_desc),
        transformations=groups(own, lambda t: t.transformation),
        sites=groups(own, lambda t: t.site),
        hosts=hosts(sums.machines),
        periods=periods(sums.spans, start_of),
        integrity=_integrity(sums),
    )


def _together(parts: Iterable[Outcomes]) -> Outcomes:
    total = Outcomes()
    for part in parts:
        total.add(part)
    return total


def _integrity(sums: Sums) -> Integrity:
    together: dict[tuple[str, str], Checks] = {}
    for one in sums.checks:
        known = together.get((one.type, one.file_type))
        if known is None:
            together[one.type, one.file_type] = msgspec.structs.replace(one, wf_id=None)
        else:
            known.files += one.files
            known.duration_s += one.duration_s
    tried = [t for c in sums.counts for t in (c.jobs, c.sub)]
    return Integrity(
        checks=[together[key] for key in sorted(together)],
        errors=sum(t.integrity_errors for t in tried),
        failures=sum(t.integrity_failures for t in tried),
    )


def each_workflow(sums: Sums, start_of: StartOf) -> list[Statistics]:
    """The statistics of every workflow by itself, from sums that were asked for apart."""
    parts: dict[int, Sums] = {c.wf_id: Sums(counts=[msgspec.structs.replace(c, root=True)]) for c in sums.counts}
    for name in ("tries", "invocations", "spans", "machines", "checks"):
        for one in getattr(sums, name):
            if one.wf_id in parts:
                own: list[object] = getattr(parts[one.wf_id], name)
                own.append(one)
    return [statistics(part, start_of) for part in parts.values()]
