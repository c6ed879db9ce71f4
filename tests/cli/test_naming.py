"""Names of workflows: by path, from within the directory, and from anywhere by what the registry knows."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stampede import pipeline
from stampede.cli.naming import database_of
from stampede.errors import NoDatabaseError, UnknownWorkflowError
from stampede.places import default_url, file_of, url_of
from stampede.store.registry import Registered, Registry

from .conftest import Run

Ask = Callable[..., Any]


def register(run: Path, url: str | None = None, **values: Any) -> Registered:
    """Load a run and register it, as a watcher would."""
    url = url or default_url(run)
    uuid = pipeline.load([run], url).workflows[0]
    known: dict[str, Any] = {
        "wf_uuid": uuid, "label": "dm_g_hold", "host": "submit1", "submit_dir": str(run), "dag": "dm_g_hold.dag",
        "db_url": url, "state": "failed", "last_seen_ts": time.time(),
    }  # fmt: skip
    entry = Registered(**(known | values))
    with Registry.open() as registry:
        registry.record(entry)
    return entry


def also(entry: Registered, **values: Any) -> None:
    """Register another workflow, which has no more than an entry."""
    with Registry.open() as registry:
        registry.record(Registered(**({f: getattr(entry, f) for f in entry.__struct_fields__} | values)))


@pytest.mark.parametrize("name", ["uuid", "start", "label"])
def test_a_watched_workflow_is_named_from_anywhere(ask: Ask, submit_dir: Path, name: str) -> None:
    entry = register(submit_dir)
    said = {"uuid": entry.wf_uuid, "start": entry.wf_uuid[:6], "label": "dm_g_hold"}[name]
    assert ask("status", said)["workflows"][0]["wf_uuid"] == entry.wf_uuid
    assert [j["job"] for j in ask("jobs", said, "--state", "failed")["jobs"]]


def test_a_database_that_is_named_wins_over_the_registry(run: Run, submit_dir: Path, databases: dict[str, str]) -> None:
    register(submit_dir)
    assert database_of("sqlite:///x.db", "dm_g_hold") == "sqlite:///x.db"
    result = run("status", "dm_g_hold", "--db", databases["pg_fail"])
    assert result.exit_code == 2
    assert "no workflow 'dm_g_hold'" in result.stderr


def test_the_directory_that_one_stands_in_wins_if_it_has_that_workflow(
    submit_dir: Path, corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = Path(shutil.copytree(corpus / "dm_g_hold", tmp_path / "elsewhere"))
    other = register(elsewhere)
    pipeline.load([submit_dir], default_url(submit_dir))
    monkeypatch.chdir(submit_dir)
    assert database_of(None, "dm_g_hold") == default_url(submit_dir)
    also(other, wf_uuid="feed0000-0000-4000-8000-000000000001", label="another")
    assert database_of(None, "another") == default_url(elsewhere)
    assert database_of(None, None) == default_url(submit_dir)


def test_a_database_that_does_not_lie_beside_the_run_is_known_by_its_directory(
    ask: Ask, submit_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = register(submit_dir, url_of(tmp_path / "all.db"))
    assert ask("status", str(submit_dir))["workflows"][0]["wf_uuid"] == entry.wf_uuid
    monkeypatch.chdir(submit_dir)
    assert ask("status")["workflows"][0]["wf_uuid"] == entry.wf_uuid
    assert ask("workflows")["workflows"][0]["wf_uuid"] == entry.wf_uuid


def test_in_a_database_of_many_only_what_was_watched_there_is_meant(
    ask: Ask, submit_dir: Path, corpus: Path, tmp_path: Path
) -> None:
    url = url_of(tmp_path / "all.db")
    pipeline.load([corpus / "pg_fail"], url)
    entry = register(submit_dir, url)
    new = submit_dir.rename(tmp_path / "moved")
    with Registry.open() as registry:
        registry.relocate(entry.wf_uuid, new, url)
    assert [w["wf_uuid"] for w in ask("status", str(new))["workflows"]] == [entry.wf_uuid]


def test_a_name_that_only_the_registry_has_is_enough(ask: Ask, submit_dir: Path) -> None:
    entry = register(submit_dir, label="my own name")
    assert [w["wf_uuid"] for w in ask("status", "my own name")["workflows"]] == [entry.wf_uuid]


def test_a_label_means_its_latest_run_that_has_a_database(submit_dir: Path) -> None:
    entry = register(submit_dir)
    uuid = "feed0000-0000-4000-8000-00000000000"
    also(entry, wf_uuid=uuid + "1", last_seen_ts=1.0, db_url=url_of(submit_dir / "dm_g_hold.dag"))
    also(entry, wf_uuid=uuid + "2", last_seen_ts=time.time() + 9, db_url="sqlite:////no/such/file")
    assert database_of(None, "dm_g_hold") == entry.db_url


def test_the_start_of_several_uuids_is_not_enough(submit_dir: Path) -> None:
    entry = register(submit_dir)
    also(entry, wf_uuid=entry.wf_uuid[:8] + "-0000-4000-8000-000000000001", label="other")
    with pytest.raises(UnknownWorkflowError, match=rf"start of 2 uuids.*{entry.wf_uuid[:13]} \(dm_g_hold\)"):
        database_of(None, entry.wf_uuid[:5].upper())
    assert database_of(None, entry.wf_uuid) == entry.db_url


def test_a_workflow_that_was_moved_is_told_of(run: Run, submit_dir: Path, tmp_path: Path) -> None:
    entry = register(submit_dir)
    submit_dir.rename(tmp_path / "moved")
    for name in ("dm_g_hold", entry.wf_uuid, str(submit_dir)):
        result = run("status", name)
        assert result.exit_code == 4
        assert f"was watched on submit1 in {submit_dir}" in result.stderr
        assert "the directory and the database are gone" in result.stderr
        assert f"stampede registry relocate {entry.wf_uuid[:8]} NEW_DIR" in result.stderr


def test_a_database_that_is_gone_is_told_of(run: Run, submit_dir: Path) -> None:
    entry = register(submit_dir)
    file_of(entry.db_url).unlink()
    result = run("triage", "dm_g_hold")
    assert result.exit_code == 4
    assert "the database is gone" in result.stderr


def test_a_directory_that_is_gone_still_names_its_workflow(ask: Ask, submit_dir: Path, tmp_path: Path) -> None:
    entry = register(submit_dir, url_of(tmp_path / "all.db"))
    submit_dir.rename(tmp_path / "moved")
    assert ask("status", str(submit_dir))["workflows"][0]["wf_uuid"] == entry.wf_uuid
    assert ask("status", "dm_g_hold")["workflows"][0]["wf_uuid"] == entry.wf_uuid


def test_a_name_that_is_known_nowhere_is_told_so(run: Run, submit_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NoDatabaseError, match=r"'nobody' is no path, .* No workflow of that name is registered either"):
        database_of(None, "nobody")
    pipeline.load([submit_dir], default_url(submit_dir))
    monkeypatch.chdir(submit_dir)
    result = run("status", "nobody")
    assert result.exit_code == 2
    assert "no workflow 'nobody'" in result.stderr
    assert "registered either (stampede registry)." in result.stderr
    assert "dm_g_hold (" in result.stderr, "what the database has is told"


def test_names_of_any_bytes_are_known_nowhere(run: Run, tmp_path: Path) -> None:
    for name in ("\udcff", "x\udcff/y", "%", "a" * 5000, ""):
        result = run("status", name)
        assert result.exit_code == 4, name
        assert "registered either" in result.stderr


def test_asking_by_name_makes_no_registry(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("STAMPEDE_STATE", str(tmp_path / "state"))
    assert run("status", "nobody").exit_code == 4
    assert not (tmp_path / "state").exists()


def test_a_registry_that_is_none_does_not_hinder_those_who_do_not_need_it(
    run: Run, submit_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STAMPEDE_STATE", str(tmp_path / "state"))
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "registry.sqlite").write_bytes(b"junk" * 500)
    pipeline.load([submit_dir], default_url(submit_dir))
    assert run("status", str(submit_dir)).exit_code == 1
    result = run("status", "dm_g_hold")
    assert result.exit_code == 4
    assert "Move it away" in result.stderr
