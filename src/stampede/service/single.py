"""Answers about one workflow that are no lists: how it stands, a job, a try, how far, what differs."""

from __future__ import annotations

import functools
import time
from typing import Annotated, Literal

import msgspec
from litestar import Response
from litestar.params import QueryParameter

from stampede.analysis.compare.compare import Comparison
from stampede.analysis.compare.compare import compare as judge_change
from stampede.analysis.forecast import Forecast
from stampede.analysis.progress.progress import Progress
from stampede.analysis.statistics.report import Statistics
from stampede.api.sums import statistics_of
from stampede.comparing import past_of
from stampede.errors import UnknownJobError, UnknownWorkflowError, UsageError
from stampede.forecasting import forecast_in_passing
from stampede.progressing import progress_of
from stampede.query.job import Job, Try, find_job
from stampede.query.lineage import Trace, find_subject
from stampede.query.lineage import trace as follow
from stampede.query.run_facts import facts_of
from stampede.query.status import WorkflowStatus, status_of_one
from stampede.query.status import status as ask_status
from stampede.query.workflows import forest as all_below
from stampede.query.workflows import of_uuid
from stampede.service.parameters import Asked, Attempt, JobName, Uuid
from stampede.service.problems import ProblemError
from stampede.service.view import View
from stampede.service.visitor import Visitor

#: what depends on the clock is made anew so often at most, in seconds
_CLOCK_S = 2.0


class StatusAnswer(msgspec.Struct, kw_only=True):
    """The workflow and all below it, parents first."""

    workflows: list[WorkflowStatus]


async def status(
    ask: Asked,
    uuid: Uuid,
    below: Annotated[bool, QueryParameter(description="with the workflows below it; else only its own line")] = True,
) -> Response[StatusAnswer]:
    """How a workflow and all below it stand: states, counts of nodes and of tries."""
    return await ask.workflow(uuid, functools.partial(_status, below))


def _status(below: bool, view: View) -> StatusAnswer:
    if not below:
        return StatusAnswer(workflows=[status_of_one(view.reader, view.workflow)])
    return StatusAnswer(workflows=ask_status(view.reader, view.workflow))


async def job(ask: Asked, uuid: Uuid, name: JobName) -> Response[Job]:
    """A job with everything that is known of it: neighbours, tasks, every try with what it ran, moved and printed."""
    return await ask.workflow(uuid, functools.partial(job_of, name))


def job_of(name: str, view: View) -> Job:
    """The job of that name in the workflow or below it. Raises UnknownJobError."""
    return find_job(view.reader, [view.workflow], name)


async def attempt(ask: Asked, uuid: Uuid, name: JobName, number: Attempt) -> Response[Try]:
    """One try of a job: its states, phases, holds, resources, invocations, transfers, what it printed."""
    return await ask.workflow(uuid, functools.partial(attempt_of, name, number))


def attempt_of(name: str, number: int, view: View) -> Try:
    """A try of a job, counted from 1. Raises UnknownJobError."""
    return try_of(name, number, view)[1]


def try_of(name: str, number: int, view: View) -> tuple[Job, Try]:
    """The same with its job."""
    found = job_of(name, view)
    if number > len(found.tries):
        raise UnknownJobError(f"Job {found.path} has {len(found.tries)} tries; there is none of number {number}.")
    return found, found.tries[number - 1]


async def statistics(
    ask: Asked,
    uuid: Uuid,
    by: Annotated[Literal["day", "hour"], QueryParameter(description="length of the pieces of time, in UTC")] = "day",
) -> Response[Statistics]:
    """What a workflow and all below it add up to: outcomes, times, retries, efficiency, by transformation and host."""
    return await ask.workflow(uuid, functools.partial(_statistics, by))


def _statistics(by: Literal["day", "hour"], view: View) -> Statistics:
    return statistics_of(view.reader, view.workflow, by=by)


class ProgressAnswer(msgspec.Struct, kw_only=True):
    """How far a running workflow is and when it ends; None when it does not run."""

    progress: Progress | None


async def progress(ask: Asked, uuid: Uuid) -> Response[ProgressAnswer]:
    """How far a running workflow is, when it will end, and what limits it."""
    moment = "" if ask.at is not None else str(int(time.time() / _CLOCK_S))
    return await ask.workflow(uuid, _progress, moment=moment)


def _progress(view: View) -> ProgressAnswer:
    return ProgressAnswer(progress=progress_of(view.reader, view.workflow, view.at))


class ForecastAnswer(msgspec.Struct, kw_only=True):
    """What will become of a workflow; None when it has had so many tries that an answer would take too long."""

    forecast: Forecast | None


async def forecast(ask: Asked, uuid: Uuid) -> Response[ForecastAnswer]:
    """How probable it is that a workflow fails, why, and which jobs are in danger; from runs learned from before."""
    moment = "" if ask.at is not None else str(int(time.time() / _CLOCK_S))
    return await ask.workflow(uuid, _forecast, moment=moment)


def _forecast(view: View) -> ForecastAnswer:
    found = all_below(view.reader, view.workflow)
    tries = sum(s.attempts.tries for s in ask_status(view.reader, view.workflow))
    now = time.time() if view.at is None else view.at
    return ForecastAnswer(forecast=forecast_in_passing(view.reader, found, now, tries=tries, ended=True))


async def trace(
    ask: Asked,
    uuid: Uuid,
    name: Annotated[str, QueryParameter(description="a job, a task, or the logical name of a file", max_length=1000)],
    direction: Annotated[
        Literal["up", "down", "both"], QueryParameter(description="up: what it was made of; down: what came of it")
    ] = "both",
    depth: Annotated[int | None, QueryParameter(gt=-1, le=100_000, description="so many jobs far")] = None,
    kind: Annotated[Literal["job", "task", "file"] | None, QueryParameter(description="what `name` is")] = None,
) -> Response[Trace]:
    """Where a file, task or job comes from and what it went into: which try of which job read and wrote what."""

    return await ask.workflow(uuid, functools.partial(_trace, name, direction, depth, kind))


def _trace(
    name: str, direction: str, depth: int | None, kind: Literal["job", "task", "file"] | None, view: View
) -> Trace:  # fmt: skip
    try:
        subject = find_subject(view.reader, view.workflows, view.paths, name, kind)
    except UsageError as e:
        raise ProblemError(404, "no-subject", str(e)) from e
    return follow(
        view.reader, view.workflows, view.paths, subject, up=direction != "down", down=direction != "up", depth=depth
    )


async def compare(
    ask: Asked,
    uuid: Uuid,
    against: Annotated[
        str | None,
        QueryParameter(max_length=255, description="uuid of the run to hold it against; else its past is"),
    ] = None,
    runs: Annotated[int, QueryParameter(ge=1, le=50, description="earlier runs of its label that are looked at")] = 5,
) -> Response[Comparison]:
    """What differs between a run and another, or its own past, beyond noise."""
    question = functools.partial(_compare, against, runs, ask.visitor)
    return await ask.workflow(uuid, question, moment=str(int(time.time() / _CLOCK_S)))


def _compare(against: str | None, runs: int, visitor: Visitor, view: View) -> Comparison:
    if against is None:
        past = past_of(view.workflow, view.reader.url, runs)
        past = [p for p in past if visitor.may_see(p.versions.get("user"))]
    else:
        with view.databases.find(against, visitor).database.reader() as reader:
            other = of_uuid(reader, against)
            past = [] if other is None else [facts_of(reader, other)]
    if not past:
        root = view.workflow
        raise UnknownWorkflowError(
            f"No earlier run of {root.label or root.wf_uuid} that ended well is known. Name one with ?against=UUID."
        )
    return judge_change(past, facts_of(view.reader, view.workflow))
