"""Questions read the archive, and can do nothing else."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from stampede.archive import Folder, ask
from stampede.errors import InputError, TimeUpError, UsageError

from .conftest import RUNS, contents

QUESTIONS = (
    "SELECT node_state, count(*) FROM job GROUP BY 1 ORDER BY 1",
    "SELECT w.wf_uuid, j.exec_job_id, s.state, s.timestamp FROM workflow w JOIN job j ON j.wf_id = w.wf_id "
    "JOIN job_instance i ON i.job_id = j.job_id JOIN jobstate s ON s.job_instance_id = i.job_instance_id "
    "ORDER BY 1, 2, 4, 3",
    "SELECT w.wf_uuid, r.wf_uuid FROM workflow w JOIN workflow r ON r.wf_id = w.root_wf_id ORDER BY 1",
    "SELECT j.exec_job_id, i.job_submit_seq FROM job j JOIN job_instance i "
    "ON i.job_instance_id = j.last_job_instance_id ORDER BY 1, 2",
    "SELECT sum(remote_duration), count(*) FROM invocation WHERE task_submit_seq > 0",
)


@pytest.mark.parametrize("sql", QUESTIONS)
def test_the_archive_answers_as_the_database_does(kept: Path, loaded: Path, sql: str) -> None:
    with closing(sqlite3.connect(loaded)) as connection:
        expected = connection.execute(sql).fetchall()
    found = ask(Folder(kept), sql).rows
    assert len(expected) == len(found)
    for one, other in zip(expected, found, strict=True):
        assert list(one) == pytest.approx(list(other)) if isinstance(one[0], float) else one == other


def test_all_tables_can_be_asked_even_empty_ones(kept: Path, loaded: Path) -> None:
    rows = {t: len(r) for t, r in contents(loaded).items() if not t.startswith("statistics_")}
    for table in {t[0] for t in ask(Folder(kept), "SHOW TABLES").rows} - {"event"}:
        assert ask(Folder(kept), f'SELECT count(*) FROM "{table}"').rows == [(rows[table],)]
        assert {"month", "label"} < set(ask(Folder(kept), f'SELECT * FROM "{table}" LIMIT 0').columns)
    assert ask(Folder(kept), "SELECT count(DISTINCT label) FROM event").rows == [(len(RUNS),)]


def test_spark_finds_the_same_rows_by_the_names_of_folders(kept: Path, loaded: Path) -> None:
    """Read with pyarrow's own reader of Hive's partitions, which knows nothing of the manifests."""
    import pyarrow.dataset as ds

    found = ds.dataset(kept / "table=job", partitioning="hive").to_table()
    assert found.num_rows == len(contents(loaded)["job"])
    assert set(found["month"].to_pylist()) == {"2026-11"}


@pytest.mark.parametrize("sql", [
    "COPY (SELECT 1) TO '{folder}/x.csv'", "CREATE TABLE z(a INT)", "INSERT INTO job VALUES (1)", "DROP VIEW job",
    "ATTACH '{folder}/x.db'", "INSTALL httpfs", "LOAD httpfs", "SET threads = 1", "PRAGMA version",
    "CALL pragma_version()", "EXPORT DATABASE '{folder}/x'", "SELECT 1; SELECT 2", "", "EXPLAIN ANALYZE COPY "
    "(SELECT 1) TO '{folder}/x.csv'", "EXPLAIN COPY (SELECT 1) TO '{folder}/x.csv'", "PREPARE p AS SELECT 1",
    "SELECT * FROM read_text('/etc/hostname')", "SELECT * FROM read_csv('/etc/passwd')", "SELECT * FROM glob('/*')",
    "SELECT * FROM '/etc/hostname'", "SELECT * FROM read_parquet('https://example.org/x')", "SELECT * FROM manifests",
    "SELECT * FROM read_text('{folder}/../secret')", "selec 1", "SELECT nothing FROM job",
    "WITH x AS (INSERT INTO job VALUES (1) RETURNING *) SELECT * FROM x", "SELECT '",
])  # fmt: skip
def test_anything_else_is_refused_and_leaves_nothing(kept: Path, sql: str) -> None:
    (kept.parent / "secret").write_text("hidden")
    before = sorted(kept.rglob("*"))
    with pytest.raises(UsageError):
        ask(Folder(kept), sql.format(folder=kept))
    assert sorted(kept.rglob("*")) == before


def test_a_link_out_of_the_archive_is_no_file_of_it(kept: Path) -> None:
    (kept.parent / "secret").write_text("hidden")
    with pytest.raises(UsageError):
        ask(Folder(kept), f"SELECT content FROM read_text('{kept}/table=job/../../secret')")


def test_a_question_that_takes_too_long_is_stopped(kept: Path) -> None:
    with pytest.raises(TimeUpError, match="longer"):
        ask(Folder(kept), "SELECT sum(a.range * b.range) FROM range(10000000) a, range(10000000) b", seconds=0.3)


def test_a_question_that_takes_too_much_memory_is_stopped(kept: Path) -> None:
    with pytest.raises(TimeUpError, match="MB"):
        ask(Folder(kept), "SELECT count(*) FROM (SELECT DISTINCT range::VARCHAR || repeat('x', 200) "
                          "FROM range(50000000))", memory_mb=64, seconds=120)  # fmt: skip


def test_rows_are_cut_where_so_many_were_asked_for(kept: Path) -> None:
    found = ask(Folder(kept), "SELECT exec_job_id FROM job", most=3)
    assert len(found.rows) == 3
    assert found.cut


def test_a_folder_that_is_no_archive_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no archive"):
        ask(Folder(tmp_path), "SELECT 1")
