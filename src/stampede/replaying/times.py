"""Recorded times to those of now."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from itertools import pairwise


class TimeMap:
    """Maps epoch seconds of a recording to those of its replay, in order.

    Between two ``moments`` at which something happened, time goes ``speed`` times as fast, and no pause is longer than
    ``longest_pause_s``; before the first and after the last it only goes faster.
    """

    def __init__(
        self, moments: Iterable[float], *, start_ts: float, speed: float = 1.0, longest_pause_s: float | None = None
    ) -> None:
        self._speed = speed
        self._old = sorted(set(moments)) or [start_ts]
        self._new = [start_ts]
        for before, after in pairwise(self._old):
            gap = (after - before) / speed
            self._new.append(self._new[-1] + (gap if longest_pause_s is None else min(gap, longest_pause_s)))

    @property
    def first(self) -> float:
        """The first recorded moment."""
        return self._old[0]

    @property
    def last(self) -> float:
        """The last recorded moment."""
        return self._old[-1]

    @property
    def duration_s(self) -> float:
        """How long the replay takes."""
        return self._new[-1] - self._new[0]

    def __call__(self, ts: float) -> float:
        """The time of the replay at which what happened at ``ts`` happens."""
        at = bisect_right(self._old, ts) - 1
        if at < 0:
            return self._new[0] - (self._old[0] - ts) / self._speed
        if at == len(self._old) - 1:
            return self._new[-1] + (ts - self._old[-1]) / self._speed
        share = (ts - self._old[at]) / (self._old[at + 1] - self._old[at])
        return self._new[at] + share * (self._new[at + 1] - self._new[at])
