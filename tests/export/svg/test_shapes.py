"""Shapes: areas are where they should be, labels fit."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stampede.export.svg.shapes import fitted, steps, text_width

HEIGHTS = st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=1, max_size=30)


def _area(path: str) -> float:
    """The area of a path of M, H, V and z, by the shoelace formula."""
    points: list[tuple[float, float]] = []
    x = y = 0.0
    for command, rest in re.findall(r"([MHVz])([^MHVz]*)", path):
        if command == "M":
            x, y = (float(n) for n in rest.split())
        elif command == "H":
            x = float(rest)
        elif command == "V":
            y = float(rest)
        points.append((x, y))
    return abs(sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in zip(points, points[1:] + points[:1], strict=True))) / 2


@given(HEIGHTS)
def test_the_area_drawn_is_the_sum_of_the_steps(heights: list[tuple[int, int]]) -> None:
    low = [100.0 + a for a, _ in heights]
    high = [lo - b for lo, (_, b) in zip(low, heights, strict=True)]
    expected = sum(lo - hi for lo, hi in zip(low, high, strict=True)) * 3
    path = steps(10, 3, low, high)
    assert (_area(path) if path else 0.0) == pytest.approx(expected)


def test_nothing_between_two_heights_is_no_path() -> None:
    assert steps(0, 1, [5.0, 6.0], [5.0, 6.0]) == ""


def test_equal_heights_side_by_side_are_one_step() -> None:
    assert len(steps(0, 1, [10.0] * 1000, [5.0] * 1000)) < 40


@given(st.text(max_size=80), st.floats(40, 300))
def test_a_label_fits_and_keeps_both_its_ends(text: str, width: float) -> None:
    shown = fitted(text, width)
    assert text_width(shown) <= width + 0.01
    if "…" in shown and "…" not in text:
        head, tail = shown.split("…")
        assert head
        assert tail
