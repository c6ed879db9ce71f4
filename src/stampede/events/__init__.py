"""What happened: the catalogue of events, the dialects and forms in which they travel, and the checks they pass.

``catalogue`` has one struct an event; ``stream`` reads and writes streams of them; ``dialects`` knows the generations
of names; ``codecs`` the forms BP, JSON lines and BSON; ``yang/stampede-schema.yang`` is the description of all of it,
from which ``_validators`` is generated.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from stampede.events.base import Event, JobInstEvent
from stampede.events.catalogue import EVENTS

if TYPE_CHECKING:
    from stampede.events.faults import Fault, Faults
    from stampede.events.stream import FORMATS, Decoder, Reader, encoder, open_stream, read

#: The YANG module that describes every event.
YANG_MODULE = Path(__file__).with_name("yang") / "stampede-schema.yang"

__all__ = [
    "EVENTS",
    "FORMATS",
    "YANG_MODULE",
    "Decoder",
    "Event",
    "Fault",
    "Faults",
    "JobInstEvent",
    "Reader",
    "encoder",
    "open_stream",
    "read",
]


def __getattr__(name: str) -> Any:
    """Imports what reads and writes streams when it is first asked for: who only makes events need not wait for it."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from stampede.events import faults, stream

    return getattr(faults if name in ("Fault", "Faults") else stream, name)
