"""A run that is taken out of a database on a server leaves what there would be without it."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from stampede import pipeline
from stampede.query import open_database
from stampede.query.health import check
from stampede.store import retiring
from stampede.store.connection import open_writer
from stampede.store.loader import Loader
from tests.contract.store.tables import all_tables, differences


def test_what_is_left_equals_a_load_without_the_run(empty: str, corpus: Path, tmp_path: Path) -> None:
    other = f"sqlite:///{tmp_path}/other.db"
    pipeline.load([corpus / "pg_fail"], other)
    pipeline.load([corpus / "pg_fail", corpus / "dm_e_subdag"], empty)
    with closing(open_writer(empty)) as connection:
        uuid, last_ts = connection.execute(
            "SELECT r.wf_uuid, max(w.last_ts) FROM workflow r JOIN workflow w ON w.root_wf_id = r.wf_id "
            "WHERE r.parent_wf_id IS NULL AND r.dag_file_name LIKE 'dm_e_subdag%' GROUP BY r.wf_uuid"
        ).fetchone()
        gone = retiring.retire(connection, uuid, last_ts=last_ts)
        assert uuid in gone
        assert len(gone) > 1, "with its sub-workflows"
        retiring.strike_files(connection)
    for url in (empty, other):
        Loader(url).close()
    with open_database(empty) as reader, reader.snapshot():
        health = check(reader)
    assert health.ok, [c for c in health.checks if c.faults]
    left, wanted = all_tables(empty), all_tables(other)
    for tables in (left, wanted):
        del tables["stampede_meta"]
    assert not differences(wanted, left)
