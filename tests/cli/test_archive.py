"""``archive``, ``restore`` and ``query`` as users type them."""

from __future__ import annotations

import csv
import io
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from stampede import pipeline

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


def test_one_that_cannot_be_archived_does_not_keep_the_others(
    run: Run, ask: Callable[..., Any], corpus: Path, tmp_path: Path
) -> None:
    db = f"sqlite:///{tmp_path / 'both.db'}"
    pipeline.load([corpus / "pg_fail", corpus / "dm_g_hold"], db)
    with closing(sqlite3.connect(tmp_path / "both.db")) as connection, connection:
        uuid, oldest = connection.execute("SELECT wf_uuid, wf_id FROM workflow ORDER BY last_ts LIMIT 1").fetchone()
        connection.execute("UPDATE job SET attempts = 'many' WHERE wf_id = ?", (oldest,))
    said = run("archive", "--older", "1h", "--db", db, "--to", tmp_path / "archive")
    assert said.exit_code == 4
    assert f"{uuid[:8]} was not archived" in said.stderr
    assert [w["wf_uuid"] != uuid for w in ask("archive", "--to", tmp_path / "archive")["workflows"]] == [True]
    assert list(ask("archive", "--older", "1h", "--db", db, "--to", tmp_path / "archive")["troubles"]) == [uuid]


def test_what_is_restored_is_in_the_registry(ask: Callable[..., Any], archive: Path, tmp_path: Path) -> None:
    db = f"sqlite:///{tmp_path}/back.db"
    ask("restore", "--all", "--archive", archive, "--db", db)
    known = {w["label"]: w["db_url"] for w in ask("registry", "list")["workflows"]}
    assert known == {"failing": db, "dm_g_hold": db}


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
