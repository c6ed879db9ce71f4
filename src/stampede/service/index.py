"""What there is."""

from __future__ import annotations

import msgspec

from stampede import __version__


class Index(msgspec.Struct, kw_only=True):
    """The service and its version."""

    service: str
    version: str


async def index() -> Index:
    """The service and its version."""
    return Index(service="stampede", version=__version__)
