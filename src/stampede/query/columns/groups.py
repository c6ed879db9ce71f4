"""Jobs of a graph in groups: by what they run, or by that and their level."""

from __future__ import annotations

from array import array
from typing import Any

from stampede.query.columns.frame import Frame, Words
from stampede.query.columns.nodes import KIND, STATE, STATES, Nodes, number_of, whole
from stampede.query.workflows import Workflow
from stampede.store.reader import Reader


class _Groups:
    """Groups by (kind, level), with their jobs by state and the edges between them."""

    def __init__(self) -> None:
        self.numbers: dict[tuple[str, int], int] = {}
        self.states: list[list[int]] = []
        self.edges: dict[tuple[int, int], int] = {}

    def add(self, kind: str, level: int, state: int, count: int) -> int:
        number = self.numbers.setdefault((kind, level), len(self.numbers))
        if number == len(self.states):
            self.states.append([0] * len(STATES))
        self.states[number][state] += count
        return number

    def connect(self, parent: int, child: int) -> None:
        self.edges[parent, child] = self.edges.get((parent, child), 0) + 1

    def nodes(self) -> tuple[list[str], dict[str, Any]]:
        kinds = Words()
        nodes: dict[str, Any] = {
            "kind": array("I", [kinds.number(kind) for kind, _ in self.numbers]),
            "level": array("I", [level for _, level in self.numbers]),
            "jobs": array("I", [sum(states) for states in self.states]),
        }
        for number, state in enumerate(STATES):
            nodes[state] = array("I", [states[number] for states in self.states])
        return kinds.names, nodes

    def frame(self, fold: str) -> Frame:
        kinds, nodes = self.nodes()
        edges: dict[str, Any] = {
            "parent": array("I", [p for p, _ in self.edges]), "child": array("I", [c for _, c in self.edges]),
            "count": array("I", list(self.edges.values())),
        }  # fmt: skip
        return Frame(
            kind="graph", level="groups", facts={"kinds": kinds, "states": list(STATES), "fold": fold},
            tables={"nodes": nodes, "edges": edges},
        )  # fmt: skip


def by_kind(reader: Reader, workflow: Workflow) -> Frame:
    """Groups of what jobs run. Edges are counted here: joining both ends to their kinds costs SQLite three times as
    much."""
    groups = _Groups()
    of: dict[str, int] = {}
    for name, kind, state in reader.iterate(
        f"SELECT j.exec_job_id, {KIND}, {STATE} FROM job j WHERE j.wf_id = ?", (workflow.wf_id,)
    ):
        of[name] = groups.add(kind, 0, number_of(state), 1)
    for parent, child in reader.iterate(
        "SELECT parent_exec_job_id, child_exec_job_id FROM job_edge WHERE wf_id = ?", (workflow.wf_id,)
    ):
        if parent in of and child in of:
            groups.connect(of[parent], of[child])
    return groups.frame("transformation")


def kinds_by_state(reader: Reader, workflow: Workflow) -> Frame:
    """The same groups without their edges, in no order that is told: what changes while a run goes on."""
    groups = _Groups()
    for kind, state, count in reader.iterate(
        f"SELECT {KIND}, {STATE}, count(*) FROM job j WHERE j.wf_id = ? GROUP BY 1, 2", (workflow.wf_id,)
    ):
        groups.add(kind, 0, number_of(state), count)
    kinds, nodes = groups.nodes()
    facts = {"kinds": kinds, "states": list(STATES), "fold": "transformation"}
    return Frame(kind="graph", level="groups", facts=facts, tables={"nodes": nodes})


def by_level(reader: Reader, workflow: Workflow) -> Frame:
    """Groups of what jobs run and their level."""
    nodes: Nodes = whole(reader, workflow)
    names = nodes.kinds.names
    groups = _Groups()
    of = [
        groups.add(names[kind], level, state, 1)
        for kind, level, state in zip(nodes.kind, nodes.levels(), nodes.state, strict=True)
    ]
    for p, c in zip(nodes.parent, nodes.child, strict=True):
        groups.connect(of[p], of[c])
    return groups.frame("level")
