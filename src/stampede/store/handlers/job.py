"""What is declared of the executable workflow: its jobs and their edges, and the engine's own word on a job."""

from __future__ import annotations

from stampede.events import catalogue as ev
from stampede.store.handlers.attempt import judge_again
from stampede.store.handlers.handler import Handlers
from stampede.store.workingset import WorkingSet


def job_info(db: WorkingSet, e: ev.JobInfo) -> None:
    """A job is declared; it may have run before it is."""
    wf = db.workflow(e.xwf_id)
    job = wf.jobs.get(e.job_id)
    if job is None and wf.forgetful:
        job = db.known_job(wf, e.job_id)
    service = e.node_type == "service"
    if job is None:
        job = db.declare(wf, e.job_id, counted=not service)
        if service:
            job.state = "service"
    elif service and job.state != "service":
        # it was taken for an ordinary node when it was first spoken of
        wf.counts["total"] -= 1
        wf.counts[job.state] -= 1
        job.state = "service"
    db.blocks.touch(job.job_id)
    was = job.max_retries, job.has_post
    job.max_retries = e.max_retries or 0
    job.has_post = e.post_script is not None
    if job.attempts and was != (job.max_retries, job.has_post):
        judge_again(db, wf, job)
    db.rows.job.append(
        (
            job.job_id, wf.wf_id, e.job_id, e.submit_file or "", e.type_desc or "unknown", 1 if e.clustered else 0,
            job.max_retries, e.executable or "", e.argv, e.task_count or 0, 1, e.node_type or "job", e.transformation,
            e.pre_script, e.post_script, e.hold_script, e.noop, e.category, e.priority, e.subdag_file, e.abort_dag_on,
        )
    )  # fmt: skip
    if e.done:
        wf.move(job, "done", e.ts, "marked DONE in the DAG file")
    elif job.state == "service":
        job.dirty = True
        wf.touch(job)


def wf_map_task_job(db: WorkingSet, e: ev.WfMapTaskJob) -> None:
    """The job that carries a task out."""
    wf = db.workflow(e.xwf_id)
    db.rows.task_stub.append((wf.wf_id, e.task_id))
    job = db.job(wf, e.job_id)
    db.blocks.touch(job.job_id)
    db.rows.task_job.append((job.job_id, wf.wf_id, e.task_id))


def job_edge(db: WorkingSet, e: ev.JobEdge) -> None:
    """A job that comes before another."""
    wf = db.workflow(e.xwf_id)
    db.rows.job_edge.append((wf.wf_id, e.parent_job_id, e.child_job_id))
    wf.unsettle(e.child_job_id)
    wf.grown = True


def job_state(db: WorkingSet, e: ev.JobState) -> None:
    """The engine's own word on the state of a node."""
    wf = db.workflow(e.xwf_id)
    wf.see(e.ts)
    job = db.job(wf, e.job_id)
    stale = e.ts is not None and job.state_ts is not None and e.ts < job.state_ts
    if job.state != "service" and not stale:
        wf.move(job, e.state, e.ts, e.reason)


HANDLERS: Handlers = {
    ev.JobInfo: job_info,
    ev.WfMapTaskJob: wf_map_task_job,
    ev.JobEdge: job_edge,
    ev.JobState: job_state,
}
