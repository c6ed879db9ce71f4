"""What is in a message: the lines of its records, or why it cannot be used."""

from __future__ import annotations

import time

from stampede import coding
from stampede.bus import Message
from stampede.bus.message import MOST_UNPACKED
from stampede.errors import StampedeError, UsageError
from stampede.events.catalogue import Problem
from stampede.events.decoder import FORMATS, Decoder
from stampede.events.stream import encoder
from stampede.intake import Batch
from stampede.intake.batch import is_name

#: a batch that comes before its time waits so long for those before it, in seconds: another loader may hold them, and
#: the broker believes in one of which nothing is heard for 60
PATIENCE_S = 75.0


class PoisonError(Exception):
    """A message that nobody can use; the message says why."""


class HelplessError(StampedeError):
    """A message that this installation cannot use, and another one can."""

    exit_code = 4


def lines_of(message: Message) -> list[bytes]:
    """The records, a line each. Raises PoisonError, HelplessError."""
    try:
        body = coding.unpacked(message.body, message.coding, MOST_UNPACKED)
    except coding.UnknownCodingError as e:
        if message.coding == "zstd":
            raise HelplessError("Messages are packed with zstd: pip install zstandard.") from e
        raise PoisonError(f"it is packed as {message.coding[:40]!r}, which nobody knows") from e
    except coding.CodingError as e:
        raise PoisonError(f"it cannot be unpacked: {e}") from e
    if message.form not in FORMATS:
        raise PoisonError(f"there is no form of events called {message.form[:40]!r}")
    if message.form == "bson":
        body = _as_lines(body)
    lines = [line for line in body.split(b"\n") if line.strip()]
    if message.first and len(lines) != message.count:
        raise PoisonError(f"it holds {len(lines)} records and says {message.count}")
    if not lines and not message.is_beat:
        raise PoisonError("it holds no record")
    return lines


def batch_of(message: Message) -> Batch:
    """The message as a batch for a writer. Raises PoisonError, HelplessError."""
    source = message.stream or "bus"
    if not is_name(source) or not 0 <= message.first <= 1 << 62 or (message.is_beat and not message.first):
        raise PoisonError(f"its source {source[:80]!r} or its number {message.first} cannot be")
    return Batch(
        source=source, first=message.first if message.source else 0, lines=lines_of(message), patience_s=PATIENCE_S,
        resent=False,
    )  # fmt: skip


def about_buried(message: Message, reason: str) -> Batch:
    """The problem that tells of a message that was put aside, as a batch for a writer."""
    problem = Problem(
        ts=time.time(), kind="buried", severity="error", file=message.stream or message.key, offset=message.first,
        message=f"A message of {message.count} records was put aside: {reason}.",
        remedy="List it with stampede consume --buried; once the reason is gone, --revive publishes it again.",
    )  # fmt: skip
    return Batch(source="bus", first=0, lines=[encoder("jsonl", "current")(problem).rstrip(b"\n")], resent=False)


def _as_lines(body: bytes) -> bytes:
    """BSON documents as lines of JSON."""
    encode = encoder("jsonl", "current")
    decoder = Decoder("bson", name="bus")
    try:
        return b"".join(
            encode(event) for group in (decoder.feed(body), decoder.finish()) for events, _ in group for event in events
        )
    except UsageError as e:
        raise PoisonError(str(e)) from e
