"""A source read by a second process, so that reading and writing share two cores.

The reader is this module run as a program (``python -m stampede.sources.process``): it is told a path on its standard
input and writes one frame a batch to its standard output. It dies with its parent: when nobody reads any more, its next
write fails.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from stampede import errors
from stampede.errors import InputError, StampedeError
from stampede.events.storable import storable
from stampede.sources import frames
from stampede.sources.base import Batch, Marks

#: frames held in memory between the two processes
_AHEAD = 8


class _Request(msgspec.Struct):
    path: bytes
    strict: bool
    marks: dict[bytes, int]


class _Frame(msgspec.Struct, omit_defaults=True):
    """One batch, or the error that ended the reading."""

    events: list[frames.AnyEvent] = []
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

    def __init__(self, path: Path, *, strict: bool = False, marks: Marks | None = None) -> None:
        self.path = path
        self.name = str(path)
        self.strict = strict
        self.marks = marks or {}
        self.size = 0
        self.done = 0

    def _request(self) -> _Request:
        marks = {os.fsencode(name): offset for name, offset in self.marks.items()}
        return _Request(os.fsencode(self.path.absolute()), self.strict, marks)

    def batches(self) -> Iterator[Batch]:
        """All batches, in order. Raises what the reader raised, and InputError when the reader dies."""
        decoder = msgspec.msgpack.Decoder(_Frame)
        with subprocess.Popen(
            [sys.executable, "-m", "stampede.sources.process"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as reader:
            try:
                assert reader.stdin is not None
                assert reader.stdout is not None
                try:
                    reader.stdin.write(msgspec.msgpack.encode(self._request()))
                    reader.stdin.close()
                except BrokenPipeError:  # it is gone already: its status is told below
                    pass
                for data in frames.ahead(reader.stdout, _AHEAD):
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


def _error(frame: _Frame) -> StampedeError:
    kind: Any = getattr(errors, frame.error, InputError)
    return kind(frame.message)  # type: ignore[no-any-return]


def main() -> None:
    """Read the source named on standard input and write its batches to standard output."""
    from stampede.sources.open import open_source

    request = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=_Request)
    out = sys.stdout.buffer
    encoder = msgspec.msgpack.Encoder()

    def send(frame: _Frame) -> None:
        try:
            data = encoder.encode(frame)
        except (UnicodeEncodeError, OverflowError):  # what no database could hold either
            data = encoder.encode(msgspec.structs.replace(frame, events=storable(frame.events)))
        frames.write(out, data)

    try:
        marks = {os.fsdecode(name): offset for name, offset in request.marks.items()}
        source = open_source(Path(os.fsdecode(request.path)), strict=request.strict, marks=marks)
        for b in source.batches():
            send(_Frame(b.events, b.source, b.start, b.end, b.inode, b.size, b.final, source.done, source.size))
    except StampedeError as e:
        send(_Frame(error=type(e).__name__, message=str(e).encode("utf-8", "replace").decode()))
    except BrokenPipeError:
        os._exit(0)


if __name__ == "__main__":
    main()
