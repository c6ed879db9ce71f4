"""Failures: over time, by cause, by machine, by transformation, by exit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from stampede.analysis.triage import Triage
from stampede.export.pictures.sheet import WIDTH, Sheet, Subject
from stampede.export.svg.axis import TimeAxis, number_axis
from stampede.export.svg.drawing import Drawing
from stampede.export.svg.shapes import box, fitted, legend
from stampede.query.pictures.failures import Failures, Rate
from stampede.words import count

_TIME_HEIGHT: Final = 150.0
_ROW: Final = 22.0
#: causes that are told
MOST_CAUSES: Final = 12


class CauseBar(NamedTuple):
    """A cause as triage names it, and how many tries it made fail; ``mended``: a later try went well, or it is over."""

    title: str
    tries: int
    mended: bool


def bars_of(found: Triage) -> list[CauseBar]:
    """Causes as the picture shows them, those of most tries first."""
    merged: dict[tuple[str, bool], int] = {}
    for cause in found.causes:
        merged[cause.title, cause.resolved] = merged.get((cause.title, cause.resolved), 0) + cause.attempts
    ordered = sorted(merged.items(), key=lambda item: (item[0][1], -item[1]))
    return [CauseBar(title, tries, mended) for (title, mended), tries in ordered[:MOST_CAUSES]]


def draw_failures(
    failures: Failures, subject: Subject, causes: Sequence[CauseBar] = (), *, width: float = WIDTH
) -> Drawing:
    """When and where tries failed, and why."""
    share = f" ({failures.failed / failures.ended:.1%})" if failures.failed else ""
    notes = [f"{failures.failed:,} of {count(failures.ended, 'try', 'tries')} that ended failed{share}."]
    sheet = Sheet(subject, "failures", "what failed", notes, width=width, window=failures.window)
    if not failures.failed and not causes:
        return sheet.empty("No try failed in this time.")
    below = _over_time(sheet, failures) if failures.ended else sheet.top
    lists = [
        ("By cause (stampede triage)", [_Line(c.title + (" (over)" if c.mended else ""), c.tries,
                                              count(c.tries, "try", "tries") if c.tries else "the workflow or the pool",
                                              c.mended) for c in causes], 0),
        (f"By machine ({failures.hosts_in_all:,} with failures)", _rates(failures.hosts),
         failures.hosts_in_all - len(failures.hosts)),
        ("By transformation", _rates(failures.transformations),
         failures.transformations_in_all - len(failures.transformations)),
        ("By exit", [_Line(name, n, f"{n:,}", False) for name, n in failures.exits.items()], 0),
    ]  # fmt: skip
    return sheet.finish(_lists(sheet, [entry for entry in lists if entry[1]], below))


class _Line(NamedTuple):
    name: str
    value: int
    words: str
    soft: bool


def _rates(rates: list[Rate]) -> list[_Line]:
    return [_Line(r.name, r.failed, f"{r.failed:,} of {r.ended:,} ({r.failed / r.ended:.0%})", False) for r in rates]


def _over_time(sheet: Sheet, failures: Failures) -> float:
    drawing, window = sheet.drawing, failures.window
    entries = [("dagman", "tries that ended"), ("fail", "that failed")]
    top = legend(drawing, sheet.left, sheet.top, entries, width=sheet.width - 32) + 8
    axis = TimeAxis(window.start_ts, window.end_ts, sheet.left + 52, sheet.right)
    bottom = top + _TIME_HEIGHT
    most = number_axis(drawing, axis.left, axis.right, top, bottom, max(failures.ended_in_bin, default=1))
    step = (axis.right - axis.left) / len(failures.ended_in_bin)
    for kind, values in (("dagman", failures.ended_in_bin), ("fail", failures.failed_in_bin)):
        bars = "".join(
            # what failed is seen, however little it is
            box(axis.left + i * step + 0.3, bottom - h, step - 0.6, h)
            for i, n in enumerate(values) if n for h in (max(n * _TIME_HEIGHT / most, 2.0),)
        )  # fmt: skip
        drawing.path(bars, kind)
    return axis.draw(drawing, top, bottom) + 8


def _lists(sheet: Sheet, lists: list[tuple[str, list[_Line], int]], top: float) -> float:
    """Lists of bars, in two columns where there is room; each in the column that is shorter."""
    columns = 2 if sheet.width >= 900 else 1
    each = (sheet.right - sheet.left - 36 * (columns - 1)) / columns
    ends = [top] * columns
    for title, lines, left_out in lists:
        column = ends.index(min(ends))
        x = sheet.left + column * (each + 36)
        ends[column] = _list(sheet.drawing, title, lines, left_out, (x, ends[column], each)) + 14
    return max(ends)


def _list(drawing: Drawing, title: str, lines: list[_Line], left_out: int, place: tuple[float, float, float]) -> float:
    x, y, width = place
    drawing.text(x, y + 12, title, "head")
    y += 22
    most = max(line.value for line in lines) or 1
    name_width = width * 0.52
    room = width * 0.25
    for line in lines:
        drawing.text(x, y + 13, fitted(line.name, name_width - 8), tip=line.name)
        wide = max(room * line.value / most, 1.5) if line.value else 0.0
        if wide:
            drawing.rect(x + name_width, y + 3, wide, _ROW - 9, "dagman" if line.soft else "fail")
        drawing.text(x + name_width + wide + 6, y + 13, line.words, "number muted")
        y += _ROW
    if left_out > 0:
        drawing.text(x, y + 13, f"and {left_out:,} more", "muted")
        y += _ROW
    return y
