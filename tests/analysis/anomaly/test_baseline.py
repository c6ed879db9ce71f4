"""What is usual is learnt, faults do not pull it away, and a new normal is accepted in the end."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stampede.analysis.anomaly.baseline import FLOOR, GUARD, Baseline


def _taught(values: list[float], slowest: float = 0.01) -> Baseline:
    base = Baseline(values[0], 0.3)
    for x in values:
        base.learn(x, max(-8.0, min(8.0, (x - base.centre) / base.spread)), slowest)
    return base


@given(st.integers(0, 1000), st.floats(-3, 9), st.floats(0.1, 0.5))
def test_centre_and_spread_are_those_of_what_was_seen(seed: int, centre: float, spread: float) -> None:
    chance = random.Random(seed)
    base = _taught([chance.gauss(centre, spread) for _ in range(400)])
    assert base.centre == pytest.approx(centre, abs=0.5 * spread)
    assert 0.5 * spread < base.spread < 1.6 * spread


@given(st.floats(-5, 12))
def test_constant_values_have_the_least_spread_and_their_own_centre(value: float) -> None:
    base = _taught([value] * 200)
    assert base.centre == pytest.approx(value)
    assert base.spread < 0.12
    assert base.spread >= FLOOR


def test_a_tenth_of_faults_does_not_move_what_is_usual() -> None:
    chance = random.Random(3)
    base = _taught([chance.gauss(4.0, 0.1) + (2.0 if i > 50 and i % 10 == 0 else 0.0) for i in range(500)])
    assert base.centre == pytest.approx(4.0, abs=0.1)
    assert base.spread < 0.2


def test_a_lasting_change_becomes_the_new_normal_and_is_told_once() -> None:
    chance = random.Random(4)
    base = _taught([chance.gauss(4.0, 0.1) for _ in range(100)])
    told = 0
    for _ in range(300):
        x = chance.gauss(6.0, 0.1)
        told += base.learn(x, max(-8.0, min(8.0, (x - base.centre) / base.spread)), 0.01)
    assert told == 1
    assert base.centre == pytest.approx(6.0, abs=0.3)
    assert abs(6.0 - base.centre) / base.spread < GUARD
