"""Exit statuses of programs and scripts."""

from __future__ import annotations

from pathlib import Path

from stampede.events import catalogue as ev

from ..samples import IDS, ask, attempt, job, load_batches, node_states, start


def test_the_exit_of_a_try_is_the_jobs_own_and_scripts_have_columns_of_their_own(database: Path) -> None:
    load_batches(database, [[job("a", post=True), start(), *attempt("a", 1, 100, exitcode=768, post=True)]])
    told = ask(database, "SELECT exitcode, main_exitcode, post_exitcode, outcome FROM job_instance")
    assert told == (768, 768, 256, "failed")


def test_a_post_script_that_succeeds_makes_a_failed_job_a_success(database: Path) -> None:
    events = [e for e in attempt("a", 1, 100, exitcode=768, post=True) if not isinstance(e, ev.JobInstPostEnd)]
    end = ev.JobInstPostEnd(ts=120.0, **IDS, js_id=7, status=0, exitcode=0)
    load_batches(database, [[job("a", post=True), start(), *events, end]])
    assert ask(database, "SELECT exitcode, main_exitcode, outcome FROM job_instance") == (0, 768, "success")
    assert node_states(database) == {"a": "done"}


def test_an_end_with_an_unknown_exit_is_a_failure_that_says_it_is_unknown(database: Path) -> None:
    load_batches(database, [[start(), ev.JobInstMainEnd(ts=1.0, **IDS, js_id=1, status=-1, exit_unknown=1)]])
    assert ask(database, "SELECT exitcode, exit_unknown, outcome FROM job_instance") == (256, 1, "failed")
