"""What is told of a job instance that runs: its PRE script, its program, its POST script."""

from __future__ import annotations

from stampede.events import catalogue as ev
from stampede.store.handlers.attempt import attempt_ended, enter, explain
from stampede.store.handlers.handler import Handlers, nothing
from stampede.store.workingset import WorkingSet


def pre_start(db: WorkingSet, e: ev.JobInstPreStart) -> None:
    """The PRE script starts."""
    _, _, instance, _ = enter(db, e, "PRE_SCRIPT_STARTED", reason=e.reason)
    instance.pre_start_ts = e.ts


def pre_term(db: WorkingSet, e: ev.JobInstPreTerm) -> None:
    """The PRE script stopped."""
    enter(db, e, "PRE_SCRIPT_TERMINATED", reason=e.reason)


def pre_end(db: WorkingSet, e: ev.JobInstPreEnd) -> None:
    """The PRE script succeeded or failed; when it failed, the try is over."""
    failed = e.status != 0
    wf, job, instance, _ = enter(db, e, "PRE_SCRIPT_FAILED" if failed else "PRE_SCRIPT_SUCCESS", reason=e.reason)
    instance.pre_end_ts = e.ts
    instance.pre_exitcode = e.exitcode
    if failed:
        instance.exitcode = e.exitcode or 256
        attempt_ended(db, wf, job, instance, ok=False, ts=e.ts)


def main_start(db: WorkingSet, e: ev.JobInstMainStart) -> None:
    """The program runs."""
    if e.js_id is None and (e.slot or e.hostname):
        # a job event log adds where it runs; that it runs is for the engine to tell
        _, instance = db.instance(db.workflow(e.xwf_id), e.job_id, e.job_inst_id)
        instance.slot = e.slot or instance.slot
        return
    wf, _, instance, fresh = enter(db, e, "EXECUTE", reason=e.reason)
    if instance.execute_ts is None or (e.ts or 0) >= instance.execute_ts:
        instance.execute_ts = e.ts
    instance.stdin_file = e.stdin_file or instance.stdin_file
    if instance.stdout_file is None:
        instance.stdout_file = e.stdout_file
    if instance.stderr_file is None:
        instance.stderr_file = e.stderr_file
    instance.slot = e.slot or instance.slot
    if fresh:
        instance.execute_count += 1
        wf.counts["executes"] += 1
        wf.dirty = True


def main_term(db: WorkingSet, e: ev.JobInstMainTerm) -> None:
    """The program left its machine: it stopped, or was evicted."""
    evicted = e.status != 0
    if e.js_id is None and e.reason and evicted:
        why = e.reason if e.code is None else f"{e.reason} (code {e.code} subcode {e.subcode or 0})"
        explain(db, e, "JOB_EVICTED", why)
        return
    wf, _, instance, fresh = enter(db, e, "JOB_EVICTED" if evicted else "JOB_TERMINATED", reason=e.reason)
    if not evicted:
        instance.end_ts = e.ts
    elif fresh:
        instance.evict_count += 1
        wf.counts["evictions"] += 1
        wf.dirty = True


_MAIN_END = (
    "site", "user", "work_dir", "cluster_start", "stdin_file", "stdout_file", "stderr_file", "stdout_text",
    "stderr_text", "multiplier_factor",
)  # fmt: skip


def main_end(db: WorkingSet, e: ev.JobInstMainEnd) -> None:
    """The program succeeded or failed; without a POST script, the try is over."""
    ok = e.status == 0
    wf, job, instance, _ = enter(db, e, "JOB_SUCCESS" if ok else "JOB_FAILURE", reason=e.reason)
    for name in _MAIN_END:
        value = getattr(e, name)
        if value is not None:
            setattr(instance, name, value)
    if e.local_dur is not None:
        instance.local_duration = e.local_dur
    if e.cluster_dur is not None:
        instance.cluster_duration = e.cluster_dur
    if instance.end_ts is None:
        instance.end_ts = e.ts
    exit_raw = e.exitcode if e.exitcode is not None else (0 if ok else 256)
    instance.main_exitcode = exit_raw
    instance.exit_unknown = e.exit_unknown
    if instance.post_exitcode is None:
        instance.exitcode = exit_raw
    elif instance.post_exitcode:
        instance.exitcode = exit_raw or instance.post_exitcode
    if instance.post_exitcode is None and not job.has_post:
        attempt_ended(db, wf, job, instance, ok=ok, ts=e.ts)


def post_start(db: WorkingSet, e: ev.JobInstPostStart) -> None:
    """The POST script starts."""
    _, _, instance, _ = enter(db, e, "POST_SCRIPT_STARTED", reason=e.reason)
    instance.post_start_ts = e.ts


def post_term(db: WorkingSet, e: ev.JobInstPostTerm) -> None:
    """The POST script stopped."""
    _, _, instance, _ = enter(db, e, "POST_SCRIPT_TERMINATED", reason=e.reason)
    instance.post_end_ts = e.ts


def post_end(db: WorkingSet, e: ev.JobInstPostEnd) -> None:
    """The POST script succeeded or failed, and the try with it."""
    ok = e.status == 0
    wf, job, instance, _ = enter(db, e, "POST_SCRIPT_SUCCESS" if ok else "POST_SCRIPT_FAILED", reason=e.reason)
    script = e.exitcode if e.exitcode is not None else (0 if ok else 256)
    instance.post_exitcode = script
    instance.exitcode = 0 if ok else (instance.main_exitcode or script or 256)
    if instance.post_end_ts is None:
        instance.post_end_ts = e.ts
    attempt_ended(db, wf, job, instance, ok=ok, ts=e.ts)


HANDLERS: Handlers = {
    ev.JobInstPreStart: pre_start,
    ev.JobInstPreTerm: pre_term,
    ev.JobInstPreEnd: pre_end,
    ev.JobInstMainStart: main_start,
    ev.JobInstMainTerm: main_term,
    ev.JobInstMainEnd: main_end,
    ev.JobInstPostStart: post_start,
    ev.JobInstPostTerm: post_term,
    ev.JobInstPostEnd: post_end,
    ev.JobInstComposite: nothing,
}
