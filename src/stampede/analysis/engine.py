"""What happened to DAGMan itself: removed, halted, held, killed, restarted, run again, or given a faulty DAG."""

from __future__ import annotations

import re
from collections.abc import Iterator

from stampede.analysis.finding import Finding
from stampede.query.trouble import Evidence, WorkflowFacts

#: (time, state, value, reason, run) as the store keeps what was said of the engine
Said = tuple[float, str, str, str | None, int]

#: seconds between two records of the same thing in different files
SAME_S = 5.0
#: the highest exit value that DAGMan's own job leaves the queue with (on_exit_remove in its .condor.sub)
LAST_END = 2


def engine_findings(facts: Evidence) -> Iterator[Finding]:
    """Causes that lie in the engine, of all workflows."""
    gone = {w.workflow.wf_uuid for w in facts.workflows if removed_at(w) is not None}
    for w in facts.workflows:
        by_state: dict[str, list[Said]] = {}
        for e in w.events:
            by_state.setdefault(e[1], []).append(e)
        yield from _faults(w, by_state)
        yield from _aborts(w, by_state)
        yield from _halts(w, by_state)
        yield from _removals(w, by_state, gone)
        yield from _held(w, by_state)
        yield from _vanished(w, by_state, facts)
        for ts, _, status, reason, _ in by_state.get("monitor_died", [])[:1]:
            over = w.workflow.state != "running"
            yield Finding("monitor_died", reason or f"status {status}", ts=ts, resolved=over)
        yield from _reruns(w)


def removed_at(w: WorkflowFacts) -> float | None:
    """When the whole DAG was removed in its last run; None when it was not."""
    times = [e[0] for e in w.events if e[1] in ("removed", "dagman_removed") and e[4] == w.workflow.restart_count]
    return min(times) if times else None


def ends_well(rule: str) -> bool:
    """Whether an ABORT-DAG-ON line (what follows the node's name) makes the workflow end as a success."""
    return re.search(r"\bRETURN\s+0$", rule.strip(), re.I) is not None


def _over(w: WorkflowFacts) -> bool:
    return w.workflow.state == "success"


def _faults(w: WorkflowFacts, said: dict[str, list[Said]]) -> Iterator[Finding]:
    faults = said.get("parse_error", [])
    if faults:
        text = "; ".join(dict.fromkeys(e[3] or e[2] for e in faults))
        yield Finding("dag_parse_error", text, w.node, faults[0][0], _over(w), key="dag_parse_error")


def _aborts(w: WorkflowFacts, said: dict[str, list[Said]]) -> Iterator[Finding]:
    for ts, _, node, reason, _ in said.get("abort_dag_on", []):
        if node:
            rule = f"ABORT-DAG-ON {node} {w.abort_rules.get(node, '')}".strip()
            returned = re.search(r"RETURN (\d{1,9})$", rule, re.I)
            message = f"{node} ended with the value that the DAG file stops for ({rule}); what still ran was removed."
            if returned is not None and int(returned[1]) > LAST_END:
                message += (f" HTCondor takes only the values 0 to {LAST_END} as an end of DAGMan, so that RETURN "
                            f"{returned[1]} makes it start over again and again.")  # fmt: skip
        else:
            message = reason or "A node ended with the value that the DAG file stops for."
        over = _over(w) and ends_well(w.abort_rules.get(node, ""))
        yield Finding("abort_dag_on", message, w.path + node if node else w.node, ts, over, key=f"abort {node}")


def _halts(w: WorkflowFacts, said: dict[str, list[Said]]) -> Iterator[Finding]:
    halts = said.get("halted", [])
    if not halts:
        return
    state = w.workflow.state
    reasons = [e[3] for e in halts if e[2] == "reason" and e[3]]
    reason = reasons[-1] if reasons else halts[-1][3] or "DAGMan was told to halt."
    resumed = any(e[0] >= halts[-1][0] for e in said.get("resumed", []))
    resolved = state != "halted" and (state != "running" or resumed)
    yield Finding("halted", reason, w.node, halts[0][0], resolved, key="halted")


def _removals(w: WorkflowFacts, said: dict[str, list[Said]], gone: set[str]) -> Iterator[Finding]:
    """The removal of a workflow; that of a sub-workflow unless the one above was removed too."""
    removals = said.get("removed", []) or said.get("dagman_removed", [])
    if not removals or w.workflow.parent_wf_uuid in gone:
        return
    by = next((e[3] for e in reversed(said.get("dagman_removed", [])) if e[3]), None)
    what = "The sub-workflow" if w.workflow.parent_wf_uuid is not None else "The workflow"
    resolved = _over(w) or w.workflow.state == "running"
    yield Finding("removed_by_operator", f"{what} was removed from the queue{f': {by}' if by else '.'}", w.node,
                  removals[0][0], resolved, key="workflow removed")  # fmt: skip


def _held(w: WorkflowFacts, said: dict[str, list[Said]]) -> Iterator[Finding]:
    holds = said.get("held", [])
    for ts, _, code, reason, _ in holds[-1:]:
        released = any(e[0] >= ts for e in said.get("released", []))
        removed = any(e[0] >= ts for e in said.get("dagman_removed", []))
        if released or not removed:
            over = _over(w) or released
            yield Finding("dagman_held", reason or f"hold code {code}", w.node, ts, over, key="dagman_held")


def _vanished(w: WorkflowFacts, said: dict[str, list[Said]], facts: Evidence) -> Iterator[Finding]:
    """DAGMan went away before its work was done: with its schedd, or by itself; it came back, or did not."""
    for ts, back, killed in _interruptions_of(w, said):
        found = _restarted(ts, back, killed, said, facts)
        # a schedd that goes takes the DAGMan of every sub-workflow with it
        if w.workflow.parent_wf_uuid is None or found.label != "schedd_restart":
            found.node = w.node
            yield found
    for ts, _, _, reason, _ in said.get("lost", [])[:1]:
        if w.workflow.state == "lost" and not said.get("dagman_removed"):
            yield Finding("dagman_crashed", reason or "DAGMan is gone.", w.node, ts, key="dagman_crashed")
    for ts, _, _, reason, _ in said.get("log_unreadable", [])[:1]:
        yield Finding("dagman_crashed", reason or "DAGMan cannot read its log.", w.node, ts, key="log_unreadable")


def _interruptions_of(w: WorkflowFacts, said: dict[str, list[Said]]) -> Iterator[tuple[float, float, bool]]:
    """When DAGMan was gone and when it was back, and whether without a word; its holds are told elsewhere."""
    starts = {run: start for run, start, _, _ in w.runs}
    gone = [(e[0], e[4], True) for e in said.get("vanished", [])]
    # EXIT_RESTART: it was told to stop (SIGTERM) and left its jobs in the queue
    gone += [(end, run, False) for run, _, end, status in w.runs if status == 3 and end is not None]
    for ts, run, killed in sorted(gone):
        back = starts.get(run + 1)
        if back is not None and not any(ts - SAME_S <= e[0] <= back + SAME_S for e in said.get("held", [])):
            yield ts, back, killed


def _restarted(ts: float, back: float, killed: bool, said: dict[str, list[Said]], facts: Evidence) -> Finding:
    """Whose fault it was: the schedd's, when its shadows died with it or it says nothing of DAGMan's own end."""
    ends = [e for k in ("dagman_killed", "evicted") for e in said.get(k, []) if ts - SAME_S <= e[0] <= back + SAME_S]
    own = next((e for e in ends if e[1] == "dagman_killed" or e[2] or e[3]), None)
    shadows = any(i.state == "JOB_DISCONNECTED" and "schedd" in (i.reason or "")
                  and ts - SAME_S <= i.ts <= back + SAME_S for i in facts.interruptions)  # fmt: skip
    came_back = len(said.get("dagman_executing", [])) > 1
    if shadows or (own is None and came_back):
        return Finding("schedd_restart", "The schedd was restarted while the workflow ran; DAGMan went on in recovery "
                       f"mode {back - ts:.0f} s later.", ts=ts, resolved=True, key="schedd_restart")  # fmt: skip
    how = f" ({_how_it_ended(own)})" if own is not None and _how_it_ended(own) else ""
    what = "killed" if killed else "stopped from outside"
    message = f"DAGMan was {what}{how}; it was back {back - ts:.0f} s later and went on in recovery mode."
    return Finding("dagman_crashed", message, ts=ts, resolved=True, key="dagman_crashed")


def _how_it_ended(e: Said) -> str:
    """``signal 9 (SIGKILL)``, if the log of DAGMan's own job says it; not the expression that queued it again."""
    text = e[2] if e[1] == "evicted" else e[3] or e[2]
    return text.removeprefix("DAGMan died of ").rstrip(".")


def _reruns(w: WorkflowFacts) -> Iterator[Finding]:
    for (_, _, _, status), (count, start, _, _) in zip(w.runs, w.runs[1:], strict=False):
        if status == 0 and w.workflow.parent_wf_uuid is None:
            yield Finding("needless_rerun", f"Run {count + 1} repeated a workflow that had already ended well.",
                          ts=start, resolved=True, key="needless_rerun")  # fmt: skip
