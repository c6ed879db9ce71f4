"""What goes over a lane: a length, then a message, pickled. Both ends are processes of one service, forked from it."""

from __future__ import annotations

import pickle
import struct
import traceback
from typing import Any, BinaryIO, Final, NamedTuple

from stampede.service.answering import Work
from stampede.service.kept import Answer

LENGTH: Final = struct.Struct("<Q")


class Failed(NamedTuple):
    """An error on its way: exceptions whose initializers ask for more than a text cannot be pickled themselves."""

    cls: type[Exception]
    args: tuple[Any, ...]
    facts: dict[str, Any]

    def error(self) -> Exception:
        """The error again."""
        found = self.cls.__new__(self.cls, *self.args)
        found.args = self.args
        for name, value in self.facts.items():
            setattr(found, name, value)
        return found


def packed(message: Work | Answer | Failed) -> bytes:
    """A message as it is sent. Raises what pickle does when it cannot leave this process."""
    body = pickle.dumps(message, protocol=5)
    return LENGTH.pack(len(body)) + body


def failed(error: Exception) -> bytes:
    """The message that tells of an error, with the lines where it happened for who looks for a defect."""
    where = "".join(traceback.format_exception(error))
    error.add_note(f"In a process that reads:\n{where}")
    try:
        return packed(Failed(type(error), error.args, dict(error.__dict__)))
    except Exception:  # it holds what cannot leave this process
        return packed(Failed(RuntimeError, (where,), {}))


def received(incoming: BinaryIO) -> bytes | None:
    """The next message of a stream, waiting for it; None at its end."""
    try:
        head = incoming.read(LENGTH.size)
        if len(head) < LENGTH.size:
            return None
        (length,) = LENGTH.unpack(head)
        body = incoming.read(length)
    except OSError:
        return None
    return body if len(body) == length else None


def unpacked(body: bytes | bytearray | memoryview) -> Any:
    """A message that was received."""
    return pickle.loads(body)
