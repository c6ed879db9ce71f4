"""``db upgrade``, ``db downgrade``, and what ``db check`` and ``db init`` say of revisions."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.store.migrations.old import NEWEST, Rows, make_file, rows_of, shape

from .conftest import Run

Ask = Callable[..., Any]


@pytest.fixture(scope="module")
def rows(databases: dict[str, str]) -> Rows:
    return rows_of(Path(databases["pg_fail"].removeprefix("sqlite:///")))


@pytest.fixture
def old(rows: Rows, tmp_path: Path) -> Callable[[int], str]:
    """Makes a file of a revision: its URL."""

    def make(revision: int) -> str:
        path = tmp_path / "old.db"
        make_file(path, shape(revision), rows).close()
        return f"sqlite:///{path}"

    return make


def change(url: str, statement: str) -> None:
    connection = sqlite3.connect(url.removeprefix("sqlite:///"))
    with connection:
        connection.execute(statement)
    connection.close()


def test_check_tells_the_revision_and_what_the_newest_has_that_it_has_not(run: Run, ask: Ask, old: Any) -> None:
    url = old(3)
    health = ask("db", "check", "--db", url)
    assert (health["ok"], health["revision"], health["newest_revision"]) == (True, 3, NEWEST)
    said = run("db", "check", "--db", url)
    assert said.exit_code == 0, "it can be read, and who writes brings it up"
    assert f"the tables have revision 3, the newest is {NEWEST}" in said.output
    assert "there is no table anomaly_change" in said.output
    assert "stampede db upgrade" in said.output


def test_check_finds_what_was_changed_by_hand(run: Run, ask: Ask, old: Any) -> None:
    url = old(NEWEST)
    ask("db", "upgrade", "--db", url)
    assert run("db", "check", "--db", url).exit_code == 0
    change(url, "ALTER TABLE host ADD COLUMN colour TEXT")
    change(url, "DROP INDEX job_exec_job_id_idx")
    change(url, "CREATE INDEX job_exec_job_id_idx ON job (type_desc)")
    result = run("db", "check", "--db", url)
    assert result.exit_code == 1
    assert "the column host.colour is not declared" in result.output
    assert "the index job_exec_job_id_idx is of job (type_desc)" in result.output


def test_upgrade_brings_a_file_up_and_tells_each_revision(run: Run, old: Any) -> None:
    url = old(1)
    result = run("db", "upgrade", "--db", url)
    assert result.exit_code == 0
    assert f"revision 1 became {NEWEST}, the newest." in result.stdout
    assert [line.split(":")[0] for line in result.stderr.splitlines()] == [
        f"revision {n}" for n in range(2, NEWEST + 1)
    ]
    again = run("db", "upgrade", "--db", url)
    assert (again.exit_code, again.stderr) == (0, "")
    assert "nothing to do" in again.stdout
    assert run("db", "check", "--db", url).exit_code == 0


def test_quiet_tells_no_progress(run: Run, old: Any) -> None:
    assert run("db", "upgrade", "-q", "--db", old(1)).stderr == ""


def test_a_dry_run_prints_sql_that_can_be_run(run: Run, ask: Ask, old: Any) -> None:
    url = old(4)
    result = run("db", "upgrade", "--dry-run", "--db", url)
    assert result.exit_code == 0
    assert ask("db", "check", "--db", url)["revision"] == 4
    connection = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
    connection.executescript(result.stdout)
    connection.close()
    assert ask("db", "check", "--db", url)["revision"] == NEWEST


def test_answers_in_json(ask: Ask, old: Any) -> None:
    url = old(1)
    told = ask("db", "upgrade", "--dry-run", "--db", url)
    assert (told["before"], told["after"], told["newest"], told["done"]) == (1, NEWEST, NEWEST, False)
    done = ask("db", "upgrade", "--to", "3", "--db", url)
    assert (done["before"], done["after"], done["done"], done["refused"]) == (1, 3, True, False)
    assert done["statements"]
    assert ask("db", "init", "--db", url)["revision"] == NEWEST, "who makes tables brings a file up"


def test_a_downgrade_that_would_lose_rows_ends_with_1_and_says_which(run: Run, ask: Ask, old: Any) -> None:
    url = old(NEWEST)
    ask("db", "upgrade", "--db", url)
    change(url, "UPDATE invocation SET note = 'gone' WHERE task_submit_seq = 1")
    change(url, "DELETE FROM anomaly")
    refused = run("db", "downgrade", "--to", "1", "--db", url)
    assert refused.exit_code == 1
    assert f"keeps revision {NEWEST}. Going back to 1 would delete for good:" in refused.stdout
    assert "  invocation.note: " in refused.stdout
    assert "--lose" in refused.stdout
    in_json = run("db", "downgrade", "--to", "1", "--json", "--db", url)
    assert in_json.exit_code == 1
    assert [lost["what"] for lost in json.loads(in_json.stdout)["lost"]] == ["invocation.note"]
    dry = run("db", "downgrade", "--to", "1", "--dry-run", "--db", url)
    assert dry.exit_code == 1
    assert run("db", "downgrade", "--to", "2", "--db", url).exit_code == 0
    assert run("db", "downgrade", "--to", "1", "--lose", "--db", url).exit_code == 0
    assert ask("db", "check", "--db", url)["revision"] == 1


@pytest.mark.parametrize(
    "arguments, said",
    [
        (("upgrade", "--to", "99"), "There is no revision 99"),
        (("upgrade", "--to", "2"), "downgrade --to 2"),
        (("downgrade", "--to", "4"), "not later than 4"),
        (("downgrade",), "--to"),
    ],
)
def test_wrong_use_ends_with_2(run: Run, old: Any, arguments: tuple[str, ...], said: str) -> None:
    result = run("db", *arguments, "--db", old(4))
    assert result.exit_code == 2
    assert said in result.stderr


def test_what_cannot_be_upgraded_ends_with_4(run: Run, old: Any, tmp_path: Path) -> None:
    assert run("db", "upgrade", "--db", f"sqlite:///{tmp_path}/none.db").exit_code == 4
    url = old(4)
    change(url, "UPDATE stampede_meta SET value = '99' WHERE key = 'schema_version'")
    result = run("db", "upgrade", "--db", url)
    assert result.exit_code == 4
    assert "schema version 99" in result.stderr


def test_verbs_that_read_answer_the_same_before_an_upgrade(ask: Ask, old: Any) -> None:
    url = old(2)
    verbs = ("status", "jobs", "triage", "stats")
    before = {verb: ask(verb, "--db", url) for verb in verbs}
    assert ask("db", "check", "--db", url)["revision"] == 2, "nobody has changed it"
    ask("db", "upgrade", "--db", url)
    assert {verb: ask(verb, "--db", url) for verb in verbs} == before
