"""Values as a database or a message can take them: numbers of 64 bits, text that is Unicode.

Event files may hold anything. What no column can hold is changed as little as possible, and a problem event tells of
it.
"""

from __future__ import annotations

import hashlib
import math
from functools import cache
from typing import Any, Final

import msgspec

from stampede.events.base import Event
from stampede.events.catalogue import Problem, XwfState

LARGEST: Final = 2**63 - 1
#: fields by which rows are told apart, or found: some servers take keys of limited length only
_KEYS: Final = frozenset({
    "child_job_id", "child_task_id", "file_type", "hostname", "ip", "job_id", "key", "kind", "name", "parent_job_id",
    "parent_task_id", "parent_xwf_id", "root_xwf_id", "site", "slot", "state", "subject", "subwf_id", "task_id",
    "transformation", "type", "type_desc", "xwf_id",
})  # fmt: skip
#: such that are paths and URLs: they may be so many times as long
_PATHS: Final = frozenset({"file", "lfn_id", "pfn"})
_LONGER: Final = 3
#: hexadecimal digits of the digest that tells shortened texts apart
_DIGEST: Final = 32


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


def shortened(events: list[Event], most_bytes: int) -> list[Event]:
    """The events with no name longer than so many bytes, and no path longer than three times that: of a longer one
    there is the beginning, and a digest of all of it, the same wherever it occurs. A problem event tells of each event
    that was changed; the events given stay as they are."""
    found: list[Event] = []
    for event in events:
        shorter, changed = {}, []
        for field, times in _key_fields(type(event)):
            text = getattr(event, field)
            if isinstance(text, str) and 4 * len(text) > most_bytes:
                kept = short(text, times * most_bytes)
                if kept != text:
                    shorter[field] = kept
                    changed.append(f"{event.WIRE.get(field, field)} {text[:40]}… of {len(text):,} characters")
        found.append(msgspec.structs.replace(event, **shorter) if shorter else event)
        if changed:
            found.append(Problem(
                ts=event.ts, xwf_id=found[-1].xwf_id, kind="unstorable", severity="warning",
                message=f"{event.NAME} has names that are too long for a key of this database: {'; '.join(changed)}. "
                        "They are stored as their beginning and a digest.",
                remedy="Nothing is lost but the ends of these names. A SQLite file has no such limit.",
            ))  # fmt: skip
    return found


@cache
def _key_fields(kind: type[Event]) -> tuple[tuple[str, int], ...]:
    fields = kind.__struct_fields__
    if kind is XwfState:  # what a state was about tells it from others of the same moment; elsewhere it is no key
        return (("value", 1), *((f, 1) for f in fields if f in _KEYS))
    return (*((f, 1) for f in fields if f in _KEYS), *((f, _LONGER) for f in fields if f in _PATHS))


def short(text: str, most_bytes: int) -> str:
    """A text in so many bytes: itself, or its beginning and a digest of all of it."""
    data = text.encode("utf-8", "surrogatepass")
    if len(data) <= most_bytes:
        return text
    kept = data[: most_bytes - _DIGEST - len("…".encode())].decode("utf-8", "ignore")
    return f"{kept}…{hashlib.sha256(data).hexdigest()[:_DIGEST]}"
