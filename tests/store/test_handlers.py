"""What single events do to the rows: the rules that matter, each in a sentence."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from stampede.events import catalogue as ev
from stampede.events.base import Event
from stampede.store.handlers import HANDLERS

from .samples import WF, attempt, counts, job, load_batches, node_states, start

IDS: dict[str, Any] = {"xwf_id": WF, "job_id": "a", "job_inst_id": 1}


def ask(database: Path, sql: str) -> Any:
    """The first row of an answer."""
    connection = sqlite3.connect(database)
    try:
        return connection.execute(sql).fetchone()
    finally:
        connection.close()


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "x.sqlite"


def test_every_event_of_the_catalogue_has_a_handler() -> None:
    assert set(ev.EVENTS.values()) == set(HANDLERS)


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


def test_a_hold_keeps_its_reason_code_and_release(database: Path) -> None:
    load_batches(database, [[start(), *attempt("a", 1, 100, held=True)]])
    told = ask(database, "SELECT held_ts, released_ts, reason, code, subcode FROM hold")
    assert told == (102, 103, "no input", 13, 2)


def test_codes_that_a_job_event_log_adds_belong_to_the_hold_that_is_known(database: Path) -> None:
    hold = ev.JobInstHeldStart(ts=102.0, **IDS, js_id=3, reason="no input")
    detail = ev.JobInstHeldStart(ts=101.0, **IDS, reason="no input", code=13, subcode=2)
    load_batches(database, [[start(), hold], [detail]])
    assert ask(database, "SELECT count(*), max(code), max(subcode) FROM hold") == (1, 13, 2)
    assert counts(database)["holds"] == 1


def test_an_image_size_without_a_number_is_no_state(database: Path) -> None:
    size = ev.JobInstImageInfo(ts=101.0, **IDS, size=4711)
    load_batches(database, [[start(), *attempt("a", 1, 100), size]])
    assert ask(database, "SELECT count(*) FROM jobstate WHERE state = 'IMAGE_SIZE'") == (0,)
    assert ask(database, "SELECT image_size_kb FROM job_instance") == (4711,)


def test_a_retry_waits_and_the_last_failure_is_final(database: Path) -> None:
    first = [job("a", retries=1), start(), *attempt("a", 1, 100, exitcode=256)]
    load_batches(database, [first])
    assert node_states(database) == {"a": "ready"}
    load_batches(database, [list(attempt("a", 2, 200, exitcode=256))])
    assert node_states(database) == {"a": "failed"}


def test_a_rescue_run_gives_back_the_retries_of_what_is_not_done(database: Path) -> None:
    events = [job("a"), job("b"), start(), *attempt("a", 1, 100), *attempt("b", 2, 100, exitcode=256)]
    load_batches(database, [[*events, start(300.0, 1)]])
    assert node_states(database) == {"a": "done", "b": "ready"}
    assert ask(database, "SELECT attempts, attempts_in_run FROM job WHERE exec_job_id = 'b'") == (1, 0)


def test_a_sub_workflow_knows_its_parent_whichever_is_told_first(database: Path) -> None:
    child = "5b0c6c2e-0000-4000-8000-000000000002"
    told: list[Event] = [
        ev.WfPlan(ts=1.0, xwf_id=child, parent_xwf_id=WF, root_xwf_id=WF, dax_label="child"),
        ev.WfPlan(ts=1.0, xwf_id=WF, root_xwf_id=WF, dax_label="root"),
        ev.XwfMapSubwfJob(ts=2.0, xwf_id=WF, subwf_id=child, job_id="a", job_inst_id=1),
    ]
    for number, order in enumerate((told, told[::-1])):
        target = database.with_name(f"{number}.sqlite")
        load_batches(target, [order])
        row = ask(target, "SELECT p.dax_label, r.dax_label FROM workflow w JOIN workflow p ON p.wf_id = w.parent_wf_id "
                          "JOIN workflow r ON r.wf_id = w.root_wf_id WHERE w.dax_label = 'child'")  # fmt: skip
        assert row == ("root", "root")


def test_a_job_taken_for_a_node_that_turns_out_a_service_is_not_counted(database: Path) -> None:
    load_batches(database, [list(attempt("s", 1, 100)), [job("s", node_type="service"), job("a")]])
    assert (counts(database)["total"], counts(database)["done"]) == (1, 0)


def test_a_problem_that_is_told_twice_is_one(database: Path) -> None:
    problem = ev.Problem(ts=1.0, xwf_id=WF, kind="k", message="m")
    load_batches(database, [[problem], [problem]])
    assert ask(database, "SELECT count(*) FROM problem") == (1,)
    assert counts(database)["problems"] == 1


def test_an_engine_that_was_lost_is_no_running_workflow(database: Path) -> None:
    load_batches(database, [[start(), ev.XwfState(ts=50.0, xwf_id=WF, state="lost", reason="gone")]])
    assert ask(database, "SELECT state, state_reason FROM workflow") == ("lost", "gone")
