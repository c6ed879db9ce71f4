"""The database as it stood at a time: temporary views over its tables, so that every question is answered as of then.

The views show what had happened by then. Most of it is a condition on a time; what the loader had made of it (states of
nodes and workflows, counts, the last state of a try) is computed anew, but only for what has changed since, and lies in
small temporary tables (``past_*``) that the views look into. A fact without a time belongs to the end of its try.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from stampede.query.moment import Counted, counted_at, workflow_at
from stampede.query.past_try import TOLD, Instance, node_since, told_by
from stampede.query.workflows import Workflow, again, forest, list_workflows
from stampede.store.reader import Reader

#: what is computed anew, by table: its key, then the columns
_ANEW: Final = {
    "workflow": ("wf_id", "state", "state_ts", "state_reason", "exit_status", "restart_count", "first_ts", "last_ts",
                 "dagman_id"),
    "workflow_summary": (
        "wf_id", "total", "done", "failed", "futile", "ready", "unready", "pre", "queued", "post", "submits",
        "executes", "holds", "evictions", "attempts", "attempts_failed", "reported_nodes",
    ),
    "job": ("job_id", "node_state", "node_state_ts", "node_state_reason", "attempts", "attempts_in_run",
            "last_job_instance_id"),
    "job_instance": ("job_instance_id", *TOLD),
}  # fmt: skip
#: how far a try was by then
_PARTS: Final = ("begun", "main_over")
#: what is known of a try once its program has ended
_AT_END: Final = frozenset({
    "main_exitcode", "exit_unknown", "host_id", "work_dir", "cluster_start", "cluster_duration", "local_duration",
    "stdout_text", "stderr_text", "image_size_kb",
})  # fmt: skip


@contextmanager
def as_it_stood(reader: Reader, workflows: list[Workflow], at: float | None) -> Iterator[list[Workflow]]:
    """Inside, the reader answers for these workflows and all below them as of ``at`` (epoch seconds; None: now).

    Gives those of them that had begun. Of other workflows, states and counts stay as they are now.
    """
    if at is None:
        yield workflows
        return
    everything = {w.wf_id: w for root in workflows for w in forest(reader, root)}
    for table, (key, *columns) in _ANEW.items():
        parts = _PARTS if table == "job_instance" else ()
        reader.scratch(f"CREATE TEMP TABLE past_{table} ({key} INTEGER PRIMARY KEY, {', '.join((*columns, *parts))})")
    for wf in everything.values():
        if _known_since(wf) <= at < (wf.last_ts or 0):
            _cut(reader, wf, at)
    tables = {table: condition for table, condition in _conditions(at).items() if reader.columns(table)}
    for table in tables:
        _look_through(reader, table, tables[table], at)
    reader.scratch(_READY_SINCE.format(job=reader.stored("job"), edge=reader.stored("job_edge")))
    try:
        yield again(reader, workflows)
    finally:
        for table in tables:
            reader.scratch(f"DROP VIEW temp.{table}")
            if reader.is_adopted:
                reader.scratch(f"CREATE TEMP VIEW {table} AS SELECT * FROM {reader.stored(table)}")
        for table in _ANEW:
            reader.scratch(f"DROP TABLE temp.past_{table}")


def _known_since(wf: Workflow) -> float:
    """When a workflow was planned, or else began."""
    return min((ts for ts in (wf.planned_ts, wf.first_ts) if ts is not None), default=0.0)


@contextmanager
def everything_as_it_stood(reader: Reader, at: float | None) -> Iterator[None]:
    """Inside, the reader answers for all workflows as of ``at`` (epoch seconds; None: now)."""
    roots = [] if at is None else list_workflows(reader, limit=1 << 62)
    with as_it_stood(reader, roots, at):
        yield


def _conditions(at: float) -> dict[str, str]:
    """Which rows of each table there were."""
    then = repr(float(at))
    begun = f"NOT {_is_not('begun')}"
    ended = f"NOT {_is_not('main_over')}"
    return {
        "workflow": f"min(coalesce(t.first_ts, t.timestamp, 0), coalesce(t.timestamp, t.first_ts, 0)) <= {then}",
        "workflowstate": f"t.timestamp <= {then}",
        "workflow_event": f"t.ts <= {then}",
        "workflow_summary": "true",
        "job": "true",
        "job_instance": begun,
        # (the ``+``: SQLite 3.40 with statistics forgets the end of a range that it seeks for each of a list of states)
        "jobstate": f"+t.timestamp <= {then}",
        "hold": f"t.held_ts <= {then}",
        "resource_usage": begun,
        "invocation": f"t.start_time + t.remote_duration <= {then}",
        "invocation_file": "EXISTS (SELECT 1 FROM temp.invocation i WHERE i.job_instance_id = t.job_instance_id "
                           "AND i.task_submit_seq = t.task_submit_seq)",
        "transfer": ended,
        "integrity": ended,
        "tag": ended,
        "anomaly": f"coalesce(t.ts, 0) <= {then}",
    }  # fmt: skip


def _is_not(part: str) -> str:
    """Whether the try of row ``t`` was not that far."""
    return (
        f"EXISTS (SELECT 1 FROM temp.past_job_instance p WHERE p.job_instance_id = t.job_instance_id AND NOT p.{part})"
    )


def _look_through(reader: Reader, table: str, condition: str, at: float) -> None:
    """Make the view that lies over a table."""
    key, *anew = _ANEW.get(table, ("",))
    columns = []
    stored = reader.stored(table)
    if reader.is_adopted:
        reader.scratch(f"DROP VIEW temp.{table}")
    for name in reader.names(stored):
        value = f't."{name}"'
        if name in anew:
            past = f"temp.past_{table}"
            value = (f"CASE WHEN t.{key} IN (SELECT {key} FROM {past}) "
                     f"THEN (SELECT p.{name} FROM {past} p WHERE p.{key} = t.{key}) ELSE {value} END")  # fmt: skip
        elif (table == "job_instance" and name in _AT_END) or (
            table == "resource_usage" and name != "job_instance_id" and not name.startswith("req_")
        ):
            value = f"CASE WHEN NOT {_is_not('main_over')} THEN {value} END"
        elif (table, name) == ("job", "duration_s"):
            value = "NULL"  # of the last try there is now; nobody asks for it in a look back
        elif (table, name) == ("hold", "released_ts"):
            value = f"CASE WHEN {value} <= {float(at)!r} THEN {value} END"
        columns.append(f'{value} AS "{name}"')
    reader.scratch(f"CREATE TEMP VIEW {table} AS SELECT {', '.join(columns)} FROM {stored} t WHERE {condition}")


#: a node that waits for nothing is ready since the end of the last of its parents
_READY_SINCE: Final = """
UPDATE temp.past_job SET node_state_ts = (
    SELECT max(p.node_state_ts) FROM {job} j JOIN {edge} e ON e.wf_id = j.wf_id
        AND e.child_exec_job_id = j.exec_job_id
    JOIN temp.job p ON p.wf_id = e.wf_id AND p.exec_job_id = e.parent_exec_job_id WHERE j.job_id = past_job.job_id)
WHERE node_state = 'ready' AND node_state_ts IS NULL
"""


def _cut(reader: Reader, wf: Workflow, at: float) -> None:
    """Compute anew what a workflow, its jobs and its tries were."""
    then = counted_at(reader, wf, at)
    w = workflow_at(reader, wf, at)
    first = wf.first_ts if wf.first_ts is not None and wf.first_ts <= at else None
    last = max((ts for ts in (w.last_ts, then.last_ts, first) if ts is not None), default=None)
    dagman_id = wf.dagman_id if w.run == wf.restart_count else None
    _put(reader, "workflow", [(wf.wf_id, w.state, w.state_ts, w.reason, w.exit_status, w.run, first, last, dagman_id)])
    a = then.attempts
    _put(reader, "workflow_summary", [(
        wf.wf_id, len(then.states), *(then.by_state[c] for c in _ANEW["workflow_summary"][2:10]), a["submits"],
        a["executes"], a["holds"], a["evictions"], a["tries"], a["failed"], None,
    )])  # fmt: skip
    _cut_jobs(reader, wf, at, then, (w.run, w.run_ts))


def _cut_jobs(reader: Reader, wf: Workflow, at: float, then: Counted, run: tuple[int, float | None]) -> None:
    tries: dict[int, list[tuple[int, int, bool, bool]]] = {}
    for instance, job_id, of_run, first, end in reader.iterate(
        """SELECT i.job_instance_id, i.job_id, coalesce(i.restart_count, 0), min(s.timestamp), max(s.timestamp)
           FROM job j JOIN job_instance i ON i.job_id = j.job_id
           LEFT JOIN jobstate s ON s.job_instance_id = i.job_instance_id
           WHERE j.wf_id = ? GROUP BY i.job_instance_id ORDER BY i.job_submit_seq""",
        (wf.wf_id,),
    ):
        begun = first is not None and first <= at
        tries.setdefault(job_id, []).append((instance, of_run, begun, begun and end <= at))
    jobs: list[tuple[object, ...]] = []
    instances: list[tuple[object, ...]] = []
    now: str
    for job_id, name, now, used_now, post in reader.rows(
        "SELECT job_id, exec_job_id, node_state, attempts_in_run, post_script IS NOT NULL FROM job WHERE wf_id = ?",
        (wf.wf_id,),
    ):
        own = tries.get(job_id, [])
        state, used = then.states.get(name, now), then.used.get(name, used_now)
        if (state, used) == (now, used_now) and all(whole for _, _, _, whole in own):
            continue
        begun = [(instance, of_run) for instance, of_run, has_begun, _ in own if has_begun]
        last = begun[-1][0] if begun else None
        if last is not None and (begun[-1][1] == run[0] or state not in ("ready", "unready", "futile")):
            since = node_since(reader, last, at, state, bool(post))
        else:
            since = run[1] if state == "unready" and run[0] else None
        jobs.append((job_id, state, since, None, len(begun), used, last))
        for instance, _, has_begun, whole in own:
            if not whole:
                told = told_by(reader, instance, at, bool(post)) if has_begun else Instance()
                instances.append((instance, *(told.columns.get(c) for c in TOLD), has_begun, told.main_over))
    _put(reader, "job", jobs)
    _put(reader, "job_instance", instances)


def _put(reader: Reader, table: str, rows: list[tuple[object, ...]]) -> None:
    if rows:
        reader.scratch(f"INSERT INTO temp.past_{table} VALUES ({', '.join('?' * len(rows[0]))})", rows)
