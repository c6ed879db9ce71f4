"""Bins of time: how many intervals lasted at once, on average over each bin, exactly.

An interval that covers part of a bin counts by that part, so that areas are conserved: the sum over the bins of level
times width is the sum of the lengths of the intervals within the window. It is enough to know of each bin how many
edges fall into it and the sum of their offsets: an interval is the difference of two edges, a stack of states one of
several.
"""

from __future__ import annotations

from array import array

import msgspec


class Bins(msgspec.Struct, frozen=True, kw_only=True):
    """``count`` bins of equal width from ``start_ts`` to ``end_ts`` (epoch seconds)."""

    start_ts: float
    end_ts: float
    count: int

    @property
    def width_s(self) -> float:
        """Seconds of a bin."""
        return (self.end_ts - self.start_ts) / self.count

    def index(self, ts: float) -> int | None:
        """The bin that holds a time; None outside the window. The end belongs to the last bin."""
        if not self.start_ts <= ts <= self.end_ts:
            return None
        return min(self.count - 1, int((ts - self.start_ts) / self.width_s))

    def ts(self, index: int) -> float:
        """Where a bin begins."""
        return self.start_ts + index * self.width_s


class Edges:
    """Moments at which something began (or ended), and how many of them had passed, on average over each bin."""

    __slots__ = ("_before", "_count", "_late", "_scale", "_size", "_start")

    def __init__(self, bins: Bins) -> None:
        self._start = bins.start_ts
        self._scale = 1.0 / bins.width_s
        self._size = bins.count
        self._before = 0
        self._count = array("q", bytes(8 * bins.count))
        #: sum over the edges of a bin of the share of the bin that was over when they came
        self._late = array("d", bytes(8 * bins.count))

    def add(self, ts: float) -> None:
        """An edge; one before the window counts all through it, one after it not at all."""
        place = (ts - self._start) * self._scale
        if place <= 0.0:
            self._before += 1
        elif place < self._size:
            index = int(place)
            self._count[index] += 1
            self._late[index] += place - index

    def add_counted(self, index: int, count: int, late: float) -> None:
        """So many edges of a bin; ``late`` is the sum over them of the share of the bin that was over when they came.
        Those of bin -1 lie before the window."""
        if index < 0:
            self._before += count
        else:
            self._count[index] += count
            self._late[index] += late

    def add_all(self, other: Edges) -> None:
        """The edges of another with the same bins."""
        self._before += other._before
        for i, (count, late) in enumerate(zip(other._count, other._late, strict=True)):
            self._count[i] += count
            self._late[i] += late

    def levels(self) -> list[float]:
        """How many had passed, on average over each bin."""
        passed = float(self._before)
        found = []
        for count, late in zip(self._count, self._late, strict=True):
            found.append(passed + count - late)
            passed += count
        return found


class Spread:
    """Intervals, and how many of them lasted at once."""

    __slots__ = ("begun", "ended")

    def __init__(self, bins: Bins) -> None:
        self.begun, self.ended = Edges(bins), Edges(bins)

    def add(self, start_ts: float, end_ts: float) -> None:
        """An interval; one that ends before it begins has no length and counts nothing."""
        if end_ts > start_ts:
            self.begun.add(start_ts)
            self.ended.add(end_ts)

    def add_all(self, other: Spread) -> None:
        """The intervals of another with the same bins."""
        self.begun.add_all(other.begun)
        self.ended.add_all(other.ended)

    def levels(self) -> list[float]:
        """How many lasted at once, on average over each bin."""
        return between(self.begun.levels(), self.ended.levels())


def between(begun: list[float], ended: list[float]) -> list[float]:
    """Levels of what lay between two kinds of edges. What rounding leaves of nothing is nothing."""
    return [b - e if b - e > 1e-6 else 0.0 for b, e in zip(begun, ended, strict=True)]
