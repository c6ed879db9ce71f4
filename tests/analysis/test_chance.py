"""Exact tests of counts: right where the answer is known, the same both ways, quick where counts are large."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stampede.analysis.chance import at_least, log_choose, shares_p


def test_shares_are_those_of_fishers_exact_test() -> None:
    """The lady tasting tea: three of four against one of four."""
    assert shares_p((3, 4), (1, 4)) == pytest.approx(34 / 70)


shares = st.integers(0, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(shares, shares)
def test_shares_are_the_same_both_ways(old: tuple[int, int], new: tuple[int, int]) -> None:
    assert 0.0 <= shares_p(old, new) <= 1.0
    assert shares_p(old, new) == pytest.approx(shares_p(new, old))


def test_shares_of_very_many_are_told_as_well() -> None:
    assert shares_p((50_000, 100_000), (51_500, 100_000)) < 1e-6
    assert shares_p((50_000, 100_000), (50_010, 100_000)) > 0.5


def test_there_is_no_way_to_choose_more_than_there_are() -> None:
    assert log_choose(3, 4) == log_choose(3, -1) == float("-inf")
    assert at_least(2, 2, 1, 10) == 0.0


def test_all_of_a_draw_among_the_marked() -> None:
    """3 of 3 among 4 of 8: 4/8 · 3/7 · 2/6."""
    assert at_least(3, 3, 4, 8) == pytest.approx(1 / 14)
