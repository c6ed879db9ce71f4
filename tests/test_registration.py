"""Workflows that were moved are known again by their uuid, and the registry says where they and their databases are."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path
from typing import Any

import pytest

from stampede import pipeline, registration
from stampede.errors import NotAWorkflowError, UnknownWorkflowError
from stampede.places import default_url, file_of, url_of
from stampede.query.registry import Entry, entries, look_up
from stampede.sources.identity import identify
from stampede.sources.roots import find_dagman_logs
from stampede.store.registry import Registered, Registry

RUNS = ("dm_g_hold", "pg_fail", "dm_e_subdag")


@pytest.fixture(autouse=True)
def _own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAMPEDE_STATE", str(tmp_path / "state"))


@pytest.fixture(params=RUNS)
def run(request: pytest.FixtureRequest, corpus: Path, tmp_path: Path) -> Path:
    """A copy of a recorded run."""
    return Path(shutil.copytree(corpus / request.param, tmp_path / "runs" / request.param))


def register(run: Path, **values: Any) -> Entry:
    """Load a run and register its workflow, as a watcher would."""
    wf = identify(find_dagman_logs(run)[0])
    url = values.pop("db_url", None) or default_url(run)
    pipeline.load([run], url)
    known: dict[str, Any] = {
        "wf_uuid": wf.uuid, "label": run.name, "host": "h", "submit_dir": str(run), "dag": wf.dag.name, "db_url": url,
        "state": "failed", "last_seen_ts": time.time(),
    }  # fmt: skip
    with Registry.open() as registry:
        registry.record(Registered(**(known | values)))
    return look_up(wf.uuid)[0]


def test_a_run_that_moved_with_its_database_is_found_with_it(run: Path, tmp_path: Path) -> None:
    entry = register(run)
    new = run.rename(tmp_path / "archive")
    assert entries()[0].missing == "the directory and the database are gone"
    moved = registration.relocate(entry, new)
    assert (moved.submit_dir, moved.db_url, moved.has_database) == (str(new), default_url(new), True)
    now = entries()[0]
    assert (now.submit_dir, now.db_url, now.missing) == (moved.submit_dir, moved.db_url, None)
    assert now.label == entry.label


def test_another_run_is_refused_and_nothing_is_changed(run: Path, corpus: Path, tmp_path: Path) -> None:
    entry = register(run)
    other = shutil.copytree(corpus / "dm_c_rescue", tmp_path / "other")
    (tmp_path / "empty").mkdir()
    for folder, said in (
        (other, "it holds "),
        (tmp_path / "empty", "no workflow"),
        (tmp_path / "none", "no directory"),
    ):
        with pytest.raises(NotAWorkflowError, match=said):
            registration.relocate(entry, Path(folder))
    assert entries() == [entry]


def test_a_later_run_of_the_same_dag_in_its_place_is_refused(corpus: Path, tmp_path: Path) -> None:
    run = Path(shutil.copytree(corpus / "dm_g_hold", tmp_path / "run"))
    entry = register(run)
    log = run / "dm_g_hold.dag.dagman.out"
    log.write_bytes(log.read_bytes().replace(b"** PID = ", b"** PID = 9"))
    file_of(entry.db_url).unlink()
    with pytest.raises(NotAWorkflowError, match="does not hold"):
        registration.relocate(entry, run)


def test_a_database_that_lay_elsewhere_stays_where_it_is(run: Path, tmp_path: Path) -> None:
    url = url_of(tmp_path / "all.db")
    entry = register(run, db_url=url)
    new = run.rename(tmp_path / "archive")
    assert registration.relocate(entry, new).db_url == url
    assert entries()[0].missing is None


def test_a_database_that_was_named_and_lay_beside_the_run_is_found_beside_it(run: Path, tmp_path: Path) -> None:
    entry = register(run, db_url=url_of(run / "mine.stampede.sqlite"))
    new = run.rename(tmp_path / "archive")
    assert registration.relocate(entry, new).db_url == url_of(new / "mine.stampede.sqlite")


def test_a_run_that_was_copied_has_its_own_database(run: Path, tmp_path: Path) -> None:
    entry = register(run)
    new = Path(shutil.copytree(run, tmp_path / "copy"))
    assert registration.relocate(entry, new).db_url == default_url(new)
    file_of(default_url(new)).unlink()
    assert registration.relocate(entry, new).db_url == entry.db_url, "the old one is better than none"


def test_a_run_whose_database_is_lost_is_told_so(run: Path, tmp_path: Path) -> None:
    entry = register(run)
    file_of(entry.db_url).unlink()
    new = run.rename(tmp_path / "archive")
    moved = registration.relocate(entry, new)
    assert (moved.db_url, moved.has_database) == (default_url(new), False)
    assert entries()[0].missing == "the database is gone"


def test_where_logs_are_lost_the_database_tells_whose_run_it_is(run: Path, tmp_path: Path) -> None:
    entry = register(run)
    new = run.rename(tmp_path / "archive")
    for pattern in ("*.dagman.out", "braindump.*"):
        for file in new.glob(pattern):
            file.unlink()
    assert registration.relocate(entry, new).has_database


def test_the_state_folder_keeps_a_database_that_is_not_beside_the_run(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stampede.places._usable", lambda folder: False)
    entry = register(run)
    assert str(tmp_path / "state") in entry.db_url
    new = run.rename(tmp_path / "archive")
    assert registration.relocate(entry, new).db_url == entry.db_url


def test_a_workflow_is_searched_for_below_a_folder(run: Path, corpus: Path, tmp_path: Path) -> None:
    entry = register(run)
    archive = tmp_path / "archive"
    for name in ("a", "b", "z"):
        shutil.copytree(corpus / "dm_c_rescue", archive / name / "run")
    assert registration.search(entry, archive) is None
    new = run.rename(archive / "b" / "deep")
    calls: list[tuple[int, str]] = []
    assert registration.search(entry, archive, lambda n, at: calls.append((n, at))) == new
    assert calls[0] == (0, str(archive))
    assert registration.search(entry, new) == new, "the folder itself counts"


def test_folders_and_runs_of_names_that_are_no_utf8(run: Path, tmp_path: Path) -> None:
    entry = register(run)
    (tmp_path / "archive").mkdir()
    new = run.rename(tmp_path / "archive" / os.fsdecode(b"r\xff n"))
    found = registration.search(entry, tmp_path / "archive")
    assert found == new
    assert registration.relocate(entry, found).submit_dir == str(new)
    now = entries()[0]
    assert (now.submit_dir, now.missing) == (str(new), None)


def test_the_search_survives_what_lies_in_folders(run: Path, tmp_path: Path) -> None:
    entry = register(run)
    archive = tmp_path / "archive"
    hostile = archive / "a"
    hostile.mkdir(parents=True)
    os.mkfifo(hostile / f"{entry.dag}.dagman.out")
    (hostile / "braindump.yml").mkdir()
    os.mkfifo(hostile / "x.stampede.sqlite")
    (hostile / f"{entry.dag}.stampede.sqlite").write_bytes(b"junk" * 300)
    (archive / "loop").symlink_to(archive)
    new = run.rename(archive / "b")
    assert registration.search(entry, archive) == new


def test_an_entry_without_a_dag_is_known_by_any_log(run: Path, tmp_path: Path) -> None:
    entry = register(run, dag=None)
    new = run.rename(tmp_path / "archive")
    file_of(default_url(new)).unlink()
    assert registration.search(entry, tmp_path) == new


def test_a_sub_dag_that_was_watched_alone_is_known_in_the_folder_of_its_parent(corpus: Path, tmp_path: Path) -> None:
    run = Path(shutil.copytree(corpus / "dm_e_subdag", tmp_path / "run"))
    wf = identify(run / "inner_flaky.dag.dagman.out")
    with Registry.open() as registry:
        registry.record(
            Registered(wf_uuid=wf.uuid, host="h", submit_dir=str(run), dag="inner_flaky.dag", state="failed",
                       db_url=url_of(run / "x.db"), last_seen_ts=1.0)
        )  # fmt: skip
    entry = look_up(wf.uuid)[0]
    new = run.rename(tmp_path / "new")
    assert registration.relocate(entry, new).submit_dir == str(new)


def test_what_was_forgotten_meanwhile_is_told(run: Path, tmp_path: Path) -> None:
    entry = register(run)
    assert registration.forget([entry.wf_uuid, "unknown"]) == [entry.wf_uuid]
    assert file_of(entry.db_url).exists(), "its database stays"
    with pytest.raises(UnknownWorkflowError, match="not in the registry any more"):
        registration.relocate(entry, run)
