"""All workflows at a glance, and the jobs of a forest page by page: what a screen that is drawn again and again asks.

The cost of a glance is that of a handful of questions, however many sub-workflows there are; the cost of a page that of
its rows. Numbers are those of :func:`stampede.query.status.status`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final, Literal

import msgspec

from stampede.model.exits import Exit, from_raw
from stampede.model.states import ENDED
from stampede.query.status import EXECUTING, Attempts, Nodes, WorkflowStatus
from stampede.query.workflows import Workflow, find
from stampede.store.reader import Reader

#: roots shown of a database when nobody names one
MOST_ROOTS: Final = 500

_EXECUTING = f"({', '.join(repr(s) for s in sorted(EXECUTING))})"
_NODES = Nodes.__struct_fields__
_COUNTS = ("submits", "executes", "holds", "evictions", "attempts", "attempts_failed", "problems")


class Glance(msgspec.Struct, kw_only=True):
    """How a workflow stands, and one example of each kind of bad news: the hold reason of a held job, why it is halted,
    the job that failed last (with how it ended)."""

    wf_id: int
    status: WorkflowStatus
    hold_reason: str | None = None
    halt_reason: str | None = None
    #: why the job that runs the engine is held, while it is
    engine_hold: str | None = None
    failed_job: str | None = None
    failed_exit: Exit | None = None
    failed_reason: str | None = None


def watched_roots(reader: Reader, names: Sequence[str] = (), *, limit: int = MOST_ROOTS) -> tuple[list[int], int]:
    """Keys of the workflows that the names mean, and how many more there are than ``limit``.

    Without names the roots of the database: those that have not ended first, then the newest. Raises
    UnknownWorkflowError for a name that means nothing.
    """
    if names:
        found: list[Workflow] = [w for name in names for w in find(reader, name)]
        return list(dict.fromkeys(w.wf_id for w in found)), 0
    ended = ", ".join(repr(s) for s in sorted(ENDED))
    rows = reader.rows(
        f"SELECT wf_id, count(*) OVER () FROM workflow WHERE parent_wf_id IS NULL "
        f"ORDER BY coalesce(state, 'unstarted') IN ({ended}), coalesce(first_ts, timestamp) DESC, wf_id DESC "
        f"LIMIT {int(limit)}"
    )
    return [r[0] for r in rows], rows[0][1] - len(rows) if rows else 0


def overview(reader: Reader, roots: Sequence[int]) -> list[Glance]:
    """The workflows with these keys and everything below them, in the order in which they were met."""
    listed = msgspec.json.encode(list(roots)).decode()
    found = {s.wf_id: s for s in (_glance(row) for row in reader.rows(_FOREST, (listed,)))}
    running = [wf_id for wf_id, s in found.items() if s.status.state == "running"]
    if running:
        _add_queue(reader, found, running)
        _add_halts(reader, found, running)
        _add_engine_holds(reader, found, running)
    _add_failures(reader, found, [wf_id for wf_id, s in found.items() if s.status.nodes.failed])
    return list(found.values())


_FOREST = f"""
WITH RECURSIVE below(id) AS (
    SELECT CAST(value AS INTEGER) FROM json_each(?)
    UNION SELECT w.wf_id FROM workflow w JOIN below b ON w.parent_wf_id = b.id)
SELECT w.wf_id, w.wf_uuid, p.wf_uuid, w.parent_exec_job_id, w.dax_label, w.dag_file_name,
       coalesce(w.found_dir, w.submit_dir), coalesce(w.state, 'unstarted'), w.state_reason,
       coalesce(w.restart_count, 0), w.first_ts, w.last_ts, s.reported_nodes,
       {", ".join(f"coalesce(s.{c}, 0)" for c in (*_NODES, *_COUNTS))}
FROM below b JOIN workflow w ON w.wf_id = b.id LEFT JOIN workflow p ON p.wf_id = w.parent_wf_id
LEFT JOIN workflow_summary s ON s.wf_id = w.wf_id ORDER BY w.wf_id
"""


def _glance(row: tuple[Any, ...]) -> Glance:
    wf_id, uuid, parent, parent_job, label, dag, folder, state, reason, restarts, first, last, reported = row[:13]
    nodes = Nodes(*row[13:22])
    if reported and state in ENDED:
        told = msgspec.json.decode(reported)
        nodes = Nodes(**{k: told[k] for k in _NODES if told.get(k) is not None})
    status = WorkflowStatus(
        wf_uuid=uuid, parent_wf_uuid=parent, parent_job=parent_job, label=label, dag=dag, submit_dir=folder,
        state=state, reason=reason, halted=False, restart_count=restarts, nodes=nodes, attempts=Attempts(*row[22:28]),
        running=0, idle=0, held=0, started_ts=first, last_ts=last,
        duration_s=last - first if first is not None and last is not None else None, problems=row[28],
    )  # fmt: skip
    return Glance(wf_id=wf_id, status=status)


def _add_queue(reader: Reader, found: dict[int, Glance], running: list[int]) -> None:
    """Jobs in HTCondor's queue by what they do there."""
    for wf_id, executing, held, total, reason in reader.rows(
        f"""SELECT j.wf_id, sum(i.state IN {_EXECUTING}), sum(i.state = 'JOB_HELD'), count(*),
                   max(CASE WHEN i.state = 'JOB_HELD' THEN i.hold_reason END)
            FROM job j JOIN job_instance i ON i.job_instance_id = j.last_job_instance_id
            WHERE j.wf_id IN ({_list(running)}) AND j.node_state = 'queued' AND i.outcome IS NULL GROUP BY j.wf_id"""
    ):
        one = found[wf_id]
        one.status.running, one.status.held = executing or 0, held or 0
        one.status.idle = total - one.status.running - one.status.held
        one.hold_reason = reason


def _add_halts(reader: Reader, found: dict[int, Glance], running: list[int]) -> None:
    rows = reader.rows(
        f"""SELECT e.wf_id, e.state, e.reason FROM workflow_event e JOIN workflow w ON w.wf_id = e.wf_id
            WHERE e.wf_id IN ({_list(running)}) AND e.state IN ('halted', 'resumed')
              AND e.restart_count = coalesce(w.restart_count, 0) ORDER BY e.ts, e.state"""
    )
    for wf_id, state, reason in rows:  # the last word of each is what counts
        found[wf_id].status.halted = state == "halted"
        found[wf_id].halt_reason = reason if state == "halted" else None


def _add_engine_holds(reader: Reader, found: dict[int, Glance], running: list[int]) -> None:
    rows = reader.rows(
        f"""SELECT wf_id, state, reason FROM workflow_event WHERE wf_id IN ({_list(running)})
            AND state IN ('held', 'released', 'dagman_submitted', 'dagman_executing') ORDER BY ts, state"""
    )
    for wf_id, state, reason in rows:
        found[wf_id].engine_hold = (reason or "no reason given") if state == "held" else None


def _add_failures(reader: Reader, found: dict[int, Glance], failed: list[int]) -> None:
    """The job of each workflow that failed last (SQLite takes bare columns from the row that has the maximum)."""
    for wf_id, job, reason, code, unknown, _ in reader.rows(
        f"""SELECT j.wf_id, j.exec_job_id, j.node_state_reason, i.exitcode, i.exit_unknown,
                   max(coalesce(j.node_state_ts, 0))
            FROM job j LEFT JOIN job_instance i ON i.job_instance_id = j.last_job_instance_id
            WHERE j.wf_id IN ({_list(failed)}) AND j.node_state = 'failed' AND j.node_type <> 'service'
            GROUP BY j.wf_id"""
    ):
        one = found[wf_id]
        one.failed_job, one.failed_reason = job, reason
        one.failed_exit = None if code is None or unknown else from_raw(code)


def done_since(reader: Reader, workflows: Iterable[int], since_ts: float) -> dict[int, int]:
    """How many nodes of each workflow became done since then. Reads all nodes that are done."""
    rows = reader.rows(
        f"SELECT wf_id, count(*) FROM job WHERE wf_id IN ({_list(workflows)}) AND node_state = 'done' "
        "AND node_state_ts >= ? AND node_type <> 'service' GROUP BY wf_id",
        (since_ts,),
    )
    return dict(rows)


def _list(ids: Iterable[int]) -> str:
    return ", ".join(str(int(i)) for i in ids)


# ---- jobs, page by page ---------------------------------------------------------------------------------------------

Kind = Literal["all", "failing", "held", "running", "idle"]
Sort = Literal["name", "state", "tries", "started", "took", "ended"]
Key = tuple[Any, ...]

_QUEUED = "j.node_state = 'queued' AND i.outcome IS NULL"
#: which jobs a list holds; those of the queue as ``status`` counts them
_KINDS: Final[dict[Kind, str]] = {
    "all": "",
    "failing": "j.node_state IN ('failed', 'pre', 'queued', 'post', 'ready') "
               "AND (j.node_state = 'failed' OR j.attempts_in_run > 0 OR i.outcome = 'failed')",
    "held": f"{_QUEUED} AND i.state = 'JOB_HELD'",
    "running": f"{_QUEUED} AND i.state IN {_EXECUTING}",
    "idle": f"{_QUEUED} AND coalesce(i.state, '') NOT IN ('JOB_HELD', {_EXECUTING[1:]}",
}  # fmt: skip
#: by what a list is sorted: expressions that together name one job, and whether the largest comes first
_SORTS: Final[dict[Sort, tuple[tuple[str, ...], bool]]] = {
    "name": (("j.wf_id", "j.exec_job_id"), False),
    "state": (("j.node_state", "j.job_id"), False),
    "tries": (("j.attempts", "j.job_id"), True),
    "started": (("coalesce(i.execute_ts, -1)", "j.job_id"), True),
    "took": (("coalesce(i.local_duration, i.end_ts - i.execute_ts, -1)", "j.job_id"), True),
    "ended": (("coalesce(i.end_ts, -1)", "j.job_id"), True),
}
SORTS: Final = tuple(_SORTS)


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which jobs, in which order: of these workflows (keys), of a kind, with ``text`` in their names (``*`` and ``?``
    match anything)."""

    workflows: tuple[int, ...]
    kind: Kind = "all"
    text: str = ""
    sort: Sort = "name"


class JobLine(msgspec.Struct, kw_only=True):
    """A job and how its last try stands, since ``state_ts``. ``key`` is its place in the order that was asked for.
    Times are epoch seconds."""

    key: Key
    job_id: int
    wf_id: int
    job: str
    type: str
    node_type: str
    state: str
    attempts: int
    max_retries: int
    last_state: str | None
    outcome: str | None
    exit: Exit | None
    site: str | None
    slot: str | None
    submit_ts: float | None
    execute_ts: float | None
    end_ts: float | None
    duration_s: float | None
    state_ts: float | None
    reason: str | None

    @property
    def word(self) -> str:
        """Its state in a word, with what waits, runs and is held in HTCondor's queue told apart."""
        if self.state != "queued" or self.outcome is not None:
            return self.state
        if self.last_state == "JOB_HELD":
            return "held"
        return "running" if self.last_state in EXECUTING else "idle"


def count_jobs(reader: Reader, wanted: Wanted) -> int:
    """How many jobs that are."""
    source, where, values = _chosen(wanted)
    row = reader.one(f"SELECT count(*) FROM {source} WHERE {where}", values)
    return int(row[0]) if row else 0


def jobs_page(
    reader: Reader, wanted: Wanted, *, after: Key | None = None, before: Key | None = None, offset: int = 0,
    limit: int = 100,
) -> list[JobLine]:  # fmt: skip
    """A page of jobs: those that follow the key ``after`` or come right before ``before``; ``offset`` skips some."""
    names, descending = _order(wanted)
    source, where, values = _chosen(wanted, sorted_by=names)
    turned = before is not None
    edge = before if before is not None else after
    if edge is not None:
        where += f" AND ({', '.join(names)}) {'<' if descending != turned else '>'} ({', '.join('?' * len(names))})"
        values += edge
    order = ", ".join(f"{name} {'DESC' if descending != turned else 'ASC'}" for name in names)
    ids = [r[0] for r in reader.rows(
        f"SELECT j.job_id FROM {source} WHERE {where} ORDER BY {order} LIMIT {int(limit)} OFFSET {int(offset)}", values
    )]  # fmt: skip
    lines = {line.job_id: line for line in (_line(row, len(names)) for row in reader.rows(
        f"SELECT {', '.join(names)}, {_LINE} FROM job j LEFT JOIN job_instance i "
        f"ON i.job_instance_id = j.last_job_instance_id WHERE j.job_id IN ({_list(ids)})"
    ))}  # fmt: skip
    return [lines[i] for i in (reversed(ids) if turned else ids)]


def _order(wanted: Wanted) -> tuple[tuple[str, ...], bool]:
    """What tells where a job stands in the list, in words that make SQLite take the index that fits."""
    names, descending = _SORTS[wanted.sort]
    if wanted.sort == "name" and len(wanted.workflows) == 1:
        names = names[1:]  # the index of names is entered at the key
    if wanted.kind != "all":
        names = tuple(f"+{name}" for name in names)  # few jobs: found by their states, then sorted
    return names, descending


_LINE = """
j.job_id, j.wf_id, j.exec_job_id, j.type_desc, j.node_type, j.node_state, j.attempts, j.max_retries, i.state, i.outcome,
CASE WHEN NOT coalesce(i.exit_unknown, 0) THEN i.exitcode END, i.site, i.slot, i.submit_ts, i.execute_ts, i.end_ts,
coalesce(i.local_duration, i.end_ts - i.execute_ts), coalesce(i.state_ts, j.node_state_ts),
CASE WHEN i.state = 'JOB_HELD' THEN i.hold_reason ELSE coalesce(j.node_state_reason, i.remove_reason) END
"""


def _chosen(wanted: Wanted, *, sorted_by: tuple[str, ...] = ()) -> tuple[str, str, list[Any]]:
    """Tables, condition and values. The last tries are joined only where they are asked for: a list of all jobs by name
    is read from an index alone."""
    where, values = [f"j.wf_id IN ({_list(wanted.workflows)})"], []
    if _KINDS[wanted.kind]:
        where.append(_KINDS[wanted.kind])
    if wanted.text:
        pattern = any(c in wanted.text for c in "*?")
        where.append("lower(j.exec_job_id) GLOB ?" if pattern else "instr(lower(j.exec_job_id), ?)")
        values.append(wanted.text.lower())
    joined = "i." in " ".join((*where, *sorted_by))
    tries = " LEFT JOIN job_instance i ON i.job_instance_id = j.last_job_instance_id" if joined else ""
    return f"job j{tries}", " AND ".join(where), values


def _line(row: tuple[Any, ...], keys: int) -> JobLine:
    values = dict(zip(JobLine.__struct_fields__[1:], row[keys:], strict=True))
    if values["exit"] is not None:
        values["exit"] = from_raw(values["exit"])
    return JobLine(key=row[:keys], **values)
