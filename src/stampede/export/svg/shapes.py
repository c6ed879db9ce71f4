"""What pictures are put together from: bars as one path, stepped areas, crosses, legends, labels that fit."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from stampede.export.svg.drawing import Drawing, number
from stampede.words import clean

#: width of a letter as a share of the font size, on average
_LETTER = 0.54


def box(x: float, y: float, width: float, height: float) -> str:
    """A rectangle as part of a path."""
    return f"M{number(x)} {number(y)}h{number(width)}v{number(height)}h{number(-width)}z"


def cross(x: float, y: float, size: float) -> str:
    """A cross as part of a path."""
    h = size / 2
    return (f"M{number(x - h)} {number(y - h)}l{number(size)} {number(size)}"
            f"M{number(x - h)} {number(y + h)}l{number(size)} {number(-size)}")  # fmt: skip


def steps(x: float, step: float, low: Sequence[float], high: Sequence[float]) -> str:
    """The area between two rows of heights (pixels from the top), each of which holds for ``step`` pixels.

    Empty when there is nothing between them. Equal heights side by side are one step.
    """
    if all(abs(a - b) < 0.05 for a, b in zip(low, high, strict=True)):
        return ""
    # where there is nothing, the area is a line without width: it is not seen
    right = x + step * len(high)
    upper = _runs(high)
    lower = _runs(low)
    there = "".join(f"V{number(y)}H{number(x + step * end)}" for end, y in upper)
    starts = [0, *(end for end, _ in lower)]
    back = "".join(f"V{number(y)}H{number(x + step * start)}"
                   for start, (_, y) in zip(reversed(starts[:-1]), reversed(lower), strict=True))  # fmt: skip
    return f"M{number(x)} {number(lower[0][1])}{there}H{number(right)}{back}z"


def _runs(heights: Sequence[float]) -> list[tuple[int, float]]:
    """Where a height ends, and the height; equal ones side by side are one."""
    found: list[tuple[int, float]] = []
    for i, height in enumerate(heights):
        y = round(height, 1)
        if found and found[-1][1] == y:
            found[-1] = (i + 1, y)
        else:
            found.append((i + 1, y))
    return found


def text_width(text: str, size: float = 12.0) -> float:
    """About how many pixels a text takes."""
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in text)
    return size * (_LETTER * (len(text) - wide) + wide)


def fitted(text: str, width: float, size: float = 12.0) -> str:
    """The text, or what fits of it with its middle left out: names of jobs differ at their ends."""
    shown = clean(text).replace("\n", " ").replace("\t", " ")
    if text_width(shown, size) <= width:
        return shown
    keep = min(len(shown) - 1, int(width / (size * _LETTER)))  # as if no letter were wide
    while keep > 2 and text_width(_without_middle(shown, keep), size) > width:
        keep -= 1
    return _without_middle(shown, max(keep, 2))


def _without_middle(text: str, keep: int) -> str:
    head = (keep + 1) // 2
    return f"{text[:head]}…{text[len(text) - (keep - head) :]}"


def legend(drawing: Drawing, x: float, y: float, entries: Sequence[tuple[str, str]], *, width: float) -> float:
    """Swatches with their words, in as many lines as it takes; gives the y below. Entries: class, word.

    The class ``cross`` is a failed try's mark, ``line ink`` a line.
    """
    at, top = x, y
    for kind, word in entries:
        need = 22 + text_width(word) + 14
        if at + need > x + width and at > x:
            at, top = x, top + 18
        if kind == "cross":
            drawing.path(cross(at + 6, top + 6, 8), "cross")
        elif kind.startswith("line"):
            drawing.line(at, top + 6, at + 13, top + 6, kind)
        else:
            drawing.rect(at, top, 13, 12, kind)
        drawing.text(at + 18, top + 10.5, word)
        at += need
    return top + 18
