"""Text of records made into values; what is no value of its kind becomes ``None``, never an error."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from stampede.model.exits import Exit, from_raw, signalled

_ESCAPE = re.compile(r"\\(x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|.)", re.DOTALL)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "a": "\a", "b": "\b", "e": "\x1b", "f": "\f", "v": "\v"}

#: Integers longer than this are nothing that a record counts, and would cost time to convert.
_MAX_DIGITS = 20

_EXITS: dict[int, Exit] = {}


def epoch(text: str | None) -> float | None:
    """Epoch seconds of an ISO 8601 stamp with zone, extended (``2026-11-21T21:23:25.399+00:00``) or basic.

    Without a zone the stamp means nothing to another machine, and the answer is ``None``. Kickstart writes the hours
    of the zone only (``minutes`` are always 00): stamps of half-hour zones are wrong by that half hour in the record.
    """
    try:
        stamp = datetime.fromisoformat(text) if text else None
        return stamp.timestamp() if stamp is not None and stamp.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None


def utc_offset(text: str | None) -> int | None:
    """Seconds east of UTC in the zone of an ISO 8601 stamp; ``None`` without a zone."""
    try:
        offset = datetime.fromisoformat(text).utcoffset() if text else None
    except ValueError:
        return None
    return int(offset / timedelta(seconds=1)) if offset is not None else None


def integer(text: object) -> int | None:
    """A decimal integer, blanks around it allowed."""
    if not isinstance(text, str) or len(text) > _MAX_DIGITS:
        return None
    try:
        return int(text)
    except ValueError:
        return None


def number(text: object) -> float | None:
    """A finite decimal number."""
    if not isinstance(text, str) or not text:
        return None
    try:
        value = float(text)
    except ValueError:
        return None
    return value if value - value == 0.0 else None


def yes(text: object) -> bool:
    """``True``, ``true``, ``yes``, ``1``."""
    return isinstance(text, str) and text.strip().lower() in ("true", "yes", "1")


def unescape(text: str) -> str:
    """The inside of a double-quoted YAML scalar on one line, escapes resolved."""
    return _ESCAPE.sub(_unescape_one, text) if "\\" in text else text


def _unescape_one(match: re.Match[str]) -> str:
    escape = match[1]
    if len(escape) > 1:
        code = int(escape[1:], 16)
        return chr(code) if code < 0x110000 and not 0xD800 <= code < 0xE000 else "\ufffd"
    return _ESCAPES.get(escape, escape)


def repaired(text: str) -> str:
    """Text of a file that was decoded byte by byte (Latin-1), read as UTF-8; what is not UTF-8 becomes U+FFFD."""
    return text if text.isascii() else text.encode("latin-1").decode("utf-8", "replace")


def exit_of(raw: int | None) -> Exit:
    """The exit of a raw status; that of a stopped process (low byte 0x7f) is its stop signal."""
    if raw is not None and raw in _EXITS:
        return _EXITS[raw]
    if raw is not None and raw > 0 and raw & 0xFF == 0x7F:
        return signalled(raw >> 8 & 0xFF)
    found = from_raw(raw)
    if raw is not None and len(_EXITS) < 1024:
        _EXITS[raw] = found
    return found
