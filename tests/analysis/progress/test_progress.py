"""Progress in one struct: percents, an end or the reason why none can be told."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stampede.analysis.progress.limits import Standing
from stampede.analysis.progress.progress import progress

from .samples import NOW, chain, fan, left, past, rest


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 20), st.integers(0, 20), st.floats(0, 500))
def test_percents_lie_between_0_and_100(nodes: int, done: int, ran: float) -> None:
    found = progress(rest(
        [*fan(nodes), left("r", phase="running", since=ran)], [past(20, ago=900 - 20 * i) for i in range(done)]
    ), Standing(), NOW)  # fmt: skip
    assert 0 <= found.percent_jobs <= 100
    assert 0 <= found.percent_work <= 100


def test_percents_grow_with_each_job_that_is_done() -> None:
    told = [
        progress(rest(fan(20 - n), [past(20, ago=900 - 20 * i) for i in range(n)]), Standing(), NOW)
        for n in range(1, 20)
    ]
    jobs, work = [p.percent_jobs for p in told], [p.percent_work for p in told]
    assert jobs == sorted(jobs)
    assert work == sorted(work)


def test_a_long_kind_weighs_more_than_a_short_one() -> None:
    short = [past(1, kind="compute short_#", ago=900 - 20 * i) for i in range(20)]
    long = [past(100, kind="compute long_#", ago=900)]
    found = progress(rest([left("l", "compute long_#", phase="running", since=1.0)], [*short, *long]), Standing(), NOW)
    assert found.percent_jobs > 95
    assert found.percent_work < 70


def test_the_end_lies_in_its_interval_and_after_now() -> None:
    found = progress(rest(chain(5), [past(20, ago=900 - 20 * i) for i in range(30)]), Standing(), NOW)
    assert found.eta_low_ts is not None
    assert found.eta_ts is not None
    assert found.eta_high_ts is not None
    assert NOW < found.eta_low_ts <= found.eta_ts <= found.eta_high_ts
    assert found.remaining_s == pytest.approx(found.eta_ts - NOW, abs=1e-3)


def test_where_nobody_can_tell_the_end_it_says_why_and_still_how_far_it_is() -> None:
    found = progress(rest(chain(5), [past(20)]), Standing(halted=True, halt_reason="a halt file"), NOW)
    assert found.eta_ts is None
    assert "halt file" in (found.no_eta or "")
    assert 0 < found.percent_jobs < 100
