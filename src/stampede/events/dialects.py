"""Which generation of names a stream speaks, and its translation to today's.

``current`` is what Pegasus has sent since 3.1 (``stampede.wf.plan``, ``xwf.id``), with or without the prefix
``stampede.`` that planners leave out and with ``dashboard.`` in its place; ``seed`` is that of the schema page;
``3.0`` that of Pegasus 3.0. The first event that only one of them can have decides for the whole stream, because some
attributes (``job.id``, ``task.id``) changed their meaning and look the same. An event of another dialect later in the
stream is translated by its own name, and counted as a fault.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

from stampede.events import catalogue, pegasus30, seed
from stampede.events._validators import KNOWN, OURS_ATTRIBUTES, OURS_EVENTS, VALIDATORS
from stampede.events.base import Event
from stampede.events.checks import Record
from stampede.events.faults import Faults
from stampede.events.records import to_record

Dialect = Literal["current", "seed", "3.0"]
Validator = Callable[[Record, Faults], Event]

#: Today's names, as they are, without the prefix (planners) and with that of Pegasus's second sink.
CURRENT: dict[str, Validator] = {
    **VALIDATORS,
    **{name.removeprefix("stampede."): validate for name, validate in VALIDATORS.items()},
    **{name.replace("stampede.", "dashboard.", 1): validate for name, validate in VALIDATORS.items()},
}

_NUMBERED = (
    catalogue.JobInstMainStart,
    catalogue.JobInstMainTerm,
    catalogue.JobInstHeldStart,
    catalogue.JobInstAbortInfo,
    catalogue.JobInstImageInfo,
    catalogue.JobInstRemoteError,
)

_OLD = {"seed": seed, "3.0": pegasus30}
_AMBIGUOUS = {**seed.AMBIGUOUS, **pegasus30.AMBIGUOUS}


class UnknownEventError(Exception):
    """No dialect has an event of that name. Never leaves this package."""


class Translator:
    """The dialect of one stream. ``direct`` holds the events that need no translation: use it first."""

    def __init__(self, faults: Faults) -> None:
        self.faults = faults
        self.dialect: Dialect | None = None
        self.direct: Mapping[str, Validator] = {}

    def route(self, name: str, record: Record) -> list[tuple[Validator, Record]]:
        """The validators that take this record, each with its part of it; ``UnknownEventError`` if there is none."""
        spoken = self._dialect_of(name, record)
        if spoken is None:
            raise UnknownEventError(name)
        if self.dialect is None and name not in seed.SHARED:
            self._decide(spoken)
        if self.dialect is not None and spoken != self.dialect:
            message = f"an event of the dialect {spoken} in a stream that began with {self.dialect}"
            self.faults.add(name, "event", "repair", message)
        if spoken == "current":
            return [(CURRENT[name], record)]
        module = _OLD[spoken]
        translate = module.EVENTS.get(name) or module.SHARED.get(name) or _AMBIGUOUS[name]
        return [(VALIDATORS[new], part) for new, part in translate(record)]

    def _decide(self, dialect: Dialect) -> None:
        self.dialect = dialect
        if dialect == "current":
            self.direct = CURRENT

    def _dialect_of(self, name: str, record: Record) -> Dialect | None:
        """The dialect this event is in: by its name; by the stream where several have the name."""
        if name in seed.EVENTS:
            return "seed"
        if name in pegasus30.EVENTS:
            return "3.0"
        if name in seed.SHARED:
            return self._shared(name, record)
        if name in _AMBIGUOUS:
            own: Dialect = "seed" if name in seed.AMBIGUOUS else "3.0"
            if self.dialect is None:
                return own if "wf.id" in record and "xwf.id" not in record else "current"
            return "current" if self.dialect == "current" or "xwf.id" in record else own
        return "current" if name in CURRENT else None

    def _shared(self, name: str, record: Record) -> Dialect:
        if self.dialect in ("seed", "3.0"):
            return self.dialect
        old_host = name == "stampede.host" and "name" in record
        return "3.0" if old_host or "parent_workflow_id" in record else "seed"


def to_dialect(event: Event, dialect: Literal["current", "seed"] = "current", *, pure: bool = False) -> list[Record]:
    """The records that tell this event in a dialect, names and values as they go on the wire, with ``event``.

    Most often one. None when the dialect has no such event, or with ``pure`` when Pegasus does not know it (attributes
    it does not know are left out then). ``seed`` tells changes of state by an event of their own, so that some events
    become two; what it has no attribute for keeps today's name.
    """
    if pure and (event.NAME in OURS_EVENTS or _is_detail(event)):
        return []
    record = to_record(event)
    if pure and (ours := OURS_ATTRIBUTES.get(event.NAME)):
        record = {key: value for key, value in record.items() if key not in ours}
    if dialect == "current":
        return [record]
    return seed.from_current(record)


def _is_detail(event: Event) -> bool:
    """Whether it has a name Pegasus knows but no number of a jobstate, which its loader refuses to be without.

    Such events carry what only a job's log tells (the host, the size of an image, the reason of a hold).
    """
    return isinstance(event, _NUMBERED) and event.js_id is None


__all__ = ["CURRENT", "KNOWN", "Dialect", "Translator", "UnknownEventError", "to_dialect"]
