"""``archive``, ``restore`` and ``query`` as users type them."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .conftest import Run


@pytest.fixture
def archive(run: Run, databases: dict[str, str], tmp_path: Path) -> Path:
    folder = tmp_path / "archive"
    for name in ("pg_fail", "dm_g_hold"):
        assert run("archive", "--older", "1h", "--db", databases[name], "--to", folder).exit_code == 0
    return folder


def test_once_more_says_that_it_is_there(run: Run, databases: dict[str, str], archive: Path) -> None:
    said = run("archive", "dm_g_hold", "--db", databases["dm_g_hold"], "--to", archive)
    assert said.exit_code == 0
    assert "was in the archive already" in said.stdout


def test_nothing_is_as_old_as_that(run: Run, databases: dict[str, str], tmp_path: Path) -> None:
    said = run("archive", "--older", "900y", "--db", databases["dm_g_hold"], "--to", tmp_path / "none")
    assert said.exit_code == 0
    assert "No workflow" in said.stdout


def test_the_list_has_all_workflows(ask: Callable[..., Any], archive: Path) -> None:
    assert {w["label"] for w in ask("archive", "--to", archive)["workflows"]} == {"failing", "dm_g_hold"}


def test_rows_come_as_table_json_and_csv(run: Run, ask: Callable[..., Any], archive: Path) -> None:
    sql = "SELECT label, count(*) AS jobs FROM job GROUP BY label ORDER BY label"
    expected = [{"label": "dm_g_hold", "jobs": 6}, {"label": "failing", "jobs": 14}]
    assert ask("query", sql, "--archive", archive)["rows"] == expected
    text = run("query", sql, "--archive", archive, "--csv").stdout
    assert list(csv.DictReader(io.StringIO(text))) == [{k: str(v) for k, v in r.items()} for r in expected]
    assert "dm_g_hold" in run("query", sql, "--archive", archive).stdout


def test_exit_codes_tell_what_was_wrong(run: Run, archive: Path, tmp_path: Path) -> None:
    def code(sql: str, *more: str) -> int:
        return run("query", sql, "--archive", archive, *more).exit_code

    assert code("DROP VIEW job") == 2
    assert code("SELECT nothing FROM job") == 2
    assert run("query", "SELECT 1", "--archive", tmp_path / "none").exit_code == 3
    assert code("SELECT sum(a.range * b.range) FROM range(9999999) a, range(9999999) b", "--seconds", "0.2") == 4
    assert run("archive", "x", "--label", "y", "--to", archive).exit_code == 2
    assert run("archive", "--older", "soon", "--to", archive).exit_code == 2


def test_what_is_restored_answers_as_before(
    run: Run, ask: Callable[..., Any], databases: dict[str, str], archive: Path, tmp_path: Path
) -> None:
    back = f"sqlite:///{tmp_path / 'back.db'}"
    assert run("restore", "failing", "dm_g_hold", "--archive", archive, "--db", back).exit_code == 0
    for verb in ("status", "triage", "stats"):
        before, after = (ask(verb, "failing", "--db", db) for db in (databases["pg_fail"], back))
        assert before == after, verb
    assert "is there already" in run("restore", "--all", "--archive", archive, "--db", back).stdout


def test_restore_wants_to_know_what_and_where(run: Run, archive: Path, tmp_path: Path) -> None:
    assert run("restore", "--archive", archive, "--db", "sqlite:///x.db").exit_code == 2
    assert run("restore", "failing", "--archive", archive).exit_code == 2
    assert run("restore", "unheard-of", "--archive", archive, "--db", "sqlite:///x.db").exit_code == 2
    assert run("restore", "failing", "--archive", archive, "--events", tmp_path / "e.jsonl").exit_code == 0
    assert len((tmp_path / "e.jsonl").read_text().splitlines()) > 200
