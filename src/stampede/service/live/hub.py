"""Hands what followers find to those who want it. Everything here happens in the event loop, but the looking-up."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from typing import Final

from stampede.errors import StampedeError
from stampede.query.changes import BEGINNING, Position
from stampede.service.databases import Database, Databases
from stampede.service.live import frames
from stampede.service.live.follower import Block, Follower
from stampede.service.live.frames import Frame
from stampede.service.live.listener import Listener
from stampede.service.live.places import place
from stampede.service.live.wishes import Scope, Wish
from stampede.service.problems import ProblemError
from stampede.service.settings import Settings

#: databases that appear are noticed so often, in seconds, while somebody hears all
_SCOUT_S: Final = 1.0
#: a database that nobody hears is followed for so long, in case the listener comes back
_LINGER_S: Final = 10.0


class Hub:
    """The followers of a service, and its listeners by what they want to hear."""

    def __init__(self, settings: Settings, databases: Databases) -> None:
        self.settings = settings
        self._databases = databases
        self._followers: dict[str, Follower] = {}
        self._starting: dict[str, asyncio.Task[Follower]] = {}
        self._channels: dict[Scope, dict[Wish, set[Listener]]] = {}
        self._scout: asyncio.Task[None] | None = None
        self._heart: asyncio.Task[None] | None = None
        self.subscribers = 0
        #: those of them for whom there is something that was not sent yet
        self.waiting = 0
        #: streams are to end
        self.ending = False

    # ---- followers --------------------------------------------------------------------------------------------------

    async def follow(self, database: Database, *, whole: bool = False) -> Follower:
        """The follower of a database, started when it is the first time. Raises StampedeError."""
        follower = self._followers.get(database.url)
        if follower is not None:
            return follower
        task = self._starting.get(database.url)
        if task is None:
            task = self._starting[database.url] = asyncio.create_task(self._start(database, whole))
        return await asyncio.shield(task)

    async def _start(self, database: Database, whole: bool) -> Follower:
        try:
            follower = Follower(database, asyncio.get_running_loop(), self._publish, self._is_sent, whole=whole)
            await asyncio.to_thread(follower.prepare)
            self._followers[database.url] = follower
            if whole:
                self._join(follower)
            follower.begin()
            asyncio.get_running_loop().call_later(_LINGER_S, self._unfollow, follower)
            return follower
        finally:
            del self._starting[database.url]

    def _unfollow(self, follower: Follower) -> None:
        if follower.users == 0 and self._followers.get(follower.database.url) is follower:
            del self._followers[follower.database.url]
            follower.stop()

    async def everywhere(self) -> list[Follower]:
        """Followers of all databases that are served, those written last first; as many as may be open."""
        stamps = await asyncio.to_thread(self._newest_first)
        found = []
        for database in stamps[: self.settings.open_databases]:
            try:
                found.append(await self.follow(database))
            except StampedeError:  # one that cannot be read hides only itself
                continue
        if self._scout is None:
            self._scout = asyncio.create_task(self._look_around({d.url for d in stamps}))
        return found

    def _newest_first(self) -> list[Database]:
        return [d for d in sorted(self._databases.all(), key=Database.written_ns, reverse=True) if d.stamp()]

    async def _look_around(self, known: set[str]) -> None:
        """As long as somebody hears all: take up databases that appear, from their beginning."""
        try:
            while True:
                await asyncio.sleep(_SCOUT_S)
                if Scope("all") not in self._channels:
                    return
                for database in await asyncio.to_thread(self._newest_first):
                    if database.url in known or len(self._followers) >= self.settings.open_databases:
                        continue
                    try:
                        follower = await self.follow(database, whole=True)
                    except StampedeError:
                        continue
                    known.add(database.url)
                    self._join(follower)
        finally:
            self._scout = None

    def _join(self, follower: Follower) -> None:
        """A database that was not there before: all of it is new."""
        for listener in self._of(Scope("all")):
            if listener.joined(follower) and follower.position != BEGINNING:
                self.detach(listener)
                listener.fall_behind(follower, BEGINNING)

    # ---- listeners --------------------------------------------------------------------------------------------------

    def admit(self) -> None:
        """Raise ProblemError (503) when as many listen as there may be."""
        if self.subscribers >= self.settings.listeners:
            raise ProblemError(
                503, "full", f"{self.subscribers} programs listen already; that is all there may be.",
                headers={"retry-after": "10"},
            )  # fmt: skip

    def enter(self, followers: Iterable[Follower]) -> None:
        """One more listener, to these."""
        self.subscribers += 1
        for follower in followers:
            follower.users += 1
        if self._heart is None:
            self._heart = asyncio.create_task(self._beat())

    async def _beat(self) -> None:
        """Have those hear that all is well to whom nothing was sent for a while."""
        while True:
            await asyncio.sleep(min(1.0, self.settings.heartbeat_s / 4))
            until = time.monotonic() - self.settings.heartbeat_s
            for wishes in list(self._channels.values()):
                for listener in [one for those in wishes.values() for one in those]:
                    listener.beat(until)

    def leave(self, followers: Iterable[Follower]) -> None:
        """One listener less."""
        self.subscribers -= 1
        for follower in followers:
            follower.users -= 1
            if follower.users == 0:
                asyncio.get_running_loop().call_later(_LINGER_S, self._unfollow, follower)

    def attach(self, listener: Listener) -> None:
        """From now on it is given what it wants."""
        self._channels.setdefault(listener.wish.scope, {}).setdefault(listener.wish, set()).add(listener)

    def detach(self, listener: Listener) -> None:
        """It is given nothing more."""
        wishes = self._channels.get(listener.wish.scope, {})
        those = wishes.get(listener.wish, set())
        those.discard(listener)
        if not those:
            wishes.pop(listener.wish, None)
        if not wishes:
            self._channels.pop(listener.wish.scope, None)

    def _of(self, scope: Scope) -> list[Listener]:
        return [one for those in self._channels.get(scope, {}).values() for one in those]

    # ---- what is new ------------------------------------------------------------------------------------------------

    def _is_sent(self) -> bool:
        """Whether what was published is on its way to nearly all who hear it."""
        return self.waiting * 20 <= self.subscribers

    def _publish(self, follower: Follower, block: Block) -> None:
        if block.anew:
            self._tell_anew(follower)
            return
        by_scope: dict[Scope, list[Frame]] = {}
        for one in block.frames:
            for scope in _scopes(one.change.wf_uuid, one.change.root_uuid):
                if scope in self._channels:
                    by_scope.setdefault(scope, []).append(one)
        for scope, some in by_scope.items():
            others = self._others(follower) if scope.kind == "all" else b""
            for wish, listeners in list(self._channels[scope].items()):
                data = b"".join(f.among(others) for f in some if wish.wants(f.change))
                if data:
                    self._give(list(listeners), data, follower, block.before)
        if block.counts:
            self._publish_counts(follower, block)

    def _publish_counts(self, follower: Follower, block: Block) -> None:
        for scope in list(self._channels):
            for wish, listeners in list(self._channels.get(scope, {}).items()):
                data = b"".join(frames.summary(c) for c in block.counts if wish.wants_counts(c))
                if data:
                    self._give(list(listeners), data, follower, block.before)

    def _others(self, follower: Follower) -> bytes:
        """The places of all other databases."""
        return b"".join(
            b"," + place(other.key, other.position).encode()
            for other in self._followers.values()
            if other is not follower
        )

    def _give(self, listeners: list[Listener], data: bytes, follower: Follower, before: Position) -> None:
        for listener in listeners:
            if follower.database.url in listener.followers and not listener.put(data, follower, before):
                self.detach(listener)

    def _tell_anew(self, follower: Follower) -> None:
        """The file is another one: who hears it has to begin anew."""
        for wishes in list(self._channels.values()):
            for listener in [one for those in wishes.values() for one in those]:
                if follower.database.url in listener.followers:
                    listener.lost = True
                    self.detach(listener)
                    listener.fall_behind(follower, follower.position)

    def end(self) -> None:
        """The service is about to end: streams end, so that it need not wait for them. To be called in a signal's
        handler, in the thread of the event loop."""
        self.ending = True
        for wishes in list(self._channels.values()):
            for listener in [one for those in wishes.values() for one in those]:
                listener.wake()

    async def close(self) -> None:
        """End everything."""
        for task in (self._scout, self._heart):
            if task is not None:
                task.cancel()
        for follower in self._followers.values():
            follower.stop()


def _scopes(wf_uuid: str | None, root: str | None) -> list[Scope]:
    found = [Scope("all")]
    if wf_uuid is not None:
        found.append(Scope("workflow", wf_uuid))
    if root is not None:
        found.append(Scope("forest", root))
    return found
