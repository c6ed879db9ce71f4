"""A log that grows: its new whole lines, whatever is done to the file meanwhile.

The file is opened anew for each look, so that thousands of logs cost no descriptors and a file that was replaced is
noticed. A log that was renamed to ``<name>.old`` (as HTCondor rotates its logs) is read to its end before the new one.
"""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from stampede.files import open_regular
from stampede.sources.base import STORY_BYTES, story
from stampede.sources.dagman.dagmanout import MAX_LINE

_CHUNK = 256 << 10


class Piece(msgspec.Struct, gc=False):
    """Whole lines: bytes ``offset`` to ``offset + size`` of the log. ``data`` is shorter than ``size`` when it is the
    head of an endless line or follows a hole; ``more`` tells that the next piece is there already."""

    data: bytes
    offset: int
    size: int
    more: bool


def old_of(log: Path) -> Path:
    """What HTCondor calls a log that it has rotated away."""
    return log.with_name(f"{log.name}.old")


class Tail:
    """Reads a growing log. ``offset`` is how far it has been read, ``story`` which log that was (``base.story``).

    ``torn`` counts how often the log began anew under our eyes (rotated, truncated, replaced), ``before`` is the story
    of the log that it was before, if that was rotated and read from its beginning to its end, else 0. ``obstacle`` says
    why it cannot be read at the moment.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.offset = 0
        self.story = 0
        self.size = 0
        self.torn = 0
        self.before = 0
        self.obstacle: str | None = None
        #: all of the log up to ``offset`` was read here, or by somebody before us
        self._has_beginning = True

    def go_on(self, offset: int, story: int) -> None:
        """Begin at that place of that log; if the file is another one now, its rest is looked for first."""
        self.offset, self.story = offset, story
        self._has_beginning = False

    def begin_in(self, story: int) -> None:
        """Begin with that log, which was rotated away, and go on with the one that lies here now."""
        self.offset, self.story = 0, story

    def read(self, *, stop: tuple[int, int] | None = None) -> Piece | None:
        """The next whole lines, of the log of that story not beyond that place; None when there are none (yet)."""
        try:
            with open_regular(self.path) as file:
                self.obstacle = None
                return self._read(file.fileno(), stop)
        except FileNotFoundError:
            self.obstacle = None if not self.story else "it is not there any more"
        except OSError as e:
            self.obstacle = e.strerror or str(e)
        return None

    def _read(self, handle: int, stop: tuple[int, int] | None) -> Piece | None:
        found = story(os.pread(handle, STORY_BYTES, 0))
        if not found:  # its first line is not there (any more, or yet)
            return None
        size = os.fstat(handle).st_size
        if self.story and found != self.story:
            was_there, piece = self._rest_of_old(stop)
            if piece is not None:
                return piece
            self.before = self.story if was_there and self._has_beginning and not self.torn else 0
            self._has_beginning = True
            self.torn += 1
            self.offset = 0
        elif size < self.offset:  # it was cut; what is left of it was read
            self.torn += 1
            self.before, self._has_beginning = 0, False
            self.offset = size
        self.story, self.size = found, size
        return self._lines(handle, stop)

    def _rest_of_old(self, stop: tuple[int, int] | None) -> tuple[bool, Piece | None]:
        """Whether the log that was read so far has been renamed, and what of it was not read yet."""
        try:
            with open_regular(old_of(self.path)) as file:
                if story(os.pread(file.fileno(), STORY_BYTES, 0)) != self.story:
                    return False, None
                piece = self._lines(file.fileno(), stop)
        except OSError:
            return False, None
        if piece is not None:
            piece.more = True
        return True, piece

    def _lines(self, handle: int, stop: tuple[int, int] | None) -> Piece | None:
        start = self.offset
        most = _CHUNK
        if stop is not None and stop[0] == self.story:
            most = min(_CHUNK, max(stop[1] - start, 0))
        data = os.pread(handle, most, start)
        if data[:1] == b"\0":  # a writer went on where it was in a file that had been cut
            return self._hole(data)
        cut = data.rfind(b"\n") + 1
        if cut:
            self.offset = start + cut
            return Piece(data[:cut], start, cut, more=len(data) == most)
        if len(data) < _CHUNK:
            return None
        return self._long_line(handle, start)

    def _hole(self, data: bytes) -> Piece:
        size = len(data) - len(data.lstrip(b"\0"))
        piece = Piece(b"", self.offset, size, more=True)
        self.offset += size
        return piece

    def _long_line(self, handle: int, start: int) -> Piece | None:
        """A line longer than a chunk: whole, or its head once its end is there."""
        head = os.pread(handle, MAX_LINE, start)
        end = head.find(b"\n") + 1
        place = start + (end or len(head))
        while not end:
            block = os.pread(handle, _CHUNK, place)
            if not block:
                return None
            end = block.find(b"\n") + 1
            place += end or len(block)
        size = place - start
        self.offset = place
        return Piece(head[:size] if size <= len(head) else head + b"\n", start, size, more=True)
