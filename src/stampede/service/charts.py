"""Charts of a workflow: as columns for a canvas, and drawn as SVG."""

from __future__ import annotations

import functools
from typing import Annotated

from litestar import Response
from litestar.params import PathParameter, QueryParameter

from stampede.analysis.triage import triage
from stampede.export.pictures.draw import drawings
from stampede.export.pictures.failures import CauseBar, bars_of
from stampede.export.pictures.sheet import LEAST_WIDTH, WIDTH, Subject
from stampede.query.columns import Frame
from stampede.query.columns.charts import Chart, chart
from stampede.query.evidence import evidence
from stampede.query.pictures.album import Kind, album
from stampede.query.pictures.lanes import By
from stampede.query.status import status
from stampede.service.columns import Picture, picture
from stampede.service.forms import Form
from stampede.service.parameters import Asked, Time, Uuid, time_of
from stampede.service.pictures import window_in
from stampede.service.view import View
from stampede.words import count

#: a drawing has its styles inside; nothing else of it is obeyed when it is opened by itself
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


async def one(
    ask: Asked,
    uuid: Uuid,
    kind: Annotated[Chart, PathParameter(description="what is shown")],
    since: Time = None,
    until: Time = None,
    width: Annotated[int, QueryParameter(ge=20, le=10_000, description="pixels of the picture")] = 1200,
) -> Response[Picture]:
    """A chart of a workflow and all below it: jobs by state over time, failures over time, run times, machines.

    Run times are those of the whole run, whatever the window.
    """
    since_ts, until_ts = time_of(since, "since"), time_of(until, "until")

    return await picture(ask, uuid, functools.partial(_chart, kind, since_ts, until_ts, width))


def _chart(kind: Chart, since_ts: float | None, until_ts: float | None, width: int, view: View) -> Frame:
    return chart(view.reader, view.workflows, window_in(view, since_ts, until_ts), kind, width=width)


async def plot(
    ask: Asked,
    uuid: Uuid,
    kind: Annotated[Kind, PathParameter(description="what is drawn")],
    since: Time = None,
    until: Time = None,
    by: Annotated[By, QueryParameter(description="rows of the Gantt picture")] = "job",
    width: Annotated[int, QueryParameter(ge=LEAST_WIDTH, le=8000, description="pixels")] = WIDTH,
) -> Response[str]:
    """A picture of a workflow and all below it, drawn as SVG: what `stampede plot` draws."""
    since_ts, until_ts = time_of(since, "since"), time_of(until, "until")

    question = functools.partial(_drawn, kind, since_ts, until_ts, by, width)
    return await ask.workflow(uuid, question, forms=("svg",), encoder=_as_it_is, costly=True)


def _drawn(
    kind: Kind, since_ts: float | None, until_ts: float | None, by: By, width: int, view: View
) -> str:  # fmt: skip
    window = window_in(view, since_ts, until_ts)
    found = album(view.reader, view.workflows, window, kinds=[kind], by=by, width=width)
    causes: list[CauseBar] = []
    if found.failures is not None and found.failures.failed:
        causes = bars_of(triage(evidence(view.reader, [view.workflow])))
    (drawn,) = drawings(found, _subject(view), causes, width=width).values()
    return drawn.svg() + "\n"


def _subject(view: View) -> Subject:
    first = status(view.reader, view.workflow)[0]
    name = first.label or (first.dag or "").removesuffix(".dag") or first.wf_uuid[:8]
    nodes = first.nodes
    failed = f", {nodes.failed:,} failed" if nodes.failed else ""
    return Subject(label=name, sentence=f"{first.state}, {nodes.done:,} of {count(nodes.total, 'node')} done{failed}")


def _as_it_is(value: str, form: Form, headers: dict[str, str]) -> bytes:
    headers["content-security-policy"] = _POLICY
    return value.encode("utf-8", "replace")
