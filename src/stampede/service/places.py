"""Where workflows are, and where a text occurs."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Annotated, Any
from urllib.parse import quote

import msgspec
from litestar import Response
from litestar.params import QueryParameter

from stampede.errors import StampedeError
from stampede.query import Reader
from stampede.query.collections import COLLECTIONS, Scope, of_user, page
from stampede.query.collections import ask as question_of
from stampede.query.past import everything_as_it_stood
from stampede.query.registry import shown
from stampede.query.workflows import of_uuid
from stampede.service.answering import Asker
from stampede.service.databases import Database
from stampede.service.lists import scope_in
from stampede.service.parameters import Asked, Uuid
from stampede.service.view import View


class Location(msgspec.Struct, kw_only=True):
    """Where a workflow is: its database, its submit directory, the host it was started on, and its path in this API."""

    wf_uuid: str
    label: str | None
    user: str | None
    root_wf_uuid: str | None
    database: str
    submit_hostname: str | None
    submit_dir: str | None
    found_dir: str | None
    state: str
    path: str


async def locate(ask: Asked, uuid: Uuid) -> Response[Location]:
    """Where a workflow is: which database has it, its submit directory, its host."""
    return await ask.workflow(uuid, _location)


def _location(view: View) -> Location:
    w = of_uuid(view.reader, view.workflow.wf_uuid) or view.workflow
    return Location(
        wf_uuid=w.wf_uuid, label=w.label, user=w.user, root_wf_uuid=w.root_wf_uuid, database=shown(view.reader.url),
        submit_hostname=w.submit_hostname, submit_dir=w.submit_dir, found_dir=w.found_dir, state=w.state,
        path=f"/api/v1/workflows/{quote(w.wf_uuid, safe='')}",
    )  # fmt: skip


class FoundJob(msgspec.Struct, kw_only=True):
    """A job whose name, or the output of a failed try of which, has the text; with what it has of it."""

    wf_uuid: str
    workflow: str | None
    name: str
    word: str
    transformation: str | None


class FoundWorkflow(msgspec.Struct, kw_only=True):
    """A workflow whose label, DAG, directory or reason has the text."""

    wf_uuid: str
    label: str | None
    state: str
    submit_dir: str | None
    started_ts: float | None


class Found(msgspec.Struct, kw_only=True):
    """What has the text. ``cut``: there is more than was asked for. ``unread``: databases that could not be asked."""

    workflows: list[FoundWorkflow] = []
    jobs: list[FoundJob] = []
    cut: bool = False
    unread: int = 0


async def search(
    ask: Asked,
    q: Annotated[str, QueryParameter(description="text, in upper or lower case", min_length=1, max_length=200)],
    limit: Annotated[int, QueryParameter(ge=1, le=200, description="of each kind at most")] = 20,
) -> Response[Found]:
    """Where a text occurs: labels and directories of workflows, names of jobs, what failed jobs printed."""
    return await ask.everywhere(functools.partial(_search, ask.asker, q, limit))


def _search(ask: Asker, q: str, limit: int, databases: Sequence[Database]) -> Found:
    scope = Scope() if ask.visitor.only_user is None else of_user(ask.visitor.only_user)
    found = Found()
    for database in databases:
        if not database.stamp():
            continue
        try:
            _search_in(database, scope, q, limit + 1, found, ask.at)
        except StampedeError:
            found.unread += 1
    found.cut = len(found.workflows) > limit or len(found.jobs) > limit
    found.workflows, found.jobs = found.workflows[:limit], found.jobs[:limit]
    return found


def _search_in(database: Database, scope: Scope, q: str, most: int, found: Found, at: float | None) -> None:
    with database.reader(again=at is None) as reader, everything_as_it_stood(reader, at):
        scope = scope_in(reader, database, scope, at)
        left = most - len(found.workflows)
        found.workflows += [FoundWorkflow(**row) for row in _rows(reader, "workflows", scope, q, FoundWorkflow, left)]
        left = most - len(found.jobs)
        found.jobs += [FoundJob(**row) for row in _rows(reader, "jobs", scope, q, FoundJob, left)]


def _rows(
    reader: Reader, name: str, scope: Scope, q: str, item: type[msgspec.Struct], limit: int
) -> list[dict[str, Any]]:  # fmt: skip
    if limit < 1:
        return []
    question = question_of(COLLECTIONS[name], scope, search=q, fields=item.__struct_fields__)
    return page(reader, question, limit=limit).items
