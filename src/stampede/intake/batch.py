"""A batch of records, and the events that they are."""

from __future__ import annotations

import re
from bisect import bisect_right
from itertools import accumulate

import msgspec

from stampede.errors import InputError, UsageError
from stampede.events.base import Event
from stampede.events.catalogue import Problem
from stampede.events.decoder import Decoder

#: characters of a sender's name at most, with that of its user
MOST_NAME = 256
#: printable ASCII without blanks at the ends, as a header can hold it
NAME_PATTERN = r"^[!-~]([ -~]*[!-~])?$"
#: sources of positions that are senders, not files
PREFIX = "push:"
_LARGEST = 2**62


class Stored(msgspec.Struct, kw_only=True):
    """How far the records of a source are stored: ``stored`` is the number of the last one, 0 when there is none.

    Of the batch that was sent ``new`` records were stored now and ``known`` before; ``problems`` of the new ones could
    not be taken as they are and are rows of ``problem``.
    """

    source: str
    stored: int
    new: int = 0
    known: int = 0
    problems: int = 0


class Batch(msgspec.Struct, kw_only=True):
    """Records ``first`` to ``last`` of a source, a line each (BP or JSON), as their sender numbered them.

    ``user`` is whose workflows they may be about; None: anybody's. A ``first`` of 0 says that the sender does not
    number: they are stored whenever they come. A batch that comes too early waits ``patience_s`` for those before it;
    with ``torn`` it is stored all the same, what is missing is told as a problem, and stored too if it comes later.
    """

    source: str
    first: int
    lines: list[bytes]
    user: str | None = None
    patience_s: float = 2.0
    torn: bool = False
    #: whether its sender sends again what is refused, so that there are no gaps
    resent: bool = True

    @property
    def last(self) -> int:
        """The number of its last record."""
        return self.first + len(self.lines) - 1

    @property
    def size_bytes(self) -> int:
        """What it holds in memory, about."""
        return sum(map(len, self.lines)) + 64 * len(self.lines)

    @property
    def position(self) -> str:
        """What its position is kept under. Users cannot reach each other's."""
        return PREFIX + (f"{self.user}/" if self.user is not None else "") + self.source

    @property
    def may_be_late(self) -> bool:
        """Whether what was missing is stored when it comes after all: where nobody sends again what is refused."""
        return not self.resent

    @property
    def numbered(self) -> bool:
        """Whether its sender numbers records."""
        return self.first > 0

    def events(self, begin: int, end: int) -> list[Event]:
        """The events of records ``begin`` to ``end`` (their numbers); a record that is none is a ``Problem``.

        A problem's ``file`` is the source, its ``offset`` the number of the record.
        """
        lines = self.lines[begin - self.first : end - self.first + 1]
        text = b"\n".join(lines) + b"\n"
        ends = list(accumulate(len(line) + 1 for line in lines))
        decoder = Decoder(_form(lines), name=self.source)
        found: list[Event] = []
        for group in (decoder.feed(text), decoder.finish()):
            for events, _ in group:
                found += events
        for event in found:
            if event.__class__ is Problem and isinstance(event, Problem) and event.file == self.source:
                event.offset = begin + bisect_right(ends, event.offset or 0)
        return found


def _form(lines: list[bytes]) -> str:
    """BP unless the first record is an object of JSON: a batch is lines, whatever bytes are in them."""
    return "jsonl" if lines and lines[0].lstrip().startswith(b"{") else "bp"


def is_name(source: str) -> bool:
    """Whether a sender can be called so."""
    return len(source) <= MOST_NAME and re.match(NAME_PATTERN, source) is not None and not source.endswith("\n")


def make_batch(source: str, first: int, body: bytes, *, user: str | None = None) -> Batch:
    """The batch of a body: lines with something in them. Raises UsageError for a name or number that cannot be one,
    InputError when there is no record."""
    if not is_name(source):
        raise UsageError(f"A source is named by 1 to {MOST_NAME} printable characters of ASCII, no blank at the ends.")
    if not 1 <= first <= _LARGEST:
        raise UsageError("Records are numbered from 1.")
    lines = [line for line in body.split(b"\n") if line.strip()]
    if not lines:
        raise InputError("There is no record in the batch.")
    return Batch(source=source, first=first, lines=lines, user=user)
