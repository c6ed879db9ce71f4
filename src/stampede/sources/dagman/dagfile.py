"""Reads DAG files: what HTCondor DAGMan was told to run, before anything ran.

The syntax is that of the HTCondor manual ("DAGMan Workflows", "DAG Input File Commands"), keywords in any case, plus
the ``TASK``/``EDGE`` lines of pegasus-mpi-cluster. Reading never fails on content: what cannot be used becomes a
:class:`~stampede.sources.dagman.problem.FileProblem` and the rest is read.
"""

from __future__ import annotations

import os
from array import array
from collections.abc import Iterator
from pathlib import Path

from stampede.sources.dagman.dag import Dag, Edges, Node, NodeType, ReadFile
from stampede.sources.dagman.dagattrs import SCRIPTS, BadCommandError, integer, tokens
from stampede.sources.dagman.dagreader import DagReader, Handler
from stampede.sources.dagman.dagscope import Scope
from stampede.sources.dagman.dagtask import read_task
from stampede.sources.dagman.problem import FileProblem, quote

__all__ = ["Dag", "Edges", "FileProblem", "Node", "ReadFile", "parse_dag"]

#: A ``PARENT`` line with more pairs than this is kept as a block, not as single edges.
_BLOCK_PAIRS = 1024
_RESERVED = frozenset({"PARENT", "CHILD", "ALL_NODES"})


def parse_dag(path: Path, *, base_dir: Path | None = None) -> Dag:
    """Read a DAG file with all it splices and includes.

    ``base_dir`` is the directory DAGMan ran in, which relative names are relative to; by default that of the file.
    A file that cannot be read gives an empty :class:`Dag` with a problem. Sub-DAGs (``SUBDAG EXTERNAL``) are workflows
    of their own: their files are named, not read.
    """
    return _Parser(path, base_dir if base_dir is not None else path.parent).run()


class _Parser(DagReader):
    def table(self) -> dict[str, Handler]:
        table: dict[str, Handler] = {
            "JOB": self._job,
            "NODE": self._job,
            "FINAL": lambda scope, text: self._typed(scope, text, "final"),
            "SERVICE": lambda scope, text: self._typed(scope, text, "service"),
            "PROVISIONER": lambda scope, text: self._typed(scope, text, "provisioner"),
            "SUBDAG": self._subdag,
            "SPLICE": self._splice,
            "INCLUDE": self._include,
            "SUBMIT-DESCRIPTION": self._description,
            "SUBMIT_DESCRIPTION": self._description,
            "SCRIPT": self._script,
            "PARENT": self._parent,
            "CONNECT": self._connect,
            "PIN_IN": lambda scope, text: self._pin(scope.pins_in, text),
            "PIN_OUT": lambda scope, text: self._pin(scope.pins_out, text),
            "MAXJOBS": self._maxjobs,
            "TASK": self._task,
            "EDGE": self._edge,
        }
        for word in ("CONFIG", "NODE_STATUS_FILE", "JOBSTATE_LOG"):
            table[word] = self._setting(word)
        for word in ("REJECT", "DOT", "SAVE_POINT_FILE", "SET_JOB_ATTR", "ENV"):
            table[word] = self._kept(word)
        return table | {word.lower(): handler for word, handler in table.items()}

    # Nodes

    def _job(self, scope: Scope, text: str) -> None:
        parts = text.split()
        if len(parts) == 2 and parts[1][0] not in "{@" and '"' not in text:
            self._add(scope, parts[0], "job", parts[1])
        else:
            self._typed(scope, text, "job")

    def _typed(self, scope: Scope, text: str, kind: NodeType) -> None:
        name, *rest = text.split(None, 1)[:2] or [""]
        body = rest[0] if rest else ""
        inline = None
        if body.startswith(("{", "@=")):
            inline, options = self._inline(body)
            submit = ""
        else:
            submit, *options = tokens(body) or [""]
        if not name or (not submit and inline is None):
            raise BadCommandError("incomplete", "A node needs a name and a submit file: command left out.")
        node = self._add(scope, name, kind, submit)
        if node is not None:
            node.inline_submit = inline
            self._options(node, options, scope)

    def _subdag(self, scope: Scope, text: str) -> None:
        parts = tokens(text)
        if len(parts) < 3 or parts[0].upper() != "EXTERNAL":
            raise BadCommandError("bad-syntax", "SUBDAG needs EXTERNAL, a name and a file: command left out.")
        node = self._add(scope, parts[1], "subdag", "")
        if node is not None:
            node.subdag_file = parts[2]
            self._options(node, parts[3:], scope)

    def _task(self, scope: Scope, text: str) -> None:
        task = read_task(text)
        node = self._add(scope, task.name, "task", "")
        if node is None:
            return
        node.command, node.vars = task.command, task.vars
        node.retries, node.priority = task.retries, task.priority

    def _add(self, scope: Scope, name: str, kind: NodeType, submit: str) -> Node | None:
        nodes = self.nodes
        full = scope.prefix + name
        if full in nodes:
            first = nodes[full]
            where = f"{self.dag.files[first.file].path}:{first.line}"
            raise BadCommandError(
                "duplicate-node", f"The node '{quote(full)}' is declared at {where} already: left out."
            )
        if "+" in name or name.upper() in _RESERVED:
            self._problem("bad-node-name", f"DAGMan takes no node named '{quote(name)}'; it is kept here.")
        line = self._lines.line if self._lines is not None else 0
        node = Node(full, kind, submit, len(nodes), line, self._file, scope.node_dir)
        nodes[full] = node
        self._ordered.append(node)
        for setter, value in scope.all_nodes:
            setter(node, value, scope.prefix)
        return node

    def _options(self, node: Node, options: list[str], scope: Scope) -> None:
        rest = iter(options)
        for word in rest:
            upper = word.upper()
            if upper == "DIR" and (folder := next(rest, None)) is not None:
                node.dir = os.path.join(scope.node_dir, folder) if scope.node_dir else folder
            elif upper == "NOOP":
                node.noop = True
            elif upper == "DONE":
                node.done = True
            else:
                self._problem("bad-syntax", f"'{quote(word)}' after the node '{quote(node.name)}' is ignored.")

    def _inline(self, opening: str) -> tuple[str, list[str]]:
        """The body of an inline submit description and the options behind its end."""
        assert self._lines is not None
        if opening.startswith("{"):
            end, first = "}", opening[1:].strip()
            if first.endswith("}"):
                return first[:-1].strip(), []
        else:
            token, _, first = opening[2:].partition(" ")
            end = "@" + token
        body = [first] if first else []
        for raw in self._lines.raw():
            text = raw.strip()
            if text == end or text.startswith(end + " ") or (end == "}" and text.startswith("}")):
                return "\n".join(body), text[len(end) :].split()
            body.append(raw)
        self._problem("open-description", f"The inline submit description has no closing '{quote(end)}' up to the end.")
        return "\n".join(body), []

    def _description(self, scope: Scope, text: str) -> None:
        name, *rest = text.split(None, 1)[:2] or [""]
        if not rest or not rest[0].startswith(("{", "@=")):
            raise BadCommandError("bad-syntax", "SUBMIT-DESCRIPTION needs a name and '{' or '@=': command left out.")
        body, _ = self._inline(rest[0])
        self.dag.submit_descriptions[scope.prefix + name] = body

    def _script(self, scope: Scope, text: str) -> None:
        parts = text.split(None, 2)
        setter = SCRIPTS.get(parts[0].upper()) if parts else None
        while parts and setter is None:
            taken = 3 if parts[0].upper() in ("DEFER", "DEBUG") else 0
            rest = text.split(None, taken)[taken:] if taken else []
            if not rest:
                raise BadCommandError("bad-syntax", "SCRIPT needs PRE, POST or HOLD, a node and a command: left out.")
            text = rest[0]
            parts = text.split(None, 2)
            setter = SCRIPTS.get(parts[0].upper())
        if setter is None or len(parts) < 3:
            raise BadCommandError("incomplete", "SCRIPT needs PRE, POST or HOLD, a node and a command: left out.")
        node = self.dag.nodes.get(scope.prefix + parts[1])
        if node is not None:
            setter(node, parts[2], scope.prefix)
        else:
            self._apply(scope, "SCRIPT", setter, parts[1], parts[2])

    # Structure

    def _splice(self, scope: Scope, text: str) -> None:
        parts = tokens(text)
        if len(parts) < 2:
            raise BadCommandError("incomplete", "SPLICE needs a name and a file: command left out.")
        name, file = parts[:2]
        folder = parts[3] if len(parts) >= 4 and parts[2].upper() == "DIR" else None
        if name in scope.splices or scope.prefix + name in self.dag.nodes:
            raise BadCommandError("duplicate-node", f"The name '{quote(name)}' is taken already: splice left out.")
        cwd = scope.cwd / folder if folder else scope.cwd
        node_dir = os.path.join(scope.node_dir or "", folder) if folder else scope.node_dir
        inner = Scope(f"{scope.prefix}{name}+", cwd, node_dir, start=len(self.dag.nodes))
        links = self.dag.links
        edges, blocks = len(links.parents), len(links.blocks)
        if self._read(self._locate(file, scope, folder), inner):
            self._finish(inner)
            scope.splices[name] = inner.closed(self.dag, self._ordered, edges, blocks)

    def _include(self, scope: Scope, text: str) -> None:
        parts = tokens(text)
        if not parts:
            raise BadCommandError("incomplete", "INCLUDE names no file: command left out.")
        self._read(self._locate(parts[0], scope), scope)

    def _parent(self, scope: Scope, text: str) -> None:
        parts = text.split()
        nodes = self.dag.nodes
        if len(parts) == 3 and parts[1] == "CHILD":
            above, below = nodes.get(scope.prefix + parts[0]), nodes.get(scope.prefix + parts[2])
            if above is not None and below is not None:
                self.dag.links.parents.append(above.number)
                self.dag.links.children.append(below.number)
                return
        middle = next((i for i, word in enumerate(parts) if word.upper() == "CHILD"), None)
        if middle is None or middle == 0 or middle == len(parts) - 1:
            raise BadCommandError("bad-syntax", "PARENT needs nodes, CHILD, and nodes again: command left out.")
        if not self._link(scope, parts[:middle], parts[middle + 1 :], last=False):
            scope.later.append(
                (lambda: self._link(scope, parts[:middle], parts[middle + 1 :], last=True), self._where())
            )

    def _edge(self, scope: Scope, text: str) -> None:
        parts = text.split()
        if len(parts) != 2:
            raise BadCommandError("bad-syntax", "EDGE needs a parent and a child: command left out.")
        self._parent(scope, f"{parts[0]} CHILD {parts[1]}")

    def _link(self, scope: Scope, parents: list[str], children: list[str], *, last: bool) -> bool:
        """Adds the edges of one line. False, and nothing added, when a name is unknown and may yet be declared."""
        unknown: list[str] = []
        above = array("i")
        below = array("i")
        for name in parents:
            above.extend(self._ends(scope, name, unknown, out=True))
        for name in children:
            below.extend(self._ends(scope, name, unknown, out=False))
        if unknown and not last:
            return False
        self._join(above, below)
        if unknown:
            names = ", ".join(f"'{quote(name)}'" for name in unknown[:5]) + (", …" if len(unknown) > 5 else "")
            message = (
                f"PARENT names {len(unknown)} that no line declares: {names}. The edges between the others are kept."
            )
            raise BadCommandError("undefined-node", message)
        return True

    def _join(self, above: array[int], below: array[int]) -> None:
        links = self.dag.links
        if len(above) * len(below) > _BLOCK_PAIRS and len(above) > 1 and len(below) > 1:
            links.blocks.append((above, below))
            return
        for parent in above:
            links.parents.extend(array("i", [parent]) * len(below))
            links.children.extend(below)

    def _ends(self, scope: Scope, name: str, unknown: list[str], *, out: bool) -> Iterator[int] | array[int]:
        node = self.dag.nodes.get(scope.prefix + name)
        if node is not None:
            return iter((node.number,))
        splice = scope.splices.get(name)
        if splice is None:
            unknown.append(name)
            return iter(())
        return splice.terminal if out else splice.initial

    def _connect(self, scope: Scope, text: str) -> None:
        parts = text.split()
        if len(parts) != 2:
            raise BadCommandError("bad-syntax", "CONNECT needs two splices: command left out.")
        scope.later.append((lambda: self._connected(scope, parts[0], parts[1]), self._where()))

    def _connected(self, scope: Scope, out: str, into: str) -> None:
        first, second = scope.splices.get(out), scope.splices.get(into)
        if first is None or second is None:
            missing = out if first is None else into
            raise BadCommandError("undefined-node", f"CONNECT names the splice '{quote(missing)}', which is not known.")
        for pin in sorted(first.pins_out.keys() & second.pins_in.keys()):
            self._join(first.pins_out[pin], second.pins_in[pin])
        odd = sorted(first.pins_out.keys() ^ second.pins_in.keys())
        if odd or not first.pins_out:
            pins = f"pins {', '.join(map(str, odd[:5]))} have no counterpart" if odd else "neither has pins"
            raise BadCommandError("bad-pins", f"CONNECT {quote(out)} {quote(into)}: {pins}; DAGMan refuses that.")

    def _pin(self, pins: dict[int, list[str]], text: str) -> None:
        parts = text.split()
        if len(parts) != 2:
            raise BadCommandError("bad-syntax", "PIN_IN and PIN_OUT need a node and a number: command left out.")
        pins.setdefault(integer(parts[1], "A pin's number"), []).append(parts[0])

    # Settings

    def _maxjobs(self, scope: Scope, text: str) -> None:
        parts = text.split()
        if len(parts) != 2:
            raise BadCommandError("incomplete", "MAXJOBS needs a category and a number: command left out.")
        name = parts[0] if parts[0].startswith("+") else scope.prefix + parts[0]
        self.dag.maxjobs[name] = integer(parts[1], "MAXJOBS")

    def _setting(self, word: str) -> Handler:
        field = word.lower()

        def keep(_scope: Scope, text: str) -> None:
            value = next(iter(tokens(text)), None)
            if value is None:
                raise BadCommandError("incomplete", f"{word} names no file: command left out.")
            if getattr(self.dag, field) is None:
                setattr(self.dag, field, value)
            self.dag.other.append((word, text))

        return keep

    def _kept(self, word: str) -> Handler:
        def keep(_scope: Scope, text: str) -> None:
            self.dag.other.append((word, text))
            if word == "REJECT":
                self._problem("rejected", "REJECT says that DAGMan must not run this file.")

        return keep
