"""Messages between processes: MessagePack behind a length of four bytes."""

from __future__ import annotations

import queue
import struct
import threading
from collections.abc import Iterator
from typing import IO, TYPE_CHECKING, Union

from stampede.events.base import Event
from stampede.events.catalogue import EVENTS

if TYPE_CHECKING:
    AnyEvent = Event
else:  # msgspec decodes an event to its class by the tag it was encoded with
    AnyEvent = Union[tuple(EVENTS.values())]  # noqa: UP007 - a union of a list of classes

_LENGTH = struct.Struct("<I")


def write(stream: IO[bytes], data: bytes) -> None:
    """Send one message. Raises BrokenPipeError when nobody reads any more."""
    stream.write(_LENGTH.pack(len(data)))
    stream.write(data)
    stream.flush()


def read(stream: IO[bytes]) -> bytes | None:
    """The next message; None at the end of the stream, also when it ends within a message."""
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    data = stream.read(length)
    return data if len(data) == length else None


def ahead(stream: IO[bytes], count: int) -> Iterator[bytes]:
    """The messages of a stream; up to ``count`` are fetched while the caller is busy with an earlier one."""
    messages: queue.Queue[bytes | None] = queue.Queue(count)

    def fetch() -> None:
        try:
            while (message := read(stream)) is not None:
                messages.put(message)
        except (OSError, ValueError):  # closed while we read: the caller has gone
            pass
        messages.put(None)

    threading.Thread(target=fetch, daemon=True).start()
    while (message := messages.get()) is not None:
        yield message
