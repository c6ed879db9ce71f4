"""Whether two databases hold the same, table by table, apart from the numbers of rows and where they were read."""

from __future__ import annotations

import sqlite3
from pathlib import Path

#: what differs between two loads of the same: where it was read from, who did
_APART = {"source_position", "lease", "stampede_meta", "dbversion"}
_SKIPPED = {"db_url", "anomaly_change"}
_REFERENCES = {
    "wf_id": "SELECT wf_uuid FROM workflow WHERE wf_id = {}",
    "root_wf_id": "SELECT wf_uuid FROM workflow WHERE wf_id = {}",
    "parent_wf_id": "SELECT wf_uuid FROM workflow WHERE wf_id = {}",
    "subwf_id": "SELECT wf_uuid FROM workflow WHERE wf_id = {}",
    "job_id": "SELECT w.wf_uuid || '/' || j.exec_job_id FROM job j JOIN workflow w USING (wf_id) WHERE j.job_id = {}",
    "job_instance_id": "SELECT w.wf_uuid || '/' || j.exec_job_id || '/' || i.job_submit_seq FROM job_instance i "
    "JOIN job j USING (job_id) JOIN workflow w USING (wf_id) WHERE i.job_instance_id = {}",
    "last_job_instance_id": "SELECT i.job_submit_seq FROM job_instance i WHERE i.job_instance_id = {}",
    "host_id": "SELECT site || '/' || hostname || '/' || ip FROM host WHERE host_id = {}",
    "task_id": "SELECT w.wf_uuid || '/' || t.abs_task_id FROM task t JOIN workflow w USING (wf_id) "
    "WHERE t.task_id = {}",
    "lfn_id": "SELECT lfn FROM rc_lfn WHERE lfn_id = {}",
}
_OWN = {"tag_id", "integrity_id", "invocation_id", "pfn_id", "problem_id", "change_id", "block"}


def contents(path: Path, *, without: frozenset[str] = frozenset()) -> dict[str, list[str]]:
    """The rows of every table as text, sorted."""
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        tables = [r[0] for r in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {
            table: sorted(map(repr, connection.execute(_question(connection, table))))
            for table in tables
            if table not in _APART and table not in without and not table.startswith(("statistics_", "sqlite_"))
        }
    finally:
        connection.close()


def _question(connection: sqlite3.Connection, table: str) -> str:
    columns = [r[1] for r in connection.execute(f'PRAGMA table_info("{table}")')]
    shown = []
    for name in columns:
        if name in _OWN or name in _SKIPPED:
            continue
        shown.append(f"({_REFERENCES[name].format(f'o.{name}')})" if name in _REFERENCES else f'o."{name}"')
    return f'SELECT {", ".join(shown)} FROM "{table}" o'


def differences(one: Path, other: Path, *, without: frozenset[str] = frozenset()) -> dict[str, tuple[int, int, str]]:
    """The tables that differ: rows that only one of them has, and one of these; empty when there is none."""
    left, right = contents(one, without=without), contents(other, without=without)
    found = {}
    for table in sorted({*left, *right}):
        a, b = left.get(table, []), right.get(table, [])
        if a != b:
            only = sorted(set(a) ^ set(b)) or ["the same rows, not equally often"]
            found[table] = (len(set(a) - set(b)), len(set(b) - set(a)), only[0][:300])
    return found
