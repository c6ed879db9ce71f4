"""The archive has a workflow whole or not at all, and once."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from stampede import pipeline
from stampede.archive import Folder, archive
from stampede.archive.manifest import place
from stampede.errors import BusyError, UsageError
from stampede.query import open_database
from stampede.query.belonging import ended_before
from stampede.query.workflows import find, list_workflows

from .conftest import RUNS, archive_all, contents, url


def files(folder: Path) -> set[str]:
    return {str(p.relative_to(folder)) for p in folder.rglob("*.parquet")}


def named(folder: Path) -> set[str]:
    return {part.file for m in Folder(folder).manifests() for part in m.parts.values()}


def test_files_lie_as_hive_names_partitions_and_are_those_of_the_manifests(kept: Path) -> None:
    assert files(kept) == named(kept)
    assert all(f.split("/")[1:2] == ["month=2026-11"] for f in files(kept))
    assert all(Folder(kept).damage(m) == [] for m in Folder(kept).manifests())


def test_every_row_of_the_database_is_in_the_archive(kept: Path, loaded: Path) -> None:
    rows: dict[str, int] = {}
    for m in Folder(kept).manifests():
        for table, part in m.tables.items():
            rows[table] = rows.get(table, 0) + part.rows
    stored = {t: len(r) for t, r in contents(loaded).items() if r and not t.startswith("statistics_")}
    assert rows == stored


def test_once_more_changes_nothing(loaded: Path, tmp_path: Path) -> None:
    archive_all(loaded, tmp_path)
    before = {f: (tmp_path / f).stat().st_mtime_ns for f in files(tmp_path)}
    assert archive_all(loaded, tmp_path) == ["same"] * len(RUNS)
    assert {f: (tmp_path / f).stat().st_mtime_ns for f in files(tmp_path)} == before


def test_what_changed_replaces_what_was_there(loaded: Path, tmp_path: Path) -> None:
    source = tmp_path / "own.db"
    source.write_bytes(loaded.read_bytes())
    archive_all(source, tmp_path / "archive")
    with closing(sqlite3.connect(source)) as connection, connection:
        connection.execute("UPDATE job SET priority = 7 WHERE wf_id = (SELECT wf_id FROM workflow "
                           "WHERE dax_label = 'dm_g_hold')")  # fmt: skip
    assert sorted(archive_all(source, tmp_path / "archive")) == ["replaced", *["same"] * (len(RUNS) - 1)]
    assert files(tmp_path / "archive") == named(tmp_path / "archive")


def test_numbers_of_rows_of_one_workflow_are_of_no_other(corpus: Path, tmp_path: Path) -> None:
    """Runs of different databases, which number their rows alike, can be joined in the archive."""
    for name in RUNS:
        pipeline.load([corpus / name], url(tmp_path / f"{name}.db"))
        archive_all(tmp_path / f"{name}.db", tmp_path / "archive")
    shifts = [tuple(sorted(m.shifts.items())) for m in Folder(tmp_path / "archive").manifests()]
    assert len(set(shifts)) == len(RUNS)


def test_a_run_that_goes_on_and_a_part_of_one_are_refused(loaded: Path, tmp_path: Path) -> None:
    with open_database(url(loaded)) as reader, reader.snapshot():
        root = find(reader, "dm_e_subdag")[0]
        below = next(w for w in list_workflows(reader, sub=True) if w.parent_wf_uuid is not None)
        with pytest.raises(UsageError, match="part"):
            archive(reader, below, Folder(tmp_path / "a"))
        root.state = "running"
        with pytest.raises(UsageError, match="runs"):
            archive(reader, root, Folder(tmp_path / "a"))
    assert not (tmp_path / "a").exists()


def test_one_process_writes_at_a_time(loaded: Path, tmp_path: Path) -> None:
    with Folder(tmp_path).writing(), pytest.raises(BusyError):
        archive_all(loaded, tmp_path)


def _dies(database: Path, folder: Path, after: int) -> None:
    """Archive, and be killed at the nth file that is put into its place."""
    replace, count = os.replace, [0]

    def dying(one: object, other: object) -> None:
        count[0] += 1
        if count[0] == after:
            os.kill(os.getpid(), signal.SIGKILL)
        replace(one, other)  # type: ignore[arg-type]

    os.replace = dying  # type: ignore[assignment]
    archive_all(database, folder)


@pytest.mark.parametrize("after", [1, 5, 12, 13, 14, 20, 30])
def test_a_writer_that_is_killed_leaves_whole_workflows_only(loaded: Path, tmp_path: Path, after: int) -> None:
    """What it left is taken away by the next, and no number is given twice."""
    process = multiprocessing.get_context("spawn").Process(target=_dies, args=(loaded, tmp_path, after))
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    assert all(Folder(tmp_path).damage(m) == [] for m in Folder(tmp_path).manifests())
    archive_all(loaded, tmp_path)
    assert files(tmp_path) == named(tmp_path)
    assert len({m.slot for m in Folder(tmp_path).manifests()}) == len(RUNS)


def test_the_submit_directory_is_not_needed(corpus: Path, tmp_path: Path) -> None:
    import shutil

    shutil.copytree(corpus / "dm_g_hold", tmp_path / "run")
    pipeline.load([tmp_path / "run"], url(tmp_path / "x.db"))
    archive_all(tmp_path / "x.db", tmp_path / "with")
    shutil.rmtree(tmp_path / "run")
    assert archive_all(tmp_path / "x.db", tmp_path / "with") == ["same"]  # events that are kept stay
    archive_all(tmp_path / "x.db", tmp_path / "without")
    manifest = Folder(tmp_path / "without").manifests()[0]
    assert manifest.events is None
    assert "not at hand" in manifest.events_note


def test_old_workflows_are_found_by_their_last_record(loaded: Path) -> None:
    with open_database(url(loaded)) as reader:
        assert len(ended_before(reader, 4e9)) == len(RUNS)
        assert len(ended_before(reader, 4e9, "dm_*")) == len(RUNS) - 1
        assert ended_before(reader, 1e9) == []


@pytest.mark.parametrize("label", ["a/b", "..", "x=y", "é" * 300, "", None, "a\nb", "%41"])
def test_any_label_makes_one_name_of_a_folder(label: str | None) -> None:
    parts = place("job", 0.0, label).split("/")
    assert len(parts) == 3
    assert len(parts[2]) < 255
    assert parts[2].startswith("label=")
    assert parts[1] == "month=1970-01"
