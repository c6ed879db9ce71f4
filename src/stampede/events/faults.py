"""What was wrong with the events of a stream: counted by event, attribute and kind, with one sample each.

Kinds: ``reject`` the event could not be placed and became a ``Problem``; ``repair`` a value was missing or wrong and
something was done about it; ``pass`` an attribute that the schema does not describe was kept in ``extra``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

import msgspec

from stampede.errors import InvalidEventError

Kind = Literal["reject", "repair", "pass"]

#: A hostile stream can invent attribute names without end; beyond this many entries they are counted under ``*``.
MAX_ENTRIES = 2000

_SAMPLE_CHARS = 120


class Fault(msgspec.Struct):
    """One sort of fault: how often it was seen, what it means, and the first value that showed it."""

    event: str
    attribute: str
    kind: Kind
    message: str
    sample: str
    count: int = 0


class Faults:
    """The faults of one stream. With ``strict`` the first ``reject`` or ``repair`` raises ``InvalidEventError``."""

    __slots__ = ("_entries", "strict")

    def __init__(self, *, strict: bool = False) -> None:
        self.strict = strict
        self._entries: dict[tuple[str, str, Kind], Fault] = {}

    def add(self, event: str, attribute: str, kind: Kind, message: str, value: Any = None, count: int = 1) -> None:
        """Counts one fault; ``message`` and ``value`` are kept from the first of its sort."""
        key = (event, attribute, kind)
        entry = self._entries.get(key)
        if entry is None:
            entry = self._enter(key, message, value)
        entry.count += count

    def _enter(self, key: tuple[str, str, Kind], message: str, value: Any) -> Fault:
        event, attribute, kind = key
        sample = "" if value is None else str(value)[:_SAMPLE_CHARS]
        if self.strict and kind != "pass":
            raise InvalidEventError(f"{event}: {attribute}: {message}" + (f" ({sample!r})" if sample else ""))
        if len(self._entries) >= MAX_ENTRIES:
            key = ("*", "*", kind)
            if key in self._entries:
                return self._entries[key]
            event, attribute, message = "*", "*", f"more than {MAX_ENTRIES} different faults; the rest is counted here"
        return self._entries.setdefault(key, Fault(event, attribute, kind, message, sample))

    def __iter__(self) -> Iterator[Fault]:
        return iter(self._entries.values())

    def __len__(self) -> int:
        return len(self._entries)

    def count(self, kind: Kind | None = None) -> int:
        """How many faults were seen, of one kind or of all."""
        return sum(fault.count for fault in self if kind is None or fault.kind == kind)

    def get(self, event: str, attribute: str, kind: Kind) -> int:
        """How often this fault was seen."""
        entry = self._entries.get((event, attribute, kind))
        return entry.count if entry else 0
