"""What was found not to be as it was, and what there is to count by host."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from stampede.model.machine import machine_of
from stampede.query.workflows import Workflow
from stampede.store.reader import Reader


class StoredAnomaly(msgspec.Struct, kw_only=True, frozen=True):
    """A row of ``anomaly``; see :class:`stampede.analysis.anomaly.finding.Anomaly` for what the fields mean."""

    wf_uuid: str
    kind: str
    subject: str
    ts: float | None
    reason: str
    job: str | None
    attempt: int | None
    host: str | None
    transformation: str | None
    unit: str | None
    observed: float | None
    expected: float | None
    low: float | None
    high: float | None
    jobs: int | None
    of_jobs: int | None
    score: float | None


_COLUMNS = ", ".join(f"a.{name}" for name in StoredAnomaly.__struct_fields__ if name != "wf_uuid")


def anomalies(reader: Reader, root: Workflow, *, until_ts: float | None = None) -> list[StoredAnomaly]:
    """What was found in the run of a root workflow, in order of time; with ``until_ts`` what was told by then.

    A database from before there were anomalies has none.
    """
    if not reader.columns("anomaly"):
        return []
    rows = reader.rows(
        f"SELECT w.wf_uuid, {_COLUMNS} FROM anomaly a JOIN workflow w ON w.wf_id = a.wf_id "
        "WHERE a.wf_id = ? AND coalesce(a.ts, 0) <= ? ORDER BY a.ts, a.kind, a.subject",
        (root.wf_id, float("inf") if until_ts is None else until_ts),
    )
    return [StoredAnomaly(**dict(zip(StoredAnomaly.__struct_fields__, row, strict=True))) for row in rows]


class HostTries(msgspec.Struct, kw_only=True):
    """The tries of a run on a machine: begun, ended, failed, begun and not ended, and the seconds they took in all."""

    host: str
    started: int = 0
    ended: int = 0
    failed: int = 0
    unended: int = 0
    busy_s: float = 0.0
    cpu_s: float = 0.0


def tries_by_host(reader: Reader, forest: Sequence[Workflow]) -> list[HostTries]:
    """What ran where, the busiest machine first. Slots of a machine count as one."""
    found: dict[str, HostTries] = {}
    for workflow in forest:
        rows = reader.iterate(
            """SELECT coalesce(nullif(h.hostname, 'unknown'), u.hostname, i.slot, ''), count(*),
                      sum(i.outcome IS NOT NULL), sum(coalesce(i.outcome = 'failed', 0)),
                      sum(i.end_ts IS NULL AND i.outcome IS NULL),
                      sum(coalesce(i.end_ts - i.execute_ts, 0)),
                      sum(coalesce((SELECT sum(v.remote_cpu_time) FROM invocation v
                           WHERE v.job_instance_id = i.job_instance_id AND v.task_submit_seq > 0),
                          u.cpu_user_s + u.cpu_system_s, 0))
               FROM job j JOIN job_instance i ON i.job_id = j.job_id
               LEFT JOIN host h ON h.host_id = i.host_id
               LEFT JOIN resource_usage u ON u.job_instance_id = i.job_instance_id
               WHERE j.wf_id = ? AND i.execute_ts IS NOT NULL AND j.node_type NOT IN ('service', 'subdag')
               GROUP BY 1""",
            (workflow.wf_id,),
        )
        for host, started, ended, failed, unended, busy, cpu in rows:
            name = machine_of(host) or ""
            at = found.setdefault(name, HostTries(host=name))
            at.started += started
            at.ended += ended
            at.failed += failed
            at.unended += unended
            at.busy_s += busy or 0.0
            at.cpu_s += cpu or 0.0
    return sorted(found.values(), key=lambda h: (-h.busy_s, h.host))
