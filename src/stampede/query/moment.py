"""How things stood at a time: node states and counts from the history of job states, by the loader's own rules."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from stampede.model.states import after_attempt, node_state_of, rank
from stampede.query.workflows import Workflow
from stampede.store.sqlite import Reader

N = TypeVar("N")
A = TypeVar("A")

_OK = {"POST_SCRIPT_SUCCESS", "JOB_SUCCESS"}
_BAD = {"POST_SCRIPT_FAILED", "JOB_FAILURE", "PRE_SCRIPT_FAILED", "SUBMIT_FAILED"}


def state_at(reader: Reader, wf: Workflow, at: float) -> tuple[str, str | None, float | None]:
    """State, reason and last record of a workflow at a time."""
    row = reader.one(
        "SELECT state, status, reason, timestamp FROM workflowstate WHERE wf_id = ? AND timestamp <= ? "
        "ORDER BY timestamp DESC, restart_count DESC, state DESC LIMIT 1",
        (wf.wf_id, at),
    )
    if row is None:
        return "unstarted", None, None
    if row[0] == "WORKFLOW_STARTED":
        return "running", None, at
    if row[3] == (wf.last_ts or 0) or wf.restart_count == 0:
        return wf.state, row[2], row[3]
    return {0: "success", 2: "removed", 3: "running"}.get(row[1], "failed"), row[2], row[3]


def nodes_at(
    reader: Reader, wf: Workflow, at: float, nodes: Callable[..., N], attempts: Callable[..., A]
) -> tuple[N, A]:
    """Counts of nodes by state and of attempts at a time."""
    tries: dict[int, list[tuple[int, list[tuple[str, float, int]]]]] = {}
    counts = dict.fromkeys(("submits", "executes", "holds", "evictions", "tries", "failed"), 0)
    current = -1
    for job_id, instance, seq, state, ts, number in reader.iterate(
        """SELECT i.job_id, i.job_instance_id, i.job_submit_seq, s.state, s.timestamp, s.jobstate_submit_seq
           FROM jobstate s JOIN job_instance i ON i.job_instance_id = s.job_instance_id
           JOIN job j ON j.job_id = i.job_id WHERE j.wf_id = ? AND s.timestamp <= ? ORDER BY i.job_instance_id""",
        (wf.wf_id, at),
    ):
        name = _COUNTED.get(state)
        if name is not None:
            counts[name] += 1
        if instance != current:
            current = instance
            tries.setdefault(job_id, []).append((seq, []))
            counts["tries"] += 1
        tries[job_id][-1][1].append((state, ts, number))
    states = _node_states(reader, wf, tries, counts)
    by_state = dict.fromkeys(("done", "failed", "futile", "ready", "unready", "pre", "queued", "post"), 0)
    for state in states.values():
        by_state[state] += 1
    return nodes(total=len(states), **by_state), attempts(**counts)


_COUNTED = {"SUBMIT": "submits", "EXECUTE": "executes", "JOB_HELD": "holds", "JOB_EVICTED": "evictions"}


def _node_states(
    reader: Reader,
    wf: Workflow,
    tries: dict[int, list[tuple[int, list[tuple[str, float, int]]]]],
    counts: dict[str, int],
) -> dict[str, str]:
    states: dict[str, str] = {}
    for job_id, name, retries, post in reader.iterate(
        "SELECT job_id, exec_job_id, max_retries, post_script IS NOT NULL FROM job "
        "WHERE wf_id = ? AND node_type <> 'service'",
        (wf.wf_id,),
    ):
        states[name] = _node_state(sorted(tries.get(job_id, ())), retries or 0, bool(post), counts)
    children: dict[str, list[str]] = {}
    waiting: dict[str, int] = {}
    for parent, child in reader.iterate(
        "SELECT parent_exec_job_id, child_exec_job_id FROM job_edge WHERE wf_id = ?", (wf.wf_id,)
    ):
        children.setdefault(parent, []).append(child)
        if states.get(parent) != "done":
            waiting[child] = waiting.get(child, 0) + 1
    for name, state in states.items():
        if state == "unready" and not waiting.get(name):
            states[name] = "ready"
    doomed = [name for name, state in states.items() if state == "failed"]
    while doomed:
        for child in children.get(doomed.pop(), ()):
            if states.get(child) in ("unready", "ready"):
                states[child] = "futile"
                doomed.append(child)
    return states


def _node_state(
    tries: list[tuple[int, list[tuple[str, float, int]]]], retries: int, post: bool, counts: dict[str, int]
) -> str:
    if not tries:
        return "unready"
    state = "unready"
    for used, (_, history) in enumerate(tries, 1):
        history.sort(key=lambda h: (h[2] or 1 << 30, h[1], rank(h[0])))
        names = [h[0] for h in history]
        last = next((n for n in reversed(names) if n in _OK or n in _BAD), None)
        ended = last is not None and (not post or last.startswith(("POST", "PRE", "SUBMIT")))
        if ended and last is not None:
            ok = last in _OK
            counts["failed"] += not ok
            state = after_attempt(ok=ok, attempts_in_run=used, max_retries=retries)
        else:
            state = node_state_of(names[-1])
    return state
