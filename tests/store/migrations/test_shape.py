"""A file of any earlier shape becomes, table by table, what a new one is; and goes back to what it was."""

from __future__ import annotations

import itertools
from contextlib import closing

import pytest

from stampede.store.migrations.moving import bring
from stampede.store.migrations.revision import revisions
from stampede.store.migrations.shape import standing
from tests.store.migrations.old import FROZEN, NEWEST, exact_shape, make_file, shape

KEPT = (*FROZEN, NEWEST)

#: the commits between two revisions: the revision they are of, and what they had done already
BETWEEN = {
    "demands of machines": (1, ["ALTER TABLE resource_usage ADD COLUMN unmet_requirements TEXT"]),
    "notes of programs": (1, [
        "ALTER TABLE resource_usage ADD COLUMN unmet_requirements TEXT", "ALTER TABLE invocation ADD COLUMN note TEXT",
    ]),
    "leases without a holder": (1, [
        "ALTER TABLE resource_usage ADD COLUMN unmet_requirements TEXT", "ALTER TABLE invocation ADD COLUMN note TEXT",
        "CREATE TABLE lease (name VARCHAR(512) NOT NULL, fence BIGINT NOT NULL, beat BIGINT DEFAULT '0' NOT NULL, "
        "holder TEXT, taken_ts NUMERIC(16, 6), PRIMARY KEY (name))",
    ]),
    "sums without workflows": (2, [
        "CREATE TABLE statistics_block (block INTEGER NOT NULL, PRIMARY KEY (block))",
        "INSERT INTO statistics_block VALUES (3)",
    ]),
    "keys of what failed alike": (2, [
        "ALTER TABLE job_instance ADD COLUMN alike BIGINT",
        "CREATE INDEX job_instance_again_idx ON job_instance (job_id) WHERE execute_count > 1",
        "CREATE INDEX jobstate_interrupted_idx ON jobstate (state, timestamp) WHERE state IN ('JOB_EVICTED', "
        "'JOB_SUSPENDED', 'JOB_DISCONNECTED', 'JOB_RECONNECT_FAILED', 'SHADOW_EXCEPTION')",
    ]),
    "marks of interruptions": (2, [
        "ALTER TABLE job_instance ADD COLUMN interrupted BOOLEAN", "ALTER TABLE job_instance ADD COLUMN alike BIGINT",
        "CREATE INDEX job_instance_again_idx ON job_instance (job_id) WHERE (execute_count > 1 OR interrupted)",
    ]),
    "orders of tries": (3, ["CREATE INDEX job_instance_end_idx ON job_instance (end_ts)"]),
    "how long jobs took": (4, ["ALTER TABLE job ADD COLUMN duration_s NUMERIC(10, 3)"]),
}  # fmt: skip


@pytest.mark.parametrize("one, other", list(itertools.product(KEPT, KEPT)))
def test_each_revision_leads_to_each_other(one: int, other: int) -> None:
    with closing(make_file(":memory:", shape(one))) as connection, closing(make_file(":memory:", shape(other))) as made:
        assert standing(connection, "sqlite").revision == one
        bring(connection, "sqlite", other)
        assert exact_shape(connection) == exact_shape(made)
        assert standing(connection, "sqlite")[:4] == (other, other, other, False)


@pytest.mark.parametrize("name", BETWEEN)
def test_a_shape_between_two_revisions_becomes_the_newest(name: str) -> None:
    before, done = BETWEEN[name]
    with (
        closing(make_file(":memory:", shape(before))) as connection,
        closing(make_file(":memory:", shape(NEWEST))) as made,
    ):
        for statement in done:
            connection.execute(statement)
        assert standing(connection, "sqlite").revision == before
        bring(connection, "sqlite", NEWEST)
        assert exact_shape(connection) == exact_shape(made)
        assert connection.execute("SELECT count(*) FROM statistics_block").fetchone() == (0,)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql", "mariadb"])
def test_revisions_are_numbered_from_one_on_and_each_has_a_title(kind: str) -> None:
    found = revisions(kind)  # type: ignore[arg-type]
    assert [r.number for r in found] == list(range(1, NEWEST + 1))
    assert all(r.title for r in found)
    assert all(r.marks and r.upgrade and r.downgrade for r in found[1:]), "each can be recognised, and goes both ways"


def test_what_says_more_than_it_has_is_brought_up_from_what_it_has() -> None:
    with closing(make_file(":memory:", shape(NEWEST))) as connection:
        connection.execute(f"UPDATE stampede_meta SET value = '{NEWEST}' WHERE key = 'schema_version'")
        before = exact_shape(connection)
        connection.execute("DROP INDEX job_instance_end_idx")
        assert standing(connection, "sqlite").revision == 3
        bring(connection, "sqlite", NEWEST)
        assert exact_shape(connection) == before
