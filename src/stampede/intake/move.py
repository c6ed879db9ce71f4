"""How a position changes with a transaction."""

from __future__ import annotations

from typing import NamedTuple


class Move(NamedTuple):
    """The number that is kept under ``position`` was ``before`` and becomes ``after``; negative: it is struck out."""

    position: str
    before: int
    after: int
