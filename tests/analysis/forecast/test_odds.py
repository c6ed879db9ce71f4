"""The product over what is ahead: it moves the right way with every fact."""

from __future__ import annotations

import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from stampede.analysis.forecast import Ahead, Group, OpenJob, Running, gathered
from stampede.analysis.forecast.lessons import Lessons
from stampede.analysis.forecast.model import outlook

from .samples import a_try

failures = st.lists(st.tuples(st.integers(0, 30), st.sampled_from(["h1", "h2", "h3"])), max_size=6)


def fails(ahead: Ahead, drawn: list[tuple[int, str]] | None = None, lessons: Lessons | None = None) -> float:
    bad = [a_try(f"b{i}", end=end + 0.5, failed=True, host=h) for i, (end, h) in enumerate(drawn or [])]
    tries = sorted([*(a_try(f"g{i}", end=float(i), host=f"h{i % 4}") for i in range(30)), *bad],
                   key=lambda t: t.end_ts)  # fmt: skip
    return outlook(gathered(tries), ahead, lessons or Lessons(), 31.0).raw


@settings(deadline=None)
@given(failures, st.integers(1, 4))
def test_the_probability_rises_when_a_retry_is_used_up(drawn: list[tuple[int, str]], tries: int) -> None:
    said = [
        fails(Ahead(total=40, groups=[Group("work", tries, 5)], open_jobs=[
            OpenJob(job="x", kind="work", tries=tries, failed=n, last_host="h1")
        ]), drawn)
        for n in range(1, tries)
    ]  # fmt: skip
    assert all(a < b for a, b in itertools.pairwise(said))


@settings(deadline=None)
@given(failures, st.integers(1, 4))
def test_the_probability_falls_as_jobs_finish(drawn: list[tuple[int, str]], tries: int) -> None:
    said = [fails(Ahead(total=90, groups=[Group("work", tries, n)] if n else []), drawn) for n in (60, 30, 10, 1, 0)]
    assert all(a > b for a, b in itertools.pairwise(said))
    assert said[-1] < 1e-12


@settings(deadline=None)
@given(failures)
def test_more_retries_make_it_safer(drawn: list[tuple[int, str]]) -> None:
    said = [fails(Ahead(total=40, groups=[Group("work", tries, 10)]), drawn) for tries in (1, 2, 3, 4)]
    assert all(a >= b for a, b in itertools.pairwise(said))
    assert all(0.0 <= p <= 1.0 for p in said)


def test_a_kind_that_was_never_tried_here_is_more_of_a_risk_than_one_that_went_well() -> None:
    known = fails(Ahead(total=40, groups=[Group("work", 2, 5)]))
    unknown = fails(Ahead(total=40, groups=[Group("new", 2, 5)]))
    assert unknown > known


def test_what_a_sub_workflow_says_decides_over_the_try_of_its_job() -> None:
    said = [
        fails(Ahead(total=2, open_jobs=[OpenJob(job="sub", kind="subdag", tries=1, below=p)])) for p in (0.1, 0.5, 1.0)
    ]
    assert said[0] < said[1] < said[2]
    assert said[2] == 1.0


def test_a_long_hold_counts_as_a_failed_try_but_never_dooms() -> None:
    def held(long: bool, failed: int) -> float:
        job = OpenJob(job="x", kind="work", tries=2, failed=failed, held_long=long)
        return fails(Ahead(total=2, open_jobs=[job]))

    assert held(True, 0) > held(False, 0)
    assert held(True, 1) < 1.0


def test_running_on_a_broken_host_is_worse_than_running_elsewhere() -> None:
    drawn = [(i, "evil") for i in range(6)]

    def on(host: str) -> float:
        running = [Running("x", "work", host, 30.0)]
        return fails(Ahead(total=40, groups=[Group("work", 1, 1)], running=running), drawn)

    assert on("evil") > 2 * on("h2")
