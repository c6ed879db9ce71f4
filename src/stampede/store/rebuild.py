"""Summaries counted afresh from the rows they sum up: the oracle of the loader's running counts, and their repair."""

from __future__ import annotations

import sqlite3
from typing import Final

from stampede.errors import DatabaseError
from stampede.store.entities import COUNTS
from stampede.store.sqlite import open_writer

_STATES: Final = ("done", "failed", "futile", "ready", "unready", "pre", "queued", "post")

#: one row a workflow: wf_id and the counts, in the order of ``COUNTS``
RECOUNT: Final = f"""
WITH n AS (
    SELECT wf_id, count(*) AS total, {", ".join(f"sum(node_state = '{s}') AS {s}" for s in _STATES)}
    FROM job WHERE node_type <> 'service' GROUP BY wf_id),
a AS (
    SELECT j.wf_id, sum(i.submit_count) AS submits, sum(i.execute_count) AS executes, sum(i.hold_count) AS holds,
           sum(i.evict_count) AS evictions, count(*) AS attempts,
           sum(coalesce(i.outcome = 'failed', 0)) AS attempts_failed
    FROM job_instance i JOIN job j ON j.job_id = i.job_id GROUP BY j.wf_id),
p AS (SELECT wf_id, sum(count) AS problems FROM problem GROUP BY wf_id)
SELECT w.wf_id, {", ".join(f"coalesce({c}, 0) AS {c}" for c in COUNTS)}
FROM workflow w LEFT JOIN n ON n.wf_id = w.wf_id LEFT JOIN a ON a.wf_id = w.wf_id LEFT JOIN p ON p.wf_id = w.wf_id
"""

_WRITE: Final = f"""
INSERT INTO workflow_summary(wf_id, {", ".join(COUNTS)}) {RECOUNT} WHERE true
ON CONFLICT(wf_id) DO UPDATE SET {", ".join(f"{c} = excluded.{c}" for c in COUNTS)}
"""

_CURRENT: Final = f"SELECT wf_id, {', '.join(COUNTS)} FROM workflow_summary"


def rebuild_summaries(url: str) -> int:
    """Write all summaries anew in one transaction; how many were wrong.

    Not while a loader writes to the same database: it holds its counts and would write them over these. Raises
    DatabaseError when the database cannot be written.
    """
    connection = open_writer(url)
    try:
        connection.execute("BEGIN IMMEDIATE")
        before = set(connection.execute(_CURRENT))
        connection.execute(_WRITE)
        after = set(connection.execute(_CURRENT))
        connection.execute("COMMIT")
    except sqlite3.Error as e:
        raise DatabaseError(f"{url}: the summaries could not be written: {e}.") from e
    finally:
        connection.close()
    return len(after - before)
