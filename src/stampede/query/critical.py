"""The critical path: the chain of jobs that led to the end of a run.

From the job that ended last one goes back to the one of its parents that ended last, since that was what it waited for,
and so on to a job that waited for nothing. In place of a job that stands for a sub-workflow comes the path of that.
While a workflow runs, the path leads to the job that has been at it longest of those that have not ended.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from stampede.query.workflows import Workflow, paths
from stampede.store.reader import Reader

#: steps of a path, at most; longer chains are told from their end
MOST_STEPS: Final = 5_000

_UNDER_WAY: Final = """
SELECT job_id, exec_job_id, last_job_instance_id FROM job
WHERE wf_id = ? AND node_state IN ('pre', 'queued', 'post') AND attempts > 0 AND node_type <> 'service'
ORDER BY node_state_ts, exec_job_id LIMIT 1
"""
_LAST: Final = """
SELECT job_id, exec_job_id, last_job_instance_id FROM job
WHERE wf_id = ? AND attempts > 0 AND node_type <> 'service' AND node_state IN ('done', 'failed')
ORDER BY node_state_ts DESC, exec_job_id LIMIT 1
"""
_PARENT: Final = """
SELECT p.job_id, p.exec_job_id, p.last_job_instance_id
FROM job_edge e JOIN job p ON p.wf_id = e.wf_id AND p.exec_job_id = e.parent_exec_job_id
WHERE e.wf_id = ? AND e.child_exec_job_id = ? AND p.attempts > 0
ORDER BY p.node_state_ts DESC, p.exec_job_id LIMIT 1
"""
_BELOW: Final = "SELECT subwf_id FROM job_instance WHERE job_instance_id = ? AND subwf_id IS NOT NULL"


class Step(NamedTuple):
    """A job of the path; ``path`` is its name with those of the sub-workflows it lies in."""

    wf_id: int
    job_id: int
    job: str
    path: str


def critical_path(reader: Reader, workflows: Sequence[Workflow]) -> list[Step]:
    """The path of the first of these workflows, from its beginning to its end; into those below it that are among
    them. Empty where nothing was tried."""
    if not workflows:
        return []
    walk = _Walk(reader, workflows)
    walk.follow(workflows[0].wf_id)
    return walk.steps[::-1]


class _Walk:
    """Goes back from the end; steps are in the order in which they are met."""

    def __init__(self, reader: Reader, workflows: Sequence[Workflow]) -> None:
        self._reader = reader
        self._prefixes = paths(list(workflows))
        self._inside: set[int] = set()
        self.steps: list[Step] = []

    def follow(self, wf_id: int) -> None:
        """The path of one workflow."""
        self._inside.add(wf_id)
        met: set[int] = set()
        found = self._reader.one(_UNDER_WAY, (wf_id,)) or self._reader.one(_LAST, (wf_id,))
        while found is not None and found[0] not in met and len(self.steps) < MOST_STEPS:
            job_id, name, instance = found
            met.add(job_id)
            before = len(self.steps)
            below = self._reader.one(_BELOW, (instance,))
            if below is not None and below[0] in self._prefixes and below[0] not in self._inside:
                self.follow(below[0])
            if len(self.steps) == before:  # no sub-workflow, or one of which nothing was tried
                self.steps.append(Step(wf_id, job_id, name, self._prefixes.get(wf_id, "") + name))
            found = self._reader.one(_PARENT, (wf_id, name))
