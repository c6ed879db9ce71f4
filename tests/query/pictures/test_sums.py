"""Breakdown, failures, hosts: what they add up to."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stampede.query.ended import ended_tries
from stampede.query.pictures import breakdown as breakdown_module
from stampede.query.pictures.album import KINDS, album
from stampede.query.pictures.breakdown import BreakdownCollector
from stampede.query.pictures.failures import FailuresCollector
from stampede.query.pictures.hosts import HostsCollector
from stampede.query.pictures.lanes import OTHERS
from stampede.query.pictures.tries import DrawnTry

from ..conftest import NAMES
from .conftest import Recorded
from .samples import WINDOW, a_try, tries

Open = Callable[[str], Recorded]


@pytest.mark.parametrize("name", NAMES)
def test_tries_and_failures_by_transformation_are_those_of_the_ended_tries(recorded: Open, name: str) -> None:
    run = recorded(name)
    found = album(run.reader, run.workflows, run.window, kinds=["breakdown"]).breakdown
    assert found is not None
    ended = [t for t in ended_tries(run.reader, run.workflows) if t.node_type != "subdag"]
    for share in found.shares:
        mine = [t for t in ended if t.transformation == share.transformation and not _runs_a_workflow(t.type_desc)]
        assert (share.tries, share.failed) == (len(mine), sum(t.failed for t in mine))


def _runs_a_workflow(type_desc: str) -> bool:
    return type_desc in ("dax", "dag", "subdag")


@given(st.lists(tries, max_size=30))
def test_time_by_phase_adds_up_to_all_time(made: list[DrawnTry]) -> None:
    collector = BreakdownCollector(WINDOW)
    for one in made:
        collector.add(one)
    shares = collector.result().shares
    total = sum(s.pre_s + s.queue_s + s.run_s + s.failed_s + s.after_s for s in shares)
    assert total == pytest.approx(sum(t.over_ts - t.begin_ts for t in made), abs=1e-3)


def test_small_transformations_are_put_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(breakdown_module, "MOST_ROWS", 2)
    collector = BreakdownCollector(WINDOW)
    for i in range(5):
        collector.add(a_try(i, end=1000.0 + 10 * (i + 1), transformation=f"t{i}"))
    shares = collector.result().shares
    assert [s.transformation for s in shares] == ["t4", "t3", OTHERS]
    assert (shares[-1].tries, shares[-1].run_s) == (3, 60.0)


@given(st.lists(tries, max_size=30))
def test_failures_are_counted_where_they_ended(made: list[DrawnTry]) -> None:
    collector = FailuresCollector(WINDOW, bins=7)
    for one in made:
        collector.add(one)
    found = collector.result()
    inside = [t for t in made if t.failed is not None and WINDOW.start_ts <= t.over_ts <= WINDOW.end_ts]
    assert found.ended == len(inside)
    assert found.failed == sum(bool(t.failed) for t in inside) == sum(found.exits.values())
    assert all(f <= e for f, e in zip(found.failed_in_bin, found.ended_in_bin, strict=True))
    assert sum(r.failed for r in found.transformations) == found.failed


def test_hosts_show_bad_ones_first_and_no_node_that_runs_a_workflow() -> None:
    collector = HostsCollector(WINDOW, bins=10)
    collector.add(a_try(1, end=1900.0, host="busy"))
    collector.add(a_try(2, end=1010.0, host="bad", failed=True))
    collector.add(a_try(3, end=1900.0, host="submit", whole=True))
    found = collector.result()
    assert [lane.name for lane in found.lanes] == ["bad", "busy"]
    assert len(found.bars) == found.tries == 2


def test_hosts_give_up_single_bars_when_there_are_too_many() -> None:
    collector = HostsCollector(WINDOW, bins=10, most=5)
    for i in range(6):
        collector.add(a_try(i))
    found = collector.result()
    assert found.bars == []
    assert found.lanes[0].tries == 6


def test_an_album_holds_what_was_asked_for(recorded: Open) -> None:
    run = recorded("pg_fail")
    found = album(run.reader, run.workflows, run.window, kinds=["hosts", "jobs"])
    assert [kind for kind in KINDS if getattr(found, kind) is not None] == ["hosts", "jobs"]
