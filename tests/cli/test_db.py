"""``db check`` and ``db rebuild-summaries``."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .conftest import Run

Ask = Callable[..., Any]


@pytest.fixture
def copy(databases: dict[str, str], tmp_path: Path) -> Path:
    """A database that may be spoilt."""
    source = sqlite3.connect(databases["pg_fail"].removeprefix("sqlite:///"))
    target = sqlite3.connect(tmp_path / "copy.db")
    source.backup(target)
    source.close()
    target.close()
    return tmp_path / "copy.db"


def spoil(path: Path, *statements: str) -> None:
    connection = sqlite3.connect(path)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


@pytest.mark.parametrize("name", ["pg_fail", "dm_g_hold", "dm_e_subdag", "dm_c_rescue"])
def test_what_the_loader_wrote_is_sound(run: Run, databases: dict[str, str], name: str) -> None:
    result = run("db", "check", "--db", databases[name])
    assert result.exit_code == 0, result.output


def test_wrong_summaries_are_found_and_mended(run: Run, ask: Ask, copy: Path) -> None:
    url = f"sqlite:///{copy}"
    right = ask("status", "--db", url)
    spoil(copy, "UPDATE workflow_summary SET done = done + 3, holds = 99")
    result = run("db", "check", "--db", url)
    assert result.exit_code == 1
    assert "rebuild-summaries" in result.output
    assert ask("db", "rebuild-summaries", "--db", url)["changed"] == 1
    assert ask("db", "rebuild-summaries", "--db", url)["changed"] == 0
    assert run("db", "check", "--db", url).exit_code == 0
    assert ask("status", "--db", url) == right


@pytest.mark.parametrize(
    "statement, check",
    [
        ("DELETE FROM job WHERE exec_job_id = 'findrange_ID0000003'", "rows that refer to missing rows"),
        ("UPDATE job SET attempts = 7 WHERE exec_job_id = 'findrange_ID0000003'", "jobs whose tries do not add up"),
        ("UPDATE dbversion SET version_number = 3", "schema version"),
    ],
)
def test_what_is_off_is_named(ask: Ask, copy: Path, statement: str, check: str) -> None:
    spoil(copy, "PRAGMA foreign_keys = OFF", statement)
    health = ask("db", "check", "--db", f"sqlite:///{copy}")
    assert not health["ok"]
    assert check in [c["name"] for c in health["checks"] if c["faults"]]


def test_a_damaged_file_is_found(run: Run, copy: Path) -> None:
    spoil(copy, "PRAGMA journal_mode=DELETE")
    data = bytearray(copy.read_bytes())
    data[8192:20480] = bytes(12288)
    copy.write_bytes(data)
    assert run("db", "check", "--db", f"sqlite:///{copy}").exit_code in (1, 4)


def test_jobs_nobody_declared_are_noted_not_blamed(run: Run, ask: Ask, corpus: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(corpus / "dm_g_hold", tmp_path / "run"))
    (folder / "dm_g_hold.dag").unlink()
    run("load", str(folder), "--db", f"sqlite:///{tmp_path}/x.db")
    health = ask("db", "check", "--db", f"sqlite:///{tmp_path}/x.db")
    stubs = next(c for c in health["checks"] if "never declared" in c["name"])
    assert stubs["faults"]
    assert health["ok"]
