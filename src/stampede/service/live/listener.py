"""One client of the live stream: what it missed from the databases, then what comes, through a queue that is bounded.

A client that reads more slowly than things happen is given nothing more for its queue; when it has read that, it reads
on from the database, at its own pace, and joins the others when it has caught up. The server holds no more for it
meanwhile than one page.
"""

from __future__ import annotations

import asyncio
import functools
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING, Any, Final

from stampede.query.changes import BEGINNING, Counts, Position, changes, counts
from stampede.service.live import frames
from stampede.service.live.frames import Frame, frame
from stampede.service.live.places import place
from stampede.service.live.wishes import Wish

if TYPE_CHECKING:
    from stampede.service.live.follower import Follower
    from stampede.service.live.hub import Hub

#: changes that are read from a database at once
_PAGE: Final = 2_000
#: workflows whose numbers are told in the beginning
_COUNTS: Final = 1_000


class Listener:
    """``async for data in listener.run()``: bytes of the stream, until the client goes."""

    def __init__(self, hub: Hub, wish: Wish, followers: list[Follower], *, after: dict[str, Position] | None) -> None:
        """``after``: how far it heard before, by key of the database; None: it hears what comes from now on."""
        self.wish = wish
        self.followers = {one.database.url: one for one in followers}
        #: a database was replaced by another one
        self.lost = False
        self._hub = hub
        self._after = after
        self._places: dict[str, Position] = {}
        self._keys: dict[str, str] = {}
        self._queue: deque[bytes] = deque()
        self._bytes = 0
        #: where it goes on from, once it has fallen behind
        self._resume: dict[str, Position] | None = None
        #: where the hub stood when it was attached: what comes after that is given to it
        self._goals: dict[str, tuple[Follower, Position]] = {}
        self._sent = time.monotonic()
        self._is_due = False
        self._several = wish.scope.kind == "all"
        self._news = asyncio.Event()

    # ---- given by the hub -------------------------------------------------------------------------------------------

    def put(self, data: bytes, follower: Follower, before: Position) -> bool:
        """Take data for the client; False when there is no room: it is ``before`` these data then."""
        if self._bytes and self._bytes + len(data) > self._hub.settings.listener_bytes:
            self.fall_behind(follower, before)
            return False
        if not self._queue:
            self._hub.waiting += 1
        self._queue.append(data)
        self._bytes += len(data)
        self._news.set()
        return True

    def fall_behind(self, follower: Follower, before: Position) -> None:
        """When it has sent what is in its queue, it will read on from the databases: from where the others are now, of
        one database from ``before``."""
        self._resume = {url: one.position for url, one in self.followers.items()}
        self._resume[follower.database.url] = before
        self._news.set()

    def joined(self, follower: Follower) -> bool:
        """A database that was not there before; False when it is heard already."""
        if follower.database.url in self.followers:
            return False
        follower.users += 1
        self.followers[follower.database.url] = follower
        return True

    def beat(self, until: float) -> None:
        """Tell the client that all is well if nothing was sent to it since then (monotonic seconds)."""
        if not self._queue and self._sent < until:
            self._is_due = True
            self._news.set()

    def wake(self) -> None:
        """Have it look around."""
        self._news.set()

    def _note_places(self) -> None:
        """It has, with what is in its queue, all that the hub has told."""
        for url, follower in self.followers.items():
            self._places[url], self._keys[url] = follower.position, follower.key

    # ---- for the client ---------------------------------------------------------------------------------------------

    async def run(self) -> AsyncIterator[bytes]:
        """The bytes of the stream."""
        self._hub.enter(self.followers.values())
        try:
            self._attach()
            yield frames.GREETING + self._begin()
            async for data in self._numbers():
                yield data
            while not self._hub.ending:
                async for data in self._catch_up():
                    yield data
                async for data in self._live():
                    yield data
                self._attach()
        finally:
            self._hub.detach(self)
            self._hub.leave(self.followers.values())
            if self._queue:
                self._taken()

    def _taken(self) -> bytes:
        """What is in the queue."""
        data = b"".join(self._queue)
        self._queue.clear()
        self._bytes = 0
        self._hub.waiting -= 1
        return data

    def _attach(self) -> None:
        if self._resume is not None:
            self._places, self._resume = self._resume, None
        self._hub.attach(self)
        self._goals = {url: (one, one.position) for url, one in self.followers.items()}

    def _begin(self) -> bytes:
        """Where it begins: where it was, or now. Tells the client the place, and whether something was left out."""
        after = self._after
        self._note_places()
        if after is None:
            return frames.alive(self._id())
        if not self._several and not after.keys() & set(self._keys.values()):
            return frames.resync("The place is one of another database.", self._id())
        for url, key in self._keys.items():
            self._places[url] = after.get(key, BEGINNING)
        return b""

    async def _numbers(self) -> AsyncIterator[bytes]:
        """The numbers of its workflows as they are now."""
        if self.wish.types is not None and "summary" not in self.wish.types:
            return
        for follower in list(self.followers.values()):
            found = await self._asked(follower, self._count)
            data = b"".join(frames.summary(one) for one in found if self.wish.wants_counts(one))
            if data:
                yield data

    def _count(self, reader: Any) -> list[Counts]:
        scope = self.wish.scope
        if scope.kind == "workflow" and scope.uuid is not None:
            return counts(reader, [scope.uuid], limit=1)
        if self.wish.workflows is not None:
            return counts(reader, sorted(self.wish.workflows), limit=_COUNTS)
        return counts(reader, root=scope.uuid, limit=_COUNTS)

    async def _asked(self, follower: Follower, question: Callable[[Any], Any]) -> Any:
        def ask() -> Any:
            with follower.database.reader() as reader:
                return question(reader)

        return await asyncio.to_thread(ask)

    async def _catch_up(self) -> AsyncIterator[bytes]:
        """What the databases have from its places to where the hub stood when it was attached."""
        goals = self._goals
        behind = sum(self._places.get(url, BEGINNING).behind(goal) for url, (_, goal) in goals.items())
        if self.lost or behind > self._hub.settings.listener_behind:
            why = "The database was replaced." if self.lost else f"{behind} changes were left out."
            self.lost = False
            for url, (follower, goal) in goals.items():
                self._places[url], self._keys[url] = goal, follower.key
            yield frames.resync(why, self._id())
            return
        for url, (follower, goal) in goals.items():
            self._keys[url] = follower.key
            self._places.setdefault(url, BEGINNING)
            recent = follower.recent.between(self._places[url], goal)
            if recent is not None:
                data = self._joined(url, recent)
                if data:
                    yield data
            else:
                async for data in self._read_on(follower, goal):
                    yield data
            self._places[url] = goal

    async def _read_on(self, follower: Follower, goal: Position) -> AsyncIterator[bytes]:
        """What a database has up to a position, page by page."""
        url = follower.database.url
        more = self._places[url].behind(goal) > 0
        while more:
            after = self._places[url]
            found, reached, more = await self._asked(
                follower, functools.partial(changes, after=after, until=goal, limit=_PAGE)
            )  # fmt: skip
            data = self._joined(url, [frame(c, self._keys[url]) for c in found if self.wish.wants(c)])
            self._places[url] = reached
            if data:
                yield data

    def _joined(self, url: str, found: list[Frame]) -> bytes:
        others = b"".join(
            b"," + place(self._keys[other], position).encode()
            for other, position in self._places.items()
            if other != url and other in self._keys
        )
        return b"".join(f.among(others if self._several else b"") for f in found if self.wish.wants(f.change))

    async def _live(self) -> AsyncIterator[bytes]:
        """What comes, until it falls behind or the service ends."""
        while not self._hub.ending:
            if self._queue:
                yield self._taken()
                self._sent = time.monotonic()
                continue
            if self._resume is not None:
                return
            if self._is_due:
                self._note_places()
                self._is_due, self._sent = False, time.monotonic()
                yield frames.alive(self._id())
                continue
            self._news.clear()
            await self._news.wait()

    def _id(self) -> str:
        return ",".join(place(self._keys[url], position) for url, position in self._places.items())
