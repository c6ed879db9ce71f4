"""Values of others as ours: SQLite keeps in a column whatever it was given, and text that is no UTF-8."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from types import NoneType
from typing import Any, Final, Generic, TypeVar, get_args, get_type_hints

import msgspec

from stampede.store.reader import Row

R = TypeVar("R", bound=msgspec.Struct)


class Fault(msgspec.Struct, frozen=True):
    """A value or row that could not be taken as it was: in which table, at which number; ``what`` ends a sentence."""

    table: str
    number: int | None
    kind: str
    what: str


#: told of each fault
Told = Callable[[Fault], None]


class _Kind(msgspec.Struct, frozen=True):
    """What a field holds, and whether a row without it means nothing."""

    types: frozenset[type]
    required: bool
    is_text: bool


class Struct(Generic[R]):
    """Makes structs of rows whose values are in the order of its fields, the number of the row first.

    A value of another kind is told of and becomes what it means, else none; a row that lacks a field it must have
    is told of and left out.
    """

    def __init__(self, made: type[R], table: str) -> None:
        self.made, self.table = made, table
        hints = get_type_hints(made)
        self.names: Final = made.__struct_fields__
        self._kinds = [_kind(hints[name]) for name in self.names]

    def of(self, rows: Sequence[Row], told: Told) -> list[R]:
        """Structs of the rows."""
        if rows and not self._regular(rows):
            rows = [row for row in (self._mended(row, told) for row in rows) if row is not None]
        return [self.made(*row) for row in rows]

    def _regular(self, rows: Sequence[Row]) -> bool:
        """Whether all values are of their kinds; column by column, since nearly always they are."""
        for kind, column in zip(self._kinds, zip(*rows, strict=True), strict=True):
            if not kind.types.issuperset(map(type, column)):
                return False
            if kind.is_text and not _is_plain(column):
                return False
        return True

    def _mended(self, row: Row, told: Told) -> Row | None:
        values = list(row)
        for n, (name, kind) in enumerate(zip(self.names, self._kinds, strict=True)):
            value = values[n]
            if type(value) in kind.types and not (kind.is_text and _is_odd(value)):
                continue
            values[n], why = _meant(value, kind)
            number = row[0] if isinstance(row[0], int) else None
            if kind.required and values[n] is None:
                told(Fault(self.table, number, "unplaceable", f"has no {name}, and was left out"))
                return None
            if why is not None:
                told(Fault(self.table, number, why[0], f"has in {name} {why[1]}"))
        return tuple(values)


def _kind(hint: Any) -> _Kind:
    types = set(get_args(hint) or (hint,))
    required = NoneType not in types
    if float in types:
        types.add(int)
    return _Kind(frozenset(types), required, str in types)


def _is_plain(column: Iterable[Any]) -> bool:
    text = "".join(v for v in column if v is not None)
    return text.isascii() or not _is_odd(text)


def _is_odd(value: Any) -> bool:
    """Whether bytes were no UTF-8: they came as surrogates."""
    if value is None or value.isascii():
        return False
    try:
        value.encode()
    except UnicodeEncodeError:
        return True
    return False


def _meant(value: Any, kind: _Kind) -> tuple[Any, tuple[str, str] | None]:
    """What a value means in a field of that kind, and what is to be told of it."""
    if value is None:
        return None, None
    if kind.is_text:
        if isinstance(value, bytes):
            value = value.decode("utf-8", "surrogateescape")
        text = value if isinstance(value, str) else str(value)
        if not _is_odd(text):
            return text, None
        return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace"), (
            "undecodable", "bytes that are no UTF-8, which were replaced"
        )  # fmt: skip
    try:
        number = float(value)
        whole = int(number)
    except (TypeError, ValueError, OverflowError):
        return None, ("unreadable", f"no number: {_shown(value)}; it was taken as missing")
    if float in kind.types:
        return number, None
    if whole != number:
        return whole, ("unreadable", f"no whole number: {_shown(value)}; it was cut to {whole}")
    return whole, None


def _shown(value: Any) -> str:
    return ascii(value)[:80]
