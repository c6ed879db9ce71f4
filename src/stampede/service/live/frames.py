"""Changes as bytes of a stream of server-sent events (WHATWG HTML, 9.2), encoded once for all who hear them."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from stampede.query.changes import Change, Counts
from stampede.service.live.places import place
from stampede.words import rfc3339

_ENCODE: Final = msgspec.json.Encoder().encode
_TIMES: Final = ("ts", "last_ts")
#: how long a client waits before it comes back, in milliseconds
GREETING: Final = b"retry: 2000\n\n"


class Frame(msgspec.Struct, gc=False):
    """One event: ``head`` up to its id, ``place`` of its database, ``tail`` with its data."""

    change: Change
    head: bytes
    place: bytes
    tail: bytes

    def alone(self) -> bytes:
        """The event for one who hears one database."""
        return self.head + self.place + self.tail

    def among(self, others: bytes) -> bytes:
        """The event for one who hears several: ``others`` has the places of the others, each after a comma."""
        return self.head + self.place + others + self.tail


def frame(change: Change, key: str) -> Frame:
    """A change of the database with that key."""
    return Frame(
        change, b"event: %s\nid: " % change.kind.encode(), place(key, change.position).encode(),
        b"\ndata: %s\n\n" % _data(change.item),
    )  # fmt: skip


def summary(counts: Counts) -> bytes:
    """The numbers of a workflow. They have no id: they are no change, but what all changes add up to."""
    return b"event: summary\ndata: %s\n\n" % _data(counts)


def resync(reason: str, places: str) -> bytes:
    """Something was left out: the client has to ask for everything anew, and hears what comes from here on."""
    return b"event: resync\nid: %s\ndata: %s\n\n" % (places.encode(), _ENCODE({"reason": reason}))


def alive(places: str) -> bytes:
    """Nothing was to be told, up to these places. No event: only the id is remembered by the client."""
    return b": alive\nid: %s\n\n" % places.encode()


def _data(item: Any) -> bytes:
    """One line of JSON with times as RFC 3339."""
    values = msgspec.structs.asdict(item)
    for name in _TIMES:
        if values.get(name) is not None:
            values[name] = rfc3339(values[name])
    return _ENCODE(values)
