"""``forecast``: text, JSON, exit codes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .conftest import Run

Ask = Callable[..., Any]


def test_a_failed_workflow_is_told_as_such(run: Run, ask: Ask, databases: dict[str, str]) -> None:
    result = run("forecast", "--db", databases["pg_fail"])
    assert result.exit_code == 1
    assert "It has ended: failed." in result.output
    assert "findrange_ID0000003 has failed in all its tries" in result.output
    (found,) = ask("forecast", "--db", databases["pg_fail"])["workflows"]
    assert (found["doomed"], found["probability"], found["label"]) == (True, 1.0, "failing")


def test_a_successful_workflow_ends_with_0(run: Run, databases: dict[str, str]) -> None:
    result = run("forecast", "--db", databases["dm_e_subdag"])
    assert result.exit_code == 0
    assert "It has ended: success." in result.output


def test_lost_is_told_while_it_runs(run: Run, ask: Ask, databases: dict[str, str]) -> None:
    db = databases["dm_g_hold"]
    lost = ask("show", "held_and_removed", "--db", db)["state_ts"]
    (status,) = ask("status", "--db", db, "--as-of", lost)["workflows"]
    assert status["state"] == "running"
    result = run("forecast", "--db", db, "--as-of", lost)
    assert result.exit_code == 1
    assert "lost: it cannot end well any more" in result.output


def test_without_history_it_says_what_it_needs(run: Run, ask: Ask, databases: dict[str, str]) -> None:
    (status,) = ask("status", "--db", databases["dm_g_hold"])["workflows"]
    begun = status["started_ts"]
    result = run("forecast", "--db", databases["dm_g_hold"], "--as-of", begun)
    assert result.exit_code == 0
    assert "not enough history to tell" in result.output
    assert "5 more ended runs of this label" in result.output
