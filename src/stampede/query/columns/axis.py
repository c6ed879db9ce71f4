"""Time as bins of equal width, where times in which nothing happened may be left out."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import Final

from stampede.query.pictures.window import Window

#: an interval of epoch seconds
Span = tuple[float, float]
#: idle times that are told, at most: the longest
MOST_GAPS: Final = 24
#: how finely idle times are looked for: so many cells in a window
_CELLS: Final = 20_000
#: an idle time is told when it is longer than this share of the window, and than so many seconds
_SHARE: Final = 0.02
_LEAST_S: Final = 60.0


class Axis:
    """``count`` bins of equal width over a window without the times of ``skip``; where there is nothing but these,
    over all of it. ``place`` gives how many bins after the start a time lies; a time that is left out lies at its edge.
    """

    def __init__(self, window: Window, count: int, skip: Sequence[Span] = ()) -> None:
        self.count = count
        cuts = _within(skip, window)
        shown = window.duration_s - sum(b - a for a, b in cuts)
        if shown <= 0.0:
            cuts, shown = [], window.duration_s
        self.width_s = shown / count
        self.place: Callable[[float], float] = _straight(window, self.width_s)
        if cuts:
            self.place = _folded(window, self.width_s, cuts)


def _within(skip: Sequence[Span], window: Window) -> list[Span]:
    """The parts of these times that lie in the window, in order, none over another."""
    found: list[Span] = []
    for start, end in sorted(skip):
        a = max(start, window.start_ts, found[-1][1] if found else start)
        b = min(end, window.end_ts)
        if b > a:
            found.append((a, b))
    return found


def _straight(window: Window, width_s: float) -> Callable[[float], float]:
    start, scale = window.start_ts, 1.0 / width_s
    return lambda ts: (ts - start) * scale


def _folded(window: Window, width_s: float, cuts: list[Span]) -> Callable[[float], float]:
    start, scale = window.start_ts, 1.0 / width_s
    begins = [a for a, _ in cuts]
    left_out = [0.0, *accumulate(b - a for a, b in cuts)]

    def place(ts: float) -> float:
        at = bisect_right(begins, ts)
        if at == 0:
            return (ts - start) * scale
        return (max(ts, cuts[at - 1][1]) - start - left_out[at]) * scale

    return place


class Occupied:
    """Which parts of a window something happened in, to some twenty-thousandth of it: for finding when nothing did."""

    def __init__(self, window: Window) -> None:
        self._start, self._width_s = window.start_ts, window.duration_s / _CELLS
        self._changes = array("q", bytes(8 * (_CELLS + 1)))

    def add(self, start_ts: float, end_ts: float) -> None:
        """An interval in which something happened. Cells that it touches count whole."""
        first = max(0, int((start_ts - self._start) / self._width_s))
        last = min(_CELLS - 1, int((end_ts - self._start) / self._width_s))
        if last >= first:
            self._changes[first] += 1
            self._changes[last + 1] -= 1

    def gaps(self) -> list[Span]:
        """The longest times in which nothing happened, in order; none shorter than a fiftieth of the window or a
        minute. Before the first and after the last interval counts as well."""
        found: list[Span] = []
        least = max(_SHARE * _CELLS, _LEAST_S / self._width_s)
        free: int | None = None
        for cell, busy in enumerate(accumulate(self._changes)):
            if busy or cell == _CELLS:
                if free is not None and cell - free >= least:
                    found.append((self._start + free * self._width_s, self._start + cell * self._width_s))
                free = None
            elif free is None:
                free = cell
        longest = sorted(found, key=lambda gap: gap[0] - gap[1])[:MOST_GAPS]
        return sorted(longest)
