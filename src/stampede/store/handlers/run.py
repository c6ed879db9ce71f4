"""What is told of the engine's runs: starts, ends, states and the node table it prints."""

from __future__ import annotations

import json

import msgspec

from stampede.events import catalogue as ev
from stampede.store import nodes
from stampede.store.entities import Workflow
from stampede.store.handlers.handler import Handlers
from stampede.store.workingset import WorkingSet


def xwf_start(db: WorkingSet, e: ev.XwfStart) -> None:
    """The engine starts; whether it goes on or begins anew decides what becomes of the nodes."""
    wf = db.workflow(e.xwf_id)
    if _known_start(db, wf, e):
        return
    if not e.restart_count:
        db.flush()
        gone = db.connection.execute("DELETE FROM problem WHERE wf_id = ? AND kind = 'not_started'", (wf.wf_id,))
        wf.counts["problems"] -= gone.rowcount
    wf.see(e.ts)
    wf.declaring = False
    reset = e.reset or ("incomplete" if e.restart_count else "keep")
    if reset != "keep":
        db.flush()
        nodes.reset(db.connection, wf, everything=reset == "all", ts=e.ts)
    wf.state = "running"
    wf.restart_count = e.restart_count
    wf.dirty = True
    db.rows.workflowstate.append((wf.wf_id, "WORKFLOW_STARTED", e.ts or 0, e.restart_count, None, e.reason))
    db.connection.execute(
        "UPDATE workflow SET state_ts = ?, state_reason = NULL, exit_status = NULL, "
        "dagman_id = coalesce(?, dagman_id), dagman_version = coalesce(?, dagman_version), "
        "dagman_pid = coalesce(?, dagman_pid) WHERE wf_id = ?",
        (e.ts, e.dagman_id, e.dagman_version, e.pid, wf.wf_id),
    )
    db.connection.execute("UPDATE workflow_summary SET reported_nodes = NULL WHERE wf_id = ?", (wf.wf_id,))
    if e.rescue:
        db.rows.workflow_event.append(
            (wf.wf_id, e.ts or 0, "rescue_read", str(e.rescue), "The run goes on from a rescue DAG.", e.restart_count)
        )


def _known_start(db: WorkingSet, wf: Workflow, e: ev.XwfStart) -> bool:
    """Whether this very start was loaded before (a stream that is sent twice must not reset the nodes)."""
    row = db.connection.execute(
        "SELECT 1 FROM workflowstate WHERE wf_id = ? AND state = 'WORKFLOW_STARTED' AND timestamp = ? "
        "AND restart_count = ?",
        (wf.wf_id, e.ts or 0, e.restart_count),
    ).fetchone()
    return row is not None


def xwf_end(db: WorkingSet, e: ev.XwfEnd) -> None:
    """The engine ends, and with it the workflow unless a later run is known."""
    wf = db.workflow(e.xwf_id)
    wf.see(e.ts)
    status = None if e.exit_unknown else e.status
    db.rows.workflowstate.append((wf.wf_id, "WORKFLOW_TERMINATED", e.ts or 0, e.restart_count, status, e.reason))
    if e.restart_count < wf.restart_count:
        return
    wf.state = e.outcome or _outcome(wf, status)
    wf.dirty = True
    db.connection.execute(
        "UPDATE workflow SET state_ts = ?, state_reason = ?, exit_status = ? WHERE wf_id = ?",
        (e.ts, e.reason, status, wf.wf_id),
    )


def _outcome(wf: Workflow, status: int | None) -> str:
    """How a run ended by the exit status of its engine, else by its nodes."""
    if status is None:
        return "success" if wf.counts["done"] == wf.counts["total"] else "failed"
    return "success" if status == 0 else "removed" if status == 2 else "failed"


#: what happens before the engine runs is no part of its time
_BEFORE = frozenset({"dagman_submitted", "dagman_executing"})


def xwf_state(db: WorkingSet, e: ev.XwfState) -> None:
    """Something happened to the run; a lost engine or one just submitted is a state of the workflow."""
    wf = db.workflow(e.xwf_id)
    if e.state == "seen":
        # the engine's log goes on although nothing happened; before it says that it begins this is no part of its time
        if wf.first_ts is not None and e.ts is not None:
            wf.see(max(e.ts, wf.first_ts))
        if wf.state == "unstarted" and wf.counts["attempts"]:  # its start may not have been told, but its tries
            wf.state = "running"
            wf.dirty = True
        return
    if e.state not in _BEFORE:
        wf.see(e.ts)
    count = wf.restart_count if e.restart_count is None else e.restart_count
    db.rows.workflow_event.append((wf.wf_id, e.ts or 0, e.state, e.value or "", e.reason, count))
    new = {("running", "lost"): "lost", ("unstarted", "dagman_submitted"): "running"}.get((wf.state, e.state))
    if new is not None:
        wf.state = new
        wf.dirty = True
        db.connection.execute(
            "UPDATE workflow SET state_ts = ?, state_reason = ? WHERE wf_id = ?", (e.ts, e.reason, wf.wf_id)
        )


def xwf_nodes(db: WorkingSet, e: ev.XwfNodes) -> None:
    """DAGMan's own count of nodes, kept beside ours."""
    wf = db.workflow(e.xwf_id)
    wf.see(e.ts)
    db.connection.execute(
        "INSERT INTO workflow_summary(wf_id, reported_nodes) VALUES (?, ?) "
        "ON CONFLICT(wf_id) DO UPDATE SET reported_nodes = excluded.reported_nodes",
        (wf.wf_id, _table_json(e)),
    )


def _table_json(e: ev.XwfNodes) -> str:
    """DAGMan's node table as it is stored in ``workflow_summary.reported_nodes``."""
    return json.dumps({k: v for k, v in msgspec.structs.asdict(e).items() if v is not None and k != "extra"})


HANDLERS: Handlers = {
    ev.XwfStart: xwf_start,
    ev.XwfEnd: xwf_end,
    ev.XwfState: xwf_state,
    ev.XwfNodes: xwf_nodes,
}
