"""``triage``: its JSON contract, its exit codes, what people read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from stampede.analysis.rules import causes

from .conftest import Run

Ask = Callable[..., Any]


def test_json_has_what_scripts_rely_on(ask: Ask, databases: dict[str, str]) -> None:
    found = ask("triage", "--db", databases["pg_fail"], "--as-of", "last")
    cause = found["causes"][0]
    assert cause["label"] == "exit_code"
    assert cause["nodes"] == ["findrange_ID0000003"]
    assert cause["message"]
    assert {c["label"] for c in found["causes"]} <= causes().keys()
    assert found["never_run"] == 7
    assert found["next_steps"]
    assert found["workflows"][0]["state"] == "failed"


def test_exit_code_tells_whether_something_is_wrong(run: Run, databases: dict[str, str]) -> None:
    assert run("triage", "--db", databases["pg_fail"]).exit_code == 1
    assert run("triage", "--db", databases["dm_e_subdag"]).exit_code == 0


def test_people_read_cause_output_and_next_step(run: Run, databases: dict[str, str]) -> None:
    output = run("triage", "--db", databases["pg_fail"]).output
    assert output.index("1. ") < output.index("findrange_ID0000003") < output.index("Can never run now")
    assert "exit code 3" in output
    assert "calibration.dat is missing" in output.replace("\n", " ").replace("   ", " ")


def test_as_of_a_time_judges_what_was_known_by_then(run: Run, ask: Ask, databases: dict[str, str]) -> None:
    """``held_and_removed`` is held from 21:06:28 on; its operator gives it up at 21:06:44."""
    held = ask("triage", "--db", databases["dm_g_hold"], "--as-of", "2026-11-21T21:06:40Z")["causes"]
    assert [c["label"] for c in held if "held_and_removed" in c["nodes"]] == ["held_policy"]
    before = run("triage", "--db", databases["pg_fail"], "--as-of", "2026-01-01T00:00:00Z")
    assert before.exit_code == 0
    assert "Nothing is wrong" in before.stdout


def test_a_command_of_ours_asks_the_same_database(run: Run, databases: dict[str, str]) -> None:
    output = run("triage", "--db", databases["pg_fail"]).output
    assert f"stampede show findrange_ID0000003 4c58fd30 --db {databases['pg_fail']}" in output


def test_a_cause_tells_what_it_touches_and_keeps_from_running(ask: Ask, databases: dict[str, str]) -> None:
    cause = ask("triage", "--db", databases["pg_fail"])["causes"][0]
    assert (cause["tasks"], cause["blocks"], cause["attempts"], cause["share"]) == (["ID0000003"], 7, 2, 1.0)
    assert [f["lfn"] for f in cause["files"] if f["missing"]] == ["f.c2"]
    assert cause["command"] == "stampede show findrange_ID0000003 4c58fd30"


def test_a_long_line_of_output_stays_behind_its_bar(
    run: Run, databases: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    lines = run("triage", "--full", "--db", databases["pg_fail"]).output.splitlines()
    first = next(i for i, line in enumerate(lines) if "FATAL" in line and "│" in line)
    assert lines[first + 1].startswith("   │ ")
    assert "calibration.dat is missing" in (lines[first] + lines[first + 1]).replace("   │ ", "")


def test_a_file_that_was_to_be_written_is_told_as_not_made(run: Run, databases: dict[str, str]) -> None:
    assert "f.c2 (not made)" in run("triage", "--db", databases["pg_fail"]).output
