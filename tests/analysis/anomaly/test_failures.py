"""Failure rates: a jump is told when it is clear, chance is not."""

from __future__ import annotations

import random
from itertools import pairwise

from stampede.analysis.anomaly.failures import FailureRates, Jump


def _jumps(outcomes: list[bool]) -> list[Jump]:
    rates = FailureRates()
    return [jump for i, failed in enumerate(outcomes) if (jump := rates.learn("x", failed, float(i))) is not None]


def test_a_host_that_begins_to_fail_is_told_within_a_few_tries_and_only_as_failures_double() -> None:
    jumps = _jumps([False] * 100 + [True] * 40)
    assert jumps[0].failed <= 5
    assert jumps[0].since_ts == 100.0
    assert jumps[0].usual < 0.02
    assert [b.failed >= 2 * a.failed for a, b in pairwise(jumps)] == [True] * (len(jumps) - 1)


def test_what_fails_now_and_then_as_ever_is_seldom_told() -> None:
    told = 0
    for seed in range(200):
        chance = random.Random(seed)
        told += bool(_jumps([chance.random() < 0.03 for _ in range(300)]))
    assert told < 10


def test_what_always_failed_is_no_jump() -> None:
    rates = FailureRates()
    chance = random.Random(1)
    for i in range(200):
        rates.learn("x", chance.random() < 0.6, float(i))
    rates.begin_run()
    assert not [j for i in range(50) if (j := rates.learn("x", chance.random() < 0.6, 200.0 + i)) is not None]
