"""What reading a DAG is for every command alike: opening files, running through lines, telling problems."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from stampede.sources.dagman.dag import Dag, Edges, Node, ReadFile
from stampede.sources.dagman.dagattrs import BadCommandError, Setter, setters
from stampede.sources.dagman.daglines import Lines
from stampede.sources.dagman.dagscope import Scope
from stampede.sources.dagman.problem import Problems, quote

Where: TypeAlias = tuple[str, int | None, int | None]
Handler: TypeAlias = Callable[[Scope, str], None]

_MAX_DEPTH = 64
_MAX_READS = 100_000
_MAX_NODES = 20_000_000
_MAX_ALL_NODES = 1000


class DagReader:
    """Reads files into a :class:`Dag` line by line; a subclass says in ``table`` what each command does.

    A handler gets the scope and the text after the command's word. It raises :class:`BadCommandError` for a line that
    cannot be used; the reader turns that into a problem at the line and goes on.
    """

    def __init__(self, path: Path, base_dir: Path) -> None:
        self.nodes: dict[str, Node] = {}
        self.dag = Dag(path=str(path), nodes=self.nodes, links=Edges())
        self.base_dir = base_dir
        self.problems = Problems()
        self._lines: Lines | None = None
        self._path = str(path)
        self._file = 0
        self._ordered: list[Node] = []
        self._reads = 0
        self._open: list[tuple[int, int]] = []
        self._replayed: Where | None = None
        self._setters = setters()
        self._handlers = self.table()

    def table(self) -> dict[str, Handler]:
        """Command words, in upper and lower case, and their handlers."""
        return {}

    def run(self) -> Dag:
        """Reads the DAG's own file and all it names."""
        scope = Scope(prefix="", cwd=self.base_dir, node_dir=None, start=0)
        self._read(Path(self.dag.path), scope)
        self._finish(scope)
        self.dag.problems = self.problems.all()
        return self.dag

    def _read(self, path: Path, scope: Scope) -> bool:
        """Reads one file into a scope. False, with a problem at the line that names it, when it cannot be read."""
        shown = quote(str(path))
        try:
            handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            self._problem("unreadable-file", f"'{shown}' cannot be read ({why}); what it declares is unknown.")
            return False
        try:
            info = os.fstat(handle)
            identity = (info.st_dev, info.st_ino)
            self._reads += 1
            if not stat.S_ISREG(info.st_mode):
                self._problem("unreadable-file", f"'{shown}' is not a regular file: not read.")
            elif identity in self._open:
                self._problem("file-cycle", f"'{shown}' is being read already: it includes itself. Left out.")
            elif len(self._open) >= _MAX_DEPTH or self._reads > _MAX_READS or len(self._ordered) >= _MAX_NODES:
                limit = f"more than {_MAX_DEPTH} files deep, {_MAX_READS} files or {_MAX_NODES} nodes"
                self._problem("too-large", f"'{shown}' is not read: the DAG has {limit}.")
            else:
                self._open.append(identity)
                self._read_open(handle, str(path), info.st_size, scope)
                self._open.pop()
                return True
        finally:
            os.close(handle)
        return False

    def _read_open(self, handle: int, path: str, size: int, scope: Scope) -> None:
        outer = (self._lines, self._path, self._file)
        self._path, self._file = path, len(self.dag.files)
        self.dag.files.append(ReadFile(path, size))
        with open(handle, "rb", closefd=False) as file:
            self._lines = Lines(file, path, self.problems)
            try:
                self._commands(self._lines, scope)
            except OSError as error:
                self._problem("unreadable-file", f"Reading stopped here ({error.strerror}); the rest is unknown.")
        self._lines, self._path, self._file = outer

    def _locate(self, name: str, scope: Scope, folder: str | None = None) -> Path:
        """Where a named file is: in the directory DAGMan ran in, beside the file that names it, or, for an absolute
        name from another machine, beside either under its last component. The first of these that exists."""
        beside = Path(self._path).parent
        places = [scope.cwd / name, beside / name]
        if folder is not None:
            places = [scope.cwd / folder / name, *places]
        if name.startswith("/"):
            last = Path(name).name
            places += [scope.cwd / last, beside / last]
        for place in places:
            if os.path.exists(place):
                return place
        return places[0]

    def _commands(self, lines: Lines, scope: Scope) -> None:
        nodes, prefix = self.dag.nodes, scope.prefix
        setting, handling = self._setters, self._handlers
        for text in lines:
            if not text or text[0] == "#":
                continue
            word, _, rest = text.partition(" ")
            try:
                setter = setting.get(word)
                if setter is not None:
                    name, _, value = rest.partition(" ")
                    node = nodes.get(prefix + name)
                    if node is not None:
                        setter(node, value, prefix)
                        continue
                else:
                    handler = handling.get(word)
                    if handler is not None:
                        handler(scope, rest)
                        continue
                self._odd_command(text, scope)
            except BadCommandError as error:
                self._problem(error.kind, str(error))

    def _odd_command(self, text: str, scope: Scope) -> None:
        """A command in mixed case, with tabs or several blanks, for a node not declared yet, or no command at all."""
        word, _, rest = (" ".join(text.split(None, 1)) + " ").partition(" ")
        upper = word.upper()
        rest = rest.strip()
        setter = self._setters.get(upper)
        if setter is not None:
            name, *value = rest.split(None, 1)[:2] or [""]
            self._apply(scope, upper, setter, name, value[0] if value else "")
        elif upper in self._handlers:
            self._handlers[upper](scope, rest)
        else:
            raise BadCommandError("unknown-command", f"'{quote(word)}' is no DAG command: line left out.")

    def _apply(self, scope: Scope, word: str, setter: Setter, name: str, value: str) -> None:
        """Sets something on a node, on all, or later when the node is declared further down."""
        if not name:
            raise BadCommandError("incomplete", f"{word} names no node: command left out.")
        node = self.dag.nodes.get(scope.prefix + name)
        if node is not None:
            setter(node, value, scope.prefix)
        elif name.upper() == "ALL_NODES":
            if len(scope.all_nodes) >= _MAX_ALL_NODES:
                raise BadCommandError("too-many-all-nodes", f"More than {_MAX_ALL_NODES} ALL_NODES commands: left out.")
            for number in scope.own(len(self._ordered)):
                setter(self._ordered[number], value, scope.prefix)
            scope.all_nodes.append((setter, value))
        else:
            scope.later.append((lambda: self._apply_late(scope, word, setter, name, value), self._where()))

    def _apply_late(self, scope: Scope, word: str, setter: Setter, name: str, value: str) -> None:
        node = self.dag.nodes.get(scope.prefix + name)
        if node is None:
            raise BadCommandError("undefined-node", f"{word} names the node '{quote(name)}', which no line declares.")
        setter(node, value, scope.prefix)

    def _finish(self, scope: Scope) -> None:
        """What had to wait until all nodes of a scope were known."""
        for action, where in scope.later:
            self._replayed = where
            try:
                action()
            except BadCommandError as error:
                self._problem(error.kind, str(error))
        self._replayed = None
        scope.later.clear()

    def _where(self) -> Where:
        if self._replayed is not None:
            return self._replayed
        if self._lines is None:
            return self._path, None, None
        return self._path, self._lines.offset, self._lines.line

    def _problem(self, kind: str, message: str) -> None:
        path, offset, line = self._where()
        self.problems.add(kind, message, path, offset, line)
