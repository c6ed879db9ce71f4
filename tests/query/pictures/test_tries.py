"""Tries as pictures read them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from stampede.query import Reader
from stampede.query.ended import ended_tries
from stampede.query.past import as_it_stood
from stampede.query.pictures.tries import drawn_tries
from stampede.query.pictures.window import window_of
from stampede.query.workflows import find, forest

from ..conftest import NAMES
from .conftest import Recorded

Open = Callable[[str], Recorded]


@pytest.mark.parametrize("name", NAMES)
def test_edges_are_in_order(recorded: Open, name: str) -> None:
    for t in drawn_tries(*recorded(name)):
        assert t.begin_ts <= t.queue_ts <= t.run_ts <= t.end_ts <= t.over_ts


@pytest.mark.parametrize("name", NAMES)
def test_they_are_the_tries_that_statistics_learn_from(recorded: Open, name: str) -> None:
    """The same tries, transformations and outcomes as :func:`ended_tries` has, and no try twice."""
    run = recorded(name)
    drawn = {t.instance: (t.transformation, t.failed) for t in drawn_tries(*run) if t.failed is not None}
    ended = {t.job_instance_id: (t.transformation, t.failed) for t in ended_tries(run.reader, run.workflows)}
    assert drawn == ended


def test_what_is_held_has_left_its_machine(recorded: Open) -> None:
    """``findrange_ID0000003`` of pg_fail ran 4 s, then was held for 36 s until it was removed."""
    first = min(
        (t for t in drawn_tries(*recorded("pg_fail")) if t.job == "findrange_ID0000003"), key=lambda t: t.instance
    )
    assert first.end_ts - first.run_ts < 10
    assert first.over_ts - first.end_ts > 30


def test_a_window_takes_only_what_touches_it(recorded: Open) -> None:
    run = recorded("pg_fail")
    window = window_of(run.workflows, since_ts=run.window.end_ts - 60)
    assert {t.job for t in drawn_tries(run.reader, run.workflows, window)} == {"findrange_ID0000003"}


def test_as_of_a_time_it_knows_no_later_end(read: Callable[[str], Reader]) -> None:
    reader = read("pg_fail")
    root = find(reader, None)[0]
    assert root.first_ts is not None
    at = root.first_ts + 60
    with as_it_stood(reader, [root], at) as roots:
        workflows = [w for r in roots for w in forest(reader, r)]
        window = window_of(workflows, at_ts=at)
        found = list(drawn_tries(reader, workflows, window))
    assert any(t.failed is None for t in found)
    assert max(t.over_ts for t in found) <= at


def test_a_node_that_runs_a_workflow_is_told_apart(recorded: Open) -> None:
    whole = {t.job for t in drawn_tries(*recorded("dm_e_subdag")) if t.whole}
    assert whole
    assert all(not t.whole for t in drawn_tries(*recorded("dm_e_subdag")) if t.job not in whole)
