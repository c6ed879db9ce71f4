"""What is read of a database that Pegasus wrote, one struct a kind of row; the number of the row comes first."""

from __future__ import annotations

import msgspec


class WorkflowRow(msgspec.Struct, frozen=True):
    """A workflow; one that a master database only lists has a negative number."""

    wf_id: int
    wf_uuid: str
    dag_file_name: str | None
    timestamp: float | None
    submit_hostname: str | None
    submit_dir: str | None
    planner_arguments: str | None
    user: str | None
    grid_dn: str | None
    planner_version: str | None
    dax_label: str | None
    dax_version: str | None
    dax_index: str | None
    dax_file: str | None
    db_url: str | None
    parent_wf_id: int | None
    root_wf_id: int | None
    found_dir: str | None


class WorkflowStateRow(msgspec.Struct, frozen=True):
    """The engine started or ended."""

    wf_id: int
    state: str
    timestamp: float
    restart_count: int | None
    status: int | None
    reason: str | None


class MetaRow(msgspec.Struct, frozen=True):
    """A key and value; ``number`` is that of the workflow, the task or the file."""

    number: int
    key: str
    value: str | None


class JobRow(msgspec.Struct, frozen=True, gc=False):
    """A job of the executable workflow."""

    job_id: int
    wf_id: int
    exec_job_id: str
    submit_file: str | None
    type_desc: str | None
    clustered: int | None
    max_retries: int | None
    executable: str | None
    argv: str | None
    task_count: int | None


class JobFact(msgspec.Struct, frozen=True, gc=False):
    """What follows of a job from its tries: whether states of a POST script, and of the end of its program, are there,
    and for a job without tasks what its last try ran."""

    has_post: bool = False
    has_end: bool = False
    transformation: str | None = None


class EdgeRow(msgspec.Struct, frozen=True, gc=False):
    """A job or task that comes before another; ``number`` is that of the first, None when that has no row."""

    number: int | None
    wf_id: int
    parent: str
    child: str


class TaskRow(msgspec.Struct, frozen=True, gc=False):
    """A task, with the name of the job that carries it out."""

    task_id: int
    wf_id: int
    abs_task_id: str
    transformation: str | None
    argv: str | None
    type_desc: str | None
    job: str | None


class FileRow(msgspec.Struct, frozen=True, gc=False):
    """A file that a task has to do with."""

    number: int
    lfn: str
    file_type: str | None


class LfnRow(msgspec.Struct, frozen=True, gc=False):
    """A file by its logical name."""

    lfn_id: int
    lfn: str


class ReplicaRow(msgspec.Struct, frozen=True, gc=False):
    """Where a file lies."""

    number: int
    pfn: str
    site: str | None


class TryRow(msgspec.Struct, frozen=True, gc=False):
    """A try of a job, with the job's workflow, name and type, and the host it ran on."""

    job_instance_id: int
    job_id: int | None
    job_submit_seq: int
    sched_id: str | None
    site: str | None
    user: str | None
    work_dir: str | None
    cluster_start: float | None
    cluster_duration: float | None
    local_duration: float | None
    subwf_id: int | None
    stdin_file: str | None
    stdout_file: str | None
    stdout_text: str | None
    stderr_file: str | None
    stderr_text: str | None
    multiplier_factor: int | None
    exitcode: int | None
    wf_id: int | None
    job: str | None
    type_desc: str | None
    host_id: int | None
    host_site: str | None
    hostname: str | None
    ip: str | None
    uname: str | None
    total_memory: int | None


class StateRow(msgspec.Struct, frozen=True, gc=False):
    """A state of a try."""

    number: int
    state: str
    timestamp: float
    jobstate_submit_seq: int | None
    reason: str | None


class InvocationRow(msgspec.Struct, frozen=True, gc=False):
    """What a try ran."""

    number: int
    task_submit_seq: int
    start_time: float | None
    remote_duration: float | None
    remote_cpu_time: float | None
    exitcode: int | None
    transformation: str | None
    executable: str | None
    argv: str | None
    abs_task_id: str | None
    maxrss: int | None
    avg_cpu: float | None


class CheckRow(msgspec.Struct, frozen=True, gc=False):
    """Checksums that a try made or checked."""

    number: int
    type: str
    file_type: str | None
    count: int | None
    duration: float | None


class TagRow(msgspec.Struct, frozen=True, gc=False):
    """A named count of a try."""

    number: int
    name: str
    count: int
