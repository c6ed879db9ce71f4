"""Runs of a DAGMan that says little, or whose own log is gone: nodes.log tells what became of the jobs."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

from stampede.pipeline import load
from stampede.sources.dagman.dagmanout import Record
from stampede.sources.dagman.joblog import LogEvent
from stampede.sources.dagman.quiet import is_quiet, records

#: what ``condor_submit_dag -debug 2`` leaves
_SAID = (b"STARTING UP", b"** PID", b"Parsing 1", b"EXITING WITH")


def answers(run: Path, target: Path) -> tuple[list[Any], list[Any]]:
    load([run], f"sqlite:///{target}")
    db = sqlite3.connect(target)
    nodes = db.execute("SELECT exec_job_id, node_state, attempts FROM job ORDER BY 1").fetchall()
    tries = db.execute(
        "SELECT j.exec_job_id, i.job_submit_seq, i.sched_id, i.main_exitcode, i.outcome, i.hold_count, i.execute_ts "
        "FROM job_instance i JOIN job j ON j.job_id = i.job_id ORDER BY 2"
    ).fetchall()
    db.close()
    return nodes, tries


@pytest.fixture(params=["gone", "quiet"])
def bereft(request: pytest.FixtureRequest, corpus: Path, tmp_path: Path) -> Path:
    """A Pegasus run with failures and holds, without dagman.out or with what a quiet DAGMan writes there."""
    run = Path(copytree(corpus / "pg_fail", tmp_path / "run"))
    log = run / "failing-0.dag.dagman.out"
    if request.param == "gone":
        log.unlink()
    else:
        lines = log.read_bytes().splitlines(keepends=True)
        log.write_bytes(b"".join(line for line in lines if any(word in line for word in _SAID)))
    return run


def test_jobs_and_tries_are_those_that_the_whole_log_tells(corpus: Path, tmp_path: Path, bereft: Path) -> None:
    whole = answers(Path(copytree(corpus / "pg_fail", tmp_path / "whole")), tmp_path / "whole.db")
    assert answers(bereft, tmp_path / "bereft.db") == whole


def test_the_end_is_known_and_a_second_load_changes_nothing(tmp_path: Path, bereft: Path) -> None:
    first = answers(bereft, tmp_path / "x.db")
    assert answers(bereft, tmp_path / "x.db") == first
    assert sqlite3.connect(tmp_path / "x.db").execute("SELECT state FROM workflow").fetchall() == [("failed",)]


def event(number: int, name: str, ts: float, node: str | None = None, cluster: int = 7) -> LogEvent:
    return LogEvent(number, f"ULOG_{name}", ts, "", cluster, 0, 0, 0, 0, node=node)


def test_an_ordinary_log_is_not_quiet() -> None:
    log = [event(0, "SUBMIT", 100.0, "A"), event(1, "EXECUTE", 101.0)]
    start = Record("starting", 99.0, 0)
    assert not is_quiet([], [])
    assert is_quiet([], log)
    assert not is_quiet([start], log), "DAGMan may not have looked yet"
    assert is_quiet([start], [*log, event(5, "JOB_TERMINATED", 140.0)])
    assert is_quiet([start, Record("exit", 102.0, 0)], log)
    assert not is_quiet([start, Record("event", 101.0, 0)], [*log, event(5, "JOB_TERMINATED", 140.0)])
    assert not is_quiet([Record("starting", 200.0, 0), Record("exit", 300.0, 0)], log), "an earlier run's events"


def test_a_second_cluster_of_a_node_is_a_retry() -> None:
    log = [event(0, "SUBMIT", 100.0, "A"), event(5, "JOB_TERMINATED", 105.0), event(0, "SUBMIT", 110.0, "A", 8)]
    assert [(r.kind, r.node, r.job, r.value) for r in records(log, {})] == [
        ("event", "A", "7.0", 0), ("event", "A", "7.0", 0), ("node_left", "A", "", 0), ("retry", "A", "", 1),
        ("event", "A", "8.0", 0),
    ]  # fmt: skip
