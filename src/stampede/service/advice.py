"""Advice: what to ask for, where to run, whether to try a job again; the answers of ``stampede advise``."""

from __future__ import annotations

import functools
import time
from typing import Annotated, Final

import msgspec
from litestar import Response
from litestar.params import QueryParameter

from stampede.advising import resources as advise_resources
from stampede.advising import retry as advise_retry
from stampede.advising import site as advise_site
from stampede.analysis.advice.resources import ResourceAdvice
from stampede.analysis.advice.retry import RetryAdvice
from stampede.analysis.advice.sites import SiteAdvice
from stampede.errors import UnknownJobError, UsageError
from stampede.service.parameters import Asked, JobName, Uuid
from stampede.service.view import View

Transformation = Annotated[str, QueryParameter(description="what the jobs run", max_length=255)]
History = Annotated[bool, QueryParameter(description="look at earlier runs of its label too")]
#: earlier runs may end at any time; what they teach is asked again after so many seconds
_AGE_S: Final = 60.0


class ResourcesAnswer(msgspec.Struct, kw_only=True):
    """What jobs of each transformation should ask for, the one with most tries first."""

    transformations: list[ResourceAdvice]


async def resources(ask: Asked, uuid: Uuid, history: History = True) -> Response[ResourcesAnswer]:
    """What jobs of each transformation should ask for, against what they ask for and use."""
    return await ask.workflow(uuid, functools.partial(_resources, history), moment=_moment(), costly=True)


def _resources(history: bool, view: View) -> ResourcesAnswer:
    return ResourcesAnswer(transformations=advise_resources(view.reader, view.workflow, _now(view), history=history))


async def sites(
    ask: Asked, uuid: Uuid, transformation: Transformation, history: History = True
) -> Response[SiteAdvice]:  # fmt: skip
    """Sites and machines ranked for a transformation: how surely and how soon its jobs end well there."""
    return await ask.workflow(uuid, functools.partial(_sites, transformation, history), moment=_moment(), costly=True)


def _sites(transformation: str, history: bool, view: View) -> SiteAdvice:
    return advise_site(view.reader, view.workflow, transformation, _now(view), history=history)


async def retry(ask: Asked, uuid: Uuid, name: JobName) -> Response[RetryAdvice]:
    """Whether to try a job again after its last try, which machines to avoid, how much memory to ask for."""
    return await ask.workflow(uuid, functools.partial(_retry, name), moment=_moment())


def _retry(name: str, view: View) -> RetryAdvice:
    try:
        return advise_retry(view.reader, view.workflow, name, _now(view))
    except UsageError as e:
        raise UnknownJobError(str(e)) from e


def _now(view: View) -> float:
    return time.time() if view.at is None else view.at


def _moment() -> str:
    return str(int(time.time() / _AGE_S))
