"""The Gantt picture: every try with its phases, or lanes where there are more tries than rows of pixels."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable
from typing import Final, NamedTuple, TypeVar

from stampede.export.pictures.lanes import draw_lanes
from stampede.export.pictures.phases import PHASES, outcome
from stampede.export.pictures.sheet import WIDTH, Sheet, Subject
from stampede.export.svg.axis import TimeAxis
from stampede.export.svg.drawing import Drawing, isolated
from stampede.export.svg.shapes import box, cross, fitted, legend, text_width
from stampede.model.exits import from_raw
from stampede.query.pictures.gantt import Bar, Gantt
from stampede.words import count, duration

T = TypeVar("T")

#: pixels that all rows together take, as long as rows are not too thin or thick
_HEIGHT: Final = 1400
_ROW: Final = (2.0, 20.0)
#: a row from so many pixels on has room for a label
_LABEL: Final = 11.0


class _Row(NamedTuple):
    name: str
    bars: list[Bar]


def draw_gantt(gantt: Gantt, subject: Subject, *, width: float = WIDTH) -> Drawing:
    """Tries from left to right as time passes: a row for each job or lanes of those with something in common."""
    what = f"{count(gantt.tries, 'try', 'tries')} of its jobs" + (f", {gantt.failed:,} failed" if gantt.failed else "")
    if gantt.lanes:
        notes = [f"{what}: too many to draw each. How many waited and ran at once, by {gantt.by}; every lane has a "
                 "scale of its own. A shorter time (--since, --until) shows each try."]  # fmt: skip
        sheet = Sheet(subject, "gantt", "what ran when", notes, width=width, window=gantt.window)
        return draw_lanes(gantt.lanes, sheet, gantt.window)
    sheet = Sheet(subject, "gantt", "what ran when", [f"{what}."], width=width, window=gantt.window)
    if not gantt.bars:
        return sheet.empty("No job was tried in this time.")
    return _bars(gantt, sheet)


def _bars(gantt: Gantt, sheet: Sheet) -> Drawing:
    rows, lanes = _rows(gantt)
    thick = min(max(_HEIGHT / len(rows), _ROW[0]), _ROW[1])
    shown = {p.phase for b in gantt.bars for p in b.phases}
    entries = [PHASES[phase] for phase in PHASES if phase in shown]
    if gantt.failed:
        entries += [("fail", "ran and failed"), ("cross", "end of a failed try")]
    top = legend(sheet.drawing, sheet.left, sheet.top, entries, width=sheet.width - 32) + 8
    gutter = _gutter([name for name, _ in lanes], sheet.width)
    axis = TimeAxis(gantt.window.start_ts, gantt.window.end_ts, sheet.left + gutter, sheet.right)
    bottom = top + thick * len(rows)
    below = axis.draw(sheet.drawing, top, bottom)
    _paint(sheet.drawing, axis, rows, top, thick)
    _labels(sheet.drawing, lanes, sheet.left, gutter, top, thick)
    for i, row in enumerate(rows):
        for bar in row.bars:
            x = axis.x(bar.start_ts)
            sheet.drawing.rect(x, top + i * thick, max(axis.x(bar.end_ts) - x, 2), thick, "hit", tip=_tip(bar))
    return sheet.finish(below)


def _rows(gantt: Gantt) -> tuple[list[_Row], list[tuple[str, int]]]:
    """Rows from top to bottom, and the lanes they belong to with how many rows each has."""
    if gantt.by == "job":
        found: dict[str, list[Bar]] = {}
        for bar in gantt.bars:
            found.setdefault(bar.job, []).append(bar)
        return [_Row(name, bars) for name, bars in found.items()], [(name, 1) for name in found]
    key: Callable[[Bar], str] = {"transformation": lambda b: b.transformation, "host": lambda b: b.host,
                                 "site": lambda b: b.site}[gantt.by]  # fmt: skip
    grouped: dict[str, list[Bar]] = {}
    for bar in gantt.bars:
        grouped.setdefault(key(bar), []).append(bar)
    rows: list[_Row] = []
    lanes = []
    for name, bars in grouped.items():
        packed = packed_rows(bars, lambda b: (b.start_ts, b.end_ts))
        rows += [_Row(name, row) for row in packed]
        lanes.append((name, len(packed)))
    return rows, lanes


def packed_rows(bars: Iterable[T], times: Callable[[T], tuple[float, float]]) -> list[list[T]]:
    """Bars in the order of their start, in as few rows as hold them without one upon the other."""
    rows: list[list[T]] = []
    free: list[tuple[float, int]] = []
    for bar in bars:
        start, end = times(bar)
        if free and free[0][0] <= start:
            _, index = heapq.heappop(free)
            rows[index].append(bar)
        else:
            index = len(rows)
            rows.append([bar])
        heapq.heappush(free, (end, index))
    return rows


def _gutter(names: list[str], width: float) -> float:
    longest = max((text_width(name) for name in names), default=0.0)
    return min(max(60.0, longest + 12), width * 0.26)


def _paint(drawing: Drawing, axis: TimeAxis, rows: list[_Row], top: float, thick: float) -> None:
    """All bars of a phase as one path."""
    paths: dict[str, list[str]] = {}
    crosses: list[str] = []
    gap = 1.0 if thick >= 5 else 0.3
    for i, row in enumerate(rows):
        y = top + i * thick + gap / 2
        for bar in row.bars:
            for phase in bar.phases:
                if phase.end_ts < axis.start_ts or phase.start_ts > axis.end_ts:
                    continue
                x = axis.x(phase.start_ts)
                kind = "fail" if bar.failed and phase.phase == "run" else PHASES.get(phase.phase, ("dagman", ""))[0]
                thin = phase.phase in ("queue", "held", "dagman") and thick >= 8  # waiting is lower than working
                inset = thick * 0.3 if thin else 0.0
                wide = max(axis.x(phase.end_ts) - x, 0.7)
                paths.setdefault(kind, []).append(box(x, y + inset, wide, thick - gap - 2 * inset))
            if bar.failed and axis.start_ts <= bar.end_ts <= axis.end_ts:
                crosses.append(cross(axis.x(bar.end_ts), y + (thick - gap) / 2, min(max(thick * 0.6, 4.5), 9)))
    for kind in sorted(paths, key=lambda k: k == "fail"):
        drawing.path("".join(paths[kind]), kind)
    drawing.path("".join(crosses), "cross")


def _labels(
    drawing: Drawing, lanes: list[tuple[str, int]], left: float, gutter: float, top: float, thick: float
) -> None:
    """Names of the lanes; where there is no room for all, of some, each at its row."""
    free = -1e9
    at = top
    for name, rows in lanes:
        height = rows * thick
        middle = at + height / 2
        if middle - free >= _LABEL:
            size = 12.0 if height >= 13 else 10.5
            shown = fitted(name, gutter - 10, size)
            kind = "" if size == 12.0 else "small"
            drawing.text(left + gutter - 8, middle + size * 0.35, shown, kind, anchor="end", tip=name)
            free = middle
        if rows > 1:
            drawing.line(left, at, left + gutter, at, "grid")
        at += height


def _tip(bar: Bar) -> str:
    ended = outcome(bar.failed, str(from_raw(bar.exitcode)) if bar.failed and bar.exitcode else "")
    parts = [f"{PHASES.get(p.phase, ('', p.phase))[1]} {duration(p.end_ts - p.start_ts)}" for p in bar.phases]
    return f"{isolated(bar.job)} {ended}\n{isolated(bar.transformation)} on {isolated(bar.host)}\n" + ", ".join(parts)
