"""What limits a workflow now, for each of the things that can."""

from __future__ import annotations

import pytest

from stampede.analysis.progress.forecast_end import end_of
from stampede.analysis.progress.limits import Limit, Standing, limit, stopped
from stampede.query.remaining import Left, Past

from .samples import NOW, chain, left, past, rest


def limited(nodes: list[Left], tries: list[Past] | None = None) -> Limit:
    what = rest(nodes, tries if tries is not None else [past(20, ago=900 - 20 * i) for i in range(30)])
    return limit(what, end_of(what, NOW), NOW)


@pytest.mark.parametrize("standing, by", [
    (Standing(halted=True), "halted"), (Standing(engine_hold="quota"), "dagman_held"),
])  # fmt: skip
def test_while_the_engine_stands_still_no_end_can_be_told(standing: Standing, by: str) -> None:
    found = stopped(rest(chain(3), []), standing)
    assert found is not None
    assert (found.by, found.endless) == (by, True)


def test_when_all_that_could_go_on_is_held_no_end_can_be_told() -> None:
    nodes = [left("a", phase="held", since=30.0, children=[1]), left("b", waiting=1)]
    found = stopped(rest(nodes, []), Standing())
    assert found is not None
    assert found.by == "holds"
    assert stopped(rest([*nodes, left("c", phase="running", since=1.0)], []), Standing()) is None


def test_jobs_that_no_machine_takes_are_the_pools_limit() -> None:
    assert limited([left("a", phase="idle", since=300.0)]).by == "pool"


def test_jobs_that_wait_while_others_run_are_limited_by_slots() -> None:
    nodes = [left("r", phase="running", since=5.0), *(left(f"w{i}", phase="idle", since=60.0) for i in range(5))]
    found = limited(nodes)
    assert found == Limit("slots", "slots: 1 run, 5 wait for one")


def test_one_job_that_runs_far_longer_than_its_peers_is_a_straggler() -> None:
    found = limited([left("slow", phase="running", since=400.0, children=[1]), left("after", waiting=1)])
    assert found.by == "straggler"
    assert "slow" in found.text


def test_ready_nodes_that_are_not_submitted_are_throttled_and_their_category_is_named() -> None:
    nodes = [left("r", phase="running", since=5.0), *(left(f"w{i}", phase="ready", since=200.0) for i in range(5))]
    assert limited(nodes).by == "throttle"
    for n in nodes:
        n.category = "big"
    assert "category big" in limited(nodes).text


def test_otherwise_it_is_the_longest_way() -> None:
    nodes = chain(6)
    nodes[0].phase, nodes[0].execute_ts = "running", NOW - 1.0
    found = limited(nodes)
    assert found == Limit("dependencies", "the longest way: n0 → n1 → n2 → 3 more")


def test_scripts_alone_are_told() -> None:
    assert limited([left("a", phase="post", since=1.0)]).by == "scripts"
