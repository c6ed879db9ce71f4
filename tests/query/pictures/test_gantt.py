"""The Gantt picture's data."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stampede.query.pictures.gantt import GanttCollector, split_run
from stampede.query.pictures.tries import drawn_tries

from ..conftest import NAMES
from .conftest import Recorded

Open = Callable[[str], Recorded]


def _gantt(run: Recorded, most: int) -> GanttCollector:
    collector = GanttCollector(run.workflows, run.window, by="job", bins=100, most=most)
    for one in drawn_tries(*run):
        collector.add(one)
    return collector


@pytest.mark.parametrize("name", NAMES)
def test_phases_of_a_try_follow_each_other_within_it(recorded: Open, name: str) -> None:
    run = recorded(name)
    bars = _gantt(run, 2000).result(run.reader).bars
    assert bars
    for bar in bars:
        ends = [p.end_ts for p in bar.phases]
        assert all(p.start_ts < p.end_ts for p in bar.phases)
        assert all(end <= p.start_ts for end, p in zip(ends, bar.phases[1:], strict=False))
        assert not bar.phases or (bar.phases[0].start_ts >= bar.start_ts - 1 and ends[-1] <= bar.end_ts + 1)


def test_a_hold_is_a_phase(recorded: Open) -> None:
    run = recorded("pg_fail")
    bars = [b for b in _gantt(run, 2000).result(run.reader).bars if b.job == "findrange_ID0000003"]
    assert [b.failed for b in bars] == [True, True]
    assert {"queue", "run", "held", "post"} <= {p.phase for p in bars[0].phases}


def test_more_tries_than_can_be_told_apart_are_lanes_and_lose_nobody(recorded: Open) -> None:
    run = recorded("pg_fail")
    few, many = (_gantt(run, most).result(run.reader) for most in (8, 7))
    assert (len(few.bars), few.lanes) == (8, [])
    assert many.bars == []
    assert (many.by, sum(lane.tries for lane in many.lanes)) == ("transformation", 8)
    assert (many.tries, many.failed) == (few.tries, few.failed) == (8, 2)


@given(st.floats(0, 100), st.floats(0, 100), st.floats(-50, 150), st.floats(-50, 150))
def test_a_run_is_split_without_gap_or_overlap(a: float, b: float, first: float, last: float) -> None:
    start, end = sorted((a, b))
    parts = split_run(start, end, first, last)
    assert sum(p.end_ts - p.start_ts for p in parts) == pytest.approx(end - start)
    assert all(x.end_ts == y.start_ts for x, y in itertools.pairwise(parts))


def test_the_clock_of_a_machine_that_is_wrong_splits_nothing() -> None:
    assert [p.phase for p in split_run(100, 200, 3700, 3790)] == ["run"]
    assert [p.phase for p in split_run(100, 200, 110, 190)] == ["stage_in", "run", "stage_out"]
