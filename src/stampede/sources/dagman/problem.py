"""What was wrong with a file, and where: bad input becomes one of these records, no exception and never silence."""

from __future__ import annotations

import msgspec

#: More records than this of one file tell nothing new; the last record then says how many were left out.
MAX_PROBLEMS = 10_000
#: How much of the offending text a message quotes, in characters.
_QUOTE = 120


class FileProblem(msgspec.Struct, frozen=True, gc=False):
    """One thing in a file that could not be used as its format says.

    ``kind`` is a short stable word to group by; ``message`` one sentence or two: what happened, what was done with it,
    what to do. ``offset`` is in bytes from the start of the file, ``line`` counts from 1; either is None when unknown.
    """

    kind: str
    message: str
    path: str
    offset: int | None = None
    line: int | None = None


class Problems:
    """Collects the problems of one reading and keeps their number bounded (``MAX_PROBLEMS``)."""

    def __init__(self, limit: int = MAX_PROBLEMS) -> None:
        self._limit = limit
        self._kept: list[FileProblem] = []
        self._dropped = 0

    def __len__(self) -> int:
        return len(self._kept) + self._dropped

    def add(self, kind: str, message: str, path: str, offset: int | None = None, line: int | None = None) -> None:
        """Keep one more, or count it when there are too many already."""
        if len(self._kept) < self._limit:
            self._kept.append(FileProblem(kind, message, path, offset, line))
        else:
            self._dropped += 1

    def all(self) -> list[FileProblem]:
        """The records in the order of their discovery; the last one tells of those that were left out, if any."""
        if not self._dropped:
            return list(self._kept)
        last = self._kept[-1]
        message = f"{self._dropped} more problems were counted but are not listed; mend the first ones and read again."
        return [*self._kept, FileProblem("too-many-problems", message, last.path)]


def quote(text: str | bytes) -> str:
    """A printable, bounded piece of foreign text for a message: control characters and odd bytes are escaped."""
    if isinstance(text, bytes):
        text = text[: _QUOTE * 2].decode("utf-8", "backslashreplace")
    short = text if len(text) <= _QUOTE else text[:_QUOTE] + "…"
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in short)
