"""A try's cause is the first thing that went wrong with it; what followed is told as its consequence."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stampede.analysis.judge import hold_label, judge
from stampede.analysis.rules import causes

from .samples import a_try, held, invocation, removed

LITE_IN = "2026-11-21 21:00:00: [Pegasus Lite] Staging in input data and executables\nexpected size differs\n"
LITE_OUT = LITE_IN + "[Pegasus Lite] Executing the user task\n[Pegasus Lite] Staging out output files\n"

#: hold reasons as HTCondor 23.9 writes them, with their codes
HOLDS = [
    ("missing_input", 13, "Transfer input files failure at access point localhost while sending files to execution "
     "point slot1_3@node7. Details: reading from file /home/wf/run/absent.dat: (errno 2) No such file or directory"),
    ("missing_output", 12, "Transfer output files failure at execution point slot1_5@node7 while sending files to "
     "access point localhost. Details: reading from file /x/never.dat: (errno 2) No such file or directory"),
    ("transfer_out_failed", 12, "Transfer output files failure at access point localhost while receiving files from "
     "execution point slot1_7@node7. Details: writing to file /root/a.dat: (errno 13) Permission denied"),
    ("transfer_in_failed", 13, "Transfer input files failure at execution point slot1_7@node7 using protocol http. "
     "Details: Could not connect to server"),
    ("disk_full", 12, "Transfer output files failure at access point localhost while receiving files from execution "
     "point slot1_5@node7. Details: writing to file /home/wf/tiny/big.dat: (errno 28) No space left on device"),
    ("wrong_executable", 6, "Error from slot1_8@node7: Failed to execute '/opt/tool/absent' with arguments -T 1: "
     "(errno=2: 'No such file or directory')"),
    ("wrong_executable", 6, "Error from slot1_8@node7: Failed to execute '/home/wf/format.bin': (errno=8: 'Exec format "
     "error')"),
    ("wrong_executable", 6, "Error from slot1_8@node7: Failed to execute '/home/wf/badint.sh': invalid interpreter "
     "(/nonexistent/interp) specified on first line of script (errno=2: 'No such file or directory')"),
    ("held_by_operator", 1, "node 7 is in maintenance (by user wf)"),
    ("held_policy", 3, "licence server said no"),
    ("held_policy", 46, "The job exceeded allowed job duration of 30"),
    ("held_policy", 34, "Error from slot1_2@node7: Job has gone over cgroup memory limit of 128 megabytes."),
]  # fmt: skip


@pytest.mark.parametrize(("label", "code", "reason"), HOLDS, ids=[f"{h[0]}-{h[1]}" for h in HOLDS])
def test_a_hold_is_named_after_its_reason(label: str, code: int, reason: str) -> None:
    verdict = judge(held(reason=reason, code=code))
    assert verdict is not None
    assert (verdict.label, verdict.message, verdict.consequences) == (label, reason, [])


@pytest.mark.parametrize(("label", "code", "reason"), [h for h in HOLDS if h[0] != "held_policy"])
def test_a_hold_is_named_without_its_code(label: str, code: int, reason: str) -> None:
    """dagman.out has the reason only: the code stands in the job's event log, which may be missing."""
    assert hold_label(reason, None) == label


def test_a_hold_without_a_reason_says_so() -> None:
    verdict = judge(held(reason=None))
    assert verdict is not None
    assert verdict.label == "held_policy"
    assert "does not say why" in verdict.message


def test_an_exit_code_is_told_with_the_line_that_explains_it() -> None:
    verdict = judge(a_try(main_exitcode=768, stderr="starting\nFATAL: calibration file is missing\nbye\n"))
    assert verdict is not None
    assert verdict.label == "exit_code"
    assert verdict.message == "It ended with exit code 3. FATAL: calibration file is missing"


def test_a_signal_is_no_exit_code() -> None:
    verdict = judge(a_try(main_exitcode=11))
    assert verdict is not None
    assert (verdict.label, verdict.exit) == ("signal", "signal 11 (SIGSEGV)")


def test_a_full_disk_comes_before_the_exit_code_it_led_to() -> None:
    verdict = judge(a_try(stderr="head: error writing 'standard output': No space left on device\n"))
    assert verdict is not None
    assert verdict.label == "disk_full"


def test_a_full_disk_comes_before_the_signal_it_led_to() -> None:
    verdict = judge(a_try(main_exitcode=7, stderr="OSError: [Errno 28] No space left on device\n"))
    assert verdict is not None
    assert verdict.label == "disk_full"


@pytest.mark.parametrize("known", [{"integrity_errors": 2}, {"stderr": "Integrity check: a.dat: checksum mismatch\n"}])
def test_a_checksum_that_differs_is_an_integrity_error(known: dict[str, Any]) -> None:
    verdict = judge(a_try(**known))
    assert verdict is not None
    assert verdict.label == "integrity_error"


@pytest.mark.parametrize(("stderr", "label"), [(LITE_IN, "transfer_in_failed"), (LITE_OUT, "transfer_out_failed")])
def test_the_last_stage_of_pegasus_lite_says_which_transfer_failed(stderr: str, label: str) -> None:
    verdict = judge(a_try(stderr=stderr))
    assert verdict is not None
    assert verdict.label == label


@pytest.mark.parametrize(
    ("kind", "label"), [("stage-in-tx", "transfer_in_failed"), ("stage-out-tx", "transfer_out_failed")]
)
def test_a_staging_job_that_fails_is_a_failed_transfer(kind: str, label: str) -> None:
    verdict = judge(a_try(type_desc=kind))
    assert verdict is not None
    assert verdict.label == label


def test_exit_127_with_the_words_of_a_shell_is_a_wrong_executable() -> None:
    verdict = judge(a_try(main_exitcode=127 << 8, stderr="run.sh: line 3: analyse: command not found\n"))
    assert verdict is not None
    assert verdict.label == "wrong_executable"


def test_kickstart_that_could_not_start_the_program_names_it() -> None:
    """Kickstart writes the raw status -1 and the errno of its execve."""
    verdict = judge(a_try(invocations=[invocation(-1)], stderr="Unable to execute /opt/work: No such file\n"))
    assert verdict is not None
    assert verdict.label == "wrong_executable"
    assert verdict.message.startswith("/opt/work cannot be run: ")


def test_the_record_of_the_program_comes_before_the_hold_and_removal_it_led_to() -> None:
    """Pegasus in condorio mode: the failed task left no output, so HTCondor held the job and a policy removed it."""
    reason = "Transfer output files failure. Details: reading from file f.c: (errno 2) No such file or directory"
    t = removed(reason="PeriodicRemove evaluated to TRUE", hold_reason=reason, hold_code=12, main_exitcode=768,
                invocations=[invocation(768)], post_exitcode=256)  # fmt: skip
    verdict = judge(t)
    assert verdict is not None
    assert verdict.label == "exit_code"
    assert verdict.message == "It ended with exit code 3."
    assert verdict.consequences == [
        f"then held: {reason}", "then removed: PeriodicRemove evaluated to TRUE",
        "then its POST script failed (exit code 1)",
    ]  # fmt: skip


def test_failed_tasks_of_a_clustered_job_are_named() -> None:
    tasks = [invocation(256, seq=2, task="ID7", task_name="process7"), invocation(512, seq=3, task="ID8")]
    verdict = judge(a_try(clustered=True, invocations=tasks))
    assert verdict is not None
    assert verdict.tasks == tasks
    assert verdict.message.startswith("Task process7 ended with exit code 1.")


@pytest.mark.parametrize(
    ("error", "message"),
    [
        ("on Line 2 of submit file: ", "job.sub: on Line 2 of submit file"),
        ("could not open submit file : job.sub - No such file", "could not open submit file : job.sub - No such file"),
        ("", "The job could not be submitted; the log does not say why."),
    ],
)
def test_a_submission_that_failed_tells_its_error_and_its_file(error: str, message: str) -> None:
    verdict = judge(a_try(submit_error=error, main_exitcode=None))
    assert verdict is not None
    assert (verdict.label, verdict.message) == ("submit_failed", message)


def test_a_pre_script_is_told_with_its_command() -> None:
    script: dict[str, Any] = {"pre_exitcode": 1024, "pre_script": "pre.sh B 0", "main_exitcode": None}
    script["execute_ts"] = None
    verdict = judge(a_try(**script, stdout="output of a later try\n"))
    assert verdict is not None
    assert verdict.label == "pre_script_failed"
    assert verdict.message == "The PRE script (pre.sh B 0) ended with exit code 4."
    planner = judge(a_try(**script, stdout="planning\nERROR: no site has the transformation\nbye\n"))
    assert planner is not None
    assert planner.message.endswith(". ERROR: no site has the transformation")


def test_a_post_script_that_was_killed_is_told_with_its_signal() -> None:
    verdict = judge(a_try(main_exitcode=0, post_exitcode=9, post_script="post.sh"))
    assert verdict is not None
    assert verdict.label == "post_script_failed"
    assert verdict.message == "The POST script (post.sh) ended with signal 9 (SIGKILL) though the job succeeded."


def test_a_post_script_that_hands_on_the_failure_is_a_consequence() -> None:
    verdict = judge(a_try(main_exitcode=768, post_exitcode=768))
    assert verdict is not None
    assert verdict.label == "exit_code"
    assert verdict.consequences == ["then its POST script failed (exit code 3)"]


@pytest.mark.parametrize(
    ("reason", "label"),
    [
        ("wrong parameters (by user wf)", "removed_by_operator"),
        ("via condor_rm (by user wf)", "removed_by_operator"),
        (None, "removed_by_operator"),
        ("The job attribute PeriodicRemove expression 'JobStatus == 2' evaluated to TRUE", "removed_by_policy"),
        ("The system macro SYSTEM_PERIODIC_REMOVE expression 'NumHolds > 3' evaluated to TRUE", "removed_by_policy"),
    ],
)
def test_a_removal_is_a_persons_or_a_policys(reason: str | None, label: str) -> None:
    verdict = judge(removed(reason=reason))
    assert verdict is not None
    assert verdict.label == label
    assert reason is None or reason in verdict.message
    assert verdict.consequences == ([] if reason else ["then removed from the queue"])


@pytest.mark.parametrize(
    "reason",
    [
        "removed because <OtherJobRemoveRequirements = DAGManJobId =?= 273> fired when job (273.0) was removed",
        "DAG Abort: DAG is exiting and writing rescue file. (by user wf)",
        "DAG Removed: User removed scheduler job from queue. (by user wf)",
    ],
)
def test_a_job_that_went_with_its_workflow_has_no_cause_of_its_own(reason: str) -> None:
    assert judge(removed(reason=reason)) is None


def test_what_held_a_job_comes_before_the_person_who_removed_it_for_that() -> None:
    reason = "Error from slot1_8@node7: Failed to execute '/opt/absent': (errno=2: 'No such file or directory')"
    verdict = judge(removed(reason="cannot run (by user wf)", hold_reason=reason, hold_code=6))
    assert verdict is not None
    assert (verdict.label, verdict.message) == ("wrong_executable", reason)
    assert verdict.consequences == ["then removed: cannot run (by user wf)"]


def test_a_person_who_removes_a_job_that_a_policy_held_is_the_cause_of_its_end() -> None:
    verdict = judge(removed(reason="gives up (by user wf)", hold_reason="over the wall time", hold_code=3))
    assert verdict is not None
    assert verdict.label == "removed_by_operator"
    assert verdict.consequences == ["then held: over the wall time"]


_TEXT = st.text(st.characters(codec="utf-8"), max_size=200)


@settings(max_examples=80, deadline=None)
@given(
    stdout=_TEXT, stderr=_TEXT, reason=st.none() | _TEXT, removal=st.none() | _TEXT,
    raw=st.none() | st.integers(-2, 1 << 16), code=st.none() | st.integers(-1, 100), aborted=st.booleans(),
)  # fmt: skip
def test_whatever_a_try_says_it_gets_a_known_label_or_none(
    stdout: str, stderr: str, reason: str | None, removal: str | None, raw: int | None, code: int | None, aborted: bool
) -> None:
    t = a_try(stdout=stdout, stderr=stderr, hold_reason=reason, hold_code=code, remove_reason=removal,
              main_exitcode=raw, aborted=aborted, exit_unknown=aborted)  # fmt: skip
    verdict = judge(t)
    assert verdict is None or (verdict.label in causes() and verdict.message)


@pytest.mark.parametrize("output", ["\x00" * 6000, "\x1b[31mERROR\x1b[0m\x00", "�" * 3000, "error " * 50_000])
def test_rude_output_is_cut_and_kills_nothing(output: str) -> None:
    verdict = judge(a_try(stderr=output))
    assert verdict is not None
    assert verdict.label == "exit_code"
    assert len(verdict.message) < 400
