"""``stampede watch`` beside real DAGMan runs: its database says at every time what HTCondor itself says."""

from __future__ import annotations

import json
import re
import signal
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from test_growth import facts

from . import agreement
from .agreement import SETTLE_S
from .asking import stampede
from .pool import REMOVED, Ad
from .stage import Stage
from .stories import STORIES

pytestmark = pytest.mark.e2e

every = pytest.mark.parametrize("stage", list(STORIES), indirect=True)


def of(name: str) -> pytest.MarkDecorator:
    """A test of one story."""
    return pytest.mark.parametrize("stage", [name], indirect=True)


def final(stage: Stage) -> dict[str, dict[str, Any]]:
    """What ``status`` says when all is over, by DAG file."""
    return agreement.by_dag(stage.ask())


def causes(said: dict[str, Any], label: str) -> list[dict[str, Any]]:
    return [cause for cause in said["causes"] if cause["label"] == label]


# ---- while it runs --------------------------------------------------------------------------------------------------


@every
def test_at_each_step_the_command_says_what_htcondor_says(stage: Stage) -> None:
    """Where a story stands still, ``stampede status`` comes to HTCondor's counts soon after HTCondor did."""
    for step in stage.steps:
        assert step.answer_at is not None, (
            f"{step.what}: expected {step.expected}, within {SETTLE_S} s it was {step.answer}\n"
            + agreement.table(stage.moments)
        )


@every
def test_answers_follow_the_queue(stage: Stage) -> None:
    """Counts of nodes are DAGMan's own, counts of jobs those of the queue, but for the lag of HTCondor itself."""
    for dag in STORIES[stage.name].nodes:
        seen = list(agreement.compared(stage.moments, dag, stage.watched))
        assert not agreement.disagreements(seen), agreement.table(stage.moments)
        if stage.name != "after":
            assert sum(wrong is None for _, wrong in seen) >= 3, agreement.table(stage.moments)


@every
def test_no_answer_contradicts_another(stage: Stage) -> None:
    """States add up, jobs in the queue are the queued nodes, and what was done stays done, at every moment."""
    for dag, nodes in STORIES[stage.name].nodes.items():
        assert not agreement.contradictions(stage.moments, dag, nodes), agreement.table(stage.moments)
        assert any(dag in (m.answers or {}) for m in stage.moments)


# ---- when it is over ------------------------------------------------------------------------------------------------


@every
def test_it_ends_with_the_run_and_says_how(stage: Stage) -> None:
    """The last watch ends by itself with the exit code of the state that ``status`` gives the workflow."""
    story, watch = STORIES[stage.name], stage.watches[-1]
    assert watch.code == story.code, (watch.stdout, watch.stderr, agreement.table(stage.moments[-15:]))
    assert "Traceback" not in watch.stderr
    assert final(stage)[stage.dag]["state"] == story.state


@every
def test_it_does_not_end_before_the_run(stage: Stage) -> None:
    """While DAGMan's job runs or is held, the watch goes on."""
    ends = [w.ended for w in stage.watches if w.ended is not None and (w.code or 0) >= 0]
    for ended in ends[-1:]:
        later = [m for m in stage.moments if m.truth_at > ended + SETTLE_S and stage.dag in m.truth]
        assert not later, agreement.table(later)


@every
def test_nodes_at_the_end_are_those_of_the_metrics(stage: Stage) -> None:
    """Nodes done and failed are what DAGMan wrote into its metrics, where it lived to write them."""
    for dag, nodes in STORIES[stage.name].nodes.items():
        path = stage.folder / f"{dag}.metrics"
        assert path.exists() == (stage.name not in ("killed", "held_removed", "forced"))
        n = final(stage)[dag]["nodes"]
        assert n["total"] == nodes
        if path.exists():
            metrics = json.loads(path.read_text())
            assert n["total"] == metrics["total_jobs"]
            assert n["failed"] == metrics["jobs_failed"] + metrics["dag_jobs_failed"]
            assert n["done"] == metrics["jobs_succeeded"] + metrics["dag_jobs_succeeded"]


def history_of(stage: Stage) -> dict[str, list[Ad]]:
    """The node jobs that HTCondor remembers, by DAG file."""
    dag_of: dict[int, str] = {}
    for ad in stage.history:
        dag = re.search(r"-Dag (\S+)", ad.get("Arguments") or "")
        if dag is not None:
            dag_of[ad["ClusterId"]] = dag[1]
    found: dict[str, list[Ad]] = {}
    for ad in stage.history:
        if "DAGNodeName" in ad:
            found.setdefault(dag_of[ad["DAGManJobId"]], []).append(ad)
    return found


@every
def test_attempts_are_those_of_the_history(stage: Stage) -> None:
    """Jobs submitted, executions and holds are as many as HTCondor remembers of the node jobs."""
    said, history = final(stage), history_of(stage)
    assert set(history) == set(STORIES[stage.name].nodes)
    for dag, jobs in history.items():
        a = said[dag]["attempts"]
        assert a["submits"] == len(jobs)
        assert a["executes"] == sum(ad.get("NumJobStarts", 0) for ad in jobs)
        assert a["holds"] == sum(ad.get("NumHolds", 0) for ad in jobs)


@every
def test_tries_are_those_of_the_history(stage: Stage) -> None:
    """Each job that HTCondor remembers is one try of its node, in that order, with that exit code."""
    rows = stampede("jobs", str(stage.folder), "--db", stage.url, "--all", "--limit", "1000")["jobs"]
    history = history_of(stage)
    tries: dict[tuple[str, str], list[Ad]] = {}
    for dag, jobs in history.items():
        for ad in jobs:
            tries.setdefault((dag, ad["DAGNodeName"]), []).append(ad)
    assert {(f"{row['workflow']}.dag", row["job"]) for row in rows if row["attempts"]} == set(tries)
    for row in rows:
        theirs = tries.get((f"{row['workflow']}.dag", row["job"]), [])
        assert row["attempts"] == len(theirs), row
        if len(rows) > 20:
            assert row["exit"]["code"] == theirs[-1]["ExitCode"], row
            continue
        ours = stampede("show", row["path"], str(stage.folder), "--db", stage.url)["tries"]
        assert [t["htcondor_id"] for t in ours if t["htcondor_id"]] == [f"{ad['ClusterId']}.0" for ad in theirs]
        for mine, ad in zip(ours, theirs, strict=False):
            if ad["JobStatus"] != REMOVED:
                assert mine["exit"]["code"] == ad["ExitCode"], (row["path"], mine)


@every
def test_the_database_is_that_of_one_load(stage: Stage, tmp_path: Path) -> None:
    """Table by table, what was read while it grew is what a load reads at the end."""
    once = tmp_path / "once.db"
    stampede("load", str(stage.folder), "--db", f"sqlite:///{once}", codes=(0,))
    watched = tmp_path / "watched.db"
    _copy(stage.database, watched)
    if stage.name == "retry":  # a load cannot know what a try printed whose files the next one wrote again
        for database in (watched, once):
            _forget_output(database)
    ours, theirs = facts(watched), facts(once)
    # what a job asks for is noted while it waits, too; who may write is no fact
    for table in ("resource_usage", "lease"):
        ours.pop(table, None)
        theirs.pop(table, None)
    if STORIES[stage.name].state == "lost":  # a watch sees more of an engine that vanishes
        assert set(theirs.pop("workflow_event")) <= set(ours.pop("workflow_event"))
    for table in theirs:
        assert ours[table] == theirs[table], table


def _copy(database: Path, to: Path) -> None:
    source, target = sqlite3.connect(database), sqlite3.connect(to)
    source.backup(target)
    source.close()
    target.close()


def _forget_output(database: Path) -> None:
    connection = sqlite3.connect(database)
    connection.execute("UPDATE job_instance SET stdout_text = NULL, stderr_text = NULL, alike = NULL")
    connection.commit()
    connection.close()


@every
def test_nothing_is_written_into_the_submit_directory(stage: Stage) -> None:
    """With a database elsewhere, the folder holds what HTCondor, the DAG and its jobs wrote, and nothing else."""
    for path in stage.folder.rglob("*"):
        assert "stampede" not in path.name
        if path.is_file():
            assert not path.read_bytes().startswith(b"SQLite format 3")


@every
def test_output_is_plain_lines(stage: Stage) -> None:
    """What is no terminal gets lines without colours or movement; with -q none at all; with --json objects."""
    for watch in stage.watches:
        assert not set("\x1b\r\b") & set(watch.stdout + watch.stderr)
        if "-q" in watch.options:
            assert watch.stdout == ""
        elif "--json" in watch.options:
            said = [json.loads(line) for line in watch.stdout.splitlines()]
            assert {s["event"] for s in said[:-1]} == {"status"}
            assert said[-1]["event"] == "end"
            assert [w["state"] for w in said[-1]["workflows"]] == [STORIES[stage.name].state]
        elif watch is stage.watches[-1]:
            assert STORIES[stage.name].state in watch.stdout.splitlines()[-1]


# ---- what each story shows ------------------------------------------------------------------------------------------


@of("retry")
def test_retry_the_third_try_succeeds(stage: Stage) -> None:
    tries = stampede("show", "flaky", str(stage.folder), "--db", stage.url)["tries"]
    assert [t["exit"]["code"] for t in tries] == [7, 7, 0]


@of("rescue")
def test_rescue_both_runs_are_in_one_database(stage: Stage) -> None:
    """The first watch ends with 1; the second goes on; tries of both runs are there, done nodes ran once."""
    code, said = stage.notes["first run"]
    assert code == 1
    assert said[0]["state"] == "failed"
    assert {k: said[0]["nodes"][k] for k in ("done", "failed", "futile")} == {"done": 2, "failed": 1, "futile": 1}
    assert final(stage)[stage.dag]["restart_count"] == 1
    runs = {}
    for node in ("A", "bad", "other", "Z"):
        tries = stampede("show", node, str(stage.folder), "--db", stage.url)["tries"]
        runs[node] = [(t["run"], t["exit"]["code"]) for t in tries]
    assert runs == {"A": [(1, 0)], "bad": [(1, 3), (1, 3), (2, 0)], "other": [(1, 0)], "Z": [(2, 0)]}


@of("hold")
def test_hold_triage_names_the_reason_while_it_is_held(stage: Stage) -> None:
    (first,) = stage.notes["one"]["causes"]
    assert (first["nodes"], first["message"], first["resolved"]) == (["policy"], "the licence server said no", False)
    both = {tuple(c["nodes"]): c["message"] for c in stage.notes["both"]["causes"] if not c["resolved"]}
    assert set(both) == {("policy",), ("person",)}
    assert "maintenance of node 7" in both["person",]
    assert all(c["resolved"] for c in stage.triage()["causes"])


@of("remove")
def test_remove_triage_says_so(stage: Stage) -> None:
    (cause,) = causes(stage.triage(), "removed_by_operator")
    assert "condor_rm" in cause["message"]


@of("dagman_held")
def test_dagman_held_and_released_are_told(stage: Stage) -> None:
    """Triage names the hold of DAGMan while it lasts, and as over afterwards; the run goes on as its second one."""
    (during,) = causes(stage.notes["triage"], "dagman_held")
    assert "the file server moves" in during["message"]
    assert not during["resolved"]
    (later,) = causes(stage.triage(), "dagman_held")
    assert later["resolved"]
    assert final(stage)[stage.dag]["restart_count"] == 1
    assert {"held", "released"} <= engine_states(stage)


@of("halt")
def test_halt_and_resume_are_told(stage: Stage) -> None:
    assert stage.notes == {"halted": True, "resumed": True}
    assert {"halted", "resumed"} <= engine_states(stage)


@of("held_removed")
def test_held_and_removed_is_told(stage: Stage) -> None:
    (cause,) = causes(stage.triage(), "removed_by_operator")
    assert "condor_rm" in cause["message"]


@of("killed_held")
def test_killed_and_held_it_is_still_watched(stage: Stage) -> None:
    """As long as DAGMan's job is held it may go on: the watch goes on, and triage says what happened."""
    assert causes(stage.notes["triage"], "dagman_held")
    assert stage.notes["still watched"]
    assert final(stage)[stage.dag]["restart_count"] == 1


@of("killed_restarted")
def test_killed_and_restarted_it_goes_on(stage: Stage) -> None:
    """The crash is told as over; the run goes on as its second one, and no job ran twice."""
    (cause,) = causes(stage.triage(), "dagman_crashed")
    assert cause["resolved"]
    said = final(stage)[stage.dag]
    assert (said["restart_count"], said["attempts"]["submits"]) == (1, 4)


@of("killed")
def test_killed_it_is_lost_with_evidence(stage: Stage) -> None:
    (cause,) = causes(stage.triage(), "dagman_crashed")
    assert "signal 9" in cause["message"]  # the log of DAGMan's own job says so


@of("forced")
def test_forced_it_is_removed_with_evidence(stage: Stage) -> None:
    (cause,) = causes(stage.triage(), "removed_by_operator")
    assert "condor_rm" in cause["message"]


@of("interrupted")
def test_interrupted_what_was_read_is_kept(stage: Stage) -> None:
    """SIGTERM and SIGINT end the watch with a code and no traceback; whatever ends it, what was read answers on."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGKILL):
        code, errors, said = stage.notes[number.name]
        assert code is not None
        assert (code == -number) == (number == signal.SIGKILL), (number, code)
        assert "Traceback" not in errors
        assert (said[0]["state"], said[0]["nodes"]["done"], said[0]["nodes"]["queued"]) == ("running", 1, 2)


def engine_states(stage: Stage) -> set[str]:
    """What the database tells of the engine itself."""
    connection = sqlite3.connect(stage.database)
    states = {row[0] for row in connection.execute("SELECT state FROM workflow_event")}
    connection.close()
    return states
