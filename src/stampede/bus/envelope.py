"""A message as bytes where the bus has no place for headers: a line of JSON, and the body behind it."""

from __future__ import annotations

import msgspec

from stampede.bus.message import Message


class _Head(msgspec.Struct, kw_only=True, omit_defaults=True):
    key: str
    source: str = ""
    root: str = ""
    first: int = 0
    count: int = 1
    form: str = "jsonl"
    coding: str = "identity"
    sent_ts: float | None = None


class EnvelopeError(Exception):
    """Bytes that are no message."""


def sealed(message: Message) -> bytes:
    """The message as bytes."""
    head = _Head(
        key=message.key, source=message.source, root=message.root, first=message.first, count=message.count,
        form=message.form, coding=message.coding, sent_ts=message.sent_ts,
    )  # fmt: skip
    return msgspec.json.encode(head) + b"\n" + message.body


def opened(data: bytes) -> Message:
    """The message again. Raises EnvelopeError."""
    line, end, body = data.partition(b"\n")
    try:
        if not end:
            raise EnvelopeError("its first line has no end")
        head = msgspec.json.decode(line, type=_Head)
    except msgspec.MsgspecError as e:
        raise EnvelopeError(f"its first line is not what it should be ({e})") from e
    return Message(**msgspec.structs.asdict(head), body=body)
