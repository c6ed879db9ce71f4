"""Slots: known when jobs waited for them, at least what was used otherwise."""

from __future__ import annotations

import math
import random

import pytest

from stampede.analysis.progress.slots import slots
from stampede.query.remaining import Past

from .samples import NOW, left, past


def waves(slots_there: int, jobs: int, took: float = 10.0) -> list[Past]:
    """Jobs submitted at once on so many slots."""
    return [past(took, ago=500, wait=1.0 + took * (i // slots_there)) for i in range(jobs)]


def test_a_full_pool_tells_its_slots() -> None:
    found = slots(waves(4, 40), [], NOW - 395)
    assert found.full
    assert found.count == pytest.approx(4.0, rel=0.05)


def test_where_nobody_waited_there_may_be_more_than_were_used() -> None:
    found = slots([past(10, ago=500 - 20 * i) for i in range(20)], [], NOW)
    assert not found.full
    drawn = [found.draw(random.Random(i)) for i in range(200)]
    assert min(drawn) >= found.most
    assert max(drawn) > 3 * found.most


def test_a_pool_that_was_full_in_the_last_run_is_expected_to_be_so_again() -> None:
    found = slots([], [], NOW, [waves(4, 40)])
    assert found.full
    assert found.count == pytest.approx(4.0, rel=0.05)


def test_a_wait_after_a_hold_is_not_one_for_a_slot() -> None:
    tries = [past(10, ago=500 - 20 * i, wait=60.0 if i == 5 else 1.0, interrupted=i == 5) for i in range(20)]
    assert not slots(tries, [], NOW).full


def test_jobs_that_wait_now_count() -> None:
    running = [left(f"r{i}", phase="running", since=100.0) for i in range(3)]
    waiting = [left(f"w{i}", phase="idle", since=90.0) for i in range(5)]
    found = slots([], [*running, *waiting], NOW)
    assert found.full
    assert found.count == pytest.approx(3.0)


def test_with_nothing_seen_the_number_is_open() -> None:
    drawn = sorted(slots([], [], math.inf).draw(random.Random(i)) for i in range(200))
    assert drawn[180] > 5 * drawn[20]
