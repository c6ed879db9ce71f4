"""What goes over a socket between publishers, subscribers and the loader that listens.

A frame is its length (4 bytes, big endian) and a MessagePack object. The listener begins with ``Hello``; the other
side says what it is (``Come``), with the proof that it knows the secret if there is one (HMAC-SHA256 of the nonce, RFC
2104). A publisher sends ``Put`` and is answered ``Taken`` when the message is stored, or why it was not taken now; a
subscriber is sent ``Given``.
"""

from __future__ import annotations

import hmac
import socket
import struct
from typing import Final, Literal

import msgspec

from stampede.bus.errors import BusError
from stampede.bus.message import MOST_BYTES, Message

_LENGTH: Final = struct.Struct(">I")
_LARGEST: Final = MOST_BYTES + (1 << 16)


class Hello(msgspec.Struct, tag="hello"):
    """The listener's first word. An empty nonce: no secret is asked for."""

    nonce: bytes = b""


class Come(msgspec.Struct, tag="come"):
    """Who comes."""

    role: Literal["publisher", "subscriber"]
    proof: bytes = b""
    patterns: list[str] = []


class Welcome(msgspec.Struct, tag="welcome"):
    """They may stay; ``refused`` says why not."""

    refused: str = ""


class Put(msgspec.Struct, tag="put"):
    """A message, and what its sender calls it."""

    number: int
    message: Message


class Taken(msgspec.Struct, tag="taken"):
    """What became of it: stored, unless ``full`` or ``trouble`` say otherwise."""

    number: int
    full: bool = False
    trouble: str = ""


class Given(msgspec.Struct, tag="given"):
    """A copy for a subscriber."""

    message: Message


Frame = Hello | Come | Welcome | Put | Taken | Given
_ENCODER: Final = msgspec.msgpack.Encoder()
_DECODER: Final = msgspec.msgpack.Decoder(Frame)


def proof(secret: str, nonce: bytes) -> bytes:
    """That somebody knows the secret."""
    return hmac.digest(secret.encode(), nonce, "sha256")


def encoded(frame: Frame) -> bytes:
    """The frame as bytes."""
    body = _ENCODER.encode(frame)
    return _LENGTH.pack(len(body)) + body


def send(connection: socket.socket, frame: Frame) -> None:
    """Send a frame. Raises OSError."""
    connection.sendall(encoded(frame))


def receive(connection: socket.socket) -> Frame:
    """The next frame. Raises ConnectionError at the end of the connection, BusError for bytes that are no frame."""
    (size,) = _LENGTH.unpack(_exactly(connection, _LENGTH.size))
    if size > _LARGEST:
        raise BusError(f"A frame of {size} bytes cannot be: something else than Stampede speaks at the other end.")
    try:
        found: Frame = _DECODER.decode(_exactly(connection, size))
    except msgspec.MsgspecError as e:
        raise BusError(f"A frame is not what it should be: {e}.") from e
    return found


def _exactly(connection: socket.socket, size: int) -> bytes:
    parts: list[bytes] = []
    while size:
        part = connection.recv(min(size, 1 << 20))
        if not part:
            raise ConnectionError("the other end has closed the connection")
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
