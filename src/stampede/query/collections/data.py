"""The collections of data: files of tasks, files that tries read and wrote, transfers."""

from __future__ import annotations

from typing import Final

import msgspec

from stampede.query.collections.column import Collection, Column
from stampede.query.collections.parts import ATTEMPT_NO, JOB, WORKFLOW


class FileItem(msgspec.Struct, kw_only=True):
    """A file that an invocation read or wrote. ``error`` is the errno with which it could not be looked at."""

    wf_uuid: str
    workflow: str | None
    name: str
    output: bool
    place: str | None
    size_bytes: int | None
    checksum: str | None
    error: int | None
    job: str
    attempt: int
    invocation: int


FILES: Final = Collection(
    name="files",
    item=FileItem,
    note="Files that tries read and wrote, as the programs left them.",
    columns=(
        *WORKFLOW,
        Column(name="name", sql="f.lfn", kind="text", nullable=False, searched=True, note="name (LFN)"),
        Column(name="output", sql="f.is_output", kind="boolean", nullable=False, note="written, not read"),
        Column(name="place", sql="f.pfn", kind="text", note="where it lay (PFN)"),
        Column(name="size_bytes", sql="f.size_bytes", kind="integer", note="size"),
        Column(name="checksum", sql="f.checksum", kind="text", note="sha256"),
        Column(name="error", sql="f.error", kind="integer", note="errno of looking at it: 2, it was not there"),
        JOB,
        ATTEMPT_NO,
        Column(name="invocation", sql="f.task_submit_seq", kind="integer", nullable=False,
               note="seq of the invocation"),
    ),
    source="job j CROSS JOIN job_instance i ON i.job_id = j.job_id "
           "CROSS JOIN invocation_file f ON f.job_instance_id = i.job_instance_id "
           "LEFT JOIN workflow w ON w.wf_id = j.wf_id",
    walk="invocation_file f CROSS JOIN job_instance i ON i.job_instance_id = f.job_instance_id "
         "CROSS JOIN job j ON j.job_id = i.job_id LEFT JOIN workflow w ON w.wf_id = j.wf_id",
    scope="j.wf_id",
    key=("f.job_instance_id", "f.task_submit_seq", "f.lfn"),
    size="attempts",
)  # fmt: skip


class TaskFileItem(msgspec.Struct, kw_only=True):
    """A file that a task reads or writes by the workflow description, and what the catalogue knows of it."""

    wf_uuid: str
    workflow: str | None
    name: str
    use: str | None
    task: str
    job: str | None
    place: str | None
    size_bytes: int | None
    checksum: str | None


def _about(key: str) -> str:
    return f"(SELECT m.value FROM rc_meta m WHERE m.lfn_id = f.lfn_id AND m.key = '{key}')"


TASK_FILES: Final = Collection(
    name="task_files",
    item=TaskFileItem,
    note="Files that tasks read and write by the workflow description, with what the catalogue knows of them.",
    columns=(
        *WORKFLOW,
        Column(name="name", sql="l.lfn", kind="text", nullable=False, searched=True, note="name (LFN)"),
        Column(name="use", sql="f.file_type", kind="text", note="input or output"),
        Column(name="task", sql="t.abs_task_id", kind="text", nullable=False, note="id of the task"),
        Column(name="job", sql="j.exec_job_id", kind="text", note="the job that carries the task out"),
        Column(name="place", sql="(SELECT min(p.pfn) FROM rc_pfn p WHERE p.lfn_id = f.lfn_id)", kind="text",
               sortable=False, note="where it lies (PFN)"),
        Column(name="size_bytes", sql=f"CAST({_about('size')} AS INTEGER)", kind="integer", note="size"),
        Column(name="checksum", sql=_about("checksum.value"), kind="text", sortable=False, note="sha256"),
    ),
    source="workflow_files f CROSS JOIN rc_lfn l ON l.lfn_id = f.lfn_id CROSS JOIN task t ON t.task_id = f.task_id "
           "LEFT JOIN job j ON j.job_id = t.job_id LEFT JOIN workflow w ON w.wf_id = f.wf_id",
    scope="f.wf_id",
    key=("f.wf_id", "f.task_id", "f.lfn_id"),
    size="total",
)  # fmt: skip


class TransferItem(msgspec.Struct, kw_only=True):
    """A file that a job moved. ``status`` 0 is success."""

    wf_uuid: str
    workflow: str | None
    job: str
    attempt: int
    seq: int
    name: str | None
    source: str | None
    target: str | None
    source_site: str | None
    target_site: str | None
    size_bytes: int | None
    start_ts: float | None
    duration_s: float | None
    status: int | None
    reason: str | None


TRANSFERS: Final = Collection(
    name="transfers",
    item=TransferItem,
    note="Transfers that jobs made: from where to where, how much, how long, and whether it went well.",
    columns=(
        *WORKFLOW,
        JOB,
        ATTEMPT_NO,
        Column(name="seq", sql="x.seq", kind="integer", nullable=False, note="number of the transfer in its try"),
        Column(name="name", sql="x.lfn", kind="text", searched=True, note="name of the file (LFN)"),
        Column(name="source", sql="x.src_url", kind="text", searched=True, note="from where"),
        Column(name="target", sql="x.dst_url", kind="text", searched=True, note="to where"),
        Column(name="source_site", sql="x.src_site", kind="text", note="from which site"),
        Column(name="target_site", sql="x.dst_site", kind="text", note="to which site"),
        Column(name="size_bytes", sql="x.size_bytes", kind="integer", note="size"),
        Column(name="start_ts", sql="x.start_ts", kind="time", note="when it began"),
        Column(name="duration_s", sql="x.duration_s", kind="number", note="how long it took"),
        Column(name="status", sql="x.status", kind="integer", note="0 when it went well"),
        Column(name="reason", sql="x.reason", kind="text", searched=True, note="why it failed"),
    ),
    source="job j CROSS JOIN job_instance i ON i.job_id = j.job_id "
           "CROSS JOIN transfer x ON x.job_instance_id = i.job_instance_id LEFT JOIN workflow w ON w.wf_id = j.wf_id",
    walk="transfer x CROSS JOIN job_instance i ON i.job_instance_id = x.job_instance_id "
         "CROSS JOIN job j ON j.job_id = i.job_id LEFT JOIN workflow w ON w.wf_id = j.wf_id",
    scope="j.wf_id",
    key=("x.job_instance_id", "x.seq"),
    size="attempts",
)  # fmt: skip
