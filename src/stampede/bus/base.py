"""What a bus is: somebody publishes, loaders share the work, subscribers hear a copy.

What all buses promise:

* ``Publisher.publish`` returns when the messages outlive the sender; what is not certain is published again, so
  messages may come twice, never less than once.
* Of the consumers of one group each message is given to one. Messages of one root workflow are given to the same
  consumer, in the order in which they were published, as long as consumers neither come nor go.
* Consumers of a part of a group (:class:`Part`) are given the messages of some roots only, always of the same ones.
* A message is the consumer's until it says ``done``; of one that ends before, the message is given to another.
* ``bury`` puts a message aside, with a reason; nothing waits behind it.
* When more waits than the bus takes, ``publish`` raises BusFullError: the publisher keeps it.
* A subscriber that is too slow loses messages (it finds that in the numbers); nobody waits for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple, Protocol, TypeVar

from stampede.bus.message import Buried, Delivery, Message
from stampede.errors import UsageError

#: the group of loaders for which a bus keeps messages although none has come yet
LOADERS: Final = "load"


_T = TypeVar("_T")


class Part(NamedTuple):
    """One of so many parts of a group, counted from 1: each root workflow is in one of them for good, so that each part
    can have a database of its own."""

    number: int = 1
    of: int = 1

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"

    def among(self, partitions: Sequence[_T]) -> list[_T]:
        """Those of the partitions, in their order, that are in this part. Raises UsageError when none is."""
        found = list(partitions[self.number - 1 :: self.of])
        if partitions and not found:
            raise UsageError(f"The group has {len(partitions)} partitions, too few for part {self}.")
        return found


WHOLE: Final = Part()


class Publisher(Protocol):
    """Somebody who publishes. Not to be used by two threads at the same time."""

    def publish(self, messages: Sequence[Message]) -> None:
        """Returns when all are safe on the bus. Raises BusFullError, BusError: then some may be on it."""

    def idle(self) -> None:
        """To be called now and then when there is nothing to publish. Never raises."""

    def close(self) -> None:
        """Leave."""


class Consumer(Protocol):
    """Somebody who reads. Not to be used by two threads at the same time."""

    def receive(self, timeout_s: float) -> list[Delivery]:
        """What there is, after waiting at most so long for something. Raises BusError: then it is to be made anew."""

    def done(self, deliveries: Iterable[Delivery]) -> None:
        """These were dealt with. Raises BusError: they may come again."""

    def bury(self, delivery: Delivery, reason: str) -> None:
        """Put that message aside, with the reason. Raises BusError: it may come again."""

    def close(self) -> None:
        """Leave; what is not done is given to others. Never raises."""


class Bus(Protocol):
    """A bus, at an address. Nothing is reached before it is used."""

    #: what a user would call it, without passwords
    name: str

    @property
    def notice(self) -> str:
        """What a user should know about it, one sentence; empty when there is nothing."""

    def publisher(self) -> Publisher:
        """Raises BusError when it cannot be reached."""

    def consumer(self, group: str = LOADERS, part: Part = WHOLE) -> Consumer:
        """A member of a group that shares the work, or a part of it. Raises BusError when it cannot be reached."""

    def subscriber(self, patterns: Sequence[str]) -> Consumer:
        """Hears what is published from now on with a topic that is like one of the patterns, and every batch.

        Raises BusError when it cannot be reached.
        """

    def buried(self) -> list[Buried]:
        """What was put aside, oldest first. Raises BusError."""

    def revive(self) -> int:
        """Publish again what was put aside; how many messages. Raises BusError."""


def partition(root: str, partitions: int) -> int:
    """The partition of a root workflow, where no broker says which: FNV-1a, 32 bits
    (http://www.isthe.com/chongo/tech/comp/fnv/), the same in every process."""
    value = 0x811C9DC5
    for byte in root.encode():
        value = ((value ^ byte) * 0x01000193) & 0xFFFFFFFF
    return value % partitions


def share(partitions: int, members: int) -> int:
    """How many partitions one of so many members has at most."""
    return -(-partitions // max(members, 1))
