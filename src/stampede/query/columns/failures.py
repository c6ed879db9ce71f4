"""The part of a graph where it failed: what failed, what that waited for, and what can never run now."""

from __future__ import annotations

from typing import Any, Final

from stampede.query.columns.frame import Frame
from stampede.query.columns.nodes import blocks, some
from stampede.query.workflows import Workflow
from stampede.store.reader import Reader

_EDGE: Final = "SELECT e.parent_exec_job_id, e.child_exec_job_id FROM job_edge e"


def failures(reader: Reader, workflow: Workflow, *, most: int = 2_000) -> Frame:
    """Failed jobs, those they waited for, and futile ones beyond them, nearest first, as level ``jobs`` of a graph.

    At most ``most`` jobs, of which failed ones take no more than half; fact ``cut`` says that there are more. The graph
    of a workflow in which nothing failed is empty.
    """
    rows = reader.rows(
        "SELECT exec_job_id FROM job WHERE wf_id = ? AND node_state = 'failed' ORDER BY job_id LIMIT ?",
        (workflow.wf_id, most // 2 + 1),
    )
    failed = [name for (name,) in rows[: most // 2]]
    names = dict.fromkeys(failed)
    cut = _beyond(reader, workflow.wf_id, failed, names, most) or len(rows) > len(failed)
    for parent, _ in _edges(reader, workflow.wf_id, failed, "child"):
        if len(names) >= most and parent not in names:
            cut = True
            break
        names[parent] = None
    nodes = some(reader, workflow, list(names))
    nodes.connect(_edges(reader, workflow.wf_id, list(names), "child"))
    found = nodes.frame()
    found.facts["cut"] = cut
    return found


def _beyond(reader: Reader, wf_id: int, failed: list[str], names: dict[str, None], most: int) -> bool:
    """Add what can never run because of these; True when there was no room for all."""
    reached = failed
    while reached:
        near = {
            child: None
            for _, child in _edges(reader, wf_id, reached, "parent", futile=True)
            if child not in names
        }  # fmt: skip
        room = most - len(names)
        reached = list(near)[:room]
        names.update(dict.fromkeys(reached))
        if len(near) > room:
            return True
    return False


def _edges(reader: Reader, wf_id: int, names: list[str], end: str, *, futile: bool = False) -> list[tuple[Any, ...]]:
    """The edges that have these jobs at one end; ``futile``: only those to a job that can never run."""
    only = (
        " JOIN job c ON c.wf_id = e.wf_id AND c.exec_job_id = e.child_exec_job_id AND c.node_state = 'futile'"
        if futile
        else ""
    )
    found: list[tuple[Any, ...]] = []
    for block in blocks(names):
        marks = ", ".join("?" * len(block))
        found += reader.rows(f"{_EDGE}{only} WHERE e.wf_id = ? AND e.{end}_exec_job_id IN ({marks})", (wf_id, *block))
    return found
