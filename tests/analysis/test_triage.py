"""Causes come first, alike ones together, and what follows from another is no cause."""

from __future__ import annotations

from typing import Any

import pytest

from stampede.analysis.rules import causes
from stampede.analysis.triage import triage
from stampede.query.trouble import FailedNode

from .samples import INNER, ROOT, a_try, evidence, flow, held, interruption, invocation, removed


def test_nothing_wrong_has_no_cause() -> None:
    found = triage(evidence(flow(state="success")))
    assert (found.causes, found.next_steps, found.never_run) == ([], [], 0)


def test_many_nodes_with_the_same_failure_are_one_cause() -> None:
    tries = [
        a_try(f"t{i}", job_instance_id=i, main_exitcode=768, stderr=f"t{i}: FATAL: /data/{i}.dat: line {i} is bad\n")
        for i in range(1, 9)
    ]
    (cause,) = triage(evidence(tries=tries)).causes
    assert cause.nodes == [f"t{i}" for i in range(1, 9)]
    assert cause.attempts == 8


def test_different_failures_are_different_causes_the_widest_first() -> None:
    tries = [
        a_try("a", job_instance_id=1, stderr="ERROR licence\n"),
        a_try("b", job_instance_id=2, main_exitcode=11),
        a_try("c", job_instance_id=3, main_exitcode=11),
    ]
    causes = [(c.label, c.nodes) for c in triage(evidence(tries=tries)).causes]
    assert causes == [("signal", ["b", "c"]), ("exit_code", ["a"])]


def test_tries_whose_output_was_overwritten_join_the_last_one() -> None:
    first = a_try("F", job_instance_id=1, is_last=False)
    last = a_try("F", job_instance_id=2, stderr="head: No space left on device\n")
    (cause,) = triage(evidence(tries=[first, last])).causes
    assert (cause.label, cause.attempts) == ("disk_full", 2)


def test_earlier_tries_with_other_exit_codes_and_no_output_join_the_last_one() -> None:
    tries = [a_try("C", job_instance_id=i, main_exitcode=i << 8, is_last=i == 3) for i in (1, 2, 3)]
    tries[2].stderr = "ERROR try 3 failed\n"
    (cause,) = triage(evidence(tries=tries)).causes
    assert cause.message == "It ended with exit code 3. ERROR try 3 failed"
    assert cause.consequences == ["an earlier try ended with exit code 1", "an earlier try ended with exit code 2"]


def test_the_held_dagman_of_a_sub_workflow_is_no_held_job() -> None:
    inner = flow((5, "held", "1", "look first"), path="inner/", node="inner", wf_uuid=INNER, parent_wf_uuid=ROOT,
                 state="running")  # fmt: skip
    waits = held("inner", reason="look first", code=1, subwf_uuid=INNER)
    causes = triage(evidence(flow(state="running"), inner, tries=[waits])).causes
    assert [(c.label, c.nodes) for c in causes] == [("dagman_held", ["inner"])]


def test_tries_that_ended_otherwise_do_not_join() -> None:
    first = a_try("F", job_instance_id=1, is_last=False, main_exitcode=512)
    last = a_try("F", job_instance_id=2, stderr="head: No space left on device\n")
    assert sorted(c.label for c in triage(evidence(tries=[first, last])).causes) == ["disk_full", "exit_code"]


def test_a_failure_that_a_retry_mended_is_resolved_and_comes_last() -> None:
    tries = [a_try("a", job_instance_id=1, node_state="done"), a_try("b", job_instance_id=2, main_exitcode=9)]
    causes = [(c.label, c.resolved) for c in triage(evidence(tries=tries)).causes]
    assert causes == [("signal", False), ("exit_code", True)]


def test_the_node_of_a_failed_sub_workflow_is_only_a_consequence() -> None:
    inner = flow(path="inner/", node="inner", wf_uuid=INNER, parent_wf_uuid=ROOT)
    outer_try = a_try("inner", job_instance_id=1, subwf_uuid=INNER)
    inner_try = a_try("work", job_instance_id=2, wf_uuid=INNER, path="inner/work", main_exitcode=768)
    (cause,) = triage(evidence(flow(), inner, tries=[outer_try, inner_try])).causes
    assert cause.nodes == ["inner/work"]


def test_the_node_of_a_sub_workflow_that_never_started_is_a_cause() -> None:
    inner = flow(path="inner/", node="inner", wf_uuid=INNER, parent_wf_uuid=ROOT)
    refused = a_try("inner", subwf_uuid=INNER, submit_error="no such file")
    (cause,) = triage(evidence(flow(), inner, tries=[refused])).causes
    assert cause.label == "submit_failed"


def test_a_node_that_failed_without_a_known_try_is_told_in_dagmans_words() -> None:
    reason = "Shortcutting node inner retries because of submit failure(s)"
    (cause,) = triage(evidence(failed_nodes=[FailedNode("inner", reason, 9.0, None)])).causes
    assert (cause.label, cause.nodes, cause.message) == ("submit_failed", ["inner"], reason)


def test_a_pre_script_that_skipped_its_node_is_no_cause() -> None:
    skip: dict[str, Any] = {"pre_exitcode": 1280, "execute_ts": None, "main_exitcode": None, "node_state": "done"}
    assert triage(evidence(flow(state="success"), tries=[a_try(**skip)])).causes == []
    masked = triage(evidence(flow(state="success"), tries=[a_try(**skip, post_exitcode=0)])).causes
    assert [(c.label, c.resolved) for c in masked] == [("pre_script_failed", True)]


def test_the_post_script_of_several_processes_answers_for_the_one_that_failed() -> None:
    tries = [
        a_try("M", job_instance_id=1, seq=1, sched_id="82.0", main_exitcode=1280, outcome=None),
        a_try("M", job_instance_id=2, seq=2, sched_id="82.2", main_exitcode=0, post_exitcode=1280),
    ]
    assert [c.label for c in triage(evidence(tries=tries)).causes] == ["exit_code"]
    other = a_try("M", job_instance_id=3, seq=3, sched_id="83.0", main_exitcode=0, post_exitcode=1280)
    assert [c.label for c in triage(evidence(tries=[other])).causes] == ["post_script_failed"]


def test_jobs_that_went_with_their_workflow_are_consequences_of_its_removal() -> None:
    facts = evidence(flow((500, "removed"), state="removed"), tries=[removed(end_ts=501.0)])
    assert [(c.label, c.nodes) for c in triage(facts).causes] == [("removed_by_operator", [])]


def test_a_failure_before_the_removal_stays_a_cause() -> None:
    facts = evidence(flow((500, "removed"), state="removed"), tries=[a_try(end_ts=400.0)])
    assert sorted(c.label for c in triage(facts).causes) == ["exit_code", "removed_by_operator"]


def test_an_end_that_the_dag_file_asks_for_is_told_once() -> None:
    abort = (900, "abort_dag_on", "B", "Aborting DAG")
    ended = [a_try("B", main_exitcode=9 << 8)]
    good = triage(evidence(flow(abort, state="success", abort_rules={"B": "9 RETURN 0"}), tries=ended)).causes
    assert [(c.label, c.resolved) for c in good] == [("abort_dag_on", True)]


@pytest.mark.parametrize("state", ["failed", "success"])
def test_an_abort_that_is_no_success_leaves_the_failure_a_cause(state: str) -> None:
    """With a FINAL node that ends well DAGMan itself ends with 0 whatever the abort asks for."""
    abort = flow((900, "abort_dag_on", "B", "Aborting DAG"), state=state, abort_rules={"B": "9 RETURN 2"})
    causes = triage(evidence(abort, tries=[a_try("B", main_exitcode=9 << 8)])).causes
    assert sorted((c.label, c.resolved) for c in causes) == [("abort_dag_on", False), ("exit_code", False)]


def test_a_hold_that_was_released_and_went_well_is_no_cause() -> None:
    assert triage(evidence(flow(state="running"), tries=[held(reason="x", code=1, node_state="done")])).causes == []


def test_a_held_job_brings_the_advice_to_release_it() -> None:
    found = triage(evidence(flow(state="running"), tries=[held(reason="licence", code=3)]))
    assert any("condor_release" in step for step in found.next_steps)


def test_a_failed_workflow_brings_the_command_that_goes_on_with_it() -> None:
    plain = triage(evidence(flow(state="failed", rescue="run.dag.rescue001"), tries=[a_try()]))
    again = "condor_submit_dag run.dag (goes on from run.dag.rescue001)"
    assert plain.next_steps == [f"When the causes are mended: {again}"]
    pegasus = triage(evidence(flow(state="failed", engine="pegasus"), tries=[a_try()]))
    assert pegasus.next_steps == ["When the causes are mended: pegasus-run /home/u/run"]


def test_a_clustered_jobs_tasks_are_named_below_it() -> None:
    tasks = [invocation(256, seq=2, task="ID7", task_name="process7")]
    (cause,) = triage(evidence(tries=[a_try("merge", clustered=True, invocations=tasks)])).causes
    assert (cause.nodes, cause.tasks) == (["merge/process7"], ["ID7"])


def test_interruptions_of_a_kind_are_one_cause() -> None:
    found = [interruption("JOB_EVICTED", path=f"L{i}", job=f"L{i}", ts=500.0 + i) for i in range(3)]
    (cause,) = triage(evidence(flow(state="success"), interruptions=found)).causes
    assert (cause.label, cause.nodes, cause.resolved) == ("evicted", ["L0", "L1", "L2"], True)


def test_a_cause_carries_title_advice_and_a_sample() -> None:
    (cause,) = triage(evidence(tries=[a_try(stdout="#@ 1 stdout\none\n\n#@ 1 stderr\ntwo\n")])).causes
    assert (cause.title, cause.next_step) == (causes()["exit_code"].title, causes()["exit_code"].next)
    assert (cause.sample_job, cause.sample_output, cause.sample_files[-1]) == ("B", "two", "job.sub")
    assert cause.hosts == ["node7"]


def test_too_many_failures_are_said_to_be_incomplete() -> None:
    assert triage(evidence(cut=True)).incomplete


@pytest.mark.parametrize(
    ("known", "command"),
    [
        ({"engine": "pegasus", "submit_dir": None}, "pegasus-run with its submit directory"),
        ({"engine": "pegasus", "submit_dir": "/a b"}, "pegasus-run '/a b'"),
        ({"engine": None, "dag": "x.dag"}, "condor_submit_dag x.dag"),
        ({"engine": None, "dag": None}, "start it again with the engine that ran it"),
    ],
)
def test_the_next_step_names_only_what_is_known(known: dict[str, Any], command: str) -> None:
    """A workflow read from a stream of events may have no folder, no DAG, and an engine of its own."""
    found = triage(evidence(flow(state="failed", **known)))
    assert found.next_steps == [f"When the causes are mended: {command}"]
