"""Rows of a try (its states, what it ran) as the events that would have told of it, in their order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec

from stampede.events import catalogue as ev
from stampede.events.base import Event, JobInstEvent
from stampede.query.foreign import CheckRow, InvocationRow, StateRow, TagRow, TryRow

_LAST: Final = 1 << 30
_POST_STATES: Final = frozenset({
    "POST_SCRIPT_STARTED", "POST_SCRIPT_TERMINATED", "POST_SCRIPT_SUCCESS", "POST_SCRIPT_FAILED",
})  # fmt: skip
_OK: Final[Mapping[bool, int]] = {True: 0, False: -1}


class Attempt(msgspec.Struct, frozen=True):
    """A try with all that is known of it; ``regular``: its exits are codes, not raw wait statuses."""

    row: TryRow
    states: Sequence[StateRow]
    invocations: Sequence[InvocationRow]
    checks: Sequence[CheckRow]
    tags: Sequence[TagRow]
    regular: bool

    @property
    def first_ts(self) -> float | None:
        """When it began."""
        return min((s.timestamp for s in self.states), default=None)

    @property
    def ended_by_program(self) -> bool:
        """Whether its program ended and nothing tells of a POST script."""
        names = {s.state for s in self.states}
        return not names.isdisjoint(("JOB_SUCCESS", "JOB_FAILURE")) and names.isdisjoint(_POST_STATES)


def events_of(attempt: Attempt, uuid: str, below: str | None) -> Iterator[Event]:
    """The events of a try of that workflow; ``below`` is the workflow that it is, if it is one."""
    row = attempt.row
    ids: dict[str, Any] = {"xwf_id": uuid, "job_id": row.job, "job_inst_id": row.job_submit_seq}
    yield ev.JobInstSubmitStart(**ids, sched_id=row.sched_id, site=row.site)
    if below is not None:
        yield ev.XwfMapSubwfJob(**ids, subwf_id=below)
    if row.host_id is not None:
        yield ev.JobInstHostInfo(**ids, site=row.host_site, hostname=row.hostname, ip=row.ip,
                                 total_memory=row.total_memory, uname=row.uname)  # fmt: skip
    if not attempt.states:
        # Pegasus keeps a try when it begins to submit it, its states half a minute later at worst
        yield ev.JobState(xwf_id=uuid, job_id=row.job or "", state="queued")
    exits = _Exits.of(attempt)
    for state in sorted(attempt.states, key=_order):
        at = ids | {"ts": state.timestamp, "js_id": state.jobstate_submit_seq or 0, "reason": state.reason}
        yield _EVENTS.get(state.state, _other)(at, state.state, row, exits)
    yield from _ran(attempt, ids)
    for check in attempt.checks:
        yield ev.IntMetric(**ids, type=check.type, file_type=check.file_type, count=check.count,
                           duration=check.duration)  # fmt: skip
    for tag in attempt.tags:
        yield ev.JobInstTag(**ids, name=tag.name, count=tag.count)


def _ran(attempt: Attempt, ids: dict[str, Any]) -> Iterator[Event]:
    row = attempt.row
    host = None if row.hostname == "unknown" else row.hostname
    for inv in attempt.invocations:
        yield ev.InvEnd(
            **ids, inv_id=inv.task_submit_seq, start_time=inv.start_time, dur=inv.remote_duration,
            remote_cpu_time=inv.remote_cpu_time, exitcode=_raw(inv.exitcode, attempt.regular),
            transformation=inv.transformation, executable=inv.executable, argv=inv.argv, task_id=inv.abs_task_id,
            maxrss=inv.maxrss, avg_cpu=inv.avg_cpu, hostname=host, site=row.site,
        )  # fmt: skip


def _order(state: StateRow) -> tuple[int, int, float]:
    """The order of states within a try: by their number; with the same one, those of scripts that come after last."""
    name = state.state
    kind = 2 if name.startswith("POST") else 1 if name.startswith("JOB") else 0
    number = state.jobstate_submit_seq or 0
    return (number if number > 0 else _LAST, kind, state.timestamp)


class _Exits(msgspec.Struct, frozen=True):
    """How the scripts and the program of a try ended, as raw wait statuses; of several programs one that failed.

    By the rules of ``query.foreign.tries``. None where nothing tells.
    """

    pre: int | None
    main: int | None
    post: int | None

    @classmethod
    def of(cls, attempt: Attempt) -> _Exits:
        names = {s.state for s in attempt.states}
        exits = [(i.task_submit_seq, _raw(i.exitcode, attempt.regular)) for i in attempt.invocations]
        aborted = "JOB_ABORTED" in names
        programs = [e for seq, e in exits if seq > 0 and e is not None]
        ran = max([e for e in programs if e] or programs, default=None)
        if aborted and ran == 1:  # status 1, which nobody saw
            ran = None
        main = ran or None
        if main is None and "JOB_FAILURE" in names and not aborted:
            main = _raw(attempt.row.exitcode, attempt.regular) or None
        scripts = dict(exits)
        return cls(scripts.get(-1), ran if main is None else main, scripts.get(-2))


def _raw(exit_: int | None, regular: bool) -> int | None:
    return exit_ * 256 if regular and exit_ is not None and 1 <= exit_ <= 255 else exit_


# ---- one event a state ----------------------------------------------------------------------------------------------

_Maker = Callable[[dict[str, Any], str, TryRow, _Exits], JobInstEvent]


def _other(at: dict[str, Any], state: str, row: TryRow, exits: _Exits) -> JobInstEvent:
    return ev.JobInstState(**at, state=state)


def _plain(made: type[JobInstEvent], **more: Any) -> _Maker:
    return lambda at, state, row, exits: made(**at, **more)


def _pre_end(at: dict[str, Any], state: str, row: TryRow, exits: _Exits) -> JobInstEvent:
    return ev.JobInstPreEnd(**at, status=_OK[state == "PRE_SCRIPT_SUCCESS"], exitcode=exits.pre)


def _main_end(at: dict[str, Any], state: str, row: TryRow, exits: _Exits) -> JobInstEvent:
    ok = state == "JOB_SUCCESS"
    return ev.JobInstMainEnd(
        **at, status=_OK[ok], exitcode=exits.main, exit_unknown=1 if not ok and exits.main is None else None,
        site=row.site, user=row.user, work_dir=row.work_dir, cluster_start=row.cluster_start,
        cluster_dur=row.cluster_duration, local_dur=row.local_duration, stdin_file=row.stdin_file,
        stdout_file=row.stdout_file, stdout_text=row.stdout_text, stderr_file=row.stderr_file,
        stderr_text=row.stderr_text, multiplier_factor=row.multiplier_factor,
    )  # fmt: skip


def _post_end(at: dict[str, Any], state: str, row: TryRow, exits: _Exits) -> JobInstEvent:
    return ev.JobInstPostEnd(**at, status=_OK[state == "POST_SCRIPT_SUCCESS"], exitcode=exits.post)


_EVENTS: Final[dict[str, _Maker]] = {
    "PRE_SCRIPT_STARTED": _plain(ev.JobInstPreStart), "PRE_SCRIPT_TERMINATED": _plain(ev.JobInstPreTerm),
    "PRE_SCRIPT_SUCCESS": _pre_end, "PRE_SCRIPT_FAILED": _pre_end,
    "SUBMIT": _plain(ev.JobInstSubmitEnd, status=0), "SUBMIT_FAILED": _plain(ev.JobInstSubmitEnd, status=-1),
    "GRID_SUBMIT": _plain(ev.JobInstGridSubmitEnd, status=0),
    "GRID_SUBMIT_FAILED": _plain(ev.JobInstGridSubmitEnd, status=-1),
    "GLOBUS_SUBMIT": _plain(ev.JobInstGlobusSubmitEnd, status=0),
    "GLOBUS_SUBMIT_FAILED": _plain(ev.JobInstGlobusSubmitEnd, status=-1),
    "JOB_HELD": _plain(ev.JobInstHeldStart), "JOB_RELEASED": _plain(ev.JobInstHeldEnd),
    "EXECUTE": _plain(ev.JobInstMainStart),
    "JOB_TERMINATED": _plain(ev.JobInstMainTerm, status=0), "JOB_EVICTED": _plain(ev.JobInstMainTerm, status=-1),
    "JOB_SUCCESS": _main_end, "JOB_FAILURE": _main_end,
    "POST_SCRIPT_STARTED": _plain(ev.JobInstPostStart), "POST_SCRIPT_TERMINATED": _plain(ev.JobInstPostTerm),
    "POST_SCRIPT_SUCCESS": _post_end, "POST_SCRIPT_FAILED": _post_end,
    "IMAGE_SIZE": _plain(ev.JobInstImageInfo), "JOB_ABORTED": _plain(ev.JobInstAbortInfo),
    "REMOTE_ERROR": _plain(ev.JobInstRemoteError),
}  # fmt: skip
