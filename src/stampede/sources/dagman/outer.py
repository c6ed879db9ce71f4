"""What is told from outside of DAGMan: its own job's event log (``*.dagman.log``) and its wrapper's output
(``*.dag.lib.out`` and ``.lib.err``), where Pegasus' wrapper says what became of its monitor."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from stampede.events import catalogue as ev
from stampede.events.base import Event
from stampede.files import open_regular, present
from stampede.sources.dagman.clock import Clock
from stampede.sources.dagman.dagmanout import Record
from stampede.sources.dagman.joblog import LogEvent, read_events
from stampede.sources.dagman.joblog_events import evicted_why
from stampede.sources.dagman.joblog_forms import Ended, Held
from stampede.sources.dagman.tracker import Tracker
from stampede.sources.identity import Workflow

_MONITOR = re.compile(
    r"^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)\S* ?:?\S*:pegasus-dagman\(\d+\): monitord last exited with status (-?\d+)",
    re.M,
)
_LIMIT = 1 << 20


def outer_events(wf: Workflow, clock: Clock, tracker: Tracker) -> Iterator[Event]:
    """What happened to the engine itself and to the monitor that Pegasus started beside it."""
    events, end = outer_states(wf, clock)
    yield from events
    if end is not None:
        yield from conclusion(wf, tracker, end)


def outer_states(wf: Workflow, clock: Clock, *, whole: bool = True) -> tuple[list[Event], LogEvent | None]:
    """What became of DAGMan's job and of Pegasus' monitor so far, and the end of that job if it is not in the queue.

    ``whole``: the logs are complete; else what stands at their ends may be half.
    """
    events = list(_monitor(wf, clock))
    ended: LogEvent | None = None
    starts = 0
    try:
        for e in read_events(dagman_log(wf), clock=clock, whole=whole):
            if e.number in (0, 1, 12, 13):
                ended = None
            starts += e.number == 1
            event = _state(wf.uuid, e)
            if event is not None:
                event.restart_count = starts if e.number == 0 else max(starts - 1, 0)
                events.append(event)
            if e.number in (5, 9):
                ended = e
    except OSError:
        return events, None
    return events, ended


def dagman_log(wf: Workflow) -> Path:
    """The event log of DAGMan's own job."""
    return wf.dag.with_name(wf.dag.name + ".dagman.log")


def wrapper_output(wf: Workflow) -> Path:
    """What the wrapper prints in which Pegasus runs DAGMan."""
    return wf.dag.with_name(wf.dag.name + ".lib.out")


def conclusion(wf: Workflow, tracker: Tracker, ended: LogEvent) -> Iterator[Event]:
    """What the end of DAGMan's job means for a run of which DAGMan said no end: removed, ended, or ``lost``."""
    if ended.number == 9:
        why = ended.details.reason if isinstance(ended.details, (Ended, Held)) else None
        yield from tracker.engine.removed(
            ended.ts or 0.0, f"DAGMan's job was removed from the queue: {why or 'no reason given'}"
        )
    elif not present(wf.dagman_out) and isinstance(ended.details, Ended) and ended.details.exit:
        code = ended.details.exit.code
        if code is not None:  # wrappers of DAGMan end with 0 whatever became of the DAG
            yield from tracker.feed([Record("exit", ended.ts or 0.0, 0, value=code or int(tracker.unfinished))])
    elif tracker.running:
        exit_text = f" ({ended.details.exit})" if isinstance(ended.details, Ended) and ended.details.exit else ""
        yield ev.XwfState(
            ts=ended.ts, xwf_id=wf.uuid, state="lost",
            reason=f"DAGMan's job ended{exit_text}, and DAGMan itself wrote nothing of it.",
        )  # fmt: skip


def _monitor(wf: Workflow, clock: Clock) -> Iterator[Event]:
    for stamp, status in _MONITOR.findall(_text(wrapper_output(wf))):
        if status != "0":
            yield ev.XwfState(
                ts=clock.epoch(stamp), xwf_id=wf.uuid, state="monitor_died", value=status,
                reason=f"pegasus-monitord ended with status {status} while the workflow ran.",
            )  # fmt: skip


def _text(path: Path) -> str:
    try:
        with open_regular(path) as file:
            return file.read(_LIMIT).decode("utf-8", "replace")
    except OSError:
        return ""


def _state(uuid: str, e: LogEvent) -> ev.XwfState | None:
    reason = e.details.reason if isinstance(e.details, (Held, Ended)) else None
    if e.number == 12:
        code = e.details.code if isinstance(e.details, Held) else None
        return ev.XwfState(ts=e.ts, xwf_id=uuid, state="held", value="" if code is None else str(code), reason=reason)
    if e.number == 13:
        return ev.XwfState(ts=e.ts, xwf_id=uuid, state="released", reason=reason)
    if e.number == 4:
        ended = e.details.exit if isinstance(e.details, Ended) else None
        why = evicted_why(e.details) if isinstance(e.details, Ended) else None
        return ev.XwfState(ts=e.ts, xwf_id=uuid, state="evicted", value=str(ended) if ended else None, reason=why)
    if e.number == 9:
        return ev.XwfState(ts=e.ts, xwf_id=uuid, state="dagman_removed", reason=reason)
    if e.number == 0:
        return ev.XwfState(ts=e.ts, xwf_id=uuid, state="dagman_submitted", reason="DAGMan's job waits in the queue.")
    if e.number == 1:
        return ev.XwfState(ts=e.ts, xwf_id=uuid, state="dagman_executing")
    if e.number == 5 and isinstance(e.details, Ended) and e.details.exit is not None and e.details.exit.signal:
        return ev.XwfState(ts=e.ts, xwf_id=uuid, state="dagman_killed", value=str(e.details.exit.signal),
                           reason=f"DAGMan died of {e.details.exit}.")  # fmt: skip
    return None
