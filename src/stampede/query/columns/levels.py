"""How many of something there were at once, by bins, in one pass over intervals in no order.

Of the beginnings and ends that fall into a bin it is enough to know how many more began than ended, and how far into
the bin they lie together: the average over each bin follows exactly (see ``query.pictures.bins``).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

#: what rounding leaves of nothing
NOTHING: Final = 1e-6


class Levels:
    """Beginnings less ends: those before the window, and by bin their number and how far into it they lie. Times are
    places on an ``Axis``: bins from the beginning of the window."""

    __slots__ = ("before", "count", "late", "size")

    def __init__(self, size: int) -> None:
        self.size = size
        self.before = 0
        self.count = [0] * size
        self.late = [0.0] * size

    def add(self, start: float, end: float) -> None:
        """An interval; one that ends before it begins has no length and counts nothing."""
        if end <= start or end <= 0.0:
            return
        if start <= 0.0:
            self.before += 1
        elif start < self.size:
            at = int(start)
            self.count[at] += 1
            self.late[at] += start - at
        if end < self.size:
            at = int(end)
            self.count[at] -= 1
            self.late[at] -= end - at

    def add_all(self, other: Levels) -> None:
        """The intervals of another."""
        self.before += other.before
        self.count = [a + b for a, b in zip(self.count, other.count, strict=True)]
        self.late = [a + b for a, b in zip(self.late, other.late, strict=True)]

    def averages(self) -> Iterator[float]:
        """How many lasted, on average over each bin."""
        passed = self.before
        for count, late in zip(self.count, self.late, strict=True):
            yield passed + count - late
            passed += count
