"""What a batch is refused for, apart from its database."""

from __future__ import annotations

from stampede.errors import StampedeError


class GapError(StampedeError):
    """Records before this batch are missing; ``stored`` is the number of the last one that is stored."""

    exit_code = 3

    def __init__(self, source: str, first: int, stored: int) -> None:
        super().__init__(
            f"The batch of {source} begins with record {first}, and the last one stored is {stored}: send on from "
            f"{stored + 1}."
        )
        self.stored = stored


class IntakeFullError(StampedeError):
    """More waits to be stored than memory is set apart for: the batch is to be sent again in a moment."""

    exit_code = 4
