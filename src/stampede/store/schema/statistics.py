"""The sums behind statistics, added up by blocks of jobs (``store/blocks.py``)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Boolean, Column, Integer, LargeBinary, Numeric, PrimaryKeyConstraint, String, Table, Text

from stampede.store.schema.base import S255, Id, metadata

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
