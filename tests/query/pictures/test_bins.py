"""Binning: nothing is lost and nothing is made up, whatever the intervals."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stampede.query.pictures.bins import Bins, Edges, Spread, between

TIMES = st.floats(0, 3000)
SIZES = st.integers(1, 60)


def _bins(count: int) -> Bins:
    return Bins(start_ts=1000.0, end_ts=2000.0, count=count)


@given(st.lists(st.tuples(TIMES, TIMES).map(sorted), max_size=40), SIZES)
def test_areas_are_conserved(intervals: list[list[float]], count: int) -> None:
    """The sum over the bins of level times width is the sum of the lengths within the window."""
    bins, spread = _bins(count), Spread(_bins(count))
    for start, end in intervals:
        spread.add(start, end)
    lengths = sum(max(0.0, min(end, 2000.0) - max(start, 1000.0)) for start, end in intervals)
    assert sum(spread.levels()) * bins.width_s == pytest.approx(lengths, abs=0.02 * max(1, len(intervals)))


@given(st.lists(st.tuples(TIMES, TIMES).map(sorted), max_size=20), SIZES)
def test_each_bin_is_the_average_of_what_lasted_in_it(intervals: list[list[float]], count: int) -> None:
    bins, spread = _bins(count), Spread(_bins(count))
    for start, end in intervals:
        spread.add(start, end)
    for i, level in enumerate(spread.levels()):
        low, high = bins.ts(i), bins.ts(i + 1)
        inside = sum(max(0.0, min(end, high) - max(start, low)) for start, end in intervals)
        assert level == pytest.approx(inside / bins.width_s, abs=1e-5)


@given(st.lists(TIMES, max_size=40), SIZES)
def test_what_has_passed_never_shrinks(times: list[float], count: int) -> None:
    edges = Edges(_bins(count))
    for ts in times:
        edges.add(ts)
    levels = edges.levels()
    assert all(a <= b + 1e-9 for a, b in itertools.pairwise(levels))
    assert levels[-1] <= len(times) + 1e-9


@given(st.lists(TIMES, max_size=20), st.lists(TIMES, max_size=20), SIZES)
def test_edges_put_together_are_those_of_both(one: list[float], other: list[float], count: int) -> None:
    first, second, both = (Edges(_bins(count)) for _ in range(3))
    for edges, times in ((first, one), (second, other), (both, one + other)):
        for ts in times:
            edges.add(ts)
    first.add_all(second)
    assert first.levels() == pytest.approx(both.levels())


def test_a_time_is_in_the_bin_that_begins_with_it_and_the_end_in_the_last() -> None:
    bins = _bins(10)
    assert [bins.index(ts) for ts in (999.9, 1000, 1099.9, 1100, 2000, 2000.1)] == [None, 0, 0, 1, 9, None]


def test_rounding_leaves_nothing_of_nothing() -> None:
    assert between([1.0000000001, 2.0], [1.0, 1.0]) == [0.0, 1.0]
