"""``stampede retain``: what it deletes, keeps and says."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Collection, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest

from stampede import pipeline, retention
from stampede.places import default_url
from stampede.query.registry import this_host
from stampede.store.lease import Lease, myself
from stampede.store.registry import Registered, Registry
from stampede.store.sqlite import open_writer

from .conftest import Run

Ask = Callable[..., Any]


@pytest.fixture
def runs(corpus: Path, tmp_path: Path) -> dict[str, str]:
    """Two recorded runs with a registered database each: the URL by the uuid."""
    found = {}
    for name in ("dm_g_hold", "pg_fail"):
        folder = Path(shutil.copytree(corpus / name, tmp_path / name))
        url = default_url(folder)
        uuid = pipeline.load([folder], url).workflows[0]
        found[uuid] = url
        entry = Registered(
            wf_uuid=uuid, host=this_host(), submit_dir=str(folder), db_url=url, state="failed", last_seen_ts=1.0
        )
        with Registry.open() as registry:
            registry.record(entry)
    return found


def change(url: str, sql: str) -> None:
    with closing(open_writer(url)) as connection:
        connection.execute(sql)


def stored(ask: Ask, url: str) -> list[str]:
    return [w["wf_uuid"] for w in ask("workflows", "--all", "--db", url)["workflows"]]


def test_old_runs_of_all_databases_go_and_leave_the_registry(run: Run, ask: Ask, runs: dict[str, str]) -> None:
    first, second = runs
    change(runs[first], "UPDATE workflow SET last_ts = 1e9, first_ts = 1e9")
    answer = ask("retain", "--older", "2y", "--yes")
    assert [(one["run"]["wf_uuid"], one["outcome"]) for one in answer["runs"]] == [(first, "deleted")]
    assert stored(ask, runs[first]) == []
    assert stored(ask, runs[second]) == [second]
    assert [w["wf_uuid"] for w in ask("registry")["workflows"]] == [second]
    assert ask("retain", "--older", "2y", "--yes")["runs"] == []


def test_a_dry_run_and_an_answer_that_is_missing_delete_nothing(run: Run, ask: Ask, runs: dict[str, str]) -> None:
    assert [one["outcome"] for one in ask("retain", "--older", "0h", "--dry-run")["runs"]] == ["would be deleted"] * 2
    refused = run("retain", "--older", "0h")
    assert (refused.exit_code, "--yes" in refused.output) == (2, True)
    assert all(stored(ask, url) == [uuid] for uuid, url in runs.items())


def test_what_runs_is_kept_and_cannot_be_asked_for(run: Run, ask: Ask, runs: dict[str, str]) -> None:
    first, second = runs
    change(runs[first], "UPDATE workflow SET state = 'running'")
    outcomes = {one["run"]["wf_uuid"]: one["outcome"] for one in ask("retain", "--older", "0h", "--yes")["runs"]}
    assert outcomes == {first: "kept", second: "deleted"}
    assert stored(ask, runs[first]) == [first]
    assert run("retain", "--older", "0h", "--state", "running", "--yes").exit_code == 2


def test_what_is_watched_or_read_by_another_is_kept(ask: Ask, runs: dict[str, str]) -> None:
    first, second = runs
    with Registry.open() as registry, closing(open_writer(runs[second])) as connection:
        watcher = registry.begin_watch(paths=[], wf_uuids=[first])
        (log,) = connection.execute(
            "SELECT source FROM source_position WHERE source LIKE '%.dagman.out' LIMIT 1"
        ).fetchone()
        # a process that this one cannot ask whether it lives
        other = msgspec.structs.replace(myself(), host="elsewhere", realm="another boot")
        lease = Lease(connection, log, other)
        lease.take()
        kept = ask("retain", "--older", "0h", "--yes")["runs"]
        lease.release()
        registry.end_watch(watcher.id)
    assert [one["outcome"] for one in kept] == ["kept"] * 2
    reasons = {one["run"]["wf_uuid"]: one["reason"] for one in kept}
    assert "watched" in reasons[first]
    assert "elsewhere" in reasons[second]
    assert [one["outcome"] for one in ask("retain", "--older", "0h", "--yes")["runs"]] == ["deleted"] * 2


def test_labels_and_states_narrow(ask: Ask, runs: dict[str, str]) -> None:
    first = next(iter(runs))
    change(runs[first], "UPDATE workflow SET dax_label = 'test-1'")
    assert ask("retain", "--older", "0h", "--label", "prod-*", "--yes")["runs"] == []
    assert ask("retain", "--older", "0h", "--state", "unstarted", "--yes")["runs"] == []
    gone = ask("retain", "--older", "0h", "--label", "test-*", "--yes")["runs"]
    assert [one["run"]["wf_uuid"] for one in gone] == [first]


def test_with_an_archive_only_what_is_in_it_goes(runs: dict[str, str], ask: Ask) -> None:
    first, second = runs
    offered = []

    def archive_first(url: str, uuids: Sequence[str]) -> Collection[str]:
        offered.append((url, list(uuids)))
        return [uuid for uuid in uuids if uuid == second]

    answer = retention.retain(None, before_ts=4e9, archive_first=archive_first)
    assert {one.run.wf_uuid: one.outcome for one in answer.runs} == {first: "kept", second: "deleted"}
    assert sorted(offered) == sorted((url, [uuid]) for uuid, url in runs.items())


def test_a_database_of_pegasus_or_a_damaged_one_keeps_nobody_else(run: Run, ask: Ask, runs: dict[str, str]) -> None:
    first, second = runs
    Path(runs[first].removeprefix("sqlite:///")).write_bytes(b"no database" * 1000)
    done = run("retain", "--older", "0h", "--yes", "--json")
    assert done.exit_code == 4
    assert stored(ask, runs[second]) == []


@pytest.mark.parametrize("age", ["2", "y", "-1d", "2 years", ""])
def test_an_age_has_a_number_and_a_unit(run: Run, age: str) -> None:
    assert run("retain", "--older", age).exit_code == 2


def test_it_says_what_it_did(run: Run, runs: dict[str, str]) -> None:
    output = run("retain", "--older", "0h", "--yes", "--compact", "--db", next(iter(runs.values()))).output
    assert output.startswith("deleted ")
    assert "1 run was deleted" in output
    assert os.path.exists(next(iter(runs.values())).removeprefix("sqlite:///"))
