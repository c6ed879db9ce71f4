"""The working set: what the loader knows while it writes, and the rows that wait to be written.

Handlers ask it who is who (the workflow, job or job instance of a name, made when new) and give it rows; it writes
them with the states and counts that everybody asks for. Transactions are the loader's business.
"""

from __future__ import annotations

from typing import Final

from stampede.events.base import Event
from stampede.events.catalogue import Problem
from stampede.model.states import ENDED
from stampede.model.wording import alike
from stampede.store import nodes
from stampede.store.connection import Connection
from stampede.store.entities import (
    COUNTS,
    Instance,
    Job,
    Workflow,
    instance_from_database,
    instance_row,
    instance_update_row,
    jobs_from_database,
    workflow_from_database,
)
from stampede.store.job_text import JobText
from stampede.store.rows import Buffers
from stampede.store.sealing import Blocks

#: more jobs than this are not kept in memory unless something of them runs
_IDLE: Final = 5_000
#: states of a try that stands still or was taken away
_STANDING: Final = frozenset({"JOB_HELD", "JOB_ABORTED"})
_BUSY: Final = frozenset({"pre", "queued", "post"})
#: tables whose keys are given out here, and those keys
_KEYS: Final = (("workflow", "wf_id"), ("job", "job_id"), ("job_instance", "job_instance_id"), ("host", "host_id"))


class WorkingSet:
    """Workflows, jobs and instances in memory, and their rows on the way into the database at ``url``."""

    def __init__(self, url: str, connection: Connection) -> None:
        self.url = url
        self.connection = connection
        self.rows = Buffers()
        self.blocks = Blocks(connection)
        self.job_text = JobText(connection)
        self.workflows: dict[str, Workflow] = {}
        #: workflows the batch under way has to do with
        self.active: dict[str, Workflow] = {}
        self.hosts: dict[tuple[int, str, str, str], int] = {}
        self._next: dict[str, int] = {}

    def reread(self) -> None:
        """Somebody else wrote meanwhile: what is remembered may be stale, and keys may be taken."""
        self.workflows.clear()
        self.hosts.clear()
        self.blocks.forget()
        self.job_text.forget()
        self._next = {
            table: self.connection.execute(f"SELECT coalesce(max({key}), 0) + 1 FROM {table}").fetchone()[0]
            for table, key in _KEYS
        }

    def abandon(self) -> None:
        """Drop what the batch under way would have written."""
        self.rows = Buffers()
        self.blocks.forget()
        self.job_text.forget()
        self.active.clear()

    # ---- who is who -------------------------------------------------------------------------------------------------

    def new_id(self, table: str) -> int:
        """A fresh key for ``table``."""
        n = self._next[table]
        self._next[table] = n + 1
        return n

    def workflow(self, uuid: str | None) -> Workflow:
        """The workflow of that uuid; a stub when nothing is known of it yet."""
        name = uuid or ""
        wf = self._known_workflow(name)
        if wf is None:
            wf_id = self.new_id("workflow")
            wf = self.workflows[name] = Workflow(wf_id, name, wf_id)
            self.connection.execute(
                "INSERT INTO workflow(wf_id, wf_uuid, root_wf_id, state) VALUES (?, ?, ?, ?)",
                (wf_id, name, wf_id, wf.state),
            )
        self.active[name] = wf
        return wf

    def _known_workflow(self, name: str) -> Workflow | None:
        """The workflow of that uuid, from memory or the database; None when nothing is known of it."""
        wf = self.workflows.get(name)
        if wf is None:
            wf = workflow_from_database(self.connection, name)
            if wf is not None:
                self.workflows[name] = wf
        return wf

    def known_job(self, wf: Workflow, name: str) -> Job | None:
        """The job of that name, from memory or the database; None when it was never declared or referred to."""
        job = wf.jobs.get(name)
        if job is None and wf.forgetful and name not in wf.absent:
            for job in jobs_from_database(self.connection, wf.wf_id, [name]):
                wf.jobs[name] = job
                wf.touch(job)
        return job

    def recall(self, events: list[Event]) -> None:
        """Fetch the jobs that the events have to do with and that are in the database only: one by one takes longer."""
        named: dict[str | None, set[str]] = {}
        for event in events:
            name = getattr(event, "job_id", None)
            if name is not None:
                named.setdefault(event.xwf_id, set()).add(name)
        for uuid, names in named.items():
            wf = self._known_workflow(uuid or "")
            if wf is not None and wf.forgetful:
                # (a set minus a view would walk through all of the view)
                wf.absent = {name for name in names if name not in wf.jobs}
                for job in jobs_from_database(self.connection, wf.wf_id, wf.absent):
                    wf.jobs[job.name] = job
                    wf.touch(job)
                wf.absent = {name for name in wf.absent if name not in wf.jobs}

    def job(self, wf: Workflow, name: str) -> Job:
        """The job of that name; a stub when it was never declared."""
        job = self.known_job(wf, name)
        if job is None:
            job = self.declare(wf, name)
            self.rows.job.append((job.job_id, wf.wf_id, name, "", "unknown", 0, 0, "", None, 0, 0, "job", *(None,) * 9))
        return job

    def declare(self, wf: Workflow, name: str, *, counted: bool = True) -> Job:
        """Make a job known and count it; its row is the caller's business."""
        job = Job(self.new_id("job"), name)
        self.blocks.touch(job.job_id)
        wf.jobs[name] = job
        if counted:
            wf.counts["total"] += 1
            wf.counts["unready"] += 1
        wf.unsettle(name)
        wf.grown = True
        wf.dirty = True
        return job

    def instance(self, wf: Workflow, name: str, seq: int) -> tuple[Job, Instance]:
        """The job and the instance with that submit sequence; both are made when they are new."""
        job = wf.jobs.get(name)
        if job is None:
            job = self.job(wf, name)
        instance = job.current
        if instance is not None and instance.job_submit_seq == seq:
            instance.dirty = True
            if not job.touched:
                wf.touch(job)
            return job, instance
        return job, self._other_instance(wf, job, seq)

    def _other_instance(self, wf: Workflow, job: Job, seq: int) -> Instance:
        if job.current is not None:
            job.measure(job.current)
            self.retire(job.current, job.name)
        wf.touch(job)
        found = None
        if job.attempts and seq <= job.last_seq:
            if self.rows.job_instance or self.rows.job_instance_update:
                self._write_rows()
            found = instance_from_database(self.connection, job.job_id, seq)
        if found is None:
            found = Instance(self.new_id("job_instance"), job.job_id, seq)
            found.restart_count = wf.restart_count
            job.attempts += 1
            if seq >= job.last_seq:
                job.last_seq = seq
                job.last_instance_id = found.job_instance_id
            job.dirty = True
            wf.counts["attempts"] += 1
            wf.dirty = True
        found.dirty = True
        job.current = found
        return found

    # ---- rows -------------------------------------------------------------------------------------------------------

    def known_jobstate(self, instance: Instance, state: str, ts: float, seq: int) -> bool:
        """Whether that jobstate is in the database or on its way."""
        self._write_rows()
        row = self.connection.execute(
            "SELECT 1 FROM jobstate WHERE job_instance_id = ? AND state = ? AND timestamp = ? "
            "AND jobstate_submit_seq = ?",
            (instance.job_instance_id, state, ts, seq),
        ).fetchone()
        return row is not None

    def problem(self, wf: Workflow | None, event: Problem) -> None:
        """Note a problem, once."""
        self.rows.problem.append(
            (
                None if wf is None else wf.wf_id, event.ts, event.kind, event.severity or "warning", event.file or "",
                -1 if event.offset is None else event.offset, event.message, event.remedy,
            )
        )  # fmt: skip

    def retire(self, instance: Instance, name: str) -> None:
        """Queue the row of an instance of the job of that name, when it has changed."""
        if instance.dirty:
            self.blocks.touch(instance.job_id)
            instance.alike = _alike(instance, name)
            if instance.is_new:
                self.rows.job_instance.append(instance_row(instance))
            else:
                self.rows.job_instance_update.append(instance_update_row(instance))
            instance.dirty = instance.is_new = False

    def flush(self) -> None:
        """Write what is buffered (inside the transaction) and settle node states and counts."""
        for wf in self.active.values():
            for job in wf.touched:
                if job.current is not None:
                    job.measure(job.current)
                    self.retire(job.current, job.name)
        self._write_rows()
        self.job_text.grow(self._next["job"] - 1)
        for wf in self.active.values():
            if wf.pending and not wf.declaring:
                nodes.settle(self.connection, wf)
            nodes.write_jobs(self.connection, wf)
            if wf.problematic:
                self._count_problems(wf)
            if wf.dirty:
                self._write_workflow(wf)
        self.blocks.flush(declaring=any(wf.declaring for wf in self.active.values()))

    def _write_rows(self) -> None:
        for message in self.rows.write(self.connection):
            self.rows.problem.append(
                (None, None, "unstorable", "error", "", -1, message, "Report it, with the file the value came from.")
            )
        if self.rows.problem:
            self.rows.write(self.connection)

    def _count_problems(self, wf: Workflow) -> None:
        """How many different problems there are: one that is told again is one row."""
        row = self.connection.execute("SELECT sum(count) FROM problem WHERE wf_id = ?", (wf.wf_id,)).fetchone()
        wf.counts["problems"] = row[0] or 0
        wf.problematic = False

    def _write_workflow(self, wf: Workflow) -> None:
        self.connection.execute(
            "UPDATE workflow SET state = ?, restart_count = ?, first_ts = ?, last_ts = ? WHERE wf_id = ?",
            (wf.state, wf.restart_count, wf.first_ts, wf.last_ts, wf.wf_id),
        )
        marks = ", ".join(f"{c} = excluded.{c}" for c in COUNTS)
        self.connection.execute(
            f"INSERT INTO workflow_summary(wf_id, {', '.join(COUNTS)}) VALUES ({', '.join('?' * (len(COUNTS) + 1))}) "
            f"ON CONFLICT(wf_id) DO UPDATE SET {marks}",
            (wf.wf_id, *(wf.counts[c] for c in COUNTS)),
        )
        wf.dirty = False

    def forget(self) -> None:
        """Drop what has ended; it is in the database now."""
        for wf in self.active.values():
            for job in wf.touched:
                job.touched = False
                if job.state == "done" and wf.jobs.get(job.name) is job:
                    del wf.jobs[job.name]
                    wf.forgetful = True
            wf.touched.clear()
            wf.absent.clear()
            if len(wf.jobs) > _IDLE:
                wf.jobs = {name: job for name, job in wf.jobs.items() if job.state in _BUSY}
                wf.forgetful = True
            if wf.state in ENDED and wf.uuid in self.workflows:
                del self.workflows[wf.uuid]
        self.active.clear()


def _alike(instance: Instance, name: str) -> int | None:
    """The key of what a try said that is one of ``partial.FAILED``; None for others."""
    wrong = instance.outcome == "failed" or instance.main_exitcode or (
        instance.outcome is None and instance.state in _STANDING)  # fmt: skip
    if not wrong:
        return None
    return alike(name, instance.stdout_text, instance.stderr_text, instance.hold_reason, instance.remove_reason)
