"""The collections of what happened: tries (job instances), their states, what they ran and where."""

from __future__ import annotations

from typing import Final

import msgspec

from stampede.model.exits import Exit
from stampede.query.collections.column import Collection, Column
from stampede.query.collections.parts import ATTEMPT_NO, DURATION, JOB, JOBSTATES, OUTCOMES, PATH, WORKFLOW


class TryItem(msgspec.Struct, kw_only=True):
    """A try of a job (job instance). ``run`` counts the starts of the engine from 1."""

    wf_uuid: str
    workflow: str | None
    job: str
    path: str
    attempt: int
    seq: int
    run: int
    type: str
    htcondor_id: str | None
    state: str | None
    state_ts: float | None
    outcome: str | None
    exit: Exit | None
    main_exit: Exit | None
    pre_exit: Exit | None
    post_exit: Exit | None
    site: str | None
    slot: str | None
    hostname: str | None
    ip: str | None
    user: str | None
    directory: str | None
    pre_start_ts: float | None
    submit_ts: float | None
    execute_ts: float | None
    end_ts: float | None
    post_end_ts: float | None
    queue_s: float | None
    duration_s: float | None
    executions: int
    evictions: int
    holds: int
    hold_reason: str | None
    remove_reason: str | None
    request_memory_mb: float | None
    memory_mb: float | None
    cpu_s: float | None
    workflow_below: str | None
    stdout_file: str | None
    stderr_file: str | None


TRIES: Final = Collection(
    name="job_instances",
    item=TryItem,
    note="Job instances: every try of every job, when and where it ran, how it ended, what it used.",
    columns=(
        *WORKFLOW,
        Column(name="job", sql="j.exec_job_id", kind="text", nullable=False, searched=True, named=True,
               note="name of its job"),
        Column(name="path", sql=PATH, kind="text", nullable=False, sortable=False, filterable=False,
               note="name of its job after those of the workflows it lies in"),
        ATTEMPT_NO,
        Column(name="seq", sql="i.job_submit_seq", kind="integer", nullable=False,
               note="number of the try in its workflow"),
        Column(name="run", sql="coalesce(i.restart_count, 0) + 1", kind="integer", nullable=False,
               note="in which run of the engine it began: 1 is the first"),
        Column(name="type", sql="j.type_desc", kind="text", nullable=False, note="type of its job"),
        Column(name="htcondor_id", sql="i.sched_id", kind="text", searched=True, note="id in HTCondor's queue: 83.0"),
        Column(name="state", sql="i.state", kind="text", words=JOBSTATES, note="its newest state"),
        Column(name="state_ts", sql="i.state_ts", kind="time", note="since when"),
        Column(name="outcome", sql="i.outcome", kind="text", words=OUTCOMES, note="how it ended; null while it lasts"),
        Column(name="exit", sql="CASE WHEN NOT coalesce(i.exit_unknown, 0) THEN i.exitcode END", kind="exit",
               note="its exit, scripts included: a code, or the name of a signal"),
        Column(name="main_exit", sql="CASE WHEN NOT coalesce(i.exit_unknown, 0) THEN i.main_exitcode END",
               kind="exit", note="exit of its program alone"),
        Column(name="pre_exit", sql="i.pre_exitcode", kind="exit", note="exit of its PRE script"),
        Column(name="post_exit", sql="i.post_exitcode", kind="exit", note="exit of its POST script"),
        Column(name="site", sql="i.site", kind="text", note="site"),
        Column(name="slot", sql="i.slot", kind="text", note="slot"),
        Column(name="hostname", sql="nullif(h.hostname, 'unknown')", kind="text", note="host"),
        Column(name="ip", sql="h.ip", kind="text", note="address of the host"),
        Column(name="user", sql="coalesce(i.user, w.user)", kind="text", note="as whom it ran"),
        Column(name="directory", sql="i.work_dir", kind="text", note="where it ran"),
        Column(name="pre_start_ts", sql="i.pre_start_ts", kind="time", note="start of its PRE script"),
        Column(name="submit_ts", sql="i.submit_ts", kind="time", note="when it was submitted"),
        Column(name="execute_ts", sql="i.execute_ts", kind="time", walk=True, note="when it was started (last)"),
        Column(name="end_ts", sql="i.end_ts", kind="time", walk=True, note="when it ended on its machine"),
        Column(name="post_end_ts", sql="i.post_end_ts", kind="time", note="end of its POST script"),
        Column(name="queue_s", sql="i.execute_ts - i.submit_ts", kind="number", note="from submission to start"),
        Column(name="duration_s", sql=DURATION, kind="number", walk=True, note="how long it ran"),
        Column(name="executions", sql="i.execute_count", kind="integer", nullable=False, note="times it was started"),
        Column(name="evictions", sql="i.evict_count", kind="integer", nullable=False, note="times it was evicted"),
        Column(name="holds", sql="i.hold_count", kind="integer", nullable=False, note="times it was held"),
        Column(name="hold_reason", sql="i.hold_reason", kind="text", searched=True, note="why it was held last"),
        Column(name="remove_reason", sql="i.remove_reason", kind="text", searched=True, note="why it was removed"),
        Column(name="request_memory_mb", sql="u.req_memory_mb", kind="number", note="memory that it asked for"),
        Column(name="memory_mb", sql="u.used_memory_mb", kind="number",
               note="memory that it used, by HTCondor's account"),
        Column(name="cpu_s", sql="u.cpu_user_s + u.cpu_system_s", kind="number",
               note="processor time that it used, by HTCondor's account"),
        Column(name="workflow_below", sql="(SELECT b.wf_uuid FROM workflow b WHERE b.wf_id = i.subwf_id)", kind="text",
               sortable=False, note="uuid of the workflow that it runs"),
        Column(name="stdout_file", sql="i.stdout_file", kind="text", note="file of its standard output"),
        Column(name="stderr_file", sql="i.stderr_file", kind="text", note="file of its standard error"),
    ),
    source="job j CROSS JOIN job_instance i ON i.job_id = j.job_id LEFT JOIN workflow w ON w.wf_id = j.wf_id "
           "LEFT JOIN host h ON h.host_id = i.host_id "
           "LEFT JOIN resource_usage u ON u.job_instance_id = i.job_instance_id",
    walk="job_instance i CROSS JOIN job j ON j.job_id = i.job_id LEFT JOIN workflow w ON w.wf_id = j.wf_id "
         "LEFT JOIN host h ON h.host_id = i.host_id "
         "LEFT JOIN resource_usage u ON u.job_instance_id = i.job_instance_id",
    scope="j.wf_id",
    key=("i.job_instance_id",),
    search=(r"(i.outcome = 'failed' AND (i.stderr_text LIKE ? ESCAPE '\' OR i.stdout_text LIKE ? ESCAPE '\'))",),
    size="attempts",
)  # fmt: skip


class JobstateItem(msgspec.Struct, kw_only=True):
    """One entry of the history of a try. ``number`` is its place in the engine's log, 0 where that has none."""

    wf_uuid: str
    workflow: str | None
    job: str
    attempt: int
    seq: int
    ts: float
    state: str
    number: int
    reason: str | None


JOBSTATES_OF_TRIES: Final = Collection(
    name="jobstates",
    item=JobstateItem,
    note="The histories of all tries: each state and when it was entered.",
    columns=(
        *WORKFLOW,
        JOB,
        ATTEMPT_NO,
        Column(name="seq", sql="i.job_submit_seq", kind="integer", nullable=False, note="number of the try in its "
                                                                                        "workflow"),
        Column(name="ts", sql="s.timestamp", kind="time", nullable=False, note="when"),
        Column(name="state", sql="s.state", kind="text", nullable=False, note="which state"),
        Column(name="number", sql="s.jobstate_submit_seq", kind="integer", nullable=False,
               note="its place in the engine's log"),
        Column(name="reason", sql="s.reason", kind="text", searched=True, note="why, where that is told"),
    ),
    source="job j CROSS JOIN job_instance i ON i.job_id = j.job_id "
           "CROSS JOIN jobstate s ON s.job_instance_id = i.job_instance_id LEFT JOIN workflow w ON w.wf_id = j.wf_id",
    walk="jobstate s CROSS JOIN job_instance i ON i.job_instance_id = s.job_instance_id "
         "CROSS JOIN job j ON j.job_id = i.job_id LEFT JOIN workflow w ON w.wf_id = j.wf_id",
    scope="j.wf_id",
    key=("s.job_instance_id", "s.timestamp", "s.jobstate_submit_seq", "s.state"),
    size="attempts",
)  # fmt: skip


class InvocationItem(msgspec.Struct, kw_only=True):
    """What a try ran: ``seq`` 1..n its programs (one a task), -1 its PRE script, -2 its POST script."""

    wf_uuid: str
    workflow: str | None
    job: str
    attempt: int
    seq: int
    task: str | None
    transformation: str
    executable: str
    arguments: str | None
    exit: Exit
    start_ts: float
    duration_s: float
    cpu_s: float | None
    max_rss_kb: int | None
    hostname: str | None
    site: str | None
    note: str | None


INVOCATIONS: Final = Collection(
    name="invocations",
    item=InvocationItem,
    note="Invocations: the programs and scripts that tries ran, with their own times and exits.",
    columns=(
        *WORKFLOW,
        JOB,
        ATTEMPT_NO,
        Column(name="seq", sql="v.task_submit_seq", kind="integer", nullable=False,
               note="1..n its programs, -1 the PRE script, -2 the POST script"),
        Column(name="task", sql="v.abs_task_id", kind="text", searched=True, note="the task that it carried out"),
        Column(name="transformation", sql="v.transformation", kind="text", nullable=False, searched=True,
               note="what ran"),
        Column(name="executable", sql="v.executable", kind="text", nullable=False, note="the program"),
        Column(name="arguments", sql="v.argv", kind="text", note="with which arguments"),
        Column(name="exit", sql="v.exitcode", kind="exit", nullable=False,
               note="a code, or the name of a signal"),
        Column(name="start_ts", sql="v.start_time", kind="time", nullable=False, note="when it began"),
        Column(name="duration_s", sql="v.remote_duration", kind="number", nullable=False, note="how long it ran"),
        Column(name="cpu_s", sql="v.remote_cpu_time", kind="number", note="processor time that it used"),
        Column(name="max_rss_kb", sql="v.maxrss", kind="integer", note="memory that it used at most"),
        Column(name="hostname", sql="v.hostname", kind="text", note="where it ran"),
        Column(name="site", sql="v.site", kind="text", note="on which site"),
        Column(name="note", sql="v.note", kind="text", searched=True,
               note="why it did not run, or did not end by itself"),
    ),
    source="invocation v LEFT JOIN job_instance i ON i.job_instance_id = v.job_instance_id "
           "LEFT JOIN job j ON j.job_id = i.job_id LEFT JOIN workflow w ON w.wf_id = v.wf_id",
    scope="v.wf_id",
    key=("v.invocation_id",),
    size="attempts",
)  # fmt: skip


class HostItem(msgspec.Struct, kw_only=True):
    """A host as a workflow met it."""

    wf_uuid: str
    workflow: str | None
    site: str
    hostname: str
    ip: str
    uname: str | None
    memory_kb: int | None


HOSTS: Final = Collection(
    name="hosts",
    item=HostItem,
    note="Hosts on which jobs ran, by workflow.",
    columns=(
        *WORKFLOW,
        Column(name="site", sql="h.site", kind="text", nullable=False, note="site"),
        Column(name="hostname", sql="h.hostname", kind="text", nullable=False, searched=True, note="name"),
        Column(name="ip", sql="h.ip", kind="text", nullable=False, note="address"),
        Column(name="uname", sql="h.uname", kind="text", note="its system"),
        Column(name="memory_kb", sql="h.total_memory", kind="integer", note="its memory, as kickstart tells it"),
    ),
    source="host h LEFT JOIN workflow w ON w.wf_id = h.wf_id",
    scope="h.wf_id",
    key=("h.host_id",),
    sort="site,hostname",
)  # fmt: skip
