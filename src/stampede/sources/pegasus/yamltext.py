"""YAML read as text: mappings, lists and strings, nothing else.

Built on the event stream of PyYAML's C parser with a stack of its own, since the library's composer recurses in C: some
thousand opening brackets, which any job can print, end the process there. Deep nesting and aliases are refused.
"""

from __future__ import annotations

import re

import yaml

#: What YAML does not allow, and what its version 1.1 takes for line breaks although the writers here do not.
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")

MAX_DEPTH = 40

Node = str | None | list["Node"] | dict[str, "Node"]


class YamlTextError(Exception):
    """The text is no YAML, nests too deep or uses aliases; the message says which and where."""


def load_text(text: str) -> Node:
    """The first document of ``text``. Plain ``null``, ``~`` and nothing become ``None``, all other scalars stay text.

    Characters that YAML does not allow are read as U+FFFD. Of equal keys the last counts; a key that is no scalar is
    refused. Raises :class:`YamlTextError`.
    """
    try:
        return _build(yaml.parse(_UNPRINTABLE.sub("\ufffd", text), Loader=yaml.CBaseLoader))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" in line {mark.line + 1}" if mark is not None else ""
        raise YamlTextError(f"{getattr(error, 'problem', None) or 'not YAML'}{where}") from error


def _build(events: object) -> Node:
    stack: list[list[Node] | dict[str, Node]] = []
    keys: list[str | None] = []
    root: list[Node] = []
    for event in events:  # type: ignore[attr-defined]
        if isinstance(event, yaml.ScalarEvent):
            node: Node = _scalar(event)
        elif isinstance(event, yaml.MappingStartEvent):
            node = {}
        elif isinstance(event, yaml.SequenceStartEvent):
            node = []
        elif isinstance(event, yaml.CollectionEndEvent):
            stack.pop()
            keys.pop()
            continue
        elif isinstance(event, yaml.AliasEvent):
            raise YamlTextError(f"an alias{_where(event)}")
        elif isinstance(event, yaml.DocumentEndEvent):
            break
        else:
            continue
        _place(node, stack, keys, root)
        if not isinstance(node, str | None):
            if len(stack) >= MAX_DEPTH:
                raise YamlTextError(f"nested deeper than {MAX_DEPTH} levels{_where(event)}")
            stack.append(node)
            keys.append(None)
    return root[0] if root else None


def _where(event: yaml.Event) -> str:
    return f" in line {event.start_mark.line + 1}" if event.start_mark is not None else ""


def _place(node: Node, stack: list[list[Node] | dict[str, Node]], keys: list[str | None], root: list[Node]) -> None:
    if not stack:
        root.append(node)
        return
    parent = stack[-1]
    if isinstance(parent, list):
        parent.append(node)
        return
    key = keys[-1]
    if key is not None:
        parent[key] = node
        keys[-1] = None
    elif isinstance(node, str | None):
        keys[-1] = node or ""
    else:
        raise YamlTextError("a key that is no scalar")


def _scalar(event: yaml.ScalarEvent) -> str | None:
    value: str = event.value
    return None if event.implicit[0] and value in ("", "~", "null", "Null", "NULL") else value
