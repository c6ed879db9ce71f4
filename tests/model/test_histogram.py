"""Histograms tell percentiles to 1 %, and are added up as the values they hold."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stampede.model.histogram import ZERO, Histogram, bin_of, encoded

VALUES = st.lists(st.floats(0.001, 1e9), min_size=1, max_size=60)


def histogram(values: list[float]) -> Histogram:
    one = Histogram({})
    for value in values:
        one.bins[bin_of(value)] = one.bins.get(bin_of(value), 0) + 1
    return one


@given(VALUES, st.sampled_from([1, 25, 50, 90, 95, 99, 100]))
def test_a_percentile_is_the_nearest_rank_to_one_percent(values: list[float], percent: int) -> None:
    exact = sorted(values)[max(math.ceil(len(values) * percent / 100), 1) - 1]
    (told,) = histogram(values).percentiles(percent)
    assert told == pytest.approx(exact, rel=0.0101)
    assert histogram(values).percentiles(percent, 100)[0] == told


@given(VALUES, VALUES)
def test_the_parts_added_up_are_the_whole(one: list[float], other: list[float]) -> None:
    together = histogram(one)
    together.add(histogram(other))
    assert together.bins == histogram(one + other).bins
    stored = histogram(one)
    stored.add_encoded(histogram(other).encoded())
    assert stored.bins == together.bins


def test_what_sqlite_concatenates_is_counted() -> None:
    one = Histogram({})
    one.add_encoded(encoded(f"3,-2,3,{ZERO}"))
    one.add_encoded(None)
    assert one.bins == {3: 2, -2: 1, ZERO: 1}
    assert encoded(None) is None
    assert encoded("") is None


def test_zero_and_less_have_a_bin_of_their_own() -> None:
    assert bin_of(0) == bin_of(-3) == ZERO < bin_of(1e-300)
    assert Histogram({ZERO: 3, 0: 1}).percentiles(50) == [0.0]


def test_nothing_has_no_percentile() -> None:
    assert Histogram({}).percentiles(50, 99) == []
