"""What every event is.

An event is one frozen-by-convention struct: its class says what happened, its fields what is known about it. Field
names are those of the wire with ``.`` written ``_`` (``job_inst.id`` is ``job_inst_id``); ``WIRE`` of each class maps
them back. What a sender added beyond the catalogue is kept in ``extra`` under its wire name, so that nothing is lost
between reading and writing.
"""

from __future__ import annotations

from typing import Any, ClassVar, TypeAlias

import msgspec

#: What an attribute may be on the wire: BP knows only text, JSON and BSON keep types; lists and mappings occur in
#: ``job_inst.composite``.
Value: TypeAlias = Any


class Event(msgspec.Struct, kw_only=True, gc=False, omit_defaults=True, tag=True, tag_field="is"):
    """Base of the catalogue. ``ts`` is epoch seconds (UTC); ``xwf_id`` names the workflow the event is about."""

    NAME: ClassVar[str] = ""
    #: field name -> name on the wire
    WIRE: ClassVar[dict[str, str]] = {}

    ts: float | None = None
    level: str | None = None
    xwf_id: str | None = None
    extra: dict[str, Value] | None = None


class JobInstEvent(Event, kw_only=True, gc=False):
    """Something about one job instance. ``js_id`` counts the states of the instance from 1."""

    job_id: str
    job_inst_id: int
    js_id: int | None = None
    reason: str | None = None
    sched_id: str | None = None
