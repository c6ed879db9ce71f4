"""What there is."""

from __future__ import annotations

import msgspec

from stampede import __version__


class Index(msgspec.Struct, kw_only=True):
    """The service, its version, and where to go on."""

    service: str
    version: str
    paths: dict[str, str]


async def index() -> Index:
    """The service, its version, and where to go on."""
    return Index(
        service="stampede", version=__version__,
        paths={"workflows": "/api/v1/workflows", "search": "/api/v1/search?q=TEXT", "locate": "/api/v1/locate/UUID",
               "openapi": "/api/v1/openapi.json", "documentation": "/api/v1/docs"},
    )  # fmt: skip
