"""DAGMan's lines, told as events: every try is one job instance, every end has its cause, nothing is told twice."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stampede.events import catalogue as ev
from stampede.events.base import Event
from stampede.sources.dagman.attempts import Attempt
from stampede.sources.dagman.clock import Clock
from stampede.sources.dagman.dag import Node
from stampede.sources.dagman.dagmanout import Lines
from stampede.sources.dagman.tracker import Tracker

BEGIN = ["** condor_scheduniv_exec.7.0 (CONDOR_DAGMAN) STARTING UP", "** PID = 99", "Parsing d.dag ..."]


class Files:
    """The files around a DAG, of which there are none; notes what was asked about each try's end."""

    def __init__(self, rescued: Iterable[str] = ()) -> None:
        self.ends: list[tuple[str, int, str, bool]] = []
        self._rescued = list(rescued)

    def submitted(self, attempt: Attempt, node: Node | None) -> tuple[str | None, str | None, str | None, str | None]:
        return "pool", None, f"{attempt.node}.out", f"{attempt.node}.err"

    def ended(self, attempt: Attempt, node: Node | None, ts: float, js: int, *, last: bool) -> list[Event]:
        self.ends.append((attempt.node, attempt.seq, str(attempt.exit), last))
        ok = attempt.exit.ok
        return [
            ev.JobInstMainEnd(ts=ts, xwf_id="u", job_id=attempt.node, job_inst_id=attempt.seq, js_id=js,
                              status=0 if ok else -1, exitcode=0 if ok else attempt.exit.raw)
        ]  # fmt: skip

    def postpone(self, attempt: Attempt, node: Node, ts: float) -> None:
        return None

    def settle(self, events: list[Event]) -> list[Event]:
        return events

    def sub_workflow(self, attempt: Attempt, node: Node | None) -> str | None:
        return None

    def rescued(self, number: int, name: str) -> list[str]:
        return self._rescued


def node(name: str, **more: Any) -> Node:
    return Node(name, "job", f"{name}.sub", ord(name[0]) - ord("A"), 1, **more)


class Run:
    """A DAG whose log is fed line by line; each line is one second after the one before."""

    def __init__(self, *nodes: Node, rescued: Iterable[str] = ()) -> None:
        self.files = Files(rescued)
        self.tracker = Tracker("u", {n.name: n for n in nodes}, self.files)
        self.lines = Lines(Clock(UTC))
        self.second = 0
        self.offset = 0
        self.events: list[Event] = []

    def feed(self, *texts: str) -> Run:
        for text in texts:
            stamp = f"11/21/26 21:{self.second // 60:02d}:{self.second % 60:02d} "
            self.second += 1
            data = (stamp + text + "\n").encode("utf-8", "surrogateescape")
            self.events += self.tracker.feed(self.lines.feed(data, self.offset))
            self.offset += len(data)
        return self

    def finish(self) -> list[Event]:
        self.events += self.tracker.finish()
        return self.events

    def of(self, kind: type[Event], **values: Any) -> list[Any]:
        return [e for e in self.events if type(e) is kind and all(getattr(e, k) == v for k, v in values.items())]

    def states(self, seq: int) -> list[tuple[str, int]]:
        """The states of a try in the order they were told: short name and number."""
        return [
            (type(e).__name__.removeprefix("JobInst"), e.js_id)
            for e in self.events
            if isinstance(e, ev.JobInstEvent) and e.job_inst_id == seq and e.js_id is not None
        ]

    def engine(self) -> list[tuple[str, str | None]]:
        """What was told of the engine."""
        found: list[tuple[str, str | None]] = []
        for e in self.events:
            if isinstance(e, ev.XwfStart):
                found.append(("start", e.reset))
            elif isinstance(e, ev.XwfEnd):
                found.append(("end", e.outcome))
            elif isinstance(e, ev.XwfState):
                found.append((e.state, e.value))
        return found


def submit(name: str, job: int, proc: int = 0) -> list[str]:
    return [f"Submitting HTCondor Node {name} job(s)...", event("SUBMIT", name, job, proc)]


def event(what: str, name: str, job: int, proc: int = 0) -> str:
    return f"Event: ULOG_{what} for HTCondor Node {name} ({job}.{proc}.0)"


def done(name: str, job: int, proc: int = 0, how: str = "completed successfully.") -> list[str]:
    return [event("JOB_TERMINATED", name, job, proc), f"Node {name} job proc ({job}.{proc}.0) {how}"]


# ---- tries ----------------------------------------------------------------------------------------------------------


def test_a_job_that_succeeds_is_one_try_with_its_states_numbered_from_one() -> None:
    run = Run(node("A")).feed(*BEGIN, *submit("A", 1), event("EXECUTE", "A", 1), *done("A", 1))
    assert run.states(1) == [
        ("SubmitStart", 1), ("SubmitEnd", 1), ("MainStart", 2), ("MainTerm", 3), ("MainEnd", 4),
    ]  # fmt: skip
    assert run.tracker.by_job.get("1.0") == ("A", 1)


def test_each_retry_is_a_try_of_its_own_and_only_the_last_one_may_read_shared_output() -> None:
    run = Run(node("A", retries=2)).feed(*BEGIN)
    for number in (1, 2, 3):
        run.feed(*submit("A", number), event("EXECUTE", "A", number), *done("A", number, how="failed with status 3."))
        if number < 3:
            run.feed(f"Retrying node A (retry #{number} of 2)...")
    assert run.files.ends == [
        ("A", 1, "exit code 3", False), ("A", 2, "exit code 3", False), ("A", 3, "exit code 3", True),
    ]  # fmt: skip
    assert [e.state for e in run.of(ev.JobState)] == ["ready", "ready"]


@pytest.mark.parametrize(
    ("words", "exit_text"),
    [("failed with status 137.", "exit code 137"), ("failed with signal 9.", "signal 9 (SIGKILL)")],
)
def test_an_exit_and_a_kill_are_not_the_same(words: str, exit_text: str) -> None:
    run = Run(node("A")).feed(*BEGIN, *submit("A", 1), *done("A", 1, how=words))
    assert run.files.ends == [("A", 1, exit_text, True)]


def test_the_end_of_a_job_with_a_post_script_is_told_after_the_script_with_the_time_of_the_job() -> None:
    run = Run(node("A", post_script="post a b")).feed(*BEGIN, *submit("A", 1), *done("A", 1))
    assert run.files.ends == []
    run.feed("Running POST script of Node A...", event("POST_SCRIPT_TERMINATED", "A", 1))
    run.feed("POST Script of node A completed successfully.")
    (end,) = run.of(ev.JobInstMainEnd)
    (post,) = run.of(ev.JobInstPostEnd)
    assert end.ts < run.of(ev.JobInstPostStart)[0].ts < post.ts
    assert [e.js_id for e in run.events if isinstance(e, ev.JobInstEvent) and e.js_id] == [1, 1, 2, 4, 5, 3, 6]
    (invocation,) = run.of(ev.InvEnd, inv_id=-2)
    assert (invocation.executable, invocation.argv, invocation.dur) == ("post", "a b", 1.0)


# ---- scripts --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "raw"), [("failed with status 2", 2 << 8), ("died on signal 9", 9)], ids=["status", "signal"]
)
def test_a_pre_script_that_fails_or_is_killed_ends_the_try(words: str, raw: int) -> None:
    run = Run(node("A", pre_script="pre")).feed(*BEGIN, "Running PRE script of Node A...")
    run.feed(f"PRE Script of node A {words}")
    (end,) = run.of(ev.JobInstPreEnd)
    assert (end.status, end.exitcode) == (-1, raw)
    assert len(run.of(ev.JobInstMainEnd, status=-1)) == 1
    assert run.of(ev.InvEnd, inv_id=-1)[0].exitcode == raw


def test_a_post_script_killed_by_a_signal_closes_the_try() -> None:
    run = Run(node("A", post_script="post")).feed(*BEGIN, *submit("A", 1), *done("A", 1))
    run.feed("Running POST script of Node A...", "POST Script of node A died on signal 15")
    (end,) = run.of(ev.JobInstPostEnd)
    assert (end.status, end.exitcode) == (-1, 15)


def test_a_node_whose_pre_script_says_skip_is_done() -> None:
    run = Run(node("A", pre_script="pre")).feed(*BEGIN, "Running PRE script of Node A...")
    run.feed("PRE Script of Node A failed with status 7")
    run.feed("PRE_SKIP return value 7 indicates we are done (successfully) with node A")
    assert [(e.job_id, e.state) for e in run.of(ev.JobState)] == [("A", "done")]


# ---- holds, removals ------------------------------------------------------------------------------------------------


def test_each_of_several_jobs_held_in_one_cycle_has_its_own_reason() -> None:
    run = Run(node("A"), node("B"), node("C")).feed(*BEGIN, *submit("A", 1), *submit("B", 2), *submit("C", 3))
    run.feed(event("JOB_HELD", "A", 1), "  Hold reason: no input")
    run.feed(event("JOB_HELD", "B", 2), "  Hold reason: no licence")
    run.feed(event("JOB_HELD", "C", 3), event("EXECUTE", "A", 1))
    assert [(e.job_id, e.reason) for e in run.of(ev.JobInstHeldStart)] == [
        ("A", "no input"), ("B", "no licence"), ("C", None),
    ]  # fmt: skip


def test_a_hold_on_the_last_line_is_told_when_the_file_ends() -> None:
    run = Run(node("A")).feed(*BEGIN, *submit("A", 1), event("JOB_HELD", "A", 1))
    assert run.of(ev.JobInstHeldStart) == []
    run.finish()
    assert [e.job_id for e in run.of(ev.JobInstHeldStart)] == ["A"]


def test_a_job_that_dagman_removes_for_its_holds_says_so() -> None:
    run = Run(node("A")).feed(*BEGIN, *submit("A", 1), event("JOB_HELD", "A", 1), "  Hold reason: x")
    run.feed("Total hold count for job 1 (node A)has reached DAGMAN_MAX_JOB_HOLDS (1)", event("JOB_ABORTED", "A", 1))
    (aborted,) = run.of(ev.JobInstAbortInfo)
    assert "DAGMAN_MAX_JOB_HOLDS" in aborted.reason
    assert run.files.ends == [("A", 1, "unknown", True)]


# ---- submissions ----------------------------------------------------------------------------------------------------


def test_a_submission_that_fails_by_event_is_a_failed_try_with_its_reason() -> None:
    run = Run(node("A")).feed(*BEGIN, "Submitting HTCondor Node A job(s)...", "submit error: no such file in.txt")
    run.feed("Event: ULOG_SUBMIT_FAILED for HTCondor Node A (-1.-1.-1)")
    (end,) = run.of(ev.JobInstSubmitEnd)
    assert (end.status, end.reason) == (-1, "no such file in.txt")
    assert run.of(ev.JobInstMainEnd)[0].stderr_text == "no such file in.txt"


def test_a_submission_that_dagman_gives_up_is_a_failed_try_and_attempts_before_are_none() -> None:
    run = Run(node("A")).feed(*BEGIN)
    for _ in range(3):
        run.feed("Submitting HTCondor Node A job(s)...", "ERROR: submit attempt failed")
    run.feed("Job submit failed after 3 tries.")
    assert len(run.of(ev.JobInstSubmitEnd, status=-1)) == 1
    assert run.tracker.ledger.seq == 1


def test_a_job_that_was_never_seen_submitted_is_taken_all_the_same() -> None:
    run = Run(node("A")).feed(*BEGIN, event("EXECUTE", "A", 5), *done("A", 5))
    assert run.tracker.by_job.get("5.0") == ("A", 1)
    assert len(run.of(ev.JobInstMainEnd, status=0)) == 1


def test_a_node_that_no_dag_file_has_is_told_of_once_and_kept() -> None:
    run = Run().feed(*BEGIN, *submit("ghost", 1), *done("ghost", 1), *submit("ghost", 2))
    assert [p.kind for p in run.of(ev.Problem)] == ["unknown_node"]
    assert run.of(ev.JobInstMainEnd)[0].job_id == "ghost"


def test_names_that_are_no_utf8_are_nodes_like_others() -> None:
    run = Run().feed(*BEGIN, *submit("A\udcff\x00", 1), *done("A\udcff\x00", 1))
    assert run.of(ev.JobInstMainEnd)[0].job_id == "A\\xff\x00"


# ---- clusters of several processes ----------------------------------------------------------------------------------


def test_a_node_of_several_processes_is_done_when_all_of_them_are() -> None:
    run = Run(node("A")).feed(*BEGIN, *submit("A", 1), event("SUBMIT", "A", 1, 1), event("SUBMIT", "A", 1, 2))
    run.feed(*done("A", 1, 0), *done("A", 1, 2), *done("A", 1, 1))
    run.feed("Node A job(s) have exited the queue")
    assert run.tracker.ledger.seq == 3
    assert run.of(ev.JobState)[-1].state == "done"


def test_a_node_fails_with_one_of_its_processes() -> None:
    run = Run(node("A")).feed(*BEGIN, *submit("A", 1), event("SUBMIT", "A", 1, 1))
    run.feed(*done("A", 1, 0, "failed with status 1."))
    run.feed(*done("A", 1, 1, "completed successfully, but status is STATUS_ERROR"))
    run.feed("Node A job completed")
    assert run.of(ev.JobState)[-1].state == "failed"
    assert [e[2] for e in run.files.ends] == ["exit code 1", "exit code 0"]


# ---- DAGMan's own life ----------------------------------------------------------------------------------------------


END = "**** condor_scheduniv_exec.7.0 (condor_DAGMAN) pid 99 EXITING WITH STATUS {}"


def test_a_start_without_an_end_before_it_says_that_dagman_vanished() -> None:
    run = Run(node("A")).feed(*BEGIN, *submit("A", 1), *BEGIN)
    run.feed("Running in RECOVERY mode... >>>", "...done with RECOVERY mode <<<")
    assert run.engine() == [
        ("start", "keep"), ("vanished", None), ("end", "running"), ("start", "keep"), ("recovery_start", None),
        ("recovery_end", None),
    ]  # fmt: skip


def test_recovery_repeats_nothing_and_takes_what_happened_while_no_dagman_was_there() -> None:
    run = Run(node("A", post_script="p"), node("B")).feed(
        *BEGIN, "MultiLogFiles: truncating log file /d/d.dag.nodes.log", *submit("A", 1), event("EXECUTE", "A", 1)
    )
    before = len(run.events)
    replay = [event("SUBMIT", "A", 1), event("EXECUTE", "A", 1)]
    run.feed(*BEGIN, "Running in RECOVERY mode... >>>", *replay, *done("A", 1), "...done with RECOVERY mode <<<")
    told = [type(e) for e in run.events[before:] if isinstance(e, ev.JobInstEvent)]
    assert told == [ev.JobInstMainTerm]
    run.feed("Running POST script of Node A...", "POST Script of node A completed successfully.")
    assert run.files.ends == [("A", 1, "exit code 0", True)]


def test_a_rescue_run_goes_on_counting_and_knows_the_reset() -> None:
    run = Run(node("A"), node("B")).feed(*BEGIN, *submit("A", 1), *done("A", 1), *submit("B", 2))
    run.feed(*done("B", 2, how="failed with status 1."), END.format(1))
    run.feed(*BEGIN, "Found rescue DAG number 1; running d.dag.rescue001 in combination with normal DAG file",
             "Number of pre-completed nodes: 1", *submit("B", 3), *done("B", 3), END.format(0))  # fmt: skip
    assert run.engine() == [("start", "keep"), ("end", "failed"), ("start", "incomplete"), ("end", "success")]
    assert [e.restart_count for e in run.of(ev.XwfStart)] == [0, 1]
    assert run.of(ev.XwfStart)[1].rescue == 1
    assert run.tracker.by_job.get("3.0") == ("B", 3)


def test_a_rescue_whose_first_log_is_lost_learns_from_the_rescue_file_what_is_done() -> None:
    run = Run(node("A"), node("B"), rescued=["A", "nobody"]).feed(
        *BEGIN, "Found rescue DAG number 1; running d.dag.rescue001 in combination", "Number of pre-completed nodes: 1",
        *submit("B", 3),
    )  # fmt: skip
    assert [(e.job_id, e.state) for e in run.of(ev.JobState)] == [("A", "done")]


def test_a_halt_is_told_once_and_its_end_is_no_failure() -> None:
    run = Run(node("A")).feed(*BEGIN, "DAG is halted because halt file d.dag.halt exists", "DAG is halted because",
                              "DAG status: 6 (DAG_STATUS_HALTED)", END.format(1))  # fmt: skip
    assert run.engine() == [("start", "keep"), ("halted", None), ("end", "halted")]


def test_a_halt_that_is_lifted_is_told() -> None:
    run = Run(node("A")).feed(*BEGIN, "DAG is halted because halt file d.dag.halt exists")
    run.feed("DAG going from halted to running state", *submit("A", 1))
    assert run.engine() == [("start", "keep"), ("halted", None), ("resumed", None)]


@pytest.mark.parametrize("where", ["job", "PRE script", "POST script"])
def test_an_abort_of_the_dag_names_the_node_and_is_a_failure(where: str) -> None:
    run = Run(node("A", abort_dag_on="3 RETURN 0"), node("B")).feed(*BEGIN, *submit("A", 1))
    run.feed(*done("A", 1, how="failed with status 3."))
    run.feed(f"Aborting DAG because we got the ABORT exit value from a {where}")
    run.feed(END.format(1))
    assert run.engine() == [("start", "keep"), ("abort_dag_on", "A"), ("end", "failed")]


def test_a_dagman_that_was_removed_says_so() -> None:
    run = Run(node("A")).feed(*BEGIN, "Received SIGUSR1", END.format(2))
    assert run.engine() == [("start", "keep"), ("removed", None), ("end", "removed")]
    assert "SIGUSR1" in run.of(ev.XwfEnd)[0].reason


def test_a_dag_that_cannot_be_parsed_ends_as_failed_with_the_reason() -> None:
    run = Run().feed(*BEGIN, "ERROR: d.dag (line 3): Unknown keyword FOO", "Failed to parse d.dag", END.format(1))
    (end,) = run.of(ev.XwfEnd)
    assert end.outcome == "failed"
    assert "FOO" in end.reason or "parse" in end.reason


def test_the_table_of_nodes_is_told_at_the_end_only() -> None:
    table = ["Of 2 nodes total:", "   1   0   1   0   0   0   0   0", "0 job proc(s) currently held"]
    run = Run(node("A")).feed(*BEGIN, *table, *table)
    assert run.of(ev.XwfNodes) == []
    run.finish()
    (told,) = run.of(ev.XwfNodes)
    assert (told.total, told.done, told.queued, told.held) == (2, 1, 1, 0)
    run.finish()
    assert len(run.of(ev.XwfNodes)) == 1


# ---- anything at all ------------------------------------------------------------------------------------------------

_ALL = [
    *BEGIN, *submit("A", 1), event("EXECUTE", "A", 1), *done("A", 1), *done("A", 1, how="failed with signal 9."),
    event("JOB_HELD", "A", 1), "  Hold reason: x", event("JOB_RELEASED", "A", 1), event("JOB_ABORTED", "A", 1),
    event("JOB_EVICTED", "A", 1), "Running PRE script of Node A...", "PRE Script of Node A failed with status 1",
    "Running POST script of Node A...", "POST Script of node A completed successfully.", "Node A job completed",
    "Retrying node A (retry #1 of 2)...", "Running in RECOVERY mode... >>>", "...done with RECOVERY mode <<<",
    END.format(1), END.format(0), "PRE_SKIP return value 7 indicates we are done (successfully) with node A",
    "Job submit failed after 3 tries.", "submit error: x", event("SUBMIT_FAILED", "A", -1, -1), "Received SIGUSR1",
    "DAG is halted because", "Aborting DAG because we got the ABORT exit value from a job",
    "Number of pre-completed nodes: 4",
    "Found rescue DAG number 1; running", "Node Name: A", "Error: x", event("IMAGE_SIZE", "B", 9), "Of 2 nodes total:",
    "   1   0   1   0   0   0   0   0", event("GRID_SUBMIT", "A", 1), event("REMOTE_ERROR", "A", 1),
]  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(_ALL), max_size=40), st.booleans())
def test_lines_in_any_order_kill_nothing_and_states_never_share_a_number(lines: list[str], post: bool) -> None:
    run = Run(node("A", post_script="p" if post else None, pre_script="q", retries=1), node("B"))
    run.feed(*lines)
    run.finish()
    seen: set[tuple[int, int, str]] = set()
    for e in run.events:
        if isinstance(e, ev.JobInstEvent) and e.js_id is not None:
            key = (e.job_inst_id, e.js_id, e.NAME)
            assert key not in seen
            seen.add(key)
