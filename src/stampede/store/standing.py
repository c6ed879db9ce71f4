"""How a workflow stands, for a reader whose log was torn (rotated, cut) while nobody read it."""

from __future__ import annotations

from stampede.model.standing import OpenTry, Standing
from stampede.store.connection import Connection

_OPEN = """
SELECT j.exec_job_id, i.job_submit_seq, i.sched_id, i.state, coalesce(i.state_seq, 0), i.pre_start_ts, i.execute_ts,
       i.end_ts, i.post_start_ts
FROM job j JOIN job_instance i ON i.job_instance_id = j.last_job_instance_id
WHERE j.wf_id = ? AND i.outcome IS NULL AND j.node_state IN ('pre', 'queued', 'post')"""


def standing(connection: Connection, wf_uuid: str) -> Standing | None:
    """The workflow as it stands; None when the database does not have it. Raises sqlite3.Error."""
    row = connection.execute(
        "SELECT wf_id, coalesce(restart_count, 0), state, dagman_pid, submit_dir, "
        "(SELECT min(s.timestamp) FROM workflowstate s WHERE s.wf_id = w.wf_id AND s.state = 'WORKFLOW_STARTED') "
        "FROM workflow w WHERE wf_uuid = ?",
        (wf_uuid,),
    ).fetchone()
    if row is None:
        return None
    wf_id, restarts, state, pid, folder, started = row
    tries = connection.execute(
        "SELECT j.exec_job_id, i.job_submit_seq, i.sched_id, i.submit_count FROM job_instance i "
        "JOIN job j ON j.job_id = i.job_id WHERE j.wf_id = ?",
        (wf_id,),
    ).fetchall()
    submits: dict[str, int] = {}
    for node, _, job, count in tries:
        if count and (job is None or job.endswith(".0")):
            submits[node] = submits.get(node, 0) + 1
    nodes = connection.execute("SELECT exec_job_id, node_state, attempts_in_run FROM job WHERE wf_id = ?", (wf_id,))
    done, retries = [], {}
    for node, node_state, ended in nodes:
        if node_state == "done":
            done.append(node)
        elif ended:
            retries[node] = ended
    return Standing(
        submit_dir=folder, seq=max((t[1] for t in tries), default=0), restart_count=restarts,
        running=state == "running",
        started_ts=started, pid=pid, done=done, submits=submits, retries=retries,
        jobs={job: (node, seq) for node, seq, job, _ in tries if job},
        open_tries=[OpenTry(**dict(zip(OpenTry.__struct_fields__, r, strict=True)))
                    for r in connection.execute(_OPEN, (wf_id,))],
    )  # fmt: skip
