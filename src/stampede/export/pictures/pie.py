"""A pie with a few slices, each told beside it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from stampede.export.svg.drawing import Drawing, number
from stampede.export.svg.palette import SERIES
from stampede.export.svg.shapes import fitted


class Slice(NamedTuple):
    """A part: whose, how much, and how much in words."""

    name: str
    value: float
    words: str


def slices(parts: Sequence[Slice], rest: str, words_of_rest: str) -> list[Slice]:
    """The parts, largest first; the small ones put together as ``rest`` so that a colour is left for each."""
    ordered = sorted((p for p in parts if p.value > 0), key=lambda p: -p.value)
    kept, left = ordered[: len(SERIES) - 1], ordered[len(SERIES) - 1 :]
    if len(left) == 1:
        return ordered
    return kept + ([Slice(rest.format(len(left)), sum(p.value for p in left), words_of_rest)] if left else [])


def pie(
    drawing: Drawing, parts: Sequence[Slice], kinds: dict[str, int], x: float, y: float, radius: float, width: float
) -> float:
    """Draw it with its centre ``radius`` right of ``x``; names and shares to the right of it. Gives the y below."""
    total = sum(p.value for p in parts)
    cx, cy = x + radius, y + radius
    angle = -math.pi / 2
    for part in parts:
        share = part.value / total
        tip = f"{part.name}: {part.words} ({share:.1%})"
        kind = f"k{kinds.get(part.name, len(SERIES) - 1)}"
        if share > 0.9999:
            drawing.add(f'<circle cx="{number(cx)}" cy="{number(cy)}" r="{number(radius)}" class="{kind}"/>')
        else:
            drawing.path(_wedge(cx, cy, radius, angle, angle + share * 2 * math.pi), f"{kind} gap", tip=tip)
        angle += share * 2 * math.pi
    left, at = x + 2 * radius + 18, y + 6
    for part in parts:
        drawing.rect(left, at - 2, 13, 12, f"k{kinds.get(part.name, len(SERIES) - 1)}")
        drawing.text(left + 19, at + 8, fitted(part.name, width - 2 * radius - 180), tip=part.name)
        drawing.text(x + width - 46, at + 8, part.words, "number", anchor="end")
        share = part.value / total
        drawing.text(x + width, at + 8, f"{share:.0%}" if share >= 0.005 else "< 1%", "number muted", anchor="end")
        at += 19
    return max(y + 2 * radius, at) + 8


def _wedge(cx: float, cy: float, r: float, start: float, end: float) -> str:
    x1, y1 = cx + r * math.cos(start), cy + r * math.sin(start)
    x2, y2 = cx + r * math.cos(end), cy + r * math.sin(end)
    large = int(end - start > math.pi)
    return (f"M{number(cx)} {number(cy)}L{number(x1)} {number(y1)}"
            f"A{number(r)} {number(r)} 0 {large} 1 {number(x2)} {number(y2)}z")  # fmt: skip
