"""What keeps events from travelling."""

from __future__ import annotations

from stampede.errors import StampedeError


class BusError(StampedeError):
    """The bus cannot be reached or used now; the same may go through later."""

    exit_code = 4


class BusFullError(BusError):
    """More waits on the bus than it takes: it is to be tried again when some was read."""
