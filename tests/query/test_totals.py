"""Runs counted by what a list of them can be narrowed to."""

from __future__ import annotations

from collections.abc import Callable

from stampede.query import Reader
from stampede.query.collections import of_user
from stampede.query.totals import Tally, Totals

Read = Callable[[str], Reader]


def _totals(*readers: Reader, since_ts: float = 0.0) -> Totals:
    tally = Tally()
    for reader in readers:
        tally.add(reader, since_ts=since_ts)
    return tally.totals()


def test_runs_of_several_databases_are_added_up(read: Read) -> None:
    """Sub-workflows are no runs."""
    found = _totals(read("pg_fail"), read("dm_e_subdag"), read("dm_c_rescue"))
    assert found.runs == 3
    assert sum(found.states.values()) == 3
    assert found.states["failed"] >= 1
    assert sorted(n.name or "" for n in found.labels) == ["dm_c_rescue", "dm_e_subdag", "failing"]
    assert {n.runs for n in found.labels} == {1}


def test_since_counts_only_what_changed_after_it(read: Read) -> None:
    reader = read("pg_fail")
    (last,) = reader.one("SELECT state_ts FROM workflow") or (0.0,)
    assert _totals(reader, since_ts=last).since == {"failed": 1}
    assert _totals(reader, since_ts=last + 1).since == {}


def test_a_user_sees_only_their_runs(read: Read) -> None:
    tally = Tally()
    tally.add(read("pg_fail"), of_user("nobody-of-that-name"))
    assert tally.totals().runs == 0


def test_a_run_fails_while_it_runs_when_something_below_it_failed(read: Read) -> None:
    """Told of the root, whose own jobs have not failed."""
    reader = read("dm_e_subdag")
    reader.scratch("CREATE TEMP TABLE workflow AS SELECT * FROM main.workflow")
    reader.scratch("CREATE TEMP TABLE workflow_summary AS SELECT * FROM main.workflow_summary")
    reader.scratch("UPDATE temp.workflow SET state = 'running'")
    reader.scratch("UPDATE temp.workflow_summary SET failed = 0")
    assert _totals(reader).failing == 0
    reader.scratch(
        "UPDATE temp.workflow_summary SET failed = 1 WHERE wf_id = "
        "(SELECT max(wf_id) FROM temp.workflow WHERE parent_wf_id IS NOT NULL)"
    )
    assert _totals(reader).failing == 1
