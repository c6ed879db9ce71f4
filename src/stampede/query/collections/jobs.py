"""The collections of the plan and how it stands: jobs, tasks, and the edges between them."""

from __future__ import annotations

from typing import Final

import msgspec

from stampede.model.exits import Exit
from stampede.model.states import NODE_STATES
from stampede.query.collections.column import AMONG, Collection, Column, Shelf
from stampede.query.collections.parts import (
    DURATION,
    EXECUTING,
    JOBSTATES,
    OUTCOMES,
    PATH,
    TRANSFORMATION,
    WORKFLOW,
)
from stampede.store import partial


class JobItem(msgspec.Struct, kw_only=True):
    """A job (node of the executable workflow) and how its last try stands."""

    wf_uuid: str
    workflow: str | None
    name: str
    path: str
    type: str
    node_type: str
    transformation: str | None
    tasks: int
    state: str
    word: str
    state_ts: float | None
    reason: str | None
    attempts: int
    max_retries: int
    last_state: str | None
    outcome: str | None
    exit: Exit | None
    site: str | None
    slot: str | None
    hostname: str | None
    submit_ts: float | None
    execute_ts: float | None
    end_ts: float | None
    duration_s: float | None
    priority: int | None
    category: str | None


_STATES: Final = (*NODE_STATES, "service")
_IN_QUEUE: Final = {"running": "queued", "idle": "queued", "held": "queued"}

JOBS: Final = Collection(
    name="jobs",
    item=JobItem,
    note="Jobs: the nodes of executable workflows. Where, when and how long is that of the last try.",
    columns=(
        *WORKFLOW,
        Column(name="name", sql="j.exec_job_id", kind="text", nullable=False, searched=True, walk_one=True,
               walk_all=True, named=True, note="name of the node"),
        Column(name="path", sql=PATH, kind="text", nullable=False, sortable=False, filterable=False,
               note="name after those of the workflows it lies in, from the root: inner/work"),
        Column(name="type", sql="j.type_desc", kind="text", nullable=False,
               note="what the planner made it for: compute, stage-in-tx, cleanup, dax ..."),
        Column(name="node_type", sql="j.node_type", kind="text", nullable=False,
               note="what it is for DAGMan: job, final, provisioner, service, subdag"),
        Column(name="transformation", sql=TRANSFORMATION, kind="text", note="what it runs"),
        Column(name="tasks", sql="j.task_count", kind="integer", nullable=False, note="tasks that it carries out"),
        Column(name="state", sql="j.node_state", kind="text", words=_STATES, nullable=False, walk_one=True,
               unless=dict.fromkeys(_IN_QUEUE, "word"), note="state of the node, as DAGMan counts"),
        Column(name="word", sql="CASE WHEN j.node_state <> 'queued' OR i.outcome IS NOT NULL THEN j.node_state "
                                f"WHEN i.state = 'JOB_HELD' THEN 'held' WHEN i.state IN {EXECUTING} THEN 'running' "
                                "ELSE 'idle' END",
               kind="text", words=(*_STATES, *_IN_QUEUE), within=("state", _IN_QUEUE), nullable=False,
               note="its state, with what runs, waits and is held in HTCondor's queue told apart"),
        Column(name="state_ts", sql="coalesce(i.state_ts, j.node_state_ts)", kind="time", note="since when"),
        Column(name="reason", sql="CASE WHEN i.state = 'JOB_HELD' THEN i.hold_reason "
                                  "ELSE coalesce(j.node_state_reason, i.remove_reason) END",
               kind="text", note="why it is held, was removed, or is in that state"),
        Column(name="attempts", sql="j.attempts", kind="integer", nullable=False, note="tries"),
        Column(name="max_retries", sql="j.max_retries", kind="integer", nullable=False, note="retries that it has"),
        Column(name="last_state", sql="i.state", kind="text", words=JOBSTATES, note="state of its last try"),
        Column(name="outcome", sql="i.outcome", kind="text", words=OUTCOMES,
               note="how its last try ended; null while it lasts"),
        Column(name="exit", sql="CASE WHEN NOT coalesce(i.exit_unknown, 0) THEN i.exitcode END", kind="exit",
               note="exit of its last try: a code, or the name of a signal"),
        Column(name="site", sql="i.site", kind="text", note="site of its last try"),
        Column(name="slot", sql="i.slot", kind="text", note="slot of its last try"),
        Column(name="hostname", sql="nullif(h.hostname, 'unknown')", kind="text", note="host of its last try"),
        Column(name="submit_ts", sql="i.submit_ts", kind="time", note="when that was submitted"),
        Column(name="execute_ts", sql="i.execute_ts", kind="time", walk=True, note="when it was started (last)"),
        Column(name="end_ts", sql="i.end_ts", kind="time", walk=True, note="when it ended on its machine"),
        Column(name="duration_s", sql=DURATION, kind="number", walk=True, note="how long it ran there"),
        Column(name="priority", sql="j.priority", kind="integer", note="priority of the node"),
        Column(name="category", sql="j.category", kind="text", note="category of the node"),
    ),
    source="job j LEFT JOIN workflow w ON w.wf_id = j.wf_id "
           "LEFT JOIN job_instance i ON i.job_instance_id = j.last_job_instance_id "
           "LEFT JOIN host h ON h.host_id = i.host_id",
    walk="job_instance i CROSS JOIN job j ON j.job_id = i.job_id AND j.last_job_instance_id = i.job_instance_id "
         "LEFT JOIN workflow w ON w.wf_id = j.wf_id LEFT JOIN host h ON h.host_id = i.host_id",
    scope="j.wf_id",
    key=("j.job_id",),
    sort="name",
    search=(f"j.job_id IN (SELECT job_id FROM job_instance WHERE {AMONG}{partial.FAILED} "
            r"AND (stderr_text LIKE ? ESCAPE '\' OR stdout_text LIKE ? ESCAPE '\'))",),
    size="total",
    text=True,
    shelf=Shelf(
        index="job_duration_idx", equal="transformation", sort="duration_s",
        sql={"transformation": "j.transformation", "duration_s": "j.duration_s"},
        unless="SELECT 1 FROM job j WHERE j.wf_id = ? AND j.transformation IS NULL AND j.duration_s IS NOT NULL "
               "AND EXISTS (SELECT 1 FROM task t WHERE t.job_id = j.job_id) LIMIT 1",
    ),
)  # fmt: skip


class TaskItem(msgspec.Struct, kw_only=True):
    """A task (abstract job of the workflow description) and the job that carries it out."""

    wf_uuid: str
    workflow: str | None
    name: str
    transformation: str
    arguments: str | None
    type: str
    job: str | None
    state: str | None


TASKS: Final = Collection(
    name="tasks",
    item=TaskItem,
    note="Tasks of the workflow description, and the jobs that carry them out.",
    columns=(
        *WORKFLOW,
        Column(name="name", sql="t.abs_task_id", kind="text", nullable=False, searched=True, walk_one=True,
               note="id of the task"),
        Column(name="transformation", sql="t.transformation", kind="text", nullable=False, searched=True,
               note="what it runs"),
        Column(name="arguments", sql="t.argv", kind="text", note="with which arguments"),
        Column(name="type", sql="t.type_desc", kind="text", nullable=False, note="compute, dax, dag"),
        Column(name="job", sql="j.exec_job_id", kind="text", note="the job that carries it out"),
        Column(name="state", sql="j.node_state", kind="text", words=_STATES, note="state of that job"),
    ),
    source="task t LEFT JOIN workflow w ON w.wf_id = t.wf_id LEFT JOIN job j ON j.job_id = t.job_id",
    scope="t.wf_id",
    key=("t.task_id",),
    sort="name",
    size="total",
)  # fmt: skip


class EdgeItem(msgspec.Struct, kw_only=True):
    """One waits for another: jobs in ``edges``, tasks in ``task_edges``."""

    wf_uuid: str
    workflow: str | None
    parent: str
    child: str


def _edges(name: str, table: str, column: str, note: str) -> Collection:
    return Collection(
        name=name,
        item=EdgeItem,
        note=note,
        columns=(
            *WORKFLOW,
            Column(name="parent", sql=f"e.parent_{column}", kind="text", nullable=False, note="what comes first"),
            Column(name="child", sql=f"e.child_{column}", kind="text", nullable=False, note="what waits for it"),
        ),
        source=f"{table} e LEFT JOIN workflow w ON w.wf_id = e.wf_id",
        scope="e.wf_id",
        key=("e.wf_id", f"e.parent_{column}", f"e.child_{column}"),
        size="total",
    )


EDGES: Final = _edges("edges", "job_edge", "exec_job_id", "Edges between jobs of executable workflows.")
TASK_EDGES: Final = _edges("task_edges", "task_edge", "abs_task_id", "Edges between tasks of workflow descriptions.")
