"""Pictures as columns: the time line of tries and the graph of jobs, in the detail that can be shown."""

from __future__ import annotations

from typing import Annotated, Literal, cast

from litestar import Response
from litestar.params import QueryParameter

from stampede.errors import UsageError
from stampede.query.columns import Fold, Frame, neighbourhood
from stampede.query.columns import gantt as ask_gantt
from stampede.query.columns import graph as ask_graph
from stampede.query.pictures.window import Window, window_of
from stampede.service.columns import Picture, encode
from stampede.service.parameters import Asked, JobName, Time, Uuid, time_of
from stampede.service.view import View


async def gantt(
    ask: Asked,
    uuid: Uuid,
    since: Time = None,
    until: Time = None,
    width: Annotated[int, QueryParameter(ge=20, le=10_000, description="pixels of the picture")] = 1200,
    by: Annotated[
        Literal["transformation", "host", "site"], QueryParameter(description="what tries of one lane have in common")
    ] = "transformation",
    most: Annotated[
        int, QueryParameter(ge=1, le=100_000, description="tries that are told one by one; with more, lanes are")
    ] = 5_000,
) -> Response[Picture]:
    """Tries over time, of a workflow and all below it: single bars while the window has few, else lanes in bins."""
    since_ts, until_ts = time_of(since, "since"), time_of(until, "until")

    def question(view: View) -> Frame:
        window = _window(view, since_ts, until_ts)
        return ask_gantt(view.reader, view.workflows, window, by=by, width=width, most=most)

    found = await ask.workflow(uuid, question, forms=("json", "columns"), encoder=encode, costly=True)
    return cast("Response[Picture]", found)


def _window(view: View, since_ts: float | None, until_ts: float | None) -> Window:
    """The window that is asked for, also where it lies before or after the run: then nothing is in it.

    Raises UsageError when it ends before it begins.
    """
    try:
        return window_of(view.workflows, since_ts=since_ts, until_ts=until_ts, at_ts=view.at)
    except UsageError:
        if since_ts is not None and until_ts is not None and until_ts <= since_ts:
            raise
        whole = window_of(view.workflows, at_ts=view.at)
        start_ts = whole.start_ts if since_ts is None else since_ts
        end_ts = start_ts + 1.0 if until_ts is None or until_ts <= start_ts else until_ts
        return Window(start_ts=start_ts, end_ts=end_ts, now_ts=whole.now_ts, cut=True)


async def graph(
    ask: Asked,
    uuid: Uuid,
    fold: Annotated[
        Fold, QueryParameter(description="what jobs of one node have in common; none: each is a node")
    ] = "transformation",
) -> Response[Picture]:
    """What waits for what in one workflow: groups of jobs, or each job."""

    def question(view: View) -> Frame:
        return ask_graph(view.reader, view.workflow, fold=fold)

    found = await ask.workflow(uuid, question, forms=("json", "columns"), encoder=encode, costly=True)
    return cast("Response[Picture]", found)


async def around(
    ask: Asked,
    uuid: Uuid,
    name: JobName,
    hops: Annotated[int, QueryParameter(ge=1, le=100, description="so many edges far")] = 2,
    most: Annotated[int, QueryParameter(ge=1, le=20_000, description="jobs at most")] = 2_000,
) -> Response[Picture]:
    """A job and those near to it in the graph, each as a node."""

    def question(view: View) -> Frame:
        return neighbourhood(view.reader, view.workflow, name, hops=hops, most=most)

    found = await ask.workflow(uuid, question, forms=("json", "columns"), encoder=encode)
    return cast("Response[Picture]", found)
