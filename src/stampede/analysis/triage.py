"""What is wrong with a workflow, causes first.

Everything that went wrong is judged one by one, then put together by what it has in common::

    tries   a failed, held or removed try, each judged by ``judge``     ┐
    engine  DAGMan removed, halted, held, killed, restarted, run again  ├─► ``grouping`` ─► causes, most important first
    pool    evictions, lost machines, jobs that no machine takes        │
    pace    jobs that hang, stragglers                                  ┘

A sub-workflow's failure is the cause, that of the node that ran it a consequence.
"""

from __future__ import annotations

import re

import msgspec

from stampede.analysis.engine import engine_findings
from stampede.analysis.finding import Finding
from stampede.analysis.grouping import grouped
from stampede.analysis.labels import LABELS
from stampede.analysis.pace import pace_findings
from stampede.analysis.pool import interruption_findings, waiting_findings
from stampede.analysis.tries import try_findings
from stampede.query.trouble import Evidence, Try

#: what the store puts before the output of each task of a try
_MARK = re.compile(r"#@ \d+ std(?:out|err)")
#: what programs under kickstart wrote to stderr, which is kept with the job's stdout
_OWN_STDERR = re.compile(r"^#@ \d+ stderr\n ?(.*?)(?=^#@ \d+ std|\Z)", re.M | re.S)


class Cause(msgspec.Struct, kw_only=True):
    """One thing that is or was wrong.

    ``nodes`` are names with their sub-workflows (``inner/work``), ``JOB/TASK`` for a task of a clustered job; empty
    when it is about the workflow or the pool. ``resolved``: a later try went well, or it is over. Times are epoch
    seconds.
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


def triage(facts: Evidence) -> Triage:
    """Judge the facts."""
    findings = [
        *engine_findings(facts),
        *try_findings(facts),
        *pace_findings(facts),
        *interruption_findings(facts),
        *waiting_findings(facts),
    ]
    causes = [_group(group) for group in grouped(findings)]
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


def _group(findings: list[Finding]) -> Cause:
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
    """The last lines of what best tells why a try failed: the program's own stderr, else the job's, else any output."""
    own = [part for part in _OWN_STDERR.findall(t.stdout) if part.strip()]
    notes = [i.note for i in t.invocations if i.note]
    text = own[-1] if own else notes[-1] if notes else t.stderr if t.stderr.strip() else t.stdout
    lines = [line for line in text.splitlines() if line.strip() and not _MARK.fullmatch(line)]
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
