"""The time that a picture shows."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from stampede.errors import UsageError
from stampede.query.pictures.window import window_of

from .conftest import Recorded

Open = Callable[[str], Recorded]


def test_without_limits_it_is_all_of_the_run(recorded: Open) -> None:
    run = recorded("pg_fail")
    assert (run.window.start_ts, run.window.end_ts) == (run.workflows[0].first_ts, run.workflows[0].last_ts)
    assert not run.window.cut


def test_a_part_is_called_a_part_and_never_reaches_beyond_the_last_record(recorded: Open) -> None:
    run = recorded("pg_fail")
    part = window_of(run.workflows, since_ts=run.window.start_ts + 60, until_ts=run.window.end_ts + 3600)
    assert part.cut
    assert part.end_ts == run.window.end_ts


def test_an_end_before_the_start_is_refused(recorded: Open) -> None:
    with pytest.raises(UsageError):
        window_of(recorded("pg_fail").workflows, since_ts=2e9, until_ts=1e9)


def test_a_run_without_any_record_has_a_window_all_the_same() -> None:
    assert window_of([]).duration_s > 0
