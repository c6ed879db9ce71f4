"""A bus within one process: for tests, and for programs that have publisher and loader in one."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from stampede.bus.base import LOADERS, WHOLE, Part, partition, share
from stampede.bus.errors import BusError, BusFullError
from stampede.bus.message import BATCH, Buried, Delivery, Message
from stampede.bus.topics import matcher

_PARTITIONS: Final = 8
#: messages that may wait in a group; of a subscriber
_MOST: Final = 10_000
_MOST_HEARD: Final = 1_000
#: a consumer holds so many messages of a partition at most
_HELD: Final = 16


class _Partition(msgspec.Struct):
    """Messages that wait, and whose they are."""

    waiting: deque[Message] = msgspec.field(default_factory=deque)
    #: what its owner holds, oldest first
    held: deque[Message] = msgspec.field(default_factory=deque)
    owner: MemoryConsumer | None = None
    again: bool = False


class _Group:
    """Partitions that consumers share."""

    def __init__(self, partitions: int) -> None:
        self.partitions = [_Partition() for _ in range(partitions)]
        self.members: list[MemoryConsumer] = []

    @property
    def waiting(self) -> int:
        return sum(len(p.waiting) + len(p.held) for p in self.partitions)


class MemoryBus:
    """Messages in this process's memory; they end with it."""

    notice = ""

    def __init__(self, name: str = "memory://", *, partitions: int = _PARTITIONS, most: int = _MOST) -> None:
        self.name = name
        self.most = most
        self._count = partitions
        self.changed = threading.Condition()
        self.groups: dict[str, _Group] = {LOADERS: _Group(partitions)}
        self.hearers: list[MemorySubscriber] = []
        self.dead: list[Buried] = []

    def publisher(self) -> MemoryPublisher:
        """Somebody who publishes."""
        return MemoryPublisher(self)

    def consumer(self, group: str = LOADERS, part: Part = WHOLE) -> MemoryConsumer:
        """A member of a group, or of a part of it."""
        with self.changed:
            found = self.groups.setdefault(group, _Group(self._count))
            return MemoryConsumer(self, found, part)

    def subscriber(self, patterns: Sequence[str]) -> MemorySubscriber:
        """Hears what is published from now on."""
        with self.changed:
            return MemorySubscriber(self, patterns)

    def buried(self) -> list[Buried]:
        """What was put aside."""
        with self.changed:
            return list(self.dead)

    def revive(self) -> int:
        """Publish again what was put aside."""
        with self.changed:
            again, self.dead = self.dead, []
        self.publisher().publish([one.message for one in again])
        return len(again)


class MemoryPublisher:
    """Puts messages into every group and before every subscriber."""

    def __init__(self, bus: MemoryBus) -> None:
        self._bus = bus

    def publish(self, messages: Sequence[Message]) -> None:
        """All or none. Raises BusFullError."""
        bus = self._bus
        with bus.changed:
            if any(group.waiting + len(messages) > bus.most for group in bus.groups.values()):
                raise BusFullError(f"{bus.name} is full: {bus.most} messages wait.")
            for message in messages:
                for group in bus.groups.values():
                    group.partitions[partition(message.root, len(group.partitions))].waiting.append(message)
                for one in bus.hearers:
                    one.hear(message)
            bus.changed.notify_all()

    def idle(self) -> None:
        """Nothing has to be done."""

    def close(self) -> None:
        """Leave."""


class MemoryConsumer:
    """A member of a group, or of a part of it."""

    def __init__(self, bus: MemoryBus, group: _Group, part: Part) -> None:
        self._bus, self._group, self.part = bus, group, part
        self._partitions = part.among(group.partitions)
        group.members.append(self)

    def receive(self, timeout_s: float) -> list[Delivery]:
        """What there is of the partitions that are ours. Raises BusError when it was closed."""
        until = time.monotonic() + timeout_s
        with self._bus.changed:
            while True:
                if self not in self._group.members:
                    raise BusError("The consumer was closed.")
                self._settle()
                found = [delivery for part in self._partitions if part.owner is self for delivery in _taken(part)]
                left = until - time.monotonic()
                if found or left <= 0:
                    return found
                self._bus.changed.wait(left)

    def _settle(self) -> None:
        """Take partitions that are nobody's, give back what is beyond our share and of which we hold nothing."""
        parts = self._partitions
        most = share(len(parts), sum(one.part == self.part for one in self._group.members))
        for part in parts:
            own = [p for p in parts if p.owner is self]
            if part.owner is None and len(own) < most:
                part.owner = self
            elif part.owner is self and len(own) > most and not part.held:
                part.owner = None

    def done(self, deliveries: Iterable[Delivery]) -> None:
        """These were dealt with."""
        with self._bus.changed:
            for one in deliveries:
                if isinstance(one.tag, _Partition) and one.tag.owner is self:
                    one.tag.held.remove(one.message)
            self._bus.changed.notify_all()

    def bury(self, delivery: Delivery, reason: str) -> None:
        """Put it aside."""
        with self._bus.changed:
            self._bus.dead.append(Buried(message=delivery.message, reason=reason, buried_ts=time.time()))
        self.done([delivery])

    def close(self) -> None:
        """Leave; what is not done waits for others, before what came later."""
        with self._bus.changed:
            if self in self._group.members:
                self._group.members.remove(self)
            for part in self._group.partitions:
                if part.owner is self:
                    part.again = bool(part.held)
                    part.waiting.extendleft(reversed(part.held))
                    part.held.clear()
                    part.owner = None
            self._bus.changed.notify_all()


def _taken(part: _Partition) -> list[Delivery]:
    found = []
    while part.waiting and len(part.held) < _HELD:
        message = part.waiting.popleft()
        part.held.append(message)
        found.append(Delivery(message=message, tag=part, redelivered=part.again))
    part.again = part.again and not found
    return found


class MemorySubscriber:
    """Hears a copy."""

    def __init__(self, bus: MemoryBus, patterns: Sequence[str]) -> None:
        self._bus = bus
        self._likes = matcher([*patterns, f"{BATCH}.#"])
        self._heard: deque[Message] = deque(maxlen=_MOST_HEARD)
        bus.hearers.append(self)

    def hear(self, message: Message) -> None:
        """Something was published; the oldest is forgotten when too much waits."""
        if self._likes(message.key):
            self._heard.append(message)

    def receive(self, timeout_s: float) -> list[Delivery]:
        """What there is."""
        with self._bus.changed:
            self._bus.changed.wait_for(lambda: bool(self._heard), timeout_s)
            found = [Delivery(message=message) for message in self._heard]
            self._heard.clear()
            return found

    def done(self, deliveries: Iterable[Delivery]) -> None:
        """Nobody waits for that."""

    def bury(self, delivery: Delivery, reason: str) -> None:
        """A copy is not put aside."""

    def close(self) -> None:
        """Hear no more."""
        with self._bus.changed:
            if self in self._bus.hearers:
                self._bus.hearers.remove(self)
