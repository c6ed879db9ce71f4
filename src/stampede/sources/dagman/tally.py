"""What is remembered of every node and every try till the end of a run, in a few bytes each.

A DAG may have a million nodes: sets and dictionaries of names would take a hundred bytes for each, and would grow as
the run goes on. Nodes that the DAG has are known by their number here; any other (a log that does not fit its DAG) is
kept by its name.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Mapping

from stampede.sources.dagman.dag import Node

#: HTCondor's process numbers are smaller
_PROCS = 1 << 24
#: digits of two such numbers
_LONGEST = 19


class NodeSet:
    """A set of nodes."""

    def __init__(self, nodes: Mapping[str, Node]) -> None:
        self._nodes = nodes
        self._flags = bytearray(len(nodes))
        self._others: set[str] = set()

    def repack(self, nodes: Mapping[str, Node]) -> None:
        """The same nodes, kept in another way."""
        self._nodes = nodes

    def _number(self, name: str) -> int:
        node = self._nodes.get(name)
        return -1 if node is None or node.number >= len(self._flags) else node.number

    def __contains__(self, name: str) -> bool:
        number = self._number(name)
        return bool(self._flags[number]) if number >= 0 else name in self._others

    def add(self, name: str) -> None:
        """The node is in it."""
        number = self._number(name)
        if number >= 0:
            self._flags[number] = 1
        else:
            self._others.add(name)

    def discard(self, name: str) -> None:
        """The node is not in it."""
        number = self._number(name)
        if number >= 0:
            self._flags[number] = 0
        else:
            self._others.discard(name)

    def clear(self) -> None:
        """None is in it."""
        self._flags = bytearray(len(self._flags))
        self._others.clear()

    def __len__(self) -> int:
        return self._flags.count(1) + len(self._others)


class NodeCounts:
    """A number for each node, 0 at first."""

    def __init__(self, nodes: Mapping[str, Node]) -> None:
        self._nodes = nodes
        self._counts = array("i", bytes(4 * len(nodes)))
        self._others: dict[str, int] = {}

    def repack(self, nodes: Mapping[str, Node]) -> None:
        """The same nodes, kept in another way."""
        self._nodes = nodes

    def get(self, name: str) -> int:
        """The node's number."""
        node = self._nodes.get(name)
        if node is None or node.number >= len(self._counts):
            return self._others.get(name, 0)
        return self._counts[node.number]

    def put(self, name: str, count: int) -> None:
        """Give the node a number."""
        node = self._nodes.get(name)
        if node is None or node.number >= len(self._counts):
            self._others[name] = count
        else:
            self._counts[node.number] = count


class JobIds:
    """Node and job instance number by ``cluster.proc``: three numbers a try, in order of the ids."""

    def __init__(self, nodes: Mapping[str, Node]) -> None:
        self._nodes = nodes
        self._names: list[str] | None = None
        self._keys = array("q")
        self._numbers = array("i")
        self._seqs = array("i")
        self._odd: dict[str, tuple[str, int]] = {}

    def repack(self, nodes: Mapping[str, Node]) -> None:
        """The same nodes, kept in another way."""
        self._nodes = nodes

    def put(self, job: str, name: str, seq: int) -> None:
        """A try of the node has that id."""
        key, node = _key(job), self._nodes.get(name)
        if self._names is None:
            self._names = list(self._nodes)
        if key < 0 or node is None or node.number >= len(self._names) or seq >= 1 << 31:
            self._odd[job] = name, seq
            return
        at = len(self._keys)
        if at and key <= self._keys[-1]:
            at = bisect_left(self._keys, key)
            if self._keys[at] == key:
                self._numbers[at], self._seqs[at] = node.number, seq
                return
        self._keys.insert(at, key)
        self._numbers.insert(at, node.number)
        self._seqs.insert(at, seq)

    def get(self, job: str) -> tuple[str, int] | None:
        """Node and job instance number; None for an id that no node has."""
        odd = self._odd.get(job)
        if odd is not None:
            return odd
        key = _key(job)
        at = bisect_left(self._keys, key)
        if self._names is None or key < 0 or at == len(self._keys) or self._keys[at] != key:
            return None
        return self._names[self._numbers[at]], self._seqs[at]


def _key(job: str) -> int:
    """``cluster.proc`` as one number; negative for anything else."""
    cluster, _, proc = job.partition(".")
    if len(job) > _LONGEST or not (cluster.isascii() and cluster.isdigit() and proc.isascii() and proc.isdigit()):
        return -1
    number = int(proc)
    key = int(cluster) * _PROCS + number
    # other spellings of the same number are other ids
    return key if number < _PROCS and key < 1 << 62 and f"{int(cluster)}.{number}" == job else -1
