"""How things stood at a time: node states and counts from the history of job states, by the loader's own rules."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, TypeVar

from stampede.model.states import INFORMATIVE, after_attempt, node_state_of, rank
from stampede.query.workflows import Workflow
from stampede.store.sqlite import Reader

N = TypeVar("N")
A = TypeVar("A")

Reset = Literal["keep", "incomplete", "all"]
#: states of a try: name, time, number
_History = list[tuple[str, float, int]]
#: a try: its number, the run of the engine it began in, its states
_Try = tuple[int, int, _History]

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
) -> tuple[N, A, tuple[int, int, int]]:
    """Counts of nodes by state, of attempts, and of jobs in the queue (running, idle, held) at a time."""
    tries: dict[int, list[_Try]] = {}
    counts = dict.fromkeys(("submits", "executes", "holds", "evictions", "tries", "failed"), 0)
    current = -1
    for job_id, instance, seq, run, state, ts, number in reader.iterate(
        """SELECT i.job_id, i.job_instance_id, i.job_submit_seq, coalesce(i.restart_count, 0), s.state,
                  s.timestamp, s.jobstate_submit_seq
           FROM jobstate s JOIN job_instance i ON i.job_instance_id = s.job_instance_id
           JOIN job j ON j.job_id = i.job_id WHERE j.wf_id = ? AND s.timestamp <= ? ORDER BY i.job_instance_id""",
        (wf.wf_id, at),
    ):
        name = _COUNTED.get(state)
        if name is not None:
            counts[name] += 1
        if instance != current:
            current = instance
            tries.setdefault(job_id, []).append((seq, run, []))
            counts["tries"] += 1
        tries[job_id][-1][2].append((state, ts, number))
    states, queued = _node_states(reader, wf, tries, _resets(reader, wf, at), counts)
    by_state = dict.fromkeys(("done", "failed", "futile", "ready", "unready", "pre", "queued", "post"), 0)
    for state in states.values():
        by_state[state] += 1
    return nodes(total=len(states), **by_state), attempts(**counts), _queue(queued)


#: states in which a job runs on a machine
EXECUTING = frozenset({"EXECUTE", "JOB_UNSUSPENDED", "JOB_RECONNECTED", "REMOTE_ERROR"})


def _resets(reader: Reader, wf: Workflow, at: float) -> dict[int, Reset]:
    """What each new run of the engine up to then did to the nodes of the run before.

    In recovery it keeps them, from a rescue DAG it begins anew what was not done, without one everything.
    """
    runs = reader.rows(
        "SELECT DISTINCT restart_count FROM workflowstate WHERE wf_id = ? AND state = 'WORKFLOW_STARTED' "
        "AND timestamp <= ? AND restart_count > 0 ORDER BY 1",
        (wf.wf_id, at),
    )
    said: dict[int, set[str]] = {}
    for run, state in reader.rows(
        "SELECT coalesce(restart_count, 0), state FROM workflow_event WHERE wf_id = ?", (wf.wf_id,)
    ):
        said.setdefault(run, set()).add(state)
    resets: dict[int, Reset] = {}
    for (run,) in runs:
        events = said.get(run, set())
        if events & {"recovery_start", "recovery_end"}:
            resets[run] = "keep"
        else:
            from_rescue = "rescue_read" in events or wf.engine not in ("dagman", "pegasus")
            resets[run] = "incomplete" if from_rescue else "all"
    return resets


def _queue(tries: list[_History]) -> tuple[int, int, int]:
    """Of tries in the queue, how many run, wait and are held; by their last state that says something."""
    running = held = 0
    for history in tries:
        telling = [h for h in history if h[0] not in INFORMATIVE]
        last = max(telling, key=lambda h: (h[1], h[2], rank(h[0])), default=("", 0.0, 0))[0]
        running += last in EXECUTING
        held += last == "JOB_HELD"
    return running, len(tries) - running - held, held


_COUNTED = {"SUBMIT": "submits", "EXECUTE": "executes", "JOB_HELD": "holds", "JOB_EVICTED": "evictions"}


def _node_states(
    reader: Reader,
    wf: Workflow,
    tries: dict[int, list[_Try]],
    resets: dict[int, Reset],
    counts: dict[str, int],
) -> tuple[dict[str, str], list[_History]]:
    """The state of every node, and the histories of the tries that are in the queue."""
    states: dict[str, str] = {}
    queued: list[_History] = []
    for job_id, name, retries, post in reader.iterate(
        "SELECT job_id, exec_job_id, max_retries, post_script IS NOT NULL FROM job "
        "WHERE wf_id = ? AND node_type <> 'service'",
        (wf.wf_id,),
    ):
        own = sorted(tries.get(job_id, ()))
        states[name] = _node_state(own, resets, retries or 0, bool(post), counts)
        if states[name] == "queued":
            queued.append(own[-1][2])
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
    return states, queued


def _node_state(tries: list[_Try], resets: dict[int, Reset], retries: int, post: bool, counts: dict[str, int]) -> str:
    state, used, run = "unready", 0, 0
    for _, began, history in tries:
        state, used = _restarted(state, used, resets, run, began)
        run, used = began, used + 1
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
    return _restarted(state, used, resets, run, max(resets, default=0))[0]


def _restarted(state: str, used: int, resets: dict[int, Reset], run: int, now: int) -> tuple[str, int]:
    """State and retries used of a node once the engine was started again, from one run to another."""
    for new in range(run + 1, now + 1):
        how = resets.get(new, "keep")
        if how == "all" or (how == "incomplete" and state != "done"):
            state = "unready"
        if how != "keep":
            used = 0
    return state, used
