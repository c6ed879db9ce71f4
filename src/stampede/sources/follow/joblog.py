"""A job event log, read while the run goes on: where jobs run, why they were held, what they used.

It runs ahead of dagman.out, since DAGMan reads its nodes.log every few seconds and then prints. What it adds to a state
can be taken only once DAGMan has told that state; so events wait until DAGMan's log has come to their time. What is
missed all the same (two writers, whole seconds) is put right when the run ends: then the log is read once more from its
beginning. Of what DAGMan never tells (only a log that a job has of its own has it) nothing waits.
"""

from __future__ import annotations

from collections import deque
from pathlib import Path

from stampede.events.base import Event
from stampede.sources.dagman.clock import Clock
from stampede.sources.dagman.joblog import LogEvent, scan
from stampede.sources.dagman.joblog_events import WANTED, KnownJobs, enrich
from stampede.sources.follow.tail import Tail

#: sizes, errors on remote machines, connections lost and found: DAGMan does not see them
_UNSEEN = frozenset({6, 21, 22, 23})
#: events that wait for DAGMan's word; more are not kept, the end of the run brings them
_MOST = 20_000


class LiveJobLog:
    """The new events of a job event log, as far as DAGMan has spoken of them. ``offset`` is behind the last one told.

    ``own``: it is the log that a job has of its own, not DAGMan's nodes.log.
    """

    def __init__(self, path: Path, uuid: str, clock: Clock, *, own: bool = False) -> None:
        self._uuid = uuid
        self._clock = clock
        self._own = own
        self._tail = Tail(path)
        self._scanned = 0
        self._waiting: deque[LogEvent] = deque()
        #: the next piece is there already
        self.more = False

    def go_on(self, offset: int, story: int) -> None:
        """Begin behind what was told before, if it is still that log."""
        self._tail.go_on(offset, story)
        self._scanned = offset

    @property
    def path(self) -> Path:
        return self._tail.path

    @property
    def offset(self) -> int:
        """Everything before this byte was told."""
        return self._waiting[0].offset if self._waiting else self._scanned

    @property
    def story(self) -> int:
        """Which log it is."""
        return self._tail.story

    def news(self, told_until: float | None, jobs: KnownJobs) -> list[Event]:
        """What can be told now that DAGMan's log has been read up to the time ``told_until``."""
        ready: list[LogEvent] = []
        while self._waiting and self._may_be_told(self._waiting[0], told_until, jobs):
            ready.append(self._waiting.popleft())
        self._read()
        return list(enrich(self._uuid, ready, jobs, own_log=self._own)) if ready else []

    def _may_be_told(self, e: LogEvent, told_until: float | None, jobs: KnownJobs) -> bool:
        if told_until is not None and (e.ts or 0.0) <= told_until:
            return True
        return self._own and e.number in _UNSEEN and jobs.get(f"{e.cluster}.{e.proc}") is not None

    @property
    def waits(self) -> bool:
        """Whether events wait for DAGMan's word, or more is there to be read."""
        return bool(self._waiting) or self.more

    def _read(self) -> None:
        """Take in one more piece; its events wait at least until the next question."""
        if len(self._waiting) >= _MOST:
            return
        torn = self._tail.torn
        if self._tail.offset != self._scanned:  # an event that had no end yet is read again
            self._tail.offset = self._scanned
        piece = self._tail.read()
        self.more = piece is not None and piece.more
        if self._tail.torn != torn:
            self._waiting.clear()
            self._scanned = self._tail.offset - (piece.size if piece is not None else 0)
        if piece is None:
            return
        found = scan(piece.data, piece.offset, clock=self._clock, detailed=WANTED, path=str(self.path))
        self._waiting.extend(found.events)
        stuck = found.end == piece.offset and piece.more  # an event longer than a piece is left for the end
        self._scanned = self._tail.offset if stuck else found.end
