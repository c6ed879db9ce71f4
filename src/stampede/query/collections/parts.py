"""Columns and expressions that several collections share."""

from __future__ import annotations

import re
from typing import Final

from stampede.model.states import RANK
from stampede.query.collections.column import Column
from stampede.store import partial

#: states of a try in which it is on a machine
EXECUTING: Final = "('EXECUTE', 'JOB_RECONNECTED', 'JOB_UNSUSPENDED', 'REMOTE_ERROR')"
#: the condition of the index of tries that went wrong, of a try ``i``
FAILED: Final = re.sub(r"\b(outcome|state|main_exitcode)(?= )", r"i.\1", partial.FAILED)
JOBSTATES: Final = tuple(RANK)
OUTCOMES: Final = ("success", "failed")

#: the number of a try among those of its job
ATTEMPT: Final = (
    "(SELECT count(*) FROM job_instance k WHERE k.job_id = i.job_id AND k.job_submit_seq <= i.job_submit_seq)"
)
#: seconds on the machine, by the engine's account where it gives one
DURATION: Final = "coalesce(i.local_duration, i.end_ts - i.execute_ts)"
#: what a job runs
TRANSFORMATION: Final = (
    "coalesce(j.transformation, (SELECT min(t.transformation) FROM task t WHERE t.job_id = j.job_id))"
)
#: the name of a job with those of the workflows it lies in, as ``stampede show`` takes it
PATH: Final = """CASE WHEN w.parent_wf_id IS NULL THEN j.exec_job_id ELSE (WITH RECURSIVE up(above, prefix, depth) AS (
    SELECT u.parent_wf_id, CASE WHEN u.parent_wf_id IS NULL THEN '' ELSE
        coalesce(u.dax_label, replace(u.dag_file_name, '.dag', ''), substr(u.wf_uuid, 1, 8)) || '/' END, 0
    FROM workflow u WHERE u.wf_id = j.wf_id
    UNION ALL
    SELECT u.parent_wf_id, CASE WHEN u.parent_wf_id IS NULL THEN '' ELSE
        coalesce(u.dax_label, replace(u.dag_file_name, '.dag', ''), substr(u.wf_uuid, 1, 8)) || '/' END || prefix,
        depth + 1
    FROM up JOIN workflow u ON u.wf_id = up.above WHERE depth < 32)
  SELECT prefix || j.exec_job_id FROM up ORDER BY depth DESC LIMIT 1) END"""

WORKFLOW: Final = (
    Column(name="wf_uuid", sql="w.wf_uuid", kind="text", nullable=False, note="uuid of its workflow"),
    Column(name="workflow", sql="w.dax_label", kind="text", note="label of its workflow"),
)
JOB: Final = Column(name="job", sql="j.exec_job_id", kind="text", nullable=False, named=True, note="name of its job")
ATTEMPT_NO: Final = Column(
    name="attempt",
    sql=ATTEMPT,
    kind="integer",
    nullable=False,
    sortable=False,
    note="which try of its job: 1 is the first",
)
