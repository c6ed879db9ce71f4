"""Which machine ran what: bars by machine while they can be told apart, how many ran at once when there are more."""

from __future__ import annotations

from collections import Counter
from typing import Final

from stampede.export.pictures.gantt import packed_rows
from stampede.export.pictures.lanes import draw_lanes
from stampede.export.pictures.phases import outcome
from stampede.export.pictures.sheet import WIDTH, Sheet, Subject
from stampede.export.svg.axis import TimeAxis
from stampede.export.svg.drawing import Drawing, isolated
from stampede.export.svg.palette import SERIES
from stampede.export.svg.shapes import box, cross, fitted, legend, text_width
from stampede.query.pictures.hosts import HostBar, Hosts
from stampede.query.pictures.lanes import Lane
from stampede.words import count, duration

_HEIGHT: Final = 1100
_ROW: Final = (2.5, 18.0)
_GAP: Final = 6.0
_OTHER: Final = len(SERIES) - 1


def draw_hosts(hosts: Hosts, subject: Subject, *, width: float = WIDTH) -> Drawing:
    """A lane for each machine; those on which most failed come first, then the busiest."""
    there = f"More than {hosts.hosts:,} machines" if hosts.more else count(hosts.hosts, "machine")
    notes = [f"{there} ran {count(hosts.tries, 'try', 'tries')}."]
    if not hosts.bars and hosts.tries:
        notes[0] += " Too many to draw each: how many ran at once; every lane has a scale of its own."
    sheet = Sheet(subject, "hosts", "which machine ran what", notes, width=width, window=hosts.window)
    if not hosts.tries:
        return sheet.empty("Nothing ran on a machine in this time.")
    if not hosts.bars:
        return draw_lanes(hosts.lanes, sheet, hosts.window, waiting=False)
    return _bars(hosts, sheet)


def _bars(hosts: Hosts, sheet: Sheet) -> Drawing:
    drawing = sheet.drawing
    kinds = _kinds(hosts.bars)
    named = _OTHER if len(kinds) > _OTHER + 1 else len(kinds)
    colours = {name: min(i, _OTHER) for i, name in enumerate(kinds)}
    entries = [(f"k{i}", fitted(name, 180)) for i, name in enumerate(kinds[:named])]
    if len(kinds) > named:
        entries.append((f"k{_OTHER}", f"{len(kinds) - _OTHER:,} other transformations"))
    if any(b.failed for b in hosts.bars):
        entries += [("fail", "failed"), ("cross", "end of a failed try")]
    top = legend(drawing, sheet.left, sheet.top, entries, width=sheet.width - 32) + 8
    lanes = _packed(hosts)
    rows = sum(len(packed) for _, packed in lanes)
    thick = min(max(_HEIGHT / rows, _ROW[0]), _ROW[1])
    gutter = min(max(120.0, max(text_width(lane.name) for lane, _ in lanes) + 14), sheet.width * 0.26)
    axis = TimeAxis(hosts.window.start_ts, hosts.window.end_ts, sheet.left + gutter, sheet.right - 70)
    heights = [max(len(packed) * thick, 27.0) + _GAP for _, packed in lanes]
    below = axis.draw(drawing, top, top + sum(heights))
    y = top
    for (lane, packed), height in zip(lanes, heights, strict=True):
        _host(drawing, axis, lane, packed, (y, thick, gutter), colours)
        y += height
        drawing.line(sheet.left, y - _GAP / 2, axis.right, y - _GAP / 2, "grid")
    return sheet.finish(below)


def _kinds(bars: list[HostBar]) -> list[str]:
    """The transformations, the one that took most time first."""
    time: Counter[str] = Counter()
    for bar in bars:
        time[bar.transformation] += 1 + int(bar.end_ts - bar.start_ts)
    return [name for name, _ in time.most_common()]


def _packed(hosts: Hosts) -> list[tuple[Lane, list[list[HostBar]]]]:
    named = {lane.name for lane in hosts.lanes}
    others = hosts.lanes[-1].name
    by_host: dict[str, list[HostBar]] = {}
    for bar in hosts.bars:
        by_host.setdefault(bar.host if bar.host in named else others, []).append(bar)
    return [
        (lane, packed_rows(by_host[lane.name], lambda b: (b.start_ts, b.end_ts)))
        for lane in hosts.lanes
        if lane.name in by_host
    ]


def _host(
    drawing: Drawing, axis: TimeAxis, lane: Lane, packed: list[list[HostBar]], place: tuple[float, float, float],
    colours: dict[str, int],
) -> None:  # fmt: skip
    top, thick, gutter = place
    paths: dict[str, list[str]] = {}
    crosses: list[str] = []
    hits: list[tuple[float, float, float, HostBar]] = []
    for i, row in enumerate(packed):
        y = top + i * thick
        for bar in row:
            x = axis.x(bar.start_ts)
            wide = max(axis.x(bar.end_ts) - x, 0.8)
            kind = "fail" if bar.failed else f"k{colours[bar.transformation]}"
            paths.setdefault(kind, []).append(box(x, y + 0.4, wide, thick - 0.8))
            if bar.failed:
                crosses.append(cross(x + wide, y + thick / 2, min(max(thick * 0.5, 4.0), 8, max(wide, 4.0))))
            hits.append((x, y, wide, bar))
    for kind, parts in paths.items():
        drawing.path("".join(parts), kind)
    drawing.path("".join(crosses), "cross")
    for x, y, wide, bar in hits:
        tip = (f"{isolated(bar.job)} {outcome(bar.failed)}\n{isolated(bar.transformation)}, "
               f"{duration(bar.end_ts - bar.start_ts)}")  # fmt: skip
        drawing.rect(x, y, max(wide, 2), thick, "hit", tip=tip)
    right = axis.left - 8
    drawing.text(right, top + 12, fitted(lane.name, gutter - 12), anchor="end", tip=lane.name)
    told = count(lane.tries, "try", "tries") + (f", {lane.failed:,} failed" if lane.failed else "")
    drawing.text(right, top + 25, told, "muted small", anchor="end")
    busy = lane.busy_s / max((axis.end_ts - axis.start_ts) * len(packed), 1e-9)
    drawing.text(axis.right + 6, top + 12, f"{min(busy, 1):.0%} busy", "muted small",
                 tip=f"{duration(lane.busy_s)} of work in {count(len(packed), 'place')} at once")  # fmt: skip
