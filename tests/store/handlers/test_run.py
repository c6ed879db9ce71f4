"""What starts and ends of the engine do to nodes and workflow."""

from __future__ import annotations

from pathlib import Path

from stampede.events import catalogue as ev

from ..samples import WF, ask, attempt, job, load_batches, node_states, start


def test_a_rescue_run_gives_back_the_retries_of_what_is_not_done(database: Path) -> None:
    events = [job("a"), job("b"), start(), *attempt("a", 1, 100), *attempt("b", 2, 100, exitcode=256)]
    load_batches(database, [[*events, start(300.0, 1)]])
    assert node_states(database) == {"a": "done", "b": "ready"}
    assert ask(database, "SELECT attempts, attempts_in_run FROM job WHERE exec_job_id = 'b'") == (1, 0)


def test_an_engine_that_was_lost_is_no_running_workflow(database: Path) -> None:
    load_batches(database, [[start(), ev.XwfState(ts=50.0, xwf_id=WF, state="lost", reason="gone")]])
    assert ask(database, "SELECT state, state_reason FROM workflow") == ("lost", "gone")


def test_a_log_that_is_seen_to_go_on_before_the_engine_begins_is_no_part_of_its_time(database: Path) -> None:
    """A load between the first line of the log and the one that says so leaves no trace in the end."""
    seen = ev.XwfState(ts=98.0, xwf_id=WF, state="seen")
    load_batches(database, [[job("a"), seen], [seen, start(100.0), seen, *attempt("a", 1, 110)]])
    assert ask(database, "SELECT first_ts FROM workflow") == (100.0,)


def test_a_log_that_is_seen_to_go_on_moves_the_latest_time(database: Path) -> None:
    load_batches(database, [[start(100.0), ev.XwfState(ts=250.0, xwf_id=WF, state="seen")]])
    assert ask(database, "SELECT first_ts, last_ts FROM workflow") == (100.0, 250.0)
