"""A plan, sub-workflows and problems."""

from __future__ import annotations

from pathlib import Path

from stampede.events import catalogue as ev
from stampede.events.base import Event

from ..samples import WF, ask, counts, load_batches


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


def test_a_problem_that_is_told_twice_is_one(database: Path) -> None:
    problem = ev.Problem(ts=1.0, xwf_id=WF, kind="k", message="m")
    load_batches(database, [[problem], [problem]])
    assert ask(database, "SELECT count(*) FROM problem") == (1,)
    assert counts(database)["problems"] == 1


def test_a_workflow_begins_when_its_engine_does_not_when_it_was_planned(database: Path) -> None:
    """What was planned on Monday and submitted on Friday has not run for four days."""
    load_batches(database, [[ev.WfPlan(ts=1000.0, xwf_id=WF, dax_label="late")]])
    assert ask(database, "SELECT timestamp, first_ts, last_ts FROM workflow") == (1000, None, None)
    load_batches(database, [[ev.XwfStart(ts=346_600.0, xwf_id=WF, restart_count=0)]])
    assert ask(database, "SELECT timestamp, first_ts, last_ts FROM workflow") == (1000, 346_600, 346_600)
