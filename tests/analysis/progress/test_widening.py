"""A watcher's own forecasts: those that moved out of what they said make the next ones wider."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from stampede.analysis.progress.progress import Progress
from stampede.analysis.progress.widening import MOST, Widening


def told(eta: float, half: float) -> Progress:
    return Progress(as_of_ts=0.0, percent_jobs=1.0, percent_work=1.0, eta_ts=eta, eta_low_ts=eta - half,
                    eta_high_ts=eta + half)  # fmt: skip


def after(forecasts: list[tuple[float, float]]) -> float:
    widening = Widening()
    for eta, half in forecasts:
        widening.add(told(eta, half))
    return widening.factor


def test_a_forecast_that_holds_changes_nothing() -> None:
    assert after([(1000.0 + i % 3, 50.0) for i in range(20)]) == 1.0


def test_one_that_slips_further_than_it_said_widens_the_next() -> None:
    assert after([(1000.0 + 40.0 * i, 20.0) for i in range(20)]) > 1.5


def test_one_slip_alone_is_not_believed_yet() -> None:
    assert after([(1000.0, 20.0), (1080.0, 20.0)]) < 2.0


def test_a_forecast_without_an_end_is_passed_over() -> None:
    widening = Widening()
    widening.add(Progress(as_of_ts=0.0, percent_jobs=1.0, percent_work=1.0))
    assert widening.factor == 1.0


@given(st.lists(st.tuples(st.floats(0, 1e9), st.floats(0, 1e6)), max_size=60))
def test_the_factor_has_bounds(forecasts: list[tuple[float, float]]) -> None:
    assert 1.0 <= after(forecasts) <= MOST
