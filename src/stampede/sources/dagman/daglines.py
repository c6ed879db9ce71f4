"""Physical lines of a DAG file as logical ones: continued lines joined, odd bytes shown, memory bounded."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from stampede.sources.dagman.problem import Problems

#: A ``PARENT`` line that names a million nodes has some 50 MB; what is longer than this is no DAG file.
MAX_LINE = 256 << 20
#: Odd bytes take several characters each to show: with any, a line may only be so long.
_MAX_ODD = 4 << 20
_BLOCK = 1 << 20


class Lines:
    """Iterates over the logical lines of one open file, without the end of line and without leading or trailing blanks.

    ``line`` (from 1) and ``offset`` (bytes) are those of the start of the line given last. A backslash at the end of a
    line joins the next one to it. Bytes that are not UTF-8, and NUL, become ``\\xNN`` and a problem.
    """

    def __init__(self, file: BinaryIO, path: str, problems: Problems, max_line: int = MAX_LINE) -> None:
        self._file = file
        self._path = path
        self._problems = problems
        self._max_line = max_line
        self._raw = self._physical()
        self.line = 0
        self.offset = 0
        self._next_line = 1
        self._next_offset = 0

    def __iter__(self) -> Iterator[str]:
        for raw in self._raw:
            self.line = self._next_line
            self.offset = self._next_offset
            self._next_line += 1
            self._next_offset += len(raw) + 1
            text = self._text(raw)
            if text.endswith("\\") and not text.startswith("#"):
                text = self._continued(text)
            yield text

    def raw(self) -> Iterator[str]:
        """The following physical lines as they are (the body of an inline submit description)."""
        for raw in self._raw:
            self._next_line += 1
            self._next_offset += len(raw) + 1
            yield self._text(raw, strip=False)

    def _continued(self, text: str) -> str:
        parts = [text[:-1]]
        for following in self.raw():
            part = following.strip()
            if not part.endswith("\\"):
                parts.append(part)
                break
            parts.append(part[:-1])
        return " ".join(parts).strip()

    def _text(self, raw: bytes, *, strip: bool = True) -> str:
        if len(raw) > _MAX_ODD and (b"\0" in raw or not raw.isascii()):
            self._odd("line-too-long", f"A line has {len(raw):,} bytes, not all ASCII: left out. Is this a DAG file?")
            return ""
        try:
            text = raw.decode()
        except UnicodeDecodeError:
            self._odd("not-utf8", "The line has bytes that are not UTF-8; they are shown as \\xNN.")
            text = raw.decode("utf-8", "backslashreplace")
        if "\0" in text:
            self._odd("nul-byte", "The line has NUL bytes; they are shown as \\x00.")
            text = text.replace("\0", "\\x00")
        return text.strip() if strip else text.rstrip("\r")

    def _odd(self, kind: str, message: str) -> None:
        line, offset = self._next_line - 1, self.offset
        self._problems.add(kind, message, self._path, offset if line == self.line else None, line)

    def _physical(self) -> Iterator[bytes]:
        pending: list[bytes] = []
        held = 0
        while block := self._file.read(_BLOCK):
            first, *rest = block.split(b"\n")
            if not rest:
                pending.append(first)
                held += len(first)
                if held > self._max_line:
                    self._skip_line(held)
                    pending, held = [], 0
                continue
            pending.append(first)
            yield b"".join(pending)
            tail = rest.pop()
            yield from rest
            pending, held = ([tail], len(tail)) if tail else ([], 0)
        if pending:
            yield b"".join(pending)

    def _skip_line(self, held: int) -> None:
        """Reads on to the end of an endless line without keeping it."""
        message = f"A line is longer than {self._max_line} bytes: left out. Is this a DAG file?"
        self._problems.add("line-too-long", message, self._path, self._next_offset, self._next_line)
        while block := self._file.read(_BLOCK):
            end = block.find(b"\n")
            if end >= 0:
                self._next_offset += held + end + 1
                self._next_line += 1
                self._file.seek(end + 1 - len(block), 1)
                return
            held += len(block)
