"""Records that were missing when later ones were stored.

They are kept as positions of their own, so that they are stored if they come after all.
"""

from __future__ import annotations

from typing import NamedTuple

from stampede.intake.move import Move

#: stands between the position of a source and the number that a gap of it begins with
MARK = "#gap:"


class Gap(NamedTuple):
    """Records ``first`` to ``last`` are missing."""

    first: int
    last: int

    def opened(self, position: str) -> list[Move]:
        """The moves that tell of it."""
        return [Move(name(position, self.first), 0, self.last)]

    def filled(self, position: str, begin: int, end: int) -> list[Move]:
        """The moves when records ``begin`` to ``end`` of it have come."""
        own = name(position, self.first)
        found = [Move(own, self.last, begin - 1 if begin > self.first else -1)]
        if end < self.last:
            found.append(Move(name(position, end + 1), 0, self.last))
        return found

    def after(self, number: int) -> Gap | None:
        """What is left of it behind a number up to which it was filled."""
        return Gap(number + 1, self.last) if number < self.last else None


def name(position: str, first: int) -> str:
    """What the gap that begins with that record is kept under."""
    return f"{position}{MARK}{first}"
