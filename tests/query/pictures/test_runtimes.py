"""Distributions in constant memory."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stampede.query.pictures.runtimes import MOST_VALUES, RuntimesCollector, Sketch

from .samples import WINDOW, a_try


@settings(max_examples=25)
@given(st.lists(st.floats(0.01, 1e6), min_size=MOST_VALUES + 1, max_size=MOST_VALUES + 200), st.floats(0, 1))
def test_a_quantile_of_many_is_within_one_percent(values: list[float], share: float) -> None:
    found = Sketch(values).quantile(share)
    exact = sorted(values)[int(share * (len(values) - 1))]
    assert found == pytest.approx(exact, rel=0.0101)


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=MOST_VALUES))
def test_few_values_are_all_there(values: list[float]) -> None:
    row = Sketch(values).runtimes("sort")
    assert row.values == sorted(values)
    assert (row.least_s, row.most_s) == (min(values), max(values))
    assert row.least_s <= row.p5_s <= row.p25_s <= row.median_s <= row.p75_s <= row.p95_s <= row.most_s


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=2 * MOST_VALUES))
def test_the_histogram_counts_each_value_once(values: list[float]) -> None:
    assert sum(times for _, times in Sketch(values).runtimes("sort").histogram) == len(values)


def test_only_programs_that_went_well_tell_how_long_they_take() -> None:
    collector = RuntimesCollector(WINDOW)
    for failed, runtime, whole in ((False, 5.0, False), (True, 1.0, False), (None, None, False), (False, 900.0, True)):
        collector.add(a_try(failed=failed, runtime=runtime, whole=whole))
    (row,) = collector.result().rows
    assert (row.count, row.median_s) == (1, 5.0)
