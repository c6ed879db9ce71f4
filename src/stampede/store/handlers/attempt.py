"""What a job instance's states make of it and of its node.

No handlers: what the handlers of all job instances' states share.
"""

from __future__ import annotations

from stampede.events import catalogue as ev
from stampede.model.states import INFORMATIVE, INTERRUPTED, after_attempt, node_state_of, rank
from stampede.store.entities import Instance, Job, Workflow
from stampede.store.workingset import WorkingSet

#: states that are counted, once each
_COUNTED = frozenset({"SUBMIT", "EXECUTE", "JOB_HELD", "JOB_EVICTED"})


def enter(
    db: WorkingSet, e: ev.JobInstEvent, state: str, *, reason: str | None = None
) -> tuple[Workflow, Job, Instance, bool]:
    """Write a jobstate and, when it is the newest, make it the instance's.

    The last item of the answer: whether a state that is counted is there for the first time.
    """
    wf = db.workflow(e.xwf_id)
    wf.declaring = False
    job, instance = db.instance(wf, e.job_id, e.job_inst_id)
    ts = e.ts or 0.0
    if wf.last_ts is None or ts > wf.last_ts or (wf.first_ts is not None and ts < wf.first_ts):
        wf.see(ts)
    seq = e.js_id or 0
    if e.sched_id is not None and instance.sched_id is None:
        instance.sched_id = e.sched_id
    newer = _newer(instance, state, ts, seq)
    fresh = newer or (state in _COUNTED and not db.known_jobstate(instance, state, ts, seq))
    db.rows.jobstate.append((instance.job_instance_id, state, ts, seq, reason))
    if state in INTERRUPTED:
        instance.interrupted = 1
    if newer and state not in INFORMATIVE:
        instance.state = state
        instance.state_ts = ts
        if seq:
            instance.state_seq = seq
        if instance.job_submit_seq >= job.last_seq and instance.outcome is None and job.state != "service":
            node = node_state_of(state)
            if node != job.state:
                wf.move(job, node, ts)
    return wf, job, instance, fresh


def _newer(instance: Instance, state: str, ts: float, seq: int) -> bool:
    """Whether a state comes after the one the instance is in: by sequence, else by time, else by nature."""
    if instance.state is None:
        return True
    if seq and instance.state_seq and seq != instance.state_seq:
        return seq > instance.state_seq
    then = instance.state_ts or 0.0
    if ts != then:
        return ts > then
    return rank(state) > rank(instance.state)


def explain(db: WorkingSet, e: ev.JobInstEvent, state: str, reason: str | None) -> None:
    """Add the reason that a job event log gives to a state that the engine tells of, within a second, without one."""
    _, instance = db.instance(db.workflow(e.xwf_id), e.job_id, e.job_inst_id)
    ts = e.ts or 0.0
    db.rows.jobstate_reason.append((reason, instance.job_instance_id, state, ts - 1, ts + 1))


def attempt_ended(db: WorkingSet, wf: Workflow, job: Job, instance: Instance, *, ok: bool, ts: float | None) -> None:
    """An attempt is over: its outcome, and what that makes of the node."""
    was = instance.outcome
    instance.outcome = "success" if ok else "failed"
    if was == instance.outcome:
        if (
            instance.job_submit_seq >= job.last_seq
            and job.state in _OVER
            and ts is not None
            and ts > (job.state_ts or ts)
        ):
            # its POST script had the last word, which was not known to come
            job.state_ts = ts
            job.dirty = wf.dirty = True
            wf.touch(job)
        return
    if not ok:
        wf.counts["attempts_failed"] += 1
    elif was == "failed":
        wf.counts["attempts_failed"] -= 1
    wf.dirty = True
    if was is None:
        job.attempts_in_run += 1
        job.dirty = True
    if job.state == "service":
        return
    if instance.job_submit_seq < job.last_seq:
        if job.state in _WAITING:
            # the newest try may have failed already: with one more behind it, no retry may be left
            judge_again(db, wf, job)
        return
    state = after_attempt(ok=ok, attempts_in_run=job.attempts_in_run, max_retries=job.max_retries)
    wf.move(job, state, ts)


_OVER = frozenset({"done", "failed"})
_WAITING = frozenset({"ready", "unready", "futile"})


def judge_again(db: WorkingSet, wf: Workflow, job: Job) -> None:
    """Judge the newest try of a job by what is known now (it was declared late, or an older try ended late).

    The engine's own word on the job stands.
    """
    if job.reason is not None or job.state == "service":
        return
    _, instance = db.instance(wf, job.name, job.last_seq)
    if instance.outcome is None or instance.restart_count != wf.restart_count:
        return
    by_main = instance.post_exitcode is None and not instance.pre_exitcode
    if job.has_post and by_main:
        if instance.outcome == "failed":
            wf.counts["attempts_failed"] -= 1
        instance.outcome = None
        job.attempts_in_run -= 1
        job.dirty = wf.dirty = True
        wf.move(job, node_state_of(instance.state or ""), instance.state_ts)
    elif instance.outcome == "failed":
        state = after_attempt(ok=False, attempts_in_run=job.attempts_in_run, max_retries=job.max_retries)
        wf.move(job, state, job.state_ts)
