"""Tries and time by transformation: two pies, and a bar of phases for each."""

from __future__ import annotations

from typing import Final

from stampede.export.pictures.pie import Slice, pie, slices
from stampede.export.pictures.sheet import WIDTH, Sheet, Subject
from stampede.export.svg.axis import round_duration, ticks_of_duration
from stampede.export.svg.drawing import Drawing
from stampede.export.svg.palette import SERIES
from stampede.export.svg.shapes import fitted, legend
from stampede.query.pictures.breakdown import Breakdown, Share
from stampede.words import duration

_RADIUS: Final = 78.0
_ROW: Final = 24.0
#: field, class of the style sheet, word
_PHASES: Final = (
    ("pre_s", "pre", "PRE script"), ("queue_s", "queue", "in the queue"), ("run_s", "run", "on machines"),
    ("failed_s", "fail", "on machines, failed"), ("after_s", "post", "after: held, POST script, DAGMan"),
)  # fmt: skip


def draw_breakdown(breakdown: Breakdown, subject: Subject, *, width: float = WIDTH) -> Drawing:
    """How tries and time are shared out."""
    shares = breakdown.shares
    tries, machine = sum(s.tries for s in shares), sum(s.machine_s for s in shares)
    wasted = sum(s.failed_s for s in shares)
    lost = f", {duration(wasted)} ({wasted / machine:.1%}) of it in tries that failed" if wasted else ""
    notes = [f"{tries:,} tries of {len(shares):,} transformations ran {duration(machine)} on machines in all{lost}."]
    sheet = Sheet(subject, "breakdown", "where the time went", notes, width=width, window=breakdown.window)
    if not tries:
        return sheet.empty("No job was tried in this time.")
    return sheet.finish(_bars(sheet, shares, _pies(sheet, shares)))


def _pies(sheet: Sheet, shares: list[Share]) -> float:
    drawing = sheet.drawing
    by_time = slices([Slice(s.transformation, s.machine_s, duration(s.machine_s)) for s in shares],
                     "{} others", "")  # fmt: skip
    by_count = slices([Slice(s.transformation, s.tries, f"{s.tries:,}") for s in shares], "{} others", "")
    kinds: dict[str, int] = {}
    for part in (*by_time, *by_count):
        kinds.setdefault(part.name, min(len(kinds), len(SERIES) - 1))
    beside = sheet.width >= 900
    each = (sheet.right - sheet.left - 40) / 2 if beside else sheet.right - sheet.left
    top = below = sheet.top + 6
    for i, (title, parts) in enumerate((("Time on machines", by_time), ("Tries", by_count))):
        if not parts:
            continue
        x = sheet.left + (each + 40) * i if beside else sheet.left
        y = top if beside else below
        drawing.text(x, y + 12, title, "head")
        below = max(below, pie(drawing, parts, kinds, x, y + 24, _RADIUS, each))
    return below + 10


def _bars(sheet: Sheet, shares: list[Share], top: float) -> float:
    drawing = sheet.drawing
    drawing.text(sheet.left, top + 12, "Time by phase, all tries together", "head")
    entries = [(kind, word) for field, kind, word in _PHASES if any(getattr(s, field) > 0 for s in shares)]
    top = legend(drawing, sheet.left, top + 22, entries, width=sheet.width - 32) + 8
    gutter, columns = min(200.0, sheet.width * 0.25), 150.0
    left, right = sheet.left + gutter, sheet.right - columns
    ticks = ticks_of_duration(max(sum(getattr(s, f) for f, _, _ in _PHASES) for s in shares))
    scale = (right - left) / ticks[-1]
    for x, word in ((right + 46, "jobs"), (right + 98, "tries"), (sheet.right, "failed")):
        drawing.text(x, top + 8, word, "muted small", anchor="end")
    top += 14
    bottom = top + _ROW * len(shares)
    for tick in ticks:
        x = left + tick * scale
        drawing.line(x, top, x, bottom, "grid")
        if tick == 0 or (right - left) / len(ticks) > 50:
            drawing.text(x, bottom + 15, round_duration(tick), "muted number", anchor="middle")
    for i, share in enumerate(shares):
        _bar(drawing, share, (left, right, top + i * _ROW), gutter, scale, sheet.right)
    drawing.line(left, top, left, bottom, "axis")
    return bottom + 22


def _bar(
    drawing: Drawing, share: Share, place: tuple[float, float, float], gutter: float, scale: float, edge: float
) -> None:
    left, right, y = place
    name = share.transformation
    drawing.text(left - 8, y + 16, fitted(name, gutter - 12), anchor="end", tip=name)
    x = left
    for field, kind, word in _PHASES:
        seconds: float = getattr(share, field)
        if seconds <= 0:
            continue
        wide = max(seconds * scale, 0.5)
        drawing.rect(x, y + 4, wide, _ROW - 8, kind, tip=f"{name}: {word} {duration(seconds)}")
        x += wide
    for at, value in ((right + 46, share.jobs), (right + 98, share.tries), (edge, share.failed)):
        drawing.text(at, y + 16, f"{value:,}" if value else "–", "number", anchor="end")
