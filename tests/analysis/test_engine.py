"""What happened to DAGMan itself is a cause of the workflow, told once and only when it is one."""

from __future__ import annotations

from typing import Any

import pytest

from stampede.analysis.engine import engine_findings, removed_at
from stampede.analysis.finding import Finding
from stampede.analysis.rules import causes

from .samples import INNER, ROOT, evidence, flow, interruption

#: what HTCondor writes when its schedd comes back to jobs that went on without it
SHADOWS = "Local schedd and job shadow died, schedd now running again"
REQUEUED = "The job attribute OnExitRemove expression '(ExitSignal =?= 11 || ExitCode <= 2)' evaluated to FALSE"


def found(*workflows: Any, **known: Any) -> list[Finding]:
    findings = list(engine_findings(evidence(*workflows, **known)))
    assert all(f.label in causes() for f in findings)
    return findings


def test_nothing_happened() -> None:
    assert found(flow((100, "dagman_executing"), (900, "rescue_written", "run.dag.rescue001"))) == []


def test_all_faults_of_a_dag_file_are_one_cause() -> None:
    (one,) = found(flow((1, "parse_error", "", "line 3: Unknown Job nobody"), (1, "parse_error", "", "Failed")))
    assert (one.label, one.node) == ("dag_parse_error", "")
    assert one.message == "line 3: Unknown Job nobody; Failed"


def test_faults_of_a_sub_workflow_are_at_the_node_that_runs_it() -> None:
    inner = flow((1, "parse_error", "", "Failed"), path="inner/", node="branch", wf_uuid=INNER, parent_wf_uuid=ROOT)
    assert [(f.label, f.node) for f in found(flow(), inner)] == [("dag_parse_error", "branch")]


def test_an_abort_tells_the_rule_of_the_dag_file() -> None:
    (one,) = found(flow((5, "abort_dag_on", "bad", "Aborting DAG"), abort_rules={"bad": "9 RETURN 1"}))
    assert (one.label, one.node, one.resolved) == ("abort_dag_on", "bad", False)
    assert "ABORT-DAG-ON bad 9 RETURN 1" in one.message


def test_an_abort_with_a_value_that_is_no_end_starts_over() -> None:
    events = [(5, "abort_dag_on", "P", "Aborting DAG"), (9, "abort_dag_on", "P", "Aborting DAG")]
    findings = found(flow(*events, abort_rules={"P": "9 RETURN 4"}))
    assert {f.key for f in findings} == {"abort P"}
    assert "makes it start over again and again" in findings[0].message


def test_an_abort_of_an_unknown_node_keeps_the_words_of_dagman() -> None:
    (one,) = found(flow((5, "abort_dag_on", "", "Aborting DAG because we got the ABORT exit value from a job")))
    assert one.message.startswith("Aborting DAG because")


@pytest.mark.parametrize(
    ("state", "events", "resolved"),
    [
        ("halted", [(5, "halted")], False),
        ("running", [(5, "halted")], False),
        ("running", [(5, "halted"), (9, "resumed")], True),
        ("running", [(5, "halted"), (9, "resumed"), (12, "halted")], False),
        ("success", [(5, "halted"), (9, "resumed")], True),
    ],
)
def test_a_halt_is_over_when_it_was_resumed(state: str, events: list[tuple[Any, ...]], resolved: bool) -> None:
    (one,) = found(flow(*events, state=state))
    assert (one.label, one.resolved) == ("halted", resolved)


def test_the_reason_given_for_a_halt_comes_before_dagmans_own_words() -> None:
    (one,) = found(flow((5, "halted", "", "DAG is halted"), (5, "halted", "reason", "quota used up"), state="halted"))
    assert one.message == "quota used up"


def test_a_removal_tells_who_did_it() -> None:
    events = [(5, "removed", "", "SIGUSR1"), (5, "dagman_removed", "", "stop it (by user wf)")]
    (one,) = found(flow(*events, state="removed"))
    assert one.label == "removed_by_operator"
    assert one.message == "The workflow was removed from the queue: stop it (by user wf)"


def test_a_removal_is_told_of_the_uppermost_workflow_only() -> None:
    inner = flow((6, "removed"), path="inner/", node="inner", wf_uuid=INNER, parent_wf_uuid=ROOT, state="removed")
    assert [f.node for f in found(flow((5, "removed"), state="removed"), inner)] == [""]
    assert [f.node for f in found(flow(state="failed"), inner)] == ["inner"]


def test_a_removal_belongs_to_the_run_it_ended() -> None:
    assert removed_at(flow((5, "removed", "", None, 0), restart_count=0)) == 5
    assert removed_at(flow((5, "removed", "", None, 0), restart_count=1)) is None


@pytest.mark.parametrize(("events", "resolved"), [([], False), ([(9, "released")], True)])
def test_dagman_held_is_open_until_it_is_released(events: list[tuple[Any, ...]], resolved: bool) -> None:
    (one,) = found(flow((5, "held", "1", "quota reached (by user wf)"), *events, state="running"))
    assert (one.label, one.message, one.resolved) == ("dagman_held", "quota reached (by user wf)", resolved)


def test_a_hold_that_ended_in_a_removal_is_only_a_step_to_it() -> None:
    events = [(5, "held", "1", "quota"), (9, "dagman_removed", "", "no longer wanted (by user wf)")]
    assert [f.label for f in found(flow(*events, state="removed"))] == ["removed_by_operator"]


def test_a_hold_of_dagman_is_no_crash() -> None:
    events = [(5, "vanished"), (5, "held", "1", "quota"), (20, "released"), (21, "dagman_executing", "", None, 1)]
    runs = [(0, 0.0, 5.0, 2), (1, 21.0, 50.0, 0)]
    assert [f.label for f in found(flow(*events, runs=runs, state="success"))] == ["dagman_held"]


def test_dagman_that_the_schedd_started_again_was_killed() -> None:
    events = [(0, "dagman_executing"), (100, "vanished", "", "DAGMan vanished without a word."),
              (103, "evicted", "signal 9 (SIGKILL)", REQUEUED), (103, "dagman_executing", "", None, 1)]  # fmt: skip
    (one,) = found(flow(*events, runs=[(0, 0.0, 102.0, 2), (1, 103.0, 200.0, 0)], state="success"))
    assert (one.label, one.resolved) == ("dagman_crashed", True)
    assert one.message == "DAGMan was killed (signal 9 (SIGKILL)); it was back 3 s later and went on in recovery mode."


def test_the_killed_dagman_of_a_sub_workflow_is_a_cause_at_its_node() -> None:
    events = [(0, "dagman_executing"), (100, "vanished"), (103, "evicted", "", REQUEUED)]
    inner = flow(*events, runs=[(0, 0.0, 102.0, 2), (1, 103.0, 200.0, 0)], path="inner/", node="inner", wf_uuid=INNER,
                 parent_wf_uuid=ROOT, state="success")  # fmt: skip
    assert [(f.label, f.node) for f in found(flow(state="success"), inner)] == [("dagman_crashed", "inner")]


def test_dagman_that_was_told_to_stop_leaves_with_status_3() -> None:
    events = [(0, "dagman_executing"), (100, "evicted", "", REQUEUED), (100, "dagman_executing", "", None, 1)]
    (one,) = found(flow(*events, runs=[(0, 0.0, 100.0, 3), (1, 100.0, 200.0, 0)], state="success"))
    assert one.label == "dagman_crashed"
    assert one.message.startswith("DAGMan was stopped from outside; it was back")


def test_jobs_whose_shadows_died_with_the_schedd_tell_of_its_restart() -> None:
    events = [(0, "dagman_executing"), (100, "vanished"), (113, "dagman_executing", "", None, 1)]
    lost = interruption("JOB_DISCONNECTED", SHADOWS, ts=113.0)
    root = flow(*events, runs=[(0, 0.0, 100.0, 2), (1, 113.0, 200.0, 0)], state="success")
    inner = flow(*events, runs=root.runs, path="inner/", node="inner", wf_uuid=INNER, parent_wf_uuid=ROOT)
    (one,) = found(root, inner, interruptions=[lost])
    assert (one.node, one.label, one.resolved) == ("", "schedd_restart", True)
    assert "13 s later" in one.message


def test_a_schedd_that_stops_in_order_evicts_dagman_without_a_reason() -> None:
    events = [(0, "dagman_executing"), (100, "evicted"), (114, "dagman_executing", "", None, 1)]
    (one,) = found(flow(*events, runs=[(0, 0.0, 100.0, 3), (1, 114.0, 200.0, 0)], state="success"))
    assert one.label == "schedd_restart"


def test_dagman_that_never_came_back_is_lost() -> None:
    (one,) = found(flow((9, "lost", "", "DAGMan's job ended (signal 11 (SIGSEGV))."), state="lost"))
    assert (one.label, one.resolved) == ("dagman_crashed", False)
    assert "SIGSEGV" in one.message


def test_dagman_that_was_removed_by_force_did_not_crash() -> None:
    events = [(9, "dagman_removed", "", "via condor_rm -forcex (by user wf)"), (9, "lost", "", "DAGMan wrote nothing.")]
    assert [f.label for f in found(flow(*events, state="lost"))] == ["removed_by_operator"]


def test_a_log_that_dagman_cannot_read_stops_it() -> None:
    (one,) = found(flow((9, "log_unreadable", "", "ReadUserLog: error")))
    assert one.label == "dagman_crashed"


def test_the_death_of_the_monitor_is_told_once() -> None:
    (one,) = found(flow((5, "monitor_died", "-9", "killed"), (9, "monitor_died", "-9", "killed"), state="success"))
    assert (one.label, one.resolved) == ("monitor_died", True)


def test_a_run_after_a_good_end_was_needless() -> None:
    (one,) = found(flow(runs=[(0, 0.0, 50.0, 0), (1, 60.0, 90.0, 0)], state="success"))
    assert one.label == "needless_rerun"
    assert found(flow(runs=[(0, 0.0, 50.0, 1), (1, 60.0, 90.0, 0)], state="success")) == []
