"""What all pictures have in common: whose they are, title, and where the drawing begins."""

from __future__ import annotations

import textwrap
from datetime import UTC, datetime
from typing import Final

import msgspec

from stampede.export.svg.drawing import Drawing, isolated
from stampede.export.svg.shapes import fitted
from stampede.query.pictures.window import Window
from stampede.words import duration

#: pixels of a picture from left to right, unless told otherwise
WIDTH: Final = 1200
LEAST_WIDTH: Final = 480
MARGIN: Final = 16


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """The workflow that is drawn: what it is called, and how it stands in a sentence (``failed, 6 of 14 done``)."""

    label: str
    sentence: str
    #: begins the ids of its drawings, where several stand on a page
    prefix: str = ""


class Sheet:
    """A drawing with its title; ``top`` is where the picture begins."""

    def __init__(
        self, subject: Subject, name: str, title: str, notes: list[str], *, width: float, window: Window | None = None
    ) -> None:
        said = [f"{subject.sentence[:1].upper()}{subject.sentence[1:]}.", *notes]
        if window is not None:
            said[0] += f" {_span(window)}"
        words = f"{isolated(subject.label)}: {title}"
        self.drawing = Drawing(f"{subject.prefix}{name}", width, words, " ".join(said))
        self.width = width
        self.left, self.right = MARGIN, width - MARGIN
        self.drawing.text(MARGIN, 28, fitted(words, width - 2 * MARGIN, 17), "title")
        y = 48.0
        for note in said:
            for line in wrapped(note, width - 2 * MARGIN):
                self.drawing.text(MARGIN, y, line, "muted")
                y += 17
        self.top = y + 2

    def finish(self, bottom: float) -> Drawing:
        """The drawing, which ends there."""
        self.drawing.height = bottom + 10
        return self.drawing

    def empty(self, words: str) -> Drawing:
        """A drawing that says that there is nothing to see."""
        self.drawing.text(self.left, self.top + 22, words, "head")
        return self.finish(self.top + 32)


def _span(window: Window) -> str:
    """From when until when, in UTC; empty for a run of which no time is known."""
    if not window.known:
        return ""
    try:
        start, end = (datetime.fromtimestamp(ts, UTC) for ts in (window.start_ts, window.end_ts))
    except (OverflowError, OSError, ValueError):
        return ""
    until = f"{end:%H:%M:%S}" if end.date() == start.date() else f"{end:%Y-%m-%d %H:%M:%S}"
    what = "Shown is a part: " if window.cut else ""
    return f"{what}{start:%Y-%m-%d %H:%M:%S} to {until} UTC, {duration(window.duration_s)}."


def wrapped(text: str, width: float) -> list[str]:
    """Lines that fit."""
    return textwrap.wrap(text, max(20, int(width / 6.4)), break_on_hyphens=False) or [""]
