"""Every path of the service, on one page."""

from __future__ import annotations

from typing import Final

from litestar import Router, get

from stampede.service import intake
from stampede.service.index import index

#: what everybody's programs use; its names are those of the Python API
API: Final = Router("/api/v1", route_handlers=[get("/")(index), intake.receive, intake.how_far])

#: all of it
ROUTES: Final[list[Router]] = [API]
