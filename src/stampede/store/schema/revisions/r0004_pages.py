"""What pages of tries and readers who go on need: orders by time, changes of anomalies."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, String, Table, UniqueConstraint, text

from stampede.store.schema.base import Dur, Id, Ts, fk
from stampede.store.schema.revising import create_index, create_table, drop_index, drop_table, tables

revision = "0004"
down_revision = "0003"

ANOMALY_CHANGE = Table(
    "anomaly_change",
    tables(),
    Column("change_id", Id, primary_key=True),
    Column("wf_id", Id, fk("workflow.wf_id"), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("subject", String(512), nullable=False),
    Column("cleared", Boolean, nullable=False, server_default="0"),
    UniqueConstraint("wf_id", "kind", "subject", name="UNIQUE_ANOMALY_CHANGE"),
    sqlite_autoincrement=True,
)

#: as far as its indexes take
JOB_INSTANCE = Table(
    "job_instance",
    tables(),
    Column("execute_ts", Ts),
    Column("end_ts", Ts),
    Column("local_duration", Dur),
    extend_existing=True,
)
INDEXES = (
    Index("job_instance_duration_idx", text("coalesce(local_duration, end_ts - execute_ts)"), _table=JOB_INSTANCE),
    Index("job_instance_end_idx", JOB_INSTANCE.c.end_ts),
    Index("job_instance_execute_idx", JOB_INSTANCE.c.execute_ts),
)


def upgrade() -> None:
    """Anomalies that were told before have no number: who reads on has seen them."""
    create_table(ANOMALY_CHANGE)
    for index in INDEXES:
        create_index(index)


def downgrade() -> None:
    """When an anomaly was told, and that one was none after all, is only of use to those who read on right now."""
    for index in INDEXES:
        drop_index(str(index.name), "job_instance")
    drop_table("anomaly_change", derived=True)
