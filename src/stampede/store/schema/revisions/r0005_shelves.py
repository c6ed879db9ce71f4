"""What pages by kind and duration, and windows of time need: how long jobs took, classes of tries."""

from __future__ import annotations

from sqlalchemy import Column, Index, Table, Text, text

from stampede.store.schema.base import Dur, Id, Ts
from stampede.store.schema.revising import add_column, create_index, drop_column, drop_index, execute, tables

revision = "0005"
down_revision = "0004"

#: as far as their indexes take
JOB = Table(
    "job",
    tables(),
    Column("wf_id", Id),
    Column("transformation", Text),
    Column("duration_s", Dur),
    extend_existing=True,
)
JOB_INSTANCE = Table("job_instance", tables(), Column("execute_ts", Ts), Column("end_ts", Ts), extend_existing=True)

DURATION = Index(
    "job_duration_idx", JOB.c.wf_id, JOB.c.transformation, JOB.c.duration_s, sqlite_where=text("duration_s IS NOT NULL")
)
SPAN = Index(
    "job_instance_span_idx",
    text(
        "(CASE WHEN end_ts - execute_ts < 8 THEN 0 WHEN end_ts - execute_ts < 32 THEN 1 "
        "WHEN end_ts - execute_ts < 128 THEN 2 WHEN end_ts - execute_ts < 512 THEN 3 "
        "WHEN end_ts - execute_ts < 2048 THEN 4 WHEN end_ts - execute_ts < 8192 THEN 5 "
        "WHEN end_ts - execute_ts < 32768 THEN 6 WHEN end_ts - execute_ts < 131072 THEN 7 "
        "WHEN end_ts - execute_ts < 524288 THEN 8 ELSE 9 END)"
    ),
    JOB_INSTANCE.c.execute_ts,
    JOB_INSTANCE.c.end_ts,
    sqlite_where=text("end_ts IS NOT NULL"),
)


def upgrade() -> None:
    """How long the last try of each job took is worked out from the tries."""
    add_column("job", Column("duration_s", Dur))
    execute(
        "UPDATE job SET duration_s = (SELECT coalesce(i.local_duration, i.end_ts - i.execute_ts) FROM job_instance i "
        "WHERE i.job_instance_id = job.last_job_instance_id) WHERE duration_s IS NULL"
    )
    create_index(DURATION)
    create_index(SPAN)


def downgrade() -> None:
    """What is dropped can be worked out again."""
    drop_index("job_instance_span_idx", "job_instance")
    drop_index("job_duration_idx", "job")
    drop_column("job", "duration_s", derived=True)
