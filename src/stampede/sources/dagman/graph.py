"""Questions about a directed graph given as two flat arrays of node numbers: order, cycles.

Nodes are numbered 0..n-1; edge *i* goes from ``parents[i]`` to ``children[i]``. All functions are pure, iterative
(depth is no limit) and linear in nodes + edges; a million nodes need a few tens of megabytes."""

from __future__ import annotations

from array import array
from collections.abc import Sequence

import msgspec


class Adjacency(msgspec.Struct, frozen=True):
    """Successors in two arrays: those of node *v* are ``targets[starts[v]:starts[v + 1]]``, in edge order."""

    starts: array[int]
    targets: array[int]

    def __len__(self) -> int:
        return len(self.starts) - 1

    def of(self, node: int) -> array[int]:
        """The successors of one node."""
        return self.targets[self.starts[node] : self.starts[node + 1]]


def adjacency(count: int, parents: Sequence[int], children: Sequence[int]) -> Adjacency:
    """Successor lists by a counting sort. Swap the two sequences to get the predecessors."""
    starts = array("q", bytes(8 * (count + 1)))
    for node in parents:
        starts[node + 1] += 1
    for node in range(count):
        starts[node + 1] += starts[node]
    place = array("q", starts)
    targets = array("i", bytes(4 * len(parents)))
    for parent, child in zip(parents, children, strict=True):
        targets[place[parent]] = child
        place[parent] += 1
    return Adjacency(starts, targets)


def topological_order(graph: Adjacency) -> array[int]:
    """Every node after its predecessors; shorter than the graph when there is a cycle: what lies on one or behind one
    is missing."""
    degree = array("i", bytes(4 * len(graph)))
    for node in graph.targets:
        degree[node] += 1
    order = array("i", (node for node in range(len(graph)) if not degree[node]))
    position = 0
    starts, targets = graph.starts, graph.targets
    while position < len(order):
        node = order[position]
        position += 1
        for child in targets[starts[node] : starts[node + 1]]:
            degree[child] -= 1
            if not degree[child]:
                order.append(child)
    return order


def find_cycle(graph: Adjacency) -> list[int] | None:
    """The nodes of one cycle, each a successor of the one before and the first of the last; None when there is none."""
    ordered = bytearray(len(graph))
    for node in topological_order(graph):
        ordered[node] = 1
    start = ordered.find(0)
    if start < 0:
        return None
    before = array("i", [-1]) * len(graph)
    for node in range(len(graph)):
        if not ordered[node]:
            for child in graph.of(node):
                before[child] = node  # a node left over has a predecessor that is left over too
    seen: dict[int, int] = {}
    node = start
    while node not in seen:
        seen[node] = len(seen)
        node = before[node]
    walk = list(seen)
    return walk[seen[node] :][::-1]
