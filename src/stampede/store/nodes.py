"""What one node's end means for the others: who becomes ready, who never can run.

The graph stays in the database; per commit, the nodes that became done or failed are joined with their children. So
neither memory nor the cost of an event depends on the size of the workflow. While a workflow is only declared nothing
is settled: that happens once, when its declaration is complete or something of it runs.
"""

from __future__ import annotations

from stampede.store.connection import Connection
from stampede.store.entities import Job, Workflow

_DESCENDANTS = """
WITH RECURSIVE below(name) AS (
    SELECT child_exec_job_id FROM job_edge
        WHERE wf_id = :wf AND parent_exec_job_id IN (SELECT name FROM temp.moved)
    UNION
    SELECT e.child_exec_job_id FROM below b CROSS JOIN job_edge e ON e.wf_id = :wf AND e.parent_exec_job_id = b.name
)
SELECT exec_job_id FROM job WHERE wf_id = :wf AND exec_job_id IN (SELECT name FROM below)
"""

#: nodes that wait for their parents; the others (final, service, provisioner) start when DAGMan wants
_ORDINARY = "('job', 'subdag', 'task')"


def prepare(connection: Connection) -> None:
    """Make the scratch tables of this connection."""
    connection.execute("CREATE TEMP TABLE IF NOT EXISTS moved(name TEXT PRIMARY KEY, delta INTEGER) WITHOUT ROWID")
    connection.execute("CREATE TEMP TABLE IF NOT EXISTS counted(name TEXT PRIMARY KEY, delta INTEGER) WITHOUT ROWID")
    connection.execute("CREATE TEMP TABLE IF NOT EXISTS stepped(name TEXT, delta INTEGER)")


def settle(connection: Connection, wf: Workflow) -> None:
    """Bring ready, unready and futile nodes up to date with what ended or was declared since the last time.

    Rows of jobs and edges must have been written.
    """
    moved = _net(wf)
    recount = wf.unsettled is None or bool(wf.unsettled)
    if not moved and not recount:
        return
    # the database is to count with the states of this batch
    write_jobs(connection, wf)
    connection.execute("DELETE FROM temp.counted")
    everything = wf.unsettled is None
    if not everything:
        steps = [(job.name, (state == "done") - (was == "done")) for job, was, state in moved]
        _step_children(connection, wf, [(name, step) for name, step in steps if step])
    if recount:
        _count_parents(connection, wf)
    _wake(connection, wf, everything=everything)
    _settle_futile(connection, wf, moved)


def _settle_futile(connection: Connection, wf: Workflow, moved: list[tuple[Job, str, str]]) -> None:
    """What lies below a failed node is futile; below one that is tried again it is not (unless for another reason)."""
    failed = [job.name for job, _, state in moved if state == "failed"]
    if any(was == "failed" for _, was, _ in moved):
        _revive(connection, wf)
        failed = _all_failed(connection, wf)
    elif wf.grown and wf.counts["failed"]:
        failed = _all_failed(connection, wf)
    wf.grown = False
    if failed:
        _doom(connection, wf, failed)


def reset(connection: Connection, wf: Workflow, *, everything: bool, ts: float | None) -> None:
    """A new run of the engine begins: nodes that are not done (or all) wait again, with all their retries.

    All rows must have been written; which of them are ready is settled with the rest of the batch. ``ts`` is the time
    of the new start.
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
    wf.absent.clear()
    wf.forgetful = True
    wf.unsettled = None
    _recount(connection, wf)


def _recount(connection: Connection, wf: Workflow) -> None:
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


_COUNT_PARENTS = """
UPDATE job SET parents_waiting = (
    SELECT count(*) FROM job_edge e CROSS JOIN job p ON p.wf_id = e.wf_id AND p.exec_job_id = e.parent_exec_job_id
    WHERE e.wf_id = job.wf_id AND e.child_exec_job_id = job.exec_job_id AND p.node_state <> 'done')
"""

#: rows changed by one statement at most: SQLite keeps what they were in memory until it is done
_AT_ONCE = 10_000


def _count_parents(connection: Connection, wf: Workflow) -> None:
    """Count the parents that are not done of the unsettled nodes."""
    names, wf.unsettled = wf.unsettled, set()
    if names is None:
        first, last = connection.execute(
            "SELECT min(job_id), max(job_id) FROM job WHERE wf_id = ?", (wf.wf_id,)
        ).fetchone()
        for start in range(first or 0, (last or 0) + 1, _AT_ONCE):
            connection.execute(
                # (the ``+``: by the key, not by the index of the workflow's jobs)
                f"{_COUNT_PARENTS} WHERE +wf_id = ? AND job_id BETWEEN ? AND ?",
                (wf.wf_id, start, start + _AT_ONCE - 1),
            )
        return
    _fill(connection, [(name, 0) for name in names])
    if names:
        # an edge may have come before the job it starts from
        connection.execute(
            "INSERT OR IGNORE INTO temp.moved SELECT child_exec_job_id, 0 FROM job_edge "
            "WHERE wf_id = ? AND parent_exec_job_id IN (SELECT name FROM temp.moved)",
            (wf.wf_id,),
        )
    connection.execute(
        f"{_COUNT_PARENTS} WHERE wf_id = ? AND exec_job_id IN (SELECT name FROM temp.moved)", (wf.wf_id,)
    )
    connection.execute("INSERT OR IGNORE INTO temp.counted SELECT name, 0 FROM temp.moved")


def _step_children(connection: Connection, wf: Workflow, steps: list[tuple[str, int]]) -> None:
    """Count down (or up again) what the children of nodes that became done (or stopped being so) wait for."""
    if not steps:
        return
    _fill(connection, steps)
    connection.execute("DELETE FROM temp.stepped")
    # neither a join nor GROUP BY: SQLite would read all edges, for a Bloom filter or in the order of the groups
    connection.execute(
        "INSERT INTO temp.stepped SELECT e.child_exec_job_id, "
        "(SELECT m.delta FROM temp.moved m WHERE m.name = e.parent_exec_job_id) FROM job_edge e "
        "WHERE e.wf_id = ? AND e.parent_exec_job_id IN (SELECT name FROM temp.moved)",
        (wf.wf_id,),
    )
    connection.execute("INSERT INTO temp.counted SELECT name, sum(delta) FROM temp.stepped GROUP BY name")
    connection.execute(
        "UPDATE job SET parents_waiting = parents_waiting - "
        "(SELECT c.delta FROM temp.counted c WHERE c.name = job.exec_job_id) "
        "WHERE wf_id = ? AND exec_job_id IN (SELECT name FROM temp.counted)",
        (wf.wf_id,),
    )


#: since when a node is ready: the end of the last of its parents
_READY_SINCE = (
    "(SELECT max(p.node_state_ts) FROM job_edge e CROSS JOIN job p ON p.wf_id = e.wf_id "
    "AND p.exec_job_id = e.parent_exec_job_id WHERE e.wf_id = j.wf_id AND e.child_exec_job_id = j.exec_job_id)"
)


def _wake(connection: Connection, wf: Workflow, *, everything: bool) -> None:
    """Of the nodes that were counted (or all): those without open parents are ready, the others are not."""
    parameters = {"wf": wf.wf_id}
    some = "" if everything else " AND j.exec_job_id IN (SELECT name FROM temp.counted)"
    where = f"FROM job j WHERE j.wf_id = :wf{some} AND j.node_type IN {_ORDINARY}"
    # without statistics SQLite would take the index of the states, which has most nodes, unless the ``+`` forbids it
    state = "j.node_state" if everything else "+j.node_state"
    rows = connection.execute(
        f"SELECT j.exec_job_id, {_READY_SINCE} {where} AND j.parents_waiting <= 0 AND {state} = 'unready'", parameters
    ).fetchall()
    _change(connection, wf, rows, "unready", "ready")
    rows = connection.execute(
        f"SELECT j.exec_job_id, NULL {where} AND j.parents_waiting > 0 AND {state} = 'ready'", parameters
    ).fetchall()
    _change(connection, wf, rows, "ready", "unready")


def write_jobs(connection: Connection, wf: Workflow) -> None:
    """Write the states and counts of the jobs that changed since they were last written."""
    dirty = [job for job in wf.touched if job.dirty]
    connection.executemany(
        "UPDATE job SET node_state = ?, node_state_ts = ?, node_state_reason = ?, attempts = ?, attempts_in_run = ?, "
        "last_job_instance_id = ?, duration_s = ? WHERE job_id = ?",
        [
            (j.state, j.state_ts, j.reason, j.attempts, j.attempts_in_run, j.last_instance_id, j.duration_s, j.job_id)
            for j in dirty
        ],
    )
    for job in dirty:
        job.dirty = False


def _doom(connection: Connection, wf: Workflow, failed: list[str]) -> None:
    _fill(connection, [(name, 0) for name in failed])
    names = [r[0] for r in connection.execute(_DESCENDANTS, {"wf": wf.wf_id})]
    for state in ("unready", "ready"):
        _change(connection, wf, [(name, None) for name in names], state, "futile")


def _revive(connection: Connection, wf: Workflow) -> None:
    """Futile nodes wait again: ready when all their parents are done."""
    rows = connection.execute(
        f"SELECT exec_job_id, parents_waiting <= 0 AND node_type IN {_ORDINARY} FROM job "
        "WHERE wf_id = ? AND node_state = 'futile'",
        (wf.wf_id,),
    ).fetchall()
    for ready, state in ((1, "ready"), (0, "unready")):
        _change(connection, wf, [(name, None) for name, r in rows if r == ready], "futile", state)


def _all_failed(connection: Connection, wf: Workflow) -> list[str]:
    write_jobs(connection, wf)
    return [
        r[0]
        for r in connection.execute(
            "SELECT exec_job_id FROM job WHERE wf_id = ? AND node_state = 'failed' ORDER BY 1", (wf.wf_id,)
        )
    ]


def _fill(connection: Connection, rows: list[tuple[str, int]]) -> None:
    connection.execute("DELETE FROM temp.moved")
    connection.executemany("INSERT OR REPLACE INTO temp.moved(name, delta) VALUES (?, ?)", rows)


def _change(connection: Connection, wf: Workflow, rows: list[tuple[str, float | None]], was: str, state: str) -> None:
    """Move nodes (name, since when) from one state; those in memory are the truth about themselves."""
    updates = []
    for name, ts in rows:
        job = wf.jobs.get(name)
        if job is None:
            updates.append((state, ts, wf.wf_id, name, was))
        elif job.state == was:
            wf.move(job, state, ts)
    if not updates:
        return
    cursor = connection.executemany(
        "UPDATE job SET node_state = ?, node_state_ts = ?, node_state_reason = NULL "
        "WHERE wf_id = ? AND exec_job_id = ? AND node_state = ?",
        updates,
    )
    wf.counts[was] -= cursor.rowcount
    wf.counts[state] += cursor.rowcount
    wf.dirty = True
