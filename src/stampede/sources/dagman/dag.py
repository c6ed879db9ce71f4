"""What a DAG file says, as values: :class:`Node`, :class:`Edges`, :class:`Dag`."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping
from typing import Literal

import msgspec

from stampede.sources.dagman.graph import Adjacency, adjacency, find_cycle
from stampede.sources.dagman.problem import FileProblem

NodeType = Literal["job", "subdag", "final", "service", "provisioner", "task"]

_NO_VARS: dict[str, str] = {}


def _no_vars() -> dict[str, str]:
    return _NO_VARS


class Node(msgspec.Struct, gc=False):
    """One node of the executable workflow.

    ``name`` is DAGMan's own: nodes of a splice are ``splice+node``. ``submit_file`` is as written (relative to ``dir``,
    which is relative to where DAGMan ran); it is empty for inline descriptions, tasks and sub-DAGs. ``retries`` is the
    number of further tries. Scripts are command lines as text, with DAGMan's macros (``$RETURN``) unexpanded.
    ``vars`` keeps values without their quotes, names as written; it may be shared between nodes: do not change it.
    ``abort_dag_on`` is the text after the node's name, ``abort_exit`` and ``abort_return`` what it says. ``command`` is
    the command line of a pegasus-mpi-cluster TASK. ``number`` is the position in the DAG's node list, from 0;
    ``line`` that in the file that declares the node (``file``: an index into ``Dag.files``).
    """

    name: str
    type: NodeType
    submit_file: str
    number: int
    line: int
    file: int = 0
    dir: str | None = None
    noop: bool = False
    done: bool = False
    retries: int = 0
    retry_unless_exit: int | None = None
    pre_script: str | None = None
    post_script: str | None = None
    hold_script: str | None = None
    pre_skip: int | None = None
    category: str | None = None
    priority: int = 0
    vars: dict[str, str] = msgspec.field(default_factory=_no_vars)
    abort_dag_on: str | None = None
    abort_exit: int | None = None
    abort_return: int | None = None
    inline_submit: str | None = None
    subdag_file: str | None = None
    command: str | None = None


class Edges:
    """Pairs (parent, child) of node numbers, kept compactly: 8 bytes an edge.

    A ``PARENT`` line that joins many with many is kept as its two sides (a *block*) and expanded only while one
    iterates. A pair that the file states twice is given twice.
    """

    def __init__(self) -> None:
        self.parents: array[int] = array("i")
        self.children: array[int] = array("i")
        self.blocks: list[tuple[array[int], array[int]]] = []

    def __len__(self) -> int:
        return len(self.parents) + sum(len(above) * len(below) for above, below in self.blocks)

    def __iter__(self) -> Iterator[tuple[int, int]]:
        yield from zip(self.parents, self.children, strict=True)
        for above, below in self.blocks:
            for parent in above:
                for child in below:
                    yield parent, child

    def graph(self, count: int) -> Adjacency:
        """Successors of ``count`` nodes for :mod:`stampede.sources.dagman.graph`. Each block becomes one more node
        between its two sides (numbers from ``count`` on), so that reachability and cycles stay and size does not
        grow."""
        parents, children = array("i", self.parents), array("i", self.children)
        for join, (above, below) in enumerate(self.blocks, count):
            parents.extend(above)
            children.extend([join] * len(above))
            parents.extend([join] * len(below))
            children.extend(below)
        return adjacency(count + len(self.blocks), parents, children)


class ReadFile(msgspec.Struct, frozen=True, gc=False):
    """A file that was read as part of the DAG, and how large it was (bytes)."""

    path: str
    size: int


class Dag(msgspec.Struct):
    """A DAG with everything it splices and includes.

    ``nodes`` is in the order of declaration. ``links`` holds the edges as node numbers, :meth:`edges` gives them as
    names. ``maxjobs`` maps categories to their limits. ``other`` keeps the commands that say nothing of nodes (DOT,
    ENV, SET_JOB_ATTR, SAVE_POINT_FILE, REJECT …) as (command, text after it). ``files``: the DAG file itself first.
    """

    path: str
    nodes: Mapping[str, Node]
    links: Edges
    maxjobs: dict[str, int] = {}
    submit_descriptions: dict[str, str] = {}
    node_status_file: str | None = None
    jobstate_log: str | None = None
    config: str | None = None
    other: list[tuple[str, str]] = []
    problems: list[FileProblem] = []
    files: list[ReadFile] = []

    def edges(self) -> Iterator[tuple[str, str]]:
        """Every (parent, child) as names, lazily: the pairs of a many-to-many line are not stored."""
        names = list(self.nodes)
        for parent, child in self.links:
            yield names[parent], names[child]

    def cycle(self) -> list[str]:
        """The names of nodes that wait for each other, each for the one before and the first for the last; none if it
        can be run."""
        found = find_cycle(self.links.graph(len(self.nodes))) or []
        names = list(self.nodes)
        return [names[number] for number in found if number < len(names)]

    def by_type(self) -> Mapping[str, int]:
        """How many nodes there are of each type."""
        counts: dict[str, int] = {}
        for node in self.nodes.values():
            counts[node.type] = counts.get(node.type, 0) + 1
        return counts


def merged(dags: list[Dag]) -> Dag:
    """Several DAG files run by one DAGMan: their nodes are called ``<index>.<name>`` (DAGMAN_MUNGE_NODE_NAMES)."""
    nodes: dict[str, Node] = {}
    whole = Dag(path=dags[0].path, nodes=nodes, links=Edges())
    for index, dag in enumerate(dags):
        first = len(nodes)
        for node in dag.nodes.values():
            name = f"{index}.{node.name}"
            nodes[name] = msgspec.structs.replace(node, name=name, number=first + node.number)
        for parent, child in dag.links:
            whole.links.parents.append(first + parent)
            whole.links.children.append(first + child)
        whole.maxjobs.update(dag.maxjobs)
        whole.submit_descriptions.update(dag.submit_descriptions)
        whole.problems += dag.problems
        whole.files += dag.files
    return whole
