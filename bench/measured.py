"""What every measurement answers."""

from __future__ import annotations

from typing import Any

import msgspec


class Measured(msgspec.Struct, frozen=True):
    """The figures, the sentence about them, and whether the goal is reached."""

    sentence: str
    goal: str
    reached: bool
    figures: dict[str, Any]
