"""Lines of open files, found by what stands in them: in constant memory, for so long at most, of any size.

A file is read in blocks that overlap by what a hit may be long. Nothing is decoded but what is given back.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from typing import Final

import msgspec

#: reads so many bytes at an offset, as ``os.pread`` does
Read = Callable[[int, int], bytes]
#: bytes that are looked through at once
BLOCK: Final = 1 << 20
#: bytes that blocks overlap by: a hit, or the head of a record, is never longer
OVERLAP: Final = 4096
#: how long a request may look, in seconds; then it says where it stopped
MOST_S: Final = 0.5
#: bytes of a line before and behind a hit that are given back
_BEFORE, _BEHIND = 120, 280


class Hit(msgspec.Struct, kw_only=True):
    """Where a text occurs: the byte that it begins at, the byte that its line (or, far from the start of a line, this
    piece of it) begins at, its length in bytes, and what stands around it in that line."""

    offset: int
    line_offset: int
    length: int
    text: str


class Hits(msgspec.Struct, kw_only=True):
    """What was found, in the order of the file. ``next`` is where to go on; None when the end was reached."""

    size: int
    items: list[Hit]
    next: int | None


def text_pattern(text: str) -> re.Pattern[bytes]:
    """What finds a text in bytes of which the letters of ASCII were made small."""
    return re.compile(re.escape(text.encode("utf-8", "replace").lower()))


#: signs of trouble in what programs print, made small; "0 errors" and "no error" are none. No word has to begin here:
#: looking for that first takes six times as long
ERRORS: Final = re.compile(
    rb"error(?<!\b0 error)(?<!\bno error)|fatal|exception|traceback|segmentation fault|core dumped|killed|panic|"
    rb"no such file|permission denied|no space left|quota exceeded|not found|refused|failed(?<!\b0 failed)|failure|"
    rb"out of memory|bad_alloc|cannot |unable to |aborted"
)


def hits(
    read: Read, pattern: re.Pattern[bytes], *, start: int, size: int, most: int, seconds: float = MOST_S
) -> Hits:  # fmt: skip
    """At most so many hits of a pattern (of small letters) from byte ``start`` on. It must not match more than OVERLAP
    bytes."""
    found: list[Hit] = []
    until = time.monotonic() + seconds
    at = start
    for base, data, owned in blocks(read, start, size):
        for one in pattern.finditer(data.lower()):
            # a hit behind ``owned`` is found in the next block too, whole
            if base + one.start() < at or one.start() >= owned or one.end() == one.start():
                continue
            if len(found) == most:
                return Hits(size=size, items=found, next=found[-1].offset + 1)
            found.append(_hit(read, base, data, one))
            at = base + one.end()
        if time.monotonic() > until and base + owned < size:
            return Hits(size=size, items=found, next=base + owned)
    return Hits(size=size, items=found, next=None)


def blocks(read: Read, start: int, size: int) -> Iterator[tuple[int, bytes, int]]:
    """(first byte, bytes, how many of them no later block begins with) from ``start`` to ``size``."""
    while start < size:
        data = read(BLOCK + OVERLAP, start)[: size - start]
        if not data:
            return
        owned = min(len(data), BLOCK)
        yield start, data, owned
        start += owned


def line_start(read: Read, base: int, data: bytes, at: int) -> int:
    """The byte of the file that the line of ``data[at]`` begins at; at most OVERLAP bytes before the block."""
    found = data.rfind(b"\n", 0, at)
    if found >= 0 or base == 0:
        return base + found + 1
    first = max(0, base - OVERLAP)
    before = read(base - first, first)
    return first + before.rfind(b"\n") + 1


def _hit(read: Read, base: int, data: bytes, one: re.Match[bytes]) -> Hit:
    line = line_start(read, base, data, one.start())
    offset = base + one.start()
    first = max(line, offset - _BEFORE)
    piece = read(offset - first + one.end() - one.start() + _BEHIND, first)
    end = piece.find(b"\n", offset - first + one.end() - one.start())
    text = piece[: end if end >= 0 else None].decode("utf-8", "replace")
    return Hit(offset=offset, line_offset=line, length=one.end() - one.start(), text=text)
