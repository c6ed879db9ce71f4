"""How things stood at a time: node states and counts from the history of job states, by the loader's own rules."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal, NamedTuple

from stampede.model.states import NODE_STATES, after_attempt, node_state_of, rank
from stampede.query.workflows import Workflow
from stampede.store.reader import Reader

Reset = Literal["keep", "incomplete", "all"]
#: states of a try: name, time, number
_History = list[tuple[str, float, int]]
#: a try: its number, the run of the engine it began in, its states
_Try = tuple[int, int, _History]

_OK = {"POST_SCRIPT_SUCCESS", "JOB_SUCCESS"}
_BAD = {"POST_SCRIPT_FAILED", "JOB_FAILURE", "PRE_SCRIPT_FAILED", "SUBMIT_FAILED"}


class Counted(NamedTuple):
    """Nodes and tries at a time: by name the state of every node and how many of its tries in the run of the engine had
    ended; counts of attempts; the last record of a job."""

    states: dict[str, str]
    used: dict[str, int]
    attempts: dict[str, int]
    last_ts: float | None

    @property
    def by_state(self) -> dict[str, int]:
        """How many nodes are in each state."""
        found: dict[str, int] = dict.fromkeys(NODE_STATES, 0)
        for state in self.states.values():
            found[state] += 1
        return found


class Run(NamedTuple):
    """A workflow at a time: its state, and the run of the engine (from 0) and when that began."""

    state: str
    state_ts: float | None
    reason: str | None
    exit_status: int | None
    run: int
    run_ts: float | None
    last_ts: float | None


def workflow_at(reader: Reader, wf: Workflow, at: float) -> Run:
    """A workflow at a time; ``last_ts`` is when it was last heard of, but for its jobs."""
    rows = reader.rows(
        "SELECT state, timestamp, reason, status, restart_count FROM workflowstate WHERE wf_id = ? AND timestamp <= ? "
        "ORDER BY timestamp, restart_count, state",
        (wf.wf_id, at),
    )
    event = reader.one("SELECT max(ts) FROM workflow_event WHERE wf_id = ? AND ts <= ?", (wf.wf_id, at)) or (None,)
    told = reader.rows(
        "SELECT state, ts, reason FROM workflow_event WHERE wf_id = ? AND ts <= ? "
        "AND state IN ('lost', 'dagman_submitted') ORDER BY ts DESC",
        (wf.wf_id, at),
    )
    if not rows:
        submitted = next((e for e in told if e[0] == "dagman_submitted"), None)
        if submitted is not None:
            return Run("running", submitted[1], submitted[2], None, 0, None, event[0])
        return Run("unstarted", None, None, None, 0, None, event[0])
    state, ts, reason, status, run = rows[-1]
    began = max((r[1] for r in rows if r[0] == "WORKFLOW_STARTED" and r[4] == run), default=None)
    last = max(ts, event[0] or ts)
    if state == "WORKFLOW_STARTED":
        lost = next((e for e in told if e[0] == "lost" and e[1] >= ts), None)
        if lost is not None:
            return Run("lost", lost[1], lost[2], None, run, began, last)
        return Run("running", ts, None, None, run, began, last)
    if ts == (wf.last_ts or 0) or wf.restart_count == 0:
        word = wf.state
    else:
        word = {0: "success", 2: "removed", 3: "running"}.get(status, "failed")
    return Run(word, ts, reason, status, run, began, last)


def counted_at(reader: Reader, wf: Workflow, at: float) -> Counted:
    """The state of every node at a time, and the counts of attempts by then."""
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
    last = max((ts for own in tries.values() for *_, states in own for _, ts, _ in states), default=None)
    states, used = _node_states(reader, wf, at, tries, _resets(reader, wf, at), counts)
    return Counted(states, used, counts, last)


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


_COUNTED = {"SUBMIT": "submits", "EXECUTE": "executes", "JOB_HELD": "holds", "JOB_EVICTED": "evictions"}


def _node_states(
    reader: Reader,
    wf: Workflow,
    at: float,
    tries: dict[int, list[_Try]],
    resets: dict[int, Reset],
    counts: dict[str, int],
) -> tuple[dict[str, str], dict[str, int]]:
    """The state of every node, and how many of its tries in the run of the engine had ended."""
    states: dict[str, str] = {}
    used: dict[str, int] = {}
    for job_id, name, retries, post, declared in reader.iterate(
        "SELECT job_id, exec_job_id, max_retries, post_script IS NOT NULL, "
        "CASE WHEN attempts = 0 AND coalesce(node_state_ts, 0) <= ? AND node_state IN ('done', 'failed') "
        "THEN node_state END FROM job WHERE wf_id = ? AND node_type <> 'service'",
        (at, wf.wf_id),
    ):
        own = sorted(tries.get(job_id, ()))
        # the engine's own word on a node that it never tried (it was marked DONE)
        state, used[name] = _node_state(own, resets, retries or 0, bool(post), counts)
        states[name] = declared or state
    edges = reader.iterate("SELECT parent_exec_job_id, child_exec_job_id FROM job_edge WHERE wf_id = ?", (wf.wf_id,))
    return settled(states, edges), used


def settled(states: dict[str, str], edges: Iterable[tuple[Any, ...]]) -> dict[str, str]:
    """States of nodes with what their parents make of them (changed in place): what waits for none is ready, what waits
    for one that failed is futile. ``edges`` are pairs of names, parent and child."""
    children: dict[str, list[str]] = {}
    waiting: dict[str, int] = {}
    for parent, child in edges:
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
    tries: list[_Try], resets: dict[int, Reset], retries: int, post: bool, counts: dict[str, int]
) -> tuple[str, int]:
    state, used, run = "unready", 0, 0
    for _, began, history in tries:
        state, used = restarted(state, used, resets, run, began)
        run = began
        history.sort(key=lambda h: (h[2] or 1 << 30, h[1], rank(h[0])))
        names = [h[0] for h in history]
        ok = outcome_of(names, post)
        if ok is not None:
            used += 1
            counts["failed"] += not ok
            state = after_attempt(ok=ok, attempts_in_run=used, max_retries=retries)
        else:
            state = node_state_of(names[-1])
    return restarted(state, used, resets, run, max(resets, default=0))


def outcome_of(names: list[str], post: bool) -> bool | None:
    """Whether a try with these states, in order, went well; None while it lasts (``post``: it has a POST script)."""
    last = next((n for n in reversed(names) if n in _OK or n in _BAD), None)
    if last is None or (post and not last.startswith(("POST", "PRE", "SUBMIT"))):
        return None
    return last in _OK


def restarted(state: str, used: int, resets: dict[int, Reset], run: int, now: int) -> tuple[str, int]:
    """State and retries used of a node once the engine was started again, from one run to another."""
    for new in range(run + 1, now + 1):
        how = resets.get(new, "keep")
        if how == "all" or (how == "incomplete" and state != "done"):
            state = "unready"
        if how != "keep":
            used = 0
    return state, used
