"""One naming scope of a DAG: the DAG itself, or one splice in it."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec

from stampede.sources.dagman.dag import Dag, Node
from stampede.sources.dagman.dagattrs import Setter


class Splice(msgspec.Struct, frozen=True):
    """What the outside of a splice can connect to, as node numbers. ``terminal`` nodes have no child in the splice,
    ``initial`` ones no parent; ``stop`` is one past the last of its nodes, ``start`` the first."""

    start: int
    stop: int
    initial: array[int]
    terminal: array[int]
    pins_in: dict[int, array[int]]
    pins_out: dict[int, array[int]]


class Scope:
    """Names and rules that hold for the lines of one DAG or splice (with the files it includes).

    ``prefix`` stands before each node's name (``a+b+``); ``cwd`` is what relative files are relative to; ``node_dir``
    the directory that a splice's ``DIR`` gives to its nodes; ``start`` the number of the scope's first node.
    """

    def __init__(self, prefix: str, cwd: Path, node_dir: str | None, start: int) -> None:
        self.prefix = prefix
        self.cwd = cwd
        self.node_dir = node_dir
        self.start = start
        self.splices: dict[str, Splice] = {}
        self.pins_in: dict[int, list[str]] = {}
        self.pins_out: dict[int, list[str]] = {}
        self.all_nodes: list[tuple[Setter, str]] = []
        self.later: list[tuple[Callable[[], object], tuple[str, int | None, int | None]]] = []

    def own(self, stop: int) -> Iterator[int]:
        """Numbers of the scope's own nodes: ``ALL_NODES`` does not reach into splices."""
        position = self.start
        for splice in self.splices.values():
            yield from range(position, splice.start)
            position = splice.stop
        yield from range(position, stop)

    def closed(self, dag: Dag, ordered: Sequence[Node], first_edge: int, first_block: int) -> Splice:
        """The finished scope as a splice. Its edges are those from ``first_edge`` and ``first_block`` on."""
        links = dag.links
        with_parent = set(links.children[first_edge:])
        with_child = set(links.parents[first_edge:])
        for above, below in links.blocks[first_block:]:
            with_child.update(above)
            with_parent.update(below)
        stop = len(ordered)
        inner = [n for n in range(self.start, stop) if ordered[n].type in ("job", "subdag", "task")]
        return Splice(
            self.start,
            stop,
            array("i", (n for n in inner if n not in with_parent)),
            array("i", (n for n in inner if n not in with_child)),
            {pin: self._numbers(dag, nodes, out=False) for pin, nodes in self.pins_in.items()},
            {pin: self._numbers(dag, nodes, out=True) for pin, nodes in self.pins_out.items()},
        )

    def _numbers(self, dag: Dag, names: list[str], *, out: bool) -> array[int]:
        found = array("i")
        for name in names:
            node = dag.nodes.get(self.prefix + name)
            splice = self.splices.get(name)
            if node is not None:
                found.append(node.number)
            elif splice is not None:
                found.extend(splice.terminal if out else splice.initial)
        return found
