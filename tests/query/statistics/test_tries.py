"""Tries added up, and one by one: what their times are when the records are odd."""

from __future__ import annotations

from pathlib import Path

from store.samples import IDS, job, load_batches, start

from stampede.events import catalogue as ev
from stampede.events.base import Event
from stampede.places import url_of
from stampede.query import open_database
from stampede.query.statistics.jobs import try_rows
from stampede.query.statistics.scope import scope
from stampede.query.statistics.tries import tries_of
from stampede.query.workflows import list_workflows


def test_a_try_that_is_said_to_be_submitted_after_it_began_waited_for_no_time(tmp_path: Path) -> None:
    """Some engines tell of both within a millisecond, in the wrong order: no time is less than none."""
    told: list[Event] = [
        start(), job("a"),
        ev.JobInstSubmitStart(ts=30.5, js_id=1, **IDS), ev.JobInstSubmitEnd(ts=30.5, js_id=1, status=0, **IDS),
        ev.JobInstMainStart(ts=30.0, js_id=2, **IDS),
        ev.JobInstMainEnd(ts=32.0, js_id=3, exitcode=0, status=0, site="here", local_dur=2.0, **IDS),
    ]  # fmt: skip
    load_batches(tmp_path / "x.db", [told])
    with open_database(url_of(tmp_path / "x.db")) as reader, scope(reader, list_workflows(reader)) as one:
        (sums,) = tries_of(one)
        (row,) = try_rows(one, 1)
    assert (sums.queue_s, sums.run_s, row.queue_s) == (0, 2, 0)
