"""Findings about tries that failed, are held or were removed, and about nodes that failed without a try."""

from __future__ import annotations

from collections.abc import Iterator

from stampede.analysis.engine import ends_well, removed_at
from stampede.analysis.finding import Finding
from stampede.analysis.judge import is_held, judge
from stampede.query.trouble import Evidence, Try, WorkflowFacts

#: states of the engine that say why a sub-workflow ended, so that its node is only a consequence
_TELLING = ("parse_error", "removed", "halted", "lost")


def try_findings(facts: Evidence) -> Iterator[Finding]:
    """One finding a try (or failed task of a try) that is a cause of its own."""
    removed = {w.workflow.wf_uuid: removed_at(w) for w in facts.workflows}
    designed = {w.path + node for w in facts.workflows for node, rule in w.abort_rules.items() if ends_well(rule)}
    failing_below = _failing_below(facts)
    engine_held = {w.workflow.wf_uuid for w in facts.workflows if any(e[1] == "held" for e in w.events)}
    failed_jobs = {_cluster(t) for t in facts.tries if t.main_exitcode}
    for t in sorted(facts.tries, key=lambda t: t.job_instance_id):
        if t.subwf_uuid is not None and t.subwf_uuid in failing_below and t.submit_error is None:
            continue
        if t.subwf_uuid in engine_held and is_held(t):
            continue
        gone = removed.get(t.wf_uuid)
        if gone is not None and t.aborted and t.exit_unknown and (t.end_ts or 0) >= gone - 2:
            continue
        if t.path in designed or _is_skip(t):
            continue
        if t.post_exitcode and not t.main_exitcode and _cluster(t) in failed_jobs:
            # the post script of several processes answers for the one that failed
            continue
        yield from _judged(t)
    yield from _without_try(facts, failing_below)


def _cluster(t: Try) -> tuple[str, str]:
    """A node's processes of one submission have the same cluster number."""
    return t.path, (t.sched_id or str(t.seq)).split(".", 1)[0]


def _is_skip(t: Try) -> bool:
    """A PRE script that ended with the PRE_SKIP value: the node is done although the script did not end with 0."""
    return bool(t.pre_exitcode) and t.execute_ts is None and t.node_state == "done" and t.is_last and (
        t.post_exitcode is None)  # fmt: skip


def _judged(t: Try) -> Iterator[Finding]:
    resolved = t.node_state == "done"
    if t.outcome is None and resolved:
        return
    verdict = judge(t)
    if verdict is None:
        return
    ts = t.end_ts or t.state_ts
    names = [(f"{t.path}/{i.task_name or i.task}", i.task) for i in verdict.tasks if i.task_name or i.task]
    for node, task in names or [(t.path, None)]:
        yield Finding(verdict.label, verdict.message, node, ts, resolved, t, verdict.consequences, task,
                      kind=verdict.kind)  # fmt: skip


def _without_try(facts: Evidence, failing_below: set[str]) -> Iterator[Finding]:
    """Nodes that DAGMan gave up without a try that we know: it says why itself."""
    for node in facts.failed_nodes:
        if node.subwf_uuid is not None and node.subwf_uuid in failing_below:
            continue
        reason = node.reason or "DAGMan counts it as failed; the logs do not say why."
        label = "submit_failed" if "submit" in reason.lower() else "exit_code"
        yield Finding(label, reason, node.path, node.ts)


def _failing_below(facts: Evidence) -> set[str]:
    """Sub-workflows in which (or below which) something failed by itself."""
    parents = {w.workflow.wf_uuid: w.workflow.parent_wf_uuid for w in facts.workflows}
    found: set[str] = set()
    starts = {uuid for t in facts.tries for uuid in t.workflows}
    starts |= {w.workflow.wf_uuid for w in facts.workflows if w.workflow.parent_wf_uuid and _said_why(w)}
    for uuid in starts:
        at: str | None = uuid
        while at is not None and at not in found:
            found.add(at)
            at = parents.get(at)
    return found


def _said_why(w: WorkflowFacts) -> bool:
    return any(e[1] in _TELLING for e in w.events)
