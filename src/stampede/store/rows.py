"""Rows on their way into the database: buffers per statement, written in one go.

Every statement is idempotent, so that a stream that arrives twice leaves the database as it was. A row that the
database refuses (a number too large, text that is no Unicode) never takes its neighbours with it: the buffer is then
written row by row, the offending values are made storable, and a problem row tells of it.
"""

from __future__ import annotations

from typing import Any, Final

from stampede.events.storable import value
from stampede.store.connection import REFUSALS, Connection, Error
from stampede.store.entities import INSTANCE_COLUMNS

Row = tuple[Any, ...]

_I = ", ".join(f'"{c}"' for c in INSTANCE_COLUMNS)
_Q = ", ".join("?" * len(INSTANCE_COLUMNS))

#: buffer name -> statement, in the order they are written (what is referred to comes first)
STATEMENTS: Final[dict[str, str]] = {
    "workflow": "INSERT OR IGNORE INTO workflow(wf_id, wf_uuid, root_wf_id, state) VALUES (?, ?, ?, ?)",
    "workflowstate": (
        "INSERT INTO workflowstate(wf_id, state, timestamp, restart_count, status, reason) VALUES (?, ?, ?, ?, ?, ?) "
        "ON CONFLICT(wf_id, state, timestamp) DO UPDATE SET restart_count = excluded.restart_count, "
        "status = excluded.status, reason = excluded.reason"
    ),
    "workflow_meta": "INSERT OR REPLACE INTO workflow_meta(wf_id, key, value) VALUES (?, ?, ?)",
    "workflow_event": (
        "INSERT OR IGNORE INTO workflow_event(wf_id, ts, state, value, reason, restart_count) VALUES (?, ?, ?, ?, ?, ?)"
    ),
    "task": (
        "INSERT INTO task(wf_id, abs_task_id, transformation, argv, type_desc) VALUES (?, ?, ?, ?, ?) "
        "ON CONFLICT(wf_id, abs_task_id) DO UPDATE SET transformation = excluded.transformation, "
        "argv = excluded.argv, type_desc = excluded.type_desc"
    ),
    "task_edge": "INSERT OR IGNORE INTO task_edge(wf_id, parent_abs_task_id, child_abs_task_id) VALUES (?, ?, ?)",
    "job": (
        "INSERT INTO job(job_id, wf_id, exec_job_id, submit_file, type_desc, clustered, max_retries, executable, argv, "
        "task_count, declared, node_type, transformation, pre_script, post_script, hold_script, noop, category, "
        "priority, subdag_file, abort_dag_on) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT(wf_id, exec_job_id) DO UPDATE SET submit_file = excluded.submit_file, "
        "type_desc = excluded.type_desc, clustered = excluded.clustered, max_retries = excluded.max_retries, "
        "executable = excluded.executable, argv = excluded.argv, task_count = excluded.task_count, "
        "declared = max(declared, excluded.declared), node_type = excluded.node_type, "
        "transformation = excluded.transformation, pre_script = excluded.pre_script, "
        "post_script = excluded.post_script, hold_script = excluded.hold_script, noop = excluded.noop, "
        "category = excluded.category, priority = excluded.priority, subdag_file = excluded.subdag_file, "
        "abort_dag_on = excluded.abort_dag_on"
    ),
    "job_edge": "INSERT OR IGNORE INTO job_edge(wf_id, parent_exec_job_id, child_exec_job_id) VALUES (?, ?, ?)",
    "task_stub": (
        "INSERT OR IGNORE INTO task(wf_id, abs_task_id, transformation, type_desc) VALUES (?, ?, '', 'unknown')"
    ),
    "task_meta": (
        "INSERT OR REPLACE INTO task_meta(task_id, key, value) "
        "SELECT task_id, ?, ? FROM task WHERE wf_id = ? AND abs_task_id = ?"
    ),
    "task_job": "UPDATE task SET job_id = ? WHERE wf_id = ? AND abs_task_id = ?",
    "lfn": "INSERT OR IGNORE INTO rc_lfn(lfn) VALUES (?)",
    "rc_meta": (
        "INSERT INTO rc_meta(lfn_id, key, value) SELECT lfn_id, ?, ? FROM rc_lfn WHERE lfn = ? "
        "ON CONFLICT(lfn_id, key) DO UPDATE SET value = excluded.value"
    ),
    "rc_pfn": "INSERT OR IGNORE INTO rc_pfn(lfn_id, pfn, site) SELECT lfn_id, ?, ? FROM rc_lfn WHERE lfn = ?",
    "workflow_files": (
        "INSERT OR IGNORE INTO workflow_files(wf_id, task_id, lfn_id, file_type) "
        "SELECT t.wf_id, t.task_id, l.lfn_id, ? FROM task t, rc_lfn l "
        "WHERE t.wf_id = ? AND t.abs_task_id = ? AND l.lfn = ?"
    ),
    "host": (
        "INSERT INTO host(host_id, wf_id, site, hostname, ip, uname, total_memory) VALUES (?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT(wf_id, site, hostname, ip) DO NOTHING"
    ),
    "host_update": (
        "UPDATE host SET uname = coalesce(?, uname), total_memory = coalesce(?, total_memory) WHERE host_id = ?"
    ),
    "job_instance": f"INSERT INTO job_instance({_I}) VALUES ({_Q}) ON CONFLICT(job_instance_id) DO NOTHING",
    "job_instance_update": (
        "UPDATE job_instance SET "
        + ", ".join(f'"{c}" = ?' for c in INSTANCE_COLUMNS[3:])
        + " WHERE job_instance_id = ?"
    ),
    "jobstate": (
        "INSERT INTO jobstate(job_instance_id, state, timestamp, jobstate_submit_seq, reason) VALUES (?, ?, ?, ?, ?) "
        "ON CONFLICT(job_instance_id, state, timestamp, jobstate_submit_seq) "
        "DO UPDATE SET reason = coalesce(excluded.reason, reason)"
    ),
    "jobstate_reason": (
        "UPDATE jobstate SET reason = ? WHERE job_instance_id = ? AND state = ? AND timestamp BETWEEN ? AND ?"
    ),
    "hold": (
        "INSERT INTO hold(job_instance_id, seq, held_ts, reason, code, subcode, released_ts) VALUES (?1, ?2, ?3, ?4, "
        "?5, ?6, (SELECT min(timestamp) FROM jobstate WHERE job_instance_id = ?1 AND state = 'JOB_RELEASED' "
        "AND timestamp >= ?3)) "
        "ON CONFLICT(job_instance_id, seq) DO UPDATE SET reason = coalesce(excluded.reason, reason), "
        "code = coalesce(excluded.code, code), subcode = coalesce(excluded.subcode, subcode)"
    ),
    "hold_detail": (
        "UPDATE hold SET code = coalesce(?, code), subcode = coalesce(?, subcode), reason = coalesce(reason, ?) "
        "WHERE job_instance_id = ? AND held_ts BETWEEN ? AND ?"
    ),
    "hold_end": ("UPDATE hold SET released_ts = ? WHERE job_instance_id = ? AND released_ts IS NULL AND held_ts <= ?"),
    "tag": (
        "INSERT INTO tag(wf_id, job_instance_id, name, count) VALUES (?, ?, ?, ?) "
        "ON CONFLICT(wf_id, job_instance_id, name) DO UPDATE SET count = excluded.count"
    ),
    "integrity": (
        "INSERT INTO integrity(wf_id, job_instance_id, type, file_type, count, duration) VALUES (?, ?, ?, ?, ?, ?) "
        "ON CONFLICT(job_instance_id, type, file_type) DO UPDATE SET count = excluded.count, "
        "duration = excluded.duration"
    ),
    "invocation": (
        "INSERT INTO invocation(wf_id, job_instance_id, task_submit_seq, start_time, remote_duration, remote_cpu_time, "
        "exitcode, transformation, executable, argv, abs_task_id, maxrss, avg_cpu, hostname, site, note) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT(job_instance_id, task_submit_seq) "
        "DO UPDATE SET start_time = excluded.start_time, remote_duration = excluded.remote_duration, "
        "remote_cpu_time = excluded.remote_cpu_time, exitcode = excluded.exitcode, "
        "transformation = excluded.transformation, executable = excluded.executable, argv = excluded.argv, "
        "abs_task_id = excluded.abs_task_id, maxrss = excluded.maxrss, avg_cpu = excluded.avg_cpu, "
        "hostname = excluded.hostname, site = excluded.site, note = excluded.note"
    ),
    "invocation_file": (
        "INSERT OR REPLACE INTO invocation_file(job_instance_id, task_submit_seq, lfn, wf_id, pfn, is_output, "
        "size_bytes, error, checksum) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
    ),
    "transfer": (
        "INSERT INTO transfer(job_instance_id, seq, lfn, src_url, dst_url, src_site, dst_site, size_bytes, start_ts, "
        "duration_s, status, reason) SELECT ?1, coalesce((SELECT max(seq) + 1 FROM transfer "
        "WHERE job_instance_id = ?1), 1), ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11 WHERE NOT EXISTS "
        "(SELECT 1 FROM transfer WHERE job_instance_id = ?1 AND lfn IS ?2 AND src_url IS ?3 AND dst_url IS ?4 "
        "AND start_ts IS ?8 AND duration_s IS ?9 AND status IS ?10)"
    ),
    "anomaly": (
        "INSERT OR REPLACE INTO anomaly(wf_id, kind, subject, ts, reason, job, attempt, host, transformation, unit, "
        "observed, expected, low, high, jobs, of_jobs, score) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    ),
    "anomaly_change": "INSERT OR REPLACE INTO anomaly_change(wf_id, kind, subject, cleared) VALUES (?, ?, ?, ?)",
    "problem": (
        "INSERT INTO problem(wf_id, ts, kind, severity, file, offset, message, remedy) "
        "SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8 WHERE NOT EXISTS (SELECT 1 FROM problem WHERE wf_id IS ?1 "
        "AND kind = ?3 AND file = ?5 AND offset = ?6 AND message = ?7)"
    ),
}


class Buffers:
    """Rows waiting to be written, a list per statement."""

    __slots__ = tuple(STATEMENTS)

    def __init__(self) -> None:
        self.workflow: list[Row] = []
        self.workflowstate: list[Row] = []
        self.workflow_meta: list[Row] = []
        self.workflow_event: list[Row] = []
        self.task: list[Row] = []
        self.task_edge: list[Row] = []
        self.job: list[Row] = []
        self.job_edge: list[Row] = []
        self.task_stub: list[Row] = []
        self.task_meta: list[Row] = []
        self.task_job: list[Row] = []
        self.lfn: list[Row] = []
        self.rc_meta: list[Row] = []
        self.rc_pfn: list[Row] = []
        self.workflow_files: list[Row] = []
        self.host: list[Row] = []
        self.host_update: list[Row] = []
        self.job_instance: list[Row] = []
        self.job_instance_update: list[Row] = []
        self.jobstate: list[Row] = []
        self.jobstate_reason: list[Row] = []
        self.hold: list[Row] = []
        self.hold_detail: list[Row] = []
        self.hold_end: list[Row] = []
        self.tag: list[Row] = []
        self.integrity: list[Row] = []
        self.invocation: list[Row] = []
        self.invocation_file: list[Row] = []
        self.transfer: list[Row] = []
        self.anomaly: list[Row] = []
        self.anomaly_change: list[Row] = []
        self.problem: list[Row] = []

    def write(self, connection: Connection) -> list[str]:
        """Write and empty all buffers in order; the messages of what had to be changed or could not be written."""
        trouble: list[str] = []
        for name, statement in STATEMENTS.items():
            rows: list[Row] = getattr(self, name)
            if not rows:
                continue
            try:
                connection.executemany(statement, rows)
            except REFUSALS:
                trouble += _one_by_one(connection, name, statement, rows)
            rows.clear()
        return trouble


def _one_by_one(connection: Connection, name: str, statement: str, rows: list[Row]) -> list[str]:
    trouble = []
    for row in rows:
        try:
            connection.executemany(statement, [_storable(row)])
        except (Error, OverflowError, UnicodeError) as e:
            trouble.append(f"A row of {name} could not be stored ({e}): {row!a:.200}")
        else:
            if row != _storable(row):
                trouble.append(f"A value of {name} could not be stored as it was and was changed: {row!a:.200}")
    return trouble


def _storable(row: Row) -> Row:
    return tuple(value(v) for v in row)
