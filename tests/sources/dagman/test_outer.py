"""What is told from outside of DAGMan: its own job's log and its wrapper's output, and what the end of that means."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from stampede.events import catalogue as ev
from stampede.sources.dagman.clock import Clock
from stampede.sources.dagman.dagmanout import Record
from stampede.sources.dagman.joblog import LogEvent
from stampede.sources.dagman.outer import conclusion, outer_events, outer_states
from stampede.sources.dagman.tracker import Tracker
from stampede.sources.identity import Workflow
from stampede.sources.jobfiles import JobFiles

SUBMITTED = "000 Job submitted from host: <127.0.0.1>"
EXECUTING = "001 Job executing on host: <127.0.0.1>"
EVICTED = "004 Job was evicted.\n\t(0) CPU times\n\tthe machine is needed"
ENDED = "005 Job terminated.\n\t(1) Normal termination (return value 0)"
FAILED = "005 Job terminated.\n\t(1) Normal termination (return value 1)"
KILLED = "005 Job terminated.\n\t(0) Abnormal termination (signal 9)"
REMOVED = "009 Job was aborted.\n\tvia condor_rm (by user wf)"
HELD = "012 Job was held.\n\tThe operator wants it\n\tCode 1 Subcode 0"
RELEASED = "013 Job was released.\n\tvia condor_release (by user wf)"


@pytest.fixture
def wf(tmp_path: Path) -> Workflow:
    dag = tmp_path / "x.dag"
    dag.write_text("JOB A a.sub\n")
    return Workflow("u", tmp_path, dag, tmp_path / "x.dag.dagman.out")


def write(wf: Workflow, *events: str, end: str = "...\n") -> None:
    """The log of DAGMan's job; each event a minute after the one before."""
    text = ""
    for minute, event in enumerate(events):
        number, _, rest = event.partition(" ")
        text += f"{number} (007.000.000) 2026-11-21 21:{minute:02d}:00 {rest}\n...\n"
    (wf.directory / "x.dag.dagman.log").write_text(text.removesuffix("...\n") + end)


def told(wf: Workflow, **more: Any) -> tuple[list[tuple[str, int | None]], LogEvent | None]:
    events, end = outer_states(wf, Clock(), **more)
    states = [e for e in events if isinstance(e, ev.XwfState)]
    assert len(states) == len(events)
    return [(e.state, e.restart_count) for e in states], end


def tracker(wf: Workflow, *records: Record) -> Tracker:
    made = Tracker("u", {}, JobFiles("u", wf.directory, None))
    made.feed([Record("starting", 100.0, 0), Record("parsing", 100.0, 0), *records])
    made.finish()
    return made


# ---- states ---------------------------------------------------------------------------------------------------------


def test_without_a_log_nothing_is_told(wf: Workflow) -> None:
    assert told(wf) == ([], None)


def test_states_of_the_first_run_belong_to_run_nought(wf: Workflow) -> None:
    write(wf, SUBMITTED, EXECUTING, HELD, RELEASED, ENDED)
    states, end = told(wf)
    assert states == [("dagman_submitted", 0), ("dagman_executing", 0), ("held", 0), ("released", 0)]
    assert end is not None
    assert end.number == 5


def test_each_start_of_dagman_is_a_run_and_what_follows_belongs_to_it(wf: Workflow) -> None:
    """As DAGMan's own log counts its starts: a hold is of the run before it, a new submission of the run to come."""
    write(
        wf, SUBMITTED, EXECUTING, HELD, RELEASED, EXECUTING, EVICTED, EXECUTING, REMOVED, SUBMITTED, EXECUTING, KILLED
    )
    states, _ = told(wf)
    assert states == [
        ("dagman_submitted", 0), ("dagman_executing", 0), ("held", 0), ("released", 0), ("dagman_executing", 1),
        ("evicted", 1), ("dagman_executing", 2), ("dagman_removed", 2), ("dagman_submitted", 3),
        ("dagman_executing", 3), ("dagman_killed", 3),
    ]  # fmt: skip


def test_a_job_that_never_executed_belongs_to_run_nought(wf: Workflow) -> None:
    write(wf, SUBMITTED, HELD, REMOVED)
    states, _ = told(wf)
    assert states == [("dagman_submitted", 0), ("held", 0), ("dagman_removed", 0)]


@pytest.mark.parametrize("after", [SUBMITTED, EXECUTING, HELD, RELEASED])
def test_the_end_is_none_when_the_job_is_in_the_queue_again(wf: Workflow, after: str) -> None:
    write(wf, SUBMITTED, EXECUTING, ENDED, after)
    assert told(wf)[1] is None


@pytest.mark.parametrize(("last", "number"), [(ENDED, 5), (KILLED, 5), (REMOVED, 9)])
def test_the_end_is_the_last_word(wf: Workflow, last: str, number: int) -> None:
    write(wf, SUBMITTED, EXECUTING, last)
    end = told(wf)[1]
    assert end is not None
    assert end.number == number


def test_why_is_told(wf: Workflow) -> None:
    write(wf, SUBMITTED, EXECUTING, HELD, KILLED)
    events, _ = outer_states(wf, Clock())
    said = {e.state: (e.value, e.reason) for e in events if isinstance(e, ev.XwfState)}
    assert said["held"] == ("1", "The operator wants it")
    assert said["dagman_killed"][0] == "9"
    assert "signal 9" in (said["dagman_killed"][1] or "")


def test_half_an_event_at_the_end_of_a_log_that_is_written_is_no_event(wf: Workflow) -> None:
    write(wf, SUBMITTED, EXECUTING, HELD, end="")
    assert told(wf, whole=False)[0] == [("dagman_submitted", 0), ("dagman_executing", 0)]
    assert told(wf)[0][-1] == ("held", 0)


def test_the_death_of_pegasus_monitor_is_told(wf: Workflow) -> None:
    """Its wrapper says how it ended; 0 is no news."""
    line = "2026-11-21 21:13:29,609:INFO:pegasus-dagman(147): monitord last exited with status {}\n"
    (wf.directory / "x.dag.lib.out").write_text(line.format(0) + line.format(-9))
    events, _ = outer_states(wf, Clock())
    (event,) = events
    assert isinstance(event, ev.XwfState)
    assert (event.state, event.value) == ("monitor_died", "-9")


# ---- what the end means ---------------------------------------------------------------------------------------------


def concluded(wf: Workflow, said: Tracker, *events: str) -> list[tuple[Any, ...]]:
    write(wf, *events)
    end = told(wf)[1]
    assert end is not None
    return [
        ("state", e.state, e.reason) if isinstance(e, ev.XwfState) else ("end", e.outcome, e.status, e.reason)
        for e in conclusion(wf, said, end)
        if isinstance(e, ev.XwfState | ev.XwfEnd)
    ]


def test_a_dagman_whose_job_was_removed_was_removed(wf: Workflow) -> None:
    ((kind, outcome, status, reason),) = concluded(wf, tracker(wf), SUBMITTED, EXECUTING, REMOVED)
    assert (kind, outcome, status) == ("end", "removed", 2)
    assert "via condor_rm (by user wf)" in reason


def test_a_dagman_whose_job_ended_without_a_word_of_its_own_is_lost(wf: Workflow) -> None:
    wf.dagman_out.touch()
    ((kind, state, reason),) = concluded(wf, tracker(wf), SUBMITTED, EXECUTING, KILLED)
    assert (kind, state) == ("state", "lost")
    assert "signal 9" in reason


def test_a_dagman_that_said_its_end_keeps_it(wf: Workflow) -> None:
    wf.dagman_out.touch()
    for last in (ENDED, KILLED, REMOVED):
        assert concluded(wf, tracker(wf, Record("exit", 110.0, 0, value=0)), SUBMITTED, EXECUTING, last) == []


def test_a_dagman_that_meant_to_go_on_and_was_removed_was_removed(wf: Workflow) -> None:
    """Held DAGMans end with 3, to be started again; then somebody removes the job."""
    wf.dagman_out.touch()
    found = concluded(wf, tracker(wf, Record("exit", 110.0, 0, value=3)), SUBMITTED, EXECUTING, HELD, REMOVED)
    assert [f[:2] for f in found] == [("end", "removed")]


@pytest.mark.parametrize(("last", "outcome", "status"), [(ENDED, "success", 0), (FAILED, "failed", 1)])
def test_without_a_log_of_its_own_the_exit_code_of_its_job_counts(
    wf: Workflow, last: str, outcome: str, status: int
) -> None:
    assert concluded(wf, tracker(wf), SUBMITTED, EXECUTING, last)[-1][:3] == ("end", outcome, status)


def test_states_and_conclusion_come_in_this_order(wf: Workflow) -> None:
    write(wf, SUBMITTED, EXECUTING, REMOVED)
    kinds = [type(e).__name__ for e in outer_events(wf, Clock(), tracker(wf))]
    assert kinds == ["XwfState", "XwfState", "XwfState", "XwfEnd"]
