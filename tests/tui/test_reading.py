"""A database is read again when it has changed; what is wrong with it is told beside what was known."""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from stampede import pipeline
from stampede.errors import FutureDatabaseError, NoDatabaseError, UnknownWorkflowError
from stampede.query import Reader, open_database
from stampede.tui import reading
from stampede.tui.reading import Pace, Watch, Watched

from .test_tree import glance

Own = Callable[[str], tuple[Path, str]]


def change(path: Path, sql: str) -> None:
    """Write a database behind the back of its readers."""
    connection = sqlite3.connect(path)
    connection.execute(sql)
    connection.commit()
    connection.close()


def states(found: reading.Reading) -> list[str]:
    return [b.glance.status.state for b in found.roots]


def test_what_did_not_change_is_not_read_again(own_database: Own, monkeypatch: pytest.MonkeyPatch) -> None:
    path, url = own_database("dm_g_hold_running")
    watch = Watch(Watched(url))
    first = watch.read()
    opened: list[str] = []

    def counted(url: str) -> Reader:
        opened.append(url)
        return open_database(url)

    monkeypatch.setattr(reading, "open_database", counted)
    again = watch.read()
    assert again.roots is first.roots
    assert again.read_ts >= first.read_ts
    assert opened == []
    change(path, "UPDATE workflow SET state = 'failed'")
    assert (states(first), states(watch.read())) == (["running"], ["failed"])
    watch.read(again=True)
    assert len(opened) == 2


def test_a_database_that_goes_keeps_its_lines_and_may_come_back(own_database: Own, tmp_path: Path) -> None:
    path, url = own_database("pg_fail")
    watch = Watch(Watched(url))
    assert watch.read().fault is None
    path.rename(tmp_path / "aside")
    gone = watch.read()
    assert isinstance(gone.fault, NoDatabaseError)
    assert states(gone) == ["failed"]
    (tmp_path / "aside").rename(path)
    back = watch.read()
    assert back.fault is None
    assert states(back) == ["failed"]


def test_a_newer_database_and_a_damaged_one_are_told_in_a_sentence(own_database: Own) -> None:
    path, url = own_database("pg_fail")
    watch = Watch(Watched(url))
    watch.read()
    change(path, "UPDATE stampede_meta SET value = '99' WHERE key = 'schema_version'")
    assert isinstance(watch.read().fault, FutureDatabaseError)
    path.write_bytes(b"this is no database" * 100)
    assert "cannot be read as a database" in str(watch.read().fault)


def test_names_choose_workflows_and_one_that_is_unknown_is_told(databases: dict[str, str]) -> None:
    url = databases["dm_e_subdag"]
    assert states(Watch(Watched(url, ("dm_e_subdag",))).read()) == ["success"]
    assert isinstance(Watch(Watched(url, ("nobody",))).read().fault, UnknownWorkflowError)


def test_a_folder_that_was_moved_means_what_its_database_has(own_database: Own, tmp_path: Path) -> None:
    _, url = own_database("dm_c_rescue")
    (tmp_path / "elsewhere").mkdir()
    assert len(Watch(Watched(url, folders=(str(tmp_path / "elsewhere"),))).read().roots) == 1


def test_a_log_that_is_ahead_of_the_database_is_told(corpus: Path, databases: dict[str, str], tmp_path: Path) -> None:
    run = Path(shutil.copytree(Path(databases["dm_g_hold_running"][10:]).parent / "dm_g_hold", tmp_path / "run"))
    url = f"sqlite:///{tmp_path}/run.db"
    pipeline.load([run], url)
    log = next(run.glob("*.dag.dagman.out"))
    assert Watch(Watched(url)).read().unread == {}
    os.utime(log, (time.time() + 90, time.time() + 90))
    assert 80 < max(Watch(Watched(url)).read().unread.values()) < 100


def test_a_rate_is_that_of_the_last_minutes() -> None:
    pace = Pace()
    begun = {1: glance("a", done=40, started=0.0)}
    pace.begin(begun, {1: 20}, 1000.0)
    assert pace.rates(begun, 1000.0) == {1: 20 * 60 / reading.WINDOW_S}
    for i in range(1, 60):  # one node every ten seconds
        rates = pace.rates({1: glance("a", done=40 + i, started=0.0)}, 1000.0 + 10 * i)
    assert rates == {1: pytest.approx(6.0, rel=0.05)}
    quiet = {1: glance("a", done=99, started=0.0)}
    for i in range(60, 120):
        rates = pace.rates(quiet, 1000.0 + 10 * i)
    assert rates == {1: 0.0}


def test_a_workflow_that_began_just_now_has_the_rate_of_its_own_time() -> None:
    pace = Pace()
    pace.begin({1: glance("a", done=30, started=970.0)}, {1: 30}, 1000.0)
    assert pace.rates({1: glance("a", done=30, started=970.0)}, 1000.0) == {1: 60.0}
