"""Jobs by state over time."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from stampede.query.pictures import states as module
from stampede.query.pictures.states import JobStates, StatesCollector
from stampede.query.pictures.tries import drawn_tries
from stampede.query.status import status
from stampede.query.workflows import find

from ..conftest import NAMES
from .conftest import Recorded

Open = Callable[[str], Recorded]
FIELDS = ("waiting", "ready", "pre", "queued", "held", "running", "post", "done", "failed")


def _states(run: Recorded, bins: int = 400) -> JobStates:
    collector = StatesCollector(run.window, bins=bins)
    for one in drawn_tries(*run):
        collector.add(one)
    return collector.result(run.reader, run.workflows)


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
