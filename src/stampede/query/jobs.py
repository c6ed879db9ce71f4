"""Jobs of a workflow: lists by filter, and one job with all its tries."""

from __future__ import annotations

from typing import Any

import msgspec

from stampede.errors import UsageError
from stampede.model.exits import Exit, from_raw
from stampede.query.workflows import Workflow, paths
from stampede.store.reader import Reader


class JobRow(msgspec.Struct, kw_only=True):
    """A job and how its last try stands; ``path`` with the sub-workflows it lies in. Times are epoch seconds."""

    wf_uuid: str
    workflow: str | None
    job: str
    path: str
    type: str
    node_type: str
    transformation: str | None
    state: str
    attempts: int
    max_retries: int
    last_state: str | None
    outcome: str | None
    exit: Exit | None
    site: str | None
    slot: str | None
    submit_ts: float | None
    execute_ts: float | None
    end_ts: float | None
    duration_s: float | None
    hold_reason: str | None

    @property
    def word(self) -> str:
        """Its state in a word; what waits in HTCondor's queue is told apart."""
        if self.state != "queued":
            return self.state
        if self.last_state == "JOB_HELD":
            return "held"
        return "running" if self.execute_ts is not None and self.end_ts is None else "queued"


SORTS = {
    "name": "j.exec_job_id",
    "state": "j.node_state",
    "attempts": "j.attempts",
    "duration": "duration",
    "started": "i.execute_ts",
    "ended": "i.end_ts",
    "exitcode": "i.exitcode",
    "type": "j.type_desc",
}

_SQL = """
SELECT w.wf_uuid, w.dax_label, j.exec_job_id, j.wf_id, j.type_desc, j.node_type,
       coalesce(j.transformation, (SELECT min(t.transformation) FROM task t WHERE t.job_id = j.job_id)),
       j.node_state, j.attempts, j.max_retries, i.state, i.outcome, i.exitcode, i.site, i.slot, i.submit_ts,
       i.execute_ts, i.end_ts, coalesce(i.local_duration, i.end_ts - i.execute_ts) AS duration,
       CASE WHEN i.state = 'JOB_HELD' THEN i.hold_reason END
FROM job j JOIN workflow w ON w.wf_id = j.wf_id
LEFT JOIN job_instance i ON i.job_instance_id = j.last_job_instance_id
"""


def list_jobs(
    reader: Reader,
    workflows: list[Workflow],
    *,
    state: str | None = None,
    name: str | None = None,
    type_desc: str | None = None,
    transformation: str | None = None,
    held: bool = False,
    retried: bool = False,
    sort: str = "name",
    descending: bool = False,
    limit: int = 100,
) -> list[JobRow]:
    """Jobs of the workflows by filter; ``name`` and ``transformation`` may hold ``*``.

    Raises UsageError for a bad sort.
    """
    if sort not in SORTS:
        raise UsageError(f"Jobs cannot be sorted by {sort}; known are {', '.join(SORTS)}.")
    marks = ", ".join("?" * len(workflows))
    where: list[str] = [f"j.wf_id IN ({marks})"]
    values: list[object] = [w.wf_id for w in workflows]
    if state == "running":
        where.append("j.node_state = 'queued' AND i.execute_ts IS NOT NULL AND i.outcome IS NULL AND i.end_ts IS NULL")
    elif state is not None:
        where.append("j.node_state = ?")
        values.append(state)
    if name is not None:
        where.append("j.exec_job_id GLOB ?")
        values.append(name)
    if type_desc is not None:
        where.append("j.type_desc = ?")
        values.append(type_desc)
    if transformation is not None:
        where.append("(j.transformation GLOB ? OR EXISTS (SELECT 1 FROM task t WHERE t.job_id = j.job_id "
                     "AND t.transformation GLOB ?))")  # fmt: skip
        values += [transformation, transformation]
    if held:
        where.append("i.state = 'JOB_HELD'")
    if retried:
        where.append("j.attempts > 1")
    order = f"ORDER BY {SORTS[sort]} {'DESC' if descending else 'ASC'}, j.job_id LIMIT {int(limit)}"
    rows = reader.rows(f"{_SQL} WHERE {' AND '.join(where)} {order}", values)
    prefixes = paths(workflows)
    return [_row(row, prefixes) for row in rows]


def _row(row: tuple[Any, ...], prefixes: dict[int, str]) -> JobRow:
    values = dict(zip(JobRow.__struct_fields__, row, strict=True))
    values["path"] = prefixes[values["path"]] + values["job"]
    if values["exit"] is not None:
        values["exit"] = from_raw(values["exit"])
    return JobRow(**values)
