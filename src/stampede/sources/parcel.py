"""How events travel between processes: MessagePack, and sealed where a process only hands them on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Union

import msgspec

from stampede.events.base import Event
from stampede.events.catalogue import EVENTS
from stampede.events.storable import storable

if TYPE_CHECKING:
    AnyEvent = Event
else:  # msgspec decodes an event to its class by the tag it was encoded with
    AnyEvent = Union[tuple(EVENTS.values())]  # noqa: UP007 - a union of a list of classes

_ENCODER = msgspec.msgpack.Encoder()


class Sealed(Event, kw_only=True, gc=False):
    """Stands in a list of events for those that another process told; ``events`` is their encoding, once it is here."""

    events: msgspec.Raw | None = None


def parts(events: list[Event]) -> list[list[Event] | msgspec.Raw]:
    """The events as lists to be encoded one after the other, sealed ones as they came."""
    found: list[list[Event] | msgspec.Raw] = []
    own: list[Event] = []
    for event in events:
        if isinstance(event, Sealed):
            if own:
                found.append(own)
                own = []
            if event.events is not None:
                found.append(event.events)
        else:
            own.append(event)
    if own:
        found.append(own)
    return found


def encoded(parts: list[list[Event] | msgspec.Raw]) -> bytes:
    """The parts as one list. What no database could hold either is changed in them, and a problem tells of it."""
    try:
        return _ENCODER.encode(parts)
    except (UnicodeEncodeError, OverflowError):
        return _ENCODER.encode([storable(part) if isinstance(part, list) else part for part in parts])
