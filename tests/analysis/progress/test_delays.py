"""Delays: what nobody queued for is drawn from, and a queue tells a rate."""

from __future__ import annotations

import math

import pytest
from msgspec.structs import replace

from stampede.analysis.progress.delays import SUBMIT_S, delays, free_starts, unqueued

from .samples import past


def test_before_anything_ended_the_believed_delays_count() -> None:
    found = delays([], [])
    assert found.submit.seconds == list(SUBMIT_S)
    assert found.submit.per_s == math.inf


def test_one_that_was_seen_corrects_the_believed_ones() -> None:
    slow = delays([past(10, finish=60.0)], [])
    assert slow.finish.mean_s > 10 * delays([], []).finish.mean_s / 2


def test_many_that_were_seen_replace_them() -> None:
    found = delays([past(10, ago=500 - 20 * i, finish=3.0) for i in range(10)], [])
    assert found.finish.seconds == [3.0] * 10


def test_those_of_earlier_runs_come_before_the_believed_ones() -> None:
    earlier = [[past(10, ago=500 - 20 * i, finish=7.0) for i in range(10)]]
    assert delays([], earlier).finish.mean_s == pytest.approx(7.0)


def test_a_queue_of_submissions_tells_how_many_are_served_in_a_second() -> None:
    """Four hundred jobs are ready at once; DAGMan submits two a second."""
    burst = [past(5, ago=500 - 0.5 * i) for i in range(400)]
    burst = [replace(p, ready_ts=burst[0].ready_ts) for p in burst]
    found = delays(burst, [])
    assert found.submit.per_s == pytest.approx(2.0, rel=0.2)
    assert found.submit.mean_s < 10


def test_when_all_queued_no_wait_tells_the_delay_itself() -> None:
    assert unqueued([500.0, 510.0, 520.0]) == []


def test_a_match_is_learnt_from_jobs_that_found_a_free_slot() -> None:
    """Two slots, ten jobs submitted at once that take 10 s each: only the first two did not wait for others."""
    tries = [past(10, ago=500, wait=1.0 + 10 * (i // 2)) for i in range(10)]
    assert len(free_starts(tries)) == 2
    assert all((p.execute_ts or 0) - (p.submit_ts or 0) == 1.0 for p in free_starts(tries))


def test_holds_and_evictions_are_drawn_as_often_as_they_were() -> None:
    calm = [past(10, ago=500 - 20 * i) for i in range(9)]
    found = delays([*calm, past(10, ago=100, wait=70.0, interrupted=True)], []).match
    assert found.seconds.count(70.0) == 1
    assert len(found.seconds) == 10
