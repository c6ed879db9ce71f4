"""What went wrong, as facts: the tries that failed or are held, the jobs that run or wait, what DAGMan said of itself.

Only what did not go well is fetched, so the cost follows the trouble, not the size of the workflow. Judging it is the
business of ``analysis``.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

import msgspec

from stampede.query.workflows import Workflow, forest
from stampede.query.workflows import paths as paths_of
from stampede.store.sqlite import Reader

#: tries fetched at most; a workflow with more failures than that is told so
MOST_TRIES = 20_000
_TAIL = 6000


class FailedInvocation(msgspec.Struct):
    """An invocation that ended with another status than 0. ``exitcode`` is the raw wait status."""

    seq: int
    task: str | None
    task_name: str | None
    transformation: str
    executable: str
    argv: str | None
    exitcode: int


class Try(msgspec.Struct, kw_only=True):
    """One try of a job that failed, is held, or was removed. Times are epoch seconds, exit codes raw wait statuses."""

    job_instance_id: int
    wf_uuid: str
    path: str
    job: str
    node_type: str
    type_desc: str
    transformation: str | None
    node_state: str
    attempts: int
    max_retries: int
    pre_script: str | None
    post_script: str | None
    submit_file: str
    clustered: bool
    seq: int
    sched_id: str | None
    restart_count: int
    is_last: bool
    outcome: str | None
    state: str | None
    state_ts: float | None
    main_exitcode: int | None
    exit_unknown: bool
    pre_exitcode: int | None
    post_exitcode: int | None
    submit_ts: float | None
    execute_ts: float | None
    end_ts: float | None
    execute_count: int
    hold_reason: str | None
    hold_code: int | None
    hold_subcode: int | None
    remove_reason: str | None
    aborted: bool
    submit_error: str | None
    site: str | None
    slot: str | None
    subwf_uuid: str | None
    stdout_file: str | None
    stderr_file: str | None
    stdout: str
    stderr: str
    invocations: list[FailedInvocation] = []
    missing_files: list[str] = []
    failed_transfers: list[str] = []
    integrity_errors: int = 0


class Interruption(msgspec.Struct):
    """An eviction, suspension, lost connection or error of HTCondor's own parts, with what followed it next."""

    wf_uuid: str
    path: str
    job: str
    node_type: str
    state: str
    ts: float
    reason: str | None
    next_state: str | None
    next_ts: float | None
    node_state: str
    slot: str | None
    #: when the job was started again after it
    restart_ts: float | None = None


class Running(msgspec.Struct):
    """A job that executes, or was removed or evicted while it did, and how long the others of its kind take."""

    wf_uuid: str
    path: str
    job: str
    type_desc: str
    node_type: str
    transformation: str | None
    execute_ts: float
    until_ts: float
    outcome: str | None
    removed: bool
    peers: int
    longest_peer_s: float | None
    longest_any_s: float | None
    mean_peer_s: float | None
    slot: str | None


class Idle(msgspec.Struct):
    """A job that waited long for a machine. ``overtaken``: jobs submitted later that were started meanwhile."""

    wf_uuid: str
    path: str
    job: str
    submit_ts: float
    until_ts: float
    executed: bool
    overtaken: int
    running_meanwhile: int
    req_memory_mb: float | None
    req_cpus: float | None
    req_disk_kb: float | None
    req_gpus: float | None
    #: the most that any job of these workflows asked for that was given a machine
    most_memory_mb: float | None = None
    most_cpus: float | None = None
    most_disk_kb: float | None = None
    most_gpus: float | None = None


class FailedNode(msgspec.Struct):
    """A node that its engine counts as failed although no try of it is known to have failed."""

    path: str
    reason: str | None
    ts: float | None
    subwf_uuid: str | None


class WorkflowFacts(msgspec.Struct):
    """A workflow, what was said of its engine, its runs, and what can never run."""

    workflow: Workflow
    path: str
    events: list[tuple[float, str, str, str | None, int]]
    runs: list[tuple[int, float | None, float | None, int | None]]
    futile: int
    futile_sample: list[str]
    rescue: str | None
    #: what follows the name in the ABORT-DAG-ON lines of nodes that aborted it
    abort_rules: dict[str, str] = {}
    #: the node that runs it, with the names of the workflows above; empty for a root
    node: str = ""


class Evidence(msgspec.Struct):
    """All facts about a forest."""

    workflows: list[WorkflowFacts]
    tries: list[Try]
    interruptions: list[Interruption]
    running: list[Running]
    idle: list[Idle]
    last_ts: float | None
    failed_nodes: list[FailedNode] = []
    cut: bool = False


def evidence(reader: Reader, roots: list[Workflow]) -> Evidence:
    """The facts about the workflows and everything below them."""
    workflows: list[Workflow] = []
    for root in roots:
        workflows += forest(reader, root)
    paths = paths_of(workflows)
    ids = ", ".join(str(w.wf_id) for w in workflows)
    by_id = {w.wf_id: w for w in workflows}
    tries, cut = _tries(reader, ids, by_id, paths)
    return Evidence(
        workflows=[_facts(reader, w, paths) for w in workflows],
        tries=tries,
        interruptions=_interruptions(reader, ids, by_id, paths),
        running=_running(reader, ids, by_id, paths),
        idle=_idle(reader, ids, by_id, paths),
        last_ts=max((w.last_ts for w in workflows if w.last_ts is not None), default=None),
        failed_nodes=_failed_nodes(reader, ids, paths),
        cut=cut,
    )


def _facts(reader: Reader, w: Workflow, paths: dict[int, str]) -> WorkflowFacts:
    events = reader.rows(
        "SELECT ts, state, value, reason, coalesce(restart_count, 0) FROM workflow_event WHERE wf_id = ? ORDER BY ts",
        (w.wf_id,),
    )
    runs = reader.rows(
        """SELECT restart_count, max(CASE state WHEN 'WORKFLOW_STARTED' THEN timestamp END),
                  max(CASE state WHEN 'WORKFLOW_TERMINATED' THEN timestamp END), max(status)
           FROM workflowstate WHERE wf_id = ? GROUP BY restart_count ORDER BY restart_count""",
        (w.wf_id,),
    )
    futile = reader.rows("SELECT exec_job_id FROM job WHERE wf_id = ? AND node_state = 'futile' LIMIT 20", (w.wf_id,))
    count = reader.one("SELECT futile FROM workflow_summary WHERE wf_id = ?", (w.wf_id,))
    written = [e[2] for e in events if e[1] == "rescue_written"]
    rules: dict[str, str] = {}
    if any(e[1] == "abort_dag_on" for e in events):
        rules = dict(reader.rows(
            "SELECT exec_job_id, abort_dag_on FROM job WHERE wf_id = ? AND abort_dag_on IS NOT NULL AND exec_job_id IN "
            "(SELECT value FROM workflow_event WHERE wf_id = ? AND state = 'abort_dag_on')", (w.wf_id, w.wf_id),
        ))  # fmt: skip
    runner = reader.one(
        "SELECT j.wf_id, j.exec_job_id FROM job_instance i JOIN job j ON j.job_id = i.job_id WHERE i.subwf_id = ? LIMIT 1",
        (w.wf_id,),
    )
    return WorkflowFacts(
        w, paths[w.wf_id], [tuple(e) for e in events], [tuple(r) for r in runs], (count or (0,))[0],
        [r[0] for r in futile], written[-1] if written else None, rules,
        paths.get(runner[0], "") + runner[1] if runner else "",
    )  # fmt: skip


def _failed_nodes(reader: Reader, ids: str, paths: dict[int, str]) -> list[FailedNode]:
    rows = reader.rows(
        f"""SELECT j.wf_id, j.exec_job_id, j.node_state_reason, j.node_state_ts,
                   (SELECT w.wf_uuid FROM job_instance i JOIN workflow w ON w.wf_id = i.subwf_id
                    WHERE i.job_id = j.job_id LIMIT 1)
            FROM job j WHERE j.wf_id IN ({ids}) AND j.node_state = 'failed' AND j.node_type <> 'service'
              AND NOT EXISTS (SELECT 1 FROM job_instance i WHERE i.job_id = j.job_id
                              AND (i.outcome = 'failed' OR i.main_exitcode <> 0))
            ORDER BY j.node_state_ts LIMIT 1000"""
    )
    return [FailedNode(paths[wf_id] + job, reason, ts, subwf) for wf_id, job, reason, ts, subwf in rows]


_TRY = """
SELECT i.job_instance_id, j.wf_id, j.exec_job_id, j.node_type, j.type_desc,
       coalesce(j.transformation, (SELECT min(t.transformation) FROM task t WHERE t.job_id = j.job_id)),
       j.node_state, j.attempts, j.max_retries, j.pre_script, j.post_script, j.submit_file, j.clustered,
       i.job_submit_seq, i.sched_id,
       coalesce(i.restart_count, 0), i.job_instance_id = j.last_job_instance_id, i.outcome, i.state, i.state_ts,
       i.main_exitcode, coalesce(i.exit_unknown, 0), i.pre_exitcode, i.post_exitcode, i.submit_ts, i.execute_ts,
       i.end_ts, i.execute_count, i.hold_reason, i.hold_code, i.hold_subcode, i.remove_reason,
       EXISTS (SELECT 1 FROM jobstate s WHERE s.job_instance_id = i.job_instance_id AND s.state = 'JOB_ABORTED'),
       (SELECT coalesce(s.reason, '') FROM jobstate s WHERE s.job_instance_id = i.job_instance_id
            AND s.state = 'SUBMIT_FAILED' LIMIT 1),
       i.site, i.slot, (SELECT w.wf_uuid FROM workflow w WHERE w.wf_id = i.subwf_id), i.stdout_file, i.stderr_file,
       substr(i.stdout_text, 1, 20000), substr(i.stderr_text, -20000)
FROM job_instance i JOIN job j ON j.job_id = i.job_id
WHERE j.wf_id IN ({ids})
  AND (j.node_type <> 'service' OR (i.main_exitcode <> 0 AND coalesce(i.exit_unknown, 0) = 0))
  AND (i.outcome = 'failed' OR (i.outcome IS NULL AND i.state IN ('JOB_HELD', 'JOB_ABORTED')) OR i.main_exitcode <> 0)
ORDER BY i.job_instance_id LIMIT {most}
"""


def _tries(reader: Reader, ids: str, by_id: dict[int, Workflow], paths: dict[int, str]) -> tuple[list[Try], bool]:
    found: dict[int, Try] = {}
    for row in reader.rows(_TRY.format(ids=ids, most=MOST_TRIES + 1)):
        wf = by_id[row[1]]
        values: list[Any] = list(row)
        values[1:3] = [wf.wf_uuid, paths[row[1]] + row[2], row[2]]
        one = Try(**dict(zip(_TRY_FIELDS, values, strict=True)))
        one.stdout = unquote(one.stdout or "", errors="replace")[:_TAIL]
        one.stderr = unquote(one.stderr or "", errors="replace")[-_TAIL:]
        for name in ("clustered", "is_last", "exit_unknown", "aborted"):
            setattr(one, name, bool(getattr(one, name)))
        found[one.job_instance_id] = one
    if found:
        _details(reader, found)
    return list(found.values())[:MOST_TRIES], len(found) > MOST_TRIES


_TRY_FIELDS = Try.__struct_fields__[:-4]


def _details(reader: Reader, found: dict[int, Try]) -> None:
    for block in _blocks(sorted(found)):
        marks = ", ".join(map(str, block))
        for instance, seq, task, transformation, executable, argv, raw in reader.rows(
            f"""SELECT job_instance_id, task_submit_seq, abs_task_id, transformation, executable, argv, exitcode
                FROM invocation WHERE job_instance_id IN ({marks}) AND task_submit_seq > 0 AND exitcode <> 0
                ORDER BY job_instance_id, task_submit_seq"""
        ):
            one = found[instance]
            name = _task_name(reader, one, task) if one.clustered else None
            one.invocations.append(FailedInvocation(seq, task, name, transformation, executable, argv, raw))
        for instance, lfn in reader.rows(
            f"SELECT job_instance_id, lfn FROM invocation_file WHERE job_instance_id IN ({marks}) AND error = 2 "
            "AND lfn NOT IN ('stdin', 'stdout', 'stderr', 'metadata', 'kickstart', 'logfile')"
        ):
            found[instance].missing_files.append(lfn)
        for instance, source, target in reader.rows(
            f"SELECT job_instance_id, src_url, dst_url FROM transfer WHERE job_instance_id IN ({marks}) AND status <> 0"
        ):
            found[instance].failed_transfers.append(f"{source} -> {target}")
        for instance, count in reader.rows(
            f"SELECT job_instance_id, count FROM tag WHERE job_instance_id IN ({marks}) AND name = 'int.error'"
        ):
            found[instance].integrity_errors += count


def _blocks(ids: list[int], size: int = 500) -> list[list[int]]:
    return [ids[i : i + size] for i in range(0, len(ids), size)]


def _task_name(reader: Reader, one: Try, task: str | None) -> str | None:
    """What tells a task of a clustered job from the others: the first word of its arguments that they do not have.

    Task ids of Pegasus (``ID0000009``) say nothing to a reader; the arguments usually name the task.
    """
    if task is None:
        return None
    row = reader.one(
        "SELECT t.argv, t.transformation, t.wf_id FROM task t JOIN workflow w ON w.wf_id = t.wf_id "
        "WHERE w.wf_uuid = ? AND t.abs_task_id = ?",
        (one.wf_uuid, task),
    )
    if row is None or not row[0]:
        return None
    others = reader.rows(
        "SELECT argv FROM task WHERE wf_id = ? AND transformation = ? AND abs_task_id <> ? LIMIT 50",
        (row[2], row[1], task),
    )
    common = {word for (argv,) in others for word in (argv or "").split()}
    for word in str(row[0]).split():
        if word not in common and not word.startswith("-"):
            return word
    return None


_INTERRUPTED = "('JOB_EVICTED', 'JOB_SUSPENDED', 'JOB_DISCONNECTED', 'JOB_RECONNECT_FAILED', 'SHADOW_EXCEPTION')"


def _interruptions(
    reader: Reader, ids: str, by_id: dict[int, Workflow], paths: dict[int, str]
) -> list[Interruption]:
    rows = reader.rows(
        f"""SELECT j.wf_id, j.exec_job_id, j.node_type, s.state, s.timestamp, s.reason, j.node_state, i.slot,
                   s.job_instance_id, s.jobstate_submit_seq,
                   (SELECT min(e.timestamp) FROM jobstate e WHERE e.job_instance_id = s.job_instance_id
                    AND e.state = 'EXECUTE' AND e.timestamp >= s.timestamp
                    AND e.jobstate_submit_seq > s.jobstate_submit_seq)
            FROM job j JOIN job_instance i ON i.job_id = j.job_id
            JOIN jobstate s ON s.job_instance_id = i.job_instance_id
            WHERE j.wf_id IN ({ids}) AND s.state IN {_INTERRUPTED} ORDER BY s.timestamp LIMIT 5000"""
    )
    found = []
    for wf_id, job, node_type, state, ts, reason, node_state, slot, instance, seq, restart in rows:
        after = reader.one(
            """SELECT state, timestamp FROM jobstate WHERE job_instance_id = ? AND state NOT IN ('IMAGE_SIZE',
                   'REMOTE_ERROR') AND NOT state = ? AND (timestamp > ? OR (timestamp = ? AND jobstate_submit_seq > ?))
                ORDER BY timestamp, jobstate_submit_seq LIMIT 1""",
            (instance, state, ts, ts, seq),
        ) or (None, None)  # fmt: skip
        found.append(Interruption(
            by_id[wf_id].wf_uuid, paths[wf_id] + job, job, node_type, state, ts, reason, after[0], after[1],
            node_state, slot, restart,
        ))  # fmt: skip
    return found + _silent_restarts(reader, ids, by_id, paths)


def _silent_restarts(
    reader: Reader, ids: str, by_id: dict[int, Workflow], paths: dict[int, str]
) -> list[Interruption]:
    """Jobs that were started twice with nothing between: whoever watched the first start died."""
    rows = reader.rows(
        f"""SELECT wf_id, exec_job_id, node_type, ts, node_state, slot FROM (
                SELECT j.wf_id, j.exec_job_id, j.node_type, j.node_state, i.slot, s.state, s.timestamp AS ts,
                       lag(s.state) OVER (PARTITION BY s.job_instance_id ORDER BY s.timestamp, s.jobstate_submit_seq)
                           AS before
                FROM job j JOIN job_instance i ON i.job_id = j.job_id
                JOIN jobstate s ON s.job_instance_id = i.job_instance_id
                WHERE j.wf_id IN ({ids}) AND i.execute_count > 1 AND s.state NOT IN ('IMAGE_SIZE', 'REMOTE_ERROR'))
            WHERE state = 'EXECUTE' AND before = 'EXECUTE' ORDER BY ts LIMIT 1000"""
    )
    return [
        Interruption(by_id[wf_id].wf_uuid, paths[wf_id] + job, job, node_type, "JOB_RESTARTED", ts, None, "EXECUTE", ts,
                     node_state, slot, ts)
        for wf_id, job, node_type, ts, node_state, slot in rows
    ]  # fmt: skip


_KINDS = """
SELECT coalesce(j.transformation, (SELECT min(t.transformation) FROM task t WHERE t.job_id = j.job_id), '') AS kind,
       count(*), max(i.end_ts - i.execute_ts), avg(i.end_ts - i.execute_ts)
FROM job j JOIN job_instance i ON i.job_id = j.job_id
WHERE j.wf_id IN ({ids}) AND i.outcome = 'success' AND i.execute_ts IS NOT NULL AND i.end_ts IS NOT NULL
  AND j.node_type = 'job' AND j.type_desc NOT IN ('dax', 'dag')
GROUP BY 1
"""


def _running(reader: Reader, ids: str, by_id: dict[int, Workflow], paths: dict[int, str]) -> list[Running]:
    """Jobs that executed for a minute or more and have not ended by themselves, or took longest of their kind."""
    rows = reader.rows(
        f"""SELECT j.wf_id, j.exec_job_id, j.type_desc, j.node_type,
                   coalesce(j.transformation, (SELECT min(t.transformation) FROM task t WHERE t.job_id = j.job_id)),
                   i.execute_ts, coalesce(i.end_ts, w.last_ts), i.outcome,
                   EXISTS (SELECT 1 FROM jobstate s WHERE s.job_instance_id = i.job_instance_id
                           AND s.state = 'JOB_ABORTED'), i.slot
            FROM job j JOIN job_instance i ON i.job_id = j.job_id JOIN workflow w ON w.wf_id = j.wf_id
            WHERE j.wf_id IN ({ids}) AND i.execute_ts IS NOT NULL AND j.node_type = 'job'
              AND j.type_desc NOT IN ('dax', 'dag') AND coalesce(i.state, '') <> 'JOB_HELD'
              AND coalesce(i.end_ts, w.last_ts) - i.execute_ts >= 60
              AND (i.end_ts IS NULL OR i.outcome = 'success' OR coalesce(i.exit_unknown, 0) = 1) LIMIT 5000"""
    )
    if not rows:
        return []
    kinds = {r[0]: (r[1], r[2], r[3]) for r in reader.rows(_KINDS.format(ids=ids))}
    longest = max((k[1] for k in kinds.values() if k[1] is not None), default=None)
    found = []
    for wf_id, job, type_desc, node_type, kind, start, until, outcome, removed, slot in rows:
        n, most, mean = kinds.get(kind or "", (0, None, None))
        found.append(Running(
            by_id[wf_id].wf_uuid, paths[wf_id] + job, job, type_desc, node_type, kind, start, until, outcome,
            bool(removed), n, most, longest, mean, slot,
        ))  # fmt: skip
    return found


_PATIENCE_S = 60


def _idle(reader: Reader, ids: str, by_id: dict[int, Workflow], paths: dict[int, str]) -> list[Idle]:
    """Jobs that waited a minute or more between submission and first execution (or until now)."""
    rows = reader.rows(
        f"""SELECT j.wf_id, j.exec_job_id, i.submit_ts,
                   coalesce((SELECT min(s.timestamp) FROM jobstate s WHERE s.job_instance_id = i.job_instance_id
                             AND s.state = 'EXECUTE'), i.end_ts, w.last_ts) AS until,
                   i.execute_ts IS NOT NULL, u.req_memory_mb, u.req_cpus, u.req_disk_kb, u.req_gpus
            FROM job j JOIN job_instance i ON i.job_id = j.job_id JOIN workflow w ON w.wf_id = j.wf_id
            LEFT JOIN resource_usage u ON u.job_instance_id = i.job_instance_id
            WHERE j.wf_id IN ({ids}) AND i.submit_ts IS NOT NULL AND j.node_type <> 'service'
              AND (i.execute_ts IS NOT NULL OR i.hold_count = 0) AND until - i.submit_ts >= {_PATIENCE_S}
            ORDER BY until - i.submit_ts DESC LIMIT 50"""
    )
    most = reader.one(
        f"""SELECT max(u.req_memory_mb), max(u.req_cpus), max(u.req_disk_kb), max(u.req_gpus)
            FROM job j JOIN job_instance i ON i.job_id = j.job_id JOIN resource_usage u
                ON u.job_instance_id = i.job_instance_id
            WHERE j.wf_id IN ({ids}) AND i.execute_ts IS NOT NULL"""
    ) if rows else None  # fmt: skip
    found = []
    for wf_id, job, submit, until, executed, memory, cpus, disk, gpus in rows:
        overtaken, running = reader.one(
            f"""SELECT sum(i.submit_ts > ? + 5 AND i.execute_ts < ?), sum(i.execute_ts < ? AND
                       coalesce(i.end_ts, 1e18) > ?)
                FROM job j JOIN job_instance i ON i.job_id = j.job_id
                WHERE j.wf_id IN ({ids}) AND i.execute_ts IS NOT NULL AND j.exec_job_id <> ?
                  AND j.node_type <> 'service' AND j.type_desc NOT IN ('dax', 'dag') AND i.execute_ts <= ?""",
            (submit, until, until - 1, submit + _PATIENCE_S / 2, job, until),
        ) or (0, 0)  # fmt: skip
        found.append(Idle(
            by_id[wf_id].wf_uuid, paths[wf_id] + job, job, submit, until, bool(executed), overtaken or 0,
            running or 0, memory, cpus, disk, gpus, *(most or ()),
        ))  # fmt: skip
    return found
