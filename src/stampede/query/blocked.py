"""What can never run now, and what it waits for."""

from __future__ import annotations

from stampede.query.workflows import Workflow
from stampede.store.reader import Reader

#: nodes that can never run of which the parents are looked up; more are only counted
MOST = 50_000


def blocked(reader: Reader, workflows: list[Workflow], paths: dict[int, str]) -> dict[str, list[str]] | None:
    """Futile nodes with their parents, all by path; None when there are too many."""
    found: dict[str, list[str]] = {}
    for wf in workflows:
        row = reader.one("SELECT futile FROM workflow_summary WHERE wf_id = ?", (wf.wf_id,))
        if not row or not row[0]:
            continue
        if len(found) + row[0] > MOST:
            return None
        prefix = paths[wf.wf_id]
        for child, parent in reader.iterate(
            """SELECT c.exec_job_id, e.parent_exec_job_id FROM job c
               JOIN job_edge e ON e.wf_id = c.wf_id AND e.child_exec_job_id = c.exec_job_id
               WHERE c.wf_id = ? AND c.node_state = 'futile'""",
            (wf.wf_id,),
        ):
            found.setdefault(prefix + child, []).append(prefix + parent)
    return found
