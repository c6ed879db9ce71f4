"""What HTCondor did to a job and mended by itself is told with what it was; what only precedes a hold is not."""

from __future__ import annotations

from typing import Any

import pytest

from stampede.analysis.finding import Finding
from stampede.analysis.pool import interruption_findings, waiting_findings
from stampede.analysis.rules import causes

from .samples import evidence, flow, idle, interruption

LEASE = "Job disconnected too long: JobLeaseDuration (60 seconds) expired"
NOT_FOUND = "Job not found at execution machine"


def interrupted(*found: Any, **known: Any) -> list[Finding]:
    findings = list(interruption_findings(evidence(flow(state="success", **known), interruptions=list(found))))
    assert all(f.label in causes() for f in findings)
    return findings


@pytest.mark.parametrize(
    ("state", "reason", "label"),
    [
        ("JOB_EVICTED", None, "evicted"),
        ("JOB_EVICTED", "User requested the job to vacate", "evicted"),
        ("JOB_EVICTED", "The job attribute OnExitRemove expression 'ExitCode =?= 0' evaluated to FALSE", "exit_code"),
        ("JOB_EVICTED", "startd was shutdown (code 1013)", "host_down"),
        ("JOB_EVICTED", "starter exited (code 1008)", "starter_died"),
        ("JOB_EVICTED", "Job removed (code 1022)", None),
        ("JOB_SUSPENDED", None, "suspended"),
        ("JOB_RECONNECT_FAILED", LEASE, "host_down"),
        ("JOB_RECONNECT_FAILED", NOT_FOUND, "starter_died"),
        ("JOB_RECONNECT_FAILED", None, "host_down"),
        ("JOB_RESTARTED", None, "starter_died"),
        ("SHADOW_EXCEPTION", "Error from starter on slot1@node7", "starter_died"),
        ("JOB_DISCONNECTED", "Socket between submit and execute hosts closed unexpectedly", "network"),
        ("JOB_DISCONNECTED", "Local schedd and job shadow died, schedd now running again", None),
    ],
)
def test_an_interruption_has_its_label(state: str, reason: str | None, label: str | None) -> None:
    findings = interrupted(interruption(state, reason))
    assert [f.label for f in findings] == ([label] if label else [])
    assert all(f.resolved and f.node == "L" for f in findings)


def test_a_reconnection_that_failed_takes_its_reason_from_the_eviction_after_it() -> None:
    (one,) = interrupted(interruption("JOB_RECONNECT_FAILED"), interruption("JOB_EVICTED", NOT_FOUND))
    assert one.label == "starter_died"
    assert NOT_FOUND in one.message


@pytest.mark.parametrize("state", ["JOB_EVICTED", "SHADOW_EXCEPTION"])
@pytest.mark.parametrize("after", ["JOB_HELD", "JOB_ABORTED"])
def test_what_only_precedes_a_hold_or_removal_is_no_cause(state: str, after: str) -> None:
    assert interrupted(interruption(state, next_state=after)) == []


def test_an_eviction_says_when_the_job_was_started_again() -> None:
    (one,) = interrupted(interruption("JOB_EVICTED", restart_ts=528.0))
    assert one.message == "It was evicted from its machine (slot1_1@node7). HTCondor started it again 28 s later."


def test_a_suspension_is_open_until_something_follows() -> None:
    (now,) = interrupted(interruption("JOB_SUSPENDED", next_state=None, next_ts=None, node_state="queued"))
    (over,) = interrupted(
        interruption("JOB_SUSPENDED", next_state="JOB_UNSUSPENDED", next_ts=508.0, node_state="queued")
    )
    assert (now.resolved, over.resolved) == (False, True)
    assert over.message.endswith("It went on 8 s later.")


def test_a_lost_connection_is_open_until_it_is_had_again() -> None:
    now = interruption("JOB_DISCONNECTED", "Socket closed", next_state=None, next_ts=None, node_state="queued")
    over = interruption("JOB_DISCONNECTED", "Socket closed", next_state="JOB_RECONNECTED", next_ts=512.0)
    (open_one,), (mended,) = interrupted(now), interrupted(over)
    assert (open_one.resolved, mended.resolved) == (False, True)
    assert mended.message == "Socket closed. It went on 12 s later."
    assert interrupted(interruption("JOB_DISCONNECTED", "Socket closed", next_state="JOB_RECONNECT_FAILED")) == []


def test_jobs_of_a_removed_workflow_and_services_were_not_interrupted() -> None:
    facts = evidence(flow((500, "removed"), state="removed"), interruptions=[interruption("JOB_EVICTED")])
    assert list(interruption_findings(facts)) == []
    assert interrupted(interruption("JOB_EVICTED", node_type="service")) == []


# ---- waiting --------------------------------------------------------------------------------------------------------


def waiting(*found: Any) -> list[Finding]:
    findings = list(waiting_findings(evidence(idle=list(found))))
    assert all(f.label in causes() for f in findings)
    return findings


def test_a_job_that_later_ones_overtook_cannot_be_matched() -> None:
    (one,) = waiting(idle(95, overtaken=4, req_memory_mb=9_437_184.0, req_cpus=1.0))
    assert (one.label, one.node) == ("unmatchable", "W")
    assert one.message == ("It has waited 95 s while 4 jobs submitted later started. It asks for 1 CPUs, "
                           "9,437,184 MB memory.")  # fmt: skip


def test_a_job_that_asks_for_much_more_than_any_that_ran_cannot_be_matched() -> None:
    (one,) = waiting(idle(130, req_cpus=64.0, most_cpus=1.0, req_memory_mb=32.0, most_memory_mb=32.0))
    assert one.label == "unmatchable"
    assert "64 CPUs (others: at most 1)" in one.message


def test_a_job_that_demands_what_no_machine_has_cannot_be_matched_even_alone() -> None:
    (one,) = waiting(idle(130, unmet_requirements='(Machine == "nowhere")'))
    assert one.label == "unmatchable"
    assert one.message == 'It has waited 130 s. It demands (Machine == "nowhere").'


def test_a_wait_in_which_nothing_ran_is_the_pools() -> None:
    (one,) = waiting(idle(150), idle(140))
    assert (one.label, one.node, one.resolved) == ("pool_stalled", "", False)
    (over,) = waiting(idle(150, executed=True))
    assert over.resolved


@pytest.mark.parametrize("wait", [idle(59, overtaken=3), idle(100), idle(150, running_meanwhile=2),
                                  idle(100, executed=True, overtaken=3)])  # fmt: skip
def test_an_ordinary_wait_is_no_cause(wait: Any) -> None:
    assert waiting(wait) == []
