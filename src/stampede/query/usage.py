"""What tries asked for and used of memory, disk and processors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from stampede.query.workflows import Workflow
from stampede.store.reader import Reader

#: tries that are looked at at most: the last ones
MOST_TRIES = 200_000


class TryUsage(NamedTuple):
    """A try that ended; amounts are None where nothing tells.

    ``memory_mb`` is the most that HTCondor or kickstart saw, ``given_memory_mb`` what the slot had. ``on_memory``: it
    was stopped for its use of memory (hold code 34, or a reason that says so).
    """

    kind: str
    failed: bool
    on_memory: bool
    request_memory_mb: float | None
    given_memory_mb: float | None
    memory_mb: float | None
    request_disk_mb: float | None
    disk_mb: float | None
    request_cpus: float | None
    cpu_s: float | None
    wall_s: float | None
    signal: int


_USAGE = """
SELECT coalesce(j.transformation, (SELECT min(t.transformation) FROM task t WHERE t.job_id = j.job_id), j.type_desc),
       coalesce(i.outcome, '') <> 'success',
       coalesce(i.hold_code, 0) = 34 OR instr(lower(coalesce(i.hold_reason, '')), 'memory') > 0
           OR instr(lower(coalesce(i.remove_reason, '')), 'memory') > 0,
       u.req_memory_mb, coalesce(u.alloc_memory_mb, u.req_memory_mb),
       nullif(max(coalesce(u.used_memory_mb, 0), coalesce(v.maxrss, 0) / 1024.0), 0),
       u.req_disk_kb / 1024.0, u.used_disk_kb / 1024.0, u.req_cpus,
       coalesce(v.cpu, u.cpu_user_s + u.cpu_system_s), coalesce(v.wall, i.end_ts - i.execute_ts),
       coalesce(i.main_exitcode, 0) & 127
FROM job j JOIN job_instance i ON i.job_id = j.job_id
LEFT JOIN resource_usage u ON u.job_instance_id = i.job_instance_id
LEFT JOIN (SELECT job_instance_id, max(maxrss) AS maxrss, sum(remote_cpu_time) AS cpu, sum(remote_duration) AS wall
           FROM invocation WHERE wf_id IN ({ids}) AND task_submit_seq > 0 GROUP BY job_instance_id) v
    ON v.job_instance_id = i.job_instance_id
WHERE j.wf_id IN ({ids}) AND i.subwf_id IS NULL AND j.node_type <> 'service' AND i.execute_ts IS NOT NULL
  AND (i.outcome IS NOT NULL OR i.end_ts IS NOT NULL OR i.hold_code = 34) {only}
ORDER BY i.job_instance_id DESC LIMIT {most}
"""


def usage(reader: Reader, workflows: Sequence[Workflow], *, job_id: int | None = None) -> list[TryUsage]:
    """What the ended tries of these workflows (or of one job of them) used."""
    ids = ", ".join(str(w.wf_id) for w in workflows)
    only = "" if job_id is None else f"AND j.job_id = {int(job_id)}"
    rows = reader.rows(_USAGE.format(ids=ids, only=only, most=MOST_TRIES))
    return [TryUsage(row[0], bool(row[1]), bool(row[2]), *row[3:]) for row in rows]
