"""A directory that is loaded again and again while its logs grow gives the database of one load at the end."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from stampede import pipeline

#: written once DAGMan has ended, or beside its log: not there while it runs
_LATE = (".dagman.log", ".metrics", ".status")
#: where the database lies, and where the run did before it was copied here (which its log tells a little late)
_OTHER = ("db_url", "submit_dir")


def facts(database: Path) -> dict[str, list[str]]:
    """All rows of all tables without our own keys and the times of loading."""
    connection = sqlite3.connect(database)
    found: dict[str, list[str]] = {}
    tables = [r[0] for r in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    for table in sorted(
        set(tables)
        - {"source_position", "dbversion", "stampede_meta", "sqlite_sequence", "sqlite_stat1", "sqlite_stat4"}
    ):
        if table.startswith("statistics_"):  # follows from the others, made when there is time
            continue
        columns = connection.execute(f"SELECT name, type FROM pragma_table_info('{table}')").fetchall()
        kept = [
            f'"{n}"' for n, kind in columns if not (n.endswith("_id") and "INT" in kind.upper()) and n not in _OTHER
        ]
        rows: list[Any] = connection.execute(f'SELECT {", ".join(kept)} FROM "{table}"').fetchall()
        found[table] = sorted(map(repr, rows))
    connection.close()
    return found


@pytest.mark.parametrize("share", [0.0, 0.05, 0.3, 0.62, 0.97])
@pytest.mark.parametrize("name", ["pg_fail", "dm_g_hold", "dm_e_subdag", "dm_c_rescue"])
def test_a_log_that_grew_gives_what_one_load_gives(corpus: Path, tmp_path: Path, name: str, share: float) -> None:
    folder = tmp_path / "s"
    shutil.copytree(corpus / name, folder)
    whole = {path: path.read_bytes() for path in folder.rglob("*.dagman.out")}
    late = {p: p.read_bytes() for p in folder.rglob("*") if p.name.endswith(_LATE) or ".rescue" in p.name}
    if not share:  # DAGMan has not begun, so that nobody has told of jobs either
        late |= {path: path.read_bytes() for path in folder.rglob("*.nodes.log")}
    for path in late:
        path.unlink()
    for path, data in whole.items():
        if share:
            path.write_bytes(data[: int(len(data) * share)])
        else:
            path.unlink()
    grown, once = tmp_path / "grown.db", tmp_path / "once.db"
    pipeline.load([folder], f"sqlite:///{grown}")
    for path, data in whole.items():
        with path.open("ab") as file:
            file.write(data[int(len(data) * share) :])
    for path, data in late.items():
        path.write_bytes(data)
    pipeline.load([folder], f"sqlite:///{grown}")
    pipeline.load([folder], f"sqlite:///{once}")
    ours, theirs = facts(grown), facts(once)
    # what a job asks for is noted while it waits, too
    del ours["resource_usage"], theirs["resource_usage"]
    for table in theirs:
        assert ours[table] == theirs[table], table
