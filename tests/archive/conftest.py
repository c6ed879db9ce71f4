"""Databases of recorded runs, and an archive of them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from stampede import pipeline
from stampede.archive import Folder, archive
from stampede.query import open_database
from stampede.query.workflows import list_workflows

RUNS = ("pg_fail", "dm_g_hold", "dm_e_subdag", "dm_c_rescue")
#: tables that say something of the database, not of workflows
OF_DATABASE = {"stampede_meta", "dbversion", "sqlite_sequence", "sqlite_stat1"}


def url(path: Path) -> str:
    return f"sqlite:///{path}"


def contents(database: Path) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables, numbers of rows and all, with the types that SQLite keeps them in."""
    with closing(sqlite3.connect(database)) as connection:
        names = [r[0] for r in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        found = {}
        for name in names:
            if name not in OF_DATABASE and not name.startswith("job_text"):
                rows = connection.execute(f'SELECT * FROM "{name}"').fetchall()
                found[name] = sorted(rows, key=repr)
        return found


def archive_all(database: Path, folder: Path) -> list[str]:
    """Put all roots into the archive; what was done with each."""
    done = []
    with open_database(url(database)) as reader, reader.snapshot():
        for root in list_workflows(reader):
            done.append(archive(reader, root, Folder(folder)).done)
    return done


@pytest.fixture(scope="session")
def loaded(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One database of all recorded runs."""
    path = tmp_path_factory.mktemp("loaded") / "all.db"
    pipeline.load([corpus / name for name in RUNS], url(path))
    return path


@pytest.fixture(scope="session")
def kept(loaded: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of it, which no test changes."""
    folder = tmp_path_factory.mktemp("kept") / "archive"
    assert archive_all(loaded, folder) == ["new"] * len(RUNS)
    return folder
