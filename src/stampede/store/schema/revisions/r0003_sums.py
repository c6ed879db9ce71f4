"""What statistics, triage and anomalies keep: sums of blocks of jobs, keys of what failed alike, and what was odd."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    Numeric,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    text,
)

from stampede.store.schema.base import S255, Id, Ts, fk
from stampede.store.schema.revising import (
    add_column,
    create_index,
    create_table,
    drop_column,
    drop_index,
    drop_table,
    execute,
    fill,
    marked,
    tables,
    unless,
)

revision = "0003"
down_revision = "0002"

TABLES = tables()


def _sums(*names: str) -> list[Column[Any]]:
    return [Column(name, Numeric(20, 6), nullable=False, server_default="0") for name in names]


def _counts(*names: str) -> list[Column[int]]:
    return [Column(name, Integer, nullable=False, server_default="0") for name in names]


# the blocks whose rows below are right; those of the others are of an earlier time, or not there
STATISTICS_BLOCK = Table(
    "statistics_block",
    TABLES,
    Column("block", Integer, primary_key=True),
    # the workflows that its jobs belong to, as JSON
    Column("workflows", Text, nullable=False),
)

STATISTICS_WORKFLOW = Table(
    "statistics_workflow",
    TABLES,
    Column("block", Integer, nullable=False),
    Column("wf_id", Id, nullable=False),
    # 1: jobs that are workflows themselves
    Column("sub", Boolean, nullable=False),
    *_counts(
        "jobs_tried", "tries", "tasks", "tasks_tried", "tasks_succeeded", "tasks_failed", "task_tries",
        "integrity_errors", "integrity_failures",
    ),
    PrimaryKeyConstraint("block", "wf_id", "sub"),
    sqlite_with_rowid=False,
)  # fmt: skip

STATISTICS_TRY = Table(
    "statistics_try",
    TABLES,
    Column("block", Integer, nullable=False),
    Column("wf_id", Id, nullable=False),
    Column("sub", Boolean, nullable=False),
    Column("type_desc", String(16), nullable=False),
    Column("transformation", Text, nullable=False),
    Column("site", S255, nullable=False),
    # success, failed, open
    Column("outcome", String(16), nullable=False),
    *_counts("tries", "superseded", "evictions", "holds", "with_cpu", "with_memory", "over_memory"),
    *_sums("wall_s", "superseded_wall_s", "superseded_delay_s", "unnested_wall_s"),
    *_counts("with_pre", "with_queue", "with_run", "with_post"),
    *_sums("pre_s", "queue_s", "run_s", "post_s", "held_s", "redone_s", "stage_in_s", "stage_out_s", "program_s"),
    *_sums("bytes_in", "bytes_out"),
    *_sums("cpu_s", "cpu_wall_s", "memory_used_mb", "memory_requested_mb", "memory_max_mb"),
    *(Column(f"{name}_bins", LargeBinary) for name in ("pre", "queue", "run", "post", "memory")),
    PrimaryKeyConstraint("block", "wf_id", "sub", "type_desc", "transformation", "site", "outcome"),
    sqlite_with_rowid=False,
)

STATISTICS_INVOCATION = Table(
    "statistics_invocation",
    TABLES,
    Column("block", Integer, nullable=False),
    Column("wf_id", Id, nullable=False),
    Column("transformation", Text, nullable=False),
    # 1: PRE and POST scripts
    Column("script", Boolean, nullable=False),
    Column("succeeded", Boolean, nullable=False),
    *_counts("invocations", "with_cpu", "with_maxrss", "with_avg_cpu"),
    *_sums("runtime_s", "runtime_min_s", "runtime_max_s", "cpu_s", "cpu_wall_s"),
    *(Column(name, Numeric(20, 6)) for name in (
        "maxrss_kb", "maxrss_min_kb", "maxrss_max_kb", "avg_cpu", "avg_cpu_min", "avg_cpu_max",
    )),
    Column("runtime_bins", LargeBinary),
    Column("maxrss_bins", LargeBinary),
    PrimaryKeyConstraint("block", "wf_id", "transformation", "script", "succeeded"),
    sqlite_with_rowid=False,
)  # fmt: skip

STATISTICS_TIME = Table(
    "statistics_time",
    TABLES,
    Column("block", Integer, nullable=False),
    Column("wf_id", Id, nullable=False),
    Column("site", S255, nullable=False),
    Column("hostname", S255, nullable=False),
    # the half hour that it began in; -1: no time is known
    Column("begun_ts", Integer, nullable=False),
    *_counts("tries", "tries_failed", "invocations"),
    *_sums("tries_s", "tries_failed_s", "invocations_s"),
    PrimaryKeyConstraint("block", "wf_id", "site", "hostname", "begun_ts"),
    sqlite_with_rowid=False,
)

STATISTICS_INTEGRITY = Table(
    "statistics_integrity",
    TABLES,
    Column("block", Integer, nullable=False),
    Column("wf_id", Id, nullable=False),
    Column("type", String(8), nullable=False),
    Column("file_type", String(8), nullable=False),
    *_counts("files"),
    *_sums("duration_s"),
    PrimaryKeyConstraint("block", "wf_id", "type", "file_type"),
    sqlite_with_rowid=False,
)

ANOMALY = Table(
    "anomaly",
    TABLES,
    Column("wf_id", Id, fk("workflow.wf_id"), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("subject", String(512), nullable=False),
    Column("ts", Ts),
    Column("reason", Text, nullable=False),
    Column("job", Text),
    Column("attempt", Integer),
    Column("host", S255),
    Column("transformation", S255),
    Column("unit", String(16)),
    *(Column(name, Numeric(20, 6)) for name in ("observed", "expected", "low", "high")),
    Column("jobs", BigInteger),
    Column("of_jobs", BigInteger),
    Column("score", Numeric(20, 6)),
    PrimaryKeyConstraint("wf_id", "kind", "subject"),
    sqlite_with_rowid=False,
)

#: as far as its indexes take
JOB_INSTANCE = Table(
    "job_instance",
    tables(),
    Column("job_id", Id),
    *(Column(name, Integer) for name in (
        "job_submit_seq", "host_id", "subwf_id", "restart_count", "main_exitcode", "pre_exitcode", "post_exitcode",
        "hold_code",
    )),
    *(Column(name, S255) for name in ("site", "state", "outcome", "slot")),
    *(Column(name, Ts) for name in ("submit_ts", "execute_ts", "end_ts")),
    Column("exit_unknown", Boolean),
    Column("alike", BigInteger),
    extend_existing=True,
)  # fmt: skip
FAILED = Index(
    "job_instance_failed_idx",
    *(JOB_INSTANCE.c[name] for name in (
        "job_id", "job_submit_seq", "host_id", "site", "subwf_id", "restart_count", "state", "outcome", "main_exitcode",
        "exit_unknown", "pre_exitcode", "post_exitcode", "submit_ts", "execute_ts", "end_ts", "hold_code", "slot",
        "alike",
    )),
    sqlite_where=text(
        "(outcome = 'failed' OR (outcome IS NULL AND state IN ('JOB_HELD', 'JOB_ABORTED')) OR main_exitcode <> 0)"
    ),
)  # fmt: skip
AGAIN = Index("job_instance_again_idx", JOB_INSTANCE.c.job_id, sqlite_where=text("(execute_count > 1 OR interrupted)"))

STATISTICS = (
    STATISTICS_BLOCK, STATISTICS_WORKFLOW, STATISTICS_TRY, STATISTICS_INVOCATION, STATISTICS_TIME, STATISTICS_INTEGRITY,
)  # fmt: skip


def upgrade() -> None:
    """Sums of another form are dropped: they are made anew by the next who writes. Marks of tries are worked out."""
    with unless("statistics_block.workflows"):
        for table in STATISTICS:
            drop_table(table.name, derived=True)
    for table in STATISTICS:
        create_table(table)
    create_table(ANOMALY)
    add_column("job_instance", Column("interrupted", Boolean))
    add_column("job_instance", Column("alike", BigInteger))
    drop_index("jobstate_interrupted_idx", "jobstate")
    with unless("job_instance.interrupted"):
        drop_index("job_instance_again_idx", "job_instance")
    execute(
        "UPDATE job_instance SET interrupted = 1 WHERE interrupted IS NULL AND job_instance_id IN (SELECT "
        "job_instance_id FROM jobstate WHERE state IN ('JOB_EVICTED', 'JOB_SUSPENDED', 'JOB_DISCONNECTED', "
        "'JOB_RECONNECT_FAILED', 'SHADOW_EXCEPTION'))"
    )
    fill("alike")
    create_index(FAILED)
    create_index(AGAIN)
    marked("statistics_block.workflows")


def downgrade() -> None:
    """Only anomalies cannot be worked out from the rows that stay."""
    drop_index("job_instance_again_idx", "job_instance")
    drop_index("job_instance_failed_idx", "job_instance")
    drop_column("job_instance", "alike", derived=True)
    drop_column("job_instance", "interrupted", derived=True)
    drop_table("anomaly")
    for table in reversed(STATISTICS):
        drop_table(table.name, derived=True)
