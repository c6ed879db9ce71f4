"""Takes a run (a root workflow and all below it) out of a database, in transactions of bounded size.

Jobs go in ranges of keys, each with all that hangs on them in one transaction, children first, so that no row ever
refers to one that is gone; the workflows themselves go last. Who is killed in between leaves a mark in
``stampede_meta``, and the next call goes on from the rows that are left. The statements are those that every SQL
database has; what only SQLite keeps (``job_text``) is looked for.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Final

import msgspec

from stampede.errors import DatabaseError
from stampede.store import blocks, job_text, sealing
from stampede.store.connection import Connection, Error

#: jobs, or tasks, whose rows go in one transaction: whole blocks of statistics
STEP: Final = 2 * blocks.JOBS

#: tables whose rows hang on a try, a task, a workflow
OF_TRIES: Final = (
    "hold", "integrity", "invocation", "invocation_file", "jobstate", "resource_usage", "tag", "transfer",
)  # fmt: skip
OF_TASKS: Final = ("task_meta", "workflow_files")
OF_WORKFLOWS: Final = (
    "anomaly", "anomaly_change", "host", "problem", "workflow_event", "workflow_meta", "workflow_summary",
    "workflowstate",
)  # fmt: skip
#: edges, by the column that their ranges are of
EDGES: Final = {"job_edge": "parent_exec_job_id", "task_edge": "parent_abs_task_id"}
#: files that no workflow uses any more
OF_FILES: Final = ("rc_meta", "rc_pfn", "rc_lfn")
#: what is about the database, or about the ensemble manager of Pegasus, and not about single workflows
KEPT: Final = ("dbversion", "ensemble", "ensemble_workflow", "lease", "stampede_meta", "trigger")

#: beginning of the key in ``stampede_meta`` of a run whose deletion was begun
MARK: Final = "retiring "
_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_AFTER_DAG: Final = re.compile(r"(?:\.dagman\.out)?(?:#.*)?$", re.DOTALL)
_EDGES_AT_ONCE: Final = 50_000

#: files that deleted runs used
_MAKE: Final = "CREATE TEMPORARY TABLE IF NOT EXISTS retired_file(lfn_id INTEGER)"

#: asked at the beginning of each transaction; raises when it may not write
Guard = Callable[[Connection], None]


class Member(msgspec.Struct, frozen=True):
    """A workflow of the run: ``dag`` is the path of its DAG file, where that is known."""

    wf_id: int
    wf_uuid: str
    dag: str | None


class ChangedError(DatabaseError):
    """The run is not what was judged any more: it runs again, or something came in late."""


def members(connection: Connection, root_uuid: str) -> list[Member]:
    """The root and all below it. Raises store.connection.Error."""
    rows = connection.execute(
        """WITH RECURSIVE run(wf_id) AS (
               SELECT wf_id FROM workflow WHERE wf_uuid = ?
               UNION SELECT w.wf_id FROM workflow w JOIN run r ON w.parent_wf_id = r.wf_id)
           SELECT w.wf_id, w.wf_uuid, coalesce(w.found_dir, w.submit_dir), w.dag_file_name
           FROM run r JOIN workflow w ON w.wf_id = r.wf_id ORDER BY w.wf_id""",
        (root_uuid,),
    )
    return [Member(wf_id, uuid, os.path.join(folder, dag) if folder and dag else None)
            for wf_id, uuid, folder, dag in rows]  # fmt: skip


def retire(
    connection: Connection, root_uuid: str, *, last_ts: float | None, guard: Guard | None = None
) -> list[str]:  # fmt: skip
    """Delete a run; the uuids of what was in it. ``last_ts`` is its last record as it was judged.

    Raises ChangedError, with nothing deleted, when it runs or has later records; DatabaseError when a transaction
    fails: those before it stay, and the next call goes on.
    """
    try:
        connection.execute(_MAKE)
        with _Steps(connection, guard) as steps:
            steps.once(lambda: _begin(connection, root_uuid, last_ts))
            run = members(connection, root_uuid)
            touched: set[int] = set()
            for member in run:
                for step in _steps_of(connection, member.wf_id, touched):
                    steps.once(step)
            steps.once(lambda: _end(connection, root_uuid, run))
            for block in sorted(touched):
                steps.once(lambda block=block: _seal(connection, block))  # type: ignore[misc]
    except Error as e:
        raise DatabaseError(f"The run {root_uuid} could not be deleted: {e}. Ask again: it goes on from there.") from e
    return [member.wf_uuid for member in run]


def strike_files(connection: Connection) -> None:
    """Strike the files of runs that this connection has deleted, where no workflow uses them any more: once after all
    of them, since it looks through all uses.

    While nothing runs, so that no file is just being told of, also what interrupted calls have left. Raises
    DatabaseError.
    """
    try:
        connection.execute(_MAKE)
        with _Steps(connection, None) as steps:
            steps.once(lambda: _strike_files(connection))
    except Error as e:
        raise DatabaseError(f"Files that no workflow uses any more could not be deleted: {e}.") from e


def _strike_files(connection: Connection) -> None:
    running = connection.execute("SELECT 1 FROM workflow WHERE state = 'running' LIMIT 1").fetchone()
    among = "lfn_id IN (SELECT lfn_id FROM retired_file) AND " if running is not None else ""
    unused = connection.execute(
        f"SELECT lfn_id FROM rc_lfn WHERE {among}lfn_id NOT IN (SELECT lfn_id FROM workflow_files) "
        "AND lfn NOT IN (SELECT lfn FROM invocation_file)"
    ).fetchall()
    for table in OF_FILES:
        connection.executemany(f"DELETE FROM {table} WHERE lfn_id = ?", unused)
    connection.execute("DELETE FROM retired_file")


class _Steps:
    """Runs steps, a transaction each."""

    def __init__(self, connection: Connection, guard: Guard | None) -> None:
        self._connection = connection
        self._guard = guard
        self._inside = False

    def once(self, step: Callable[[], object]) -> None:
        self._connection.execute("BEGIN IMMEDIATE")
        self._inside = True
        if self._guard is not None:
            self._guard(self._connection)
        step()
        self._connection.execute("COMMIT")
        self._inside = False

    def __enter__(self) -> _Steps:
        return self

    def __exit__(self, *exc: object) -> None:
        if self._inside:
            with suppress(Error):  # the server may be gone, and took it back then
                self._connection.execute("ROLLBACK")


def _begin(connection: Connection, root_uuid: str, last_ts: float | None) -> None:
    """See that it is still as it was judged, and leave the mark."""
    run = [member.wf_id for member in members(connection, root_uuid)]
    marks = ", ".join("?" * len(run))
    state = connection.execute("SELECT state FROM workflow WHERE wf_uuid = ?", (root_uuid,)).fetchone()
    if state is None:
        raise ChangedError("it is not there any more")
    (latest,) = connection.execute(
        f"SELECT max(coalesce(last_ts, first_ts, timestamp)) FROM workflow WHERE wf_id IN ({marks})", run
    ).fetchone()
    if state[0] == "running" or (latest is not None and (last_ts is None or latest > last_ts)):
        raise ChangedError("it runs again, or something came in while it was judged")
    key = (MARK + root_uuid,)
    connection.execute('DELETE FROM stampede_meta WHERE "key" = ?', key)
    connection.execute('INSERT INTO stampede_meta("key", value) VALUES (?, ?)', (*key, str(latest)))


def _steps_of(connection: Connection, wf_id: int, touched: set[int]) -> Iterator[Callable[[], object]]:
    for table, column in EDGES.items():
        while (upto := _edge_at(connection, table, column, wf_id)) is not None:
            sql = f"DELETE FROM {table} WHERE wf_id = ? AND {column} <= ?"
            yield lambda sql=sql, upto=upto: connection.execute(sql, (wf_id, upto))  # type: ignore[misc]
    for first in _ranges(connection, "task", wf_id):
        yield lambda first=first: _tasks(connection, wf_id, first)  # type: ignore[misc]
    for first in _ranges(connection, "job", wf_id):
        touched.update(range(first >> blocks.SHIFT, first + STEP >> blocks.SHIFT))
        yield lambda first=first: _jobs(connection, wf_id, first)  # type: ignore[misc]


def _edge_at(connection: Connection, table: str, column: str, wf_id: int) -> str | None:
    """Up to which parent the next edges go; None when there are none."""
    order = f"FROM {table} WHERE wf_id = ? ORDER BY {column}"
    row = connection.execute(f"SELECT {column} {order} LIMIT 1 OFFSET {_EDGES_AT_ONCE}", (wf_id,)).fetchone()
    row = row or connection.execute(f"SELECT max({column}) FROM {table} WHERE wf_id = ?", (wf_id,)).fetchone()
    return None if row is None else row[0]


def _ranges(connection: Connection, table: str, wf_id: int) -> range:
    """The first keys of the ranges that a workflow has jobs or tasks in."""
    key = f"{table}_id"
    low, high = connection.execute(f"SELECT min({key}), max({key}) FROM {table} WHERE wf_id = ?", (wf_id,)).fetchone()
    return range(0) if low is None else range(low // STEP * STEP, high + 1, STEP)


def _tasks(connection: Connection, wf_id: int, first: int) -> None:
    those = (wf_id, first, first + STEP - 1)
    chosen = "SELECT task_id FROM task WHERE wf_id = ? AND task_id BETWEEN ? AND ?"
    connection.execute(f"INSERT INTO retired_file SELECT lfn_id FROM workflow_files WHERE task_id IN ({chosen})", those)
    for table in OF_TASKS:
        connection.execute(f"DELETE FROM {table} WHERE task_id IN ({chosen})", those)
    connection.execute("DELETE FROM task WHERE wf_id = ? AND task_id BETWEEN ? AND ?", those)


def _jobs(connection: Connection, wf_id: int, first: int) -> None:
    those = (wf_id, first, first + STEP - 1)
    chosen = "FROM job j JOIN job_instance i ON i.job_id = j.job_id WHERE j.wf_id = ? AND j.job_id BETWEEN ? AND ?"
    connection.execute(
        "INSERT INTO retired_file SELECT l.lfn_id FROM rc_lfn l JOIN invocation_file f ON f.lfn = l.lfn "
        f"WHERE f.job_instance_id IN (SELECT i.job_instance_id {chosen})",
        those,
    )
    for table in OF_TRIES:
        connection.execute(f"DELETE FROM {table} WHERE job_instance_id IN (SELECT i.job_instance_id {chosen})", those)
    jobs = "wf_id = ? AND job_id BETWEEN ? AND ?"
    connection.execute(f"DELETE FROM job_instance WHERE job_id IN (SELECT job_id FROM job WHERE {jobs})", those)
    job_text.strike(connection, jobs, those)
    connection.execute(f"DELETE FROM job WHERE {jobs}", those)
    for block in range(first >> blocks.SHIFT, first + STEP >> blocks.SHIFT):
        for table in ("statistics_block", *blocks.TABLES):
            connection.execute(f"DELETE FROM {table} WHERE block = ?", (block,))


def _end(connection: Connection, root_uuid: str, run: list[Member]) -> None:
    ids, uuids = [(member.wf_id,) for member in run], [(member.wf_uuid,) for member in run]
    connection.executemany("INSERT INTO retired_file SELECT lfn_id FROM workflow_files WHERE wf_id = ?", ids)
    connection.executemany("DELETE FROM workflow_files WHERE wf_id = ?", ids)
    for table in OF_WORKFLOWS:
        connection.executemany(f"DELETE FROM {table} WHERE wf_id = ?", ids)
    connection.executemany("UPDATE job_instance SET subwf_id = NULL WHERE subwf_id = ?", ids)
    connection.executemany(
        "DELETE FROM master_workflowstate WHERE wf_id IN (SELECT wf_id FROM master_workflow WHERE wf_uuid = ?)", uuids
    )
    connection.executemany("DELETE FROM master_workflow WHERE wf_uuid = ?", uuids)
    connection.executemany("DELETE FROM source_position WHERE source = ?", _sources(connection, run))
    connection.executemany("DELETE FROM workflow WHERE wf_id = ?", ids[::-1])  # what is below has the greater key
    connection.execute('DELETE FROM stampede_meta WHERE "key" = ?', (MARK + root_uuid,))


def _sources(connection: Connection, run: list[Member]) -> list[tuple[str]]:
    """Where reading stood of what told of the run, so that the same directory can be loaded again.

    The name of a source has the uuid of its workflow in it, or begins with the path of its DAG file. A log that another
    workflow, which stays, was read from as well keeps its place.
    """
    own = {member.wf_id for member in run}
    rows = connection.execute("SELECT wf_id, coalesce(found_dir, submit_dir), dag_file_name FROM workflow")
    others = {os.path.join(folder, dag) for wf_id, folder, dag in rows if wf_id not in own and folder and dag}
    uuids = {member.wf_uuid for member in run}
    dags = {member.dag for member in run if member.dag is not None} - others
    return [
        (name,) for (name,) in connection.execute("SELECT source FROM source_position")
        if not uuids.isdisjoint(_UUID.findall(name)) or _AFTER_DAG.sub("", name, count=1) in dags
    ]  # fmt: skip


def _seal(connection: Connection, block: int) -> None:
    """Add up what is left of a block; one behind all jobs has no place in the sums."""
    (last,) = connection.execute("SELECT max(job_id) FROM job").fetchone()
    if last is not None and block <= last >> blocks.SHIFT:
        sealing.write(connection, block)
