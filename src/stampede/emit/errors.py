"""What keeps a spool from taking events."""

from __future__ import annotations

from stampede.errors import StampedeError


class SpoolError(StampedeError):
    """The spool cannot be made, read or written."""

    exit_code = 4


class SpoolBusyError(SpoolError):
    """Another process uses this spool."""


class SpoolFullError(SpoolError):
    """The spool, or the disk that it is on, has no room."""
