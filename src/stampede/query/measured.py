"""Ended tries as a detector needs them: few columns, in the order in which they ended, in constant memory.

``query.ended`` answers the same question in full; a detector goes through a million of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import msgspec

from stampede.model.machine import machine_of
from stampede.query.workflows import Workflow, paths
from stampede.store.reader import Reader, Row

#: names in one question
_BLOCK: Final = 300


class MeasuredTry(msgspec.Struct, kw_only=True, frozen=True, gc=False):
    """An ended try. Times are epoch seconds, durations seconds, None where nothing tells.

    ``path`` is the job's name after those of the workflows above it, ``transformation`` None where only the type of the
    job is known. ``duration_s`` is the time on the machine, ``work_s`` that of the programs, ``staging_s`` what passed
    before the first of them began.
    """

    job_instance_id: int
    path: str
    attempt: int
    transformation: str | None
    type_desc: str
    failed: bool
    machine: str | None
    submit_ts: float | None
    execute_ts: float | None
    ended_ts: float
    duration_s: float | None
    work_s: float | None
    staging_s: float | None
    cpu_s: float | None


class OpenTry(msgspec.Struct, kw_only=True, frozen=True, gc=False):
    """A try that began to run (``execute_ts``) and of which nothing tells that it ended.

    ``superseded``: a later try of the job has begun; ``over``: its workflow has ended. ``last_ts`` is the time of the
    last record of its workflow.
    """

    path: str
    attempt: int
    transformation: str | None
    machine: str | None
    submit_ts: float | None
    execute_ts: float
    superseded: bool
    over: bool
    last_ts: float


_TRANSFORMATION = """
       coalesce(j.transformation, (SELECT min(t.transformation) FROM task t WHERE t.job_id = j.job_id){invoked})
"""
_ENDED_TS = """max(coalesce(i.post_end_ts, 0), coalesce(i.end_ts, 0), coalesce(i.pre_end_ts, 0),
           CASE WHEN i.end_ts IS NULL AND i.pre_end_ts IS NULL THEN coalesce(i.state_ts, 0) ELSE 0 END)"""
_MEASURED = f"""
SELECT i.job_instance_id, j.wf_id, j.exec_job_id, i.job_submit_seq,
       {_TRANSFORMATION.format(invoked=", v.transformation")},
       j.type_desc, i.outcome = 'failed', coalesce(nullif(h.hostname, 'unknown'), u.hostname, i.slot),
       i.submit_ts, i.execute_ts, {_ENDED_TS} AS ended_ts, coalesce(i.end_ts - i.execute_ts, v.runtime), v.runtime,
       max(v.started - i.execute_ts, 0), coalesce(v.cpu, u.cpu_user_s + u.cpu_system_s)
FROM job j JOIN job_instance i ON i.job_id = j.job_id
LEFT JOIN host h ON h.host_id = i.host_id
LEFT JOIN resource_usage u ON u.job_instance_id = i.job_instance_id
LEFT JOIN (SELECT job_instance_id, min(transformation) AS transformation, min(start_time) AS started,
                  sum(remote_duration) AS runtime, sum(remote_cpu_time) AS cpu
           FROM invocation WHERE task_submit_seq > 0 AND {{part}} GROUP BY job_instance_id) v
    ON v.job_instance_id = i.job_instance_id
WHERE {{these}} AND i.outcome IS NOT NULL AND j.node_type NOT IN ('service', 'subdag') AND NOT coalesce(j.noop, 0)
"""
_OF_ROOT = "wf_id IN (SELECT wf_id FROM workflow WHERE root_wf_id = :root)"
#: the order does not depend on that of loading
_ORDER = " ORDER BY ended_ts, j.exec_job_id, i.job_submit_seq, (SELECT wf_uuid FROM workflow w WHERE w.wf_id = j.wf_id)"


def measured_tries(reader: Reader, root: Workflow, forest: Sequence[Workflow]) -> Iterator[MeasuredTry]:
    """All ended tries of a root and of what is below it (``forest``), one by one, in the order in which they ended.

    Jobs that run sub-workflows are not among them, nor nodes that do nothing.
    """
    prefix = paths(list(forest))
    sql = _MEASURED.format(part=_OF_ROOT, these=f"j.{_OF_ROOT}") + _ORDER
    for row in reader.iterate(sql, {"root": root.wf_id}):
        yield _measured(row, prefix)


def measured_among(
    reader: Reader, forest: Sequence[Workflow], named: Iterable[tuple[str, str, int]]
) -> list[MeasuredTry]:
    """Those of the named tries (uuid of the workflow, job, number of the try) that have ended, in their order."""
    prefix = paths(list(forest))
    wf_ids = {w.wf_uuid: w.wf_id for w in forest}
    wanted = [(wf_ids[uuid], job, seq) for uuid, job, seq in named if uuid in wf_ids]
    found: list[MeasuredTry] = []
    for at in range(0, len(wanted), _BLOCK):
        part = wanted[at : at + _BLOCK]
        ids = _instances(reader, part)
        sql = _MEASURED.format(part=f"job_instance_id IN ({ids})", these=f"i.job_instance_id IN ({ids})")
        found += [_measured(row, prefix) for row in reader.iterate(sql)]
    found.sort(key=lambda t: (t.ended_ts, t.path, t.attempt))
    return found


def _instances(reader: Reader, named: Sequence[tuple[int, str, int]]) -> str:
    marks = ", ".join("(?, ?, ?)" for _ in named)
    rows = reader.rows(
        f"WITH named(wf, job, seq) AS (VALUES {marks}) SELECT i.job_instance_id FROM named n "
        "CROSS JOIN job j ON j.wf_id = n.wf AND j.exec_job_id = n.job "
        "CROSS JOIN job_instance i ON i.job_id = j.job_id AND i.job_submit_seq = n.seq",
        [value for name in named for value in name],
    )
    return ", ".join(str(row[0]) for row in rows)


def _measured(row: Row, prefix: dict[int, str]) -> MeasuredTry:
    instance, wf_id, job, seq, what, kind, failed, host, submit, execute, ended, duration, work, staging, cpu = row
    return MeasuredTry(
        job_instance_id=instance, path=prefix.get(wf_id, "") + job, attempt=seq, transformation=what or None,
        type_desc=kind, failed=bool(failed), machine=machine_of(host), submit_ts=submit, execute_ts=execute,
        ended_ts=ended, duration_s=duration, work_s=work, staging_s=staging, cpu_s=cpu,
    )  # fmt: skip


_OPEN = f"""
SELECT j.wf_id, j.exec_job_id, i.job_submit_seq, {_TRANSFORMATION.format(invoked="")},
       coalesce(nullif(h.hostname, 'unknown'), i.slot), i.submit_ts, i.execute_ts,
       EXISTS (SELECT 1 FROM job_instance n WHERE n.job_id = i.job_id AND n.job_submit_seq > i.job_submit_seq),
       w.state IN ('success', 'failed', 'removed', 'halted'), coalesce(w.last_ts, i.execute_ts)
FROM job j JOIN job_instance i ON i.job_id = j.job_id JOIN workflow w ON w.wf_id = j.wf_id
LEFT JOIN host h ON h.host_id = i.host_id
WHERE j.{_OF_ROOT} AND {{which}} i.outcome IS NULL AND i.execute_ts IS NOT NULL AND i.end_ts IS NULL
      AND j.node_type NOT IN ('service', 'subdag')
ORDER BY j.exec_job_id, i.job_submit_seq
"""


def open_tries(reader: Reader, root: Workflow, forest: Sequence[Workflow], *, latest: bool = False) -> list[OpenTry]:
    """Tries that began to run and did not end; with ``latest`` only those of nodes that run now, which costs little."""
    prefix = paths(list(forest))
    sql = _OPEN.format(which="j.node_state = 'queued' AND" if latest else "")
    return [
        OpenTry(path=prefix.get(wf, "") + job, attempt=seq, transformation=what or None, machine=machine_of(host),
                submit_ts=submit, execute_ts=execute, superseded=bool(superseded), over=bool(over), last_ts=last)
        for wf, job, seq, what, host, submit, execute, superseded, over, last in
        reader.iterate(sql, {"root": root.wf_id})
    ]  # fmt: skip


def pauses(reader: Reader, root: Workflow) -> list[tuple[float, float]]:
    """Stretches in which the engine did not run: from the end of one of its runs to the start of the next."""
    rows = reader.rows(
        "SELECT state, timestamp FROM workflowstate WHERE wf_id = ? ORDER BY timestamp, state DESC", (root.wf_id,)
    )
    found: list[tuple[float, float]] = []
    stopped: float | None = None
    for state, ts in rows:
        if state == "WORKFLOW_TERMINATED":
            stopped = ts
        elif stopped is not None:
            found.append((stopped, ts))
            stopped = None
    return found
