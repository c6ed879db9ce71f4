"""What travels: records of one publisher about one root workflow, packed together, with their numbers."""

from __future__ import annotations

import time
from typing import Final

import msgspec

from stampede.coding import packed

#: records of a message at most
MOST_RECORDS: Final = 500
#: bytes of a message at most, and of what is in it when it is unpacked
MOST_BYTES: Final = 32 << 20
MOST_UNPACKED: Final = 64 << 20
#: smaller bodies are not worth packing
_LEAST_PACKED: Final = 512

#: how routing keys begin: of batches (then comes the root workflow), and of signs of life
BATCH: Final = "stampede.batch"
BEAT: Final = "stampede.heartbeat"


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """``count`` records, ``first`` being the number of the first one.

    Numbers count the records of one ``source`` about one ``root`` from 1, so that whoever reads finds what comes twice
    and what is missing; 0 means that the sender does not number (Pegasus' monitor). ``key`` is what topics are matched
    with: the name of the event, or ``stampede.batch.ROOT`` for several events of any name. A message without records is
    a sign of life; ``first`` is then the number that the next record will have.
    """

    key: str
    source: str = ""
    root: str = ""
    first: int = 0
    count: int = 1
    form: str = "jsonl"
    coding: str = "identity"
    sent_ts: float | None = None
    body: bytes = b""

    @property
    def stream(self) -> str:
        """What its numbers belong to."""
        return f"{self.source}/{self.root}" if self.root else self.source

    @property
    def is_beat(self) -> bool:
        """Whether it is a sign of life."""
        return self.key == BEAT


class Delivery(msgspec.Struct, kw_only=True):
    """A message as a reader got it. ``tag`` belongs to the bus; ``fault`` says why it cannot be used, if so."""

    message: Message
    tag: object = None
    redelivered: bool = False
    fault: str = ""


class Buried(msgspec.Struct, kw_only=True):
    """A message that nobody could use, and why."""

    message: Message
    reason: str
    buried_ts: float | None = None


def batch(source: str, root: str, first: int, lines: list[bytes]) -> Message:
    """Lines of JSON as one message."""
    body, coding = packed(b"\n".join(lines) + b"\n", least_bytes=_LEAST_PACKED)
    return Message(
        key=f"{BATCH}.{root}", source=source, root=root, first=first, count=len(lines), coding=coding,
        sent_ts=time.time(), body=body,
    )  # fmt: skip


def beat(source: str, root: str, following: int) -> Message:
    """A sign of life of a publisher whose next record about ``root`` has that number."""
    return Message(key=BEAT, source=source, root=root, first=following, count=0, sent_ts=time.time())
