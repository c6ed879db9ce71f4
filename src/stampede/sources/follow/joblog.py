"""DAGMan's nodes.log, read while the run goes on: where jobs run, why they were held, what they used.

It runs ahead of dagman.out, since DAGMan reads it every few seconds and then prints. What it adds to a state can be
taken only once DAGMan has told that state; so events wait until DAGMan's log has come to their time. What is missed all
the same (two writers, whole seconds) is put right when the run ends: then the log is read once more from its beginning.
"""

from __future__ import annotations

from collections import deque
from pathlib import Path

from stampede.events.base import Event
from stampede.sources.dagman.clock import Clock
from stampede.sources.dagman.joblog import LogEvent, scan
from stampede.sources.dagman.joblog_events import WANTED, KnownJobs, enrich
from stampede.sources.follow.tail import Tail

#: events that wait for DAGMan's word; more are not kept, the end of the run brings them
_MOST = 20_000


class LiveJobLog:
    """The new events of a nodes.log, as far as DAGMan has spoken of them. ``offset`` is behind the last one told."""

    def __init__(self, path: Path, uuid: str, clock: Clock) -> None:
        self._uuid = uuid
        self._clock = clock
        self._tail = Tail(path)
        self._scanned = 0
        self._waiting: deque[LogEvent] = deque()

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
        while self._waiting and told_until is not None and (self._waiting[0].ts or 0.0) <= told_until:
            ready.append(self._waiting.popleft())
        self._read()
        return list(enrich(self._uuid, ready, jobs, own_log=False)) if ready else []

    def _read(self) -> None:
        """Take in one more piece; its events wait at least until the next question."""
        if len(self._waiting) >= _MOST:
            return
        torn = self._tail.torn
        if self._tail.offset != self._scanned:  # an event that had no end yet is read again
            self._tail.offset = self._scanned
        piece = self._tail.read()
        if self._tail.torn != torn:
            self._waiting.clear()
            self._scanned = self._tail.offset - (piece.size if piece is not None else 0)
        if piece is None:
            return
        found = scan(piece.data, piece.offset, clock=self._clock, detailed=WANTED, path=str(self.path))
        self._waiting.extend(found.events)
        stuck = found.end == piece.offset and piece.more  # an event longer than a piece is left for the end
        self._scanned = self._tail.offset if stuck else found.end
