"""What is left: all of it for a workflow of any shape, nothing of the future, and a sample of what is too large."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from stampede.query import Reader, remaining
from stampede.query.past import as_it_stood
from stampede.query.remaining import Remaining, is_pooled, kind_of
from stampede.query.workflows import find, forest

from .prefixes import loads_up_to_times

Open = Callable[[str], Reader]


def ask(reader: Reader, at: float | None = None) -> Remaining:
    root = find(reader, None)[0]
    with as_it_stood(reader, [root], at) as roots:
        workflows = forest(reader, roots[0])
        left = sum(w.total - w.done - w.failed for w in workflows if w.state == "running")
        return remaining.remaining(reader, workflows, nodes_left=left)


def ended(found: Remaining) -> list[tuple[object, ...]]:
    """Sorted: tries of several workflows get their keys in the order in which files were read."""
    return sorted((p.kind, p.failed, p.execute_ts or 0, p.end_ts or 0) for p in found.past)


def begun(reader: Reader, after_s: float) -> float:
    return (find(reader, None)[0].first_ts or 0.0) + after_s


def test_nodes_that_are_left_have_their_edges(read: Open) -> None:
    reader = read("pg_fail")
    found = ask(reader, begun(reader, 1.0))
    names = [n.name for n in found.left]
    assert found.whole
    assert len(names) == 14
    parent = found.left[names.index("create_dir_failing_0_local")]
    assert all(found.left[at].waiting for at in parent.children)
    assert sum(len(n.children) for n in found.left) == sum(n.waiting for n in found.left)


def test_phases_are_those_of_the_queue(read: Open) -> None:
    reader = read("dm_g_hold")
    found = ask(reader, begun(reader, 10.0))
    assert [n.phase for n in found.left].count("held") == 4


def test_a_node_of_a_sub_workflow_that_runs_waits_for_the_nodes_inside(read: Open) -> None:
    reader = read("dm_e_subdag")
    found = ask(reader, begun(reader, 8.0))
    inside = [n for n in found.left if n.inside]
    assert inside
    assert all(n.waiting for n in inside)


@pytest.mark.parametrize("name", ["dm_c_rescue", "dm_e_subdag", "dm_g_hold"])
def test_a_past_view_tells_what_a_database_of_that_time_tells(name: str, corpus: Path, tmp_path: Path) -> None:
    """Nothing of the future is known to a forecast made for a time in the past."""
    looked_at = 0
    for step in loads_up_to_times(corpus / name, tmp_path, parts=6):
        then, now = ask(step.whole, step.at), ask(step.partial)
        looked_at += bool(then.left)
        assert sorted((n.name, n.phase, n.waiting) for n in then.left) == sorted(
            (n.name, n.phase, n.waiting) for n in now.left
        )
        assert ended(then) == ended(now)
        assert then.kinds == now.kinds
    assert looked_at > 2


def test_of_what_is_too_large_a_sample_stands_for_all(read: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remaining, "DETAIL", 3)
    reader = read("pg_fail")
    at = begun(reader, 20.0)
    found = ask(reader, at)
    assert not found.whole
    assert found.walks
    assert all(way[-1].startswith("cleanup") for way in found.walks)
    assert sum(left for _, left in found.kinds.values()) == pytest.approx(found.nodes_left)


def test_so_many_edges_that_they_are_not_read_make_it_large(read: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remaining, "MOST_EDGES", 2)
    reader = read("pg_fail")
    assert not ask(reader, begun(reader, 1.0)).whole


def test_kinds_are_names_without_their_numbers() -> None:
    assert kind_of("process_ID0000018", "compute") == kind_of("process_ID0000003", "compute")
    assert kind_of("split", "compute") != kind_of("merge", "compute")


def test_jobs_that_pegasus_adds_run_beside_the_pool() -> None:
    assert is_pooled("compute", "job")
    assert not is_pooled("stage-in-tx", "job")
    assert not is_pooled("compute", "subdag")


def test_a_try_that_is_under_way_leaves_its_retries(read: Open) -> None:
    """pg_fail has one retry: its first try that failed is followed by one that may not fail."""
    reader = read("pg_fail")
    retries = []
    for after in (50.0, 250.0):
        found = ask(reader, begun(reader, after))
        retries += [n.tries_left for n in found.left if n.name == "findrange_ID0000003" and n.phase != "unready"]
    assert retries == [1, 0]
