"""Writes ``src/stampede/events/_validators.py`` from the YANG module and the catalogue.

``python tools/generate_validators.py`` writes the file, ``--check`` only says whether it is up to date. Needs pyang,
which nothing of it needs at run time.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from pyang import context, repository

ROOT = Path(__file__).resolve().parent.parent
MODULE = ROOT / "src/stampede/events/yang/stampede-schema.yang"
TARGET = ROOT / "src/stampede/events/_validators.py"

PREFIX = "stmp"
_BOUNDS = {
    "uint8": (0, 2**8 - 1), "int32": (-(2**31), 2**31 - 1), "uint32": (0, 2**32 - 1),
    "int64": (-(2**63), 2**63 - 1), "uint64": (0, 2**64 - 1),
}  # fmt: skip


class Leaf:
    """One attribute of an event as the module describes it."""

    def __init__(self, statement: Any) -> None:
        self.wire: str = statement.arg
        self.description: str = " ".join(statement.search_one("description").arg.split())
        self.mandatory = statement.search_one("mandatory") is not None
        self.identity = _extension(statement, "identity") is not None
        self.ours = _extension(statement, "ours") is not None
        self.fallback = _extension(statement, "fallback")
        self.alias = _extension(statement, "alias")
        self.types: list[str] = []
        self.base = ""
        self.bounds: tuple[int, int] = (0, 0)
        self.pattern = ""
        self.words: list[str] = []
        self._resolve(statement.search_one("type"))

    def _resolve(self, kind: Any) -> None:
        self.types.append(kind.arg)
        if kind.i_typedef is not None:
            self._resolve(kind.i_typedef.search_one("type"))
        else:
            self.base = kind.arg
            self.bounds = _BOUNDS.get(kind.arg, (0, 0))
        if (span := kind.search_one("range")) is not None:
            low, high = span.arg.split("..")
            self.bounds = (int(low), int(high))
        if (pattern := kind.search_one("pattern")) is not None:
            self.pattern = pattern.arg
        self.words += [word.arg for word in kind.search("enum")]

    @property
    def type(self) -> str:
        """The outermost type name, as the module writes it."""
        return self.types[0]


class Container:
    """One event as the module describes it."""

    def __init__(self, statement: Any) -> None:
        self.name: str = statement.arg
        self.description: str = " ".join(statement.search_one("description").arg.split())
        self.ours = _extension(statement, "ours") is not None
        self.open = _extension(statement, "open") is not None
        self.leaves = [Leaf(child) for child in statement.i_children]


def _extension(statement: Any, name: str) -> str | None:
    for sub in statement.substmts:
        if sub.keyword in ((PREFIX, name), ("stampede-schema", name)):
            return sub.arg or ""
    return None


def read_module(path: Path = MODULE) -> list[Container]:
    """The events of the module, in its order. Raises ``SystemExit`` with pyang's words when it is not valid."""
    ctx = context.Context(repository.FileRepository(str(path.parent), use_env=False))
    ctx.strict = True
    module = ctx.add_module(path.name, path.read_text(encoding="utf-8"))
    ctx.validate()
    if ctx.errors or module is None:
        raise SystemExit("\n".join(f"{position}: {tag} {args}" for position, tag, args in ctx.errors))
    events = module.i_children[0].i_children[0].i_children[0]
    # A container in a choice stands in a case of its own that pyang adds.
    return [Container(case.i_children[0] if case.keyword == "case" else case) for case in events.i_children]


def _field(leaf: Leaf) -> str:
    return leaf.wire.replace(".", "_")


def _local(leaf: Leaf) -> str:
    # Prefixed: some fields are called as a builtin or as one of the checks.
    return f"v_{_field(leaf)}"


def _convert(leaf: Leaf, names: dict[str, str]) -> list[str]:
    """The lines that turn the value as it was popped into the value of the field."""
    x, wire = _local(leaf), leaf.wire
    tail = f'faults, {names["event"]}, "{wire}", r)'
    if leaf.identity:
        if leaf.base == "string":
            return [f"if {x}.__class__ is not str or len({x}) < 5:", f"    {x} = identity({x}, {tail}"]
        low, high = leaf.bounds
        call = f'{x} = identity_integer({x}, {low}, {high}, faults, {names["event"]}, "{wire}")'
        return [f"if {x}.__class__ is str and {x} in {_table(leaf)}:", f"    {x} = {_table(leaf)}[{x}]", "else:",
                f"    {call}"]  # fmt: skip
    if leaf.base == "enumeration":
        words = names[leaf.type]
        return [f"if {x} is not None and ({x}.__class__ is not str or {x} not in {words}):",
                f"    {x} = choice({x}, {words}, {tail}"]  # fmt: skip
    if leaf.base == "decimal64":
        return [f"if {x} is not None and ({x}.__class__ is not float or {x} - {x} != 0.0):",
                f"    {x} = real({x}, {tail}"]  # fmt: skip
    if leaf.base != "string":
        low, high = leaf.bounds
        return [f"if {x}.__class__ is str and {x} in {_table(leaf)}:", f"    {x} = {_table(leaf)}[{x}]",
                f"elif {x} is not None:", f"    {x} = integer({x}, {low}, {high}, {tail}"]  # fmt: skip
    if "timestamp" in leaf.types:
        return [f"if {x} is not None:", f"    {x} = moment({x}, {tail}"]
    if leaf.pattern:
        return [f"if {x} is not None:", f"    {x} = matching({x}, {names[leaf.type]}, {tail}"]
    if leaf.type == "free-text":
        return [f"if {x} is not None and {x}.__class__ is not str:", f"    {x} = free_text({x}, {tail}"]
    return [f"if {x} is not None and ({x}.__class__ is not str or len({x}) < 5):", f"    {x} = name({x}, {tail}"]


def _table(leaf: Leaf) -> str:
    low, high = leaf.bounds
    if low < 0:
        return "SMALL"
    return {1: "FLAGS", 11: "TYPES"}.get(high, "COUNTS")


def _missing(leaf: Leaf, event: str, *, has_exitcode: bool) -> list[str]:
    """The lines for an attribute that is demanded, but can be done without."""
    if leaf.identity or not (leaf.mandatory or leaf.fallback):
        return []
    x = _local(leaf)
    lines = [f"if {x} is None:"]
    if leaf.fallback == "level":
        exitcode = "v_exitcode" if has_exitcode else "None"
        return [*lines, f'    {x} = fallback_status(v_level, {exitcode}, faults, {event}, "{leaf.wire}")']
    if leaf.fallback:
        return [*lines, f'    {x} = fallback_number({leaf.fallback}, faults, {event}, "{leaf.wire}")']
    return [*lines, f'    missing(faults, {event}, "{leaf.wire}")']


def _function(event: Container, cls: str, names: dict[str, str]) -> list[str]:
    label = f'"{event.name}"'
    names = {**names, "event": label}
    body = ["pop = r.pop"]
    for leaf in event.leaves:
        body.append(f'{_local(leaf)} = pop("{leaf.wire}", None)')
        if leaf.alias:
            body += [f'if {_local(leaf)} is None and "{leaf.alias}" in r:',
                     f'    {_local(leaf)} = pop("{leaf.alias}")',
                     f'    faults.add({label}, "{leaf.wire}", "repair", "sent as {leaf.alias}")']  # fmt: skip
        body += _convert(leaf, names)
    has_exitcode = any(leaf.wire == "exitcode" for leaf in event.leaves)
    for leaf in event.leaves:
        body += _missing(leaf, label, has_exitcode=has_exitcode)
    if not event.open:
        body += ["if r and not r.keys() <= CONTEXT:", f"    leftover(r, KNOWN[{label}], faults, {label})"]
    body.append(f"return {cls}(")
    body += [f"    {_field(leaf)}={_local(leaf)}," for leaf in event.leaves]
    body += ["    extra=r or None,", ")"]
    head = f"def {_function_name(event)}(r: Record, faults: Faults) -> {cls}:"
    return ["", "", head, *(f"    {line}" for line in body)]


def _function_name(event: Container) -> str:
    return event.name.removeprefix("stampede.").replace(".", "_")


def _set(words: list[str]) -> str:
    return "frozenset((" + ", ".join(f'"{word}"' for word in words) + ("," if len(words) == 1 else "") + "))"


def _constants(events: list[Container]) -> tuple[list[str], dict[str, str]]:
    """Word sets and patterns of the types in use, and the names they got."""
    lines: list[str] = []
    names: dict[str, str] = {}
    for leaf in (leaf for event in events for leaf in event.leaves):
        if leaf.type in names:
            continue
        constant = "_" + leaf.type.replace("-", "_").upper()
        if leaf.words:
            names[leaf.type] = constant
            lines += [f"{constant} = frozenset(", "    (", *(f'        "{w}",' for w in leaf.words), "    )", ")"]
        elif leaf.pattern and leaf.type != "timestamp":
            names[leaf.type] = constant
            lines += [f"{constant} = re.compile(", f"    r'{leaf.pattern}'", ")"]
    return lines, names


_HEAD = '''\
"""One function an event: checks and converts a raw record in one pass.

Generated by tools/generate_validators.py from yang/stampede-schema.yang: change that file and run the tool. Each
function takes a record (attribute on the wire -> value) without its ``event``, pops what the event describes, and
leaves the rest in it: the record becomes the ``extra`` of the event.
"""
# ruff: noqa: E501
# fmt: off

from __future__ import annotations

import re
from collections.abc import Callable

from stampede.events.base import Event
from stampede.events.catalogue import (
'''


def generate() -> str:
    """The text of ``_validators.py``."""
    sys.path.insert(0, str(ROOT / "src"))
    from stampede.events.catalogue import EVENTS

    events = read_module()
    constants, names = _constants(events)
    classes = {event.name: EVENTS[event.name].__name__ for event in events}
    lines = [_HEAD + "\n".join(f"    {cls}," for cls in sorted(classes.values())), ")"]
    checks = ["CONTEXT", "COUNTS", "FLAGS", "SMALL", "TYPES", "Record", "choice", "fallback_number", "fallback_status",
              "free_text", "identity", "identity_integer", "integer", "leftover", "matching", "missing", "moment",
              "name", "real"]  # fmt: skip
    lines += ["from stampede.events.checks import (", *(f"    {check}," for check in checks), ")"]
    lines += ["from stampede.events.faults import Faults", "", *constants, ""]
    lines += ["#: event -> the attributes it describes", "KNOWN: dict[str, frozenset[str]] = {"]
    lines += [f'    "{e.name}": {_set([leaf.wire for leaf in e.leaves])},' for e in events] + ["}", ""]
    lines += ["#: events that Pegasus does not know", "OURS_EVENTS = frozenset(("]
    lines += [f'    "{e.name}",' for e in events if e.ours] + ["))", ""]
    lines += ["#: event -> attributes of it that Pegasus does not know"]
    lines += ["OURS_ATTRIBUTES: dict[str, frozenset[str]] = {"]
    for event in events:
        if ours := [leaf.wire for leaf in event.leaves if leaf.ours]:
            lines.append(f'    "{event.name}": {_set(ours)},')
    lines.append("}")
    for event in events:
        lines += _function(event, classes[event.name], names)
    lines += ["", "", "#: event -> its validator", "VALIDATORS: dict[str, Callable[[Record, Faults], Event]] = {"]
    lines += [f'    "{e.name}": {_function_name(e)},' for e in events] + ["}", ""]
    return "\n".join(lines)


def main(arguments: list[str]) -> int:
    """Writes the file, or compares it with ``--check``; 1 when it is out of date."""
    text = generate()
    if "--check" in arguments:
        return int(TARGET.read_text(encoding="utf-8") != text)
    TARGET.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
