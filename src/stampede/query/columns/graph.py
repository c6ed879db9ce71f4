"""The graph of jobs: folded into groups, or unfolded where somebody looks."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Any, Final, Literal, get_args

from stampede.errors import UnknownJobError, UsageError
from stampede.model.states import NODE_STATES
from stampede.query.columns.frame import Frame, Words
from stampede.query.workflows import Workflow
from stampede.store.sqlite import Reader

Fold = Literal["transformation", "level", "none"]
FOLDS: Final[tuple[Fold, ...]] = get_args(Fold)
#: jobs that are told one by one, at most
MOST_NODES: Final = 200_000
#: jobs whose levels are computed, at most
MOST_LEVELS: Final = 200_000

#: states of nodes by number
STATES: Final = (*NODE_STATES, "service")
_NUMBER: Final = {state: number for number, state in enumerate(STATES)}
_KIND: Final = (
    "coalesce({a}.transformation, (SELECT min(t.transformation) FROM task t WHERE t.job_id = {a}.job_id), "
    "{a}.type_desc)"
)


def graph(reader: Reader, workflow: Workflow, *, fold: Fold = "transformation") -> Frame:
    """The jobs of one workflow (those of a sub-workflow are its own graph) and what waits for what.

    Level ``groups`` (fold ``transformation`` or ``level``): table ``nodes``, a row for each group: ``kind`` (counts
    into facts ``kinds``), ``level`` (0 for those that wait for nothing; only when folded by level), ``jobs``, and how
    many of them are in each state (``done``, ``failed`` ...); table ``edges``: ``parent``, ``child`` (rows of
    ``nodes``), ``count``.
    Level ``jobs`` (fold ``none``): table ``nodes``, a row each: ``job``, ``kind``, ``state`` (counts into facts
    ``states``), ``level``; table ``edges``: ``parent``, ``child``.

    Raises UsageError when there are more jobs than can be unfolded.
    """
    if fold == "transformation":
        return _by_kind(reader, workflow)
    row = reader.one("SELECT count(*) FROM job WHERE wf_id = ?", (workflow.wf_id,))
    jobs = int(row[0]) if row else 0
    if jobs > (MOST_NODES if fold == "none" else MOST_LEVELS):
        raise UsageError(
            f"The workflow has {jobs} jobs; up to {MOST_NODES} can be unfolded. Fold it by transformation, or ask for "
            "the neighbourhood of a job."
        )
    nodes = reader.rows(f"{_NODE} WHERE j.wf_id = ? ORDER BY j.job_id", (workflow.wf_id,))
    edges = reader.rows("SELECT parent_exec_job_id, child_exec_job_id FROM job_edge WHERE wf_id = ?", (workflow.wf_id,))
    return _single(nodes, edges) if fold == "none" else _by_level(nodes, edges)


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
    nodes = []
    for block in _blocks(list(names)):
        marks = ", ".join("?" * len(block))
        nodes += reader.rows(f"{_NODE} WHERE j.wf_id = ? AND j.exec_job_id IN ({marks})", (workflow.wf_id, *block))
    found = _single(nodes, [e for e in edges if e[0] in names and e[1] in names])
    found.facts["cut"] = cut
    return found


_NODE: Final = f"SELECT j.exec_job_id, {_KIND.format(a='j')}, j.node_state FROM job j"
_BLOCK: Final = 500


def _blocks(names: list[str]) -> list[list[str]]:
    return [names[at : at + _BLOCK] for at in range(0, len(names), _BLOCK)]


def _edges_at(reader: Reader, wf_id: int, names: list[str], most: int) -> list[tuple[Any, ...]]:
    """The edges at these jobs, of which no more than ``most`` of each block: one job may have thousands of children."""
    found: list[tuple[Any, ...]] = []
    for block in _blocks(names):
        marks = ", ".join("?" * len(block))
        for end in ("parent", "child"):
            found += reader.rows(
                f"SELECT parent_exec_job_id, child_exec_job_id FROM job_edge WHERE wf_id = ? "
                f"AND {end}_exec_job_id IN ({marks}) LIMIT ?", (wf_id, *block, most),
            )  # fmt: skip
    return found


# ---- single jobs ----------------------------------------------------------------------------------------------------


def _single(nodes: Sequence[tuple[Any, ...]], edges: Sequence[tuple[Any, ...]]) -> Frame:
    numbers = {name: number for number, (name, _, _) in enumerate(nodes)}
    kinds = Words()
    parent, child = _ends(numbers, edges)
    table = {
        "job": [name for name, _, _ in nodes], "kind": array("I", [kinds.number(kind) for _, kind, _ in nodes]),
        "state": array("B", [_NUMBER.get(state, len(STATES) - 1) for _, _, state in nodes]),
        "level": array("I", levels(len(nodes), parent, child)),
    }  # fmt: skip
    facts = {"kinds": kinds.names, "states": list(STATES)}
    return Frame(kind="graph", level="jobs", facts=facts, tables={"nodes": table, "edges": {"parent": parent,
                                                                                        "child": child}})  # fmt: skip


def _ends(numbers: dict[str, int], edges: Sequence[tuple[Any, ...]]) -> tuple[array[int], array[int]]:
    """Both ends of edges by number; one that leads to nothing known is left out."""
    known = [(numbers[p], numbers[c]) for p, c in edges if p in numbers and c in numbers]
    return array("I", [p for p, _ in known]), array("I", [c for _, c in known])


def levels(count: int, parent: Sequence[int], child: Sequence[int]) -> list[int]:
    """The longest way to each node from one that waits for nothing. Nodes in a circle, which no DAG has, stay at 0."""
    waits = [0] * count
    after: list[list[int]] = [[] for _ in range(count)]
    for p, c in zip(parent, child, strict=True):
        after[p].append(c)
        waits[c] += 1
    found = [0] * count
    ready = [node for node in range(count) if not waits[node]]
    while ready:
        node = ready.pop()
        beyond = found[node] + 1
        for c in after[node]:
            if found[c] < beyond:
                found[c] = beyond
            waits[c] -= 1
            if not waits[c]:
                ready.append(c)
    return [level if not wait else 0 for level, wait in zip(found, waits, strict=True)]


# ---- groups ---------------------------------------------------------------------------------------------------------


class _Groups:
    """Groups by (kind, level), with their jobs by state and the edges between them."""

    def __init__(self) -> None:
        self.numbers: dict[tuple[str, int], int] = {}
        self.states: list[list[int]] = []
        self.edges: dict[tuple[int, int], int] = {}

    def add(self, kind: str, level: int, state: str, count: int) -> int:
        number = self.numbers.setdefault((kind, level), len(self.numbers))
        if number == len(self.states):
            self.states.append([0] * len(STATES))
        self.states[number][_NUMBER.get(state, len(STATES) - 1)] += count
        return number

    def connect(self, parent: int, child: int, count: int) -> None:
        self.edges[parent, child] = self.edges.get((parent, child), 0) + count

    def frame(self, fold: Fold) -> Frame:
        kinds = Words()
        nodes: dict[str, Any] = {
            "kind": array("I", [kinds.number(kind) for kind, _ in self.numbers]),
            "level": array("I", [level for _, level in self.numbers]),
            "jobs": array("I", [sum(states) for states in self.states]),
        }
        for number, state in enumerate(STATES):
            nodes[state] = array("I", [states[number] for states in self.states])
        edges: dict[str, Any] = {
            "parent": array("I", [p for p, _ in self.edges]), "child": array("I", [c for _, c in self.edges]),
            "count": array("I", list(self.edges.values())),
        }  # fmt: skip
        return Frame(
            kind="graph", level="groups", facts={"kinds": kinds.names, "states": list(STATES), "fold": fold},
            tables={"nodes": nodes, "edges": edges},
        )  # fmt: skip


def _by_kind(reader: Reader, workflow: Workflow) -> Frame:
    groups = _Groups()
    for kind, state, count in reader.iterate(
        f"SELECT {_KIND.format(a='j')}, j.node_state, count(*) FROM job j WHERE j.wf_id = ? GROUP BY 1, 2",
        (workflow.wf_id,),
    ):
        groups.add(kind, 0, state, count)
    for parent, child, count in reader.iterate(
        f"SELECT {_KIND.format(a='p')}, {_KIND.format(a='c')}, count(*) FROM job_edge e "
        "JOIN job p ON p.wf_id = e.wf_id AND p.exec_job_id = e.parent_exec_job_id "
        "JOIN job c ON c.wf_id = e.wf_id AND c.exec_job_id = e.child_exec_job_id WHERE e.wf_id = ? GROUP BY 1, 2",
        (workflow.wf_id,),
    ):
        groups.connect(groups.numbers[parent, 0], groups.numbers[child, 0], count)
    return groups.frame("transformation")


def _by_level(nodes: Sequence[tuple[Any, ...]], edges: Sequence[tuple[Any, ...]]) -> Frame:
    numbers = {name: number for number, (name, _, _) in enumerate(nodes)}
    parent, child = _ends(numbers, edges)
    at = levels(len(nodes), parent, child)
    groups = _Groups()
    of = [groups.add(kind, level, state, 1) for (_, kind, state), level in zip(nodes, at, strict=True)]
    for p, c in zip(parent, child, strict=True):
        groups.connect(of[p], of[c], 1)
    return groups.frame("level")
