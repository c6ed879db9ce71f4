"""The calibration: monotone whatever it was taught, without effect before, and right when there is enough."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from stampede.analysis.forecast.calibration import Calibration, Said, calibrated

said = st.lists(
    st.builds(Said, probability=st.floats(0, 1), done_share=st.floats(0, 1), failed=st.booleans()), max_size=40
)


@settings(deadline=None)
@given(said, st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_more_stays_more(taught: list[Said], a: float, b: float, done: float) -> None:
    made = calibrated(taught)
    low, high = sorted((a, b))
    assert 0.0 <= made(low, done) <= made(high, done) <= 1.0


@given(st.floats(0.001, 0.999), st.floats(0, 1))
def test_without_experience_nothing_changes(p: float, done: float) -> None:
    assert abs(calibrated([])(p, done) - p) < 1e-9
    assert abs(Calibration()(p, done) - p) < 1e-9


def test_overconfidence_is_mended() -> None:
    draw = random.Random(3)
    taught = []
    for _ in range(3000):
        p = draw.random()
        true = 0.25 + 0.3 * p  # what is said is far too extreme
        taught.append(Said(p, draw.random(), draw.random() < true))
    made = calibrated(taught)
    assert abs(made(0.95, 0.5) - 0.535) < 0.06
    assert abs(made(0.05, 0.5) - 0.265) < 0.06


def test_a_few_runs_move_it_only_a_little() -> None:
    made = calibrated([Said(0.9, 0.5, False)] * 3)
    assert 0.5 < made(0.9, 0.5) < 0.9
