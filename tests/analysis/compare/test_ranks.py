"""Tests of difference: the same both ways, right where the answer is known, and not fooled by many."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stampede.analysis.compare.ranks import adjusted, shift

values = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=40)


@given(values, values)
def test_a_shift_is_the_same_the_other_way_round(old: list[float], new: list[float]) -> None:
    there, back = shift(old, new), shift(new, old)
    assert there.estimate == -back.estimate
    assert (there.low, there.high) == (-back.high, -back.low)
    assert there.p == pytest.approx(back.p)


@given(values)
def test_values_do_not_differ_from_themselves(same: list[float]) -> None:
    found = shift(same, same)
    assert found.estimate == 0.0
    assert found.low <= 0.0 <= found.high
    assert found.p > 0.05


def test_a_shift_that_was_made_is_found() -> None:
    rng = random.Random(1)
    old, new = [rng.gauss(10, 1) for _ in range(200)], [rng.gauss(12, 1) for _ in range(200)]
    found = shift(old, new)
    assert found.low < 2.0 < found.high
    assert found.high - found.low < 0.6
    assert found.p < 1e-9


def test_one_value_far_out_shifts_nothing() -> None:
    assert abs(shift([10.0, 11.0, 12.0] * 10, [10.0, 11.0, 12.0] * 10 + [1e9]).estimate) < 1.0


def test_among_many_tests_of_nothing_hardly_any_is_taken() -> None:
    rng = random.Random(2)
    p = [shift([rng.random() for _ in range(20)], [rng.random() for _ in range(20)]).p for _ in range(200)]
    assert sum(x <= 0.05 for x in p) > 0  # by chance, untouched
    assert sum(x <= 0.05 for x in adjusted(p)) <= 1


def test_adjusted_probabilities_are_those_of_benjamini_and_hochberg() -> None:
    assert adjusted([0.01, 0.04, 0.03, 0.5]) == pytest.approx([0.04, 0.04 * 4 / 3, 0.04 * 4 / 3, 0.5])
    assert adjusted([]) == []
