"""The readers of a service: who gets the next question, and what happens when one dies. All of it is of the event loop.

A question goes to the reader that has the fewest. Each has some in line, so that it need not wait for the next; readers
are started when a question would have to wait behind another.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections import deque
from typing import Final

from stampede.service.answering import Work
from stampede.service.kept import Answer
from stampede.service.problems import ProblemError
from stampede.service.readers.lane import Lane, LostError
from stampede.service.readers.messages import packed
from stampede.service.readers.nursery import Nursery

_LOG = logging.getLogger("stampede.service")
#: a question whose reader died is asked again, but not for ever, since it may be what kills them
_ATTEMPTS: Final = 3
#: one that dies sooner than this after its start (seconds) is replaced later and later, up to so much later
_YOUNG_S, _LATEST_S = 10.0, 30.0


class NobodyReadsError(Exception):
    """There is no reader, and none can be started now."""


class _Reader:
    """One process: ``life`` ends it when it is closed."""

    def __init__(self, life: socket.socket, began: float) -> None:
        self.life = life
        self.began = began
        self.is_dead = False
        self.lanes: list[Lane] = []

    @property
    def questions(self) -> int:
        """How many it has."""
        return sum(lane.taken for lane in self.lanes)

    def free(self) -> Lane | None:
        """A lane for one more."""
        return next((lane for lane in self.lanes if not lane.taken and lane.is_open), None)

    def close(self) -> None:
        self.life.close()
        for lane in self.lanes:
            lane.close()


class Crew:
    """At most ``count`` readers, of ``lanes`` questions each."""

    def __init__(self, nursery: Nursery, count: int, lanes: int) -> None:
        self.count = count
        #: readers that ended although nobody told them to
        self.lost = 0
        self._nursery = nursery
        self._lanes = lanes
        self._readers: list[_Reader] = []
        self._starting: asyncio.Task[None] | None = None
        self._waiting: deque[asyncio.Future[Lane]] = deque()
        #: those whose questions are for the reader that is there longest
        self._for_first: deque[asyncio.Future[Lane]] = deque()
        self._not_before = self._pause_s = 0.0
        self._closed = False

    @property
    def size(self) -> int:
        """Readers that there are."""
        return len(self._readers)

    async def ask(self, work: Work) -> Answer:
        """The answer of a reader. Raises NobodyReadsError, ProblemError when those who were asked died, and what the
        question raises."""
        message = packed(work)
        for attempt in range(_ATTEMPTS):
            lane = await self._lane(self._for_first if work.remembers else self._waiting, again=attempt > 0)
            try:
                return await lane.ask(message)
            except LostError:
                continue
            finally:
                lane.taken = False
                self._hand_out()
        raise ProblemError(503, "unavailable", "The processes that were to answer this ended. Ask for less.")

    async def begin(self) -> None:
        """Have a first reader, before somebody asks."""
        if self._may_start():
            await self._start()

    def close(self) -> None:
        """End all of them."""
        self._closed = True
        for reader in self._readers:
            reader.close()
        self._readers = []
        self._nursery.close()

    # ---- who is next ------------------------------------------------------------------------------------------------

    async def _lane(self, line: deque[asyncio.Future[Lane]], *, again: bool) -> Lane:
        """A lane that is free; who has waited before comes first."""
        waiting: asyncio.Future[Lane] = asyncio.get_running_loop().create_future()
        if again:
            line.appendleft(waiting)
        else:
            line.append(waiting)
        self._hand_out()
        try:
            return await waiting
        except asyncio.CancelledError:
            if waiting.done() and not waiting.cancelled() and waiting.exception() is None:
                waiting.result().taken = False
            raise

    def _hand_out(self) -> None:
        for line, free in ((self._for_first, self._lane_of_first), (self._waiting, self._free_lane)):
            while line:
                if line[0].done():  # whoever asked is gone
                    line.popleft()
                    continue
                lane = free()
                if lane is None:
                    break
                lane.taken = True
                line.popleft().set_result(lane)
        if self._waiting or self._for_first:
            self._find_another()

    def _lane_of_first(self) -> Lane | None:
        return self._readers[0].free() if self._readers else None

    def _free_lane(self) -> Lane | None:
        reader = min(self._readers, key=_questions, default=None)
        if reader is None or (reader.questions and self._may_start()):
            return None  # rather than to wait behind another
        return reader.free()

    def _find_another(self) -> None:
        """Start another reader, or tell those who wait that there is none."""
        if self._may_start():
            if self._starting is None:
                self._starting = asyncio.create_task(self._start())
        elif not self._readers and self._starting is None:
            for line in (self._for_first, self._waiting):
                while line:
                    waiting = line.popleft()
                    if not waiting.done():
                        waiting.set_exception(NobodyReadsError())

    # ---- readers come and go ----------------------------------------------------------------------------------------

    def _may_start(self) -> bool:
        now = asyncio.get_running_loop().time()
        return not self._closed and len(self._readers) < self.count and now >= self._not_before

    async def _start(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            life, ends = self._nursery.reader(self._lanes)
            reader = _Reader(life, loop.time())
            for end in ends:
                lane = Lane(lambda: self._gone(reader))
                await loop.create_connection(lambda lane=lane: lane, sock=end)  # type: ignore[misc]
                reader.lanes.append(lane)
            if reader.is_dead:  # as soon as that
                self._bury(reader)
            else:
                self._readers.append(reader)
        except OSError as e:
            _LOG.warning("no further process can be started to read: %s", e)
            self._wait(loop.time())
        finally:
            self._starting = None
            self._hand_out()

    def _gone(self, reader: _Reader) -> None:
        """One of its lanes was closed."""
        reader.is_dead = True
        if not self._closed and reader in self._readers:
            self._readers.remove(reader)
            self._bury(reader)
            self._hand_out()

    def _bury(self, reader: _Reader) -> None:
        reader.close()
        self.lost += 1
        now = asyncio.get_running_loop().time()
        _LOG.warning("a process that reads ended; another one takes its place")
        if now - reader.began < _YOUNG_S:
            self._wait(now)
        else:
            self._pause_s = 0.0

    def _wait(self, now: float) -> None:
        self._not_before = now + self._pause_s
        self._pause_s = min(max(0.5, 2 * self._pause_s), _LATEST_S)


def _questions(reader: _Reader) -> int:
    return reader.questions
