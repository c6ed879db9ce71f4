"""The client for anyone: hears a copy of what is published, and hands on what is wanted."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from stampede.bus import Bus, BusError, Consumer, Delivery, Message
from stampede.bus.topics import wanted_names
from stampede.consuming.contents import PoisonError, lines_of
from stampede.consuming.where import judge
from stampede.events.base import Event
from stampede.events.catalogue import Problem
from stampede.events.decoder import Decoder

_AGAIN_S: Final = (0.2, 5.0)
_NAME = re.compile(rb'"event":"([^"\\]*)"')
#: streams whose numbers are remembered
_MOST: Final = 10_000


class Subscribe:
    """Hears what patterns (of names of events), a level and a filter let through.

    After an outage it hears on from then; ``missed`` counts records that were lost to it, as far as numbers tell.
    Raises UsageError for a pattern that is none, FilterError for such a filter.
    """

    def __init__(self, bus: Bus, patterns: Sequence[str], *, level: str = "all", where: str = "") -> None:
        self._bus, self._patterns = bus, list(patterns)
        self._names = wanted_names(patterns, level)
        self._plain_names = frozenset(name.encode() for name in self._names)
        self._judge: Callable[[Event], bool] | None = judge(where) if where.strip() else None
        self._consumer: Consumer | None = None
        self._next: dict[str, int] = {}
        self._again_s, self._not_before = _AGAIN_S[0], 0.0
        self.trouble: str | None = None
        self.missed = 0
        self.heard = 0

    def turn(self, patience_s: float = 0.25) -> Iterator[Event]:
        """What came. Nothing that the bus does is raised."""
        if time.monotonic() < self._not_before:
            time.sleep(min(patience_s, max(self._not_before - time.monotonic(), 0.0)))
            return
        try:
            if self._consumer is None:
                self._consumer = self._bus.subscriber(self._patterns)
                self.trouble, self._again_s = None, _AGAIN_S[0]
            deliveries = self._consumer.receive(patience_s)
            for delivery in deliveries:
                yield from self._wanted(delivery)
            self._consumer.done(deliveries)
        except BusError as e:
            self.close()
            self.trouble = str(e)
            self._not_before = time.monotonic() + self._again_s
            self._again_s = min(2 * self._again_s, _AGAIN_S[1])

    def listen(self) -> None:
        """Be there before anything is published. Raises BusError."""
        if self._consumer is None:
            self._consumer = self._bus.subscriber(self._patterns)

    def _wanted(self, delivery: Delivery) -> Iterator[Event]:
        message = delivery.message
        known = self._count(message)
        if message.is_beat or delivery.fault:
            return
        try:
            lines = lines_of(message)
        except PoisonError:
            return  # the loaders put it aside
        news = lines[known:]
        self.heard += len(news)
        for event in _events([line for line in news if self._may_be_wanted(line)]):
            if event.NAME in self._names and (self._judge is None or self._judge(event)):
                yield event

    def _may_be_wanted(self, line: bytes) -> bool:
        """Whether a record has to be decoded: not when a name that is not wanted stands in it."""
        name = _NAME.search(line)
        return name is None or name[1] in self._plain_names or not name[1].startswith(b"stampede.")

    def _count(self, message: Message) -> int:
        """How many of its records we had already; what is missing before it is counted."""
        if not message.source or not message.first:
            return 0
        due = self._next.get(message.stream)
        after = message.first + message.count
        if due is None:
            if len(self._next) >= _MOST:
                del self._next[next(iter(self._next))]
            self._next[message.stream] = after
            return 0
        self.missed += max(message.first - due, 0)
        self._next[message.stream] = max(due, after)
        return min(max(due - message.first, 0), message.count)

    def close(self) -> None:
        """Hear no more."""
        if self._consumer is not None:
            self._consumer.close()
            self._consumer = None


def _events(lines: list[bytes]) -> Iterator[Event]:
    """The events of lines; what is none is left out, except problems that were sent."""
    decoder = Decoder(name="bus")
    data = b"\n".join(lines) + b"\n"
    for group in (decoder.feed(data), decoder.finish()):
        for events, _ in group:
            for event in events:
                if not (isinstance(event, Problem) and event.file == "bus"):
                    yield event
