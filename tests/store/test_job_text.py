"""Names of jobs are indexed by many at once, all up to one key, whatever is rolled back or lacking."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from stampede.events import catalogue as ev
from stampede.store import job_text
from stampede.store.loader import Loader
from stampede.store.sqlite import open_writer
from store.samples import WF, ask, job


@pytest.fixture(autouse=True)
def _by_four(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job_text, "AT_ONCE", 4)


def indexed(database: Path, piece: str) -> list[int]:
    with sqlite3.connect(database) as connection:
        rows = connection.execute("SELECT rowid FROM job_text WHERE job_text MATCH ?", (f'"{piece}"',)).fetchall()
    connection.close()
    return [key for (key,) in rows]


def test_jobs_are_added_by_many_and_the_last_few_are_not(tmp_path: Path) -> None:
    database = tmp_path / "x.db"
    with Loader(f"sqlite:///{database}") as loader:
        loader.apply([job("one_0"), job("one_1"), job("one_2")])
        assert ask(database, "SELECT count(*) FROM sqlite_master WHERE name = 'job_text'") == (0,)
        loader.apply([job(f"one_{n}") for n in range(3, 6)])
        assert indexed(database, "one") == [1, 2, 3, 4]
        loader.apply([job("one_6")])
    assert ask(database, "SELECT value FROM stampede_meta WHERE key = 'job_text_upto'") == ("4",)


def test_a_loader_goes_on_where_another_ended(tmp_path: Path) -> None:
    database = tmp_path / "x.db"
    for first in range(0, 12, 3):
        with Loader(f"sqlite:///{database}") as loader:
            loader.apply([job(f"one_{n}") for n in range(first, first + 3)])
    assert indexed(database, "one") == list(range(1, 13))


def test_what_is_rolled_back_is_added_again(tmp_path: Path) -> None:
    database = tmp_path / "x.db"
    with Loader(f"sqlite:///{database}") as loader:
        loader.apply([job(f"one_{n}") for n in range(3)])

        def refuse(*_: object, **__: object) -> None:
            raise RuntimeError

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(loader._working.blocks, "flush", refuse)
            with pytest.raises(RuntimeError):
                loader.apply([job(f"two_{n}") for n in range(3)])
        loader.apply([ev.TaskInfo(ts=1.0, xwf_id=WF, task_id="t", transformation="x", type_desc="compute")])
        loader.apply([job(f"six_{n}") for n in range(3)])
    assert indexed(database, "one") == [1, 2, 3]
    assert indexed(database, "six") == [4]


def test_without_the_index_a_load_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As where SQLite was built without it."""
    monkeypatch.setattr(job_text, "_CREATE", "CREATE VIRTUAL TABLE job_text USING lacking(x)")
    database = tmp_path / "x.db"
    with Loader(f"sqlite:///{database}") as loader:
        loader.apply([job(f"one_{n}") for n in range(9)])
    assert ask(database, "SELECT count(*) FROM job") == (9,)
    assert ask(database, "SELECT count(*) FROM stampede_meta WHERE key = 'job_text_upto'") == (0,)


def test_a_database_of_before_gets_what_it_lacks(tmp_path: Path) -> None:
    """The kept duration of jobs too, from the rows that are there."""
    database = tmp_path / "x.db"
    with Loader(f"sqlite:///{database}") as loader:
        loader.apply([job(f"one_{n}") for n in range(3)])
    with sqlite3.connect(database) as connection:
        connection.execute("INSERT INTO job_instance(job_instance_id, job_id, job_submit_seq, execute_ts, end_ts) "
                           "VALUES (1, 2, 1, 100, 130.5)")  # fmt: skip
        connection.execute("UPDATE job SET last_job_instance_id = 1 WHERE job_id = 2")
        for index in ("job_duration_idx", "job_instance_span_idx"):
            connection.execute(f"DROP INDEX {index}")
        connection.execute("ALTER TABLE job DROP COLUMN duration_s")
    connection.close()
    open_writer(f"sqlite:///{database}").close()
    assert ask(database, "SELECT duration_s FROM job WHERE job_id = 2") == (30.5,)
    assert ask(database, "SELECT count(*) FROM sqlite_master WHERE name IN ('job_duration_idx', "
                         "'job_instance_span_idx')") == (2,)  # fmt: skip
