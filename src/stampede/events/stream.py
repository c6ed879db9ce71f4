"""Streams of events: bytes to batches of events, and events to bytes.

``read`` takes a binary stream, finds out its form (BP, JSON lines, BSON, each also in gzip) and its dialect, and gives
batches of events with the offset at which each ends; offsets are those after decompression. ``Decoder`` is the same
for callers that hold the bytes already: followers of growing files, receivers of messages.
"""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import BinaryIO, Literal

from stampede.errors import DecodeError, InputError, UsageError
from stampede.events.base import Event
from stampede.events.checks import Record
from stampede.events.codecs import bp, bson, jsonl
from stampede.events.decoder import FORMATS, Batch, Decoder, sniff
from stampede.events.dialects import Dialect, to_dialect
from stampede.events.faults import Faults
from stampede.files import open_regular

#: Small enough for a batch to stay in the processor's cache, large enough to forget the cost of a read.
CHUNK_BYTES = 256 * 1024

_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"


class _Prefixed(io.RawIOBase):
    """A stream whose first bytes were read already."""

    def __init__(self, head: bytes, stream: BinaryIO) -> None:
        self._head = head
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        data = self._head[: len(buffer)] or self._stream.read(len(buffer))
        self._head = self._head[len(buffer) :]
        buffer[: len(data)] = data
        return len(data)


class Reader:
    """The batches of one stream, once: ``for events, end_offset in reader``."""

    def __init__(self, stream: BinaryIO, decoder: Decoder, break_at: int = 0) -> None:
        self._stream = stream
        self._decoder = decoder
        self._break_at = break_at
        self._taken = 0

    def __iter__(self) -> Iterator[Batch]:
        for batch in self._batches():
            if batch[0]:
                yield batch

    def _batches(self) -> Iterator[Batch]:
        decoder = self._decoder
        try:
            stream = self._plain()
            while data := stream.read1(self._wanted()):
                self._taken += len(data)
                yield from decoder.feed(data)
        except (EOFError, zlib.error, gzip.BadGzipFile) as exc:
            yield from decoder.finish()
            problem = decoder.problem("truncated", f"the compressed data end badly ({exc})", decoder.offset)
            yield [problem], decoder.offset
            return
        yield from decoder.finish()

    def _wanted(self) -> int:
        left = self._break_at - self._taken
        return left if 0 < left < CHUNK_BYTES else CHUNK_BYTES

    def _plain(self) -> io.BufferedIOBase:
        """The stream without its compression."""
        head = self._stream.read(len(_ZSTD)) or b""
        stream = io.BufferedReader(_Prefixed(head, self._stream), CHUNK_BYTES)
        if head.startswith(_GZIP):
            return gzip.GzipFile(fileobj=stream)
        if head == _ZSTD:
            name = self._decoder.name or "The stream"
            raise DecodeError(f"{name} is compressed with zstd; pipe it through 'zstd -dc'.", path=name, offset=0)
        return stream

    @property
    def faults(self) -> Faults:
        """What was wrong so far."""
        return self._decoder.faults

    @property
    def format(self) -> str | None:
        """``bp``, ``jsonl`` or ``bson``, once the first bytes were read."""
        return self._decoder.format

    @property
    def dialect(self) -> Dialect | None:
        """``current``, ``seed`` or ``3.0``, once an event has told it."""
        return self._decoder.dialect

    @property
    def offset(self) -> int:
        """End of the last batch, in bytes of the stream after decompression."""
        return self._decoder.offset

    def close(self) -> None:
        """Closes the stream."""
        self._stream.close()

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def read(
    stream: BinaryIO,
    *,
    format: str | None = None,  # noqa: A002
    strict: bool = False,
    name: str = "",
    break_at: int = 0,
) -> Reader:
    """The events of a binary stream, in batches of at most ``BATCH_EVENTS`` events with their end offset.

    ``format`` is one of ``FORMATS`` or found out; gzip is undone in any case. ``name`` is the file named in problems.
    ``strict`` raises ``InvalidEventError`` or ``DecodeError`` at the first record that is wrong. A batch ends at the
    offset ``break_at`` if a record does: where an earlier reading ended.
    """
    return Reader(stream, Decoder(format, strict=strict, name=name), break_at)


def open_stream(
    path: str | Path,
    *,
    format: str | None = None,  # noqa: A002
    strict: bool = False,
    name: str = "",
    break_at: int = 0,
) -> Reader:
    """``read`` of a file; use it as a context manager. ``InputError`` when the file cannot be opened."""
    try:
        stream = open_regular(path)
    except OSError as exc:
        raise InputError(f"{path} cannot be read: {exc.strerror}.", path=str(path)) from exc
    return read(stream, format=format, strict=strict, name=name or str(path), break_at=break_at)


def encoder(
    format: str = "bp",  # noqa: A002
    dialect: str = "current",
    *,
    pure: bool = False,
) -> Callable[[Event], bytes]:
    """A function that turns an event into the bytes of a stream.

    ``format`` is one of ``FORMATS``, ``dialect`` ``current`` or ``seed``. With ``pure`` only what Pegasus knows is
    written. An event that the dialect does not have gives no bytes; some give two records.
    """
    if dialect not in ("current", "seed"):
        raise UsageError(f"Events cannot be written in the dialect {dialect!r}; known are current and seed.")
    target: Literal["current", "seed"] = "seed" if dialect == "seed" else "current"
    if format not in FORMATS:
        raise UsageError(f"There is no form of events called {format!r}; known are {', '.join(FORMATS)}.")
    serialise: Callable[[Record], bytes]
    if format == "bp":
        serialise = partial(bp.serialise, pure=pure)
    else:
        serialise = jsonl.serialise if format == "jsonl" else bson.serialise

    def encode(event: Event) -> bytes:
        return b"".join(map(serialise, to_dialect(event, target, pure=pure)))

    return encode


__all__ = ["FORMATS", "Batch", "Decoder", "Reader", "encoder", "open_stream", "read", "sniff"]
