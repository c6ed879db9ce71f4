"""Which bytes a request wants (RFC 9110, section 14), and the ends of files."""

from __future__ import annotations

import re
from typing import Final

_RANGE: Final = re.compile(r"bytes\s*=\s*([0-9]*)\s*-\s*([0-9]*)\s*\Z")
_TAIL: Final = re.compile(r"([0-9]{1,15})([kKmMgG]?)\Z")
_UNITS: Final = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}
#: the pattern of ``?tail=``
TAIL_PATTERN: Final = "^[0-9]{1,15}[kKmMgG]?$"


class UnsatisfiableError(ValueError):
    """The range lies behind the end."""


def wanted(header: str, size: int) -> tuple[int, int] | None:
    """First byte and the one behind the last of a Range header; None when all is to be sent: there is no range, it is
    of another unit, broken, or of several parts, which a server may answer with all. Raises UnsatisfiableError."""
    found = _RANGE.match(header.strip()) if len(header) < 200 else None
    if found is None or not (found[1] or found[2]):
        return None
    if not found[1]:
        last = min(int(found[2]), size)
        if last == 0:
            raise UnsatisfiableError
        return size - last, size
    start = int(found[1])
    if found[2] and int(found[2]) < start:
        return None  # no range by the grammar
    if start >= size:
        raise UnsatisfiableError
    return start, min(int(found[2]) + 1, size) if found[2] else size


def tail_bytes(text: str) -> int:
    """Bytes of ``64k``, ``1M``, ``500``. Raises ValueError."""
    found = _TAIL.match(text)
    if found is None:
        raise ValueError(text)
    return int(found[1]) * _UNITS[found[2].lower()]
