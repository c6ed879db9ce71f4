"""What comes out of an archive is what went in, whatever else the database has."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest

from stampede import pipeline
from stampede.archive import Folder, parquet, restore, write_events
from stampede.errors import FutureDatabaseError, InputError, UsageError
from stampede.query import open_database
from stampede.query.health import check
from stampede.store.belonging import LEFT_OUT, Kind, shapes
from stampede.store.sqlite import own_columns
from tests.store.samples import contents as by_name

from .conftest import RUNS, archive_all, contents, url


def restored(folder: Path, database: Path, *, reverse: bool = False) -> None:
    manifests = Folder(folder).manifests()
    for manifest in reversed(manifests) if reverse else manifests:
        assert restore(Folder(folder), manifest, url(database)).done == "restored"


def faults(database: Path) -> dict[str, int]:
    with open_database(url(database)) as reader, reader.snapshot():
        return {c.name: c.faults for c in check(reader).checks if c.faults and c.serious}


def test_every_table_is_archived_or_left_out_for_a_reason() -> None:
    assert set(shapes()) | set(LEFT_OUT) == set(own_columns()) - {"sqlite_sequence"}
    assert not set(shapes()) & set(LEFT_OUT)


@pytest.mark.parametrize("reverse", [False, True])
def test_a_restored_database_is_identical_row_by_row(kept: Path, loaded: Path, tmp_path: Path, reverse: bool) -> None:
    """All tables, numbers of rows and sums of blocks, in whatever order the workflows come back."""
    restored(kept, tmp_path / "back.db", reverse=reverse)
    before, after = contents(loaded), contents(tmp_path / "back.db")
    for table, rows in before.items():
        assert after[table] == rows, table
    assert sum(map(len, before.values())) > 500


@pytest.mark.shared
def test_recorded_runs_of_all_kinds_come_back_identical(shared: Path, tmp_path: Path) -> None:
    runs = sorted(p for p in (shared / "corpus" / "runs").glob("*/submit") if list(p.rglob("*.dagman.out")))[:12]
    assert runs
    for path in runs:
        pipeline.load([path], url(tmp_path / "all.db"))
    archive_all(tmp_path / "all.db", tmp_path / "archive")
    restored(tmp_path / "archive", tmp_path / "back.db")
    before, after = contents(tmp_path / "all.db"), contents(tmp_path / "back.db")
    # a run that was read from a second folder is known by that: what was read of the first one is not its own any more
    assert set(after.pop("source_position")) <= set(before.pop("source_position"))
    assert {t for t in before if before[t] != after[t]} == set()


@pytest.mark.parametrize("name", RUNS)
def test_numbers_that_are_taken_are_given_anew(corpus: Path, kept: Path, tmp_path: Path, name: str) -> None:
    """A run is restored beside another; what names stand for is what a load of both would have written."""
    other = next(r for r in RUNS if r != name)
    pipeline.load([corpus / name], url(tmp_path / "one.db"))
    archive_all(tmp_path / "one.db", tmp_path / "archive")
    pipeline.load([corpus / other], url(tmp_path / "target.db"))
    restored(tmp_path / "archive", tmp_path / "target.db")
    pipeline.load([corpus / other, corpus / name], url(tmp_path / "both.db"))
    assert by_name(tmp_path / "target.db") == by_name(tmp_path / "both.db")
    assert faults(tmp_path / "target.db") == {}


def test_a_run_that_is_there_is_left_alone(kept: Path, loaded: Path, tmp_path: Path) -> None:
    restored(kept, tmp_path / "back.db")
    before = contents(tmp_path / "back.db")
    done = [restore(Folder(kept), m, url(tmp_path / "back.db")).done for m in Folder(kept).manifests()]
    assert done == ["there"] * len(RUNS)
    assert contents(tmp_path / "back.db") == before


def test_a_part_that_is_there_forbids_the_whole(kept: Path, tmp_path: Path) -> None:
    manifest = Folder(kept).find("dm_e_subdag")
    restored(kept, tmp_path / "back.db")
    with closing(sqlite3.connect(tmp_path / "back.db")) as connection, connection:
        connection.execute("DELETE FROM workflow WHERE wf_uuid = ?", (manifest.wf_uuid,))
    with pytest.raises(UsageError, match="part of"):
        restore(Folder(kept), manifest, url(tmp_path / "back.db"))


def test_a_damaged_archive_restores_nothing(loaded: Path, tmp_path: Path) -> None:
    archive_all(loaded, tmp_path / "archive")
    folder = Folder(tmp_path / "archive")
    manifest = folder.find("dm_g_hold")
    path = folder.file(manifest.tables["jobstate"])
    path.write_bytes(path.read_bytes()[:-9] + b"\0" * 9)
    with pytest.raises(InputError, match="jobstate"):
        restore(folder, manifest, url(tmp_path / "back.db"))
    assert not (tmp_path / "back.db").exists()


def test_what_goes_wrong_halfway_leaves_no_row(kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read = parquet.read

    def failing(path: Path, columns: dict[str, Kind]) -> Iterator[tuple[Any, ...]]:
        if len(columns) > 1 and "table=jobstate" in str(path):
            raise InputError("the disk went away")
        return read(path, columns)

    monkeypatch.setattr(parquet, "read", failing)
    with pytest.raises(InputError, match="went away"):
        restored(kept, tmp_path / "back.db")
    monkeypatch.undo()
    assert not any(contents(tmp_path / "back.db").values())
    restored(kept, tmp_path / "back.db")


def test_a_newer_schema_is_refused(kept: Path, tmp_path: Path) -> None:
    manifest = msgspec.structs.replace(Folder(kept).manifests()[0], schema_version=99)
    with pytest.raises(FutureDatabaseError, match="newer"):
        restore(Folder(kept), manifest, url(tmp_path / "back.db"))


def test_events_come_back_as_a_stream_that_loads_to_the_same_jobs(kept: Path, loaded: Path, tmp_path: Path) -> None:
    folder = Folder(kept)
    count = write_events(folder, folder.find("failing"), tmp_path / "run.jsonl")
    assert count > 200
    pipeline.load([tmp_path / "run.jsonl"], url(tmp_path / "again.db"))
    sql = "SELECT exec_job_id, node_state, attempts FROM job JOIN workflow USING (wf_id) WHERE dax_label = 'failing'"
    with closing(sqlite3.connect(loaded)) as one, closing(sqlite3.connect(tmp_path / "again.db")) as two:
        assert sorted(one.execute(sql)) == sorted(two.execute(sql))


def test_a_database_that_was_made_before_there_was_a_column_comes_back_with_it(loaded: Path, tmp_path: Path) -> None:
    source = tmp_path / "old.db"
    source.write_bytes(loaded.read_bytes())
    with closing(sqlite3.connect(source)) as connection, connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = 'job' "
                                          "AND sql LIKE '%duration_s%'").fetchall():  # fmt: skip
            connection.execute(f'DROP INDEX "{name}"')
        connection.execute("ALTER TABLE job DROP COLUMN duration_s")
    archive_all(source, tmp_path / "archive")
    restored(tmp_path / "archive", tmp_path / "back.db")
    assert contents(tmp_path / "back.db")["job"] == contents(loaded)["job"]
