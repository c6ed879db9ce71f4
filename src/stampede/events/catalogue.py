"""The catalogue: one struct for each thing that can happen.

Source of names and meanings: the Stampede schema page (3.2) and the YANG module ``stampede-schema`` (2016-01-06), with
the events that Pegasus 5.1 sends without describing them. Events and attributes marked *ours* are added by Stampede;
they are described in ``events/yang/stampede-schema.yang`` like all others.

Units: ``ts``, ``start_time`` and ``cluster_start`` are epoch seconds; ``dur``, ``local_dur`` … seconds; ``maxrss`` KB;
``exitcode`` the raw wait status (``model.exits``); ``status`` 0 for success and -1 for failure unless said otherwise.
"""

from __future__ import annotations

from typing import ClassVar

from stampede.events.base import Event, JobInstEvent, Value

# ---- the workflow ---------------------------------------------------------------------------------------------------


class WfPlan(Event, kw_only=True, gc=False):
    """A workflow exists; sent once, before anything else about it."""

    NAME: ClassVar[str] = "stampede.wf.plan"
    submit_hostname: str | None = None
    dax_label: str | None = None
    dax_index: str | None = None
    dax_version: str | None = None
    dax_file: str | None = None
    dag_file_name: str | None = None
    planner_version: str | None = None
    grid_dn: str | None = None
    user: str | None = None
    submit_dir: str | None = None
    argv: str | None = None
    parent_xwf_id: str | None = None
    root_xwf_id: str | None = None
    #: ours: the node of the parent DAG that is this workflow
    parent_job_id: str | None = None
    #: ours: where the directory lies now, when that is not the recorded ``submit_dir``
    found_dir: str | None = None
    #: ours: ``pegasus``, ``dagman`` or the name of another engine
    engine: str | None = None
    db_url: str | None = None


class StaticStart(Event, kw_only=True, gc=False):
    """The planner's events follow."""

    NAME: ClassVar[str] = "stampede.static.start"


class StaticEnd(Event, kw_only=True, gc=False):
    """The planner's events are complete."""

    NAME: ClassVar[str] = "stampede.static.end"


class StaticMetaStart(Event, kw_only=True, gc=False):
    """The planner's metadata follow."""

    NAME: ClassVar[str] = "stampede.static.meta.start"


class StaticMetaEnd(Event, kw_only=True, gc=False):
    """The planner's metadata are complete."""

    NAME: ClassVar[str] = "stampede.static.meta.end"


class XwfStart(Event, kw_only=True, gc=False):
    """The engine started to run the workflow; ``restart_count`` counts from 0."""

    NAME: ClassVar[str] = "stampede.xwf.start"
    restart_count: int
    reason: str | None = None
    #: ours: the engine's own id (HTCondor cluster of DAGMan), version and process
    dagman_id: str | None = None
    dagman_version: str | None = None
    pid: int | None = None
    #: ours: number of the rescue file that was read (0: none)
    rescue: int | None = None
    #: ours: what the start does to the nodes: ``keep`` (recovery), ``incomplete`` (rescue), ``all`` (from the start)
    reset: str | None = None


class XwfEnd(Event, kw_only=True, gc=False):
    """The engine ended; ``status`` is its exit code."""

    NAME: ClassVar[str] = "stampede.xwf.end"
    restart_count: int
    status: int
    reason: str | None = None
    #: ours: ``success``, ``failed``, ``removed``, ``halted`` or ``lost``
    outcome: str | None = None
    #: ours: 1 when the exit code is not known, and how the run ended is for its nodes to say
    exit_unknown: int | None = None


class XwfState(Event, kw_only=True, gc=False):
    """Ours: the engine changed its mood without starting or ending.

    ``state`` is one of ``halted``, ``resumed``, ``recovery_start``, ``recovery_end``, ``aborted``, ``abort_dag_on``,
    ``removed``, ``held``, ``released``, ``evicted``, ``lost``, ``parse_error``, ``rescue_written``, ``monitor_died``,
    ``lock_refused``, ``log_unreadable``, ``seen`` (its log goes on, nothing else happened); ``value`` a name or number
    that belongs to it.
    """

    NAME: ClassVar[str] = "stampede.xwf.state"
    state: str
    reason: str | None = None
    value: str | None = None
    restart_count: int | None = None


class XwfNodes(Event, kw_only=True, gc=False):
    """Ours: DAGMan's own table of node counts, as it last wrote it, with its ``DAG status`` number and name."""

    NAME: ClassVar[str] = "stampede.xwf.nodes"
    total: int
    done: int
    pre: int
    queued: int
    post: int
    ready: int
    unready: int
    failed: int
    futile: int | None = None
    held: int | None = None
    dag_status: int | None = None
    dag_status_name: str | None = None


class XwfMapSubwfJob(Event, kw_only=True, gc=False):
    """Job instance ``job_inst_id`` of this workflow is sub-workflow ``subwf_id``."""

    NAME: ClassVar[str] = "stampede.xwf.map.subwf_job"
    subwf_id: str
    job_id: str
    job_inst_id: int


class XwfMeta(Event, kw_only=True, gc=False):
    """A key and value about the workflow."""

    NAME: ClassVar[str] = "stampede.xwf.meta"
    key: str
    value: str | None = None


# ---- tasks, jobs and files ------------------------------------------------------------------------------------------


class TaskInfo(Event, kw_only=True, gc=False):
    """A task of the workflow description."""

    NAME: ClassVar[str] = "stampede.task.info"
    task_id: str
    type: int | None = None
    type_desc: str | None = None
    transformation: str | None = None
    argv: str | None = None


class TaskEdge(Event, kw_only=True, gc=False):
    """A task depends on another."""

    NAME: ClassVar[str] = "stampede.task.edge"
    parent_task_id: str
    child_task_id: str


class TaskMeta(Event, kw_only=True, gc=False):
    """A key and value about a task."""

    NAME: ClassVar[str] = "stampede.task.meta"
    task_id: str
    key: str
    value: str | None = None


class RcMeta(Event, kw_only=True, gc=False):
    """A key and value about a file."""

    NAME: ClassVar[str] = "stampede.rc.meta"
    lfn_id: str
    key: str
    value: str | None = None


class RcPfn(Event, kw_only=True, gc=False):
    """A replica of a file was registered."""

    NAME: ClassVar[str] = "stampede.rc.pfn"
    lfn_id: str
    pfn: str
    site: str | None = None


class WfMapFile(Event, kw_only=True, gc=False):
    """A task has to do with a file."""

    NAME: ClassVar[str] = "stampede.wf.map.file"
    task_id: str
    lfn_id: str
    #: ours: ``input`` or ``output``, where somebody kept that
    file_type: str | None = None


class JobInfo(Event, kw_only=True, gc=False):
    """A job of the executable workflow."""

    NAME: ClassVar[str] = "stampede.job.info"
    job_id: str
    submit_file: str | None = None
    type: int | None = None
    type_desc: str | None = None
    clustered: int | None = None
    max_retries: int | None = None
    executable: str | None = None
    argv: str | None = None
    task_count: int | None = None
    #: ours: ``job``, ``subdag``, ``final``, ``service`` or ``provisioner``
    node_type: str | None = None
    #: ours: 1 when DAGMan runs a script of that kind for the node
    pre_script: str | None = None
    post_script: str | None = None
    hold_script: str | None = None
    #: ours: ``DONE`` and ``NOOP`` of the DAG file
    done: int | None = None
    noop: int | None = None
    category: str | None = None
    priority: int | None = None
    transformation: str | None = None
    subdag_file: str | None = None
    abort_dag_on: str | None = None


class WfMapTaskJob(Event, kw_only=True, gc=False):
    """A task runs as part of a job."""

    NAME: ClassVar[str] = "stampede.wf.map.task_job"
    task_id: str
    job_id: str


class JobEdge(Event, kw_only=True, gc=False):
    """A job depends on another."""

    NAME: ClassVar[str] = "stampede.job.edge"
    parent_job_id: str
    child_job_id: str


class JobState(Event, kw_only=True, gc=False):
    """Ours: the engine's word on a node where it does not follow from its job instances.

    ``state``: ``done``, ``failed``, ``ready`` (waits, for a retry too), ``unready``, ``futile``.
    """

    NAME: ClassVar[str] = "stampede.job.state"
    job_id: str
    state: str
    reason: str | None = None


# ---- job instances --------------------------------------------------------------------------------------------------


class JobInstPreStart(JobInstEvent, kw_only=True, gc=False):
    """The pre script runs."""

    NAME: ClassVar[str] = "stampede.job_inst.pre.start"


class JobInstPreTerm(JobInstEvent, kw_only=True, gc=False):
    """The pre script ended."""

    NAME: ClassVar[str] = "stampede.job_inst.pre.term"
    status: int | None = None


class JobInstPreEnd(JobInstEvent, kw_only=True, gc=False):
    """The pre script succeeded or failed."""

    NAME: ClassVar[str] = "stampede.job_inst.pre.end"
    status: int
    exitcode: int | None = None


class JobInstSubmitStart(JobInstEvent, kw_only=True, gc=False):
    """The job is handed to the scheduler."""

    NAME: ClassVar[str] = "stampede.job_inst.submit.start"
    site: str | None = None


class JobInstSubmitEnd(JobInstEvent, kw_only=True, gc=False):
    """The scheduler took the job, or did not."""

    NAME: ClassVar[str] = "stampede.job_inst.submit.end"
    status: int


class JobInstGridSubmitStart(JobInstEvent, kw_only=True, gc=False):
    """The job is handed to a grid resource."""

    NAME: ClassVar[str] = "stampede.job_inst.grid.submit.start"


class JobInstGridSubmitEnd(JobInstEvent, kw_only=True, gc=False):
    """The grid resource took the job, or did not."""

    NAME: ClassVar[str] = "stampede.job_inst.grid.submit.end"
    status: int


class JobInstGlobusSubmitStart(JobInstEvent, kw_only=True, gc=False):
    """The job is handed to a Globus resource."""

    NAME: ClassVar[str] = "stampede.job_inst.globus.submit.start"


class JobInstGlobusSubmitEnd(JobInstEvent, kw_only=True, gc=False):
    """The Globus resource took the job, or did not."""

    NAME: ClassVar[str] = "stampede.job_inst.globus.submit.end"
    status: int


class JobInstHeldStart(JobInstEvent, kw_only=True, gc=False):
    """The job is held, for ``reason``; ``code`` and ``subcode`` (ours) as in the HTCondor manual's hold codes."""

    NAME: ClassVar[str] = "stampede.job_inst.held.start"
    code: int | None = None
    subcode: int | None = None


class JobInstHeldEnd(JobInstEvent, kw_only=True, gc=False):
    """The job was released."""

    NAME: ClassVar[str] = "stampede.job_inst.held.end"
    status: int | None = None


class JobInstMainStart(JobInstEvent, kw_only=True, gc=False):
    """The job executes."""

    NAME: ClassVar[str] = "stampede.job_inst.main.start"
    stdin_file: str | None = None
    stdout_file: str | None = None
    stderr_file: str | None = None
    #: ours: the slot and machine that the job event log names
    slot: str | None = None
    hostname: str | None = None


class JobInstMainTerm(JobInstEvent, kw_only=True, gc=False):
    """The job left its machine: 0 terminated, -1 evicted."""

    NAME: ClassVar[str] = "stampede.job_inst.main.term"
    status: int
    #: ours: why it was evicted
    code: int | None = None
    subcode: int | None = None


class JobInstMainEnd(JobInstEvent, kw_only=True, gc=False):
    """All that is known of the job after it ended."""

    NAME: ClassVar[str] = "stampede.job_inst.main.end"
    stdin_file: str | None = None
    stdout_file: str | None = None
    stderr_file: str | None = None
    stdout_text: str | None = None
    stderr_text: str | None = None
    site: str | None = None
    user: str | None = None
    work_dir: str | None = None
    local_dur: float | None = None
    cluster_start: float | None = None
    cluster_dur: float | None = None
    multiplier_factor: int | None = None
    status: int
    exitcode: int | None = None
    #: ours: 1 when the exit is not known and ``exitcode`` only says "failed"
    exit_unknown: int | None = None


class JobInstPostStart(JobInstEvent, kw_only=True, gc=False):
    """The post script runs."""

    NAME: ClassVar[str] = "stampede.job_inst.post.start"


class JobInstPostTerm(JobInstEvent, kw_only=True, gc=False):
    """The post script ended."""

    NAME: ClassVar[str] = "stampede.job_inst.post.term"
    status: int | None = None


class JobInstPostEnd(JobInstEvent, kw_only=True, gc=False):
    """The post script succeeded or failed."""

    NAME: ClassVar[str] = "stampede.job_inst.post.end"
    status: int
    exitcode: int | None = None


class JobInstHostInfo(JobInstEvent, kw_only=True, gc=False):
    """Where the job ran."""

    NAME: ClassVar[str] = "stampede.job_inst.host.info"
    site: str | None = None
    hostname: str | None = None
    ip: str | None = None
    total_memory: int | None = None
    uname: str | None = None


class JobInstImageInfo(JobInstEvent, kw_only=True, gc=False):
    """The size of the running job: ``size`` and (ours) ``rss_kb`` in KB, ``memory_mb`` in MB."""

    NAME: ClassVar[str] = "stampede.job_inst.image.info"
    size: int | None = None
    rss_kb: int | None = None
    memory_mb: int | None = None


class JobInstAbortInfo(JobInstEvent, kw_only=True, gc=False):
    """The job was removed."""

    NAME: ClassVar[str] = "stampede.job_inst.abort.info"


class JobInstRemoteError(JobInstEvent, kw_only=True, gc=False):
    """The remote side reported an error."""

    NAME: ClassVar[str] = "stampede.job_inst.remote_error"


class JobInstTag(JobInstEvent, kw_only=True, gc=False):
    """A named count, e.g. ``int.error``."""

    NAME: ClassVar[str] = "stampede.job_inst.tag"
    name: str
    count: int


class JobInstComposite(JobInstEvent, kw_only=True, gc=False):
    """Everything about one try in a single record, made for search engines; not loaded (it repeats the others)."""

    NAME: ClassVar[str] = "stampede.job_inst.composite"


class JobInstState(JobInstEvent, kw_only=True, gc=False):
    """A state that has no event of its own (suspended, disconnected, shadow exception …), or one told by an engine.

    The seed's ``stampede.jobinstance.state`` is this one.
    """

    NAME: ClassVar[str] = "stampede.job_inst.state"
    state: str
    code: int | None = None
    subcode: int | None = None


class JobInstUsage(JobInstEvent, kw_only=True, gc=False):
    """Ours: resources requested, allocated and used by one execution, as the job event log tells at its end."""

    NAME: ClassVar[str] = "stampede.job_inst.usage"
    req_cpus: float | None = None
    req_memory_mb: float | None = None
    req_disk_kb: float | None = None
    req_gpus: float | None = None
    #: the job's own requirements on machines, where no job of the workflow that has the same was given one
    unmet_requirements: str | None = None
    alloc_cpus: float | None = None
    alloc_memory_mb: float | None = None
    alloc_disk_kb: float | None = None
    alloc_gpus: float | None = None
    used_cpus: float | None = None
    used_memory_mb: float | None = None
    used_disk_kb: float | None = None
    used_gpus: float | None = None
    cpu_user_s: float | None = None
    cpu_system_s: float | None = None
    bytes_sent: float | None = None
    bytes_received: float | None = None
    slot: str | None = None
    hostname: str | None = None


class IntMetric(JobInstEvent, kw_only=True, gc=False):
    """Checksums made or checked by a try; ``duration`` in seconds."""

    NAME: ClassVar[str] = "stampede.int.metric"
    type: str
    file_type: str | None = None
    count: int | None = None
    duration: float | None = None


# ---- invocations ----------------------------------------------------------------------------------------------------


class InvStart(Event, kw_only=True, gc=False):
    """An invocation began."""

    NAME: ClassVar[str] = "stampede.inv.start"
    job_id: str
    job_inst_id: int
    inv_id: int


class InvEnd(Event, kw_only=True, gc=False):
    """An invocation ended; everything about it."""

    NAME: ClassVar[str] = "stampede.inv.end"
    job_id: str
    job_inst_id: int
    inv_id: int
    start_time: float | None = None
    dur: float | None = None
    remote_cpu_time: float | None = None
    exitcode: int | None = None
    transformation: str | None = None
    executable: str | None = None
    argv: str | None = None
    task_id: str | None = None
    maxrss: int | None = None
    avg_cpu: float | None = None
    #: ours: the place it ran, and in words why it did not run or did not end by itself
    hostname: str | None = None
    site: str | None = None
    note: str | None = None


class InvFile(Event, kw_only=True, gc=False):
    """Ours: a file an invocation read or wrote, as its kickstart record tells; ``error`` is the errno of its stat."""

    NAME: ClassVar[str] = "stampede.inv.file"
    job_id: str
    job_inst_id: int
    inv_id: int
    lfn_id: str
    pfn: str | None = None
    output: int | None = None
    size: int | None = None
    error: int | None = None
    checksum: str | None = None


class InvTransfer(Event, kw_only=True, gc=False):
    """Ours: one attempt to move a file, as the transfer tool tells."""

    NAME: ClassVar[str] = "stampede.inv.transfer"
    job_id: str
    job_inst_id: int
    lfn_id: str | None = None
    src_url: str | None = None
    dst_url: str | None = None
    src_site: str | None = None
    dst_site: str | None = None
    size_bytes: int | None = None
    start_time: float | None = None
    dur: float | None = None
    status: int | None = None
    reason: str | None = None


class TaskMonitoring(Event, kw_only=True, gc=False):
    """A payload that a running task printed for the monitor; its own keys are in ``extra``."""

    NAME: ClassVar[str] = "stampede.task.monitoring"
    job_id: str
    job_inst_id: int
    sched_id: str | None = None
    inv_id: int | None = None
    monitoring_event: str | None = None


# ---- what is not as it was ------------------------------------------------------------------------------------------


class AnomalyEvent(Event, kw_only=True, gc=False):
    """Ours: something about a run is not as it was. ``subject`` names it among those of its kind in that run; told
    again, it replaces what was told before.

    ``observed``, ``expected``, ``low`` and ``high`` are in ``unit`` (``s``, ``share``, ``spreads``); ``jobs`` of
    ``of_jobs`` show it; ``reason`` says in a sentence what was expected and why.
    """

    subject: str
    reason: str
    job: str | None = None
    attempt: int | None = None
    host: str | None = None
    transformation: str | None = None
    unit: str | None = None
    observed: float | None = None
    expected: float | None = None
    low: float | None = None
    high: float | None = None
    jobs: int | None = None
    of_jobs: int | None = None
    score: float | None = None


class AnomalyJob(AnomalyEvent, kw_only=True, gc=False):
    """Ours: a try took much longer, or shorter, than expected."""

    NAME: ClassVar[str] = "stampede.anomaly.job"


class AnomalyHost(AnomalyEvent, kw_only=True, gc=False):
    """Ours: jobs on a host take longer than the same jobs did; the host is suspect."""

    NAME: ClassVar[str] = "stampede.anomaly.host"


class AnomalyBaseline(AnomalyEvent, kw_only=True, gc=False):
    """Ours: most jobs of a transformation no longer take what they did; the expectation is learnt anew."""

    NAME: ClassVar[str] = "stampede.anomaly.baseline"


class AnomalyFailureRate(AnomalyEvent, kw_only=True, gc=False):
    """Ours: jobs of a transformation, or on a host, fail much more often than before."""

    NAME: ClassVar[str] = "stampede.anomaly.failure_rate"


class AnomalyStall(AnomalyEvent, kw_only=True, gc=False):
    """Ours: nothing happened for much longer than ever in the run, and no job that ran explains it."""

    NAME: ClassVar[str] = "stampede.anomaly.stall"


class AnomalyStartWithoutEnd(AnomalyEvent, kw_only=True, gc=False):
    """Ours: a try began to run and nothing tells that it ended, though it should have."""

    NAME: ClassVar[str] = "stampede.anomaly.start_without_end"


class AnomalyCleared(Event, kw_only=True, gc=False):
    """Ours: what was told as an anomaly of that kind and subject turned out to be none."""

    NAME: ClassVar[str] = "stampede.anomaly.cleared"
    kind: str
    subject: str


# ---- the monitor itself ---------------------------------------------------------------------------------------------


class Problem(Event, kw_only=True, gc=False):
    """Ours: input that could not be taken as it was. Nothing is dropped silently: it ends up here.

    ``kind`` is a short fixed word (``undecodable``, ``unknown_node``, ``contradiction`` …), ``message`` says what
    happened and what was done, ``remedy`` what a user can do; ``file`` is relative to the submit directory.
    """

    NAME: ClassVar[str] = "stampede.problem"
    kind: str
    message: str
    file: str | None = None
    offset: int | None = None
    remedy: str | None = None
    severity: str | None = None


_SPECIAL = {
    "submit_hostname": "submit.hostname", "submit_dir": "submit.dir", "submit_file": "submit_file",
    "type_desc": "type_desc", "max_retries": "max_retries", "task_count": "task_count",
    "restart_count": "restart_count", "grid_dn": "grid_dn", "work_dir": "work_dir",
    "multiplier_factor": "multiplier_factor", "total_memory": "total_memory", "start_time": "start_time",
    "remote_cpu_time": "remote_cpu_time", "avg_cpu": "avg_cpu", "file_type": "file_type",
    "monitoring_event": "monitoring_event", "js_id": "js.id", "xwf_id": "xwf.id", "job_id": "job.id",
    "job_inst_id": "job_inst.id", "inv_id": "inv.id", "task_id": "task.id", "lfn_id": "lfn.id", "sched_id": "sched.id",
    "parent_task_id": "parent.task.id", "child_task_id": "child.task.id", "parent_job_id": "parent.job.id",
    "child_job_id": "child.job.id", "parent_xwf_id": "parent.xwf.id", "root_xwf_id": "root.xwf.id",
    "subwf_id": "subwf.id", "dax_label": "dax.label", "dax_index": "dax.index", "dax_version": "dax.version",
    "dax_file": "dax.file", "dag_file_name": "dag.file.name", "planner_version": "planner.version",
    "stdin_file": "stdin.file", "stdout_file": "stdout.file", "stderr_file": "stderr.file",
    "stdout_text": "stdout.text", "stderr_text": "stderr.text", "local_dur": "local.dur",
    "cluster_start": "cluster.start", "cluster_dur": "cluster.dur",
}  # fmt: skip


def _concrete(base: type[Event]) -> list[type[Event]]:
    found = []
    for cls in base.__subclasses__():
        if cls.NAME:
            found.append(cls)
        found += _concrete(cls)
    return found


def _catalogue() -> dict[str, type[Event]]:
    known = {}
    for cls in _concrete(Event):
        cls.WIRE = {f: _SPECIAL.get(f, f) for f in cls.__struct_fields__ if f != "extra"}
        known[cls.NAME] = cls
    return known


#: full name on the wire -> struct
EVENTS: dict[str, type[Event]] = _catalogue()

__all__ = ["EVENTS", "Event", "JobInstEvent", "Value", *sorted(c.__name__ for c in EVENTS.values())]
