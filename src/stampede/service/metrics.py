"""``/metrics``: what is served, how far behind it is, and how the service does, as OpenMetrics.

What is about workflows is summed over all databases, since there may be one for each run; single workflows appear only
while they run, and at most :data:`MOST` of them.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, Final, cast

from litestar import Litestar, Request, Response
from litestar.datastructures import State

from stampede import __version__
from stampede.openmetrics import MEDIA_TYPE, Family, Labels, Text
from stampede.operating import Behind, Standing
from stampede.operating import Figures as Looking
from stampede.query.operation import JOB_STATES, SUMS
from stampede.query.registry import shown
from stampede.service import figures as counted
from stampede.service.databases import Databases
from stampede.service.guard.guard import Guard
from stampede.service.problems import ProblemError
from stampede.service.visitor import visitor_of

#: running workflows that appear one by one: those furthest behind
MOST: Final = 100
Samples = Iterable[tuple[Labels, float]]


def _gauge(name: str, help_: str, *labels: str, unit: Any = "") -> Family:
    return Family(name=name, kind="gauge", help=help_, labels=labels, unit=unit)


def _counter(name: str, help_: str, *labels: str, unit: Any = "") -> Family:
    return Family(name=name, kind="counter", help=help_, labels=labels, unit=unit)


_ONE: Final = ("workflow", "label", "user")
#: every metric, in the order of the answer
FAMILIES: Final = {
    family.name: family
    for family in (
        Family(name="stampede_build", kind="info", help="The release that answers.", labels=("version",)),
        _gauge("stampede_start_time_seconds", "When the service was started, in epoch seconds.", unit="seconds"),
        # ---- what is served
        _gauge("stampede_databases", "Databases that are served: those that answer, are unreadable, or missing.",
               "condition"),
        _gauge("stampede_databases_size_bytes", "Size of all databases that are served, with what is not folded in.",
               unit="bytes"),
        _gauge("stampede_database_size_bytes", f"Size of a database; the {MOST} largest.", "database", unit="bytes"),
        _gauge("stampede_disk_free_bytes", "Room on the fullest disk that a served database is on.", unit="bytes"),
        _gauge("stampede_workflows", "Root workflows by state.", "state"),
        _gauge("stampede_jobs", "Jobs of all workflows by state.", "state"),
        _counter("stampede_tries", "Tries of jobs (job instances) that were stored."),
        _counter("stampede_tries_failed", "Tries that failed."),
        _counter("stampede_holds", "How often a job was held."),
        _counter("stampede_evictions", "How often a job was evicted."),
        _counter("stampede_problems", "Problems met while workflows were read."),
        _gauge("stampede_last_record_time_seconds", "Time of the latest record that is stored, in epoch seconds.",
               unit="seconds"),
        # ---- how far behind
        _gauge("stampede_watchers", "Watchers of the registry that are alive."),
        _gauge("stampede_running_unwatched", "Running workflows that no watcher of the registry follows."),
        _gauge("stampede_ingest_behind_bytes",
               f"What of a running workflow's log is not stored yet; the {MOST} furthest behind.", *_ONE, unit="bytes"),
        _gauge("stampede_ingest_lag_seconds",
               f"How much later the log was written than its last stored record; the {MOST} furthest behind.", *_ONE,
               unit="seconds"),
        # ---- how the service does
        _counter("stampede_http_requests", "Answers by method, route (pattern of the path) and status.", "method",
                 "route", "status"),
        Family(name="stampede_http_first_byte_seconds", kind="histogram",
               help="Time until an answer began, by route.", labels=("route",), unit="seconds"),
        _gauge("stampede_http_in_progress", "Requests that are worked on, or whose answer is on its way."),
        _counter("stampede_http_sent_bytes", "Bytes of bodies that were sent.", unit="bytes"),
        _counter("stampede_http_refused", "Requests that the guard refused, by kind of problem.", "kind"),
        _gauge("stampede_connections", "Connections that are open."),
        _counter("stampede_connections_cut", "Connections that were cut, by reason.", "reason"),
        _counter("stampede_answers_kept", "Questions whose answer was kept (hit) or made anew (miss).", "found"),
        _gauge("stampede_answers_kept_size_bytes", "Size of the answers that are kept.", unit="bytes"),
        _gauge("stampede_workers", "Processes that answer questions beside the one that serves."),
        _counter("stampede_workers_lost", "Those that ended although nobody told them to."),
        _gauge("stampede_live_subscribers", "Subscribers of the live stream."),
        _counter("stampede_audit_lost", "Lines of the audit log that could not be written."),
    )
}  # fmt: skip


async def metrics(request: Request[Any, Any, Any]) -> Response[bytes]:
    """The figures. Databases that have changed are asked in a thread; two who ask at once wait for one look."""
    guard: Guard | None = request.app.state.get("guard")
    if guard is None:
        raise ProblemError(404, "no-page", "Only stampede serve counts.")
    if not visitor_of(request).may_monitor:  # the guard has looked too; this is about all users
        raise ProblemError(403, "forbidden", "This needs the right monitor or admin.")
    standing = await _standing(request.app)
    return Response(text(standing, guard, request.app.state), media_type=MEDIA_TYPE)


async def _standing(app: Litestar) -> Standing:
    state = app.state
    if "looking" not in state:
        state.looking, state.look = Looking(state.settings.registry), asyncio.Lock()
    databases: Databases = state.databases
    async with state.look:
        return await asyncio.to_thread(lambda: state.looking.standing([d.url for d in databases.all()]))


def text(standing: Standing, guard: Guard, state: State) -> bytes:
    """All families; those of which nothing is known have no sample."""
    out = Text()
    samples = {**_served(standing), **_behind(standing), **_own(guard, state)}
    for name, family in FAMILIES.items():
        if family.kind == "histogram":
            each = guard.figures.durations.items()
            out.histogram(family, counted.BOUNDS, [({"route": r}, list(d.counts), d.sum_s) for r, d in each])
        else:
            out.family(family, samples[name])
    return out.end()


def _served(standing: Standing) -> dict[str, Samples]:
    known = [seen.operation for seen in standing.databases if seen.operation is not None]
    workflows: Counter[str] = Counter()
    jobs: Counter[str] = Counter(dict.fromkeys(JOB_STATES, 0))
    for one in known:
        workflows.update(one.workflows)
        jobs.update(one.jobs)
    conditions = Counter({"answers": 0, "unreadable": 0, "missing": 0})
    conditions.update(seen.condition for seen in standing.databases)
    last = [one.last_ts for one in known if one.last_ts is not None]
    free = [seen.free_bytes for seen in standing.databases if seen.free_bytes is not None]
    sums = {name: sum(getattr(one, name.replace("attempts", "tries")) for one in known) for name in SUMS}
    return {
        "stampede_databases": _by("condition", conditions),
        "stampede_databases_size_bytes": [({}, sum(seen.size_bytes or 0 for seen in standing.databases))],
        "stampede_database_size_bytes": _largest(standing),
        "stampede_disk_free_bytes": [({}, min(free))] if free else [],
        "stampede_workflows": _by("state", workflows),
        "stampede_jobs": _by("state", jobs),
        **{f"stampede_{name.replace('attempts', 'tries')}": [({}, value)] for name, value in sums.items()},
        "stampede_last_record_time_seconds": [({}, max(last))] if last else [],
    }


def _largest(standing: Standing) -> Samples:
    known = sorted(((seen.size_bytes or 0, seen.url) for seen in standing.databases), reverse=True)
    return [({"database": shown(url)}, size) for size, url in known[:MOST] if size]


def _behind(standing: Standing) -> dict[str, Samples]:
    worst = sorted(standing.running, key=lambda one: -(one.behind_bytes or 0))[:MOST]
    return {
        "stampede_watchers": [({}, standing.watchers)],
        "stampede_running_unwatched": [({}, sum(not one.watched for one in standing.running))],
        "stampede_ingest_behind_bytes": [(_of(w), w.behind_bytes) for w in worst if w.behind_bytes is not None],
        "stampede_ingest_lag_seconds": [(_of(w), w.lag_s) for w in worst if w.lag_s is not None],
    }


def _of(one: Behind) -> Labels:
    return {"workflow": one.wf_uuid, "label": one.label or "", "user": one.user or ""}


def _by(label: str, counts: Counter[str]) -> Iterator[tuple[Labels, float]]:
    return (({label: name}, count) for name, count in sorted(counts.items()))


def _own(guard: Guard, state: State) -> dict[str, Samples]:
    own, kept, crew = guard.figures, state.asking.kept, state.asking.crew
    live = cast(Any, state.get("live"))
    requests = sorted(own.requests.items())
    return {
        "stampede_build": [({"version": __version__}, 1)],
        "stampede_start_time_seconds": [({}, own.started_ts)],
        "stampede_http_requests": [({"method": m, "route": r, "status": str(s)}, n) for (m, r, s), n in requests],
        "stampede_http_in_progress": [({}, own.in_progress)],
        "stampede_http_sent_bytes": [({}, own.sent_bytes)],
        "stampede_http_refused": _by("kind", own.refused),
        "stampede_connections": [({}, own.connections)],
        "stampede_connections_cut": _by("reason", own.cut),
        "stampede_answers_kept": [({"found": "hit"}, kept.hits), ({"found": "miss"}, kept.misses)],
        "stampede_answers_kept_size_bytes": [({}, kept.size_bytes)],
        "stampede_workers": [({}, 0 if crew is None else crew.size)],
        "stampede_workers_lost": [({}, 0 if crew is None else crew.lost)],
        "stampede_live_subscribers": [] if live is None else [({}, live.subscribers)],
        "stampede_audit_lost": [({}, guard.audit.lost)],
    }
