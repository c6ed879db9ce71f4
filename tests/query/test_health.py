"""Whether a database is sound."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from stampede.query import Reader
from stampede.query.health import check

Read = Callable[[str], Reader]


@pytest.mark.parametrize("name", ["pg_fail", "dm_g_hold", "dm_e_subdag", "dm_c_rescue"])
def test_running_counts_equal_a_recount(read: Read, name: str) -> None:
    health = check(read(name))
    assert health.ok, [c for c in health.checks if c.faults]
    assert all(n > 0 for table, n in health.rows.items() if table in ("workflow", "job", "job_instance", "jobstate"))
