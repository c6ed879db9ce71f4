"""Values as a database or a message can take them: numbers of 64 bits, text that is Unicode.

Event files may hold anything. What no column can hold is changed as little as possible, and a problem event tells of
it.
"""

from __future__ import annotations

import math
from typing import Any, Final

from stampede.events.base import Event
from stampede.events.catalogue import Problem

LARGEST: Final = 2**63 - 1


def value(given: Any) -> Any:
    """The value itself when it can be stored, else the nearest one that can."""
    if isinstance(given, str):
        try:
            given.encode()
        except UnicodeEncodeError:
            return given.encode("utf-8", "replace").decode("utf-8")
        return given
    if isinstance(given, bool):
        return int(given)
    if isinstance(given, int):
        return max(-LARGEST, min(LARGEST, given))
    if isinstance(given, float) and not math.isfinite(given):
        return None
    if given is None or isinstance(given, (float, bytes)):
        return given
    return value(str(given))


def storable(events: list[Event]) -> list[Event]:
    """The events with storable values; each that had to be changed is followed by a problem that tells of it."""
    found: list[Event] = []
    for event in events:
        changed = []
        for field in event.__struct_fields__:
            if field == "extra":
                event.extra = {value(k): value(v) for k, v in event.extra.items()} if event.extra else event.extra
                continue
            before = getattr(event, field)
            after = value(before)
            if type(after) is not type(before) or after != before:
                setattr(event, field, after)
                changed.append(f"{event.WIRE.get(field, field)} was {ascii(before)[:80]}")
        found.append(event)
        if changed:
            found.append(Problem(
                ts=event.ts, xwf_id=event.xwf_id, kind="unstorable", severity="warning",
                message=f"{event.NAME} has values that no database can hold; they were changed: {'; '.join(changed)}.",
                remedy="Look at what sent the event; everything else of it was kept.",
            ))  # fmt: skip
    return found
