"""Jobs by state over time."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from stampede.query.pictures import states as module
from stampede.query.pictures.bins import Edges
from stampede.query.pictures.counted import EDGES, edges_of_tries
from stampede.query.pictures.states import JobStates, job_states
from stampede.query.pictures.tries import drawn_tries, source_of
from stampede.query.status import status
from stampede.query.workflows import find

from ..conftest import NAMES
from .conftest import Recorded

Open = Callable[[str], Recorded]
FIELDS = ("waiting", "ready", "pre", "queued", "held", "running", "post", "done", "failed")


def _states(run: Recorded, bins: int = 400) -> JobStates:
    return job_states(run.reader, run.workflows, run.window, bins=bins)


@pytest.mark.parametrize("name", NAMES)
def test_edges_that_the_database_counts_are_those_of_tries_read_one_by_one(recorded: Open, name: str) -> None:
    run = recorded(name)
    bins = run.window.bins(100)
    one_by_one = {kind: Edges(bins) for kind in EDGES}
    for one in drawn_tries(*run):
        for kind in EDGES[:5]:
            one_by_one[kind].add(getattr(one, f"{kind}_ts"))
        if not one.final:
            one_by_one["again"].add(one.over_ts)
    ids = ", ".join(str(w.wf_id) for w in run.workflows)
    counted = edges_of_tries(run.reader, source_of(run.reader, ids), ids, bins, run.window.now_ts)
    for kind in EDGES:
        assert counted[kind].levels() == pytest.approx(one_by_one[kind].levels()), kind


@pytest.mark.parametrize("name", NAMES)
def test_in_each_bin_every_job_is_in_one_state(recorded: Open, name: str) -> None:
    found = _states(recorded(name))
    for i in range(400):
        values = [getattr(found, field)[i] for field in FIELDS]
        assert min(values) >= 0
        assert sum(values) == pytest.approx(found.total)


@pytest.mark.parametrize("name", NAMES)
def test_at_the_end_as_many_are_done_as_status_says(recorded: Open, name: str) -> None:
    run = recorded(name)
    nodes = [s.nodes for s in status(run.reader, find(run.reader, None)[0])]
    found = _states(run, 4000)
    assert found.total == sum(n.total for n in nodes)
    assert found.done[-1] == pytest.approx(sum(n.done for n in nodes), abs=1)


def test_what_is_held_is_not_called_running(recorded: Open) -> None:
    """In pg_fail one job is held twice, some 35 s each; no hold counts as running."""
    found = _states(recorded("pg_fail"))
    width = found.window.duration_s / 400
    assert 60 < sum(found.held) * width < 90
    assert sum(found.running) * width < 40


def test_too_many_jobs_to_look_up_when_each_was_ready_are_said_to_be(
    recorded: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_READY", 5)
    found = _states(recorded("pg_fail"))
    assert not found.ready_known
    assert set(found.ready) == {0.0}
    assert found.waiting[0] == pytest.approx(found.total)
