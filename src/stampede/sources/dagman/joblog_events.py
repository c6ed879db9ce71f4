"""What job event logs add to dagman.out: where a job ran, what it used, the codes of its holds, and states that DAGMan
does not print (disconnected, remote errors, image sizes)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Protocol

from stampede.events import catalogue as ev
from stampede.events.base import Event
from stampede.model.exits import Exit
from stampede.sources.dagman.joblog import LogEvent
from stampede.sources.dagman.joblog_forms import Connection, Ended, Executing, Failure, Held, Size


class KnownJobs(Protocol):
    """Node and job instance number by ``cluster.proc``."""

    def get(self, job: str, /) -> tuple[str, int] | None:
        """None for an id that no node has."""


#: numbers whose text is read; all others only pass by
WANTED = frozenset({1, 4, 5, 6, 7, 9, 12, 21, 22, 23, 24})
#: states that DAGMan prints itself when they are in its own log
_PRINTED = frozenset({7, 10, 11, 24})
_STATES = {7: "SHADOW_EXCEPTION", 10: "JOB_SUSPENDED", 11: "JOB_UNSUSPENDED", 22: "JOB_DISCONNECTED",
           23: "JOB_RECONNECTED", 24: "JOB_RECONNECT_FAILED"}  # fmt: skip


def enrich(uuid: str, log: Iterable[LogEvent], jobs: KnownJobs, *, own_log: bool) -> Iterator[Event]:
    """Events that add to job instances known by ``cluster.proc``; ``own_log`` is False for DAGMan's nodes.log."""
    last_size: dict[str, ev.JobInstImageInfo] = {}
    for e in log:
        if e.proc < 0:
            continue
        key = f"{e.cluster}.{e.proc}"
        who = jobs.get(key)
        if who is None:
            continue
        ids: dict[str, Any] = {"ts": e.ts, "xwf_id": uuid, "job_id": who[0], "job_inst_id": who[1], "sched_id": key}
        details = e.details
        if isinstance(details, Size):
            last_size[key] = ev.JobInstImageInfo(
                **ids, size=details.image_kb, rss_kb=details.rss_kb, memory_mb=details.memory_mb
            )
            continue
        if e.number == 4 and isinstance(details, Ended):
            reason = evicted_why(details)
            if reason or details.code is not None:
                yield ev.JobInstMainTerm(**ids, status=-1, reason=reason, code=details.code, subcode=details.subcode)
        found = _event(e, ids, own_log=own_log)
        if found is not None:
            yield found
        if e.number in (4, 5, 9) and key in last_size:
            yield last_size.pop(key)
    yield from last_size.values()


def _event(e: LogEvent, ids: dict[str, Any], *, own_log: bool) -> Event | None:
    details = e.details
    if isinstance(details, Executing):
        return ev.JobInstMainStart(**ids, slot=details.slot, hostname=details.host)
    if isinstance(details, Ended) and e.number in (4, 5):
        return _usage(details, ids)
    if isinstance(details, Held) and e.number == 12:
        return ev.JobInstHeldStart(**ids, reason=details.reason, code=details.code, subcode=details.subcode)
    if isinstance(details, Held) and e.number == 9:
        return ev.JobInstAbortInfo(**ids, reason=details.reason)
    if e.number in _PRINTED:
        # DAGMan has told the state; the log adds why
        reason = details.reason if isinstance(details, Connection) else None
        reason = details.message if isinstance(details, Failure) else reason
        return ev.JobInstState(**ids, state=_STATES[e.number], reason=reason) if reason else None
    if own_log and e.number in _STATES and isinstance(details, Connection):
        return ev.JobInstState(**ids, state=_STATES[e.number], reason=details.reason)
    if own_log and e.number == 21 and isinstance(details, Failure):
        return ev.JobInstRemoteError(**ids, reason=details.message)
    return None


def _usage(details: Ended, ids: dict[str, Any]) -> Event | None:
    rows = details.resources
    values: dict[str, float] = {}
    for name, column in (("Cpus", "cpus"), ("Memory", "memory_mb"), ("Disk", "disk_kb"), ("GPUs", "gpus")):
        row = rows.get(name) or rows.get(f"{name} (MB)") or rows.get(f"{name} (KB)")
        if row is None:
            continue
        for prefix, value in (("used", row.usage), ("req", row.request), ("alloc", row.allocated)):
            if value is not None:
                values[f"{prefix}_{column}"] = value
    run = details.run_remote
    if run is not None:
        values["cpu_user_s"], values["cpu_system_s"] = run.user_s, run.system_s
    if details.run_bytes_sent is not None:
        values["bytes_sent"] = details.run_bytes_sent
    if details.run_bytes_received is not None:
        values["bytes_received"] = details.run_bytes_received
    return ev.JobInstUsage(**ids, **values) if values else None  # type: ignore[arg-type]


def evicted_why(details: Ended) -> str | None:
    """Why a job was evicted; of one that ended and was queued again (on_exit_remove), how it ended too."""
    if details.requeued and details.exit is not None:
        return f"Ended with {details.exit} and was queued again{f': {details.reason}' if details.reason else '.'}"
    return details.reason


def exit_of(e: LogEvent) -> Exit | None:
    """How a job ended, when the event says it."""
    return e.details.exit if isinstance(e.details, Ended) else None
