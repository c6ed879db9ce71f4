"""The paths of the live stream."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any, Final, Literal

from litestar import Litestar, Request
from litestar.params import QueryParameter
from litestar.response import Stream

from stampede.query.changes import BEGINNING, Position
from stampede.query.workflows import of_uuid
from stampede.service.databases import Database, Databases
from stampede.service.live.follower import Follower
from stampede.service.live.hub import Hub
from stampede.service.live.listener import Listener
from stampede.service.live.places import read_places
from stampede.service.live.wishes import TYPES, Scope, Wish, words
from stampede.service.parameters import Uuid
from stampede.service.problems import ProblemError
from stampede.service.visitor import Visitor, visitor_of

_HEADERS: Final = {"cache-control": "no-store", "x-accel-buffering": "no", "x-content-type-options": "nosniff"}

Types = Annotated[str | None, QueryParameter(description="events to hear: " + ", ".join(TYPES))]
States = Annotated[str | None, QueryParameter(name="state", description="states to hear of: EXECUTE,JOB_FAILURE")]
Workflows = Annotated[str | None, QueryParameter(name="workflow", description="uuids (of roots: their forests)")]
Since = Annotated[str | None, QueryParameter(name="last_event_id", description="go on behind it; or `beginning`")]
Which = Annotated[Literal["workflow", "forest"], QueryParameter(name="scope", description="it, or its forest")]


@asynccontextmanager
async def lifespan(app: Litestar) -> AsyncIterator[None]:
    """``app.state.live`` is the :class:`Hub` as long as the service lives."""
    app.state.live = Hub(app.state.settings, app.state.databases)
    try:
        yield
    finally:
        await app.state.live.close()


async def of_all(
    request: Request[Any, Any, Any], types: Types = None, states: States = None, workflow: Workflows = None,
    since: Since = None,
) -> Stream:  # fmt: skip
    """What happens in all workflows, as server-sent events: docs/how-to/live-stream.md."""
    visitor = visitor_of(request)
    wish = Wish(
        scope=Scope("all"), types=words(types, "types", TYPES), states=words(states, "state"),
        workflows=words(workflow, "workflow"), user=visitor.only_user,
    )  # fmt: skip
    hub: Hub = request.app.state.live
    return _stream(request, hub, wish, await hub.everywhere(), since)


async def of_workflow(
    request: Request[Any, Any, Any], uuid: Uuid, which: Which = "workflow", types: Types = None, states: States = None,
    since: Since = None,
) -> Stream:  # fmt: skip
    """What happens in a workflow, or in all of its forest, as server-sent events: docs/how-to/live-stream.md."""
    databases: Databases = request.app.state.databases
    hub: Hub = request.app.state.live
    database, root = await asyncio.to_thread(_found, databases, uuid, visitor_of(request))
    scope = Scope("workflow", uuid) if which == "workflow" else Scope("forest", root)
    wish = Wish(scope=scope, types=words(types, "types", TYPES), states=words(states, "state"))
    return _stream(request, hub, wish, [await hub.follow(database)], since)


def _found(databases: Databases, uuid: str, visitor: Visitor) -> tuple[Database, str]:
    database = databases.find(uuid, visitor).database
    with database.reader() as reader:
        workflow = of_uuid(reader, uuid)
    return database, (workflow.root_wf_uuid if workflow is not None else None) or uuid


def _stream(
    request: Request[Any, Any, Any], hub: Hub, wish: Wish, followers: list[Follower], since: str | None
) -> Stream:
    if request.method == "HEAD":
        return Stream(iter(()), media_type="text/event-stream", headers=_HEADERS)
    hub.admit()
    after = _after(request.headers.get("last-event-id") or since, followers)
    listener = Listener(hub, wish, followers, after=after)
    return Stream(listener.run(), media_type="text/event-stream", headers=_HEADERS)


def _after(text: str | None, followers: list[Follower]) -> dict[str, Position] | None:
    if not text:
        return None
    if text == "beginning":
        return {follower.key: BEGINNING for follower in followers}
    places = read_places(text)
    if places is None:
        raise ProblemError(
            400, "parameters", "Last-Event-ID is none of ours; leave it out to hear what comes from now."
        )
    return places
