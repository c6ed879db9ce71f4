"""A text of any size as rows of a width, in constant memory: only what is seen is read.

Rows are found from byte offsets. A line ends at its newline; one that has none for a block and more is cut where blocks
end, so that going back never needs more than two blocks, however long a line is.
"""

from __future__ import annotations

import os
import textwrap
from typing import Final, Protocol

from rich.cells import cell_len, chop_cells

from stampede.cli.text import clean
from stampede.files import open_regular

BLOCK: Final = 1 << 16
_TAB: Final = 8
#: blocks that are kept
_KEPT: Final = 4


class Source(Protocol):
    """Bytes that can be read from anywhere. Both may raise OSError."""

    @property
    def prose(self) -> bool: ...

    def size(self) -> int: ...

    def read(self, offset: int, n: int) -> bytes: ...


class Stored:
    """Text that is here already; ``prose`` is our own, and its lines end between words."""

    def __init__(self, text: str, *, prose: bool = False) -> None:
        self.prose = prose
        self._data = text.encode("utf-8", "backslashreplace")

    def size(self) -> int:
        return len(self._data)

    def read(self, offset: int, n: int) -> bytes:
        return self._data[offset : offset + n]


class File:
    """A file, opened anew for every piece: it may grow, or go."""

    prose = False

    def __init__(self, path: str) -> None:
        self.path = path

    def size(self) -> int:
        with open_regular(self.path) as file:
            return os.fstat(file.fileno()).st_size

    def read(self, offset: int, n: int) -> bytes:
        with open_regular(self.path) as file:
            file.seek(offset)
            return file.read(n)


#: the first byte of a line, and which of its rows
Place = tuple[int, int]
START: Final[Place] = (0, 0)


class LongText:
    """A source as rows. What is kept of it are some blocks, and the line of the last row that was asked for."""

    def __init__(self, source: Source, width: int = 80) -> None:
        self._source = source
        self.width = max(width, 1)
        self.size = source.size()
        self._line: tuple[int, int, list[str]] = (-1, 0, [])
        self._blocks: dict[int, bytes] = {}

    def again(self) -> None:
        """Take notice that the source may have grown."""
        self.size = self._source.size()
        self._line = (-1, 0, [])
        self._blocks.clear()

    def turned(self, width: int) -> None:
        """Rows of another width from now on; a place keeps its line."""
        self.width = max(width, 1)
        self._line = (-1, 0, [])

    def rows(self, place: Place, n: int) -> list[tuple[Place, str]]:
        """Up to ``n`` rows from a place on, each with its own place."""
        found: list[tuple[Place, str]] = []
        start, skip = place
        while len(found) < n and start < self.size:
            end, rows = self._rows_of(start)
            found += [((start, i), rows[i]) for i in range(skip, len(rows))]
            start, skip = end, 0
        return found[:n]

    def forward(self, place: Place, n: int) -> Place:
        """The place ``n`` rows later; the last row's when there are fewer."""
        found = self.rows(place, n + 1)
        return found[-1][0] if found else place

    def back(self, place: Place, n: int) -> Place:
        """The place ``n`` rows before; the start when there are fewer."""
        start, row = place
        while n > row and start > 0:
            n -= row + 1
            start = self._start_before(start)
            row = len(self._rows_of(start)[1]) - 1
        return start, max(row - n, 0)

    def last_page(self, n: int) -> Place:
        """The place from which ``n`` rows reach the end."""
        return self.back((self.size, 0), n)

    def find(self, text: str, place: Place) -> Place | None:
        """The next line after a place's that holds the text, in either case of ASCII letters; None if there is none."""
        needle = text.encode("utf-8", "replace").lower()
        at = self._end_of(place[0])
        while needle and at < self.size:
            block = self._source.read(at, 16 * BLOCK)
            hit = block.lower().find(needle)
            if hit >= 0:
                return self._start_before(at + hit + 1), 0
            if len(block) < 16 * BLOCK:
                return None
            at += len(block) - len(needle) + 1
        return None

    def _rows_of(self, start: int) -> tuple[int, list[str]]:
        """Where a line ends and the rows that it makes."""
        if self._line[0] != start:
            end = self._end_of(start)
            text = self._read(start, end).decode("utf-8", "replace").rstrip("\n")
            self._line = (start, end, wrapped(text, self.width, prose=self._source.prose))
        return self._line[1], self._line[2]

    def _start_before(self, offset: int) -> int:
        """Where the line begins that holds the byte before an offset."""
        low = max((offset - 1) // BLOCK, 0) * BLOCK
        block = self._read(low, offset - 1)
        at = block.rfind(b"\n")
        if at >= 0:
            return low + at + 1
        if low == 0:
            return 0
        at = self._read(low - BLOCK, low).rfind(b"\n")
        return low - BLOCK + at + 1 if at >= 0 else low

    def _end_of(self, start: int) -> int:
        """Where the line that begins there ends, its newline included."""
        low = start // BLOCK * BLOCK
        data = self._read(start, low + BLOCK)
        at = data.find(b"\n")
        if at >= 0:
            return start + at + 1
        end = low + BLOCK
        if start > low:
            data = self._read(end, end + BLOCK)
            at = data.find(b"\n")
            end = end + at + 1 if at >= 0 else end + BLOCK
        return min(end, self.size)

    def _read(self, start: int, end: int) -> bytes:
        """Bytes of the source; the blocks that they lie in are kept for a while, since lines follow each other."""
        parts = []
        for n in range(start // BLOCK, (end - 1) // BLOCK + 1):
            if n not in self._blocks:
                while len(self._blocks) >= _KEPT:
                    del self._blocks[next(iter(self._blocks))]
                self._blocks[n] = self._source.read(n * BLOCK, BLOCK)
            parts.append(self._blocks[n][max(start - n * BLOCK, 0) : end - n * BLOCK])
        return b"".join(parts)


def wrapped(text: str, width: int, *, prose: bool = False) -> list[str]:
    """A line as rows of a width, with control characters made visible and tabs as blanks; at least one row."""
    shown = clean(text)
    if prose:
        indent = len(shown) - len(shown.lstrip()) + 2
        return textwrap.wrap(shown, width, subsequent_indent=" " * min(indent, width // 4), break_on_hyphens=False,
                             drop_whitespace=True, replace_whitespace=False) or [""]  # fmt: skip
    if "\t" in shown:
        shown = _without_tabs(shown)
    if shown.isascii():
        return [shown[i : i + width] for i in range(0, len(shown), width)] or [""]
    if cell_len(shown) <= width:
        return [shown]
    return chop_cells(shown, width) or [""]


def _without_tabs(text: str) -> str:
    first, *others = text.split("\t")
    made, at = [first], cell_len(first)
    for part in others:
        blanks = _TAB - at % _TAB
        made += [" " * blanks, part]
        at += blanks + cell_len(part)
    return "".join(made)
