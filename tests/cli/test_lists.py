"""``workflows`` and ``jobs``: filters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from .conftest import Run

Ask = Callable[..., Any]


def test_workflows_are_roots_unless_all_are_asked_for(ask: Ask, databases: dict[str, str]) -> None:
    db = databases["dm_e_subdag"]
    assert len(ask("workflows", "--db", db)["workflows"]) == 1
    assert len(ask("workflows", "--db", db, "--all")["workflows"]) == 5
    assert len(ask("workflows", "--db", db, "--all", "--limit", "2")["workflows"]) == 2


def test_workflows_are_filtered(ask: Ask, run: Run, databases: dict[str, str]) -> None:
    db = databases["pg_fail"]
    assert len(ask("workflows", "--db", db, "--state", "failed", "--label", "fail*")["workflows"]) == 1
    assert ask("workflows", "--db", db, "--state", "success")["workflows"] == []
    assert "No workflow" in run("workflows", "--db", db, "--user", "nobody-of-that-name").output


def test_jobs_are_filtered(ask: Ask, databases: dict[str, str]) -> None:
    def names(*options: str) -> list[str]:
        return [j["job"] for j in ask("jobs", "--db", databases["pg_fail"], *options)["jobs"]]

    assert names("--state", "failed") == ["findrange_ID0000003"]
    assert names("--retried") == ["findrange_ID0000003"]
    assert names("--name", "findrange*") == ["findrange_ID0000002", "findrange_ID0000003"]
    assert names("--transformation", "*findrange*") == ["findrange_ID0000002", "findrange_ID0000003"]
    assert len(names("--type", "compute")) == 4
    assert len(names("--limit", "3")) == 3
    assert names("--sort", "attempts", "--desc")[0] == "findrange_ID0000003"
    assert names("--held") == []


def test_exits_are_values_not_integers(ask: Ask, databases: dict[str, str]) -> None:
    job = ask("jobs", "--db", databases["pg_fail"], "--state", "failed")["jobs"][0]
    assert job["exit"] == {"kind": "exited", "code": 3, "signal": None}


def test_people_are_told_when_a_list_was_cut(run: Run, databases: dict[str, str]) -> None:
    assert "--limit" in run("jobs", "--db", databases["pg_fail"], "--limit", "2").output


HELD = "1795295190"  # dm_g_hold: four jobs are held, one of them for good


def test_jobs_as_of_a_time_stand_as_they_did(ask: Ask, run: Run, databases: dict[str, str]) -> None:
    db = databases["dm_g_hold"]
    then = {j["job"]: j for j in ask("jobs", "--db", db, "--as-of", HELD)["jobs"]}
    assert {name for name, j in then.items() if j["last_state"] == "JOB_HELD"} == {
        "needs_input", "licence", "held_by_operator", "held_and_removed"
    }  # fmt: skip
    assert then["licence"]["hold_reason"] == "exit code 42: licence server said no"
    assert then["licence"]["end_ts"] is None
    assert then["licence"]["duration_s"] is None
    assert then["start"]["state"] == "done"
    assert then["finish"]["state"] == "unready"
    assert len(ask("jobs", "--db", db, "--as-of", HELD, "--held")["jobs"]) == 4
    assert ask("jobs", "--db", db, "--as-of", HELD, "--state", "failed")["jobs"] == []
    assert "licence held" in run("jobs", "--db", db, "--as-of", HELD).output


def test_as_of_last_lists_what_is_there(ask: Ask, databases: dict[str, str]) -> None:
    for verb in ("jobs", "workflows"):
        assert ask(verb, "--db", databases["pg_fail"], "--as-of", "last") == ask(verb, "--db", databases["pg_fail"])


def test_workflows_as_of_a_time_are_those_that_had_begun(ask: Ask, run: Run, databases: dict[str, str]) -> None:
    db = databases["dm_g_hold"]
    one = ask("workflows", "--db", db, "--as-of", HELD)["workflows"][0]
    assert (one["state"], one["done"], one["failed"], one["total"]) == ("running", 1, 0, 6)
    assert "ago" not in run("workflows", "--db", db, "--as-of", HELD).output
    assert "No workflow" in run("workflows", "--db", db, "--as-of", "0").output
    assert "No job" in run("jobs", "--db", db, "--as-of", "0").output


def test_a_narrow_terminal_shows_whole_columns(
    run: Run, databases: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With sub-workflows there are more columns than fit: some are left out, none is cut."""
    monkeypatch.setenv("COLUMNS", "80")
    head, *lines = run("workflows", "--all", "--db", databases["dm_e_subdag"]).output.splitlines()
    assert head.split() == ["UUID", "LABEL", "BELOW", "STATE", "DONE", "STARTED", "TOOK"]
    assert all(line.endswith(" s") for line in lines)
