"""The course of a workflow: how many of its jobs were done and failed by when, in few steps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from stampede.query.workflows import Workflow
from stampede.store.reader import Reader

#: of more jobs than this, one in several is looked at
MOST_JOBS: Final = 50_000


class Course(msgspec.Struct, kw_only=True):
    """Jobs of a workflow and all below it that were done, and that failed for good, in each of equal pieces of the time
    from ``start_ts`` to ``end_ts`` (epoch seconds; None: it has not begun). What was done nobody knows when is in the
    first. ``of_jobs`` above 1: one job in so many was looked at, and the numbers made up for that.
    """

    start_ts: float | None
    end_ts: float | None
    total: int
    done: list[int]
    failed: list[int]
    of_jobs: int = 1


def course(reader: Reader, workflows: Sequence[Workflow], *, steps: int) -> Course:
    """The course of some workflows together."""
    ids = ", ".join(str(w.wf_id) for w in workflows)
    row = reader.one(f"SELECT sum(total) FROM workflow_summary WHERE wf_id IN ({ids})")
    found = Course(
        start_ts=min((w.first_ts for w in workflows if w.first_ts is not None), default=None),
        end_ts=max((w.last_ts for w in workflows if w.last_ts is not None), default=None),
        total=int(row[0] or 0) if row else 0, done=[0] * steps, failed=[0] * steps,
    )  # fmt: skip
    if found.start_ts is None or found.end_ts is None:
        return found
    found.of_jobs = -(-found.total // MOST_JOBS) or 1
    step_s = max(found.end_ts - found.start_ts, 1.0) / steps
    for state, step, jobs in reader.rows(
        f"""SELECT j.node_state, CAST((coalesce(j.node_state_ts, ?) - ?) / ? AS INTEGER), count(*)
            FROM job j WHERE j.wf_id IN ({ids}) AND j.node_state IN ('done', 'failed') AND j.node_type <> 'service'
              AND (? = 1 OR j.job_id % ? = 0) GROUP BY 1, 2""",
        (found.start_ts, found.start_ts, step_s, found.of_jobs, found.of_jobs),
    ):
        counts = found.done if state == "done" else found.failed
        counts[min(max(step, 0), steps - 1)] += jobs * found.of_jobs
    return found
