"""Tables that Pegasus does not have: what the engine said, what jobs used and moved, problems, positions, leases."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Integer,
    Numeric,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from stampede.store.schema.base import S255, Dur, Id, Ts, fk, metadata

Table(
    "stampede_meta",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("value", Text),
)

# one row a workflow: the counts every answer takes, kept in the transaction of the rows they count
Table(
    "workflow_summary",
    metadata,
    Column("wf_id", Id, fk("workflow.wf_id"), primary_key=True),
    *(
        Column(name, Integer, nullable=False, server_default="0")
        for name in (
            "total", "done", "failed", "futile", "ready", "unready", "pre", "queued", "post",
            "submits", "executes", "holds", "evictions", "attempts", "attempts_failed", "problems",
        )
    ),
    # DAGMan's own table at the end of its last run, where it differs from what the events add up to
    Column("reported_nodes", Text),
)  # fmt: skip

Table(
    "workflow_event",
    metadata,
    Column("wf_id", Id, fk("workflow.wf_id"), nullable=False),
    Column("ts", Ts, nullable=False),
    Column("state", String(32), nullable=False),
    Column("value", S255, nullable=False, server_default=""),
    Column("reason", Text),
    Column("restart_count", Integer),
    PrimaryKeyConstraint("wf_id", "ts", "state", "value"),
)

Table(
    "hold",
    metadata,
    Column("job_instance_id", Id, fk("job_instance.job_instance_id"), nullable=False),
    Column("held_ts", Ts, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("released_ts", Ts),
    Column("reason", Text),
    Column("code", Integer),
    Column("subcode", Integer),
    PrimaryKeyConstraint("job_instance_id", "seq"),
    sqlite_with_rowid=False,
)

Table(
    "resource_usage",
    metadata,
    Column("job_instance_id", Id, fk("job_instance.job_instance_id"), primary_key=True),
    *(
        Column(f"{kind}_{what}", Numeric(20, 3))
        for kind in ("req", "alloc", "used")
        for what in ("cpus", "memory_mb", "disk_kb", "gpus")
    ),
    Column("unmet_requirements", Text),
    Column("cpu_user_s", Dur),
    Column("cpu_system_s", Dur),
    Column("bytes_sent", Numeric(20, 0)),
    Column("bytes_received", Numeric(20, 0)),
    Column("slot", S255),
    Column("hostname", S255),
)

Table(
    "invocation_file",
    metadata,
    Column("job_instance_id", Id, fk("job_instance.job_instance_id"), nullable=False),
    Column("task_submit_seq", Integer, nullable=False),
    Column("lfn", Text, nullable=False),
    Column("wf_id", Id, fk("workflow.wf_id"), nullable=False),
    Column("pfn", Text),
    Column("is_output", Boolean, nullable=False, server_default="0"),
    Column("size_bytes", BigInteger),
    Column("error", Integer),
    Column("checksum", S255),
    PrimaryKeyConstraint("job_instance_id", "task_submit_seq", "lfn"),
    sqlite_with_rowid=False,
)

Table(
    "transfer",
    metadata,
    Column("job_instance_id", Id, fk("job_instance.job_instance_id"), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("lfn", Text),
    Column("src_url", Text),
    Column("dst_url", Text),
    Column("src_site", S255),
    Column("dst_site", S255),
    Column("size_bytes", BigInteger),
    Column("start_ts", Ts),
    Column("duration_s", Dur),
    Column("status", Integer),
    Column("reason", Text),
    PrimaryKeyConstraint("job_instance_id", "seq"),
    sqlite_with_rowid=False,
)

Table(
    "problem",
    metadata,
    Column("problem_id", Id, primary_key=True),
    Column("wf_id", Id, fk("workflow.wf_id")),
    Column("ts", Ts),
    Column("kind", String(64), nullable=False),
    Column("severity", String(16), nullable=False, server_default="warning"),
    Column("file", S255, nullable=False, server_default=""),
    Column("offset", BigInteger, nullable=False, server_default="-1"),
    Column("message", Text, nullable=False),
    Column("remedy", Text),
    Column("count", Integer, nullable=False, server_default="1"),
    UniqueConstraint("wf_id", "kind", "file", "offset", "message", name="UNIQUE_PROBLEM"),
)

Table(
    "source_position",
    metadata,
    Column("source", String(512), primary_key=True),
    Column("inode", BigInteger),
    Column("offset", BigInteger, nullable=False),
    Column("size_bytes", BigInteger),
    Column("complete", Boolean, nullable=False, server_default="0"),
)

Table(
    "lease",
    metadata,
    Column("name", String(512), primary_key=True),
    Column("fence", BigInteger, nullable=False),
    Column("beat", BigInteger, nullable=False, server_default="0"),
    Column("holder", Text, nullable=False),
    Column("taken_ts", Ts),
)

# what was not as it was, by run (``wf_id`` is the root's): told again, a row is replaced
Table(
    "anomaly",
    metadata,
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

# when what of the table above was told last: a row gets a new number each time, so that who reads on finds what is new;
# one of which it turned out that it was none stays here
Table(
    "anomaly_change",
    metadata,
    Column("change_id", Id, primary_key=True),
    Column("wf_id", Id, fk("workflow.wf_id"), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("subject", String(512), nullable=False),
    Column("cleared", Boolean, nullable=False, server_default="0"),
    UniqueConstraint("wf_id", "kind", "subject", name="UNIQUE_ANOMALY_CHANGE"),
    sqlite_autoincrement=True,
)
