"""The common life of a workflow and of its jobs, told in events.

Which events make up a life, and what they mean: docs/reference/events.md. A try has a number (``job_inst_id``), counted
for each job from 1; its states are numbered by ``js_id``, so that their order does not depend on clocks.
"""

from __future__ import annotations

import getpass
import os
import time
import traceback
import uuid as uuids
from collections.abc import Iterable
from types import TracebackType
from typing import Any, Final, Protocol

import msgspec

#: characters of an error that travel with the end of a try
_TRACE_CHARS: Final = 8_000


class Sends(Protocol):
    """What sends events: an ``Emitter``."""

    def event(self, name: str, **fields: Any) -> None:
        """Send an event."""


class Job(msgspec.Struct):
    """A job of a workflow, and how many tries of it were begun here."""

    workflow: Workflow
    name: str
    tries: int = 0
    transformation: str | None = None
    task: str | None = None


class Workflow:
    """A workflow that is told of. ``with`` it: its run starts, and ends well unless the block raises."""

    def __init__(self, emitter: Sends, uuid: str | None = None) -> None:
        self.uuid = uuid or str(uuids.uuid4())
        self._emitter = emitter
        self._restarts = 0

    def event(self, name: str, **fields: Any) -> None:
        """An event about this workflow."""
        self._emitter.event(name, xwf_id=self.uuid, **fields)

    def plan(self, **fields: Any) -> None:
        """Tell that it exists: fields of ``stampede.wf.plan``; ``label`` is ``dax_label``."""
        label = fields.pop("label", None)
        given: dict[str, Any] = {
            "root_xwf_id": self.uuid, "submit_hostname": os.uname().nodename, "engine": "emit", "dax_label": label,
            "user": _user(),
        }  # fmt: skip
        self.event("stampede.wf.plan", **(given | fields))

    def task(self, name: str, *, transformation: str | None = None, **fields: Any) -> None:
        """Tell of a task of its description; other fields are those of ``stampede.task.info``."""
        self.event("stampede.task.info", task_id=name, transformation=transformation, **fields)

    def job(
        self, name: str, *, parents: Iterable[Job | str] = (), transformation: str | None = None,
        task: str | None = None, type_desc: str = "compute", max_retries: int = 0, executable: str = "", **fields: Any,
    ) -> Job:  # fmt: skip
        """Tell of a job, of the jobs that it waits for, and of the task that it runs; other fields are those of
        ``stampede.job.info``."""
        self.event(
            "stampede.job.info", job_id=name, type_desc=type_desc, max_retries=max_retries, executable=executable,
            transformation=transformation, task_count=0 if task is None else 1, clustered=0, **fields,
        )  # fmt: skip
        for parent in parents:
            above = parent.name if isinstance(parent, Job) else parent
            self.event("stampede.job.edge", parent_job_id=above, child_job_id=name)
        if task is not None:
            self.event("stampede.wf.map.task_job", task_id=task, job_id=name)
        return Job(self, name, transformation=transformation, task=task)

    def start(self, restart_count: int = 0) -> None:
        """Its run starts."""
        self._restarts = restart_count
        self.event("stampede.xwf.start", restart_count=restart_count)

    def end(self, status: int = 0, reason: str | None = None) -> None:
        """Its run ended; 0: well."""
        self.event("stampede.xwf.end", restart_count=self._restarts, status=status, reason=reason)

    def __enter__(self) -> Workflow:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.end(0 if error is None else 1, None if error is None else _told(error))


class Running:
    """A try of a job: submitted, started, ended as the block ends, with its invocation and the machine.

    An exception is exit code 1 (``SystemExit`` its own) and is passed on. ``fail`` and ``succeed`` say otherwise.
    ``site`` and other fields go into ``stampede.job_inst.main.end``.
    """

    def __init__(self, job: Job, *, attempt: int | None = None, site: str = "local", **fields: Any) -> None:
        self.job = job
        self.attempt = attempt if attempt is not None else job.tries + 1
        job.tries = self.attempt
        self._site = site
        self._fields = fields
        self._state = 0
        self._began = 0.0
        self._cpu = 0.0
        self._exit: int | None = None
        self._reason: str | None = None

    def fail(self, exit_code: int = 1, reason: str | None = None) -> None:
        """The try fails when the block ends."""
        self._exit, self._reason = exit_code, reason

    def succeed(self) -> None:
        """The try ends well, whatever was said before."""
        self._exit, self._reason = 0, None

    def _tell(self, name: str, **fields: Any) -> None:
        self.job.workflow.event(
            f"stampede.job_inst.{name}", job_id=self.job.name, job_inst_id=self.attempt, **fields
        )  # fmt: skip

    def _next(self) -> int:
        self._state += 1
        return self._state

    def __enter__(self) -> Running:
        host = os.uname()
        self._tell("submit.end", js_id=self._next(), status=0)
        self._tell("main.start", js_id=self._next())
        self._tell("host.info", site=self._site, hostname=host.nodename, ip="", uname=f"{host.sysname}-{host.release}")
        self._began, self._cpu = time.time(), _cpu_s()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        exit_code = self._exit if self._exit is not None else _exit_code(error)
        status = 0 if exit_code == 0 else -1
        raw = (exit_code & 0xFF) << 8  # as wait(2) gives it
        now = time.time()
        self._tell("main.term", js_id=self._next(), status=0)
        self._tell(
            "main.end", js_id=self._next(), site=self._site, status=status, exitcode=raw, local_dur=now - self._began,
            stderr_text=_trace(error), reason=self._reason, **self._fields,
        )  # fmt: skip
        self.job.workflow.event(
            "stampede.inv.end", job_id=self.job.name, job_inst_id=self.attempt, inv_id=1, start_time=self._began,
            dur=now - self._began, remote_cpu_time=max(_cpu_s() - self._cpu, 0.0), exitcode=raw,
            transformation=self.job.transformation or self.job.name, executable="", task_id=self.job.task,
            hostname=os.uname().nodename, site=self._site,
        )  # fmt: skip


def _exit_code(error: BaseException | None) -> int:
    if isinstance(error, SystemExit):
        return error.code if isinstance(error.code, int) else 0 if error.code is None else 1
    return 0 if error is None else 1


def _user() -> str | None:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a user that the machine has no name for
        return None


def _cpu_s() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _told(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"[:500]


def _trace(error: BaseException | None) -> str | None:
    if error is None or (isinstance(error, SystemExit) and error.code in (None, 0)):
        return None
    return "".join(traceback.format_exception(error))[-_TRACE_CHARS:]
