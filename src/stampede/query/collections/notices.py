"""The collections of what is said of a run as a whole: events of its engine, problems, anomalies."""

from __future__ import annotations

from typing import Final

import msgspec

from stampede.query.collections.column import Collection, Column
from stampede.query.collections.parts import WORKFLOW


class EventItem(msgspec.Struct, kw_only=True):
    """Something that the engine of a workflow did or said. ``run`` counts its starts from 1."""

    wf_uuid: str
    workflow: str | None
    ts: float
    state: str
    value: str
    reason: str | None
    run: int


EVENTS: Final = Collection(
    name="events",
    item=EventItem,
    note="What the engines of workflows did and said: starts, ends, halts, rescues, recoveries.",
    columns=(
        *WORKFLOW,
        Column(name="ts", sql="e.ts", kind="time", nullable=False, note="when"),
        Column(name="state", sql="e.state", kind="text", nullable=False, searched=True, note="what"),
        Column(name="value", sql="e.value", kind="text", nullable=False, searched=True, note="of what, or how much"),
        Column(name="reason", sql="e.reason", kind="text", searched=True, note="why"),
        Column(name="run", sql="coalesce(e.restart_count, 0) + 1", kind="integer", nullable=False,
               note="in which run of the engine: 1 is the first"),
    ),
    source="workflow_event e LEFT JOIN workflow w ON w.wf_id = e.wf_id",
    scope="e.wf_id",
    key=("e.wf_id", "e.ts", "e.state", "e.value"),
)  # fmt: skip


class ProblemItem(msgspec.Struct, kw_only=True):
    """Input that could not be taken as it is, with what to do about it."""

    wf_uuid: str | None
    workflow: str | None
    ts: float | None
    kind: str
    severity: str
    file: str
    offset: int
    message: str
    remedy: str | None
    count: int


PROBLEMS: Final = Collection(
    name="problems",
    item=ProblemItem,
    note="Problems met while workflows were read: what could not be taken as it is.",
    columns=(
        Column(name="wf_uuid", sql="w.wf_uuid", kind="text", note="uuid of its workflow; null where none is known"),
        WORKFLOW[1],
        Column(name="ts", sql="p.ts", kind="time", note="when"),
        Column(name="kind", sql="p.kind", kind="text", nullable=False, searched=True, note="kind of problem"),
        Column(name="severity", sql="p.severity", kind="text", nullable=False, note="info, warning, error"),
        Column(name="file", sql="p.file", kind="text", nullable=False, searched=True, note="in which file"),
        Column(name="offset", sql="p.offset", kind="integer", nullable=False,
               note="where in it, in bytes; -1 where that says nothing"),
        Column(name="message", sql="p.message", kind="text", nullable=False, searched=True, note="what it is"),
        Column(name="remedy", sql="p.remedy", kind="text", note="what to do about it"),
        Column(name="count", sql="p.count", kind="integer", nullable=False, note="how often"),
    ),
    source="problem p LEFT JOIN workflow w ON w.wf_id = p.wf_id",
    scope="p.wf_id",
    key=("p.problem_id",),
    table="problem",
)  # fmt: skip


class AnomalyItem(msgspec.Struct, kw_only=True):
    """Something that was not as it was before; numbers are in ``unit``."""

    wf_uuid: str
    workflow: str | None
    kind: str
    subject: str
    ts: float | None
    reason: str
    job: str | None
    attempt: int | None
    hostname: str | None
    transformation: str | None
    unit: str | None
    observed: float | None
    expected: float | None
    low: float | None
    high: float | None
    jobs: int | None
    of_jobs: int | None
    score: float | None


ANOMALIES: Final = Collection(
    name="anomalies",
    item=AnomalyItem,
    note="Anomalies of runs: what was not as it was in earlier runs, or among its like. They belong to root workflows.",
    columns=(
        *WORKFLOW,
        Column(name="kind", sql="a.kind", kind="text", nullable=False, searched=True, note="kind of anomaly"),
        Column(name="subject", sql="a.subject", kind="text", nullable=False, searched=True, note="of what"),
        Column(name="ts", sql="a.ts", kind="time", note="when"),
        Column(name="reason", sql="a.reason", kind="text", nullable=False, searched=True, note="what is not as it was"),
        Column(name="job", sql="a.job", kind="text", note="of which job"),
        Column(name="attempt", sql="a.attempt", kind="integer", note="of which try"),
        Column(name="hostname", sql="a.host", kind="text", note="of which host"),
        Column(name="transformation", sql="a.transformation", kind="text", note="of which transformation"),
        Column(name="unit", sql="a.unit", kind="text", note="unit of the numbers"),
        Column(name="observed", sql="a.observed", kind="number", note="what was seen"),
        Column(name="expected", sql="a.expected", kind="number", note="what was expected"),
        Column(name="low", sql="a.low", kind="number", note="the least that is usual"),
        Column(name="high", sql="a.high", kind="number", note="the most that is usual"),
        Column(name="jobs", sql="a.jobs", kind="integer", note="how many jobs it concerns"),
        Column(name="of_jobs", sql="a.of_jobs", kind="integer", note="of how many"),
        Column(name="score", sql="a.score", kind="number", note="how far it is from what is usual"),
    ),
    source="anomaly a LEFT JOIN workflow w ON w.wf_id = a.wf_id",
    scope="a.wf_id",
    key=("a.wf_id", "a.kind", "a.subject"),
    table="anomaly",
)  # fmt: skip
