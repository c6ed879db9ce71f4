"""Parts of the graph of jobs: where it failed, and what of it changes while a run goes on."""

from __future__ import annotations

import functools
from typing import Annotated, Literal

from litestar import Response
from litestar.params import QueryParameter

from stampede.query.columns import Frame
from stampede.query.columns import failures as ask_failures
from stampede.query.columns import states as ask_states
from stampede.service.columns import Picture, picture
from stampede.service.parameters import Asked, Uuid
from stampede.service.view import View


async def states(
    ask: Asked,
    uuid: Uuid,
    fold: Annotated[
        Literal["transformation", "none"], QueryParameter(description="that of the graph; none: each job is a node")
    ] = "transformation",
) -> Response[Picture]:
    """The states of a graph without what stays: a tenth of its bytes and of its time."""

    return await picture(ask, uuid, functools.partial(_states, fold))


def _states(fold: Literal["transformation", "none"], view: View) -> Frame:
    return ask_states(view.reader, view.workflow, fold=fold)


async def failures(
    ask: Asked,
    uuid: Uuid,
    most: Annotated[int, QueryParameter(ge=2, le=20_000, description="jobs at most")] = 2_000,
) -> Response[Picture]:
    """The part of the graph where it failed: failed jobs, those they waited for, and those that can never run."""

    return await picture(ask, uuid, functools.partial(_failures, most))


def _failures(most: int, view: View) -> Frame:
    return ask_failures(view.reader, view.workflow, most=most)
