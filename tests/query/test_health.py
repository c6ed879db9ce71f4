"""Whether a database is sound."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from stampede.query import Reader, open_database
from stampede.query.health import check
from stampede.store.rebuild import rebuild_summaries

Read = Callable[[str], Reader]


@pytest.mark.parametrize("name", ["pg_fail", "dm_g_hold", "dm_e_subdag", "dm_c_rescue"])
def test_running_counts_equal_a_recount(read: Read, name: str) -> None:
    health = check(read(name))
    assert health.ok, [c for c in health.checks if c.faults]
    assert all(n > 0 for table, n in health.rows.items() if table in ("workflow", "job", "job_instance", "jobstate"))


def test_a_kept_duration_that_is_wrong_is_found_and_mended(databases: dict[str, str], tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    path.write_bytes(Path(databases["pg_fail"].removeprefix("sqlite:///")).read_bytes())
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE job SET duration_s = 7 WHERE job_id IN (1, 2)")
    connection.close()
    with open_database(f"sqlite:///{path}") as reader:
        found = {c.name: c.faults for c in check(reader).checks}
    assert found["jobs whose duration is not that of their last try"] == 2
    assert rebuild_summaries(f"sqlite:///{path}") == 2
    with open_database(f"sqlite:///{path}") as reader:
        assert check(reader).ok
