"""Notices changes of one database and reads them, in a thread of its own."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any, Final

import msgspec

from stampede.errors import StampedeError
from stampede.query.changes import BEGINNING, Counts, Position, changes, counts, identity, newest
from stampede.service.databases import Database
from stampede.service.live.frames import Frame, frame
from stampede.service.live.places import key_of
from stampede.service.live.waking import Waking

_LOG = logging.getLogger("stampede.live")
#: changes that are handed on at once, at most
_BLOCK: Final = 5_000
#: what changes meanwhile is told together: after as long as it took to hand it on, in seconds from … to …
_GATHER_S, _LONGEST_S = 0.05, 0.25
#: a change that nothing announced is noticed after so long
_LOOK_S: Final = 0.5
#: those who are slow are not waited for longer than this, in seconds
_PATIENCE_S: Final = 1.0
#: changes that are kept in memory for those who come back soon
_RECENT: Final = 10_000
#: numbers of workflows are told so often, and of so many at once
_COUNTS_S, _MOST_COUNTS = 0.5, 500
#: when it is not known what changed, so many workflows are looked at
_MOST_ROOTS: Final = 2_000


class Block(msgspec.Struct, gc=False):
    """What came between two positions, and the numbers of workflows that changed. ``anew``: the database is another
    one than before, and nothing of what was known of it counts."""

    frames: list[Frame]
    before: Position
    after: Position
    counts: list[Counts] = []
    anew: bool = False


class Recent:
    """The latest blocks of a database, in memory: who comes back soon needs not read them from there."""

    def __init__(self) -> None:
        self._blocks: deque[Block] = deque()
        self._frames = 0

    def add(self, block: Block) -> None:
        """The newest block."""
        self._blocks.append(block)
        self._frames += len(block.frames)
        while self._frames > _RECENT and len(self._blocks) > 1:
            self._frames -= len(self._blocks.popleft().frames)

    def clear(self) -> None:
        """None of them counts any more."""
        self._blocks.clear()
        self._frames = 0

    def between(self, after: Position, until: Position) -> list[Frame] | None:
        """What came after a position, up to another one; None when some of it is not here any more."""
        if not self._blocks or self._blocks[0].before.within(after) != self._blocks[0].before:
            return None
        found: list[Frame] = []
        for block in reversed(self._blocks):
            if not after.behind(block.after):
                break
            found[:0] = block.frames
        return [f for f in found if after.behind(f.change.position) and not until.behind(f.change.position)]


Publish = Callable[["Follower", Block], None]


class Follower:
    """Follows a database from its newest position, or (``whole``) from its beginning. ``publish`` is called in the
    event loop with each block; ``key`` and ``position`` are those of what was published, and changed only there."""

    def __init__(
        self, database: Database, loop: asyncio.AbstractEventLoop, publish: Publish, is_sent: Callable[[], bool], *,
        whole: bool = False,
    ) -> None:  # fmt: skip
        self.database = database
        self.key = ""
        self.position = BEGINNING
        self.recent = Recent()
        self.users = 0
        self._loop = loop
        self._publish = publish
        self._is_sent = is_sent
        self._whole = whole
        self._read = BEGINNING
        self._identity = ""
        self._stamp = b""
        self._known: dict[str, Counts] = {}
        self._touched: dict[str, None] = {}
        self._next_counts = 0.0
        self._stopping = threading.Event()
        self._waking = Waking(database.url)
        self._thread = threading.Thread(target=self._run, name="stampede-live", daemon=True)

    def prepare(self) -> None:
        """Find out where it stands. Blocks; raises StampedeError when it cannot be read."""
        self._stamp = self.database.stamp()
        with self.database.reader() as reader:
            self._identity = identity(reader)
            self._read = BEGINNING if self._whole else newest(reader)
            self._known = {one.wf_uuid: one for one in counts(reader, limit=_MOST_ROOTS)}
        if self._whole:
            self._stamp, self._known = b"", {}
        self.key, self.position = key_of(self.database.url, self._identity), self._read

    def begin(self) -> None:
        """Tell what comes from here on."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread, soon."""
        self._stopping.set()
        self._waking.rouse()

    # ---- the thread -------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        while not self._stopping.is_set():
            now = self.database.stamp()
            took = 0.0
            if now != self._stamp and now:
                self._stamp = now
                took = self._turn()
            if took:
                self._stopping.wait(min(max(_GATHER_S, took), _LONGEST_S))
            elif self._touched:
                self._stopping.wait(_GATHER_S)
                self._attempt_counts()
            else:
                self._waking.wait(_LOOK_S)
        self._waking.close()

    def _turn(self) -> float:
        """Tell what is new; the seconds that it took to hand it on."""
        began = time.monotonic()
        try:
            self._tell()
        except StampedeError as e:
            _LOG.warning("%s", e)
            return _LOOK_S
        except Exception:  # whatever it is: the others who are followed, and the next turn, go on
            _LOG.exception("what is new could not be told")
            return _LOOK_S
        return max(time.monotonic() - began, 1e-6)

    def _tell(self) -> None:
        with self.database.reader() as reader:
            found_identity = identity(reader)
            if found_identity != self._identity:
                self._identity, self._read = found_identity, newest(reader)
                self._known.clear()
                self._hand_on(Block([], self._read, self._read, anew=True), key_of(self.database.url, found_identity))
            key = key_of(self.database.url, self._identity)
            more, news = True, False
            while more and not self._stopping.is_set():
                found, after, more = changes(reader, self._read, limit=_BLOCK)
                if found:
                    news = True
                    self._touched.update(dict.fromkeys(c.wf_uuid for c in found if c.wf_uuid))
                    self._hand_on(Block([frame(c, key) for c in found], self._read, after), key)
                self._read = after
            if not news:  # something changed that no event tells of
                self._count(counts(reader, limit=_MOST_ROOTS))
            elif time.monotonic() >= self._next_counts:
                self._count_touched(reader)

    def _attempt_counts(self) -> None:
        if time.monotonic() < self._next_counts:
            return
        try:
            with self.database.reader() as reader:
                self._count_touched(reader)
        except StampedeError as e:
            _LOG.warning("%s", e)
            self._touched.clear()

    def _count_touched(self, reader: Any) -> None:
        some = list(self._touched)[:_MOST_COUNTS]
        for uuid in some:
            del self._touched[uuid]
        self._count(counts(reader, some, limit=len(some)))
        self._next_counts = time.monotonic() + _COUNTS_S

    def _count(self, found: list[Counts]) -> None:
        fresh = [one for one in found if self._known.get(one.wf_uuid) != one]
        self._known.update((one.wf_uuid, one) for one in fresh)
        if len(self._known) > 10 * _MOST_ROOTS:
            self._known.clear()
        if fresh:
            self._hand_on(Block([], self._read, self._read, fresh), self.key)

    def _hand_on(self, block: Block, key: str) -> None:
        """Have it published, and wait for that: what comes faster than it can be sent waits here, in larger pieces."""
        done = threading.Event()

        def wait_for_most(until: float) -> None:
            if self._is_sent() or time.monotonic() > until:
                done.set()
            else:
                self._loop.call_later(0.002, wait_for_most, until)

        def publish() -> None:
            try:
                self.key, self.position = key, block.after
                if block.anew:
                    self.recent.clear()
                elif block.frames:
                    self.recent.add(block)
                self._publish(self, block)
            finally:
                self._loop.call_soon(wait_for_most, time.monotonic() + _PATIENCE_S)

        try:
            self._loop.call_soon_threadsafe(publish)
        except RuntimeError:  # the loop is closed
            self._stopping.set()
            return
        while not done.wait(1.0):
            if self._stopping.is_set():
                return
