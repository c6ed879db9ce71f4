"""Axes have few round ticks within their range."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stampede.export.svg.axis import (
    LogAxis,
    TimeAxis,
    round_duration,
    short,
    ticks_of_duration,
    ticks_of_number,
    ticks_of_time,
)
from stampede.export.svg.drawing import Drawing

from ..reading import svg, words


@given(st.floats(0, 4e9), st.floats(0.5, 1e9), st.integers(2, 20))
def test_ticks_of_time_are_within_and_not_too_many(start: float, span: float, most: int) -> None:
    ticks = ticks_of_time(start, start + span, most)
    assert 1 <= len(ticks) <= most + 1
    assert all(start - 1e-3 <= t <= start + span + 1e-3 for t in ticks)


@given(st.floats(0.001, 1e12))
def test_ticks_of_numbers_hold_the_largest(most: float) -> None:
    ticks = ticks_of_number(most)
    assert ticks[0] == 0
    assert ticks[-1] >= most * (1 - 1e-9)
    assert len(ticks) <= 7


@given(st.floats(0.01, 1e11))
def test_ticks_of_durations_hold_the_longest(most: float) -> None:
    ticks = ticks_of_duration(most)
    assert ticks[-1] >= most * (1 - 1e-6)
    assert len(ticks) <= 7


@given(st.floats(0, 1e7), st.floats(0, 1e7))
def test_a_logarithmic_axis_keeps_order_and_stays_inside(a: float, b: float) -> None:
    axis = LogAxis(min(a, b), max(a, b), 100, 900)
    assert 100 <= axis.x(min(a, b)) <= axis.x(max(a, b)) <= 900


@pytest.mark.parametrize("least, most", [(0, 0), (1.1, 1.2), (0.5, 90), (10, 200), (1e-3, 1e8)])
def test_a_logarithmic_axis_has_a_label(least: float, most: float) -> None:
    drawing = Drawing("x", 1000, "", "")
    LogAxis(least, most, 100, 900).draw(drawing, 0, 100)
    assert words(svg(drawing.svg())).strip()


def test_a_time_no_calendar_has_is_drawn_as_a_number() -> None:
    drawing = Drawing("x", 1000, "", "")
    TimeAxis(1e14, 1e14 + 10, 0, 900).draw(drawing, 0, 100)
    svg(drawing.svg())


def test_numbers_and_durations_are_short() -> None:
    assert [short(n) for n in (0, 950, 9999, 12_000, 3_000_000, 2.5)] == ["0", "950", "9,999", "12 k", "3 M", "2.5"]
    assert [round_duration(s) for s in (0, 30, 600, 5400, 172800)] == ["0", "30 s", "10 min", "1 h 30 min", "2 d"]
