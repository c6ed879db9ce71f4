"""What is told of a job instance in the queue: submissions, holds, removals and other states of the queue."""

from __future__ import annotations

from stampede.events import catalogue as ev
from stampede.store.handlers.attempt import enter, explain
from stampede.store.handlers.handler import Handlers, nothing
from stampede.store.workingset import WorkingSet


def submit_start(db: WorkingSet, e: ev.JobInstSubmitStart) -> None:
    """The job is about to be submitted, or its id in the queue is known."""
    wf = db.workflow(e.xwf_id)
    _, instance = db.instance(wf, e.job_id, e.job_inst_id)
    if e.sched_id is not None:
        instance.sched_id = e.sched_id
    if e.site is not None and instance.site is None:
        instance.site = e.site


def submit_end(db: WorkingSet, e: ev.JobInstSubmitEnd) -> None:
    """The job is in the queue, or could not be put there."""
    state = "SUBMIT_FAILED" if e.status != 0 else "SUBMIT"
    wf, _, instance, fresh = enter(db, e, state, reason=e.reason)
    if state == "SUBMIT":
        if instance.submit_ts is None:
            instance.submit_ts = e.ts
        if fresh:
            instance.submit_count += 1
            wf.counts["submits"] += 1
            wf.dirty = True


def grid_submit_end(db: WorkingSet, e: ev.JobInstGridSubmitEnd) -> None:
    """The job was handed to a grid."""
    enter(db, e, "GRID_SUBMIT_FAILED" if e.status != 0 else "GRID_SUBMIT", reason=e.reason)


def globus_submit_end(db: WorkingSet, e: ev.JobInstGlobusSubmitEnd) -> None:
    """The job was handed to Globus."""
    enter(db, e, "GLOBUS_SUBMIT_FAILED" if e.status != 0 else "GLOBUS_SUBMIT", reason=e.reason)


def held_start(db: WorkingSet, e: ev.JobInstHeldStart) -> None:
    """The job is held."""
    if e.js_id is None and e.code is not None:
        # a job event log adds codes to a hold that DAGMan tells of, before or after
        _hold_detail(db, e)
        return
    wf, _, instance, fresh = enter(db, e, "JOB_HELD", reason=e.reason)
    if e.code is not None or e.reason != instance.hold_reason:
        instance.hold_code, instance.hold_subcode = e.code, e.subcode
    instance.hold_reason = e.reason
    if fresh:
        instance.hold_count += 1
        wf.counts["holds"] += 1
        wf.dirty = True
    ts = e.ts or 0.0
    # a try is rarely held twice in one second by a sender that does not number its states
    number = e.js_id or (int(ts) if abs(ts) < 1e15 else 0)
    db.rows.hold.append((instance.job_instance_id, number, ts, e.reason, e.code, e.subcode))


def _hold_detail(db: WorkingSet, e: ev.JobInstHeldStart) -> None:
    """Codes of a hold, from the job event log."""
    _, instance = db.instance(db.workflow(e.xwf_id), e.job_id, e.job_inst_id)
    ts = e.ts or 0.0
    db.rows.hold_detail.append((e.code, e.subcode, e.reason, instance.job_instance_id, ts - 2, ts + 2))
    if instance.hold_reason is None or instance.hold_reason == e.reason:
        instance.hold_code, instance.hold_subcode, instance.hold_reason = e.code, e.subcode, e.reason


def held_end(db: WorkingSet, e: ev.JobInstHeldEnd) -> None:
    """The job is released."""
    _, _, instance, _ = enter(db, e, "JOB_RELEASED", reason=e.reason)
    db.rows.hold_end.append((e.ts, instance.job_instance_id, e.ts))


def abort_info(db: WorkingSet, e: ev.JobInstAbortInfo) -> None:
    """The job was removed from the queue."""
    if e.js_id is None and e.reason:
        wf = db.workflow(e.xwf_id)
        _, instance = db.instance(wf, e.job_id, e.job_inst_id)
        instance.remove_reason = e.reason
        return
    _, _, instance, _ = enter(db, e, "JOB_ABORTED", reason=e.reason)
    instance.remove_reason = e.reason or instance.remove_reason


def remote_error(db: WorkingSet, e: ev.JobInstRemoteError) -> None:
    """A part of HTCondor at the other end failed."""
    enter(db, e, "REMOTE_ERROR", reason=e.reason)


#: states that DAGMan prints; a job event log only adds the reason
_TOLD_BY_ENGINE = frozenset({"SHADOW_EXCEPTION", "JOB_SUSPENDED", "JOB_UNSUSPENDED", "JOB_RECONNECT_FAILED"})


def inst_state(db: WorkingSet, e: ev.JobInstState) -> None:
    """A state by name: the seed's dialect tells all of them so, ours those without an event of their own."""
    if e.js_id is None and e.state in _TOLD_BY_ENGINE:
        explain(db, e, e.state, e.reason)
        return
    enter(db, e, e.state, reason=e.reason)


HANDLERS: Handlers = {
    ev.JobInstSubmitStart: submit_start,
    ev.JobInstSubmitEnd: submit_end,
    ev.JobInstGridSubmitStart: nothing,
    ev.JobInstGridSubmitEnd: grid_submit_end,
    ev.JobInstGlobusSubmitStart: nothing,
    ev.JobInstGlobusSubmitEnd: globus_submit_end,
    ev.JobInstHeldStart: held_start,
    ev.JobInstHeldEnd: held_end,
    ev.JobInstAbortInfo: abort_info,
    ev.JobInstRemoteError: remote_error,
    ev.JobInstState: inst_state,
}
