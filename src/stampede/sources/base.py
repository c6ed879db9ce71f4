"""What a source is.

Life cycle: a source is made from a path and iterated once. It yields batches of events together with the place behind
them; whoever stores a batch stores that place in the same transaction, and when the source is read again (after a
crash, or since the files have grown) passes over batches that end before it. A source is deterministic: the same bytes
give the same batches of events in the same order, so that such a second reading continues exactly where the first
ended.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Generator, Mapping
from pathlib import Path
from typing import Protocol

import msgspec

from stampede.events.base import Event
from stampede.files import open_regular

#: events per batch, about; also what one transaction of a load holds
BATCH = 5000


class Batch(msgspec.Struct, gc=False):
    """Events and where they come from: bytes ``start`` to ``end`` of ``source`` (a file, named by its path).

    A negative ``end`` says that nothing has to be known of the source any more. ``inode`` says which file it is, of
    logs which log (``story``).
    """

    events: list[Event]
    source: str
    start: int
    end: int
    inode: int = 0
    size: int = 0
    #: the source has been read to its end
    final: bool = False


class Place(msgspec.Struct, frozen=True):
    """How far a source was stored: as ``end``, ``inode``, ``size`` and ``final`` of its last batch."""

    end: int
    inode: int = 0
    size: int = 0
    final: bool = False

    @property
    def mark(self) -> int:
        """The byte (or event) behind what was stored."""
        return self.end - self.final


#: where earlier readings of sources ended: a batch ends there too, so that what is known can be told from what is new
Marks = Mapping[str, int]


class Source(Protocol):
    """Something that events can be read from."""

    #: what a user would call it
    name: str
    #: to be set before the source is iterated, when it was read before
    marks: Marks

    def batches(self, *, sealed: bool = False) -> Generator[Batch]:
        """All batches, in order. Raises InputError when nothing at all can be read.

        With ``sealed`` they may hold events as another process encoded them (``parcel.Sealed``), to be handed on.
        """

    @property
    def size(self) -> int:
        """Bytes to be read, as far as known, for progress."""

    @property
    def done(self) -> int:
        """Bytes read so far."""


#: bytes at the beginning of a log in which is looked for what tells it from others
STORY_BYTES = 4096
_FIRST_LINE = 256
#: how the first event of a job event log in JSON or XML ends
_FIRST_EVENT = re.compile(rb"(?:\}|</c>)[ \t\r]*\n")


def story(head: bytes) -> int:
    """What tells one log from another, whatever file it is in: a number made from its first line, or from its first
    event where all logs have the same first line (JSON, XML). ``head`` has at least ``STORY_BYTES`` bytes of the log if
    there are so many. 0 when what is needed is not there yet.

    A file of the same name may be another log (even of the same inode), and a copy elsewhere is the same one.
    """
    longest = _FIRST_LINE
    if head[:1] in (b"{", b"<"):
        longest = STORY_BYTES
        event = _FIRST_EVENT.search(head, 0, longest)
        end = event.end() if event is not None else 0
    else:
        end = head.find(b"\n", 0, longest) + 1
    if not end and len(head) < longest:
        return 0
    return int.from_bytes(hashlib.blake2b(head[: end or longest], digest_size=7).digest(), "big") or 1


def story_of(path: Path) -> int:
    """The same for a file; 0 when it cannot be read."""
    try:
        with open_regular(path) as file:
            return story(file.read(STORY_BYTES))
    except OSError:
        return 0


def identity(path: Path) -> tuple[int, int]:
    """Inode and size of a file; zeros when it is gone."""
    try:
        st = os.stat(path)
    except (OSError, ValueError):
        return 0, 0
    return st.st_ino, st.st_size
