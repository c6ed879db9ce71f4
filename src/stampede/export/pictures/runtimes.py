"""Distribution of run times of each transformation: shape, quartiles, and every value while they are few."""

from __future__ import annotations

import math
from typing import Final

from stampede.export.pictures.sheet import WIDTH, Sheet, Subject
from stampede.export.svg.axis import LogAxis
from stampede.export.svg.drawing import Drawing, number
from stampede.export.svg.shapes import box, fitted, legend
from stampede.query.pictures.runtimes import Distributions, Runtimes
from stampede.words import duration

_ROW: Final = 46.0
#: classes of the shape of a distribution from end to end of the axis
_CLASSES: Final = 90
#: with fewer values there is no shape to speak of: only the values are drawn
_SHAPE: Final = 20


def draw_runtimes(runtimes: Distributions, subject: Subject, *, width: float = WIDTH) -> Drawing:
    """A row for each transformation, on a common logarithmic axis."""
    notes = ["Tries that went well. Long runs weigh as much as short ones: the axis is logarithmic."]
    if runtimes.left_out:
        notes.append(f"{runtimes.left_out:,} more transformations are left out; these are the ones that ran longest.")
    sheet = Sheet(subject, "runtimes", "how long jobs ran", notes, width=width, window=runtimes.window)
    rows = runtimes.rows
    if not rows:
        return sheet.empty("No try has gone well in this time.")
    drawing = sheet.drawing
    entries = [("k3", "how often (shape)"), ("run", "middle half, with the median"), ("line ink", "5 % to 95 %")]
    if any(row.values for row in rows):
        entries.append(("dot", "a single try"))
    top = legend(drawing, sheet.left, sheet.top, entries, width=sheet.width - 32) + 6
    gutter, columns = min(190.0, sheet.width * 0.24), 230.0
    # a single run that ended at once does not take half of the axis
    least = min(max(r.least_s, r.p5_s / 8) for r in rows)
    most = max(r.most_s for r in rows)
    axis = LogAxis(least, most, sheet.left + gutter, sheet.right - columns)
    for x, word in ((axis.right + 52, "tries"), (axis.right + 140, "median"), (sheet.right, "95 %")):
        drawing.text(x, top + 10, word, "muted small", anchor="end")
    top += 16
    bottom = top + _ROW * len(rows)
    below = axis.draw(drawing, top, bottom)
    for i, row in enumerate(rows):
        _row(drawing, row, axis, top + i * _ROW, sheet, gutter)
    return sheet.finish(below)


def _row(drawing: Drawing, row: Runtimes, axis: LogAxis, top: float, sheet: Sheet, gutter: float) -> None:
    middle = top + _ROW / 2
    name = row.transformation
    drawing.text(axis.left - 8, middle + 4, fitted(name, gutter - 12), anchor="end", tip=name)
    if row.count >= _SHAPE:
        drawing.path(_shape(row, axis, middle), "k3 soft" if row.values else "k3")
    if row.values:
        dots = "".join(_dot(axis.x(v), middle + _jitter(i) * _ROW * 0.3) for i, v in enumerate(row.values))
        drawing.path(dots, "dot soft" if row.count > 40 else "dot")
    if row.count >= 5:
        _quartiles(drawing, row, axis, middle)
    right = axis.right
    for x, words in ((right + 52, f"{row.count:,}"), (right + 122, duration(row.median_s)),
                     (sheet.right, duration(row.p95_s))):  # fmt: skip
        drawing.text(x, middle + 4, words, "number", anchor="end")


def _quartiles(drawing: Drawing, row: Runtimes, axis: LogAxis, middle: float) -> None:
    drawing.line(axis.x(row.p5_s), middle, axis.x(row.p95_s), middle, "line ink")
    x = axis.x(row.p25_s)
    tip = (f"{row.transformation}: half of the tries took {duration(row.p25_s)} to {duration(row.p75_s)}; shortest "
           f"{duration(row.least_s)}, median {duration(row.median_s)}, mean {duration(row.mean_s)}, longest "
           f"{duration(row.most_s)}")  # fmt: skip
    drawing.rect(x, middle - 5, max(axis.x(row.p75_s) - x, 1.5), 10, "run", tip=tip)
    at = axis.x(row.median_s)
    drawing.path(box(at - 1.2, middle - 8, 2.4, 16), "paper")
    drawing.line(at, middle - 8, at, middle + 8, "line ink")


def _shape(row: Runtimes, axis: LogAxis, middle: float) -> str:
    """A symmetric outline whose height at a run time is how often it was met, smoothed a little."""
    counts = [0.0] * _CLASSES
    span = axis.right - axis.left
    for value, times in row.histogram:
        counts[min(_CLASSES - 1, int((axis.x(value) - axis.left) / span * _CLASSES))] += times
    smooth = [
        sum(counts[j] * math.exp(-((i - j) ** 2) / 4.5) for j in range(max(0, i - 5), min(_CLASSES, i + 6)))
        for i in range(_CLASSES)
    ]
    most = max(smooth)
    there = [i for i, v in enumerate(smooth) if v > most * 0.004]
    step = span / _CLASSES
    half = _ROW * 0.42
    points = [(axis.left + (i + 0.5) * step, half * smooth[i] / most) for i in range(there[0], there[-1] + 1)]
    upper = "L".join(f"{number(x)} {number(middle - h)}" for x, h in points)
    lower = "L".join(f"{number(x)} {number(middle + h)}" for x, h in reversed(points))
    return f"M{upper}L{lower}z"


def _dot(x: float, y: float) -> str:
    return f"M{number(x - 1.5)} {number(y)}a1.5 1.5 0 1 0 3 0a1.5 1.5 0 1 0 -3 0z"


def _jitter(i: int) -> float:
    """Between -1 and 1, the same for the same place: multiples of the golden ratio spread evenly."""
    return 2 * ((i * 0.61803398875) % 1.0) - 1
