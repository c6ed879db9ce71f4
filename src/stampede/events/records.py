"""Events as records, the form between structs and bytes: attribute on the wire -> value, with ``event`` and ``ts``.

Records of BP streams carry dots (``job_inst.id``); JSON and BSON have ``_`` for each of them, which ``dotted`` undoes.
"""

from __future__ import annotations

from stampede.events.base import Event
from stampede.events.catalogue import EVENTS
from stampede.events.checks import CONTEXT, Record

#: Attributes of the seed's dialect that carry a dot.
_SEED = (
    "wf.id", "parent.wf.id", "root.wf.id", "abs_task.id", "exec_job.id", "parent_abs_task.id", "child_abs_task.id",
    "parent_exec_job.id", "child_exec_job.id", "condor.id",
)  # fmt: skip

_WIRE_NAMES = {wire for cls in EVENTS.values() for wire in cls.WIRE.values()}

#: name as JSON and BSON spell it -> name on the wire
DOTTED = {name.replace(".", "_"): name for name in (*_WIRE_NAMES, *CONTEXT, *_SEED) if "." in name}

_UNDERSCORED = {name: key for key, name in DOTTED.items()}
_FIELDS = {cls: tuple(cls.WIRE.items()) for cls in EVENTS.values()}


def to_record(event: Event) -> Record:
    """The event as a record in the current dialect; absent attributes are left out. ``extra`` never hides a field."""
    record: Record = {"ts": event.ts, "event": event.NAME}
    for field, wire in _FIELDS[type(event)]:
        value = getattr(event, field)
        if value is not None:
            record[wire] = value
    if event.extra:
        for key, value in event.extra.items():
            record.setdefault(key, value)
    if record["ts"] is None:
        del record["ts"]
    return record


def dotted(document: Record) -> Record:
    """A JSON or BSON document with the names of the wire."""
    get = DOTTED.get
    return {get(key, key): value for key, value in document.items()}


def underscored(record: Record) -> Record:
    """A record with the names that JSON and BSON use; attributes that nobody describes keep theirs."""
    get = _UNDERSCORED.get
    return {get(key, key): value for key, value in record.items()}
