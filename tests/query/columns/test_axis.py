"""Leaving out times in which nothing happened moves nothing else, and such times are found."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stampede.query.columns.axis import MOST_GAPS, Axis, Occupied
from stampede.query.pictures.window import Window

_WINDOW = Window(start_ts=1000.0, end_ts=2000.0, now_ts=2000.0)
_TIMES = st.floats(900, 2100)


def test_without_cuts_bins_have_equal_width() -> None:
    axis = Axis(_WINDOW, 10)
    assert axis.width_s == 100.0
    assert [axis.place(ts) for ts in (900, 1000, 1550, 2000)] == pytest.approx([-1, 0, 5.5, 10])


def test_a_cut_takes_no_room() -> None:
    axis = Axis(_WINDOW, 8, [(1200.0, 1400.0)])
    assert axis.width_s == 100.0
    assert [axis.place(ts) for ts in (1000, 1200, 1300, 1400, 1500, 2000)] == pytest.approx([0, 2, 2, 2, 3, 8])


@given(st.lists(st.tuples(_TIMES, _TIMES), max_size=6), st.lists(_TIMES, min_size=2, max_size=20))
def test_times_keep_their_order_and_the_ends_their_place(cuts: list[tuple[float, float]], times: list[float]) -> None:
    axis = Axis(_WINDOW, 50, cuts)
    places = [axis.place(ts) for ts in sorted(times)]
    assert all(a <= b + 1e-6 for a, b in pairwise(places))
    assert axis.place(_WINDOW.start_ts) == pytest.approx(0, abs=1e-6)
    assert axis.place(_WINDOW.end_ts) == pytest.approx(50)


def test_where_all_is_left_out_all_is_shown() -> None:
    axis = Axis(_WINDOW, 10, [(0.0, 5000.0)])
    assert axis.place(1500.0) == pytest.approx(5)


def test_gaps_are_where_no_interval_lies() -> None:
    occupied = Occupied(Window(start_ts=0.0, end_ts=20_000.0, now_ts=20_000.0))
    for start, end in ((-50, 10), (5_000, 9_000), (8_000, 8_100), (9_100, 15_000)):
        occupied.add(start, end)
    # the hundred seconds from 9,000 to 9,100 are less than a fiftieth
    assert [(round(a, -1), round(b, -1)) for a, b in occupied.gaps()] == [(10, 5_000), (15_000, 20_000)]


def test_gaps_are_no_more_than_can_be_told() -> None:
    occupied = Occupied(Window(start_ts=0.0, end_ts=1e6, now_ts=1e6))
    for n in range(40):
        occupied.add(n * 25_000, n * 25_000 + 1)
    gaps = occupied.gaps()
    assert len(gaps) == MOST_GAPS
    assert gaps == sorted(gaps)
