"""The application, put together: routes, what guards them, what lives as long as they do."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Final

from litestar import Litestar
from litestar.datastructures import State
from litestar.types import Middleware

from stampede.service import intake
from stampede.service.asking import Asking
from stampede.service.databases import Databases
from stampede.service.live import stream as live
from stampede.service.openapi import config
from stampede.service.problems import HANDLERS
from stampede.service.routes import ROUTES
from stampede.service.settings import Settings
from stampede.service.slashes import Application

#: what runs around the service from its start to its end
Lifespan = Callable[[Litestar], AbstractAsyncContextManager[None]]


@asynccontextmanager
async def _databases(app: Litestar) -> AsyncIterator[None]:
    crew = app.state.asking.crew
    if crew is not None:
        await crew.begin()
    try:
        yield
    finally:
        app.state.asking.close()
        app.state.databases.close()


#: in this order at the start, backwards at the end
LIFESPANS: Final[list[Lifespan]] = [_databases, intake.lifespan, live.lifespan]
#: what each request goes through, the first outermost
MIDDLEWARE: Final[list[Middleware]] = []
#: bytes of a body at most, where a route says nothing else
BODY_BYTES: Final = 1 << 20


def make_app(settings: Settings, *, middleware: Sequence[Middleware] = ()) -> Litestar:
    """The ASGI application that serves what the settings say. ``middleware`` comes before that of every service.

    ``app.state`` has ``settings``, ``databases`` and ``asking`` (with the answers that are kept).
    """
    databases = Databases(settings)
    asking = Asking(settings, databases)
    state = State({"settings": settings, "databases": databases, "asking": asking}, deep_copy=False)
    return Application(
        route_handlers=ROUTES, state=state, lifespan=LIFESPANS, middleware=[*middleware, *MIDDLEWARE],
        exception_handlers=HANDLERS, openapi_config=config(), logging_config=None, request_max_body_size=BODY_BYTES,
    )  # fmt: skip
