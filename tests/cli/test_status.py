"""``status``: its JSON contract, its exit codes, and how a workflow may be named."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stampede.query import open_database

from .conftest import Run

Ask = Callable[..., Any]


@pytest.mark.parametrize("run_name", ["pg_fail", "dm_g_hold", "dm_e_subdag", "dm_c_rescue"])
def test_json_has_what_scripts_rely_on(ask: Ask, corpus: Path, databases: dict[str, str], run_name: str) -> None:
    import json

    truth = json.loads((corpus / run_name / "truth.json").read_text())
    flows = ask("status", "--db", databases[run_name], "--as-of", "last")["workflows"]
    root = next(w for w in flows if w["parent_wf_uuid"] is None)
    assert root["state"] == truth["final"]
    assert {"wf_uuid", "dag", "parent_wf_uuid", "state", "nodes", "attempts"} <= root.keys()
    table = truth["numbers"]["final_table"]
    assert {k: root["nodes"][k] for k in ("total", "done", "failed", "futile")} == {
        k: table[k] for k in ("total", "done", "failed", "futile")
    }
    events = truth["numbers"]["events_all_dags"]
    assert sum(w["attempts"]["submits"] for w in flows) == events["SUBMIT"]
    assert sum(w["attempts"]["holds"] for w in flows) == events.get("JOB_HELD", 0)


def test_times_in_json_are_rfc_3339(ask: Ask, databases: dict[str, str]) -> None:
    root = ask("status", "--db", databases["pg_fail"])["workflows"][0]
    assert root["started_ts"].endswith("Z")
    assert isinstance(root["duration_s"], int | float)


@pytest.mark.parametrize("run_name, code", [("pg_fail", 1), ("dm_g_hold", 1), ("dm_e_subdag", 0)])
def test_exit_code_tells_whether_the_workflow_failed(
    run: Run, databases: dict[str, str], run_name: str, code: int
) -> None:
    assert run("status", "--db", databases[run_name]).exit_code == code
    assert run("status", "--db", databases[run_name], "--json").exit_code == code


def test_a_forest_is_a_tree(run: Run, databases: dict[str, str]) -> None:
    output = run("status", "--db", databases["dm_e_subdag"]).output
    assert "success, all" in output
    assert "├─ " in output
    assert "└─ " in output


@pytest.mark.parametrize("columns", ["80", "100", "200"])
def test_no_line_is_wider_than_the_terminal(
    run: Run, databases: dict[str, str], monkeypatch: pytest.MonkeyPatch, columns: str
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    for verb in ("status", "triage", "jobs", "workflows"):
        lines = run(verb, "--db", databases["dm_e_subdag"], "-q").output.splitlines()
        assert max(len(x) for x in lines if "stampede " not in x) <= int(columns)


def test_a_workflow_is_named_by_uuid_start_label_and_folder(ask: Ask, databases: dict[str, str], corpus: Path) -> None:
    db = databases["dm_g_hold"]
    uuid = ask("status", "--db", db)["workflows"][0]["wf_uuid"]
    for name in (uuid, uuid[:6], "dm_g_hold", str(corpus / "dm_g_hold"), str(corpus / "dm_g_hold" / "dm_g_hold.dag")):
        assert ask("status", name, "--db", db)["workflows"][0]["wf_uuid"] == uuid


def test_an_unknown_name_tells_what_there_is(run: Run, databases: dict[str, str]) -> None:
    result = run("status", "nonsense", "--db", databases["dm_g_hold"])
    assert result.exit_code == 2
    assert "dm_g_hold" in result.stderr


def test_without_a_name_it_is_the_current_directory(
    run: Run, submit_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("load", str(submit_dir))
    monkeypatch.chdir(submit_dir)
    assert "dm_g_hold: failed" in run("status").output


def test_a_submit_directory_that_was_moved_keeps_its_database(run: Run, submit_dir: Path) -> None:
    run("load", str(submit_dir))
    moved = submit_dir.rename(submit_dir.with_name("elsewhere"))
    assert "dm_g_hold: failed" in run("status", str(moved)).output


def test_as_of_looks_back(ask: Ask, run: Run, databases: dict[str, str]) -> None:
    db = databases["dm_g_hold"]
    now = ask("status", "--db", db)["workflows"][0]
    early = ask("status", "--db", db, "--as-of", now["started_ts"])["workflows"][0]
    assert early["nodes"]["done"] < now["nodes"]["done"]
    assert early["nodes"]["total"] == now["nodes"]["total"]
    assert ask("status", "--db", db, "--as-of", "2001-01-01T00:00:00Z")["workflows"] == []
    assert "had not begun" in run("status", "--db", db, "--as-of", "0").output


# ---- what will be ---------------------------------------------------------------------------------------------------


def test_while_it_runs_status_tells_when_it_ends_and_what_limits_it(
    run: Run, ask: Ask, databases: dict[str, str]
) -> None:
    then = "2026-11-21T21:06:21Z"
    root = ask("status", "--db", databases["dm_g_hold"], "--as-of", then)["workflows"][0]
    told = root["progress"]
    assert told["as_of_ts"] == then
    assert then < told["eta_low_ts"] <= told["eta_ts"] <= told["eta_high_ts"]
    assert told["limited_by"]
    output = run("status", "--db", databases["dm_g_hold"], "--as-of", then).output
    assert "(80 %), most likely" in output
    assert "% of the work is done" in output


def test_where_all_is_held_no_end_is_told_but_why(run: Run, databases: dict[str, str]) -> None:
    output = run("status", "--db", databases["dm_g_hold"], "--as-of", "2026-11-21T21:06:29Z").output
    assert "nobody can tell: 4 jobs are held, and nothing else can go on" in output


def test_of_what_has_ended_nothing_is_foretold(run: Run, ask: Ask, databases: dict[str, str]) -> None:
    assert ask("status", "--db", databases["pg_fail"])["workflows"][0]["progress"] is None
    assert "most likely" not in run("status", "--db", databases["pg_fail"]).output


def test_of_many_sub_workflows_the_worst_are_listed(
    run: Run, databases: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A forest of thousands does not fill the screen; -v lists all."""
    monkeypatch.setattr("stampede.cli.status._LISTED", 1)
    some = run("status", "--db", databases["dm_e_subdag"]).output
    every = run("status", "-v", "--db", databases["dm_e_subdag"]).output
    assert "2 more (-v lists all)" in some
    assert "more (-v" not in every
    assert ("deepest" in every, "deepest" in some) == (True, False)


def test_a_running_workflow_that_cannot_end_well_is_told_so(ask: Ask, run: Run, databases: dict[str, str]) -> None:
    """From the moment on at which a node has no try left; before, with no history, nothing is said of the risk."""
    db = databases["dm_g_hold"]
    with open_database(db) as reader:
        lost_ts = reader.rows("SELECT min(node_state_ts) FROM job WHERE node_state = 'failed'")[0][0]
    flow = ask("status", "--db", db, "--as-of", str(lost_ts))["workflows"][0]
    before = ask("status", "--db", db, "--as-of", flow["started_ts"])["workflows"][0]
    assert (flow["state"], flow["forecast"]["doomed"], flow["forecast"]["probability"]) == ("running", True, 1.0)
    assert (before["forecast"]["doomed"], before["forecast"]["probability"]) == (False, None)
    assert "risk " in run("status", "--db", db, "--as-of", str(lost_ts)).output
    assert "lost: it cannot end well any more" in run("status", "--db", db, "--as-of", str(lost_ts)).output
    assert "risk " not in run("status", "--db", db, "--as-of", flow["started_ts"]).output
