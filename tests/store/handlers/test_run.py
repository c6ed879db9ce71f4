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
