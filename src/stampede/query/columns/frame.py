"""What every answer in columns is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec


class Frame(msgspec.Struct, kw_only=True):
    """Tables of columns, and the facts that belong to them.

    ``kind`` is what is drawn, ``level`` in which detail. ``facts`` are single values and lists of names that columns
    count into. ``tables`` are the rows by table: columns of equal length, typed as ``array`` has them (``f`` 32 bit
    float, ``I`` and ``B`` unsigned integers of 32 and 8 bit) or lists of text.
    """

    kind: str
    level: str
    facts: dict[str, Any]
    tables: dict[str, dict[str, Any]]


class Words:
    """Names by number, in the order in which they are met."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def number(self, name: str) -> int:
        """The number of a name."""
        return self._numbers.setdefault(name, len(self._numbers))

    def numbers(self, names: Sequence[str]) -> Iterator[int]:
        """The numbers of names, one after the other."""
        for name in dict.fromkeys(names):
            self.number(name)
        return map(self._numbers.__getitem__, names)

    @property
    def names(self) -> list[str]:
        """The names, by number."""
        return list(self._numbers)
