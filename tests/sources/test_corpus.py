"""Every recorded run is loaded and compared with what is known to be true of it.

``truth.json`` beside each run was made by counting in its logs and by those who staged its mishaps.
"""

from __future__ import annotations

import json
import os
import sqlite3
from pathlib import Path
from typing import Any

import msgspec
import pytest

from stampede.pipeline import load

TESTS = Path(__file__).resolve().parents[1]

#: columns of DAGMan's table that our summary has under the same name
COLUMNS = ("total", "done", "pre", "queued", "post", "ready", "unready", "failed", "futile")


def shared_runs() -> list[Path]:
    """The runs beside a development checkout; none where they are absent."""
    shared = Path(os.environ.get("STAMPEDE_SHARED", TESTS.parent.parent / "shared"))
    return sorted(path.parent for path in shared.glob("corpus/runs*/*/truth.json"))


def own_runs() -> list[Path]:
    """The runs that ship with the project."""
    return sorted(path.parent for path in TESTS.glob("corpus/*/truth.json"))


class Told(msgspec.Struct):
    """What our database says of one run."""

    states: list[str]
    root: dict[str, int]
    submits: int
    executes: int
    holds: int


def tell(submit: Path, database: Path) -> Told:
    load([submit], f"sqlite:///{database}")
    connection = sqlite3.connect(database)
    try:
        roots = [r[0] for r in connection.execute("SELECT state FROM workflow WHERE parent_wf_id IS NULL")]
        columns = ", ".join(COLUMNS)
        root = connection.execute(
            f"SELECT {columns} FROM workflow_summary s JOIN workflow w USING (wf_id) WHERE w.parent_wf_id IS NULL"
        ).fetchone()
        sums = connection.execute("SELECT sum(submits), sum(executes), sum(holds) FROM workflow_summary").fetchone()
    finally:
        connection.close()
    return Told(roots, dict(zip(COLUMNS, root, strict=True)), *sums)


def check(submit: Path, truth_file: Path, database: Path) -> None:
    truth: dict[str, Any] = json.loads(truth_file.read_text())
    told = tell(submit, database)
    assert truth["final"] in told.states
    numbers = truth["numbers"]
    events = numbers["events_all_dags"]
    assert told.submits == events.get("SUBMIT", 0)
    assert told.executes == events.get("EXECUTE", 0)
    assert told.holds == events.get("JOB_HELD", 0)
    if truth["final"] != "running" and numbers.get("final_table"):
        assert told.root == {column: numbers["final_table"].get(column, 0) for column in COLUMNS}


@pytest.mark.parametrize("run", own_runs(), ids=lambda run: run.name)
def test_a_run_that_ships_with_the_project_is_told_as_it_was(run: Path, tmp_path: Path) -> None:
    """State, DAGMan's last table (of runs that ended) and submissions, executions and holds over all DAGs."""
    check(run, run / "truth.json", tmp_path / "run.sqlite")


@pytest.mark.shared
@pytest.mark.parametrize("run", shared_runs(), ids=lambda run: run.name)
def test_a_recorded_run_is_told_as_it_was(run: Path, tmp_path: Path) -> None:
    """The same of every run of the shared corpus."""
    check(run / "submit", run / "truth.json", tmp_path / "run.sqlite")


@pytest.mark.parametrize("run", own_runs(), ids=lambda run: run.name)
def test_a_recorded_run_loaded_twice_is_written_once(run: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'run.sqlite'}"
    first = load([run], url)
    again = load([run], url)
    assert (again.events, again.skipped) == (0, first.events)
