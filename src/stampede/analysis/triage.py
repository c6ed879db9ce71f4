"""What is wrong with a workflow, causes first.

Failures of all tries and sub-workflows are judged one by one (``judge``), then grouped by what they have in common. A
sub-workflow's failure is the cause, that of the node that ran it a consequence. What HTCondor interrupted and mended by
itself, jobs that hang or wait, and what happened to the engine are causes of their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from stampede.analysis.judge import judge
from stampede.analysis.labels import LABELS
from stampede.query.evidence import Evidence, Idle, Interruption, Running, Try, WorkflowFacts

HANG_S = 60.0
HANG_FACTOR = 10.0
STRAGGLER_FACTOR = 5.0
STALL_S = 60.0


class Cause(msgspec.Struct, kw_only=True):
    """One thing that is or was wrong.

    ``nodes`` are names with their sub-workflows (``inner/work``), ``JOB/TASK`` for a task of a clustered job; empty
    when it is about the workflow or the pool. ``resolved``: a later try went well, or it is over. Times are epoch seconds.
    """

    label: str
    title: str
    message: str
    nodes: list[str] = []
    attempts: int = 0
    first_ts: float | None = None
    last_ts: float | None = None
    resolved: bool = False
    consequences: list[str] = []
    hosts: list[str] = []
    tasks: list[str] = []
    sample_job: str | None = None
    sample_workflow: str | None = None
    sample_output: str = ""
    sample_files: list[str] = []
    next_step: str = ""
    retry_helps: bool = True


class Triage(msgspec.Struct, kw_only=True):
    """Causes, most important first; what can never run now; where to go on."""

    causes: list[Cause]
    never_run: int
    never_run_sample: list[str]
    next_steps: list[str]
    judged_tries: int
    incomplete: bool = False


class _Finding(msgspec.Struct):
    label: str
    message: str
    node: str = ""
    ts: float | None = None
    resolved: bool = False
    one: Try | None = None
    consequences: list[str] = []
    task: str | None = None
    key: str = ""


def triage(facts: Evidence) -> Triage:
    """Judge the facts."""
    findings = [
        *_engine(facts),
        *_tries(facts),
        *_running(facts.running, facts),
        *_interrupted(facts.interruptions, facts),
        *_waiting(facts.idle, facts),
    ]
    causes = [_group(group) for group in _grouped(findings)]
    causes.sort(key=lambda c: (c.resolved, not c.nodes and c.label not in _FIRST, -len(c.nodes), c.first_ts or 0))
    return Triage(
        causes=causes,
        never_run=sum(w.futile for w in facts.workflows),
        never_run_sample=[w.path + n for w in facts.workflows for n in w.futile_sample][:20],
        next_steps=_next_steps(causes, facts),
        judged_tries=len(facts.tries),
        incomplete=facts.cut,
    )


#: causes of the workflow itself that come before those of its jobs
_FIRST = frozenset({"dag_parse_error", "dagman_crashed", "dagman_held", "halted", "removed_by_operator"})

# ---- tries ----------------------------------------------------------------------------------------------------------


def _tries(facts: Evidence) -> Iterator[_Finding]:
    removed = {w.workflow.wf_uuid: _removal(w) for w in facts.workflows}
    failing_below = _failing_below(facts)
    for t in facts.tries:
        if t.subwf_uuid is not None and t.subwf_uuid in failing_below and not t.submit_error:
            continue
        gone = removed.get(t.wf_uuid)
        if gone is not None and t.aborted and t.exit_unknown and (t.end_ts or 0) >= gone - 2:
            continue
        verdict = judge(t)
        if verdict is None:
            continue
        resolved = t.node_state == "done"
        ts = t.end_ts or t.state_ts
        if t.outcome is None and resolved:
            continue
        names = [(f"{t.path}/{i.task_name or i.task}", i.task) for i in verdict.tasks if i.task_name or i.task]
        for node, task in names or [(t.path, None)]:
            yield _Finding(verdict.label, verdict.message, node, ts, resolved, t, verdict.consequences, task)


def _removal(w: WorkflowFacts) -> float | None:
    """When the whole DAG was removed in its last run."""
    times = [e[0] for e in w.events if e[1] in ("removed", "dagman_removed") and e[4] == w.workflow.restart_count]
    return min(times) if times else None


def _failing_below(facts: Evidence) -> set[str]:
    """Sub-workflows in which (or below which) something failed by itself."""
    parents = {w.workflow.wf_uuid: w.workflow.parent_wf_uuid for w in facts.workflows}
    found: set[str] = set()
    starts = {t.wf_uuid for t in facts.tries}
    starts |= {w.workflow.wf_uuid for w in facts.workflows if w.workflow.parent_wf_uuid and _said_why(w)}
    for uuid in starts:
        at: str | None = uuid
        while at is not None and at not in found:
            found.add(at)
            at = parents.get(at)
    return found


def _said_why(w: WorkflowFacts) -> bool:
    return any(e[1] in ("parse_error", "removed", "halted", "lost") for e in w.events)


# ---- the engine -----------------------------------------------------------------------------------------------------


def _engine(facts: Evidence) -> Iterator[_Finding]:
    for w in facts.workflows:
        yield from _engine_of(w, facts)


def _engine_of(w: WorkflowFacts, facts: Evidence) -> Iterator[_Finding]:
    state = w.workflow.state
    over = state == "success"
    by_state: dict[str, list[tuple[float, str, str, str | None, int]]] = {}
    for e in w.events:
        by_state.setdefault(e[1], []).append(e)
    faults = by_state.get("parse_error", [])
    if faults:
        text = "; ".join(dict.fromkeys(e[3] or e[2] for e in faults))
        yield _Finding("dag_parse_error", text, ts=faults[0][0], resolved=over, key="dag_parse_error")
    for ts, _, node, reason, _ in by_state.get("abort_dag_on", []):
        yield _Finding("abort_dag_on", reason or "", w.path + node if node else "", ts, over)
    halts = by_state.get("halted", [])
    if halts:
        reasons = [e[3] for e in halts if e[2] == "reason" and e[3]]
        reason = reasons[-1] if reasons else halts[-1][3] or ""
        resolved = state != "halted" and (state != "running" or bool(by_state.get("resumed")))
        yield _Finding("halted", reason, ts=halts[0][0], resolved=resolved, key="halted")
    removals = by_state.get("removed", []) or by_state.get("dagman_removed", [])
    if removals and w.workflow.parent_wf_uuid is None:
        by = next((e[3] for e in by_state.get("dagman_removed", []) if e[3]), None)
        yield _Finding("removed_by_operator", f"The workflow was removed from the queue{f': {by}' if by else '.'}",
                       ts=removals[0][0], resolved=over, key="workflow removed")  # fmt: skip
    yield from _vanished(w, by_state, facts, over)
    for ts, _, status, reason, _ in by_state.get("monitor_died", [])[:1]:
        yield _Finding("monitor_died", reason or f"status {status}", ts=ts, resolved=state != "running")
    yield from _reruns(w)


def _vanished(
    w: WorkflowFacts, by_state: dict[str, list[tuple[float, str, str, str | None, int]]], facts: Evidence, over: bool
) -> Iterator[_Finding]:
    """DAGMan went away: held, restarted with its schedd, or crashed."""
    held = by_state.get("held", [])
    for ts, _, code, reason, _ in held[:1]:
        released = any(e[0] >= ts for e in by_state.get("released", []))
        yield _Finding("dagman_held", reason or f"hold code {code}", ts=ts, resolved=over or released)
    if w.workflow.parent_wf_uuid is not None and not by_state.get("lost"):
        return
    for ts, _, _, reason, run in by_state.get("vanished", []):
        nxt = next((r[1] for r in w.runs if r[0] == run + 1), None) or ts
        if any(ts - 5 <= e[0] <= nxt + 5 for e in held):
            continue
        killed = [e for k in ("evicted", "dagman_killed") for e in by_state.get(k, []) if ts - 5 <= e[0] <= nxt + 5]
        lost = any(i.state == "JOB_DISCONNECTED" and "schedd" in (i.reason or "") for i in facts.interruptions)
        if lost or (not killed and len(by_state.get("dagman_executing", [])) > 1):
            yield _Finding("schedd_restart", "The schedd was restarted while the workflow ran; DAGMan went on in "
                           "recovery mode.", ts=ts, resolved=True, key="schedd_restart")  # fmt: skip
        else:
            why = killed[0][3] if killed and killed[0][3] else reason or "DAGMan vanished."
            yield _Finding("dagman_crashed", why, ts=ts, resolved=True, key="dagman_crashed")
    for ts, _, _, reason, _ in by_state.get("lost", [])[:1]:
        if w.workflow.state == "lost":
            yield _Finding("dagman_crashed", reason or "DAGMan is gone.", ts=ts, key="dagman_crashed")
    for ts, _, _, reason, _ in by_state.get("log_unreadable", [])[:1]:
        yield _Finding("dagman_crashed", reason or "DAGMan cannot read its log.", ts=ts, key="log_unreadable")


def _reruns(w: WorkflowFacts) -> Iterator[_Finding]:
    for (_, _, _, status), (count, start, _, _) in zip(w.runs, w.runs[1:], strict=False):
        if status == 0 and w.workflow.parent_wf_uuid is None:
            yield _Finding("needless_rerun", f"Run {count + 1} repeated a workflow that had already ended well.",
                           ts=start, resolved=True, key="needless_rerun")  # fmt: skip


# ---- jobs that hang, wait, or were interrupted ----------------------------------------------------------------------


def _running(jobs: list[Running], facts: Evidence) -> Iterator[_Finding]:
    for r in jobs:
        took = r.until_ts - r.execute_ts
        longest = r.longest_peer_s if r.peers else None
        if r.type_desc in ("stage-in-tx", "stage-out-tx", "inter-site-tx"):
            continue
        if r.outcome == "success":
            if r.peers >= 4 and longest and took >= longest and r.mean_peer_s:
                others = (r.mean_peer_s * r.peers - took) / (r.peers - 1)
                if took > max(HANG_S, STRAGGLER_FACTOR * max(others, 1.0)):
                    yield _Finding("straggler", f"It ran {took:.0f} s; the {r.peers - 1} others of its kind took "
                                   f"{others:.0f} s on average.", r.path, r.until_ts, True)  # fmt: skip
            continue
        limit = max(HANG_S, HANG_FACTOR * longest) if longest else None
        if limit is None and r.longest_any_s:
            limit = max(300.0, 20 * r.longest_any_s)
        if limit is not None and took > limit:
            how = "It ran" if r.removed else "It has run"
            peers = f"the longest of its kind took {longest:.0f} s" if longest else "no other job took nearly as long"
            yield _Finding("hang", f"{how} {took:.0f} s without an end; {peers}.", r.path, r.until_ts)


_EVICTION = (
    (re.compile(r"code 1008\b|starter.*(?:died|exited|killed)|not found at execution machine", re.I), "starter_died"),
    (re.compile(r"code 1013\b|startd was shut ?down|startd.*shut|machine.*(?:down|rebooted|shut)", re.I), "host_down"),
    (re.compile(r"code 102[23]\b|Job removed|vacated by schedd", re.I), ""),
)


def _interrupted(found: list[Interruption], facts: Evidence) -> Iterator[_Finding]:
    gone = {w.workflow.wf_uuid: _removal(w) for w in facts.workflows}
    reconnect_failed = {(i.wf_uuid, i.job) for i in found if i.state == "JOB_RECONNECT_FAILED"}
    for i in found:
        removed = gone.get(i.wf_uuid)
        if i.node_type == "service" or (removed is not None and i.ts >= removed - 2):
            continue
        resolved = i.node_state == "done"
        if i.state == "JOB_SUSPENDED":
            over = resolved or i.next_state not in (None,)
            yield _Finding("suspended", "It was suspended on its machine.", i.path, i.ts, over, key="suspended")
        elif i.state == "JOB_RECONNECT_FAILED":
            yield _Finding("host_down", i.reason or "The machine did not come back.", i.path, i.ts, resolved,
                           key="host_down")  # fmt: skip
        elif i.state == "SHADOW_EXCEPTION" and (i.wf_uuid, i.job) not in reconnect_failed:
            if i.next_state in ("JOB_HELD", "JOB_ABORTED") and (i.next_ts or 0) - i.ts <= 5:
                continue
            yield _Finding("starter_died", i.reason or "HTCondor's shadow lost the job.", i.path, i.ts, resolved,
                           key="starter_died")  # fmt: skip
        elif i.state == "JOB_EVICTED":
            label = _eviction(i, (i.wf_uuid, i.job) in reconnect_failed)
            if label:
                yield _Finding(label, i.reason or "It was evicted from its machine.", i.path, i.ts, resolved, key=label)


def _eviction(i: Interruption, reconnect_failed: bool) -> str:
    """The label of an eviction; empty when it only precedes a hold or a removal."""
    if i.next_state in ("JOB_HELD", "JOB_ABORTED") and (i.next_ts or 0) - i.ts <= 5:
        return ""
    if reconnect_failed:
        return ""
    for pattern, label in _EVICTION:
        if pattern.search(i.reason or ""):
            return label
    return "evicted"


def _waiting(idle: list[Idle], facts: Evidence) -> Iterator[_Finding]:
    """Jobs that no machine can match, and stretches in which the pool gave none at all."""
    stalled: list[Idle] = []
    for i in idle:
        waited = i.until_ts - i.submit_ts
        if not i.executed and i.overtaken and waited >= STALL_S:
            yield _Finding("unmatchable", f"It has waited {waited:.0f} s while {i.overtaken} jobs submitted later were "
                           f"started.{_asks(i)}", i.path, i.until_ts)  # fmt: skip
        elif waited >= 2 * STALL_S and not i.running_meanwhile:
            stalled.append(i)
    if stalled:
        longest = max(stalled, key=lambda i: i.until_ts - i.submit_ts)
        waited = longest.until_ts - longest.submit_ts
        yield _Finding("pool_stalled", f"For {waited:.0f} s nothing ran although {longest.job} waited for a machine.",
                       ts=longest.submit_ts, resolved=longest.executed, key="pool_stalled")  # fmt: skip


def _asks(i: Idle) -> str:
    wants = [
        f"{value:g} {unit}"
        for value, unit in ((i.req_cpus, "CPUs"), (i.req_memory_mb, "MB memory"), (i.req_gpus, "GPUs"))
        if value
    ]
    return f" It asks for {', '.join(wants)}." if wants else ""


# ---- grouping -------------------------------------------------------------------------------------------------------

_NUMBER = re.compile(r"\b(?:0x)?[0-9a-f]*\d[0-9a-f]*\b", re.I)
_PATH = re.compile(r"(?:/[\w.+@:%~-]+){2,}|\b[\w-]+_ID\d+\b")


def normalise(message: str) -> str:
    """A message without what differs from one occurrence to the next: paths, numbers, addresses."""
    return _NUMBER.sub("N", _PATH.sub("P", message))[:160]


def _grouped(findings: list[_Finding]) -> list[list[_Finding]]:
    groups: dict[tuple[str, str, str], list[_Finding]] = {}
    for f in findings:
        raw = f.key or _exit_key(f) + normalise(_without_names(f))
        groups.setdefault((f.label, raw, "" if f.node else "workflow"), []).append(f)
    return _merged(list(groups.values()))


def _merged(groups: list[list[_Finding]]) -> list[list[_Finding]]:
    """Tries of one job that ended alike belong together although the output of the earlier ones is lost."""
    kept: list[list[_Finding]] = []
    for group in sorted(groups, key=lambda g: -max(len(f.message) for f in g)):
        nodes = {f.node for f in group}
        same = next((k for k in kept if k[0].label == group[0].label and nodes <= {f.node for f in k}
                     and k[0].one is not None and group[0].one is not None
                     and k[0].one.main_exitcode == group[0].one.main_exitcode), None)  # fmt: skip
        if same is not None:
            same += group
        else:
            kept.append(group)
    return kept


def _exit_key(f: _Finding) -> str:
    return "" if f.one is None else f"{f.one.main_exitcode if not f.task else ''}|"


def _without_names(f: _Finding) -> str:
    text = f.message
    for name in filter(None, (f.one.job if f.one else None, f.node.split("/")[-1], f.task)):
        text = text.replace(name, "J")
    return text


def _group(findings: list[_Finding]) -> Cause:
    first = findings[0]
    label = LABELS[first.label]
    last = max(findings, key=lambda f: (not f.resolved, len(f.message) > 40, f.ts or 0))
    tries = {f.one.job_instance_id for f in findings if f.one is not None}
    times = [f.ts for f in findings if f.ts is not None]
    one = last.one
    return Cause(
        label=first.label,
        title=label.title,
        message=last.message,
        nodes=list(dict.fromkeys(f.node for f in findings if f.node)),
        attempts=len(tries),
        first_ts=min(times, default=None),
        last_ts=max(times, default=None),
        resolved=all(f.resolved for f in findings),
        consequences=list(dict.fromkeys(c for f in findings for c in f.consequences))[:5],
        hosts=sorted({f.one.slot for f in findings if f.one is not None and f.one.slot})[:10],
        tasks=list(dict.fromkeys(f.task for f in findings if f.task)),
        sample_job=one.path if one else None,
        sample_workflow=one.wf_uuid if one else None,
        sample_output=_sample(one) if one else "",
        sample_files=[f for f in (one.stdout_file, one.stderr_file, one.submit_file) if f] if one else [],
        next_step=label.advice,
        retry_helps=label.retry_helps,
    )


def _sample(t: Try) -> str:
    text = t.stderr if t.stderr.strip() else t.stdout
    lines = [line for line in text.splitlines() if line.strip()]
    return "\n".join(lines[-12:])[-2000:]


def _next_steps(causes: list[Cause], facts: Evidence) -> list[str]:
    steps: list[str] = []
    for w in facts.workflows:
        if w.workflow.parent_wf_uuid is not None:
            continue
        folder = w.workflow.found_dir or w.workflow.submit_dir or "."
        state = w.workflow.state
        if state in ("failed", "removed", "halted", "lost"):
            again = f"pegasus-run {folder}" if w.workflow.engine == "pegasus" else f"condor_submit_dag {w.workflow.dag}"
            rescue = f" (goes on from {w.rescue.rsplit('/', 1)[-1]})" if w.rescue else ""
            steps.append(f"When the causes are mended: {again}{rescue}")
        elif state == "running" and any(c.label.startswith("held") for c in causes if not c.resolved):
            steps.append("When a hold's cause is gone: condor_release JOB_ID (condor_q -hold lists them)")
    return steps
