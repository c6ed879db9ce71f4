"""Tries that ended, what each cost and how it went: what statistics of time, detectors and forecasts learn from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from stampede.model.machine import machine_of
from stampede.query.workflows import Workflow, paths
from stampede.store.reader import Reader, Row

#: ids in one question, below the 250,000 that SQLite compiles in a list
_BLOCK = 500


class EndedTry(msgspec.Struct, kw_only=True, frozen=True):
    """One try of a job that has ended, as a success or not. Times are epoch seconds, None where nothing tells.

    ``path`` is the job's name after those of the workflows above it (``inner/B``), which is the same in each run of the
    workflow. ``runtime_s`` is what its programs ran for (kickstart's or the engine's account; of a cluster the sum),
    else the time between its start and its end on the machine. ``run_start_ts`` and ``run_end_ts`` are the start of the
    first, and the end of the last program; with ``execute_ts`` and ``end_ts`` around them they leave the time for
    moving files in and out. ``exitcode`` is a raw wait status. ``machine`` is the host without the name of the slot.
    """

    job_instance_id: int
    wf_id: int
    path: str
    transformation: str
    type_desc: str
    node_type: str
    seq: int
    restart_count: int
    max_retries: int
    failed: bool
    exitcode: int | None
    site: str | None
    machine: str | None
    slot: str | None
    pre_start_ts: float | None
    submit_ts: float | None
    execute_ts: float | None
    run_start_ts: float | None
    run_end_ts: float | None
    end_ts: float | None
    ended_ts: float
    runtime_s: float | None
    cpu_s: float | None
    memory_mb: float | None
    request_memory_mb: float | None
    hold_count: int
    evict_count: int

    @property
    def queue_s(self) -> float | None:
        """Seconds between submission and the (last) start on a machine."""
        return _between(self.submit_ts, self.execute_ts)

    @property
    def stage_in_s(self) -> float | None:
        """Seconds on the machine before the first program began."""
        return _between(self.execute_ts, self.run_start_ts)

    @property
    def stage_out_s(self) -> float | None:
        """Seconds on the machine after the last program ended."""
        return _between(self.run_end_ts, self.end_ts)


def _between(start: float | None, end: float | None) -> float | None:
    return None if start is None or end is None else max(0.0, end - start)


_ENDED = """
SELECT i.job_instance_id, j.wf_id, j.exec_job_id,
       coalesce(j.transformation, (SELECT min(t.transformation) FROM task t WHERE t.job_id = j.job_id),
                v.transformation, j.type_desc),
       j.type_desc, j.node_type, i.job_submit_seq, coalesce(i.restart_count, 0), j.max_retries,
       i.outcome = 'failed', coalesce(i.main_exitcode, i.exitcode), i.site,
       coalesce(nullif(h.hostname, 'unknown'), u.hostname, i.slot), i.slot, i.pre_start_ts, i.submit_ts, i.execute_ts,
       v.started, v.ended, i.end_ts,
       max(coalesce(i.post_end_ts, 0), coalesce(i.end_ts, 0), coalesce(i.pre_end_ts, 0),
           CASE WHEN i.end_ts IS NULL AND i.pre_end_ts IS NULL THEN coalesce(i.state_ts, 0) ELSE 0 END),
       coalesce(v.runtime, i.end_ts - i.execute_ts),
       coalesce(v.cpu, u.cpu_user_s + u.cpu_system_s),
       coalesce(u.used_memory_mb, v.maxrss / 1024.0), u.req_memory_mb, i.hold_count, i.evict_count
FROM job j JOIN job_instance i ON i.job_id = j.job_id
LEFT JOIN host h ON h.host_id = i.host_id
LEFT JOIN resource_usage u ON u.job_instance_id = i.job_instance_id
LEFT JOIN (SELECT job_instance_id, min(transformation) AS transformation, min(start_time) AS started,
                  max(start_time + remote_duration) AS ended, sum(remote_duration) AS runtime,
                  sum(remote_cpu_time) AS cpu, max(maxrss) AS maxrss
           FROM invocation WHERE task_submit_seq > 0 AND {part} GROUP BY job_instance_id) v
    ON v.job_instance_id = i.job_instance_id
WHERE {these} AND i.outcome IS NOT NULL AND j.node_type <> 'service'
"""
_OF_WORKFLOW = _ENDED.format(part="wf_id = :wf", these="j.wf_id = :wf")


def ended_tries(reader: Reader, workflows: Sequence[Workflow]) -> list[EndedTry]:
    """All ended tries of these workflows, in the order in which they ended.

    ``workflows`` is a forest (:func:`stampede.query.workflows.forest`); tries of the jobs that run its sub-workflows
    are among them (``node_type`` subdag).
    """
    prefix = paths(list(workflows))
    found = [_ended(row, prefix) for w in workflows for row in reader.iterate(_OF_WORKFLOW, {"wf": w.wf_id})]
    found.sort(key=_order)
    return found


def ended_among(reader: Reader, workflows: Sequence[Workflow], instances: Sequence[int]) -> list[EndedTry]:
    """Those of the job instances with these keys that have ended, in the order in which they ended.

    Instances of workflows that are not among ``workflows`` are left out.
    """
    return list(_of_instances(reader, paths(list(workflows)), instances))


def _of_instances(reader: Reader, prefix: dict[int, str], instances: Sequence[int]) -> Iterator[EndedTry]:
    found: list[EndedTry] = []
    for at in range(0, len(instances), _BLOCK):
        ids = ", ".join(str(int(i)) for i in instances[at : at + _BLOCK])
        sql = _ENDED.format(part=f"job_instance_id IN ({ids})", these=f"i.job_instance_id IN ({ids})")
        found += [_ended(row, prefix) for row in reader.iterate(sql) if row[1] in prefix]
    found.sort(key=_order)
    yield from found


def _order(one: EndedTry) -> tuple[float, str, int]:
    return one.ended_ts, one.path, one.seq


def _ended(row: Row, prefix: dict[int, str]) -> EndedTry:
    (
        instance, wf_id, job, transformation, type_desc, node_type, seq, restart, retries, failed, exitcode, site, host,
        slot, pre, submit, execute, run_start, run_end, end, ended, runtime, cpu, memory, request, holds, evictions,
    ) = row  # fmt: skip
    return EndedTry(
        job_instance_id=instance, wf_id=wf_id, path=prefix[wf_id] + job, transformation=transformation,
        type_desc=type_desc, node_type=node_type, seq=seq, restart_count=restart, max_retries=retries,
        failed=bool(failed), exitcode=exitcode, site=site, machine=machine_of(host), slot=slot, pre_start_ts=pre,
        submit_ts=submit, execute_ts=execute, run_start_ts=run_start, run_end_ts=run_end, end_ts=end, ended_ts=ended,
        runtime_s=runtime, cpu_s=cpu, memory_mb=memory, request_memory_mb=request, hold_count=holds,
        evict_count=evictions,
    )  # fmt: skip
