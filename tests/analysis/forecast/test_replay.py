"""A run at a time before its end: only the past is known."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from stampede.analysis.forecast import Planned, snapshot
from stampede.analysis.forecast.replay import UNNAMED

from .samples import a_try

PLAN = {"a": Planned("work", 2), "b": Planned("work", 2), "c": Planned("sort", 1)}


@given(st.floats(0, 100))
def test_the_future_changes_nothing(now: float) -> None:
    past = [a_try("a", end=20, failed=True), a_try("a", end=60)]
    future = [a_try("b", end=150, took=40), a_try("c", "sort", end=170, failed=True, took=5)]
    assert snapshot(PLAN, [*past, *future], now) == snapshot(PLAN, past, now)


def test_states_of_jobs_at_a_time() -> None:
    tries = [a_try("a", end=20, failed=True), a_try("a", end=60, host="h2"), a_try("b", end=70, failed=True)]
    before, running, between, end = (snapshot(PLAN, tries, t).ahead for t in (5, 55, 65, 80))
    assert (before.left, before.running) == (3, []) or before.running[0].job == "a"
    assert [(j.job, j.failed, j.last_host, j.host) for j in running.open_jobs] == [("a", 1, "h1", "h2")]
    assert between.open_jobs == []
    assert between.left == 2
    assert [(j.job, j.failed) for j in end.open_jobs] == [("b", 1)]


def test_a_job_is_exhausted_with_its_last_failure() -> None:
    tries = [a_try("c", "sort", end=30, failed=True)]
    assert snapshot(PLAN, tries, 29.9).ahead.exhausted == []
    assert snapshot(PLAN, tries, 30.0).ahead.exhausted == ["c"]


def test_jobs_known_by_number_only_are_counted() -> None:
    ahead = snapshot(PLAN, [], 0.0, unnamed=4).ahead
    assert (ahead.total, ahead.left) == (7, 7)
    assert {g.kind for g in ahead.groups} == {"work", "sort", UNNAMED}
