"""What a loader or publisher counts: events by name, messages, problems, how old what comes is."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterable
from typing import Final

import msgspec

from stampede.bus import Message
from stampede.events.base import Event
from stampede.events.catalogue import Problem
from stampede.openmetrics import Family, Text

#: publishers that are remembered: those heard of last
_MOST: Final = 1_000


def _counter(name: str, help_: str, *labels: str) -> Family:
    return Family(name=name, kind="counter", help=help_, labels=labels)


EVENTS: Final = _counter("stampede_bus_events", "Events that were stored, by name.", "event")
MESSAGES: Final = _counter("stampede_bus_messages", "Messages by what became of them.", "outcome")
PROBLEMS: Final = _counter("stampede_bus_problems", "Problems met in what came, by kind.", "kind")
LAG: Final = Family(
    name="stampede_bus_lag_seconds", kind="gauge", unit="seconds",
    help="How old the latest message was when it was stored.",
)  # fmt: skip
SEEN: Final = Family(
    name="stampede_bus_publisher_seen_time_seconds", kind="gauge", unit="seconds", labels=("source",),
    help="When a publisher was last heard of, in epoch seconds.",
)  # fmt: skip
TROUBLE: Final = Family(
    name="stampede_bus_trouble", kind="gauge", help="1 while the bus or the database cannot be used.",
)  # fmt: skip


class Standing(msgspec.Struct, kw_only=True):
    """The figures at a moment, since the beginning."""

    ts: float
    events: int
    messages: int
    duplicates: int
    buried: int
    gaps: int
    lag_s: float | None
    publishers: int
    by_event: dict[str, int]
    trouble: str | None


class Figures:
    """Counts. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._events: Counter[str] = Counter()
        self._problems: Counter[str] = Counter()
        #: messages by what became of them
        self.outcomes: Counter[str] = Counter(stored=0, duplicate=0, buried=0, heartbeat=0)
        self._seen: dict[str, float] = {}
        self._lag_s: float | None = None
        self.trouble: str | None = None

    def note_events(self, events: Iterable[Event]) -> None:
        """These were stored."""
        with self._lock:
            for kind, number in Counter(event.__class__ for event in events).items():
                self._events[kind.NAME] += number
            self._problems.update(event.kind for event in events if isinstance(event, Problem))

    def note_message(self, message: Message, outcome: str) -> None:
        """That became of a message."""
        now = time.time()
        with self._lock:
            self.outcomes[outcome] += 1
            if message.source:
                self._seen.pop(message.source, None)
                self._seen[message.source] = now
                if len(self._seen) > _MOST:
                    del self._seen[next(iter(self._seen))]
            if message.sent_ts is not None and outcome == "stored":
                self._lag_s = max(now - message.sent_ts, 0.0)

    @property
    def standing(self) -> Standing:
        """How it stands."""
        with self._lock:
            return Standing(
                ts=time.time(), events=self._events.total(), messages=self.outcomes.total(),
                duplicates=self.outcomes["duplicate"], buried=self.outcomes["buried"], gaps=self._problems["gap"],
                lag_s=self._lag_s, publishers=len(self._seen), by_event=dict(self._events.most_common()),
                trouble=self.trouble,
            )  # fmt: skip

    def text(self) -> bytes:
        """All of it as OpenMetrics."""
        text = Text()
        with self._lock:
            text.family(EVENTS, [({"event": name}, n) for name, n in sorted(self._events.items())])
            text.family(MESSAGES, [({"outcome": name}, n) for name, n in sorted(self.outcomes.items())])
            text.family(PROBLEMS, [({"kind": name}, n) for name, n in sorted(self._problems.items())])
            if self._lag_s is not None:
                text.family(LAG, [({}, self._lag_s)])
            text.family(SEEN, [({"source": name}, ts) for name, ts in sorted(self._seen.items())])
            text.family(TROUBLE, [({}, int(self.trouble is not None))])
        return text.end()
