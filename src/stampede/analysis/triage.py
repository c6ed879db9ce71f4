"""What is wrong with a workflow, causes first.

Everything that went wrong is judged one by one, then put together by what it has in common::

    tries   a failed, held or removed try, each judged by ``judge``     ┐
    engine  DAGMan removed, halted, held, killed, restarted, run again  ├─► ``grouping`` ─► causes, most important first
    pool    evictions, lost machines, jobs that no machine takes        │
    pace    jobs that hang, stragglers                                  ┘

A sub-workflow's failure is the cause, that of the node that ran it a consequence.
"""

from __future__ import annotations

import shlex

import msgspec

from stampede.analysis.blocking import blocked_by
from stampede.analysis.cause import Cause, cause_of
from stampede.analysis.engine import engine_findings
from stampede.analysis.finding import Finding
from stampede.analysis.grouping import grouped
from stampede.analysis.pace import pace_findings
from stampede.analysis.pool import interruption_findings, waiting_findings
from stampede.analysis.tries import try_findings
from stampede.query.trouble import Evidence
from stampede.query.workflows import Workflow

__all__ = ["Cause", "Triage", "groups_of", "told", "triage"]


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """What to do next: ``do`` is a command as far as folder and DAG are known; ``note`` says more of it."""

    when: str
    do: str
    note: str = ""

    def __str__(self) -> str:
        return f"{self.when}: {self.do}" + (f" ({self.note})" if self.note else "")


class Triage(msgspec.Struct, kw_only=True):
    """Causes, most important first; what can never run now; where to go on (``next_steps`` are ``steps`` as sentences).

    ``judged_tries`` went wrong, each by itself or counted with those that went wrong alike; ``incomplete``: some kinds
    of them were too rare to be told.
    """

    causes: list[Cause]
    never_run: int
    never_run_sample: list[str]
    next_steps: list[str]
    steps: list[Step] = []
    judged_tries: int
    incomplete: bool = False


def triage(facts: Evidence) -> Triage:
    """Judge the facts."""
    return told(groups_of(facts), facts)


def told(groups: list[list[Finding]], facts: Evidence) -> Triage:
    """The answer for what was put together (``groups_of``)."""
    found = [cause_of(group, facts) for group in groups]
    _add_blocked(found, groups, facts)
    found.sort(key=_rank)
    steps = _steps(found, facts)
    return Triage(
        causes=found,
        never_run=sum(w.futile for w in facts.workflows),
        never_run_sample=[w.path + n for w in facts.workflows for n in w.futile_sample][:20],
        next_steps=[str(step) for step in steps],
        steps=steps,
        judged_tries=max(facts.failing, len(facts.tries)),
        incomplete=facts.cut,
    )


def groups_of(facts: Evidence) -> list[list[Finding]]:
    """What is behind the causes: findings, put together by what they say."""
    return grouped([
        *engine_findings(facts),
        *try_findings(facts),
        *pace_findings(facts),
        *interruption_findings(facts),
        *waiting_findings(facts),
    ])  # fmt: skip


#: causes of the workflow itself that come before those of its jobs
_FIRST = frozenset({"dag_parse_error", "dagman_crashed", "dagman_held", "halted", "removed_by_operator"})


def _rank(c: Cause) -> tuple[bool, bool, int, float]:
    return c.resolved, not c.nodes and c.label not in _FIRST, -c.node_count, c.first_ts or 0


def _add_blocked(found: list[Cause], groups: list[list[Finding]], facts: Evidence) -> None:
    """Say of each cause that stands how many nodes can never run because of it."""
    standing = [
        (cause, group) for cause, group in zip(found, groups, strict=True) if cause.nodes and not cause.resolved
    ]
    seeds = [
        (
            [job for f in group if _final(f) for job in f.jobs],
            {uuid for f in group if f.one is not None for uuid in f.one.workflows},
        )
        for _, group in standing
    ]
    for (cause, _), count in zip(standing, blocked_by(seeds, facts), strict=True):
        cause.blocks = count


def _final(f: Finding) -> bool:
    return f.one is None or f.one.node_state == "failed"


def _steps(causes: list[Cause], facts: Evidence) -> list[Step]:
    steps: list[Step] = []
    for w in facts.workflows:
        if w.workflow.parent_wf_uuid is not None:
            continue
        state = w.workflow.state
        if state in ("failed", "removed", "halted", "lost"):
            note = f"goes on from {w.rescue.rsplit('/', 1)[-1]}" if w.rescue else ""
            steps.append(Step(when="When the causes are mended", do=_again(w.workflow), note=note))
        elif state == "running" and any(c.label.startswith("held") for c in causes if not c.resolved):
            steps.append(Step(
                when="When a hold's cause is gone", do="condor_release JOB_ID", note="condor_q -hold lists them",
            ))  # fmt: skip
    return steps


def _again(workflow: Workflow) -> str:
    """What starts a workflow again: a command, as far as folder and DAG are known."""
    folder = workflow.found_dir or workflow.submit_dir
    if workflow.engine == "pegasus":
        return f"pegasus-run {shlex.quote(folder)}" if folder else "pegasus-run with its submit directory"
    dag = workflow.dag or ""
    if dag and (workflow.engine == "dagman" or dag.endswith(".dag")):
        return f"condor_submit_dag {shlex.quote(dag)}"
    return "start it again with the engine that ran it"
