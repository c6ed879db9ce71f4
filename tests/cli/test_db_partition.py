"""``stampede db partition`` and ``db init --partition``: what they say; what they do is held in ``tests/contract``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from stampede import pipeline
from stampede.query import open_database
from tests.contract.store.tables import all_tables, differences
from tests.servers import database

from .conftest import Run

Ask = Callable[..., Any]
PLACE = "postgresql+psycopg://nobody@127.0.0.1:1/none"


@pytest.fixture
def url(corpus: Path) -> Iterator[str]:
    """A PostgreSQL with a recorded run, as one table."""
    with database("postgresql") as found:
        pipeline.load([corpus / "pg_fail"], found)
        yield found


def test_init_makes_months_on_postgresql_alone(run: Run, ask: Ask, tmp_path: Path) -> None:
    with database("postgresql") as found:
        assert ask("db", "init", "--partition", "month", "--db", found)["revision"] >= 5
        assert len(ask("db", "partition", "--list", found)["parts"]) == 5
        assert ask("db", "check", "--db", found)["ok"]
    refused = run("db", "init", "--partition", "month", "--db", f"sqlite:///{tmp_path}/a.db")
    assert refused.exit_code == 2
    assert "only PostgreSQL keeps states by months" in refused.output
    assert list(tmp_path.iterdir()) == []


def test_what_has_states_already_is_named_the_way(run: Run, url: str) -> None:
    for said in (run("db", "init", "--partition", "month", "--db", url), run("db", "partition", "--db", url)):
        assert said.exit_code == 2
        assert "stampede db partition --by month" in said.output
    assert "not laid out by months" in run("db", "partition", "--list", "--db", url).stdout


def test_there_and_back_is_told(run: Run, ask: Ask, url: str) -> None:
    rows = all_tables(url)
    dry = run("db", "partition", "--by", "month", "--dry-run", url)
    assert dry.exit_code == 0
    statements = dry.stdout.splitlines()
    assert (statements[0], statements[-1]) == ("BEGIN;", 'VACUUM (FULL) "jobstate_default";')
    assert dry.stderr == ""
    laid = run("db", "partition", "--by", "month", url)
    assert laid.exit_code == 0
    assert "laid out by months; made 2026-11" in laid.stdout
    assert f"moved {len(rows['jobstate'])} rows" in laid.stdout
    assert "2026-11: its rows are moved" in laid.stderr
    assert "there is nothing to do" in run("db", "partition", url).stdout
    listed = run("db", "partition", "--list", url).stdout.splitlines()
    assert any(line.split()[:3] == ["2026-11", "jobstate_2026_11", f"{len(rows['jobstate'])}"] for line in listed)
    assert listed[-1].startswith("the rest")
    back = ask("db", "partition", "--none", url)
    assert (back["laid"], back["partitioned"], back["done"]) == ("none", False, True)
    assert not differences(rows, all_tables(url))


def test_a_run_is_archived_retained_and_restored(run: Run, ask: Ask, url: str, tmp_path: Path) -> None:
    before = ask("status", "failing", "--db", url, "--as-of", "2026-11-21T21:06:30Z")
    assert run("db", "partition", "--by", "month", "-q", url).exit_code == 0
    rows = all_tables(url)
    assert ask("status", "failing", "--db", url, "--as-of", "2026-11-21T21:06:30Z") == before
    assert run("archive", "failing", "--db", url, "--to", tmp_path).exit_code == 0
    assert run("retain", "--older", "0d", "--label", "failing", "--db", url, "--yes").exit_code == 0
    with open_database(url) as reader:
        assert reader.one("SELECT count(*) FROM jobstate") == (0,)
    assert run("restore", "--all", "--archive", tmp_path, "--db", url).exit_code == 0
    restored = all_tables(url)
    assert restored["jobstate"] == rows["jobstate"]
    assert not differences({k: v for k, v in rows.items() if k in ("job", "job_instance")}, restored)


@pytest.mark.parametrize(
    "wrong", [("--by", "month", "--none"), ("--list", "--none"), ("--list", "--dry-run"), ("--none", "--drop-empty")]
)
def test_what_does_not_go_together_is_wrong_use(run: Run, wrong: tuple[str, ...]) -> None:
    assert run("db", "partition", *wrong, "--db", PLACE).exit_code == 2


def test_a_server_that_is_not_there_is_told(run: Run) -> None:
    assert run("db", "partition", "--db", PLACE).exit_code == 4
