"""Runs (root workflows) of all databases: counted, by label, and the course of one."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Annotated

import msgspec
from litestar import Response
from litestar.params import QueryParameter

from stampede.query.course import Course
from stampede.query.course import course as course_of
from stampede.query.labels import LabelLine, TrendRun, joined
from stampede.query.labels import labels as labels_of
from stampede.query.labels import trend as trend_of
from stampede.query.totals import Tally, Totals
from stampede.service.answering import Asker
from stampede.service.databases import Database
from stampede.service.lists import each
from stampede.service.parameters import Asked, Time, Uuid, time_of
from stampede.service.view import View


async def totals(ask: Asked, since: Time = None) -> Response[Totals]:
    """Runs (root workflows) of all databases by state, label, user and host. ``since``: also those that changed since
    then."""
    return await ask.everywhere(functools.partial(_totals, ask.asker, time_of(since, "since") or 0.0))


def _totals(ask: Asker, since_ts: float, databases: Sequence[Database]) -> Totals:
    tally = Tally()
    with ExitStack() as stack:
        for reader, scope in each(ask, databases, stack):
            tally.add(reader, scope, since_ts=since_ts)
    return tally.totals()


class Labels(msgspec.Struct, kw_only=True):
    """Labels, those with the latest run first."""

    labels: list[LabelLine]


async def labels(
    ask: Asked, limit: Annotated[int, QueryParameter(ge=1, le=1000, description="labels at most")] = 100
) -> Response[Labels]:
    """How the runs of each label went: by state, with the latest ones and how long they took."""
    return await ask.everywhere(functools.partial(_labels, ask.asker, limit))


def _labels(ask: Asker, limit: int, databases: Sequence[Database]) -> Labels:
    with ExitStack() as stack:
        parts = [line for reader, scope in each(ask, databases, stack) for line in labels_of(reader, scope)]
    return Labels(labels=joined(parts, limit=limit))


class Trend(msgspec.Struct, kw_only=True):
    """Runs of a label, the oldest first."""

    label: str
    runs: list[TrendRun]


async def trend(
    ask: Asked,
    label: Annotated[str, QueryParameter(max_length=255, description="label of the workflow")],
    runs: Annotated[int, QueryParameter(ge=1, le=500, description="latest runs that are told")] = 50,
) -> Response[Trend]:
    """What became of a label from run to run: how long, how many failures, what retries cost."""
    return await ask.everywhere(functools.partial(_trend, ask.asker, label, runs))


def _trend(ask: Asker, label: str, runs: int, databases: Sequence[Database]) -> Trend:
    with ExitStack() as stack:
        found = [r for reader, own in each(ask, databases, stack) for r in trend_of(reader, label, own, limit=runs)]
    found.sort(key=lambda run: run.started_ts or 0.0)
    return Trend(label=label, runs=found[-runs:])


async def course(
    ask: Asked,
    uuid: Uuid,
    steps: Annotated[int, QueryParameter(ge=1, le=1000, description="pieces of the time it took")] = 40,
) -> Response[Course]:
    """How many jobs of a workflow and all below it were done, and failed, by when."""
    return await ask.workflow(uuid, functools.partial(_course, steps), costly=True)


def _course(steps: int, view: View) -> Course:
    return course_of(view.reader, view.workflows, steps=steps)
