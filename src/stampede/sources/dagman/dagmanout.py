"""dagman.out: DAGMan's own log, line by line, as typed records.

The forms are those of HTCondor 8.8 to 25.14 (``condor_dagman``'s debug output at its default verbosity). A line is
known by its first few characters, so that the many lines nobody asks for cost a slice and a look-up each. What a
record means for a workflow is the tracker's business; this module knows only how lines look.

Lines may start with ``MM/DD/YY HH:MM:SS ``, with sub-seconds, with ISO 8601, and may carry ``(pid:N)``, ``(cid:N)``
and ``(D_CATEGORY)`` before the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from stampede.sources.dagman import dagmanout_engine as engine
from stampede.sources.dagman import dagmanout_nodes as nodes
from stampede.sources.dagman.clock import Clock
from stampede.sources.dagman.dagmanout_record import Reader, Reading, Record
from stampede.sources.dagman.problem import quote

__all__ = ["MAX_LINE", "Lines", "Record"]

_PREFIX = re.compile(
    rb"(?:(\d\d/\d\d/\d\d(?:\d\d)? \d\d:\d\d:\d\d(?:\.\d+)?)|(\d\d/\d\d \d\d:\d\d:\d\d(?:\.\d+)?)"
    rb"|(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?)) "
)
_TAGS = re.compile(rb"(?:\((?:pid|cid|D_[A-Z_]+|tid)[^)]*\) )+")
#: one flat table, by the first five bytes: a line costs one look-up
_TABLE: Final[dict[bytes, Reader]] = {**nodes.READERS, **engine.READERS}

MAX_LINE: Final = 1 << 20


class Lines:
    """Turns the bytes of dagman.out into records."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self._reading = Reading(clock)
        self.ts: float | None = None
        #: time of the last line, whatever it says
        self.seen: float | None = None
        #: lines that were cut or left out: (offset, kind, message)
        self.problems: list[tuple[int, str, str]] = []

    def feed(self, data: bytes, offset: int) -> Iterator[Record]:
        """Records of ``data``, whole lines that start at byte ``offset`` of the file."""
        table, reading = _TABLE, self._reading
        at = offset
        stamp = last = b""
        ts: float | None = None
        for line in data.split(b"\n"):
            start = at
            at += len(line) + 1
            if len(line) < 20:
                continue
            if line[17:18] == b" " and line[2:3] == b"/" and line[8:9] == b" ":
                stamp, text = line[:17], line[18:]
                if text[:1] == b"(":
                    text = _untagged(text)
            else:
                parts = self._split(line, start)
                if parts is None:
                    continue
                stamp, text = parts
            handler = table.get(text[:5]) or _handler(text)
            if handler is None:
                continue
            if len(line) > MAX_LINE:
                self.problems.append((start, "long_line", f"a line of {len(line):,} bytes was cut to {MAX_LINE:,}"))
                text = text[:MAX_LINE]
            if stamp != last:
                ts = self.clock.epoch(stamp.decode("ascii", "replace"), self.ts)
                if ts is None:
                    ts = self.ts
                    if ts is None:
                        continue
                self.ts = ts
                last = stamp
            assert ts is not None
            try:
                record = handler(reading, text.decode("utf-8", "backslashreplace").rstrip("\r"), ts, start)
            except ValueError:  # digits that are no number, or too many
                self.problems.append((start, "odd_line", f"a line has a number that is none: '{quote(text)}'"))
                continue
            if record is not None:
                yield record
        if stamp:
            self.seen = self.clock.epoch(stamp.decode("ascii", "replace"), self.ts) or self.seen

    def _split(self, line: bytes, start: int) -> tuple[bytes, bytes] | None:
        """Stamp and text of a line with another prefix; None for a continuation line."""
        found = _PREFIX.match(line)
        if found is None:
            return None
        return found[1] or found[2] or found[3], _untagged(line[found.end() :])


def _untagged(text: bytes) -> bytes:
    """The text without process, category and the like before it."""
    tags = _TAGS.match(text)
    return text if tags is None else text[tags.end() :]


def _handler(text: bytes) -> Reader | None:
    """The reader of lines that start with a number or with blanks, which the table cannot list."""
    first = text[:1]
    if first.isdigit():
        # figures fill five places: from 10,000 on no blank is left before the first
        return engine.held_count if text.endswith(b"currently held") else engine.numbers
    if first == b" ":
        return engine.numbers
    if text.startswith(b"Of "):
        return engine.of
    return None
