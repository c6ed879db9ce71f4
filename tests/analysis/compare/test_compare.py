"""Comparing runs: what was changed is found, what was not is not, and the one way is the other turned round."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from stampede.analysis.compare.compare import compare

from .samples import a_run


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.floats(0, 0.5))
def test_a_run_does_not_differ_from_itself(seed: int, failing: float) -> None:
    run = a_run(seed, failing=failing)
    found = compare([run], run)
    assert not found.changed
    assert found.first is None


def test_runs_that_differ_by_chance_alone_do_not_differ() -> None:
    told = sum(compare([a_run(2 * i)], a_run(2 * i + 1)).changed for i in range(40))
    assert told <= 2


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.3, 3.0))
def test_what_is_slower_the_one_way_is_quicker_the_other(seed: int, times: float) -> None:
    a, b = a_run(seed), a_run(seed + 1, slower={"map": times})
    there, back = compare([a], b), compare([b], a)
    assert {(c.kind, c.measure) for c in there.changes} == {(c.kind, c.measure) for c in back.changes}
    other = {(c.kind, c.measure): c for c in back.changes}
    for c in there.changes:
        twin = other[c.kind, c.measure]
        assert (c.old, c.new, c.p) == (twin.new, twin.old, pytest.approx(twin.p))
        if c.ratio is not None:
            assert c.ratio == pytest.approx(1 / (twin.ratio or 0))
        if c.makespan_s is not None:
            assert c.makespan_s == pytest.approx(-(twin.makespan_s or 0))


def test_a_kind_that_takes_longer_is_told_with_its_ratio() -> None:
    found = compare([a_run(1)], a_run(2, slower={"map": 2.0}))
    assert [(c.kind, c.measure) for c in found.changes] == [("map", "runtime")]
    change = found.changes[0]
    assert (change.ratio_low or 0) < 2.0 < (change.ratio_high or 0)
    assert (change.makespan_s or 0) > 0


def test_the_largest_effect_comes_first_and_what_was_seen_first_is_told() -> None:
    found = compare([a_run(1)], a_run(2, slower={"split": 1.8, "merge": 4.0}))
    assert [c.kind for c in found.changes if c.measure == "runtime"] == ["merge", "split"]
    assert found.first is not None
    assert found.first.kind == "split"


def test_failures_that_are_new_are_told() -> None:
    changes = compare([a_run(1)], a_run(2, failing=0.4)).changes
    assert {c.measure for c in changes} == {"failed"}
    assert all(c.new > c.old == 0.0 for c in changes)


def test_another_machine_is_told() -> None:
    changes = compare([a_run(1)], a_run(2, machine="node2")).changes
    assert {(c.measure, c.kind) for c in changes} == {("machine", "node1"), ("machine", "node2")}


def test_what_earlier_runs_differ_by_is_noise() -> None:
    """Runs were 1.4 times slower or quicker before: once more is no news, against the last alone it would be."""
    past = [a_run(i, pace=pace) for i, pace in enumerate((1.0, 1.4, 0.9, 1.3))]
    new = a_run(9, pace=1.4)
    assert compare([past[0]], new).changes
    assert not compare(past, new).changes


def test_steady_runs_make_a_small_change_visible() -> None:
    past = [a_run(i, n=200) for i in range(5)]
    assert {c.measure for c in compare(past, a_run(9, n=200, pace=1.35)).changes} == {"runtime"}


def test_a_plan_that_is_another_is_told() -> None:
    a = a_run(1)
    b = replace(
        a_run(2, kinds=("split", "map", "merge", "plot")), versions={"planner": "5.2.0"}, edges=12,
        executables={"split": frozenset({"/opt/new/split2"})},
    )  # fmt: skip
    plan = {(p.what, p.subject): p for p in compare([a], b).plan}
    assert {w for w, _ in plan} == {"tasks_added", "jobs", "dependencies", "executable", "version"}
    assert plan["tasks_added", "tasks"].count == 40
    assert (plan["version", "planner"].old, plan["version", "planner"].new) == ("5.1.3", "5.2.0")
    assert plan["executable", "split"].new == "/opt/new/split2"


def test_a_run_that_failed_where_the_other_did_not_has_changed() -> None:
    a = a_run(1)
    assert compare([a], replace(a, state="failed")).changed


def test_too_few_jobs_are_not_compared() -> None:
    assert compare([a_run(1, n=3)], a_run(2, n=3, slower={"map": 50.0})).tested == 0
