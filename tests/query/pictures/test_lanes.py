"""Lanes: each try counts once, whatever is kept."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stampede.query.pictures import lanes as module
from stampede.query.pictures.lanes import OTHERS, Lanes
from stampede.query.pictures.tries import DrawnTry

from .samples import WINDOW, a_try, tries


@given(st.lists(tries, max_size=30), st.integers(1, 5))
def test_lanes_add_up_to_all_tries(made: list[DrawnTry], keep: int) -> None:
    lanes = Lanes(WINDOW.bins(20), "transformation", keep=keep)
    for one in made:
        lanes.add(one)
    found = lanes.lanes()
    assert sum(lane.tries for lane in found) == len(made)
    assert sum(lane.failed for lane in found) == sum(bool(t.failed) for t in made)
    inside = sum(max(0.0, min(t.end_ts, WINDOW.end_ts) - max(t.run_ts, WINDOW.start_ts)) for t in made)
    assert sum(lane.busy_s for lane in found) == pytest.approx(inside, abs=0.1)


def test_the_worst_lanes_are_kept_though_they_did_little() -> None:
    lanes = Lanes(WINDOW.bins(10), "host", keep=1)
    for i in range(20):
        lanes.add(a_try(i, begin=1100, end=1900, host=f"good{i}"))
    lanes.add(a_try(99, begin=1100, end=1101, host="bad", failed=True))
    names = [lane.name for lane in lanes.lanes()]
    assert "bad" in names
    assert names[-1] == OTHERS


def test_lanes_beyond_those_that_are_followed_are_put_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FOLLOWED", 3)
    lanes = Lanes(WINDOW.bins(10), "host", keep=10)
    for i in range(8):
        lanes.add(a_try(i, host=f"n{i}"))
    found = lanes.lanes()
    assert [lane.name for lane in found] == ["n0", "n1", "n2", OTHERS]
    assert (found[-1].tries, found[-1].lanes) == (5, None)
