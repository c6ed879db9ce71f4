"""How far a workflow and everything below it is."""

from __future__ import annotations

import msgspec

from stampede.model.states import ENDED
from stampede.query.past import as_it_stood
from stampede.query.workflows import Workflow, forest
from stampede.store.reader import Reader


class Nodes(msgspec.Struct):
    """Nodes by state, as DAGMan counts them (service nodes are not nodes)."""

    total: int = 0
    done: int = 0
    failed: int = 0
    futile: int = 0
    ready: int = 0
    unready: int = 0
    pre: int = 0
    queued: int = 0
    post: int = 0


class Attempts(msgspec.Struct):
    """What was tried: jobs handed to HTCondor, executions begun, holds, evictions, tries in all and failed ones."""

    submits: int = 0
    executes: int = 0
    holds: int = 0
    evictions: int = 0
    tries: int = 0
    failed: int = 0


class WorkflowStatus(msgspec.Struct, kw_only=True):
    """One workflow's state. Times are epoch seconds; ``duration_s`` from its first to its last record."""

    wf_uuid: str
    parent_wf_uuid: str | None
    parent_job: str | None
    label: str | None
    dag: str | None
    submit_dir: str | None
    state: str
    reason: str | None
    halted: bool
    restart_count: int
    nodes: Nodes
    attempts: Attempts
    running: int
    idle: int
    held: int
    started_ts: float | None
    last_ts: float | None
    duration_s: float | None
    problems: int

    @property
    def percent_done(self) -> float:
        if not self.nodes.total:
            return 100.0 if self.state == "success" else 0.0
        return 100.0 * self.nodes.done / self.nodes.total


_NODES = ("total", "done", "failed", "futile", "ready", "unready", "pre", "queued", "post")


def status(reader: Reader, root: Workflow, *, at: float | None = None) -> list[WorkflowStatus]:
    """A root workflow and all below it, parents first; ``at`` (epoch seconds) as it stood at that time."""
    with as_it_stood(reader, [root], at) as roots:
        return [status_of_one(reader, wf) for found in roots for wf in forest(reader, found)]


def status_of_one(reader: Reader, wf: Workflow) -> WorkflowStatus:
    """How a workflow stands, without those below it."""
    row = reader.one(
        f"SELECT {', '.join(_NODES)}, submits, executes, holds, evictions, attempts, attempts_failed, problems, "
        "reported_nodes FROM workflow_summary WHERE wf_id = ?",
        (wf.wf_id,),
    ) or (0,) * 16 + (None,)
    nodes = Nodes(*row[:9])
    attempts = Attempts(*row[9:15])
    state, reason, last = wf.state, wf.state_reason, wf.last_ts
    running = idle = held = 0
    if state in ENDED and row[16]:
        # the engine's own last word, where it says so: it counts what nobody else sees
        reported = msgspec.json.decode(row[16])
        nodes = Nodes(**{k: reported[k] for k in _NODES if reported.get(k) is not None})
    elif state == "running":
        running, idle, held = _in_queue(reader, wf)
    first = wf.first_ts
    return WorkflowStatus(
        wf_uuid=wf.wf_uuid, parent_wf_uuid=wf.parent_wf_uuid, parent_job=wf.parent_job, label=wf.label, dag=wf.dag,
        submit_dir=wf.found_dir or wf.submit_dir, state=state, reason=reason,
        halted=state == "running" and _is_halted(reader, wf), restart_count=wf.restart_count, nodes=nodes,
        attempts=attempts, running=running, idle=idle, held=held, started_ts=first, last_ts=last,
        duration_s=last - first if first is not None and last is not None else None, problems=row[15],
    )  # fmt: skip


#: states in which a job runs on a machine
EXECUTING = frozenset({"EXECUTE", "JOB_UNSUSPENDED", "JOB_RECONNECTED", "REMOTE_ERROR"})
_EXECUTING = f"({', '.join(repr(s) for s in sorted(EXECUTING))})"


def _in_queue(reader: Reader, wf: Workflow) -> tuple[int, int, int]:
    """Jobs in the queue that run, wait and are held."""
    row = reader.one(
        f"""SELECT sum(i.state IN {_EXECUTING}), sum(i.state = 'JOB_HELD'), count(*)
            FROM job j JOIN job_instance i ON i.job_instance_id = j.last_job_instance_id
            WHERE j.wf_id = ? AND j.node_state = 'queued' AND i.outcome IS NULL""",
        (wf.wf_id,),
    )
    running, held, total = (row[0] or 0, row[1] or 0, row[2] or 0) if row else (0, 0, 0)
    return running, total - running - held, held


def _is_halted(reader: Reader, wf: Workflow) -> bool:
    row = reader.one(
        "SELECT state FROM workflow_event WHERE wf_id = ? AND state IN ('halted', 'resumed') "
        "AND restart_count = ? ORDER BY ts DESC, state DESC LIMIT 1",
        (wf.wf_id, wf.restart_count),
    )
    return row is not None and row[0] == "halted"
