"""Every path of the service, on one page."""

from __future__ import annotations

from typing import Any, Final

from litestar import HttpMethod, Router, post
from litestar.di import Provide
from litestar.handlers import HTTPRouteHandler

from stampede.openmetrics import MEDIA_TYPE
from stampede.query.collections import COLLECTIONS
from stampede.service import (
    advice,
    alive,
    causes,
    charts,
    dashboard,
    graphs,
    intake,
    lists,
    login,
    metrics,
    nodefiles,
    openapi,
    output,
    pace,
    pictures,
    places,
    runs,
    search,
    single,
)
from stampede.service.forms import MEDIA
from stampede.service.index import index
from stampede.service.live import stream as live
from stampede.service.parameters import ask_of, paging_of
from stampede.service.slashes import restore


def get(path: str | list[str], **more: Any) -> HTTPRouteHandler:
    """A path that is asked with GET; with HEAD for what comes before the answer."""
    return HTTPRouteHandler(path, http_method=[HttpMethod.GET, HttpMethod.HEAD], status_code=200, **more)


_WORKFLOW: Final = "/workflows/{uuid:str}"
_JOB: Final = _WORKFLOW + "/jobs/{name:str}"
_TRY: Final = _JOB + "/attempts/{number:int}"

#: what everybody's programs use; its names are those of the Python API
API: Final = Router(
    "/api/v1",
    before_request=restore,
    dependencies={"ask": Provide(ask_of, sync_to_thread=False), "paging": Provide(paging_of, sync_to_thread=False)},
    route_handlers=[
        get("/", tags=["service"])(index),
        get("/me", tags=["service"])(login.me),
        get("/openapi.json", tags=["service"], media_type="application/json")(openapi.openapi),
        get("/docs", tags=["service"], media_type="text/html")(openapi.documentation),
        get("/search", tags=["workflows"])(places.search),
        get("/locate/{uuid:str}", tags=["workflows"])(places.locate),
        get("/totals", tags=["workflows"])(runs.totals),
        get("/labels", tags=["workflows"])(runs.labels),
        get("/labels/trend", tags=["workflows"])(runs.trend),
        # jobs, tasks, job_instances, invocations, hosts, files, edges, events, problems, anomalies and the others
        *(get(f"/{name}", tags=["everywhere"])(lists.everywhere(c)) for name, c in COLLECTIONS.items()),
        get(_WORKFLOW, tags=["workflows"])(lists.workflow),
        get(_WORKFLOW + "/status", tags=["workflows"])(single.status),
        get(_WORKFLOW + "/course", tags=["workflows"])(runs.course),
        get(_WORKFLOW + "/triage", tags=["judgement"])(causes.triage),
        get(_WORKFLOW + "/triage/{cause:str}/members", tags=["judgement"])(causes.members),
        get(_WORKFLOW + "/throughput", tags=["judgement"])(pace.throughput),
        get(_WORKFLOW + "/advice/resources", tags=["judgement"])(advice.resources),
        get(_WORKFLOW + "/advice/sites", tags=["judgement"])(advice.sites),
        get(_WORKFLOW + "/statistics", tags=["judgement"])(single.statistics),
        get(_WORKFLOW + "/progress", tags=["judgement"])(single.progress),
        get(_WORKFLOW + "/forecast", tags=["judgement"])(single.forecast),
        get(_WORKFLOW + "/compare", tags=["judgement"])(single.compare),
        get(_WORKFLOW + "/trace", tags=["judgement"])(single.trace),
        *(
            get(f"{_WORKFLOW}/{name}", tags=["lists"])(lists.lister(collection))
            for name, collection in COLLECTIONS.items()
            if name != "workflows"
        ),
        get(_WORKFLOW + "/gantt", tags=["pictures"])(pictures.gantt),
        get(_WORKFLOW + "/concurrency", tags=["pictures"])(pictures.concurrency),
        get(_WORKFLOW + "/graph", tags=["pictures"])(pictures.graph),
        get(_WORKFLOW + "/graph/states", tags=["pictures"])(graphs.states),
        get(_WORKFLOW + "/graph/failures", tags=["pictures"])(graphs.failures),
        get(_WORKFLOW + "/pictures/{kind:str}", tags=["pictures"])(charts.one),
        get(_WORKFLOW + "/plot/{kind:str}", tags=["pictures"], media_type=MEDIA["svg"])(charts.plot),
        get(_JOB, tags=["jobs"])(single.job),
        get(_JOB + "/causes", tags=["judgement"])(causes.of_job),
        get(_JOB + "/advice", tags=["judgement"])(advice.retry),
        get(_JOB + "/graph", tags=["pictures"])(pictures.around),
        get(_JOB + "/log", tags=["output"])(nodefiles.log),
        get(_JOB + "/submit_file", tags=["output"], media_type="text/plain")(nodefiles.submit_file),
        get(_TRY, tags=["jobs"])(single.attempt),
        get(_TRY + "/stdout", tags=["output"], media_type="text/plain")(output.stdout),
        get(_TRY + "/stderr", tags=["output"], media_type="text/plain")(output.stderr),
        get(_TRY + "/kickstart", tags=["output"], media_type="text/plain")(output.kickstart),
        get(_TRY + "/stdout/search", tags=["output"])(search.stdout_search),
        get(_TRY + "/stderr/search", tags=["output"])(search.stderr_search),
        get(_TRY + "/kickstart/search", tags=["output"])(search.kickstart_search),
        get("/stream", tags=["live"], media_type="text/event-stream")(live.of_all),
        get(_WORKFLOW + "/stream", tags=["live"], media_type="text/event-stream")(live.of_workflow),
        post("/events", tags=["events in"], status_code=200, request_max_body_size=intake.BODY_BYTES)(intake.receive),
        get("/events/stored", tags=["events in"])(intake.how_far),
    ],
)

#: what supervisors and browsers need around it
AROUND: Final[list[Any]] = [
    get(["/", "/workflows/{below:path}"], include_in_schema=False, media_type="text/html")(dashboard.page),
    get("/assets/{name:str}", include_in_schema=False)(dashboard.asset),
    get("/icon.svg", include_in_schema=False)(dashboard.icon),
    get("/theme.js", include_in_schema=False)(dashboard.theme),
    get("/healthz", include_in_schema=False, media_type="text/plain")(alive.healthz),
    get("/readyz", include_in_schema=False, media_type="text/plain")(alive.readyz),
    get("/metrics", include_in_schema=False, media_type=MEDIA_TYPE)(metrics.metrics),
    get("/login", include_in_schema=False, media_type="text/html")(login.page),
    post("/login", include_in_schema=False, media_type="text/html", status_code=303,
         request_max_body_size=login.FORM_BYTES)(login.login),
    post("/logout", include_in_schema=False, media_type="text/html", status_code=303,
         request_max_body_size=0)(login.logout),
]  # fmt: skip

#: all of it
ROUTES: Final[list[Any]] = [API, *AROUND]
