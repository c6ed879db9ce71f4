"""A cause tells how much, what it touches, and the command that comes next."""

from __future__ import annotations

import random
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stampede.analysis.cause import MOST_NODES
from stampede.analysis.triage import Cause, triage
from stampede.query.failing import Tally
from stampede.query.trouble import TouchedFile, Try

from .samples import ROOT, a_try, evidence, flow, held, invocation, removed

#: a few ways to fail, which tries may share
WAYS: list[dict[str, Any]] = [
    {"main_exitcode": 256, "stderr": "FATAL: no licence\n"},
    {"main_exitcode": 256, "stderr": "head: No space left on device\n"},
    {"main_exitcode": 256},
    {"main_exitcode": 768, "stderr": "ERROR: step 4 failed\n"},
    {"main_exitcode": 9},
    {"main_exitcode": None, "submit_error": "no such file"},
]
tries = st.lists(
    st.tuples(st.sampled_from(WAYS), st.integers(0, 6), st.sampled_from(["failed", "done", "ready"]), st.booleans()),
    max_size=14,
).map(
    lambda drawn: [
        a_try(f"n{node}", job_instance_id=i, node_state=state, is_last=last, end_ts=100.0 + i, **way)
        for i, (way, node, state, last) in enumerate(drawn, 1)
    ]
)


def told(found: list[Cause]) -> list[bytes]:
    return sorted(msgspec.json.encode(cause) for cause in found)


@settings(max_examples=60, deadline=None)
@given(tries, st.integers(0, 1000))
def test_the_order_in_which_tries_are_told_changes_nothing(known: list[Try], seed: int) -> None:
    shuffled = known[:]
    random.Random(seed).shuffle(shuffled)
    assert told(triage(evidence(tries=known)).causes) == told(triage(evidence(tries=shuffled)).causes)


@settings(max_examples=60, deadline=None)
@given(tries)
def test_every_try_that_failed_is_counted_once(known: list[Try]) -> None:
    causes = triage(evidence(tries=known, failing=len(known))).causes
    assert sum(cause.attempts for cause in causes) == len(known)
    if known:
        assert sum(cause.share for cause in causes) == pytest.approx(1.0, abs=0.001)


def test_one_that_stands_for_many_counts_all_of_them() -> None:
    nodes = [f"n{i}" for i in range(1500)]
    alike = Tally(1, 4000, [ROOT], nodes, 100.0, 900.0, {"node7": 3000, "node8": 1000}, {"here": 4000}, {"work": 4000})
    (cause,) = triage(evidence(tries=[a_try("n1499", alike=alike, end_ts=900.0)], failing=8000)).causes
    assert (cause.attempts, cause.node_count, len(cause.nodes), cause.share) == (4000, 1500, MOST_NODES, 0.5)
    assert (cause.first_ts, cause.last_ts, cause.hosts) == (100.0, 900.0, ["node7", "node8"])
    assert triage(evidence(tries=[a_try("n", alike=alike)], failing=8000)).judged_tries == 8000


def test_tasks_and_files_of_the_tries_are_told_missing_ones_first() -> None:
    files = [TouchedFile("a", False, False), TouchedFile("z", False, True)]
    (cause,) = triage(evidence(tries=[a_try(tasks=["ID1", "ID2"], files=files)])).causes
    assert cause.tasks == ["ID1", "ID2"]
    assert [file.lfn for file in cause.files] == ["z", "a"]


def test_the_try_in_the_queue_is_no_retry() -> None:
    (cause,) = triage(evidence(flow(state="running"), tries=[held(reason="x", code=3, max_retries=2)])).causes
    assert cause.retries_left == 2


@pytest.mark.parametrize(
    ("one", "command"),
    [
        (held(reason="licence", code=3), "condor_release 12.0"),
        (a_try(main_exitcode=None, submit_error="bad"), "cd /home/u/run && condor_submit -dry-run - job.sub"),
        (a_try(pre_exitcode=256, pre_script="pre.sh B", execute_ts=None), "cd /home/u/run && pre.sh B"),
        (a_try(invocations=[invocation(-1, executable="/opt/my tool")]), "ls -l '/opt/my tool'"),
        (a_try("inner/a"), "stampede show inner/a 0e5e2f4e"),
        (removed(reason="via condor_rm (by user wf)"), ""),
    ],
)
def test_the_next_step_is_a_command_where_there_is_one(one: Try, command: str) -> None:
    (cause,) = triage(evidence(tries=[one])).causes
    assert cause.command == command


def test_a_closer_word_gives_the_title_and_the_advice() -> None:
    (cause,) = triage(evidence(tries=[a_try(main_exitcode=9, stderr="oom-kill: task=work\n")])).causes
    assert (cause.label, cause.kind) == ("signal", "out_of_memory")
    assert "request_memory" in cause.next_step
