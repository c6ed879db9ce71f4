"""A home folder for pegasus-service: a workflow's database that it can show, and the master database that names it."""

from __future__ import annotations

import os
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.big_database import fill
from bench.measure import workspace
from bench.peer import Peer

_WF = "/u/demo/r/1/w/1"
#: what is asked of it, by name: those of its pages and of its REST API that answer what we answer
PATHS = {
    "workflow list": "/api/v1/user/demo/root",
    "workflow": "/api/v1/user/demo/root/1/workflow/1",
    "job page": "/api/v1/user/demo/root/1/workflow/1/job?max-results=100&start-index=0",
    "failing jobs": "/api/v1/user/demo/root/1/workflow/1/job/failed?max-results=50&start-index=0",
    "gantt": f"{_WF}/charts/gantt_chart",
}
#: the peer makes the tables of its master database itself
_CREATE = "import sys; from Pegasus.db import connection; connection.connect(sys.argv[1], create=True)"
_STATES = """
INSERT OR IGNORE INTO jobstate(job_instance_id, state, timestamp, jobstate_submit_seq)
SELECT job_instance_id, 'SUBMIT', submit_ts, 1 FROM job_instance UNION ALL
SELECT job_instance_id, 'EXECUTE', execute_ts, 2 FROM job_instance UNION ALL
SELECT job_instance_id, 'JOB_TERMINATED', end_ts, 3 FROM job_instance UNION ALL
SELECT job_instance_id, CASE WHEN outcome = 'success' THEN 'JOB_SUCCESS' ELSE 'JOB_FAILURE' END, end_ts, 4
FROM job_instance UNION ALL
SELECT job_instance_id, state, state_ts, 5 FROM job_instance
"""


@contextmanager
def prepared(peer: Peer, jobs: int) -> Iterator[Path]:
    """The home folder, until the end."""
    with workspace(200_000_000) as folder:
        db = fill(folder / "run.stampede.db", jobs)
        with sqlite3.connect(db) as connection:
            connection.execute(_STATES)
            connection.execute("PRAGMA journal_mode=DELETE")
            connection.execute("UPDATE workflow SET user = 'demo', submit_dir = ?", (str(folder),))
            first, last, uuid = connection.execute("SELECT first_ts, last_ts, wf_uuid FROM workflow").fetchone()
            states = [("WORKFLOW_STARTED", first, None), ("WORKFLOW_TERMINATED", last, 1)]
            connection.executemany(
                "INSERT INTO workflowstate(wf_id, state, timestamp, restart_count, status) VALUES (1, ?, ?, 0, ?)",
                states,
            )
        (folder / ".pegasus").mkdir()
        home = {**os.environ, "HOME": str(folder)}
        path = folder / ".pegasus" / "workflow.db"
        subprocess.run([peer.python, "-c", _CREATE, f"sqlite:///{path}"], env=home, cwd=folder, capture_output=True,
                       check=True)  # fmt: skip
        with sqlite3.connect(path) as master:
            master.execute(
                "INSERT INTO master_workflow(wf_id, wf_uuid, dax_label, dag_file_name, timestamp, submit_hostname, "
                "submit_dir, planner_arguments, user, db_url, archived) "
                "VALUES (1, ?, 'big', 'big.dag', ?, 'here', ?, '', 'demo', ?, 0)",
                (uuid, first, str(folder), f"sqlite:///{db}"),
            )
            master.executemany(
                "INSERT INTO master_workflowstate(wf_id, state, timestamp, restart_count, status) "
                "VALUES (1, ?, ?, 0, ?)", states,
            )  # fmt: skip
        yield folder
