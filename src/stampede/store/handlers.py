"""What each event does to the rows: one small function an event, all in one table.

Events that repeat others (``inv.start``, ``job_inst.composite`` …) have a handler that does nothing, on purpose.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from stampede.events import catalogue as ev
from stampede.events.base import Event
from stampede.model import exits
from stampede.model.states import INFORMATIVE, after_attempt, node_state_of, rank
from stampede.store import nodes
from stampede.store.entities import Instance, Job, Workflow

if TYPE_CHECKING:
    from stampede.store.loader import Loader

Handler = Callable[["Loader", Any], None]

# ---- workflows ------------------------------------------------------------------------------------------------------


def _adopt(db: Loader, e: ev.WfPlan) -> None:
    """A DAG that was loaded before it started had no uuid of its own yet: it gets the one of its run."""
    db.connection.execute(
        "UPDATE workflow SET wf_uuid = :new WHERE found_dir = :dir AND dag_file_name = :dag AND state = 'unstarted' "
        "AND wf_uuid <> :new AND NOT EXISTS (SELECT 1 FROM workflow WHERE wf_uuid = :new)",
        {"new": e.xwf_id, "dir": e.found_dir, "dag": e.dag_file_name},
    )


def wf_plan(db: Loader, e: ev.WfPlan) -> None:
    if e.engine == "dagman" and e.xwf_id not in db.workflows:
        _adopt(db, e)
    wf = db.workflow(e.xwf_id)
    parent = db.workflow(e.parent_xwf_id) if e.parent_xwf_id and e.parent_xwf_id != e.xwf_id else None
    root = wf
    if e.root_xwf_id and e.root_xwf_id != e.xwf_id and parent is not None:
        root = db.workflow(e.root_xwf_id)
    elif parent is not None:
        root = parent
    wf.root_id = root.wf_id if root is wf else root.root_id
    db.connection.execute(
        """UPDATE workflow SET dag_file_name = coalesce(?, dag_file_name), timestamp = coalesce(?, timestamp),
           submit_hostname = coalesce(?, submit_hostname), submit_dir = coalesce(?, submit_dir),
           planner_arguments = coalesce(?, planner_arguments), user = coalesce(?, user), grid_dn = coalesce(?, grid_dn),
           planner_version = coalesce(?, planner_version), dax_label = coalesce(?, dax_label),
           dax_version = coalesce(?, dax_version), dax_file = coalesce(?, dax_file), dax_index = coalesce(?, dax_index),
           parent_wf_id = coalesce(?, parent_wf_id), root_wf_id = ?,
           parent_exec_job_id = coalesce(?, parent_exec_job_id),
           found_dir = coalesce(?, found_dir), engine = coalesce(?, engine), db_url = coalesce(db_url, ?)
           WHERE wf_id = ?""",
        (
            e.dag_file_name, e.ts, e.submit_hostname, e.submit_dir, e.argv, e.user, e.grid_dn, e.planner_version,
            e.dax_label, e.dax_version, e.dax_file, e.dax_index, parent.wf_id if parent else None, wf.root_id,
            e.parent_job_id, e.found_dir, e.engine, e.db_url or db.url, wf.wf_id,
        ),
    )  # fmt: skip
    wf.see(e.ts)
    wf.dirty = True


def xwf_start(db: Loader, e: ev.XwfStart) -> None:
    wf = db.workflow(e.xwf_id)
    if _known_start(db, wf, e):
        return
    if wf.state == "unstarted":
        db.flush()
        gone = db.connection.execute("DELETE FROM problem WHERE wf_id = ? AND kind = 'not_started'", (wf.wf_id,))
        wf.counts["problems"] -= gone.rowcount
    wf.see(e.ts)
    wf.declaring = False
    reset = e.reset or ("incomplete" if e.restart_count else "keep")
    if reset != "keep":
        db.flush()
        nodes.reset(db.connection, wf, everything=reset == "all", ts=e.ts)
    wf.state = "running"
    wf.restart_count = e.restart_count
    wf.dirty = True
    db.rows.workflowstate.append((wf.wf_id, "WORKFLOW_STARTED", e.ts or 0, e.restart_count, None, e.reason))
    db.connection.execute(
        "UPDATE workflow SET state_ts = ?, state_reason = NULL, exit_status = NULL, "
        "dagman_id = coalesce(?, dagman_id), dagman_version = coalesce(?, dagman_version), "
        "dagman_pid = coalesce(?, dagman_pid) WHERE wf_id = ?",
        (e.ts, e.dagman_id, e.dagman_version, e.pid, wf.wf_id),
    )
    db.connection.execute("UPDATE workflow_summary SET reported_nodes = NULL WHERE wf_id = ?", (wf.wf_id,))
    if e.rescue:
        db.rows.workflow_event.append(
            (wf.wf_id, e.ts or 0, "rescue_read", str(e.rescue), "The run goes on from a rescue DAG.", e.restart_count)
        )


def _known_start(db: Loader, wf: Workflow, e: ev.XwfStart) -> bool:
    """Whether this very start was loaded before (a stream that is sent twice must not reset the nodes)."""
    row = db.connection.execute(
        "SELECT 1 FROM workflowstate WHERE wf_id = ? AND state = 'WORKFLOW_STARTED' AND timestamp = ? "
        "AND restart_count = ?",
        (wf.wf_id, e.ts or 0, e.restart_count),
    ).fetchone()
    return row is not None


def xwf_end(db: Loader, e: ev.XwfEnd) -> None:
    wf = db.workflow(e.xwf_id)
    wf.see(e.ts)
    db.rows.workflowstate.append((wf.wf_id, "WORKFLOW_TERMINATED", e.ts or 0, e.restart_count, e.status, e.reason))
    if e.restart_count < wf.restart_count:
        return
    wf.state = e.outcome or ("success" if e.status == 0 else "removed" if e.status == 2 else "failed")
    wf.dirty = True
    db.connection.execute(
        "UPDATE workflow SET state_ts = ?, state_reason = ?, exit_status = ? WHERE wf_id = ?",
        (e.ts, e.reason, e.status, wf.wf_id),
    )


def xwf_state(db: Loader, e: ev.XwfState) -> None:
    wf = db.workflow(e.xwf_id)
    wf.see(e.ts)
    if e.state == "seen":
        # the engine's log goes on although nothing happened
        return
    count = wf.restart_count if e.restart_count is None else e.restart_count
    db.rows.workflow_event.append((wf.wf_id, e.ts or 0, e.state, e.value or "", e.reason, count))
    new = {("running", "lost"): "lost", ("unstarted", "dagman_submitted"): "running"}.get((wf.state, e.state))
    if new is not None:
        wf.state = new
        wf.dirty = True
        db.connection.execute(
            "UPDATE workflow SET state_ts = ?, state_reason = ? WHERE wf_id = ?", (e.ts, e.reason, wf.wf_id)
        )


def xwf_nodes(db: Loader, e: ev.XwfNodes) -> None:
    from stampede.store.loader import table_json

    wf = db.workflow(e.xwf_id)
    wf.see(e.ts)
    db.connection.execute(
        "INSERT INTO workflow_summary(wf_id, reported_nodes) VALUES (?, ?) "
        "ON CONFLICT(wf_id) DO UPDATE SET reported_nodes = excluded.reported_nodes",
        (wf.wf_id, table_json(e)),
    )


def xwf_meta(db: Loader, e: ev.XwfMeta) -> None:
    db.rows.workflow_meta.append((db.workflow(e.xwf_id).wf_id, e.key, e.value or ""))


def xwf_map_subwf_job(db: Loader, e: ev.XwfMapSubwfJob) -> None:
    wf = db.workflow(e.xwf_id)
    child = db.workflow(e.subwf_id)
    _, instance = db.instance(wf, e.job_id, e.job_inst_id)
    instance.subwf_id = child.wf_id
    if child is not wf:
        child.root_id = wf.root_id
        db.connection.execute(
            "UPDATE workflow SET parent_wf_id = coalesce(parent_wf_id, ?), root_wf_id = ?, "
            "parent_exec_job_id = coalesce(parent_exec_job_id, ?) WHERE wf_id = ?",
            (wf.wf_id, wf.root_id, e.job_id, child.wf_id),
        )


def problem(db: Loader, e: ev.Problem) -> None:
    wf = db.workflow(e.xwf_id) if e.xwf_id else None
    if wf is not None:
        wf.problematic = wf.dirty = True
    db.problem(wf, e)


# ---- tasks, jobs, files ---------------------------------------------------------------------------------------------


def task_info(db: Loader, e: ev.TaskInfo) -> None:
    wf = db.workflow(e.xwf_id)
    db.rows.task.append((wf.wf_id, e.task_id, e.transformation or "", e.argv, e.type_desc or "unknown"))


def task_edge(db: Loader, e: ev.TaskEdge) -> None:
    db.rows.task_edge.append((db.workflow(e.xwf_id).wf_id, e.parent_task_id, e.child_task_id))


def task_meta(db: Loader, e: ev.TaskMeta) -> None:
    wf = db.workflow(e.xwf_id)
    db.rows.task_stub.append((wf.wf_id, e.task_id))
    db.rows.task_meta.append((e.key, e.value or "", wf.wf_id, e.task_id))


def rc_meta(db: Loader, e: ev.RcMeta) -> None:
    db.rows.lfn.append((e.lfn_id,))
    db.rows.rc_meta.append((e.key, "" if e.value is None else e.value, e.lfn_id))


def rc_pfn(db: Loader, e: ev.RcPfn) -> None:
    db.rows.lfn.append((e.lfn_id,))
    db.rows.rc_pfn.append((e.pfn, e.site or "", e.lfn_id))


def wf_map_file(db: Loader, e: ev.WfMapFile) -> None:
    wf = db.workflow(e.xwf_id)
    db.rows.task_stub.append((wf.wf_id, e.task_id))
    db.rows.lfn.append((e.lfn_id,))
    db.rows.workflow_files.append((wf.wf_id, e.task_id, e.lfn_id))


def job_info(db: Loader, e: ev.JobInfo) -> None:
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
    was = job.max_retries, job.has_post
    job.max_retries = e.max_retries or 0
    job.has_post = e.post_script is not None
    if job.attempts and was != (job.max_retries, job.has_post):
        _judge_again(db, wf, job)
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


def wf_map_task_job(db: Loader, e: ev.WfMapTaskJob) -> None:
    wf = db.workflow(e.xwf_id)
    db.rows.task_stub.append((wf.wf_id, e.task_id))
    db.rows.task_job.append((db.job(wf, e.job_id).job_id, wf.wf_id, e.task_id))


def job_edge(db: Loader, e: ev.JobEdge) -> None:
    wf = db.workflow(e.xwf_id)
    db.rows.job_edge.append((wf.wf_id, e.parent_job_id, e.child_job_id))
    wf.unsettle(e.child_job_id)
    wf.grown = True


def job_state(db: Loader, e: ev.JobState) -> None:
    wf = db.workflow(e.xwf_id)
    wf.see(e.ts)
    job = db.job(wf, e.job_id)
    stale = e.ts is not None and job.state_ts is not None and e.ts < job.state_ts
    if job.state != "service" and not stale:
        wf.move(job, e.state, e.ts, e.reason)


# ---- job instances --------------------------------------------------------------------------------------------------


#: states that are counted, once each
_COUNTED = frozenset({"SUBMIT", "EXECUTE", "JOB_HELD", "JOB_EVICTED"})


def _enter(
    db: Loader, e: ev.JobInstEvent, state: str, *, reason: str | None = None
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


def _attempt_ended(db: Loader, wf: Workflow, job: Job, instance: Instance, *, ok: bool, ts: float | None) -> None:
    """An attempt is over: its outcome, and what that makes of the node."""
    was = instance.outcome
    instance.outcome = "success" if ok else "failed"
    if was == instance.outcome:
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
            _judge_again(db, wf, job)
        return
    state = after_attempt(ok=ok, attempts_in_run=job.attempts_in_run, max_retries=job.max_retries)
    wf.move(job, state, ts)


_WAITING = frozenset({"ready", "unready", "futile"})


def _judge_again(db: Loader, wf: Workflow, job: Job) -> None:
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


def pre_start(db: Loader, e: ev.JobInstPreStart) -> None:
    _, _, instance, _ = _enter(db, e, "PRE_SCRIPT_STARTED", reason=e.reason)
    instance.pre_start_ts = e.ts


def pre_term(db: Loader, e: ev.JobInstPreTerm) -> None:
    _enter(db, e, "PRE_SCRIPT_TERMINATED", reason=e.reason)


def pre_end(db: Loader, e: ev.JobInstPreEnd) -> None:
    failed = e.status != 0
    wf, job, instance, _ = _enter(db, e, "PRE_SCRIPT_FAILED" if failed else "PRE_SCRIPT_SUCCESS", reason=e.reason)
    instance.pre_end_ts = e.ts
    instance.pre_exitcode = e.exitcode
    if failed:
        instance.exitcode = e.exitcode or 256
        _attempt_ended(db, wf, job, instance, ok=False, ts=e.ts)


def submit_start(db: Loader, e: ev.JobInstSubmitStart) -> None:
    wf = db.workflow(e.xwf_id)
    _, instance = db.instance(wf, e.job_id, e.job_inst_id)
    if e.sched_id is not None:
        instance.sched_id = e.sched_id
    if e.site is not None and instance.site is None:
        instance.site = e.site


def submit_end(db: Loader, e: ev.JobInstSubmitEnd) -> None:
    state = "SUBMIT_FAILED" if e.status != 0 else "SUBMIT"
    wf, _, instance, fresh = _enter(db, e, state, reason=e.reason)
    if state == "SUBMIT":
        if instance.submit_ts is None:
            instance.submit_ts = e.ts
        if fresh:
            instance.submit_count += 1
            wf.counts["submits"] += 1
            wf.dirty = True


def grid_submit_end(db: Loader, e: ev.JobInstGridSubmitEnd) -> None:
    _enter(db, e, "GRID_SUBMIT_FAILED" if e.status != 0 else "GRID_SUBMIT", reason=e.reason)


def globus_submit_end(db: Loader, e: ev.JobInstGlobusSubmitEnd) -> None:
    _enter(db, e, "GLOBUS_SUBMIT_FAILED" if e.status != 0 else "GLOBUS_SUBMIT", reason=e.reason)


def held_start(db: Loader, e: ev.JobInstHeldStart) -> None:
    if e.js_id is None and e.code is not None:
        # a job event log adds codes to a hold that DAGMan tells of, before or after
        _hold_detail(db, e)
        return
    wf, _, instance, fresh = _enter(db, e, "JOB_HELD", reason=e.reason)
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


def _hold_detail(db: Loader, e: ev.JobInstHeldStart) -> None:
    """Codes of a hold, from the job event log."""
    _, instance = db.instance(db.workflow(e.xwf_id), e.job_id, e.job_inst_id)
    ts = e.ts or 0.0
    db.rows.hold_detail.append((e.code, e.subcode, e.reason, instance.job_instance_id, ts - 2, ts + 2))
    if instance.hold_reason is None or instance.hold_reason == e.reason:
        instance.hold_code, instance.hold_subcode, instance.hold_reason = e.code, e.subcode, e.reason


def held_end(db: Loader, e: ev.JobInstHeldEnd) -> None:
    _, _, instance, _ = _enter(db, e, "JOB_RELEASED", reason=e.reason)
    db.rows.hold_end.append((e.ts, instance.job_instance_id, e.ts))


def main_start(db: Loader, e: ev.JobInstMainStart) -> None:
    if e.js_id is None and (e.slot or e.hostname):
        # a job event log adds where it runs; that it runs is for the engine to tell
        _, instance = db.instance(db.workflow(e.xwf_id), e.job_id, e.job_inst_id)
        instance.slot = e.slot or instance.slot
        return
    wf, _, instance, fresh = _enter(db, e, "EXECUTE", reason=e.reason)
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


def main_term(db: Loader, e: ev.JobInstMainTerm) -> None:
    evicted = e.status != 0
    if e.js_id is None and e.reason and evicted:
        _, instance = db.instance(db.workflow(e.xwf_id), e.job_id, e.job_inst_id)
        ts = e.ts or 0.0
        why = e.reason if e.code is None else f"{e.reason} (code {e.code} subcode {e.subcode or 0})"
        db.rows.jobstate_reason.append((why, instance.job_instance_id, "JOB_EVICTED", ts - 1, ts + 1))
        return
    wf, _, instance, fresh = _enter(db, e, "JOB_EVICTED" if evicted else "JOB_TERMINATED", reason=e.reason)
    if not evicted:
        instance.end_ts = e.ts
    elif fresh:
        instance.evict_count += 1
        wf.counts["evictions"] += 1
        wf.dirty = True


def main_end(db: Loader, e: ev.JobInstMainEnd) -> None:
    ok = e.status == 0
    wf, job, instance, _ = _enter(db, e, "JOB_SUCCESS" if ok else "JOB_FAILURE", reason=e.reason)
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
        _attempt_ended(db, wf, job, instance, ok=ok, ts=e.ts)


_MAIN_END = (
    "site", "user", "work_dir", "cluster_start", "stdin_file", "stdout_file", "stderr_file", "stdout_text",
    "stderr_text", "multiplier_factor",
)  # fmt: skip


def post_start(db: Loader, e: ev.JobInstPostStart) -> None:
    _, _, instance, _ = _enter(db, e, "POST_SCRIPT_STARTED", reason=e.reason)
    instance.post_start_ts = e.ts


def post_term(db: Loader, e: ev.JobInstPostTerm) -> None:
    _, _, instance, _ = _enter(db, e, "POST_SCRIPT_TERMINATED", reason=e.reason)
    instance.post_end_ts = e.ts


def post_end(db: Loader, e: ev.JobInstPostEnd) -> None:
    ok = e.status == 0
    wf, job, instance, _ = _enter(db, e, "POST_SCRIPT_SUCCESS" if ok else "POST_SCRIPT_FAILED", reason=e.reason)
    script = e.exitcode if e.exitcode is not None else (0 if ok else 256)
    instance.post_exitcode = script
    instance.exitcode = 0 if ok else (instance.main_exitcode or script or 256)
    if instance.post_end_ts is None:
        instance.post_end_ts = e.ts
    _attempt_ended(db, wf, job, instance, ok=ok, ts=e.ts)


def host_info(db: Loader, e: ev.JobInstHostInfo) -> None:
    wf = db.workflow(e.xwf_id)
    _, instance = db.instance(wf, e.job_id, e.job_inst_id)
    key = (wf.root_id, e.site or "unknown", e.hostname or "unknown", e.ip or "unknown")
    host_id = db.hosts.get(key)
    if host_id is None:
        row = db.connection.execute(
            "SELECT host_id FROM host WHERE wf_id = ? AND site = ? AND hostname = ? AND ip = ?", key
        ).fetchone()
        host_id = row[0] if row else db.new_id("host")
        db.hosts[key] = host_id
        if row is None:
            db.rows.host.append((host_id, *key, e.uname, e.total_memory))
        elif e.uname or e.total_memory:
            db.rows.host_update.append((e.uname, e.total_memory, host_id))
    instance.host_id = host_id


def image_info(db: Loader, e: ev.JobInstImageInfo) -> None:
    if e.js_id is None:
        # a job event log adds the size; it is no state that the engine spoke of
        _, instance = db.instance(db.workflow(e.xwf_id), e.job_id, e.job_inst_id)
    else:
        _, _, instance, _ = _enter(db, e, "IMAGE_SIZE", reason=e.reason)
    if e.size is not None:
        instance.image_size_kb = max(e.size, instance.image_size_kb or 0)


def abort_info(db: Loader, e: ev.JobInstAbortInfo) -> None:
    if e.js_id is None and e.reason:
        wf = db.workflow(e.xwf_id)
        _, instance = db.instance(wf, e.job_id, e.job_inst_id)
        instance.remove_reason = e.reason
        return
    _, _, instance, _ = _enter(db, e, "JOB_ABORTED", reason=e.reason)
    instance.remove_reason = e.reason or instance.remove_reason


def remote_error(db: Loader, e: ev.JobInstRemoteError) -> None:
    _enter(db, e, "REMOTE_ERROR", reason=e.reason)


#: states that DAGMan prints; a job event log only adds the reason
_TOLD_BY_ENGINE = frozenset({"SHADOW_EXCEPTION", "JOB_SUSPENDED", "JOB_UNSUSPENDED", "JOB_RECONNECT_FAILED"})


def inst_state(db: Loader, e: ev.JobInstState) -> None:
    """A state by name: the seed's dialect tells all of them so, ours those without an event of their own."""
    if e.js_id is None and e.state in _TOLD_BY_ENGINE:
        _, instance = db.instance(db.workflow(e.xwf_id), e.job_id, e.job_inst_id)
        ts = e.ts or 0.0
        db.rows.jobstate_reason.append((e.reason, instance.job_instance_id, e.state, ts - 1, ts + 1))
        return
    _enter(db, e, e.state, reason=e.reason)


def inst_tag(db: Loader, e: ev.JobInstTag) -> None:
    wf = db.workflow(e.xwf_id)
    _, instance = db.instance(wf, e.job_id, e.job_inst_id)
    db.rows.tag.append((wf.wf_id, instance.job_instance_id, e.name, e.count))


def int_metric(db: Loader, e: ev.IntMetric) -> None:
    wf = db.workflow(e.xwf_id)
    _, instance = db.instance(wf, e.job_id, e.job_inst_id)
    db.rows.integrity.append((wf.wf_id, instance.job_instance_id, e.type, e.file_type, e.count or 0, e.duration or 0.0))


def inst_usage(db: Loader, e: ev.JobInstUsage) -> None:
    wf = db.workflow(e.xwf_id)
    _, instance = db.instance(wf, e.job_id, e.job_inst_id)
    if e.slot:
        instance.slot = e.slot
    names = [n for n in _USAGE if getattr(e, n) is not None]
    if not names:
        return
    db.retire(instance)
    marks = ", ".join("?" * (len(names) + 1))
    db.connection.execute(
        f"INSERT INTO resource_usage(job_instance_id, {', '.join(names)}) VALUES ({marks}) "
        f"ON CONFLICT(job_instance_id) DO UPDATE SET {', '.join(f'{n} = excluded.{n}' for n in names)}",
        (instance.job_instance_id, *(getattr(e, n) for n in names)),
    )


_USAGE = (
    "req_cpus", "req_memory_mb", "req_disk_kb", "req_gpus", "alloc_cpus", "alloc_memory_mb", "alloc_disk_kb",
    "alloc_gpus", "used_cpus", "used_memory_mb", "used_disk_kb", "used_gpus", "cpu_user_s", "cpu_system_s",
    "bytes_sent", "bytes_received", "slot", "hostname",
)  # fmt: skip

# ---- invocations ----------------------------------------------------------------------------------------------------


def inv_end(db: Loader, e: ev.InvEnd) -> None:
    wf = db.workflow(e.xwf_id)
    _, instance = db.instance(wf, e.job_id, e.job_inst_id)
    start = e.start_time
    if start is None:
        start = (e.ts or 0.0) - (e.dur or 0.0)
    db.rows.invocation.append(
        (
            wf.wf_id, instance.job_instance_id, e.inv_id, start, e.dur or 0.0, e.remote_cpu_time,
            exits.UNKNOWN.raw if e.exitcode is None else e.exitcode, e.transformation or "", e.executable or "",
            e.argv, e.task_id, e.maxrss, e.avg_cpu, e.hostname, e.site,
        )
    )  # fmt: skip


def inv_file(db: Loader, e: ev.InvFile) -> None:
    wf = db.workflow(e.xwf_id)
    _, instance = db.instance(wf, e.job_id, e.job_inst_id)
    db.rows.invocation_file.append(
        (
            instance.job_instance_id, e.inv_id, e.lfn_id, wf.wf_id, e.pfn, e.output or 0, e.size, e.error, e.checksum
        )
    )  # fmt: skip


def inv_transfer(db: Loader, e: ev.InvTransfer) -> None:
    wf = db.workflow(e.xwf_id)
    _, instance = db.instance(wf, e.job_id, e.job_inst_id)
    db.rows.transfer.append(
        (
            instance.job_instance_id, e.lfn_id, e.src_url, e.dst_url, e.src_site, e.dst_site, e.size_bytes,
            e.start_time, e.dur, e.status, e.reason,
        )
    )  # fmt: skip


def static_end(db: Loader, e: ev.StaticEnd) -> None:
    db.workflow(e.xwf_id).declaring = False


def nothing(db: Loader, e: Event) -> None:
    """The event repeats what others say, or only frames them; it still tells that the workflow exists."""
    if e.xwf_id is not None:
        db.workflow(e.xwf_id).see(None)


HANDLERS: dict[type[Event], Handler] = {
    ev.WfPlan: wf_plan,
    ev.StaticStart: nothing,
    ev.StaticEnd: static_end,
    ev.StaticMetaStart: nothing,
    ev.StaticMetaEnd: nothing,
    ev.XwfStart: xwf_start,
    ev.XwfEnd: xwf_end,
    ev.XwfState: xwf_state,
    ev.XwfNodes: xwf_nodes,
    ev.XwfMeta: xwf_meta,
    ev.XwfMapSubwfJob: xwf_map_subwf_job,
    ev.TaskInfo: task_info,
    ev.TaskEdge: task_edge,
    ev.TaskMeta: task_meta,
    ev.RcMeta: rc_meta,
    ev.RcPfn: rc_pfn,
    ev.WfMapFile: wf_map_file,
    ev.JobInfo: job_info,
    ev.WfMapTaskJob: wf_map_task_job,
    ev.JobEdge: job_edge,
    ev.JobState: job_state,
    ev.JobInstPreStart: pre_start,
    ev.JobInstPreTerm: pre_term,
    ev.JobInstPreEnd: pre_end,
    ev.JobInstSubmitStart: submit_start,
    ev.JobInstSubmitEnd: submit_end,
    ev.JobInstGridSubmitStart: nothing,
    ev.JobInstGridSubmitEnd: grid_submit_end,
    ev.JobInstGlobusSubmitStart: nothing,
    ev.JobInstGlobusSubmitEnd: globus_submit_end,
    ev.JobInstHeldStart: held_start,
    ev.JobInstHeldEnd: held_end,
    ev.JobInstMainStart: main_start,
    ev.JobInstMainTerm: main_term,
    ev.JobInstMainEnd: main_end,
    ev.JobInstPostStart: post_start,
    ev.JobInstPostTerm: post_term,
    ev.JobInstPostEnd: post_end,
    ev.JobInstHostInfo: host_info,
    ev.JobInstImageInfo: image_info,
    ev.JobInstAbortInfo: abort_info,
    ev.JobInstRemoteError: remote_error,
    ev.JobInstTag: inst_tag,
    ev.JobInstComposite: nothing,
    ev.JobInstState: inst_state,
    ev.JobInstUsage: inst_usage,
    ev.IntMetric: int_metric,
    ev.InvStart: nothing,
    ev.InvEnd: inv_end,
    ev.InvFile: inv_file,
    ev.InvTransfer: inv_transfer,
    ev.TaskMonitoring: nothing,
    ev.Problem: problem,
}
