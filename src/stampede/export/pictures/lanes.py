"""Lanes: how many tries waited and ran at once, each lane in a scale of its own, with a mark where tries failed."""

from __future__ import annotations

from typing import Final

from stampede.export.pictures.sheet import Sheet
from stampede.export.svg.axis import TimeAxis, short
from stampede.export.svg.drawing import Drawing
from stampede.export.svg.shapes import box, fitted, legend, steps
from stampede.query.pictures.lanes import Lane
from stampede.query.pictures.window import Window
from stampede.words import count, duration

_LANE: Final = 40.0
_THIN: Final = 24.0
_FAILS: Final = 6.0
_GAP: Final = 8.0


def draw_lanes(lanes: list[Lane], sheet: Sheet, window: Window, *, waiting: bool = True) -> Drawing:
    """One lane below the other; ``waiting``: with what waited on top of what ran."""
    drawing = sheet.drawing
    entries = [("run", "run (on average at once)")]
    if any(lane.failed for lane in lanes):
        entries += [("fail", "run, and failed in the end; below the lane: failures")]
    if waiting:
        entries.append(("queue", "wait in the queue"))
    top = legend(drawing, sheet.left, sheet.top, entries, width=sheet.width - 32) + 6
    gutter = min(190.0, sheet.width * 0.24)
    axis = TimeAxis(window.start_ts, window.end_ts, sheet.left + gutter, sheet.right - 62)
    high = _LANE if len(lanes) <= 26 else _THIN
    pitch = high + _FAILS + _GAP
    bottom = top + pitch * len(lanes)
    below = axis.draw(drawing, top, bottom)
    for i, lane in enumerate(lanes):
        _lane(drawing, lane, axis, top + i * pitch, high, gutter, sheet.left, waiting)
    return sheet.finish(below)


def _lane(
    drawing: Drawing, lane: Lane, axis: TimeAxis, top: float, high: float, gutter: float, left: float, waiting: bool
) -> None:
    base = top + high
    peak = (lane.peak if waiting else lane.peak_running) or 1.0
    scale = high / peak
    step = (axis.right - axis.left) / len(lane.running)
    low = [base] * len(lane.running)
    layers = [("run", lane.running), ("fail", lane.failing)]
    if waiting:
        layers.append(("queue", lane.waiting))
    for kind, values in layers:
        upper = [y - v * scale for y, v in zip(low, values, strict=True)]
        drawing.path(steps(axis.left, step, low, upper), kind)
        low = upper
    most = max(lane.failures, default=0)
    marks = "".join(
        box(axis.left + i * step, base + 1, step, 1.5 + (_FAILS - 1.5) * n / most)
        for i, n in enumerate(lane.failures)
        if n
    )
    drawing.path(marks, "mark")
    drawing.line(axis.left, base, axis.right, base, "axis")
    _words(drawing, lane, top, high, gutter, left)
    drawing.text(axis.right + 6, top + 10, f"max {short(round(peak, 1) if peak < 10 else round(peak))}", "muted small")
    if lane.busy_s > 0 and not waiting:
        drawing.text(axis.right + 6, top + 22, duration(lane.busy_s), "muted small", tip="time in which tries ran")


def _words(drawing: Drawing, lane: Lane, top: float, high: float, gutter: float, left: float) -> None:
    name = lane.name
    if lane.lanes != 1:
        name += f" ({lane.lanes:,})" if lane.lanes else " (many)"
    right = left + gutter - 10
    drawing.text(right, top + (high / 2 if high >= 36 else 10), fitted(name, gutter - 12), anchor="end", tip=lane.name)
    told = count(lane.tries, "try", "tries") + (f", {lane.failed:,} failed" if lane.failed else "")
    y = top + (high / 2 + 14 if high >= 36 else 22)
    drawing.text(right, y, told, "muted small", anchor="end")
