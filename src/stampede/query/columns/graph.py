"""The graph of jobs: folded into groups, or unfolded where somebody looks."""

from __future__ import annotations

from array import array
from typing import Any, Final, Literal

from stampede.errors import UnknownJobError, UsageError
from stampede.query.columns.frame import Frame
from stampede.query.columns.groups import by_kind, by_level, kinds_by_state
from stampede.query.columns.nodes import STATE, STATES, blocks, number_of, some, whole
from stampede.query.workflows import Workflow
from stampede.store.reader import Reader

Fold = Literal["transformation", "level", "none"]
#: jobs that are told one by one, at most
MOST_NODES: Final = 200_000
#: jobs whose levels are computed, at most
MOST_LEVELS: Final = 2_000_000


def graph(reader: Reader, workflow: Workflow, *, fold: Fold = "transformation") -> Frame:
    """The jobs of one workflow (those of a sub-workflow are its own graph) and what waits for what.

    Level ``groups`` (fold ``transformation`` or ``level``): table ``nodes``, a row for each group: ``kind`` (counts
    into facts ``kinds``), ``level`` (0 for those that wait for nothing; only when folded by level), ``jobs``, and how
    many of them are in each state (``done``, ``failed`` ...); table ``edges``: ``parent``, ``child`` (rows of
    ``nodes``), ``count``.
    Level ``jobs`` (fold ``none``): table ``nodes``, a row each, in the order in which they became known: ``job``,
    ``kind``, ``state`` (counts into facts ``states``), ``level``; table ``edges``: ``parent``, ``child``.

    Raises UsageError when there are more jobs than can be unfolded.
    """
    if fold == "transformation":
        return by_kind(reader, workflow)
    row = reader.one("SELECT count(*) FROM job WHERE wf_id = ?", (workflow.wf_id,))
    jobs = int(row[0]) if row else 0
    most = MOST_NODES if fold == "none" else MOST_LEVELS
    if jobs > most:
        raise UsageError(
            f"The workflow has {jobs} jobs; up to {most} can be unfolded. Fold it by transformation, or ask for the "
            "neighbourhood of a job."
        )
    return whole(reader, workflow).frame() if fold == "none" else by_level(reader, workflow)


def states(reader: Reader, workflow: Workflow, *, fold: Literal["transformation", "none"] = "transformation") -> Frame:
    """What of :func:`graph` changes while a run goes on, without its edges.

    Fold ``transformation``: table ``nodes`` as there, rows in any order. Fold ``none``: table ``nodes`` with only
    ``state``, rows in the order of the graph; jobs that became known since come at the end.
    """
    if fold == "transformation":
        return kinds_by_state(reader, workflow)
    rows = reader.iterate(
        f"SELECT {STATE} FROM job j WHERE j.wf_id = ? ORDER BY j.job_id LIMIT ?", (workflow.wf_id, MOST_NODES)
    )
    found = array("B", [number_of(state) for (state,) in rows])
    return Frame(kind="graph", level="states", facts={"states": list(STATES)}, tables={"nodes": {"state": found}})


def neighbourhood(reader: Reader, workflow: Workflow, job: str, *, hops: int = 2, most: int = 2_000) -> Frame:
    """A job and those up to ``hops`` edges from it, at most ``most``, as level ``jobs`` of :func:`graph`; fact ``cut``
    says that there are more. Raises UnknownJobError."""
    if reader.one("SELECT 1 FROM job WHERE wf_id = ? AND exec_job_id = ?", (workflow.wf_id, job)) is None:
        raise UnknownJobError(f"There is no job {job!r}.")
    names: dict[str, None] = {job: None}
    edges: dict[tuple[str, str], None] = {}
    reached, cut = [job], False
    for _ in range(hops):
        near: dict[str, None] = {}
        for parent, child in _edges_at(reader, workflow.wf_id, reached, 4 * most):
            edges[parent, child] = None
            near.update({name: None for name in (parent, child) if name not in names})
        room = most - len(names)
        reached = list(near)[:room]
        cut = cut or len(near) > room
        names.update(dict.fromkeys(reached))
        if not reached or cut:
            break
    nodes = some(reader, workflow, list(names))
    nodes.connect(edges)
    found = nodes.frame()
    found.facts["cut"] = cut
    return found


def _edges_at(reader: Reader, wf_id: int, names: list[str], most: int) -> list[tuple[Any, ...]]:
    """The edges at these jobs, of which no more than ``most`` of each block: one job may have thousands of children."""
    found: list[tuple[Any, ...]] = []
    for block in blocks(names):
        marks = ", ".join("?" * len(block))
        for end in ("parent", "child"):
            found += reader.rows(
                f"SELECT parent_exec_job_id, child_exec_job_id FROM job_edge WHERE wf_id = ? "
                f"AND {end}_exec_job_id IN ({marks}) LIMIT ?", (wf_id, *block, most),
            )  # fmt: skip
    return found
