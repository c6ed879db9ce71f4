"""Values of filters as text: what each kind of column takes, and how it is written again."""

from __future__ import annotations

import math
import re
import signal
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final, Literal

#: ``exit`` is how a program ended; ``time`` epoch seconds; units of numbers are in the names of columns
Kind = Literal["text", "integer", "number", "time", "boolean", "exit"]

_INTEGER = re.compile(r"[+-]?[0-9]{1,19}\Z")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?\Z")
_RFC3339 = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d(?::\d\d)?)(\.\d{1,9})?(?:([Zz])|([+ -])(\d\d:\d\d))\Z", re.ASCII
)
_NO_ZONE = re.compile(r"\d{4}-\d\d-\d\d([Tt ]\d\d:\d\d(:\d\d(\.\d+)?)?)?\Z", re.ASCII)
_LARGEST: Final = 2**63 - 1
#: the bit of a raw wait status that tells of a core dump
CORE: Final = 0x80


class LiteralError(ValueError):
    """A text is no value of the kind; the message says what is."""


def read(kind: Kind, text: str) -> str | int | float:
    """A value of a kind from its text: times become epoch seconds, exits raw wait statuses. Raises LiteralError."""
    return _READ[kind](text)


def write(kind: Kind, value: str | int | float) -> str:
    """The text of a value, which :func:`read` reads to the same."""
    if kind == "exit":
        raw = int(value)
        return signal_word(raw) if raw > 0 and raw & 0x7F else str(raw >> 8 if raw >= 0 else raw)
    if kind == "boolean":
        return "true" if value else "false"
    return repr(value) if isinstance(value, float) else str(value)


def read_time(text: str) -> float:
    """Epoch seconds from RFC 3339 with a zone, or from epoch seconds. Raises LiteralError."""
    if _NUMBER.match(text):
        return _number(text)
    found = _RFC3339.match(text)
    if found is None:
        zone = " It has no zone: add Z for UTC." if _NO_ZONE.match(text) else ""
        raise LiteralError(f"{_quoted(text)} is no time.{zone} Write 2026-11-21T21:30:00Z, or epoch seconds.")
    day, clock, fraction, utc, sign, zone = found.groups()
    # a plus sign that was not encoded in a URL arrives as a blank
    offset = "+00:00" if utc else ("+" if sign == " " else sign) + zone
    try:
        whole = datetime.fromisoformat(f"{day}T{clock}{offset}")
    except ValueError:
        raise LiteralError(f"{_quoted(text)} is no time that there was.") from None
    return (whole - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() + float(fraction or 0)


def signal_word(raw: int) -> str:
    """``SIGKILL`` of a raw wait status that tells of a signal; ``signal:77`` where that has no name here."""
    number = raw & 0x7F
    try:
        name = signal.Signals(number).name
    except ValueError:
        name = f"signal:{number}"
    return f"{name}+core" if raw & CORE else name


def _quoted(text: str) -> str:
    return ascii(text if len(text) <= 60 else text[:57] + "...")


def _read_text(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise LiteralError("the text is no Unicode.") from None
    return text


def _read_integer(text: str) -> int:
    if not _INTEGER.match(text) or abs(int(text)) > _LARGEST:
        raise LiteralError(f"{_quoted(text)} is no whole number.")
    return int(text)


def _number(text: str) -> float:
    if not _NUMBER.match(text) or not math.isfinite(float(text)):
        raise LiteralError(f"{_quoted(text)} is no number.")
    return float(text)


def _read_boolean(text: str) -> int:
    word = text.lower()
    if word not in ("true", "false", "1", "0"):
        raise LiteralError(f"{_quoted(text)} is neither true nor false.")
    return int(word in ("true", "1"))


def _read_exit(text: str) -> int:
    """The raw wait status of an exit code (``1``) or a signal (``SIGKILL``, ``signal:77``, ``SIGSEGV+core``)."""
    if _INTEGER.match(text) and len(text) <= 7:
        code = int(text)
        return code << 8 if code >= 0 else code
    name, core, rest = text.partition("+core")
    number: int | None = None
    if name.startswith("signal:") and name[7:].isascii() and name[7:].isdigit() and len(name) <= 10:
        number = int(name[7:])
    elif name.upper() in signal.Signals.__members__:
        number = int(signal.Signals[name.upper()])
    if number is None or rest or not 0 < number < 0x7F:
        raise LiteralError(f"{_quoted(text)} is no exit. Write an exit code (1) or the name of a signal (SIGKILL).")
    return number | (CORE if core else 0)


_READ: Final[dict[Kind, Callable[[str], str | int | float]]] = {
    "text": _read_text,
    "integer": _read_integer,
    "number": _number,
    "time": read_time,
    "boolean": _read_boolean,
    "exit": _read_exit,
}
