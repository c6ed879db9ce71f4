"""A run is taken out of a database: completely, whatever comes between, and nothing else with it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from stampede import pipeline
from stampede.query import open_database
from stampede.query.health import check
from stampede.store import blocks, job_text, retiring
from stampede.store.compacting import compact
from stampede.store.sqlite import open_writer, own_columns

RUNS = ("pg_fail", "dm_e_subdag", "dm_g_hold")


@pytest.fixture
def url(corpus: Path, tmp_path: Path) -> str:
    """Three recorded runs in one database."""
    pipeline.load([corpus / name for name in RUNS], f"sqlite:///{tmp_path}/all.db")
    return f"sqlite:///{tmp_path}/all.db"


@pytest.fixture
def connection(url: str) -> Iterator[sqlite3.Connection]:
    with closing(open_writer(url)) as opened:
        yield opened


def uuid_of(connection: sqlite3.Connection, dag: str) -> tuple[str, float]:
    """The root whose DAG begins so, and its latest record."""
    row = connection.execute(
        "SELECT r.wf_uuid, max(w.last_ts) FROM workflow r JOIN workflow w ON w.root_wf_id = r.wf_id "
        "WHERE r.parent_wf_id IS NULL AND r.dag_file_name LIKE ?", (f"{dag}%",),
    ).fetchone()  # fmt: skip
    return str(row[0]), float(row[1])


def sizes(url: str) -> dict[str, int]:
    """How many rows each table has, but for what is about the database."""
    with open_database(url) as reader:
        return {
            table: (reader.one(f'SELECT count(*) FROM "{table}"') or (0,))[0]
            for table in own_columns() if table not in ("stampede_meta", "statistics_block", "sqlite_sequence")
        }  # fmt: skip


def sound(url: str) -> bool:
    with open_database(url) as reader, reader.snapshot():
        return check(reader).ok


def test_every_table_of_the_schema_is_deleted_from_or_kept_on_purpose() -> None:
    known = {
        *retiring.OF_TRIES, *retiring.OF_TASKS, *retiring.OF_WORKFLOWS, *retiring.EDGES, *retiring.OF_FILES,
        *retiring.KEPT, *blocks.TABLES, "statistics_block", "job_instance", "job", "task", "workflow",
        "source_position", "master_workflow", "master_workflowstate",
    }  # fmt: skip
    assert known == set(own_columns()) - {"sqlite_sequence"}


@pytest.mark.parametrize("dag, left", [("failing", RUNS[1:]), ("dm_e_subdag", (RUNS[0], RUNS[2]))])
def test_no_table_keeps_a_row_of_it_and_none_loses_another(
    url: str, connection: sqlite3.Connection, corpus: Path, tmp_path: Path, dag: str, left: tuple[str, ...]
) -> None:
    """What is left has as many rows in each table as if the run had never been loaded."""
    uuid, last_ts = uuid_of(connection, dag)
    gone = retiring.retire(connection, uuid, last_ts=last_ts)
    assert uuid in gone
    retiring.strike_files(connection)
    other = f"sqlite:///{tmp_path}/other.db"
    pipeline.load([corpus / name for name in left], other)
    assert sizes(url) == sizes(other)
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    assert sound(url)


def test_the_directory_can_be_loaded_again_afterwards(url: str, connection: sqlite3.Connection, corpus: Path) -> None:
    before = sizes(url)
    for dag in ("failing", "dm_e_subdag"):
        uuid, last_ts = uuid_of(connection, dag)
        retiring.retire(connection, uuid, last_ts=last_ts)
    retiring.strike_files(connection)
    pipeline.load([corpus / name for name in RUNS], url)
    assert sizes(url) == before
    assert sound(url)


def test_whatever_comes_between_no_row_hangs_loose_and_the_next_call_goes_on(
    url: str, connection: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cut off before each of its transactions in turn."""
    monkeypatch.setattr(retiring, "_EDGES_AT_ONCE", 4)
    uuid, last_ts = uuid_of(connection, "dm_e_subdag")
    cuts = 0

    class CutError(Exception):
        pass

    for allowed in range(1, 100):
        left = allowed

        def guard(_: sqlite3.Connection) -> None:
            nonlocal left
            left -= 1
            if left < 0:
                raise CutError

        try:
            retiring.retire(connection, uuid, last_ts=last_ts, guard=guard)
        except CutError:
            cuts += 1
            assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        except retiring.ChangedError:
            break  # complete but for sums of blocks, which readers add up
        else:
            break
    assert cuts > 3
    assert retiring.members(connection, uuid) == []
    assert connection.execute("SELECT count(*) FROM stampede_meta WHERE key LIKE 'retiring %'").fetchone() == (0,)
    assert sound(url)


def test_files_that_another_workflow_uses_stay(url: str, connection: sqlite3.Connection) -> None:
    uuid, last_ts = uuid_of(connection, "failing")
    other = connection.execute("SELECT task_id, wf_id FROM task WHERE wf_id NOT IN (SELECT wf_id FROM workflow "
                               "WHERE wf_uuid = ?) LIMIT 1", (uuid,)).fetchone() or (999, 2)  # fmt: skip
    (lfn,) = connection.execute("SELECT min(lfn_id) FROM rc_lfn").fetchone()
    connection.execute("INSERT INTO workflow_files(wf_id, task_id, lfn_id) VALUES (?, ?, ?)", (other[1], other[0], lfn))
    retiring.retire(connection, uuid, last_ts=last_ts)
    retiring.strike_files(connection)
    assert connection.execute("SELECT lfn_id FROM rc_lfn").fetchall() == [(lfn,)]


def test_one_that_runs_or_has_later_records_is_left_as_it_is(url: str, connection: sqlite3.Connection) -> None:
    before = sizes(url)
    uuid, last_ts = uuid_of(connection, "failing")
    with pytest.raises(retiring.ChangedError):
        retiring.retire(connection, uuid, last_ts=last_ts - 1)
    connection.execute("UPDATE workflow SET state = 'running' WHERE wf_uuid = ?", (uuid,))
    with pytest.raises(retiring.ChangedError):
        retiring.retire(connection, uuid, last_ts=last_ts)
    assert sizes(url) == before


@pytest.mark.parametrize("dag", ["failing", "dm_g_hold"])
def test_the_index_of_names_follows(corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dag: str) -> None:
    """Also when keys of jobs are given again."""
    monkeypatch.setattr(job_text, "AT_ONCE", 4)
    url = f"sqlite:///{tmp_path}/x.db"
    for name in RUNS:
        pipeline.load([corpus / name], url)
    with closing(open_writer(url)) as connection:
        if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'job_text'").fetchone() is None:
            pytest.skip("this SQLite has no index of trigrams")
        uuid, last_ts = uuid_of(connection, dag)
        retiring.retire(connection, uuid, last_ts=last_ts)
        indexed(connection)
    pipeline.load([corpus / name for name in RUNS], url)
    with closing(open_writer(url)) as connection:
        indexed(connection)


def indexed(connection: sqlite3.Connection) -> None:
    """Each job up to the last one that is said to be in the index is found by its name, and nothing else is."""
    upto = job_text.upto(connection)
    jobs = connection.execute("SELECT job_id, exec_job_id FROM job WHERE length(exec_job_id) > 2").fetchall()
    names = {job: name for job, name in jobs if job <= upto}
    assert names
    for job, name in names.items():
        pieces = " AND ".join(f'"{name[n : n + 3]}"' for n in range(len(name) - 2))
        found = {r for (r,) in connection.execute("SELECT rowid FROM job_text WHERE job_text MATCH ?", (pieces,))}
        assert job in found
        assert found <= set(names)


def test_compacting_makes_the_file_smaller_and_keeps_the_numbers_of_live_streams(
    url: str, connection: sqlite3.Connection
) -> None:
    """``query.changes`` goes on from the rowids of these tables, which the documentation of VACUUM does not promise."""
    uuid, last_ts = uuid_of(connection, "failing")
    # holes between keys, and many free pages
    connection.execute("CREATE TABLE filler(x)")
    connection.executemany("INSERT INTO filler VALUES (zeroblob(4000))", [()] * 500)
    connection.execute("DROP TABLE filler")
    retiring.retire(connection, uuid, last_ts=last_ts)
    tables = ("jobstate", "workflowstate", "workflow_event")
    numbers = {t: connection.execute(f"SELECT rowid, * FROM {t} ORDER BY rowid").fetchall() for t in tables}
    assert numbers["jobstate"][0][0] > 1
    connection.close()
    assert compact(url) > 1_000_000
    with closing(open_writer(url)) as again:
        for table, rows in numbers.items():
            assert again.execute(f"SELECT rowid, * FROM {table} ORDER BY rowid").fetchall() == rows
    assert sound(url)
