"""Evidence holds what did not go well, and only that; the cost follows the trouble."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from stampede.events import catalogue as ev
from stampede.events.base import Event
from stampede.query import Reader, open_database
from stampede.query.evidence import evidence
from stampede.query.trouble import Evidence
from stampede.query.workflows import list_workflows
from stampede.store.loader import Loader, Position

Read = Callable[[str], Reader]
Told = Callable[..., Evidence]
WF = "7d0c6c2e-0000-4000-8000-000000000001"


def states(name: str, *told: tuple[float, str] | tuple[float, str, str], seq: int = 1) -> Iterator[Event]:
    """States of the only try of a job: (time, state[, reason])."""
    for number, (ts, state, *reason) in enumerate(told, 1):
        base: dict[str, Any] = {"ts": ts, "xwf_id": WF, "job_id": name, "job_inst_id": seq, "js_id": number,
                                "sched_id": f"{seq}.0"}  # fmt: skip
        if state == "SUBMIT":
            yield ev.JobInstSubmitStart(**base)
            yield ev.JobInstSubmitEnd(**base, status=0)
        elif state == "EXECUTE":
            yield ev.JobInstMainStart(**base)
        elif state == "END":
            yield ev.JobInstMainTerm(**base, status=0)
            yield ev.JobInstMainEnd(**base, status=0, exitcode=0)
        elif state == "EVICTED":
            yield ev.JobInstMainTerm(**base, status=-1, reason=reason[0] if reason else None)
        else:
            yield ev.JobInstState(**base, state=state, reason=reason[0] if reason else None)


@pytest.fixture
def told(tmp_path: Path) -> Iterator[Told]:
    """Evidence of a running workflow with jobs L1, L2 … of which these events are known."""
    opened: list[Reader] = []

    def load(*events: Event, jobs: tuple[str, ...] = ("L1", "L2", "L3"), now: float = 1000.0) -> Evidence:
        url = f"sqlite:///{tmp_path / 'x.db'}"
        declared = [
            ev.JobInfo(ts=10.0, xwf_id=WF, job_id=name, submit_file="j.sub", type_desc="compute", clustered=0,
                       max_retries=0, executable="/bin/work", task_count=1, transformation="work") for name in jobs
        ]  # fmt: skip
        begin = [ev.XwfStart(ts=20.0, xwf_id=WF, restart_count=0), *declared]
        with Loader(url) as loader:
            loader.apply([*begin, *events, ev.XwfState(ts=now, xwf_id=WF, state="still_there")], Position("stream", 1))
        opened.append(open_database(url))
        return evidence(opened[-1], list_workflows(opened[-1]))

    yield load
    for reader in opened:
        reader.close()


@pytest.mark.parametrize("name", ["pg_fail", "dm_g_hold", "dm_e_subdag", "dm_c_rescue"])
def test_tries_are_those_that_did_not_go_well(read: Read, name: str) -> None:
    reader = read(name)
    facts = evidence(reader, list_workflows(reader))
    assert facts.tries
    assert all(t.outcome == "failed" or t.main_exitcode or t.state in ("JOB_HELD", "JOB_ABORTED") for t in facts.tries)
    assert not facts.failed_nodes


def test_nodes_below_a_sub_workflow_carry_its_name_and_it_knows_its_own_node(read: Read) -> None:
    """``SUBDAG EXTERNAL sub_flaky inner_flaky.dag``"""
    reader = read("dm_e_subdag")
    facts = evidence(reader, list_workflows(reader))
    assert "inner_flaky/bad2" in {t.path for t in facts.tries}
    assert {(w.path, w.node) for w in facts.workflows} >= {("", ""), ("inner_flaky/", "sub_flaky")}


def test_an_interruption_knows_what_came_next_and_when_the_job_was_started_again(told: Told) -> None:
    facts = told(*states("L1", (100, "SUBMIT"), (101, "EXECUTE"), (150, "EVICTED", "by its owner"), (158, "EXECUTE"),
                         (200, "END")))  # fmt: skip
    (one,) = facts.interruptions
    assert (one.state, one.reason, one.next_state, one.restart_ts) == ("JOB_EVICTED", "by its owner", "EXECUTE", 158)


def test_a_second_start_with_nothing_between_is_an_interruption(told: Told) -> None:
    facts = told(*states("L1", (100, "SUBMIT"), (101, "EXECUTE"), (150, "EXECUTE"), (200, "END")))
    assert [(i.state, i.ts) for i in facts.interruptions] == [("JOB_RESTARTED", 150)]


def test_a_connection_had_again_within_the_second_is_what_came_next(told: Told) -> None:
    """The job's own log has these states only; they have no number."""
    lost = states("L1", (100, "SUBMIT"), (101, "EXECUTE"), (300, "END"))
    log = [
        ev.JobInstState(ts=150, xwf_id=WF, job_id="L1", job_inst_id=1, js_id=0, state=state)
        for state in ("JOB_DISCONNECTED", "JOB_RECONNECTED")
    ]
    (one,) = told(*lost, *log).interruptions
    assert (one.state, one.next_state, one.next_ts) == ("JOB_DISCONNECTED", "JOB_RECONNECTED", 150)


def test_a_job_that_runs_is_held_against_the_others_of_its_kind(told: Told) -> None:
    quick = [e for n in (1, 2) for e in states(f"L{n}", (100, "SUBMIT"), (101, "EXECUTE"), (104, "END"), seq=n)]
    (one,) = told(*quick, *states("L3", (100, "SUBMIT"), (101, "EXECUTE"), seq=3), now=400.0).running
    assert (one.job, one.until_ts - one.execute_ts, one.peers, one.longest_peer_s) == ("L3", 299, 2, 3)


def test_a_job_that_waits_knows_who_overtook_it(told: Told) -> None:
    later = [
        e for n in (2, 3) for e in states(f"L{n}", (100 + 50 * n, "SUBMIT"), (101 + 50 * n, "EXECUTE"),
                                          (104 + 50 * n, "END"), seq=n)
    ]  # fmt: skip
    (one,) = told(*states("L1", (100, "SUBMIT")), *later, now=400.0).idle
    assert (one.job, one.executed, one.overtaken, one.until_ts) == ("L1", False, 2, 400)


def test_a_try_that_an_earlier_run_left_open_neither_runs_nor_waits(told: Told) -> None:
    again = [ev.XwfEnd(ts=120, xwf_id=WF, restart_count=0, status=4, outcome="failed"),
             ev.XwfStart(ts=130, xwf_id=WF, restart_count=1, reset="incomplete")]  # fmt: skip
    cut_off = states("L1", (100, "SUBMIT"), (101, "EXECUTE"))
    facts = told(*cut_off, *again, *states("L1", (390, "SUBMIT"), (391, "EXECUTE"), seq=2), now=400.0)
    assert (facts.running, facts.idle) == ([], [])


def test_a_node_that_failed_without_a_try_is_told_with_its_reason(told: Told) -> None:
    facts = told(ev.JobState(ts=100, xwf_id=WF, job_id="L1", state="failed", reason="Job submit failed"))
    assert [(n.path, n.reason) for n in facts.failed_nodes] == [("L1", "Job submit failed")]


def test_the_rule_that_aborted_a_dag_is_fetched(told: Told) -> None:
    bad = ev.JobInfo(ts=11, xwf_id=WF, job_id="L1", submit_file="j.sub", type_desc="compute", clustered=0,
                     max_retries=0, executable="/bin/work", task_count=1, abort_dag_on="9 RETURN 1")  # fmt: skip
    facts = told(bad, ev.XwfState(ts=100, xwf_id=WF, state="abort_dag_on", value="L1"))
    assert facts.workflows[0].abort_rules == {"L1": "9 RETURN 1"}


def test_a_workflow_without_trouble_has_no_evidence(told: Told) -> None:
    facts = told(*states("L1", (100, "SUBMIT"), (101, "EXECUTE"), (104, "END")))
    assert [facts.tries, facts.interruptions, facts.running, facts.idle, facts.failed_nodes] == [[], [], [], [], []]
    assert not facts.cut
