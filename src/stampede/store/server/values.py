"""Values on their way to a server and back: what comes back is what SQLite would give."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

#: stands for NUL, which text of PostgreSQL cannot hold (U+2400, "symbol for null")
NUL: Final = "␀"
_LEAST: Final = -(2**63)
_MOST: Final = 2**63 - 1


def bound(value: Any) -> Any:
    """A value as a server takes it. Raises OverflowError and UnicodeEncodeError where SQLite does.

    The same for values that are stored and that are looked for, so that what was changed is found again.
    """
    kind = type(value)
    if kind is str:
        if not value.isascii():
            value.encode()
        if "\0" in value:
            value = value.replace("\0", NUL)
        return value.replace("\\u0000", NUL) if "\\u0000" in value else value
    if kind is int:
        if not _LEAST <= value <= _MOST:
            raise OverflowError("Python int too large to convert to a number of 64 bits")
        return value
    if kind is float:
        return value if value == value else None
    if kind is bool:
        return int(value)
    return value


def row(values: Sequence[Any]) -> tuple[Any, ...]:
    """All values of a row, bound."""
    return tuple(map(bound, values))


def named(values: Sequence[Any] | Mapping[str, Any]) -> dict[str, Any]:
    """Values under the names of their marks (``marks.named``), bound."""
    if isinstance(values, Mapping):
        return {name: bound(value) for name, value in values.items()}
    return {f"p{number}": bound(value) for number, value in enumerate(values, 1)}


def number(text: str) -> int | float:
    """A number as SQLite keeps it: whole ones as such, whatever the column."""
    try:
        return int(text)
    except ValueError:
        found = float(text)
        return int(found) if found.is_integer() and abs(found) < 1e15 else found
