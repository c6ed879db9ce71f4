"""A log that grows: its new whole lines, whatever is done to the file meanwhile.

The file is opened anew for each look, so that thousands of logs cost no descriptors and a file that was replaced is
noticed. A log that was renamed to ``<name>.old`` (as HTCondor rotates its logs) is read to its end before the new one.
"""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from stampede.files import open_regular
from stampede.sources.dagman.dagmanout import MAX_LINE

_CHUNK = 256 << 10
#: bytes at the beginning of a log by which it is known again: its first line has a time and a process id in it
_HEAD = 256


class Piece(msgspec.Struct, gc=False):
    """Whole lines: bytes ``offset`` to ``offset + size`` of the log. ``data`` is shorter than ``size`` when it is the
    head of an endless line or follows a hole; ``more`` tells that the next piece is there already."""

    data: bytes
    offset: int
    size: int
    more: bool


class Tail:
    """Reads a growing log. ``offset`` is how far it has been read, ``inode`` which file that was.

    ``torn`` counts how often the log began anew under our eyes (rotated, truncated, replaced); ``obstacle`` says why it
    cannot be read at the moment.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.offset = 0
        self.inode = 0
        self.size = 0
        self.torn = 0
        self.obstacle: str | None = None
        self._head = b""

    def read(self, *, stop: int | None = None) -> Piece | None:
        """The next whole lines, not beyond ``stop``; None when there are none (yet)."""
        try:
            with open_regular(self.path) as file:
                self.obstacle = None
                handle = file.fileno()
                found = os.fstat(handle)
                if self.inode and found.st_ino != self.inode:
                    piece = self._rest_of_old()
                    if piece is not None:
                        return piece
                    self._anew(0)
                elif found.st_size < self.offset:
                    self._truncated(handle, found.st_size)
                self.inode, self.size = found.st_ino, found.st_size
                if not self._head:
                    self._head = os.pread(handle, _HEAD, 0)
                return self._lines(handle, stop)
        except FileNotFoundError:
            self.obstacle = None if not self.inode else "it is not there any more"
        except OSError as e:
            self.obstacle = e.strerror or str(e)
        return None

    def _anew(self, offset: int) -> None:
        self.torn += 1
        self.offset = offset
        self._head = b""

    def _truncated(self, handle: int, size: int) -> None:
        """Of a file that was cut, what is left was read before; another file in its place is all new."""
        same = bool(self._head) and os.pread(handle, len(self._head), 0) == self._head
        self._anew(size if same else 0)

    def _rest_of_old(self) -> Piece | None:
        try:
            with open_regular(f"{self.path}.old") as file:
                if os.fstat(file.fileno()).st_ino != self.inode:
                    return None
                piece = self._lines(file.fileno(), None)
        except OSError:
            return None
        if piece is not None:
            piece.more = True
        return piece

    def _lines(self, handle: int, stop: int | None) -> Piece | None:
        start = self.offset
        most = _CHUNK if stop is None else min(_CHUNK, stop - start)
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
