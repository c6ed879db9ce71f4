"""A database of Pegasus, cut into parts: ranges of numbered rows, with all that belongs to them.

A part is written in one transaction with a digest of its events. Read again, one with the same digest is known, and
passed over; rows that came or changed since are in parts with another one. So an import that was broken off goes on,
one that is repeated changes nothing, and one of a run that goes on brings the rest.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import attrgetter
from typing import Any, Final

import msgspec

from stampede.events import catalogue as ev
from stampede.events.base import Event
from stampede.importing import declared
from stampede.importing.attempts import Attempt, events_of
from stampede.query.foreign import ForeignRows, WorkflowRow, WorkflowStateRow
from stampede.query.foreign.rows import Numbered

#: numbers of rows of one part: some thousand events
_SPANS: Final[dict[Numbered, int]] = {"job": 2048, "task": 2048, "rc_lfn": 2048, "job_instance": 512}
_STARTS: Final = frozenset({"WORKFLOW_STARTED", "start"})
#: exit statuses of DAGMan that are no failure: 2 it was removed, 3 it was told to start again
_OUTCOMES: Final = {0: "success", 2: "removed", 3: "running"}


class Part(msgspec.Struct, gc=False):
    """Events of a part of a database, and how many numbered rows they were made of."""

    name: str
    events: list[Event]
    rows: int
    digest: int


def total(rows: ForeignRows) -> int:
    """How many numbered rows the parts have, for progress."""
    return sum(rows.rows_in(table) for table in _SPANS)


class Parts:
    """The parts of a database, for the workflows that are to be imported, in an order in which nothing is referred to
    before it is there."""

    def __init__(self, rows: ForeignRows, workflows: list[WorkflowRow]) -> None:
        self._rows = rows
        self._workflows = workflows
        self._uuids = {w.wf_id: w.wf_uuid for w in workflows}
        running = [w for w in self._uuids if (run := rows.runs.get(w)) is not None and run.state == "running"]
        self._waiting = rows.kinds_with_post([w for w in running if w > 0])
        #: starts and ends of the engines that are still to be told, by workflow
        self._states: dict[int, deque[WorkflowStateRow]] = {}
        for state in rows.states():
            if state.wf_id in self._uuids:
                self._states.setdefault(state.wf_id, deque()).append(state)

    def __iter__(self) -> Iterator[Part]:
        rows, uuids = self._rows, self._uuids
        yield _part("plan", self._plans(), len(self._workflows))
        for first, last in rows.ranges("job", _SPANS["job"]):
            yield _part(f"job/{first}", declared.jobs(rows, first, last, uuids, self._waiting), _SPANS["job"])
        for first, last in rows.ranges("task", _SPANS["task"]):
            yield _part(f"task/{first}", declared.tasks(rows, first, last, uuids), _SPANS["task"])
        for first, last in rows.ranges("rc_lfn", _SPANS["rc_lfn"]):
            yield _part(f"file/{first}", declared.files(rows, first, last), _SPANS["rc_lfn"])
        ends: list[Event] = [ev.StaticEnd(xwf_id=uuid) for uuid in uuids.values()]
        yield _part("declared", [*declared.stray_edges(rows, uuids), *ends], 0)
        for first, last in rows.ranges("job_instance", _SPANS["job_instance"]):
            yield self._tries(first, last)
        yield _part("ends", self._rest(), 0)

    def _plans(self) -> Iterator[Event]:
        for row in self._workflows:
            run = self._rows.runs.get(row.wf_id)
            yield declared.plan(row, self._uuids, None if run is None else run.parent_job)
        yield from declared.workflow_meta(self._rows.workflow_meta(), self._uuids)

    def _tries(self, first: int, last: int) -> Part:
        rows = self._rows
        states, ran, checks, tags = (
            _by_number(found(first, last)) for found in (rows.try_states, rows.invocations, rows.checks, rows.tags)
        )
        events: list[Event] = []
        waiting = []
        for row in rows.tries(first, last):
            if row.job is None or row.wf_id not in self._uuids:
                what = f"job {row.job_id}" if row.job is None else f"workflow {row.wf_id}"
                rows.misplaced("job_instance", row.job_instance_id, what)
                continue
            n = row.job_instance_id
            attempt = Attempt(row, states.get(n, ()), ran.get(n, ()), checks.get(n, ()), tags.get(n, ()), rows.regular)
            events += self._before(row.wf_id or 0, attempt.first_ts)
            events += events_of(attempt, self._uuids[row.wf_id or 0], self._uuids.get(row.subwf_id or 0))
            if (row.wf_id, row.type_desc) in self._waiting and attempt.ended_by_program:
                waiting.append(n)  # told again when it no longer waits for its POST script
        return _part(f"try/{first}", events, _SPANS["job_instance"], waiting)

    def _before(self, wf_id: int, ts: float | None) -> Iterator[Event]:
        """What was told of the engine until a try began."""
        left = self._states.get(wf_id)
        while left and ts is not None and left[0].timestamp <= ts:
            yield self._of_engine(left.popleft())

    def _rest(self) -> Iterator[Event]:
        """What was told of the engines after the last try; one of which nothing was told runs if there are tries."""
        for wf_id, uuid in self._uuids.items():
            if (run := self._rows.runs.get(wf_id)) is not None and run.state == "unstarted":
                yield ev.XwfState(xwf_id=uuid, state="seen")
        for left in self._states.values():
            while left:
                yield self._of_engine(left.popleft())

    def _of_engine(self, row: WorkflowStateRow) -> Event:
        uuid, count = self._uuids[row.wf_id], row.restart_count or 0
        if row.state in _STARTS:
            return ev.XwfStart(ts=row.timestamp, xwf_id=uuid, restart_count=count, reason=row.reason)
        told: dict[str, Any] = {"ts": row.timestamp, "xwf_id": uuid, "restart_count": count, "reason": row.reason}
        if row.status is None:  # before Pegasus 4 none was kept
            return ev.XwfEnd(**told, status=0, exit_unknown=1)
        return ev.XwfEnd(**told, status=row.status, outcome=_OUTCOMES.get(row.status, "failed"))


def _by_number(rows: Iterable[Any]) -> dict[int, list[Any]]:
    return {number: list(some) for number, some in groupby(rows, key=attrgetter("number"))}


def _part(name: str, events: Iterable[Event], rows: int, salt: object = None) -> Part:
    listed = list(events)
    told = hashlib.blake2b(msgspec.msgpack.encode((listed, salt)), digest_size=7)
    return Part(name, listed, rows, int.from_bytes(told.digest(), "big"))


def combined(digests: Iterable[int]) -> int:
    """One digest of those of all parts."""
    told = hashlib.blake2b(repr(list(digests)).encode(), digest_size=7)
    return int.from_bytes(told.digest(), "big")
