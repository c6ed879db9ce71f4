"""The tables, declared once with SQLAlchemy Core.

The first part is the Stampede schema of Pegasus 5 (version 14: names, columns, keys), so that the Pegasus tools read
our databases and ours read theirs. The second part is what it lacks, *beside* it: columns added to its tables (marked
``ours`` below) and tables of our own.

This module is needed to render the DDL that ships (``store/ddl/``, written by ``tools/render_ddl.py``) and by servers
other than SQLite. Nothing imports it while an SQLite database is loaded or asked, since importing SQLAlchemy takes
longer than most questions.

Units: ``*_ts`` and ``timestamp`` epoch seconds; ``*_s`` and ``*_duration`` seconds; ``*_kb`` KB; ``*_mb`` MB;
``size_bytes`` bytes.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from stampede.store.partial import AGAIN, FAILED

#: version of the Pegasus part (``dbversion.version_number``) and of ours (``stampede_meta.schema_version``)
PEGASUS_VERSION = 14
STAMPEDE_VERSION = 1

Id = BigInteger().with_variant(Integer(), "sqlite")
Ts = Numeric(16, 6)
Dur = Numeric(10, 3)
S255 = String(255)

metadata = MetaData()


def _fk(target: str, *, on_delete: str = "CASCADE") -> ForeignKey:
    return ForeignKey(target, ondelete=on_delete)


# ---- the Stampede schema, version 14 --------------------------------------------------------------------------------

Table(
    "dbversion",
    metadata,
    Column("id", Id, primary_key=True),
    Column("version_number", Integer),
    Column("version", String(50), nullable=False),
    Column("version_timestamp", Integer, nullable=False),
)

Table(
    "workflow",
    metadata,
    Column("wf_id", Id, primary_key=True),
    Column("wf_uuid", S255, nullable=False),
    Column("dag_file_name", S255),
    Column("timestamp", Ts),
    Column("submit_hostname", S255),
    Column("submit_dir", Text),
    Column("planner_arguments", Text),
    Column("user", S255),
    Column("grid_dn", S255),
    Column("planner_version", S255),
    Column("dax_label", S255),
    Column("dax_version", S255),
    Column("dax_file", S255),
    Column("db_url", Text),
    Column("parent_wf_id", Id, _fk("workflow.wf_id")),
    Column("root_wf_id", Id),
    # ours
    Column("engine", String(32)),
    Column("dax_index", String(32)),
    Column("found_dir", Text),
    Column("parent_exec_job_id", S255),
    Column("state", String(16)),
    Column("state_ts", Ts),
    Column("state_reason", Text),
    Column("exit_status", Integer),
    Column("restart_count", Integer),
    Column("dagman_id", String(64)),
    Column("dagman_version", String(64)),
    Column("dagman_pid", Integer),
    Column("first_ts", Ts),
    Column("last_ts", Ts),
    UniqueConstraint("wf_uuid", name="UNIQUE_WF_UUID"),
    Index("workflow_root_idx", "root_wf_id"),
    Index("workflow_parent_idx", "parent_wf_id"),
)

Table(
    "workflowstate",
    metadata,
    Column("wf_id", Id, _fk("workflow.wf_id"), nullable=False),
    Column("state", String(20), nullable=False),
    Column("timestamp", Ts, nullable=False),
    Column("restart_count", Integer, nullable=False),
    Column("status", Integer),
    Column("reason", Text),
    PrimaryKeyConstraint("wf_id", "state", "timestamp"),
    Index("UNIQUE_WORKFLOWSTATE", "timestamp"),
)

Table(
    "workflow_meta",
    metadata,
    Column("wf_id", Id, _fk("workflow.wf_id"), nullable=False),
    Column("key", S255, nullable=False),
    Column("value", S255, nullable=False),
    PrimaryKeyConstraint("wf_id", "key"),
)

Table(
    "host",
    metadata,
    Column("host_id", Id, primary_key=True),
    Column("wf_id", Id, _fk("workflow.wf_id"), nullable=False),
    Column("site", S255, nullable=False),
    Column("hostname", S255, nullable=False),
    Column("ip", S255, nullable=False),
    Column("uname", S255),
    Column("total_memory", Integer),
    UniqueConstraint("wf_id", "site", "hostname", "ip", name="UNIQUE_HOST"),
)

Table(
    "job",
    metadata,
    Column("job_id", Id, primary_key=True),
    Column("wf_id", Id, _fk("workflow.wf_id"), nullable=False),
    Column("exec_job_id", S255, nullable=False),
    Column("submit_file", S255, nullable=False),
    Column("type_desc", String(16), nullable=False),
    Column("clustered", Boolean, nullable=False),
    Column("max_retries", Integer, nullable=False),
    Column("executable", Text, nullable=False),
    Column("argv", Text),
    Column("task_count", Integer, nullable=False),
    # ours
    Column("declared", Boolean, nullable=False, server_default="1"),
    Column("node_type", String(16), nullable=False, server_default="job"),
    Column("node_state", String(16), nullable=False, server_default="unready"),
    Column("node_state_ts", Ts),
    Column("node_state_reason", Text),
    Column("parents_waiting", Integer, nullable=False, server_default="0"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("attempts_in_run", Integer, nullable=False, server_default="0"),
    Column("last_job_instance_id", Id),
    Column("transformation", Text),
    Column("pre_script", Text),
    Column("post_script", Text),
    Column("hold_script", Text),
    Column("noop", Boolean),
    Column("category", S255),
    Column("priority", Integer),
    Column("subdag_file", Text),
    Column("abort_dag_on", S255),
    UniqueConstraint("wf_id", "exec_job_id", name="UNIQUE_JOB"),
    Index("job_type_desc_idx", "type_desc"),
    Index("job_exec_job_id_idx", "exec_job_id"),
    Index("job_state_idx", "wf_id", "node_state"),
)

Table(
    "job_edge",
    metadata,
    Column("wf_id", Id, _fk("workflow.wf_id"), nullable=False),
    Column("parent_exec_job_id", S255, nullable=False),
    Column("child_exec_job_id", S255, nullable=False),
    PrimaryKeyConstraint("wf_id", "parent_exec_job_id", "child_exec_job_id"),
    Index("job_edge_child_idx", "wf_id", "child_exec_job_id"),
    sqlite_with_rowid=False,
)

Table(
    "job_instance",
    metadata,
    Column("job_instance_id", Id, primary_key=True),
    Column("job_id", Id, _fk("job.job_id"), nullable=False),
    Column("host_id", Id, _fk("host.host_id", on_delete="SET NULL")),
    Column("job_submit_seq", Integer, nullable=False),
    Column("sched_id", S255),
    Column("site", S255),
    Column("user", S255),
    Column("work_dir", Text),
    Column("cluster_start", Ts),
    Column("cluster_duration", Dur),
    Column("local_duration", Dur),
    Column("subwf_id", Id, _fk("workflow.wf_id", on_delete="SET NULL")),
    Column("stdout_file", S255),
    Column("stdout_text", Text),
    Column("stderr_file", S255),
    Column("stderr_text", Text),
    Column("stdin_file", S255),
    Column("multiplier_factor", Integer, nullable=False, server_default="1"),
    Column("exitcode", Integer),
    # ours
    Column("restart_count", Integer),
    Column("state", String(32)),
    Column("state_ts", Ts),
    Column("state_seq", Integer),
    Column("outcome", String(16)),
    Column("main_exitcode", Integer),
    Column("exit_unknown", Boolean),
    Column("pre_exitcode", Integer),
    Column("post_exitcode", Integer),
    Column("pre_start_ts", Ts),
    Column("pre_end_ts", Ts),
    Column("submit_ts", Ts),
    Column("execute_ts", Ts),
    Column("end_ts", Ts),
    Column("post_start_ts", Ts),
    Column("post_end_ts", Ts),
    Column("hold_reason", Text),
    Column("hold_code", Integer),
    Column("hold_subcode", Integer),
    Column("remove_reason", Text),
    Column("submit_count", Integer, nullable=False, server_default="0"),
    Column("execute_count", Integer, nullable=False, server_default="0"),
    Column("hold_count", Integer, nullable=False, server_default="0"),
    Column("evict_count", Integer, nullable=False, server_default="0"),
    Column("slot", S255),
    Column("image_size_kb", Integer),
    # whether something came between it and its machine (model.states.INTERRUPTED)
    Column("interrupted", Boolean),
    # what tries that failed alike have in common (model.wording.alike); null for one that went well
    Column("alike", BigInteger),
    UniqueConstraint("job_id", "job_submit_seq", name="UNIQUE_JOB_INSTANCE"),
    Index("job_instance_subwf_idx", "subwf_id"),
    # all that is needed to count tries that went wrong, and only those: triage must not read what they printed
    Index(
        "job_instance_failed_idx",
        "job_id",
        "job_submit_seq",
        "host_id",
        "site",
        "subwf_id",
        "restart_count",
        "state",
        "outcome",
        "main_exitcode",
        "exit_unknown",
        "pre_exitcode",
        "post_exitcode",
        "submit_ts",
        "execute_ts",
        "end_ts",
        "hold_code",
        "slot",
        "alike",
        sqlite_where=text(FAILED),
    ),
    Index("job_instance_again_idx", "job_id", sqlite_where=text(AGAIN)),
    # the orders in which pages of tries and jobs are read, whatever the size of the workflow
    Index("job_instance_execute_idx", "execute_ts"),
    Index("job_instance_end_idx", "end_ts"),
    Index("job_instance_duration_idx", text("coalesce(local_duration, end_ts - execute_ts)")),
)

Table(
    "jobstate",
    metadata,
    Column("job_instance_id", Id, _fk("job_instance.job_instance_id"), nullable=False),
    Column("state", S255, nullable=False),
    Column("timestamp", Ts, nullable=False),
    Column("jobstate_submit_seq", Integer, nullable=False),
    Column("reason", Text),
    PrimaryKeyConstraint("job_instance_id", "state", "timestamp", "jobstate_submit_seq"),
)

Table(
    "tag",
    metadata,
    Column("tag_id", Id, primary_key=True),
    Column("wf_id", Id, _fk("workflow.wf_id"), nullable=False),
    Column("job_instance_id", Id, _fk("job_instance.job_instance_id"), nullable=False),
    Column("name", S255, nullable=False),
    Column("count", Integer, nullable=False),
    # the published key allows one tag an instance; the name belongs to it
    UniqueConstraint("wf_id", "job_instance_id", "name", name="UNIQUE_TAG"),
)

Table(
    "task",
    metadata,
    Column("task_id", Id, primary_key=True),
    Column("wf_id", Id, _fk("workflow.wf_id"), nullable=False),
    Column("job_id", Id, _fk("job.job_id", on_delete="SET NULL")),
    Column("abs_task_id", S255, nullable=False),
    Column("transformation", Text, nullable=False),
    Column("argv", Text),
    Column("type_desc", S255, nullable=False),
    UniqueConstraint("wf_id", "abs_task_id", name="UNIQUE_TASK"),
    Index("task_job_idx", "job_id"),
)

Table(
    "task_edge",
    metadata,
    Column("wf_id", Id, _fk("workflow.wf_id"), nullable=False),
    Column("parent_abs_task_id", S255, nullable=False),
    Column("child_abs_task_id", S255, nullable=False),
    PrimaryKeyConstraint("wf_id", "parent_abs_task_id", "child_abs_task_id"),
    sqlite_with_rowid=False,
)

Table(
    "task_meta",
    metadata,
    Column("task_id", Id, _fk("task.task_id"), nullable=False),
    Column("key", S255, nullable=False),
    Column("value", S255, nullable=False),
    PrimaryKeyConstraint("task_id", "key"),
)

Table(
    "invocation",
    metadata,
    Column("invocation_id", Id, primary_key=True),
    Column("wf_id", Id, _fk("workflow.wf_id"), nullable=False),
    Column("job_instance_id", Id, _fk("job_instance.job_instance_id"), nullable=False),
    Column("task_submit_seq", Integer, nullable=False),
    Column("start_time", Ts, nullable=False),
    Column("remote_duration", Dur, nullable=False),
    Column("remote_cpu_time", Dur),
    Column("exitcode", Integer, nullable=False),
    Column("transformation", Text, nullable=False),
    Column("executable", Text, nullable=False),
    Column("argv", Text),
    Column("abs_task_id", S255),
    Column("maxrss", Integer),
    Column("avg_cpu", Ts),
    # ours
    Column("hostname", S255),
    Column("site", S255),
    Column("note", Text),
    UniqueConstraint("job_instance_id", "task_submit_seq", name="UNIQUE_INVOCATION"),
    Index("invocation_wf_idx", "wf_id"),
)

Table(
    "integrity",
    metadata,
    Column("integrity_id", Id, primary_key=True),
    Column("wf_id", Id, _fk("workflow.wf_id"), nullable=False),
    Column("job_instance_id", Id, _fk("job_instance.job_instance_id"), nullable=False),
    Column("type", String(8), nullable=False),
    Column("file_type", String(8)),
    Column("count", Integer, nullable=False),
    Column("duration", Dur, nullable=False),
    UniqueConstraint("job_instance_id", "type", "file_type", name="UNIQUE_INTEGRITY"),
)

Table(
    "rc_lfn",
    metadata,
    Column("lfn_id", Id, primary_key=True),
    Column("lfn", String(245), nullable=False),
    UniqueConstraint("lfn", name="UNIQUE_RC_LFN"),
)

Table(
    "rc_pfn",
    metadata,
    Column("pfn_id", Id, primary_key=True),
    Column("lfn_id", Id, _fk("rc_lfn.lfn_id"), nullable=False),
    Column("pfn", String(245), nullable=False),
    Column("site", String(245)),
    UniqueConstraint("lfn_id", "pfn", "site", name="UNIQUE_RC_PFN"),
)

Table(
    "rc_meta",
    metadata,
    Column("lfn_id", Id, _fk("rc_lfn.lfn_id"), nullable=False),
    Column("key", String(245), nullable=False),
    Column("value", String(245), nullable=False),
    PrimaryKeyConstraint("lfn_id", "key"),
    sqlite_with_rowid=False,
)

Table(
    "workflow_files",
    metadata,
    Column("wf_id", Id, _fk("workflow.wf_id"), nullable=False),
    Column("task_id", Id, _fk("task.task_id"), nullable=False),
    Column("lfn_id", Id, _fk("rc_lfn.lfn_id"), nullable=False),
    Column("file_type", S255),
    PrimaryKeyConstraint("wf_id", "task_id", "lfn_id"),
)

Table(
    "master_workflow",
    metadata,
    Column("wf_id", Id, primary_key=True),
    Column("wf_uuid", S255, nullable=False),
    Column("dax_label", S255),
    Column("dax_version", S255),
    Column("dax_file", S255),
    Column("dag_file_name", S255),
    Column("timestamp", Ts),
    Column("submit_hostname", S255),
    Column("submit_dir", Text),
    Column("planner_arguments", Text),
    Column("user", S255),
    Column("grid_dn", S255),
    Column("planner_version", S255),
    Column("db_url", Text),
    Column("archived", Boolean, nullable=False, server_default="0"),
    UniqueConstraint("wf_uuid", name="UNIQUE_MASTER_WF_UUID"),
)

Table(
    "master_workflowstate",
    metadata,
    Column("wf_id", Id, _fk("master_workflow.wf_id"), nullable=False),
    Column("state", String(20), nullable=False),
    Column("timestamp", Ts, nullable=False),
    Column("restart_count", Integer, nullable=False),
    Column("status", Integer),
    Column("reason", Text),
    PrimaryKeyConstraint("wf_id", "state", "timestamp"),
    Index("UNIQUE_MASTER_WORKFLOWSTATE", "timestamp"),
)

Table(
    "ensemble",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", String(100), nullable=False),
    Column("created", String(32), nullable=False),
    Column("updated", String(32), nullable=False),
    Column("state", String(16), nullable=False),
    Column("max_running", Integer, nullable=False),
    Column("max_planning", Integer, nullable=False),
    Column("username", String(100), nullable=False),
    UniqueConstraint("name", "username", name="UNIQUE_ENSEMBLE"),
)

Table(
    "ensemble_workflow",
    metadata,
    Column("id", Id, primary_key=True),
    Column("ensemble_id", Id, _fk("ensemble.id"), nullable=False),
    Column("name", String(100), nullable=False),
    Column("basedir", String(512), nullable=False),
    Column("created", String(32), nullable=False),
    Column("updated", String(32), nullable=False),
    Column("state", String(16), nullable=False),
    Column("priority", Integer, nullable=False),
    Column("wf_uuid", String(36)),
    Column("submitdir", String(512)),
    Column("plan_command", String(1024), nullable=False),
    UniqueConstraint("ensemble_id", "name", name="UNIQUE_ENSEMBLE_WORKFLOW"),
)

Table(
    "trigger",
    metadata,
    Column("id", Id, primary_key=True),
    Column("ensemble_id", Id, _fk("ensemble.id"), nullable=False),
    Column("name", String(100), nullable=False),
    Column("state", String(16), nullable=False),
    Column("workflow", Text, nullable=False),
    Column("args", Text),
    Column("type", String(16), nullable=False),
    UniqueConstraint("ensemble_id", "name", name="UNIQUE_TRIGGER"),
)

# ---- ours -----------------------------------------------------------------------------------------------------------

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
    Column("wf_id", Id, _fk("workflow.wf_id"), primary_key=True),
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
    Column("wf_id", Id, _fk("workflow.wf_id"), nullable=False),
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
    Column("job_instance_id", Id, _fk("job_instance.job_instance_id"), nullable=False),
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
    Column("job_instance_id", Id, _fk("job_instance.job_instance_id"), primary_key=True),
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
    Column("job_instance_id", Id, _fk("job_instance.job_instance_id"), nullable=False),
    Column("task_submit_seq", Integer, nullable=False),
    Column("lfn", Text, nullable=False),
    Column("wf_id", Id, _fk("workflow.wf_id"), nullable=False),
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
    Column("job_instance_id", Id, _fk("job_instance.job_instance_id"), nullable=False),
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
    Column("wf_id", Id, _fk("workflow.wf_id")),
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
    Column("wf_id", Id, _fk("workflow.wf_id"), nullable=False),
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
    Column("wf_id", Id, _fk("workflow.wf_id"), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("subject", String(512), nullable=False),
    Column("cleared", Boolean, nullable=False, server_default="0"),
    UniqueConstraint("wf_id", "kind", "subject", name="UNIQUE_ANOMALY_CHANGE"),
    sqlite_autoincrement=True,
)

# ---- statistics, added up by blocks of jobs (``store/blocks.py``) ----------------------------------------------------
# A row for each group that the jobs of a block fall into, of each workflow and (``wf_id`` 0) of all of them together
# where there are several. ``*_bins`` are histograms (``model/histogram.py``).


def _sums(*names: str) -> list[Column[Any]]:
    return [Column(name, Numeric(20, 6), nullable=False, server_default="0") for name in names]


def _counts(*names: str) -> list[Column[int]]:
    return [Column(name, Integer, nullable=False, server_default="0") for name in names]


# the blocks whose rows below are right; those of the others are of an earlier time, or not there
Table(
    "statistics_block",
    metadata,
    Column("block", Integer, primary_key=True),
    # the workflows that its jobs belong to, as JSON
    Column("workflows", Text, nullable=False),
)

Table(
    "statistics_workflow",
    metadata,
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

Table(
    "statistics_try",
    metadata,
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

Table(
    "statistics_invocation",
    metadata,
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

Table(
    "statistics_time",
    metadata,
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

Table(
    "statistics_integrity",
    metadata,
    Column("block", Integer, nullable=False),
    Column("wf_id", Id, nullable=False),
    Column("type", String(8), nullable=False),
    Column("file_type", String(8), nullable=False),
    *_counts("files"),
    *_sums("duration_s"),
    PrimaryKeyConstraint("block", "wf_id", "type", "file_type"),
    sqlite_with_rowid=False,
)
