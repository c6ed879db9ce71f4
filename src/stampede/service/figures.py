"""What this process counts about itself while it answers. Read by ``/metrics``; all of it is of the event loop's
thread."""

from __future__ import annotations

import time
from bisect import bisect_left
from collections import Counter
from typing import Final

#: upper bounds of the buckets of durations, in seconds
BOUNDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Durations:
    """A histogram: how many fell into each bucket (the last is for all above), and their sum in seconds."""

    def __init__(self) -> None:
        self.counts = [0] * (len(BOUNDS) + 1)
        self.sum_s = 0.0

    def add(self, duration_s: float) -> None:
        """Count one."""
        self.counts[bisect_left(BOUNDS, duration_s)] += 1
        self.sum_s += duration_s


class Figures:
    """Counts since the start."""

    def __init__(self) -> None:
        self.started_ts = time.time()
        #: (method, route, status) -> answers
        self.requests: Counter[tuple[str, str, int]] = Counter()
        #: route -> time until the answer began
        self.durations: dict[str, Durations] = {}
        #: kind of problem -> requests that the guard refused
        self.refused: Counter[str] = Counter()
        #: why -> connections that were cut
        self.cut: Counter[str] = Counter()
        self.sent_bytes = 0
        self.in_progress = 0
        self.connections = 0

    def answered(self, method: str, route: str, status: int, duration_s: float, sent_bytes: int) -> None:
        """An answer was given. ``route`` is the pattern of the path, so that there are few."""
        self.requests[method if method in _METHODS else "other", route, status] += 1
        if route not in self.durations:
            self.durations[route] = Durations()
        self.durations[route].add(duration_s)
        self.sent_bytes += sent_bytes
