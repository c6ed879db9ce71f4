"""Jobs as nodes of a graph: name, what they run, state; and the edges between them by number."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from typing import Any, Final

from stampede.model.states import NODE_STATES
from stampede.query.collections.parts import EXECUTING
from stampede.query.columns.frame import Frame, Words
from stampede.query.workflows import Workflow
from stampede.store.reader import Reader

#: states of nodes by number: as DAGMan counts, then with what is in HTCondor's queue told apart
STATES: Final = (*NODE_STATES, "service", "running", "idle", "held")
_NUMBER: Final = {state: number for number, state in enumerate(STATES)}
_SERVICE: Final = STATES.index("service")
#: names in one question
_BLOCK: Final = 500

#: what a job ``j`` runs: its transformation, else that of its tasks, else what the planner made it for
KIND: Final = (
    "coalesce(j.transformation, (SELECT min(t.transformation) FROM task t WHERE t.job_id = j.job_id), j.type_desc)"
)
#: the state of a job ``j``, the word of the list of jobs; its try is looked up only where it is in the queue
STATE: Final = (
    "CASE WHEN j.node_state <> 'queued' THEN j.node_state ELSE coalesce((SELECT CASE "
    "WHEN i.outcome IS NOT NULL THEN 'queued' WHEN i.state = 'JOB_HELD' THEN 'held' "
    f"WHEN i.state IN {EXECUTING} THEN 'running' ELSE 'idle' END "
    "FROM job_instance i WHERE i.job_instance_id = j.last_job_instance_id), 'idle') END"
)
_NODE: Final = f"SELECT j.exec_job_id, {KIND}, {STATE} FROM job j"


def number_of(state: str) -> int:
    """The number of a state; what is none of them counts as a service."""
    return _NUMBER.get(state, _SERVICE)


class Nodes:
    """Jobs by number, in the order in which they were added, with their columns; edges by the numbers of their ends."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}
        self.kinds = Words()
        self.kind = array("I")
        self.state = array("B")
        self.parent = array("I")
        self.child = array("I")

    def add(self, rows: Iterable[tuple[Any, ...]]) -> None:
        """Add jobs: rows of name, kind, state."""
        for name, kind, state in rows:
            self.numbers[name] = len(self.numbers)
            self.kind.append(self.kinds.number(kind))
            self.state.append(number_of(state))

    def connect(self, edges: Iterable[tuple[Any, ...]]) -> None:
        """Add edges: rows of parent, child. One that leads to nothing known is left out."""
        number = self.numbers.get
        for parent, child in edges:
            p, c = number(parent), number(child)
            if p is not None and c is not None:
                self.parent.append(p)
                self.child.append(c)

    def levels(self) -> array[int]:
        """The level of each."""
        return levels(len(self.numbers), self.parent, self.child)

    def frame(self) -> Frame:
        """Level ``jobs`` of a graph."""
        nodes = {"job": list(self.numbers), "kind": self.kind, "state": self.state, "level": self.levels()}
        edges = {"parent": self.parent, "child": self.child}
        facts = {"kinds": self.kinds.names, "states": list(STATES)}
        return Frame(kind="graph", level="jobs", facts=facts, tables={"nodes": nodes, "edges": edges})


def whole(reader: Reader, workflow: Workflow) -> Nodes:
    """All jobs of a workflow, in the order of their keys."""
    found = Nodes()
    found.add(reader.iterate(f"{_NODE} WHERE j.wf_id = ? ORDER BY j.job_id", (workflow.wf_id,)))
    found.connect(reader.iterate(
        "SELECT parent_exec_job_id, child_exec_job_id FROM job_edge WHERE wf_id = ?", (workflow.wf_id,)
    ))  # fmt: skip
    return found


def some(reader: Reader, workflow: Workflow, names: Sequence[str]) -> Nodes:
    """The jobs of these names, without their edges."""
    found = Nodes()
    for block in blocks(names):
        marks = ", ".join("?" * len(block))
        found.add(reader.rows(f"{_NODE} WHERE j.wf_id = ? AND j.exec_job_id IN ({marks})", (workflow.wf_id, *block)))
    return found


def blocks(names: Sequence[str]) -> list[Sequence[str]]:
    """Names in lots that fit into one question."""
    return [names[at : at + _BLOCK] for at in range(0, len(names), _BLOCK)]


def levels(count: int, parent: Sequence[int], child: Sequence[int]) -> array[int]:
    """The longest way to each node from one that waits for nothing. Nodes in a circle, which no DAG has, stay at 0."""
    waits = array("I", bytes(4 * count))
    first = array("I", bytes(4 * (count + 1)))
    for p in parent:
        first[p + 1] += 1
    for node in range(count):
        first[node + 1] += first[node]
    place = first[:]
    after = array("I", bytes(4 * len(child)))
    for p, c in zip(parent, child, strict=True):
        after[place[p]] = c
        place[p] += 1
        waits[c] += 1
    found = array("I", bytes(4 * count))
    ready = [node for node in range(count) if not waits[node]]
    while ready:
        node = ready.pop()
        beyond = found[node] + 1
        for c in after[first[node] : first[node + 1]]:
            if found[c] < beyond:
                found[c] = beyond
            waits[c] -= 1
            if not waits[c]:
                ready.append(c)
    for node in range(count):
        if waits[node]:
            found[node] = 0
    return found
