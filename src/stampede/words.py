"""Words for people, the same in every interface: times, durations, sizes; and text from outside made harmless.

Times are printed as RFC 3339 in the local zone, with a blank between day and time, as the standard allows.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]|[\ud800-\udfff]")
#: a URL of a database or broker up to its password, and that; a password among its options
_PASSWORD = re.compile(r"((?:postgres(?:ql)?|mysql|mariadb|amqps?)(?:\+\w+)?://[^\s/:@'\"]*):[^\s/]*@", re.IGNORECASE)
_OPTION = re.compile(r"(://\S*[?&]password=)[^&\s'\"]*", re.IGNORECASE)


def clean(text: str) -> str:
    """The text without what could steer a terminal: control characters are shown as ``\\x1b``, not obeyed.

    Tab and newline stay. Output of jobs, names and paths come from outside and go through here before they are printed.
    Passwords in URLs are not shown either.
    """
    return _CONTROL.sub(_escaped, masked(text))


def masked(text: str) -> str:
    """The text with ``***`` for the passwords of the URLs of databases and brokers in it."""
    if "://" not in text:
        return text
    return _OPTION.sub(r"\1***", _PASSWORD.sub(r"\1:***@", text))


def _escaped(match: re.Match[str]) -> str:
    code = ord(match.group())
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"


def to_scale(counts: tuple[int, ...], total: int, size: int) -> list[int]:
    """Columns of a bar ``size`` long for each count, and those left over; what there is at all gets at least one."""
    total = max(total, sum(counts), 1)  # damaged logs count more nodes than there are
    shares = [max(1, size * c // total) if c else 0 for c in counts]
    while sum(shares) > size:
        shares[shares.index(max(shares))] -= 1
    return [*shares, size - sum(shares)]


def duration(seconds: float | None) -> str:
    """``0.3 s``, ``14 s``, ``5 min 12 s``, ``1 h 02 min``, ``3 d 04 h``; ``-`` for None."""
    if seconds is None:
        return "-"
    if seconds < 0:
        return "-" + duration(-seconds)
    if seconds < 10 and seconds != int(seconds):
        return f"{seconds:.1f} s" if seconds >= 1 else f"{seconds:.2g} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    minutes = round(seconds / 60)
    if minutes < 24 * 60:
        return f"{minutes // 60} h {minutes % 60:02d} min"
    hours = round(seconds / 3600)
    return f"{hours // 24} d {hours % 24:02d} h"


def time(ts: float | None, *, seconds: bool = True) -> str:
    """``2026-11-21 22:31:24+01:00``; ``-`` for None or a time no calendar has."""
    moment = _local(ts)
    return "-" if moment is None else moment.isoformat(" ", "seconds" if seconds else "minutes")


def clock(ts: float | None, *, after: float | None = None) -> str:
    """``22:31:24``, or the full time when it falls on another day than ``after``."""
    moment, before = _local(ts), _local(after)
    if moment is None:
        return "-"
    if before is None or moment.date() != before.date():
        return time(ts)
    return moment.strftime("%H:%M:%S")


def _local(ts: float | None) -> datetime | None:
    if ts is None:
        return None
    try:
        return datetime.fromtimestamp(ts).astimezone()
    except (OverflowError, OSError, ValueError):
        return None


def utc(ts: float) -> datetime | float:
    """The time in UTC; the number itself if no calendar has it."""
    try:
        return datetime.fromtimestamp(ts, UTC)
    except (OverflowError, OSError, ValueError):
        return ts


def rfc3339(ts: float) -> str | float:
    """``2026-11-21T21:31:24Z`` (with microseconds where there are some); the number itself if no calendar has it."""
    time = utc(ts)
    return time.isoformat().replace("+00:00", "Z") if isinstance(time, datetime) else time


def ago(ts: float | None, now: float) -> str:
    """``5 min 12 s ago``; empty for None."""
    if ts is None:
        return ""
    return f"{duration(now - ts)} ago" if now >= ts else f"in {duration(ts - now)}"


def count(n: int, one: str, many: str | None = None) -> str:
    """``1 hold``, ``3 holds``."""
    return f"{n:,} {one if n == 1 else many or one + 's'}"


def megabytes(mb: float | None) -> str:
    """Megabytes as ``3 KB``, ``512 MB`` or ``2 GB``."""
    if mb is None:
        return "-"
    if 0 < mb < 0.1:
        return f"{1024 * mb:.2g} KB"
    if mb >= 1024:
        return f"{mb / 1024:.3g} GB"
    return f"{mb:.0f} MB" if mb >= 10 or mb == int(mb) else f"{mb:.1f} MB"


def size(size_bytes: float | None) -> str:
    """Bytes as ``231 B``, ``4.2 KB``, ``1.5 GB`` (powers of 1024)."""
    if size_bytes is None:
        return "-"
    value = float(size_bytes)
    for unit in ("B", "KB", "MB", "GB", "TB"):
        if abs(value) < 1024:
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1024
    return f"{value:.1f} PB"


def shortened(text: str, lines: int, *, width: int = 2000) -> tuple[list[str], int]:
    """The last ``lines`` lines that are not empty, each cut at ``width``, and how many lines were left out before."""
    found = [line.rstrip() for line in text.splitlines() if line.strip()]
    kept = [line if len(line) <= width else line[:width] + "…" for line in found[-lines:]] if lines else found
    return kept, len(found) - len(kept)
