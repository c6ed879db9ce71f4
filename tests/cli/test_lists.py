"""``workflows`` and ``jobs``: filters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

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
