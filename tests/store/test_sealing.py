"""The sums of blocks are those of their rows: whenever they were made, in whatever order events came."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stampede import pipeline
from stampede.events import catalogue as ev
from stampede.events.base import Event
from stampede.query import open_database
from stampede.query.health import check
from stampede.store import blocks, sealing, sqlite
from stampede.store.loader import Loader, Position
from stampede.store.rebuild import rebuild_summaries

from .samples import WF, ask, attempt, edge, job, start

NAMES = ("pg_fail", "dm_g_hold", "dm_e_subdag", "dm_c_rescue")


def events() -> list[Event]:
    """A workflow whose jobs are tried, held and tried again, and what is told of them late."""
    usage = ev.JobInstUsage(ts=500.0, xwf_id=WF, job_id="a", job_inst_id=2, req_memory_mb=100, used_memory_mb=150)
    tag = ev.JobInstTag(ts=500.0, xwf_id=WF, job_id="b", job_inst_id=3, name="int.error", count=2)
    metric = ev.IntMetric(ts=500.0, xwf_id=WF, job_id="b", job_inst_id=3, type="check", file_type="input", count=4)
    return [
        job("a", retries=1, post=True), job("b"), job("c", retries=1), edge("a", "b"),
        ev.TaskInfo(ts=5.0, xwf_id=WF, task_id="t1", transformation="x", type_desc="compute"),
        ev.WfMapTaskJob(ts=5.0, xwf_id=WF, task_id="t1", job_id="a"),
        start(), *attempt("a", 1, 100, exitcode=256, post=True), *attempt("a", 2, 120, post=True, held=True),
        *attempt("b", 3, 150), *attempt("c", 4, 150, exitcode=512, held=True), usage, tag, metric,
    ]  # fmt: skip


def sealed_equals_counted(database: Path) -> bool:
    """Whether the sums that are kept are those of the rows, and all blocks have some."""
    with open_database(f"sqlite:///{database}") as reader, reader.snapshot():
        found = {c.name: c for c in check(reader).checks}["statistics that differ from a recount"]
        sealed = reader.one("SELECT count(*) FROM statistics_block")
        last = reader.one("SELECT max(job_id) FROM job")
    assert sealed is not None
    assert last is not None
    return not found.faults and sealed[0] == (0 if last[0] is None else (last[0] >> blocks.SHIFT) + 1)


@pytest.mark.parametrize("name", NAMES)
def test_a_load_ends_with_sums_of_all_that_it_wrote(corpus: Path, tmp_path: Path, name: str) -> None:
    pipeline.load([corpus / name], f"sqlite:///{tmp_path / 'x.db'}")
    assert sealed_equals_counted(tmp_path / "x.db")
    assert ask(tmp_path / "x.db", "SELECT sum(tries) FROM statistics_workflow") == ask(
        tmp_path / "x.db", "SELECT sum(attempts) FROM workflow_summary"
    )


@given(order=st.permutations(events()), sizes=st.lists(st.integers(1, 9), min_size=1, max_size=12))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_late_and_early_events_leave_right_sums(
    order: list[Event], sizes: list[int], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Whatever is sealed between two batches; the loader is closed, which seals, after each of them."""
    database = tmp_path_factory.mktemp("x") / "x.db"
    at = 0
    for number, size in enumerate([*sizes, len(order)]):
        batch, at = order[at : at + size], at + size
        with Loader(f"sqlite:///{database}") as loader:
            loader.apply(batch, Position("stream", number + 1))
        assert sealed_equals_counted(database)


def test_a_block_that_is_written_to_is_not_sealed(tmp_path: Path) -> None:
    """Nobody is told sums of a time when there were other rows."""
    database = tmp_path / "x.db"
    with Loader(f"sqlite:///{database}") as loader:
        loader.apply([job("a"), start(), *attempt("a", 1, 100)])
    assert ask(database, "SELECT count(*) FROM statistics_block") == (1,)
    with Loader(f"sqlite:///{database}") as loader:
        loader.apply([*attempt("a", 2, 200)])
        assert ask(database, "SELECT count(*) FROM statistics_block") == (0,)
        loader.apply([*attempt("a", 3, 300)])
        assert ask(database, "SELECT count(*) FROM statistics_block") == (0,)
    assert ask(database, "SELECT count(*) FROM statistics_block") == (1,)


def test_a_block_that_another_process_sealed_is_unsealed_again(tmp_path: Path) -> None:
    """What this connection knows of it is no longer so."""
    database = tmp_path / "x.db"
    with Loader(f"sqlite:///{database}") as loader:
        loader.apply([job("a"), start()])
        connection = sqlite.open_writer(f"sqlite:///{database}")
        sealing.write(connection, 0)
        connection.close()
        loader.apply([*attempt("a", 1, 100)])
        assert ask(database, "SELECT count(*) FROM statistics_block") == (0,)


def test_what_is_rolled_back_unseals_nothing_and_is_unsealed_when_it_is_written(tmp_path: Path) -> None:
    database = tmp_path / "x.db"
    with Loader(f"sqlite:///{database}") as loader:
        loader.apply([job("a"), start()])
    with Loader(f"sqlite:///{database}") as loader:

        def refuse(_: sqlite3.Connection) -> None:
            raise RuntimeError("no")

        with pytest.raises(RuntimeError):
            loader.apply_all([([*attempt("a", 1, 100)], None)], guard=refuse)
        assert ask(database, "SELECT count(*) FROM statistics_block") == (1,)
        loader.apply([*attempt("a", 1, 100)])
        assert ask(database, "SELECT count(*) FROM statistics_block") == (0,)


def test_blocks_are_sealed_while_others_are_written_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The cost is bounded by what was written: no block is sealed that is still being changed."""
    monkeypatch.setattr(sealing, "_PRICE", 4)
    monkeypatch.setattr(sealing, "_QUIET", 3)
    monkeypatch.setattr(blocks, "SHIFT", 2)
    database = tmp_path / "x.db"
    names = [f"j{i}" for i in range(40)]
    with Loader(f"sqlite:///{database}") as loader:
        loader.apply([*map(job, names), start()])
        for number, name in enumerate(names, 1):
            loader.apply([*attempt(name, number, 100 * number)])
        (sealed,) = ask(database, "SELECT count(*) FROM statistics_block")
        (last,) = ask(database, "SELECT max(block) FROM statistics_block")
        assert 3 <= sealed <= 9
        assert last < 10 - 1
    assert sealed_equals_counted(database)


def test_sums_that_were_spoilt_are_found_and_mended(corpus: Path, tmp_path: Path) -> None:
    database = tmp_path / "x.db"
    pipeline.load([corpus / "pg_fail"], f"sqlite:///{database}")
    connection = sqlite3.connect(database)
    connection.execute("UPDATE statistics_try SET tries = tries + 1")
    connection.commit()
    connection.close()
    assert not sealed_equals_counted(database)
    assert rebuild_summaries(f"sqlite:///{database}") == 1
    assert rebuild_summaries(f"sqlite:///{database}") == 0
    assert sealed_equals_counted(database)


def test_a_database_of_a_release_without_them_gets_the_tables_and_the_sums(corpus: Path, tmp_path: Path) -> None:
    database = tmp_path / "x.db"
    pipeline.load([corpus / "pg_fail"], f"sqlite:///{database}")
    connection = sqlite3.connect(database)
    for table in (*blocks.TABLES, "statistics_block"):
        connection.execute(f"DROP TABLE {table}")
    connection.commit()
    connection.close()
    with Loader(f"sqlite:///{database}") as loader:
        loader.apply([job("z")])
    assert sealed_equals_counted(database)


def test_statements_give_the_columns_of_their_tables(tmp_path: Path) -> None:
    """Rows are inserted by position."""
    database = tmp_path / "x.db"
    Loader(f"sqlite:///{database}").close()
    connection = sqlite3.connect(database)
    blocks.prepare(lambda sql, parameters: connection.execute(sql, parameters).fetchall())
    for table, statement in blocks.TABLES.items():
        told = connection.execute(statement, {"first": 0, "last": 1, "only": None} if ":first" in statement else {})
        names = tuple(column[0] for column in told.description)
        declared = tuple(r[1] for r in connection.execute(f"PRAGMA table_info({table})"))
        assert names == blocks.COLUMNS[table] == declared[1:], table
    connection.close()
