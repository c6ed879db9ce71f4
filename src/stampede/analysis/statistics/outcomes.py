"""Tasks, jobs and sub-workflows by how they ended, and how long workflows took.

Jobs are counted by the states of their nodes, as ``stampede status`` counts them: a job that is about to be tried again
has not failed. Tasks go by the last invocation of each.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from stampede.model.states import ENDED
from stampede.query.statistics.invocations import Invocations
from stampede.query.statistics.tries import Tries
from stampede.query.statistics.workflows import Counts

#: the job that runs a sub-workflow: its time is that of the jobs below it
ENGINE = "condor::dagman"


class Outcomes(msgspec.Struct, kw_only=True):
    """How many ended how; ``incomplete`` are neither. ``executed`` is succeeded + failed + retries."""

    succeeded: int = 0
    failed: int = 0
    incomplete: int = 0
    total: int = 0
    retries: int = 0
    executed: int = 0

    def add(self, other: Outcomes) -> None:
        """Count those of another one too."""
        for name in self.__struct_fields__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


def _outcomes(total: int, succeeded: int, failed: int, retries: int) -> Outcomes:
    return Outcomes(
        succeeded=succeeded, failed=failed, incomplete=max(total - succeeded - failed, 0), total=total,
        retries=retries, executed=succeeded + failed + retries,
    )  # fmt: skip


class WorkflowLine(msgspec.Struct, kw_only=True):
    """A workflow: who it is, how it stands, and how its tasks, jobs and sub-workflows ended.

    ``wall_s`` is the time its engine ran, all runs together; of one that runs, so far. ``restarts`` is how often it was
    started again.
    """

    wf_uuid: str
    label: str | None
    parent_wf_uuid: str | None
    state: str
    restarts: int
    started_ts: float | None
    last_ts: float | None
    wall_s: float | None
    tasks: Outcomes
    jobs: Outcomes
    sub_workflows: Outcomes


def line(counts: Counts) -> WorkflowLine:
    """What is told of a workflow."""
    status, sub = counts.status, counts.sub_nodes
    nodes = status.nodes
    ended = status.state in ENDED
    return WorkflowLine(
        wf_uuid=status.wf_uuid, label=status.label or (status.dag or "").removesuffix(".dag") or None,
        parent_wf_uuid=status.parent_wf_uuid, state=status.state, restarts=status.restart_count,
        started_ts=status.started_ts, last_ts=status.last_ts,
        wall_s=wall_s(counts, last_ts=None if ended else status.last_ts),
        tasks=_outcomes(counts.jobs.tasks, counts.jobs.tasks_succeeded, counts.jobs.tasks_failed,
                        counts.jobs.task_tries - counts.jobs.tasks_tried),
        jobs=_outcomes(max(nodes.total - sub.total, 0), max(nodes.done - sub.done, 0),
                       max(nodes.failed - sub.failed, 0), counts.jobs.tries - counts.jobs.jobs_tried),
        sub_workflows=_outcomes(sub.total, sub.done, sub.failed, counts.sub.tries - counts.sub.jobs_tried),
    )  # fmt: skip


def wall_s(counts: Counts, *, last_ts: float | None) -> float | None:
    """How long the engine ran, all runs together; None when no run is known from start to end.

    A run that vanished ended at the latest when the next one began or, ``last_ts``, when it was last heard of.
    """
    total = None
    for run, after in zip(counts.runs, [*counts.runs[1:], None], strict=False):
        end = run.end_ts
        if end is None:
            end = (after.start_ts if after is not None else None) or last_ts or counts.status.last_ts
        if run.start_ts is not None and end is not None:
            total = (total or 0.0) + max(end - run.start_ts, 0.0)
    return total


class Walls(msgspec.Struct, kw_only=True):
    """Time in seconds. ``workflows_s``: the engines of the roots ran for so long; ``running``: one of them still does.

    ``jobs_s`` is the time of all programs as kickstart measured it, ``seen_s`` as DAGMan saw it (with what surrounds
    them); of both ``bad_*`` is what went into tries and programs that failed. ``goodput`` is the share of ``seen_s``
    that did not. All are times the multiplier factors of the jobs; jobs that are workflows are not counted, theirs are.
    """

    workflows_s: float | None
    running: bool
    jobs_s: float
    bad_jobs_s: float
    seen_s: float
    bad_seen_s: float
    goodput: float | None


def walls(counts: Sequence[Counts], invocations: Iterable[Invocations], tries: Iterable[Tries]) -> Walls:
    """How long it all took."""
    roots = [c for c in counts if c.root]
    known = [s for s in (wall_s(c, last_ts=c.status.last_ts) for c in roots) if s is not None]
    jobs = [i for i in invocations if not i.script and i.transformation != ENGINE]
    tries = list(tries)
    seen = sum(t.unnested_wall_s for t in tries)
    bad = sum(t.unnested_wall_s for t in tries if t.outcome == "failed")
    return Walls(
        workflows_s=sum(known) if known else None, running=any(c.status.state == "running" for c in roots),
        jobs_s=sum(i.runtime_s for i in jobs), bad_jobs_s=sum(i.runtime_s for i in jobs if not i.succeeded),
        seen_s=seen, bad_seen_s=bad, goodput=1 - bad / seen if seen else None,
    )  # fmt: skip
