"""Which root workflow an event belongs to, and the number that it has among the events of that one."""

from __future__ import annotations

import hashlib
import re
from typing import Final

import msgspec

from stampede.events import catalogue as ev
from stampede.events.base import Event

_PLAIN = re.compile(r"[0-9A-Za-z-]{1,64}\Z")
#: what belongs to no workflow
NOBODY: Final = "-"


class Numbered(msgspec.Struct):
    """Records as they are kept, and what is new of streams and roots with them."""

    records: list[bytes]
    streams: dict[str, int] = {}
    roots: dict[str, str] = {}


class Roots:
    """The root workflows of sub-workflows, as plans and sub-workflow jobs tell them.

    A workflow of which nothing was told is its own root: what is told of it before its plan travels apart from the rest
    and the loader puts it where it belongs.
    """

    def __init__(self) -> None:
        self.known: dict[str, str] = {}

    def learn(self, event: Event) -> tuple[str, str] | None:
        """The workflow that an event tells the root of, and the root; None when it tells nothing."""
        if isinstance(event, ev.WfPlan) and event.xwf_id:
            root = event.root_xwf_id or event.parent_xwf_id
            return (event.xwf_id, self.of(root)) if root and root != event.xwf_id else None
        if isinstance(event, ev.XwfMapSubwfJob) and event.xwf_id and event.subwf_id != event.xwf_id:
            return event.subwf_id, self.of(event.xwf_id)
        return None

    def of(self, uuid: str) -> str:
        """The root of a workflow."""
        return self.known.get(uuid, uuid)


class Streams:
    """How far the events of each root workflow are numbered."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}
        self.roots = Roots()

    def numbered(self, events: list[Event], lines: list[bytes]) -> Numbered:
        """Records with their root and number; nothing is kept until :meth:`keep` is told of it."""
        found = Numbered([], {}, {})
        roots = Roots()
        roots.known = dict(self.roots.known)
        root = NOBODY
        for event, line in zip(events, lines, strict=True):
            learned = roots.learn(event)
            if learned is not None and roots.known.get(learned[0]) != learned[1]:
                roots.known[learned[0]] = found.roots[learned[0]] = learned[1]
            if event.xwf_id:
                root = key_of(roots.of(event.xwf_id))
            number = found.streams.get(root, self.numbers.get(root, 0)) + 1
            found.streams[root] = number
            found.records.append(b"%s %d %s" % (root.encode(), number, line))
        return found

    def keep(self, streams: dict[str, int], roots: dict[str, str]) -> None:
        """These numbers were given."""
        self.numbers.update(streams)
        self.roots.known.update(roots)


def key_of(uuid: str) -> str:
    """A workflow as it can stand in a routing key: its uuid, or a digest of what is none."""
    if _PLAIN.match(uuid):
        return uuid
    return hashlib.sha256(uuid.encode("utf-8", "backslashreplace")).hexdigest()[:32]


def taken_apart(record: bytes) -> tuple[str, int, bytes]:
    """Root, number and line of a record that was numbered."""
    root, number, line = record.split(b" ", 2)
    return root.decode(), int(number), line
