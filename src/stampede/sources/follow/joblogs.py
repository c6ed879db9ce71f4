"""All job event logs of one run, read while it goes on: DAGMan's nodes.log, and those that jobs have of their own.

However many there are, each look opens a bounded number of them, one after the other, and none stays open. How far
those of the jobs were read is kept in memory only: they are short, and read anew after a crash.
"""

from __future__ import annotations

from pathlib import Path

from stampede.events.base import Event
from stampede.files import real
from stampede.sources.base import Batch, Place, identity
from stampede.sources.dagman.clock import Clock
from stampede.sources.dagman.joblog_events import KnownJobs
from stampede.sources.follow.files import LiveFiles
from stampede.sources.follow.joblog import LiveJobLog

#: logs of jobs that are looked at, and that are read, at a time
_LOOKS, _READS = 500, 50


class _Own:
    """The log that a job has of its own."""

    __slots__ = ("log", "look")

    def __init__(self, log: LiveJobLog | None) -> None:
        #: None for one that is read as another
        self.log = log
        self.look = (-1, -1)

    @property
    def has_news(self) -> bool:
        """Whether it has grown since it was read, or holds something that was not told."""
        return self.log is not None and (self.log.waits or identity(self.log.path) != self.look)


class LiveJobLogs:
    """What is new in them. ``source`` is what the position in nodes.log is kept under."""

    def __init__(self, nodes_log: Path, source: str, uuid: str, clock: Clock, known: Place | None) -> None:
        self.source = source
        self._uuid = uuid
        self._clock = clock
        self._nodes = LiveJobLog(nodes_log, uuid, clock)
        self._own: dict[str, _Own] = {}
        if known is not None:
            self._nodes.go_on(known.end, known.inode)

    @property
    def begun(self) -> bool:
        """Whether anything of nodes.log was told."""
        return self._nodes.offset > 0

    def news(self, told_until: float | None, jobs: KnownJobs) -> Batch | None:
        """What nodes.log adds to what DAGMan has told until then."""
        log, before = self._nodes, self._nodes.offset
        events = log.news(told_until, jobs)
        if not events and log.offset == before:
            return None
        return Batch(events, self.source, before, log.offset, log.story)

    def own_news(self, files: LiveFiles, told_until: float | None, jobs: KnownJobs) -> list[Event]:
        """The same of the logs that jobs have of their own, as far as tries that write there are under way."""
        names = files.own_logs.names()
        if len(self._own) > 2 * len(names) + _LOOKS:
            self._own = {name: self._own[name] for name in names if name in self._own}
        out: list[Event] = []
        reads = 0
        for name in names[:_LOOKS]:
            own = self._own.get(name)
            if own is None:
                own = self._own[name] = _Own(self._followed(files.place(name)))
            files.own_logs.turn(name)
            if own.log is not None and own.has_news:
                own.look = identity(own.log.path)
                out += own.log.news(told_until, jobs)
                reads += 1
                if reads >= _READS:
                    break
        return out

    def _followed(self, path: Path) -> LiveJobLog | None:
        if real(path) == real(self._nodes.path):
            return None
        return LiveJobLog(path, self._uuid, self._clock, own=True)
