"""Events of made-up workflows, and a database as plain values, for the tests of the store."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

from stampede.events import catalogue as ev
from stampede.events.base import Event
from stampede.store.loader import Loader, Position

#: rows by table; each a tuple of (column, value)
Contents: TypeAlias = dict[str, list[tuple[tuple[str, Any], ...]]]

WF = "5b0c6c2e-0000-4000-8000-000000000001"
#: the first try of job ``a``
IDS: dict[str, Any] = {"xwf_id": WF, "job_id": "a", "job_inst_id": 1}
#: columns that depend on the order of loading or on the place of the database
_SURROGATE = frozenset({
    "wf_id", "root_wf_id", "parent_wf_id", "job_id", "job_instance_id", "last_job_instance_id", "host_id", "task_id",
    "lfn_id", "invocation_id", "integrity_id", "tag_id", "pfn_id", "problem_id", "subwf_id", "db_url",
})  # fmt: skip
_SKIPPED = frozenset({"stampede_meta", "dbversion", "source_position"})
#: tables that follow from the others, made when there is time: test_sealing looks at them
DERIVED = "statistics_"
#: names that stand for surrogate keys: column -> query with one parameter
_NAMES = {
    "wf_id": "SELECT wf_uuid FROM workflow WHERE wf_id = ?",
    "job_id": "SELECT exec_job_id FROM job WHERE job_id = ?",
    "job_instance_id": (
        "SELECT j.exec_job_id || '#' || i.job_submit_seq FROM job_instance i JOIN job j USING (job_id) "
        "WHERE i.job_instance_id = ?"
    ),
    "host_id": "SELECT site || hostname || ip FROM host WHERE host_id = ?",
    "task_id": "SELECT abs_task_id FROM task WHERE task_id = ?",
    "lfn_id": "SELECT lfn FROM rc_lfn WHERE lfn_id = ?",
}
_NAMES |= {
    "root_wf_id": _NAMES["wf_id"], "parent_wf_id": _NAMES["wf_id"], "subwf_id": _NAMES["wf_id"],
    "last_job_instance_id": _NAMES["job_instance_id"],
}  # fmt: skip


def job(name: str, *, retries: int = 0, post: bool = False, node_type: str | None = None) -> ev.JobInfo:
    """A declared job."""
    return ev.JobInfo(ts=10.0, xwf_id=WF, job_id=name, submit_file=f"{name}.sub", type_desc="compute", clustered=0,
                      max_retries=retries, executable="/bin/true", task_count=1, node_type=node_type,
                      post_script="/bin/post" if post else None)  # fmt: skip


def edge(parent: str, child: str) -> ev.JobEdge:
    """A declared dependency."""
    return ev.JobEdge(ts=10.0, xwf_id=WF, parent_job_id=parent, child_job_id=child)


def start(ts: float = 20.0, count: int = 0, reset: str | None = None) -> ev.XwfStart:
    """The engine starts."""
    return ev.XwfStart(ts=ts, xwf_id=WF, restart_count=count, reset=reset)


def attempt(
    name: str, seq: int, ts: float, *, exitcode: int = 0, held: bool = False, post: bool = False
) -> Iterator[Event]:
    """All events of one try, one second apart, numbered as an engine numbers them."""
    base: dict[str, Any] = {"xwf_id": WF, "job_id": name, "job_inst_id": seq, "sched_id": f"{seq}.0"}
    clock = iter(range(100))

    def at() -> dict[str, Any]:
        number = next(clock)
        return {**base, "ts": ts + number, "js_id": number + 1}

    now = at()
    yield ev.JobInstSubmitStart(**now, site="here")
    yield ev.JobInstSubmitEnd(**now, status=0)
    yield ev.JobInstMainStart(**at(), stdout_file=f"{name}.out")
    if held:
        yield ev.JobInstHeldStart(**at(), reason="no input", code=13, subcode=2)
        yield ev.JobInstHeldEnd(**at(), status=0)
        yield ev.JobInstMainStart(**at(), stdout_file=f"{name}.out")
    yield ev.JobInstMainTerm(**at(), status=0)
    now = at()
    end = now["ts"]
    yield ev.InvEnd(ts=end, xwf_id=WF, job_id=name, job_inst_id=seq, inv_id=1, start_time=ts, dur=end - ts,
                    exitcode=exitcode, transformation="t", executable="/bin/true")  # fmt: skip
    yield ev.JobInstHostInfo(ts=end, xwf_id=WF, job_id=name, job_inst_id=seq, site="here", hostname="h1", ip="::1")
    yield ev.JobInstMainEnd(**now, status=-1 if exitcode else 0, exitcode=exitcode, stdout_file=f"{name}.out.{seq}",
                            site="here", local_dur=end - ts)  # fmt: skip
    if post:
        yield ev.JobInstPostStart(**at())
        yield ev.JobInstPostTerm(**at())
        yield ev.JobInstPostEnd(**at(), status=-1 if exitcode else 0, exitcode=256 if exitcode else 0)


def load_batches(database: Path, batches: Iterable[list[Event]]) -> None:
    """Load each list of events in a transaction of its own."""
    with Loader(f"sqlite:///{database}") as loader:
        for number, batch in enumerate(batches, 1):
            loader.apply(batch, Position("stream", number))


def ask(database: Path, sql: str) -> Any:
    """The first row of an answer."""
    connection = sqlite3.connect(database)
    try:
        return connection.execute(sql).fetchone()
    finally:
        connection.close()


def contents(database: Path) -> Contents:
    """Every row of every table that does not follow from others, with names in the place of surrogate keys, in an order
    of its own."""
    connection = sqlite3.connect(f"{database.resolve().as_uri()}?mode=ro", uri=True)
    try:
        found = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'")
        tables = [r[0] for r in found.fetchall()]
        return {t: _rows(connection, t) for t in tables if t not in _SKIPPED and not t.startswith(DERIVED)}
    finally:
        connection.close()


def _rows(connection: sqlite3.Connection, table: str) -> list[tuple[tuple[str, Any], ...]]:
    cursor = connection.execute(f'SELECT * FROM "{table}"')
    columns = [d[0] for d in cursor.description]
    found = []
    for values in cursor.fetchall():
        pairs = []
        for column, value in zip(columns, values, strict=True):
            if column in _NAMES and value is not None:
                row = connection.execute(_NAMES[column], (value,)).fetchone()
                pairs.append((column, row[0] if row else f"no row {value}"))
            elif column not in _SURROGATE:
                pairs.append((column, value))
        found.append(tuple(pairs))
    return sorted(found, key=repr)


def node_states(database: Path) -> dict[str, str]:
    """State by node."""
    connection = sqlite3.connect(database)
    try:
        return dict(connection.execute("SELECT exec_job_id, node_state FROM job").fetchall())
    finally:
        connection.close()


def counts(database: Path) -> dict[str, int]:
    """The summary of the only workflow."""
    connection = sqlite3.connect(database)
    connection.row_factory = sqlite3.Row
    try:
        row = connection.execute("SELECT * FROM workflow_summary").fetchone()
        return {k: row[k] for k in row.keys() if isinstance(row[k], int) and k != "wf_id"}  # noqa: SIM118
    finally:
        connection.close()
