"""Whether the service is there, and whether it can answer: for load balancers and supervisors, without a credential.

They say no more than that: what is served, and how it is, needs the right for ``/metrics``.
"""

from __future__ import annotations

import asyncio
from typing import Any, Final

from litestar import Request, Response

from stampede.service.databases import Database, Databases

#: how long to look whether a database answers, in seconds, and at how many
_LOOK_S: Final = 2.0
_MOST: Final = 3


async def healthz() -> Response[str]:
    """The process lives and answers."""
    return Response("ok\n", media_type="text/plain")


async def readyz(request: Request[Any, Any, Any]) -> Response[str]:
    """It can answer: of the databases that are served, those that are there can be opened, or there are none yet."""
    databases: Databases = request.app.state.databases
    try:
        async with asyncio.timeout(_LOOK_S):
            ready = await asyncio.to_thread(_is_ready, databases)
    except TimeoutError:
        ready = False
    return Response("ready\n" if ready else "not ready\n", status_code=200 if ready else 503, media_type="text/plain")


def _is_ready(databases: Databases) -> bool:
    try:
        there = [database for database in databases.all() if database.stamp()][:_MOST]
        return not there or any(_answers(database) for database in there)
    except Exception:
        return False


def _answers(database: Database) -> bool:
    try:
        with database.reader() as reader:
            reader.columns("workflow")
    except Exception:
        return False
    return True
