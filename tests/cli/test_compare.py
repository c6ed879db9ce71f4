"""``compare``: its exit codes, what it prints, and how runs are named."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stampede import pipeline

from .conftest import Run


def test_a_run_against_itself_has_not_changed(run: Run, databases: dict[str, str]) -> None:
    result = run("compare", "failing", "failing", "--db", databases["pg_fail"])
    assert result.exit_code == 0
    assert "Nothing changed beyond noise" in result.output


def test_what_changed_is_told_and_ends_with_1(run: Run, corpus: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/x.db"
    pipeline.load([corpus / "pg_fail", corpus / "dm_g_hold"], url)
    result = run("compare", "failing", "dm_g_hold", "--db", url)
    assert result.exit_code == 1
    assert "Planned otherwise" in result.output


def test_json_has_all_of_it(ask: Callable[..., Any], databases: dict[str, str]) -> None:
    found = ask("compare", "failing", "failing", "--db", databases["pg_fail"])
    assert found["changes"] == found["plan"] == []
    assert found["first"] is None
    assert found["old_runs"] == 1


def test_without_a_past_it_says_so(run: Run, databases: dict[str, str]) -> None:
    result = run("compare", "failing", "--db", databases["pg_fail"])
    assert result.exit_code == 2
    assert "No earlier run of failing" in result.stderr


def test_a_run_that_nobody_knows_is_an_error(run: Run, databases: dict[str, str]) -> None:
    assert run("compare", "failing", "nothing", "--db", databases["pg_fail"]).exit_code == 2


@pytest.mark.parametrize("columns", ["60", "100"])
def test_no_line_is_wider_than_the_terminal(
    run: Run, corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, columns: str
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    url = f"sqlite:///{tmp_path}/x.db"
    pipeline.load([corpus / "pg_fail", corpus / "dm_g_hold"], url)
    output = run("compare", "failing", "dm_g_hold", "--db", url, "-q").output
    assert all(len(line) <= int(columns) for line in output.splitlines())
