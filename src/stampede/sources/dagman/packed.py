"""The nodes of a DAG in which only single ones are looked up any more, in a fraction of the memory.

Most nodes of a DAG are alike but for their name: ``JOB a 00/a.sub``, ``RETRY a 3``, ``SCRIPT POST a … 00/a.out``. Such
nodes share one pattern, in which the name is left out; a node is made from it when it is asked for. Where nodes are
like no other (``VARS`` with values of their own), they are kept as bytes.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from stampede.sources.dagman.dag import Node

_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(list[Any])
#: stands for the name in a pattern
_BLANK = "\0"
_TEXTS = ("submit_file", "dir", "pre_script", "post_script", "hold_script", "inline_submit", "subdag_file")
_OTHERS = tuple(f for f in Node.__struct_fields__ if f not in (*_TEXTS, "name", "number", "line", "file", "vars"))


#: so many patterns at most, and one for so many nodes; what differs beyond that is like no other
_MOST, _NODES_A_PATTERN = 1000, 8


class PackedNodes(Mapping[str, Node]):
    """The same nodes, made anew when they are asked for. Where they stand in their file is forgotten."""

    def __init__(self, nodes: Mapping[str, Node]) -> None:
        self._numbers: dict[str, int] = {}
        self._patterns: list[tuple[Node, tuple[str, ...]]] = []
        #: the pattern of each node; of those that are like no other, -1 - their place in ``_loose``
        self._pattern_of = array("i", bytes(4 * len(nodes)))
        self._loose = bytearray()
        self._starts = array("Q", [0])
        self._most = min(_MOST, 1 + len(nodes) // _NODES_A_PATTERN)
        known: dict[Any, int] = {}
        for number, (name, node) in enumerate(nodes.items()):
            self._numbers[name] = number
            self._pattern_of[number] = self._pattern(node, known)

    def _pattern(self, node: Node, known: dict[Any, int]) -> int:
        texts = [_blanked(getattr(node, field), node.name) for field in _TEXTS]
        as_it_is = tuple(_BLANK in (getattr(node, field) or "") for field in _TEXTS)
        key = (*texts, as_it_is, *(getattr(node, field) for field in _OTHERS), *node.vars.items())
        found = known.get(key)
        if found is None and len(known) >= self._most:
            self._loose += _ENCODER.encode(msgspec.structs.astuple(node)[1:])
            self._starts.append(len(self._loose))
            return 1 - len(self._starts)
        if found is None:
            found = known[key] = len(self._patterns)
            changed = {f: t for f, t in zip(_TEXTS, texts, strict=True) if t != getattr(node, f)}
            pattern = msgspec.structs.replace(node, name="", line=0, file=0, **changed)
            self._patterns.append((pattern, tuple(changed)))
        return found

    def get(self, name: str, default: Any = None) -> Any:
        """The node of that name."""
        number = self._numbers.get(name)
        return default if number is None else self._made(name, number)

    def _made(self, name: str, number: int) -> Node:
        place = self._pattern_of[number]
        if place < 0:
            start, end = self._starts[-1 - place], self._starts[-place]
            return Node(name, *_DECODER.decode(memoryview(self._loose)[start:end]))
        pattern, blanks = self._patterns[place]
        texts = {field: getattr(pattern, field).replace(_BLANK, name) for field in blanks}
        return msgspec.structs.replace(pattern, name=name, number=number, **texts)

    def __getitem__(self, name: str) -> Node:
        return self._made(name, self._numbers[name])

    def __contains__(self, name: object) -> bool:
        return name in self._numbers

    def __iter__(self) -> Iterator[str]:
        return iter(self._numbers)

    def __len__(self) -> int:
        return len(self._numbers)


def _blanked(text: str | None, name: str) -> str | None:
    """The text with a blank for the name; as it is where that could not be undone."""
    return text if text is None or not name or _BLANK in text else text.replace(name, _BLANK)
