"""Where and with what a workflow ran."""

from __future__ import annotations

from collections.abc import Callable

from stampede.query import Reader
from stampede.query.environment import environment
from stampede.query.workflows import find


def test_a_pegasus_run_tells_engine_versions_and_machines(read: Callable[[str], Reader]) -> None:
    reader = read("pg_fail")
    found = environment(reader, find(reader, None)[0])
    assert (found.engine, found.user, found.dag) == ("pegasus", "wf", "failing-0.dag")
    assert found.planner_version is not None
    assert found.planner_version.startswith("5.1")
    assert found.dagman_version == "23.9.6"
    assert found.machines_in_all == len(found.machines) > 0
    assert {m.site for m in found.machines} <= {"local", "condorpool"}
    assert all(m.hostname != "unknown" for m in found.machines)


def test_plain_dagman_tells_of_no_machines(read: Callable[[str], Reader]) -> None:
    reader = read("dm_g_hold")
    found = environment(reader, find(reader, None)[0])
    assert (found.engine, found.planner_version, found.machines) == ("dagman", None, [])
