"""A source read by a second process, so that reading and writing share two cores.

The reader is this module run as a program (``python -m stampede.sources.process``): it is told a path on its standard
input and writes one frame a batch to its standard output, MessagePack behind a length of four bytes. It dies with its
parent: when nobody reads any more, its next write fails.
"""

from __future__ import annotations

import os
import queue
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Union

import msgspec

from stampede import errors
from stampede.errors import InputError, StampedeError
from stampede.events.base import Event
from stampede.events.catalogue import EVENTS
from stampede.sources.base import Batch

if TYPE_CHECKING:
    _AnyEvent = Event
else:
    _AnyEvent = Union[tuple(EVENTS.values())]

_LENGTH = struct.Struct("<I")
#: frames held in memory between the two processes
_AHEAD = 8


class _Request(msgspec.Struct):
    path: str
    strict: bool


class _Frame(msgspec.Struct, omit_defaults=True):
    """One batch, or the error that ended the reading."""

    events: list[_AnyEvent] = []
    source: str = ""
    start: int = 0
    end: int = 0
    inode: int = 0
    size: int = 0
    final: bool = False
    done: int = 0
    total: int = 0
    error: str = ""
    message: str = ""


class ProcessSource:
    """The batches of the source behind ``path``, read by a process of their own."""

    def __init__(self, path: Path, *, strict: bool = False) -> None:
        self.path = path
        self.name = str(path)
        self.strict = strict
        self.size = 0
        self.done = 0

    def batches(self) -> Iterator[Batch]:
        """All batches, in order. Raises what the reader raised, and InputError when the reader dies."""
        decoder = msgspec.msgpack.Decoder(_Frame)
        with subprocess.Popen(
            [sys.executable, "-m", "stampede.sources.process"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as reader:
            try:
                assert reader.stdin is not None
                assert reader.stdout is not None
                reader.stdin.write(msgspec.msgpack.encode(_Request(str(self.path.absolute()), self.strict)))
                reader.stdin.close()
                for data in _ahead(reader.stdout):
                    frame = decoder.decode(data)
                    if frame.error:
                        raise _error(frame)
                    self.done, self.size = frame.done, frame.total
                    yield Batch(
                        frame.events, frame.source, frame.start, frame.end, frame.inode, frame.size, frame.final
                    )
                if reader.wait() != 0:
                    raise InputError(f"The process that read {self.path} ended with status {reader.returncode}. "
                                     "Set STAMPEDE_WORKERS=0 to read it without one.", path=str(self.path))  # fmt: skip
            finally:
                if reader.poll() is None:
                    reader.kill()


def _ahead(stream: IO[bytes]) -> Iterator[bytes]:
    """Frames of the stream, a few of them fetched while the caller is busy with an earlier one."""
    frames: queue.Queue[bytes | None] = queue.Queue(_AHEAD)

    def fetch() -> None:
        try:
            while head := stream.read(_LENGTH.size):
                frames.put(stream.read(_LENGTH.unpack(head)[0]))
        except (OSError, ValueError, struct.error):
            pass
        frames.put(None)

    threading.Thread(target=fetch, daemon=True).start()
    while (frame := frames.get()) is not None:
        yield frame


def _error(frame: _Frame) -> StampedeError:
    kind: Any = getattr(errors, frame.error, InputError)
    return kind(frame.message)  # type: ignore[no-any-return]


def main() -> None:
    """Read the source named on standard input and write its batches to standard output."""
    from stampede.sources.open import open_source

    request = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=_Request)
    encoder = msgspec.msgpack.Encoder()
    out = sys.stdout.buffer

    def send(frame: _Frame) -> None:
        data = encoder.encode(frame)
        out.write(_LENGTH.pack(len(data)))
        out.write(data)
        out.flush()

    try:
        source = open_source(Path(request.path), strict=request.strict)
        for b in source.batches():
            send(_Frame(b.events, b.source, b.start, b.end, b.inode, b.size, b.final, source.done, source.size))
    except StampedeError as e:
        send(_Frame(error=type(e).__name__, message=str(e)))
    except BrokenPipeError:
        os._exit(0)


if __name__ == "__main__":
    main()
