"""Jobs of a transformation by how long they took, and names that have a text: the same with and without an index."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from query.collections.test_pages import all_pages
from stampede import pipeline
from stampede.query import Reader, open_database
from stampede.query.collections import COLLECTIONS, Question, ask, iterate, of_workflow, page, pages
from stampede.query.collections import shelf as shelves
from stampede.query.collections.searching import narrowed
from stampede.query.past import everything_as_it_stood
from stampede.query.workflows import list_workflows
from stampede.store import job_text
from stampede.store.job_text import JobText
from stampede.store.sqlite import DURATION_OF_JOB, open_writer

JOBS = COLLECTIONS["jobs"]
_NEW = ("DROP INDEX job_duration_idx", "DROP INDEX job_instance_span_idx", "ALTER TABLE job DROP COLUMN duration_s")


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """400 jobs of four kinds, some of which never ran, some as long as others; 390 names are in the index."""
    path = tmp_path_factory.mktemp("db") / "made.sqlite"
    dice = random.Random(9)
    connection = open_writer(f"sqlite:///{path}")
    connection.execute("BEGIN")
    connection.execute("INSERT INTO workflow(wf_id, wf_uuid, root_wf_id, state, first_ts, last_ts) "
                       "VALUES (1, 'u', 1, 'running', 1, 9000)")  # fmt: skip
    connection.execute("INSERT INTO workflow_summary(wf_id, total, done) VALUES (1, 400, 400)")
    for n in range(1, 401):
        ran = n % 9 != 0
        connection.execute(
            "INSERT INTO job(job_id, wf_id, exec_job_id, submit_file, type_desc, clustered, max_retries, executable, "
            "task_count, transformation, node_state, last_job_instance_id) "
            "VALUES (?, 1, ?, '', 'compute', 0, 0, '', 1, ?, ?, ?)",
            (n, f"Job_ID{dice.randrange(10**6):06d}_{n}", f"kind{n % 4}", "done" if n % 3 else "failed",
             n if ran else None),
        )  # fmt: skip
        if ran:
            connection.execute(
                "INSERT INTO job_instance(job_instance_id, job_id, job_submit_seq, execute_ts, end_ts, outcome, "
                "stderr_text) VALUES (?, ?, 1, ?, ?, ?, ?)",
                (n, n, n, n + dice.randrange(20) / 4, "success" if n % 3 else "failed", f"no file {n}.dat"),
            )
    connection.execute(f"UPDATE job SET duration_s = {DURATION_OF_JOB}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(job_text, "AT_ONCE", 390)
        JobText(connection).grow(400)
    connection.execute("COMMIT")
    connection.close()
    return path


@pytest.fixture
def reader(database: Path) -> Iterator[Reader]:
    with open_database(f"sqlite:///{database}") as one:
        yield one


@pytest.fixture
def old(database: Path, tmp_path: Path) -> Iterator[Reader]:
    """As an earlier release wrote it."""
    path = tmp_path / "old.sqlite"
    path.write_bytes(database.read_bytes())
    with sqlite3.connect(path) as connection:
        for sql in (*_NEW, "DROP TABLE job_text", "DELETE FROM stampede_meta WHERE key = 'job_text_upto'"):
            connection.execute(sql)
    connection.close()
    with open_database(f"sqlite:///{path}") as one:
        yield one


def _asked(reader: Reader, text: str, sort: str) -> Question:
    return ask(JOBS, of_workflow(list_workflows(reader)[0]), filter=text, sort=sort)


@pytest.mark.parametrize("sort", ["duration_s", "-duration_s"])
@pytest.mark.parametrize(
    "text", ["transformation=kind1", "transformation=kind2&duration_s>=2", "transformation=kind3&state=failed",
             "transformation=kind0&duration_s!=1", "transformation=none"],
)  # fmt: skip
def test_pages_of_a_shelf_are_the_list(reader: Reader, old: Reader, text: str, sort: str) -> None:
    question = _asked(reader, text, sort)
    assert shelves.on_shelf(reader, question) is not None
    assert shelves.on_shelf(old, question) is None
    rows = list(iterate(old, question))
    assert all_pages(reader, question, 7) == rows
    assert all_pages(old, question, 7) == rows
    assert (len(rows) > 20) == (text != "transformation=none")


def test_a_page_of_a_shelf_reads_its_own_rows_only(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, Any]] = []
    rows = Reader.rows
    monkeypatch.setattr(
        Reader, "rows", lambda self, sql, values=(): (asked.append((sql, values)), rows(self, sql, values))[1]
    )
    page(reader, _asked(reader, "transformation=kind2&duration_s>=2", "-duration_s"), limit=5)
    sql, values = next((s, v) for s, v in asked if "INDEXED BY job_duration_idx" in s)
    (plan,) = reader.rows(f"EXPLAIN QUERY PLAN {sql}", values)
    assert "job_duration_idx (wf_id=? AND transformation=? AND duration_s>?)" in plan[3]


def test_what_only_tasks_tell_is_no_matter_of_a_shelf(database: Path, tmp_path: Path) -> None:
    """The transformation of jobs from streams of events is that of their tasks."""
    path = tmp_path / "x.sqlite"
    path.write_bytes(database.read_bytes())
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE job SET transformation = NULL WHERE job_id = 5")
        connection.execute("INSERT INTO task(wf_id, job_id, abs_task_id, transformation, type_desc) "
                           "VALUES (1, 5, 't', 'kind1', 'compute')")  # fmt: skip
    connection.close()
    with open_database(f"sqlite:///{path}") as reader:
        question = _asked(reader, "transformation=kind1", "-duration_s")
        assert shelves.on_shelf(reader, question) is None
        assert len(all_pages(reader, question, 50)) == 100


def test_a_look_back_takes_no_shelf(reader: Reader) -> None:
    question = _asked(reader, "transformation=kind1", "-duration_s")
    with everything_as_it_stood(reader, 200.0):
        assert shelves.on_shelf(reader, question) is None
        assert all_pages(reader, question, 9) == list(iterate(reader, question))
    assert shelves.on_shelf(reader, question) is not None


def test_the_loader_keeps_the_durations_of_last_tries(corpus: Path, tmp_path: Path) -> None:
    for name in ("pg_fail", "dm_g_hold", "dm_e_subdag", "dm_c_rescue"):
        pipeline.load([corpus / name], f"sqlite:///{tmp_path / name}")
        with sqlite3.connect(tmp_path / name) as connection:
            wrong = connection.execute(f"SELECT count(*) FROM job WHERE duration_s IS NOT {DURATION_OF_JOB}")
            kept = connection.execute("SELECT count(*) FROM job WHERE duration_s IS NOT NULL")
            assert (wrong.fetchone()[0], kept.fetchone()[0] > 0) == (0, True)
        connection.close()


@pytest.mark.parametrize(
    "text",
    [
        "_39",
        "id0",
        "ID",
        "o_I",
        "nowhere",
        "no file 30",
        "FILE 7",
        "_400",
        '"x"',
        "AND",
        "%",
        "_id9_",
        "JOB_id",
        "\0ab",
    ],
)
def test_a_search_by_the_index_finds_what_reading_all_names_finds(reader: Reader, old: Reader, text: str) -> None:
    question = ask(JOBS, search=text)
    expected = [j.name for j in iterate(old, question)]
    assert [j.name for j in all_pages(reader, question, 7)] == expected
    assert [j.name for j in all_pages(old, question, 7)] == expected
    assert narrowed(old, question, 1000) is None
    assert (narrowed(reader, question, 1000) is not None) == (len(text) > 2 and "\0" not in text)


def test_a_text_of_many_names_is_read_in_their_order(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "FEW", 20)
    question = ask(JOBS, search="job_id")
    assert narrowed(reader, question, pages.FEW) is None
    assert len(all_pages(reader, question, 60)) == 400


def test_an_index_that_this_sqlite_does_not_know_is_left_alone(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stampede.query.collections.searching._pieces", lambda text: '"')
    assert narrowed(reader, ask(JOBS, search="nowhere"), 10) is None
