"""The Stampede schema of Pegasus 5, version 14; columns that we add are marked ``ours``."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from stampede.store.partial import AGAIN, FAILED, SPAN
from stampede.store.schema.base import S255, Dur, Id, Ts, fk, metadata

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
    Column("parent_wf_id", Id, fk("workflow.wf_id")),
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
    Column("wf_id", Id, fk("workflow.wf_id"), nullable=False),
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
    Column("wf_id", Id, fk("workflow.wf_id"), nullable=False),
    Column("key", S255, nullable=False),
    Column("value", S255, nullable=False),
    PrimaryKeyConstraint("wf_id", "key"),
)

Table(
    "host",
    metadata,
    Column("host_id", Id, primary_key=True),
    Column("wf_id", Id, fk("workflow.wf_id"), nullable=False),
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
    Column("wf_id", Id, fk("workflow.wf_id"), nullable=False),
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
    # how long its last try was on a machine
    Column("duration_s", Dur),
    UniqueConstraint("wf_id", "exec_job_id", name="UNIQUE_JOB"),
    Index("job_type_desc_idx", "type_desc"),
    Index("job_exec_job_id_idx", "exec_job_id"),
    Index("job_state_idx", "wf_id", "node_state"),
    # the jobs of a transformation by how long they took
    Index("job_duration_idx", "wf_id", "transformation", "duration_s", sqlite_where=text("duration_s IS NOT NULL")),
)

Table(
    "job_edge",
    metadata,
    Column("wf_id", Id, fk("workflow.wf_id"), nullable=False),
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
    Column("job_id", Id, fk("job.job_id"), nullable=False),
    Column("host_id", Id, fk("host.host_id", on_delete="SET NULL")),
    Column("job_submit_seq", Integer, nullable=False),
    Column("sched_id", S255),
    Column("site", S255),
    Column("user", S255),
    Column("work_dir", Text),
    Column("cluster_start", Ts),
    Column("cluster_duration", Dur),
    Column("local_duration", Dur),
    Column("subwf_id", Id, fk("workflow.wf_id", on_delete="SET NULL")),
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
    # what ran in a window of time
    Index("job_instance_span_idx", text(SPAN), "execute_ts", "end_ts", sqlite_where=text("end_ts IS NOT NULL")),
)

Table(
    "jobstate",
    metadata,
    Column("job_instance_id", Id, fk("job_instance.job_instance_id"), nullable=False),
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
    Column("wf_id", Id, fk("workflow.wf_id"), nullable=False),
    Column("job_instance_id", Id, fk("job_instance.job_instance_id"), nullable=False),
    Column("name", S255, nullable=False),
    Column("count", Integer, nullable=False),
    # the published key allows one tag an instance; the name belongs to it
    UniqueConstraint("wf_id", "job_instance_id", "name", name="UNIQUE_TAG"),
)

Table(
    "task",
    metadata,
    Column("task_id", Id, primary_key=True),
    Column("wf_id", Id, fk("workflow.wf_id"), nullable=False),
    Column("job_id", Id, fk("job.job_id", on_delete="SET NULL")),
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
    Column("wf_id", Id, fk("workflow.wf_id"), nullable=False),
    Column("parent_abs_task_id", S255, nullable=False),
    Column("child_abs_task_id", S255, nullable=False),
    PrimaryKeyConstraint("wf_id", "parent_abs_task_id", "child_abs_task_id"),
    sqlite_with_rowid=False,
)

Table(
    "task_meta",
    metadata,
    Column("task_id", Id, fk("task.task_id"), nullable=False),
    Column("key", S255, nullable=False),
    Column("value", S255, nullable=False),
    PrimaryKeyConstraint("task_id", "key"),
)

Table(
    "invocation",
    metadata,
    Column("invocation_id", Id, primary_key=True),
    Column("wf_id", Id, fk("workflow.wf_id"), nullable=False),
    Column("job_instance_id", Id, fk("job_instance.job_instance_id"), nullable=False),
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
    Column("wf_id", Id, fk("workflow.wf_id"), nullable=False),
    Column("job_instance_id", Id, fk("job_instance.job_instance_id"), nullable=False),
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
    Column("lfn_id", Id, fk("rc_lfn.lfn_id"), nullable=False),
    Column("pfn", String(245), nullable=False),
    Column("site", String(245)),
    UniqueConstraint("lfn_id", "pfn", "site", name="UNIQUE_RC_PFN"),
)

Table(
    "rc_meta",
    metadata,
    Column("lfn_id", Id, fk("rc_lfn.lfn_id"), nullable=False),
    Column("key", String(245), nullable=False),
    Column("value", String(245), nullable=False),
    PrimaryKeyConstraint("lfn_id", "key"),
    sqlite_with_rowid=False,
)

Table(
    "workflow_files",
    metadata,
    Column("wf_id", Id, fk("workflow.wf_id"), nullable=False),
    Column("task_id", Id, fk("task.task_id"), nullable=False),
    Column("lfn_id", Id, fk("rc_lfn.lfn_id"), nullable=False),
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
    Column("wf_id", Id, fk("master_workflow.wf_id"), nullable=False),
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
    Column("ensemble_id", Id, fk("ensemble.id"), nullable=False),
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
    Column("ensemble_id", Id, fk("ensemble.id"), nullable=False),
    Column("name", String(100), nullable=False),
    Column("state", String(16), nullable=False),
    Column("workflow", Text, nullable=False),
    Column("args", Text),
    Column("type", String(16), nullable=False),
    UniqueConstraint("ensemble_id", "name", name="UNIQUE_TRIGGER"),
)
