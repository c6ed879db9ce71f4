"""Recorded times to those of a replay."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stampede.replaying.times import TimeMap


def test_time_goes_faster_and_begins_at_the_start() -> None:
    times = TimeMap([100, 160, 220], start_ts=1000, speed=6)
    assert [times(100), times(160), times(220)] == [1000, 1010, 1020]
    assert times(130) == 1005


def test_long_pauses_are_cut_short_and_short_ones_are_not() -> None:
    times = TimeMap([100, 400, 406], start_ts=0, longest_pause_s=10)
    assert [times(100), times(400), times(406)] == [0, 10, 16]
    assert times.duration_s == 16


def test_before_and_after_the_run_it_only_goes_faster() -> None:
    times = TimeMap([100, 200], start_ts=1000, speed=2)
    assert times(80) == 990
    assert times(220) == 1060


_TIMES = st.floats(-1e5, 2e6)


@given(st.lists(st.floats(0, 1e6), min_size=1), st.floats(0.1, 100), st.floats(0, 100), _TIMES, _TIMES)
def test_what_came_first_comes_first(moments: list[float], speed: float, pause: float, a: float, b: float) -> None:
    times = TimeMap(moments, start_ts=0, speed=speed, longest_pause_s=pause)
    first, second = sorted((a, b))
    assert times(first) <= times(second) + 1e-6


def test_of_a_run_without_times_everything_happens_at_the_start() -> None:
    assert TimeMap([], start_ts=50)(50) == pytest.approx(50)
