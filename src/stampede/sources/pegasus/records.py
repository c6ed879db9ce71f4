"""What the readers of this package return: one struct for each kind of record found in the output of a job.

Units: seconds as float (``_s``), bytes, memory in kB (1024 bytes, as the kernel counts); times are epoch seconds.
``None`` means that the record does not say.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from stampede.model.exits import UNKNOWN, Exit

InvocationSource = Literal["kickstart-yaml", "kickstart-xml", "cluster-task", "pmc-task"]

#: A scalar, list or mapping of a multipart block; scalars stay text.
BlockValue = object


class RecordProblem(msgspec.Struct, frozen=True):
    """Something that could not be read: what happened, at which byte of the file, and what to do about it."""

    kind: str
    message: str
    offset: int = 0


class FileUse(msgspec.Struct, gc=False):
    """A file that an invocation read or wrote (``output``), as kickstart saw it.

    ``error`` is the errno of its ``stat`` (2: the file was not there), ``ctime`` the text of the record,
    ``checksum_timing`` the seconds that computing ``sha256`` took.
    """

    lfn: str
    pfn: str | None = None
    size_bytes: int | None = None
    output: bool = False
    error: int | None = None
    user: str | None = None
    ctime: str | None = None
    sha256: str | None = None
    checksum_timing: float | None = None


class Invocation(msgspec.Struct, kw_only=True, gc=False):
    """One program that ran: the main job of a kickstart record, or one task of a cluster without kickstart.

    ``raw_status`` is the number of the record (wait status; -127 and the like when the program could not be started),
    ``exit`` what it means. ``error_note`` says in words why it did not run or did not end by itself. ``argv`` is the
    arguments joined by single blanks, without the executable. ``offset`` is where the record starts in the file.
    """

    source: InvocationSource
    start_time: float | None = None
    duration_s: float | None = None
    transformation: str | None = None
    derivation: str | None = None
    resource: str | None = None
    user: str | None = None
    hostname: str | None = None
    hostaddr: str | None = None
    cwd: str | None = None
    utime_s: float | None = None
    stime_s: float | None = None
    maxrss_kb: int | None = None
    raw_status: int | None = None
    exit: Exit = UNKNOWN
    signal_text: str | None = None
    core_dumped: bool | None = None
    error_note: str | None = None
    executable: str | None = None
    argv: str | None = None
    ram_total_kb: int | None = None
    uname: str | None = None
    cpu_count: int | None = None
    cpu_speed: int | None = None
    cpu_vendor: str | None = None
    cpu_model: str | None = None
    stdout: str | None = None
    stderr: str | None = None
    stdout_truncated: bool = False
    stderr_truncated: bool = False
    files: list[FileUse] = []
    task_id: str | None = None
    offset: int = 0

    @property
    def cpu_time_s(self) -> float | None:
        """User and system time together; ``None`` when neither is known."""
        if self.utime_s is None and self.stime_s is None:
            return None
        return (self.utime_s or 0.0) + (self.stime_s or 0.0)


class ClusterTask(msgspec.Struct, gc=False):
    """One ``[cluster-task …]`` line. ``id`` counts from 1; pegasus-mpi-cluster names its tasks instead (``name``)."""

    id: int | None
    name: str | None
    start_time: float | None
    duration_s: float | None
    raw_status: int | None
    exit: Exit
    app: str | None
    line: int | None = None
    pid: int | None = None
    hostname: str | None = None
    slot: int | None = None
    cpus: int | None = None
    memory_mb: int | None = None
    offset: int = 0


class ClusterSummary(msgspec.Struct, gc=False):
    """The ``[cluster-summary …]`` line: how many tasks a clustered job had and how long the whole took."""

    stat: str | None
    tasks: int | None
    succeeded: int | None
    failed: int | None
    extra: int | None
    start_time: float | None
    duration_s: float | None
    submitted: int | None = None
    lines: int | None = None
    pid: int | None = None
    app: str | None = None
    runtime_s: float | None = None
    slots: int | None = None
    cpus: int | None = None
    offset: int = 0


class ClusterInput(msgspec.Struct, gc=False):
    """One task of a clustered job as its ``.in`` file lists it; ``task_id`` is that of the abstract workflow."""

    id: str
    transformation: str | None
    task_id: str | None
    executable: str | None
    argv: str | None


class IntegritySummary(msgspec.Struct, gc=False):
    """How many checksums of input files were compared, and the seconds it took."""

    succeeded: int
    failed: int
    duration_s: float


class IntegrityAttempt(msgspec.Struct, gc=False):
    """One file whose checksum was compared."""

    lfn: str | None
    pfn: str | None
    sha256: str | None
    success: bool


class TransferAttempt(msgspec.Struct, gc=False):
    """One attempt of pegasus-transfer to move a file."""

    lfn: str | None
    src_url: str | None
    src_label: str | None
    dst_url: str | None
    dst_label: str | None
    success: bool
    start_time: float | None
    duration_s: float | None
    size_bytes: int | None


class Location(msgspec.Struct, gc=False):
    """Where on earth the job ran, as the optional ``location`` block of PegasusLite tells."""

    ip: str | None
    latitude: float | None
    longitude: float | None
    geohash: str | None
    organization: str | None
    subdomain: str | None


class OtherBlock(msgspec.Struct, gc=False):
    """A multipart block of a kind without a struct of its own; its scalars stay text."""

    key: str
    value: BlockValue
    offset: int


class MonitoringPayload(msgspec.Struct, gc=False):
    """JSON that a program printed between the monitoring marks.

    ``invocation`` counts from 1 in file order (``None``: outside of every record), ``stream`` is ``stdout`` or
    ``stderr``.
    """

    ts: float | None
    monitoring_event: str
    payload: list[dict[str, object]]
    stream: str
    invocation: int | None = None
    offset: int = 0


class JobOutput(msgspec.Struct, gc=False):
    """All that one output file of a job holds, each kind in file order.

    ``rest`` is the text outside of all records: what a job without kickstart printed, the scheduler's prologue and
    epilogue, messages of the wrapper.
    """

    invocations: list[Invocation] = []
    cluster_tasks: list[ClusterTask] = []
    cluster_summary: ClusterSummary | None = None
    integrity: IntegritySummary | None = None
    integrity_attempts: list[IntegrityAttempt] = []
    transfer_attempts: list[TransferAttempt] = []
    location: Location | None = None
    blocks: list[OtherBlock] = []
    payloads: list[MonitoringPayload] = []
    rest: str = ""
    problems: list[RecordProblem] = []
