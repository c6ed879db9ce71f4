"""Axes: time in UTC, numbers, and durations on a logarithmic scale."""

from __future__ import annotations

import math
from datetime import UTC, datetime

from stampede.export.svg.drawing import Drawing
from stampede.words import duration

_STEPS_S = (
    0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800,
    604800, 1209600, 2592000, 7776000, 31536000,
)  # fmt: skip


class TimeAxis:
    """Time from left to right: ``x`` of a time, and the axis itself."""

    def __init__(self, start_ts: float, end_ts: float, left: float, right: float) -> None:
        self.start_ts, self.end_ts = start_ts, end_ts
        self.left, self.right = left, right
        self._scale = (right - left) / max(end_ts - start_ts, 1e-9)

    def x(self, ts: float) -> float:
        """Pixels of a time; times outside are at the edge."""
        return min(max(self.left + (ts - self.start_ts) * self._scale, self.left), self.right)

    def draw(self, drawing: Drawing, top: float, bottom: float) -> float:
        """Grid from ``top`` to ``bottom`` and the labels below; gives the y below them."""
        shown_day = ""
        for ts in ticks_of_time(self.start_ts, self.end_ts, max(2, int((self.right - self.left) / 95))):
            x = self.x(ts)
            drawing.line(x, top, x, bottom, "grid")
            day, clock = _utc(ts, self.end_ts - self.start_ts)
            anchor = "end" if x > self.right - 25 else "start" if x < self.left + 20 else "middle"
            drawing.text(x, bottom + 15, clock, "muted number", anchor=anchor)
            if day != shown_day:
                drawing.text(x, bottom + 29, day, "muted number", anchor=anchor)
                shown_day = day
        drawing.line(self.left, bottom, self.right, bottom, "axis")
        return bottom + 36


def _utc(ts: float, span_s: float) -> tuple[str, str]:
    try:
        moment = datetime.fromtimestamp(ts, UTC)
    except (OverflowError, OSError, ValueError):
        return "", f"{ts:.0f}"
    if span_s < 3:
        return f"{moment:%Y-%m-%d} UTC", f"{moment:%H:%M:%S}.{moment.microsecond // 100000}"
    return f"{moment:%Y-%m-%d} UTC", f"{moment:%H:%M:%S}" if span_s < 1800 else f"{moment:%H:%M}"


def ticks_of_time(start_ts: float, end_ts: float, most: int) -> list[float]:
    """At most ``most`` round times within, evenly spaced."""
    span = max(end_ts - start_ts, 1e-9)
    step = next((s for s in _STEPS_S if span / s <= most), None)
    if step is None:
        step = _STEPS_S[-1] * math.ceil(span / most / _STEPS_S[-1])
    first = math.ceil(start_ts / step)
    last = math.floor(end_ts / step)
    return [i * step for i in range(first, last + 1)] or [start_ts]


def ticks_of_number(most: float, about: int = 4, *, whole: bool = True) -> list[float]:
    """Round numbers from 0 up to at least ``most``."""
    if most <= 0:
        return [0.0, 1.0]
    raw = most / about
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= raw - 1e-12)
    if whole:
        step = max(1.0, math.ceil(step))
    return [i * step for i in range(math.ceil(most / step - 1e-9) + 1)]


def short(value: float) -> str:
    """``950``, ``1.2 k``, ``3 M``."""
    for limit, unit in ((1e9, "G"), (1e6, "M"), (1e4, "k")):
        if abs(value) >= limit:
            return f"{value / (1e3 if unit == 'k' else limit):.3g} {unit}"
    return f"{value:,.0f}" if value == int(value) else f"{value:.3g}"


def ticks_of_duration(most_s: float, about: int = 5) -> list[float]:
    """Round durations from 0 up to at least ``most_s``, in seconds."""
    step = next((s for s in _STEPS_S if most_s / s <= about), None)
    if step is None:
        step = _STEPS_S[-1] * math.ceil(most_s / about / _STEPS_S[-1])
    return [i * step for i in range(max(1, math.ceil(most_s / step - 1e-9)) + 1)]


def round_duration(seconds: float) -> str:
    """A round duration in its largest units: ``0``, ``30 s``, ``10 min``, ``1 h 30 min``, ``2 d``."""
    return duration(seconds).replace(" 00 s", "").replace(" 00 min", "").replace(" 00 h", "") if seconds else "0"


def number_axis(drawing: Drawing, left: float, right: float, top: float, bottom: float, most: float) -> float:
    """A vertical axis of numbers with its grid; gives the number at the top."""
    ticks = ticks_of_number(most)
    for tick in ticks:
        y = bottom - (bottom - top) * tick / ticks[-1]
        drawing.line(left, y, right, y, "grid")
        drawing.text(left - 6, y + 4, short(tick), "muted number", anchor="end")
    return ticks[-1]


#: round durations, in seconds
_ROUND_S = (0.001, 0.01, 0.1, 1, 10, 60, 600, 3600, 36000, 86400, 864000, 8640000, 86400000)


class LogAxis:
    """Durations from left to right, each step a factor. ``least_s`` and ``most_s`` are in seconds."""

    def __init__(self, least_s: float, most_s: float, left: float, right: float) -> None:
        low = math.log(max(least_s, 1e-3))
        high = math.log(max(most_s, 1e-3))
        if high - low < 1.0:  # less than a factor of e: a little more on both sides
            middle = (low + high) / 2
            low, high = middle - 0.5, middle + 0.5
        margin = (high - low) * 0.03
        self._low, self._high = low - margin, high + margin
        self.left, self.right = left, right

    def x(self, value_s: float) -> float:
        """Pixels of a duration."""
        share = (math.log(max(value_s, 1e-3)) - self._low) / (self._high - self._low)
        return self.left + (self.right - self.left) * min(max(share, 0.0), 1.0)

    def draw(self, drawing: Drawing, top: float, bottom: float) -> float:
        """Grid and labels; gives the y below."""
        inside = [s for s in self._candidates() if self._low <= math.log(s) <= self._high]
        last_x = -1e9
        for value in inside:
            x = self.x(value)
            drawing.line(x, top, x, bottom, "grid")
            if x - last_x > 58:
                drawing.text(x, bottom + 15, round_duration(value), "muted number", anchor="middle")
                last_x = x
        drawing.line(self.left, bottom, self.right, bottom, "axis")
        return bottom + 24

    def _candidates(self) -> list[float]:
        if self._high - self._low > math.log(60):
            return list(_ROUND_S)
        factors = (1, 2, 5) if self._high - self._low > math.log(8) else (1, 1.5, 2, 3, 4, 5, 7)
        below = [unit * m for unit in (0.001, 0.01, 0.1, 1, 10) for m in factors if unit * m < 60]
        above = [unit * m for unit in (60, 600, 3600, 36000, 86400, 864000, 8640000) for m in factors]
        return sorted({round(s, 6) for s in (*below, *above)})
