"""Jobs over time: how many were in which state, stacked; and below, how many ran at once."""

from __future__ import annotations

from typing import Final

from stampede.export.pictures.sheet import WIDTH, Sheet, Subject
from stampede.export.svg.axis import TimeAxis, number_axis
from stampede.export.svg.drawing import Drawing
from stampede.export.svg.shapes import legend, steps
from stampede.query.pictures.states import JobStates

#: from the bottom up: field, class of the style sheet, word
_STACK: Final = (
    ("done", "done", "done"), ("failed", "fail", "failed, or can never run"),
    ("post", "post", "ended, or in POST script"),
    ("running", "run", "running"), ("held", "held", "held"), ("queued", "queue", "in the queue"),
    ("pre", "pre", "in PRE script"), ("ready", "ready", "ready"), ("waiting", "waiting", "waiting for parents"),
)  # fmt: skip
_STACK_HEIGHT: Final = 300.0
_RUNNING_HEIGHT: Final = 110.0
#: below, a level is nothing
_NOTHING: Final = 1e-3


def draw_jobs(jobs: JobStates, subject: Subject, *, width: float = WIDTH) -> Drawing:
    """Numbers of jobs by state, stacked, and the concurrency below."""
    notes = [f"{jobs.total:,} jobs; at most {jobs.peak_running:,.0f} ran at once (on average over "
             f"{_share(jobs)} of the time shown)."]  # fmt: skip
    if not jobs.ready_known:
        notes.append("Jobs that were ready count as waiting for parents: there are too many to look up when each was.")
    sheet = Sheet(subject, "jobs", "jobs over time", notes, width=width, window=jobs.window)
    if not jobs.total:
        return sheet.empty("There are no jobs.")
    if not jobs.window.known:
        return sheet.empty("Nothing has begun yet.")
    drawing = sheet.drawing
    there = [layer for layer in _STACK if any(v > _NOTHING for v in getattr(jobs, layer[0]))]
    words = {"waiting": "waiting for parents or ready"} if not jobs.ready_known else {}
    entries = [(kind, words.get(field, word)) for field, kind, word in reversed(there)]
    top = legend(drawing, sheet.left, sheet.top, entries, width=sheet.width - 32) + 10
    axis = TimeAxis(jobs.window.start_ts, jobs.window.end_ts, sheet.left + 52, sheet.right)
    bottom = top + _STACK_HEIGHT
    most = number_axis(drawing, axis.left, axis.right, top, bottom, jobs.total)
    paint_stack(drawing, jobs, axis.left, axis.right, bottom, _STACK_HEIGHT / most)
    below = axis.draw(drawing, top, bottom)
    drawing.text(sheet.left, below + 14, "running at once", "head")
    top, bottom = below + 24, below + 24 + _RUNNING_HEIGHT
    most = number_axis(drawing, axis.left, axis.right, top, bottom, max(jobs.peak_running, 1.0))
    step = (axis.right - axis.left) / len(jobs.running)
    heights = [bottom - v * _RUNNING_HEIGHT / most for v in jobs.running]
    drawing.path(steps(axis.left, step, [bottom] * len(heights), heights), "run")
    return sheet.finish(axis.draw(drawing, top, bottom))


def _share(jobs: JobStates) -> str:
    return f"1/{len(jobs.running):,}"


def paint_stack(drawing: Drawing, jobs: JobStates, left: float, right: float, bottom: float, scale: float) -> None:
    """The stacked areas; ``scale`` is pixels a job."""
    step = (right - left) / len(jobs.done)
    low = [bottom] * len(jobs.done)
    for field, kind, _ in _STACK:
        upper = [y - v * scale for y, v in zip(low, getattr(jobs, field), strict=True)]
        drawing.path(steps(left, step, low, upper), kind)
        low = upper


def thumbnail(jobs: JobStates, subject: Subject, *, width: float = 260, height: float = 64) -> Drawing:
    """The stack alone, small."""
    drawing = Drawing(f"{subject.prefix}thumb", width, f"{subject.label}: jobs over time", subject.sentence)
    drawing.height = height
    if jobs.total:
        paint_stack(drawing, jobs, 0, width, height, height / jobs.total)
    return drawing
