"""What the loader remembers between events: the workflows, jobs and job instances that are alive.

Ended jobs are forgotten after the commit that wrote them, so memory follows what runs, not what has run. Whatever is
asked for again is read back from the database.
"""

from __future__ import annotations

from collections.abc import Collection
from operator import attrgetter
from typing import Any, Final

import msgspec

from stampede.store.connection import Connection

#: the counts kept for every workflow (columns of ``workflow_summary``)
COUNTS: Final = (
    "total", "done", "failed", "futile", "ready", "unready", "pre", "queued", "post", "submits", "executes", "holds",
    "evictions", "attempts", "attempts_failed", "problems",
)  # fmt: skip


class Instance(msgspec.Struct, gc=False):
    """One try of a job; the fields (all but the last two) are the columns of its row."""

    job_instance_id: int
    job_id: int
    job_submit_seq: int
    host_id: int | None = None
    sched_id: str | None = None
    site: str | None = None
    user: str | None = None
    work_dir: str | None = None
    cluster_start: float | None = None
    cluster_duration: float | None = None
    local_duration: float | None = None
    subwf_id: int | None = None
    stdout_file: str | None = None
    stdout_text: str | None = None
    stderr_file: str | None = None
    stderr_text: str | None = None
    stdin_file: str | None = None
    multiplier_factor: int = 1
    exitcode: int | None = None
    restart_count: int | None = None
    state: str | None = None
    state_ts: float | None = None
    state_seq: int = 0
    outcome: str | None = None
    main_exitcode: int | None = None
    exit_unknown: int | None = None
    pre_exitcode: int | None = None
    post_exitcode: int | None = None
    pre_start_ts: float | None = None
    pre_end_ts: float | None = None
    submit_ts: float | None = None
    execute_ts: float | None = None
    end_ts: float | None = None
    post_start_ts: float | None = None
    post_end_ts: float | None = None
    hold_reason: str | None = None
    hold_code: int | None = None
    hold_subcode: int | None = None
    remove_reason: str | None = None
    submit_count: int = 0
    execute_count: int = 0
    hold_count: int = 0
    evict_count: int = 0
    slot: str | None = None
    image_size_kb: int | None = None
    interrupted: int | None = None
    alike: int | None = None
    #: its row has to be written
    dirty: bool = True
    #: its row does not exist yet
    is_new: bool = True


#: columns of ``job_instance`` that are written from an ``Instance``, key first
INSTANCE_COLUMNS: Final = Instance.__struct_fields__[:-2]

instance_row = attrgetter(*INSTANCE_COLUMNS)
instance_update_row = attrgetter(*INSTANCE_COLUMNS[3:], "job_instance_id")


class Job:
    """A job: its node state and the instance that is under way."""

    __slots__ = (
        "attempts", "attempts_in_run", "current", "dirty", "duration_s", "has_post", "job_id", "last_instance_id",
        "last_seq", "max_retries", "name", "reason", "state", "state_ts", "touched",
    )  # fmt: skip

    def __init__(self, job_id: int, name: str, max_retries: int = 0, has_post: bool = False) -> None:
        self.job_id = job_id
        self.name = name
        self.max_retries = max_retries
        self.has_post = has_post
        self.state = "unready"
        self.state_ts: float | None = None
        self.reason: str | None = None
        self.attempts = self.attempts_in_run = self.last_seq = 0
        self.last_instance_id: int | None = None
        #: how long its last try was on a machine
        self.duration_s: float | None = None
        self.current: Instance | None = None
        self.dirty = False
        #: listed in ``Workflow.touched``
        self.touched = False

    def measure(self, instance: Instance) -> None:
        """Keep how long one of its tries took, when it is the last."""
        if instance.job_instance_id != self.last_instance_id:
            return
        took = instance.local_duration
        if took is None and instance.end_ts is not None and instance.execute_ts is not None:
            took = instance.end_ts - instance.execute_ts
        if took != self.duration_s:
            self.duration_s = took
            self.dirty = True


_JOB_QUERY = """
SELECT j.exec_job_id, j.job_id, j.max_retries, j.post_script, j.node_state, j.node_state_ts, j.node_state_reason,
       j.attempts, j.attempts_in_run, j.last_job_instance_id, j.duration_s,
       (SELECT max(i.job_submit_seq) FROM job_instance i WHERE i.job_id = j.job_id)
FROM json_each(?) n CROSS JOIN job j ON j.wf_id = ? AND j.exec_job_id = n.value"""


def jobs_from_database(connection: Connection, wf_id: int, names: Collection[str]) -> list[Job]:
    """The jobs of those names as last written; those that never were are left out."""
    listed = msgspec.json.encode([name for name in names if "\0" not in name]).decode()
    rows = connection.execute(_JOB_QUERY, (listed, wf_id)).fetchall()
    one = _JOB_QUERY.replace("json_each(?)", "(SELECT ? AS value)")
    for name in (name for name in names if "\0" in name):  # where SQLite's JSON ends
        rows += connection.execute(one, (name, wf_id)).fetchall()
    return [_job(row) for row in rows]


def _job(row: tuple[Any, ...]) -> Job:
    job = Job(row[1], row[0], row[2] or 0, row[3] is not None)
    job.state, job.state_ts, job.reason = row[4], row[5], row[6]
    job.attempts, job.attempts_in_run, job.last_instance_id, job.last_seq = row[7], row[8], row[9], row[11] or 0
    job.duration_s = row[10]
    return job


def instance_from_database(connection: Connection, job_id: int, seq: int) -> Instance | None:
    """The job instance as last written, or None when it never was."""
    columns = ", ".join(f'"{c}"' for c in INSTANCE_COLUMNS)
    row = connection.execute(
        f"SELECT {columns} FROM job_instance WHERE job_id = ? AND job_submit_seq = ?", (job_id, seq)
    ).fetchone()
    return None if row is None else Instance(*row, dirty=False, is_new=False)  # type: ignore[misc]


class Workflow:
    """A workflow: its jobs that are alive, its counts, and what its graph has still to be told."""

    __slots__ = (
        "absent", "counts", "declaring", "dirty", "first_ts", "forgetful", "grown", "jobs", "last_ts", "moved",
        "problematic",
        "restart_count", "root_id", "state", "touched", "unsettled", "uuid", "wf_id",
    )  # fmt: skip

    def __init__(self, wf_id: int, uuid: str, root_id: int) -> None:
        self.wf_id = wf_id
        self.uuid = uuid
        self.root_id = root_id
        self.jobs: dict[str, Job] = {}
        self.counts: dict[str, int] = dict.fromkeys(COUNTS, 0)
        self.state = "unstarted"
        self.restart_count = 0
        self.first_ts: float | None = None
        self.last_ts: float | None = None
        self.dirty = True
        #: nothing of it runs yet, and more of it may be declared: node states are settled later, all at once
        self.declaring = True
        #: problems were noted that have not been counted
        self.problematic = False
        #: nodes or edges were added since the nodes were settled
        self.grown = False
        #: some of its jobs are in the database only
        self.forgetful = False
        #: names of this batch that no job in the database had when it began
        self.absent: set[str] = set()
        #: jobs whose row or current instance has to be written
        self.touched: list[Job] = []
        #: jobs that became done or failed, or stopped being so: (job, was, is)
        self.moved: list[tuple[Job, str, str]] = []
        #: jobs whose parents have to be counted anew; None for all of them
        self.unsettled: set[str] | None = set()

    def touch(self, job: Job) -> None:
        """Have the job and its current instance written at the next flush."""
        if not job.touched:
            job.touched = True
            self.touched.append(job)

    def unsettle(self, name: str) -> None:
        """Have the parents of that job counted at the next flush."""
        if self.unsettled is not None:
            self.unsettled.add(name)
            if len(self.unsettled) > MANY:
                self.unsettled = None

    @property
    def pending(self) -> bool:
        """Whether node states have still to be settled."""
        return bool(self.moved) or self.unsettled is None or bool(self.unsettled)

    def see(self, ts: float | None) -> None:
        """Widen the span of times seen."""
        if ts is None:
            return
        if self.first_ts is None or ts < self.first_ts:
            self.first_ts = ts
        if self.last_ts is None or ts > self.last_ts:
            self.last_ts = ts
            self.dirty = True

    def move(self, job: Job, state: str, ts: float | None, reason: str | None = None) -> None:
        """Put a node into a state and keep the counts with it."""
        was = job.state
        if was == state:
            return
        job.state = state
        job.state_ts = ts
        job.reason = reason
        job.dirty = True
        self.touch(job)
        self.counts[was] -= 1
        self.counts[state] += 1
        self.dirty = True
        if state in _ENDS or was in _ENDS:
            self.moved.append((job, was, state))


#: counting the parents of all nodes at once is cheaper than naming more than this
MANY: Final = 20_000

_ENDS = frozenset({"done", "failed"})


def workflow_from_database(connection: Connection, uuid: str) -> Workflow | None:
    """The workflow as last written, with its counts, or None when it never was."""
    row = connection.execute(
        "SELECT wf_id, root_wf_id, state, restart_count, first_ts, last_ts FROM workflow WHERE wf_uuid = ?", (uuid,)
    ).fetchone()
    if row is None:
        return None
    wf = Workflow(row[0], uuid, row[1] or row[0])
    wf.state, wf.restart_count, wf.first_ts, wf.last_ts = row[2] or "unstarted", row[3] or 0, row[4], row[5]
    columns = ", ".join(COUNTS)
    counts = connection.execute(f"SELECT {columns} FROM workflow_summary WHERE wf_id = ?", (row[0],)).fetchone()
    if counts is not None:
        wf.counts = dict(zip(COUNTS, counts, strict=True))
    wf.forgetful = True
    wf.dirty = False
    wf.declaring = wf.state == "unstarted"
    if wf.declaring:
        # whoever declared it may not have lived to settle it
        wf.unsettled = None
    return wf
