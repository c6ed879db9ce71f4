"""Summaries and statistics made afresh from the rows they sum up: the oracle of what the loader keeps, its repair."""

from __future__ import annotations

import math
from typing import Any, Final

from stampede.errors import DatabaseError
from stampede.store import blocks, sealing
from stampede.store.connection import Connection, Error, Row, open_writer
from stampede.store.entities import COUNTS
from stampede.store.sqlite import DURATION_OF_JOB

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
    """Write all summaries and the statistics of all blocks anew in one transaction; how many were wrong.

    Not while a loader writes to the same database: it holds its counts and would write them over these. Raises
    DatabaseError when the database cannot be written.
    """
    connection = open_writer(url)
    try:
        connection.execute("BEGIN IMMEDIATE")
        before = set(connection.execute(_CURRENT))
        connection.execute(_WRITE)
        after = set(connection.execute(_CURRENT))
        wrong = _rebuild_blocks(connection) + _rebuild_durations(connection)
        connection.execute("COMMIT")
    except Error as e:
        raise DatabaseError(f"{url}: the summaries could not be written: {e}.") from e
    finally:
        connection.close()
    return len(after - before) + wrong


def _rebuild_durations(connection: Connection) -> int:
    """How long the last try of each job took; how many of them were wrong."""
    return connection.execute(
        f"UPDATE job SET duration_s = {DURATION_OF_JOB} WHERE duration_s IS NOT {DURATION_OF_JOB}"
    ).rowcount


def _rebuild_blocks(connection: Connection) -> int:
    """Add up every block; how many that were said to be right had other rows."""
    sealed = {block for (block,) in connection.execute("SELECT block FROM statistics_block")}
    connection.execute("DELETE FROM statistics_block")
    (last,) = connection.execute("SELECT max(job_id) FROM job").fetchone()
    wrong = 0
    for block in range((last >> blocks.SHIFT) + 1 if last is not None else 0):
        before = _kept(connection, block) if block in sealed else None
        sealing.write(connection, block)
        wrong += before is not None and not same(before, _kept(connection, block))
    return wrong


def _kept(connection: Connection, block: int) -> dict[str, list[Row]]:
    return {
        table: connection.execute(f"SELECT * FROM {table} WHERE block = ?", (block,)).fetchall()
        for table in blocks.TABLES
    }


def same(one: dict[str, list[Row]], other: dict[str, list[Row]]) -> bool:
    """Whether the rows of a block say the same; sums of fractions may differ by the order they were added up in."""
    return all(_same(rows, other[table]) for table, rows in one.items())


def _same(one: list[Row], other: list[Row]) -> bool:
    if len(one) != len(other):
        return False
    pairs = zip(sorted(one, key=_key), sorted(other, key=_key), strict=True)
    return all(_close(a, b) for x, y in pairs for a, b in zip(x, y, strict=True))


def _key(row: Row) -> str:
    """By the columns that name a group: those before the first fraction."""
    return repr(row[:7])


def _close(one: Any, other: Any) -> bool:
    if isinstance(one, float) or isinstance(other, float):
        return one is not None and other is not None and math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-6)
    return bool(one == other)
