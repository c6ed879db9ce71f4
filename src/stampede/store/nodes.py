"""What one node's end means for the others: who becomes ready, who never can run.

The graph stays in the database; per commit, the nodes that became done or failed are joined with their children. So
neither memory nor the cost of an event depends on the size of the workflow.
"""

from __future__ import annotations

import sqlite3

from stampede.store.entities import Job, Workflow

_DESCENDANTS = """
WITH RECURSIVE below(name) AS (
    SELECT e.child_exec_job_id FROM job_edge e JOIN temp.moved m
        ON e.wf_id = :wf AND e.parent_exec_job_id = m.name AND m.delta = 0
    UNION
    SELECT e.child_exec_job_id FROM job_edge e JOIN below b ON e.wf_id = :wf AND e.parent_exec_job_id = b.name
)
SELECT j.exec_job_id FROM job j JOIN below b ON j.wf_id = :wf AND j.exec_job_id = b.name
"""


def prepare(connection: sqlite3.Connection) -> None:
    """Make the scratch table of this connection."""
    connection.execute("CREATE TEMP TABLE IF NOT EXISTS moved(name TEXT PRIMARY KEY, delta INTEGER) WITHOUT ROWID")


def settle(connection: sqlite3.Connection, wf: Workflow) -> None:
    """Bring ready, unready and futile nodes up to date with what ended since the last commit.

    Rows of jobs and edges must have been written; rows of job states must not have been read by anyone in between.
    """
    recount = wf.unsettled is None or bool(wf.unsettled)
    if recount:
        _count_parents(connection, wf)
    moved = _net(wf)
    if not moved:
        return
    if not recount:
        steps = [(job.name, (state == "done") - (was == "done")) for job, was, state in moved]
        _wake_children(connection, wf, [(name, step) for name, step in steps if step])
    failed = [job.name for job, _, state in moved if state == "failed"]
    if any(was == "failed" for _, was, _ in moved):
        _revive(connection, wf)
        failed = _all_failed(connection, wf, failed)
    if failed:
        _doom(connection, wf, failed)


def reset(connection: sqlite3.Connection, wf: Workflow, *, everything: bool, ts: float | None) -> None:
    """A new run of the engine begins: nodes that are not done (or all) wait again, with all their retries.

    All rows must have been written. ``ts`` is the time of the new start.
    """
    keep = "" if everything else " AND node_state <> 'done'"
    connection.execute(
        "UPDATE job SET node_state = 'unready', node_state_ts = ?, node_state_reason = NULL, attempts_in_run = 0 "
        f"WHERE wf_id = ? AND node_type <> 'service'{keep}",
        (ts, wf.wf_id),
    )
    connection.execute("UPDATE job SET attempts_in_run = 0 WHERE wf_id = ?", (wf.wf_id,))
    wf.jobs.clear()
    wf.touched.clear()
    wf.moved.clear()
    wf.forgetful = True
    wf.unsettled = None
    _recount(connection, wf)
    _count_parents(connection, wf)


def _recount(connection: sqlite3.Connection, wf: Workflow) -> None:
    for state in ("done", "failed", "futile", "ready", "unready", "pre", "queued", "post"):
        wf.counts[state] = 0
    for state, n in connection.execute(
        "SELECT node_state, count(*) FROM job WHERE wf_id = ? AND node_type <> 'service' GROUP BY 1", (wf.wf_id,)
    ):
        wf.counts[state] = n
    wf.dirty = True


def _net(wf: Workflow) -> list[tuple[Job, str, str]]:
    """First and last state of each job that moved, where they differ."""
    first: dict[str, tuple[Job, str]] = {}
    for job, was, _ in wf.moved:
        first.setdefault(job.name, (job, was))
    wf.moved.clear()
    return [(job, was, job.state) for job, was in first.values() if job.state != was]


def _count_parents(connection: sqlite3.Connection, wf: Workflow) -> None:
    """Count the parents that are not done of the unsettled nodes, and call ready those that have none."""
    # node states of this batch are not written yet: tell the database before it counts
    _write_states(connection, wf)
    some = "" if wf.unsettled is None else " AND exec_job_id IN (SELECT name FROM temp.moved)"
    _fill(connection, [(name, 0) for name in wf.unsettled or ()])
    wf.unsettled = set()
    connection.execute(
        f"""
        UPDATE job SET parents_waiting = (
            SELECT count(*) FROM job_edge e JOIN job p ON p.wf_id = e.wf_id AND p.exec_job_id = e.parent_exec_job_id
            WHERE e.wf_id = job.wf_id AND e.child_exec_job_id = job.exec_job_id AND p.node_state <> 'done')
        WHERE wf_id = ?{some}""",
        (wf.wf_id,),
    )
    rows = connection.execute(
        "SELECT exec_job_id FROM job WHERE wf_id = ? AND parents_waiting = 0 AND node_state = 'unready' "
        f"AND node_type IN ('job', 'subdag', 'task'){some}",
        (wf.wf_id,),
    ).fetchall()
    _change(connection, wf, [r[0] for r in rows], {"unready"}, "ready")


def _write_states(connection: sqlite3.Connection, wf: Workflow) -> None:
    connection.executemany(
        "UPDATE job SET node_state = ? WHERE job_id = ?", [(j.state, j.job_id) for j in wf.touched if j.dirty]
    )


def _wake_children(connection: sqlite3.Connection, wf: Workflow, done: list[tuple[str, int]]) -> None:
    if not done:
        return
    _fill(connection, done)
    connection.execute(
        """
        UPDATE job SET parents_waiting = parents_waiting - x.n FROM (
            SELECT e.child_exec_job_id AS name, sum(m.delta) AS n FROM temp.moved m JOIN job_edge e
                ON e.wf_id = :wf AND e.parent_exec_job_id = m.name GROUP BY 1) AS x
        WHERE job.wf_id = :wf AND job.exec_job_id = x.name""",
        {"wf": wf.wf_id},
    )
    rows = connection.execute(
        "SELECT DISTINCT j.exec_job_id FROM temp.moved m JOIN job_edge e ON e.wf_id = :wf "
        "AND e.parent_exec_job_id = m.name JOIN job j ON j.wf_id = :wf AND j.exec_job_id = e.child_exec_job_id "
        "WHERE j.parents_waiting <= 0",
        {"wf": wf.wf_id},
    ).fetchall()
    _change(connection, wf, [r[0] for r in rows], {"unready"}, "ready")


def _doom(connection: sqlite3.Connection, wf: Workflow, failed: list[str]) -> None:
    _fill(connection, [(name, 0) for name in failed])
    names = [r[0] for r in connection.execute(_DESCENDANTS, {"wf": wf.wf_id})]
    _change(connection, wf, names, {"unready", "ready"}, "futile")


def _revive(connection: sqlite3.Connection, wf: Workflow) -> None:
    names = [
        r[0]
        for r in connection.execute(
            "SELECT exec_job_id FROM job WHERE wf_id = ? AND node_state = 'futile'", (wf.wf_id,)
        )
    ]
    _change(connection, wf, names, {"futile"}, "unready")


def _all_failed(connection: sqlite3.Connection, wf: Workflow, also: list[str]) -> list[str]:
    names = {
        r[0]
        for r in connection.execute(
            "SELECT exec_job_id FROM job WHERE wf_id = ? AND node_state = 'failed'", (wf.wf_id,)
        )
    }
    names.update(also)
    return sorted(n for n in names if n not in wf.jobs or wf.jobs[n].state == "failed")


def _fill(connection: sqlite3.Connection, rows: list[tuple[str, int]]) -> None:
    connection.execute("DELETE FROM temp.moved")
    connection.executemany("INSERT OR REPLACE INTO temp.moved(name, delta) VALUES (?, ?)", rows)


def _change(connection: sqlite3.Connection, wf: Workflow, names: list[str], only: set[str], state: str) -> None:
    """Move nodes that are in one of the states ``only``; those in memory are the truth about themselves."""
    updates = []
    for name in names:
        job = wf.jobs.get(name)
        if job is not None:
            if job.state in only:
                wf.move(job, state, wf.last_ts)
        else:
            updates.append((state, wf.last_ts, wf.wf_id, name))
    marks = ", ".join(f"'{s}'" for s in sorted(only))
    changed = 0
    for update in updates:
        changed += connection.execute(
            "UPDATE job SET node_state = ?, node_state_ts = ? WHERE wf_id = ? AND exec_job_id = ? "
            f"AND node_state IN ({marks})",
            update,
        ).rowcount
    if changed:
        if len(only) == 1:
            wf.counts[next(iter(only))] -= changed
            wf.counts[state] += changed
            wf.dirty = True
        else:
            _recount_with_memory(connection, wf)


def _recount_with_memory(connection: sqlite3.Connection, wf: Workflow) -> None:
    _write_states(connection, wf)
    _recount(connection, wf)
