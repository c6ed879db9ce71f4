"""Pictures as columns: the time line of tries and the graph of jobs, in the detail that can be shown."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Annotated, Final

from litestar import Response
from litestar.params import QueryParameter

from stampede.errors import UsageError
from stampede.query.columns import Fold, Frame, neighbourhood
from stampede.query.columns import concurrency as ask_concurrency
from stampede.query.columns import gantt as ask_gantt
from stampede.query.columns import graph as ask_graph
from stampede.query.columns.axis import MOST_GAPS, Span
from stampede.query.columns.tries import Attempts, By, attempts_of
from stampede.query.pictures.window import Window, window_of
from stampede.service.columns import Picture, picture
from stampede.service.parameters import Asked, JobName, Time, Uuid, time_of
from stampede.service.view import View

_SPAN: Final = r"[0-9]{1,11}(\.[0-9]{1,9})?-[0-9]{1,11}(\.[0-9]{1,9})?"
Skip = Annotated[
    str | None,
    QueryParameter(
        pattern=f"^{_SPAN}(,{_SPAN}){{0,{MOST_GAPS - 1}}}$",
        description="times that are left out of bins, START-END in epoch seconds: `gaps` of an answer before",
    ),
]
Width = Annotated[int, QueryParameter(ge=20, le=10_000, description="pixels of the picture")]


async def gantt(
    ask: Asked,
    uuid: Uuid,
    since: Time = None,
    until: Time = None,
    width: Width = 1200,
    by: Annotated[By, QueryParameter(description="what tries of one lane have in common")] = "transformation",
    attempt: Annotated[
        str,
        QueryParameter(
            pattern="^(all|last|failed|[1-9][0-9]{0,3})$",
            description="of which tries: all, the last of each job, failed ones, or the nth of each job",
        ),
    ] = "all",
    skip: Skip = None,
    most: Annotated[
        int, QueryParameter(ge=1, le=100_000, description="tries that are told one by one; with more, lanes are")
    ] = 5_000,
) -> Response[Picture]:
    """Tries over time, of a workflow and all below it: single bars while the window has few, else lanes in bins."""
    since_ts, until_ts = time_of(since, "since"), time_of(until, "until")
    attempts, spans = attempts_of(attempt), _spans(skip)

    return await picture(
        ask, uuid, functools.partial(_gantt, since_ts, until_ts, by, attempts, tuple(spans), width, most)
    )


def _gantt(
    since_ts: float | None, until_ts: float | None, by: By, attempts: Attempts, skip: Sequence[Span], width: int,
    most: int, view: View,
) -> Frame:  # fmt: skip
    window = window_in(view, since_ts, until_ts)
    return ask_gantt(view.reader, view.workflows, window, by=by, attempts=attempts, skip=skip, width=width, most=most)


async def concurrency(
    ask: Asked,
    uuid: Uuid,
    since: Time = None,
    until: Time = None,
    skip: Skip = None,
    width: Width = 1200,
) -> Response[Picture]:
    """Tries at once over time, of a workflow and all below it: waiting, held, running; and when nothing happened."""
    since_ts, until_ts, spans = time_of(since, "since"), time_of(until, "until"), _spans(skip)

    bins = max(20, min(width // 2, 2000))
    return await picture(ask, uuid, functools.partial(_concurrency, since_ts, until_ts, bins, tuple(spans)))


def _concurrency(
    since_ts: float | None, until_ts: float | None, bins: int, skip: Sequence[Span], view: View
) -> Frame:  # fmt: skip
    return ask_concurrency(view.reader, view.workflows, window_in(view, since_ts, until_ts), bins=bins, skip=skip)


def _spans(skip: str | None) -> list[Span]:
    """Times to leave out. One that ends before it begins is none."""
    found = [part.split("-") for part in skip.split(",")] if skip else []
    return [(float(start), float(end)) for start, end in found]


def window_in(view: View, since_ts: float | None, until_ts: float | None) -> Window:
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

    return await picture(ask, uuid, functools.partial(_graph, fold))


def _graph(fold: Fold, view: View) -> Frame:
    return ask_graph(view.reader, view.workflow, fold=fold)


async def around(
    ask: Asked,
    uuid: Uuid,
    name: JobName,
    hops: Annotated[int, QueryParameter(ge=1, le=100, description="so many edges far")] = 2,
    most: Annotated[int, QueryParameter(ge=1, le=20_000, description="jobs at most")] = 2_000,
) -> Response[Picture]:
    """A job and those near to it in the graph, each as a node."""

    return await picture(ask, uuid, functools.partial(_around, name, hops, most), costly=False)


def _around(name: str, hops: int, most: int, view: View) -> Frame:
    return neighbourhood(view.reader, view.workflow, name, hops=hops, most=most)
