"""Lists: every collection of a workflow, and the workflows of all databases. Each collection has a handler made."""

from __future__ import annotations

import functools
from collections.abc import Callable, Coroutine, Sequence
from contextlib import ExitStack
from typing import Annotated, Any, Final
from urllib.parse import quote

from litestar import Response
from litestar.params import Parameter

from stampede.errors import NoDatabaseError, StampedeError, UnknownWorkflowError
from stampede.query.collections import (
    COLLECTIONS,
    Collection,
    Page,
    Question,
    Scope,
    of_user,
    of_workflow,
    page,
)
from stampede.query.collections import (
    ask as question_of,
)
from stampede.query.collections.many import page_of_many
from stampede.query.collections.order import read_order
from stampede.query.past import everything_as_it_stood
from stampede.query.workflows import Workflow
from stampede.service.asking import Ask, Encoder
from stampede.service.databases import Database
from stampede.service.forms import Form, arrow_of, csv_of, json
from stampede.service.parameters import Paging, Uuid
from stampede.service.view import View

Handler = Callable[..., Coroutine[Any, Any, Response[Any]]]
TABLES: Final[tuple[Form, ...]] = ("json", "csv", "arrow")
WORKFLOWS: Final = COLLECTIONS["workflows"]

Below = Annotated[bool, Parameter(description="of all sub-workflows too")]


async def workflows(ask: Ask, paging: Paging, below: Below = False) -> Response[Page[Any]]:
    """Workflows of all databases, those that were started last first; roots only, unless `below`."""
    asked = functools.partial(_workflows, ask, paging, below)
    return await ask.everywhere(asked, forms=TABLES, encoder=_encoder(ask, WORKFLOWS, paging))


workflows.__annotations__["return"] = Response[Page[WORKFLOWS.item]]  # type: ignore[name-defined]


def _workflows(ask: Ask, paging: Paging, below: bool, databases: Sequence[Database]) -> Page[Any]:
    wanted = list(paging.filters) if below else [*paging.filters, "parent_wf_uuid=null"]
    order = str(read_order(WORKFLOWS, paging.sort))
    names = {term.lstrip("+-") for term in order.split(",")}
    # ties are broken by uuid, so that rows of several databases have one order
    sort = order if "wf_uuid" in names else f"{order},wf_uuid"
    scope = Scope() if ask.visitor.only_user is None else of_user(ask.visitor.only_user)
    question = question_of(
        WORKFLOWS, scope, filter=wanted, sort=sort, fields=paging.fields, search=paging.q, mark=str(ask.at)
    )
    with ExitStack() as stack:
        asked: list[tuple[Any, Question]] = []
        for database in databases:
            try:
                reader = stack.enter_context(database.reader(again=ask.at is None))
            except NoDatabaseError:
                continue  # it was not written yet, or is gone: the others answer
            except StampedeError:
                if len(databases) == 1:
                    raise
                continue
            stack.enter_context(everything_as_it_stood(reader, ask.at))
            asked.append((reader, question))
        return page_of_many(asked, limit=paging.limit, after=paging.after)


async def workflow(ask: Ask, uuid: Uuid) -> Response[Any]:
    """One workflow: who and where it is, how it stands, its counts."""
    return await ask.workflow(uuid, _workflow)


workflow.__annotations__["return"] = Response[WORKFLOWS.item]  # type: ignore[name-defined]


def _workflow(view: View) -> Any:
    found = page(view.reader, question_of(WORKFLOWS, of_workflow(view.workflow)), limit=1).items
    if not found:
        raise UnknownWorkflowError(f"There is no workflow {view.workflow.wf_uuid}.")
    return found[0]


def lister(collection: Collection) -> Handler:
    """The handler of ``/workflows/{uuid}/NAME``."""

    async def handler(ask: Ask, uuid: Uuid, paging: Paging, below: Below = False) -> Response[Page[Any]]:
        asked = functools.partial(page_of, collection, paging, below)
        return await ask.workflow(uuid, asked, forms=TABLES, encoder=_encoder(ask, collection, paging))

    handler.__name__ = handler.__qualname__ = f"workflow_{collection.name}"
    handler.__doc__ = collection.note
    handler.__annotations__["return"] = Response[Page[collection.item]]  # type: ignore[name-defined]
    return handler


def page_of(collection: Collection, paging: Paging, below: bool, view: View) -> Page[Any]:
    """A page of what a workflow has, or it and all below it."""
    question = question_of(
        collection, scope_of(view.workflows if below else [view.workflow], below), filter=list(paging.filters),
        sort=paging.sort, fields=paging.fields, search=paging.q, mark=str(view.at),
    )  # fmt: skip
    return page(view.reader, question, limit=paging.limit, after=paging.after)


def scope_of(workflows: Sequence[Workflow], below: bool) -> Scope:
    """The scope of some workflows, the first of which is above the others."""
    if not below:
        return of_workflow(workflows[0])
    return Scope(name=f"forest:{workflows[0].wf_uuid}", workflows=tuple(w.wf_id for w in workflows))


def _encoder(ask: Ask, collection: Collection, paging: Paging) -> Encoder:
    """A page in the form that was asked for; the next one is named in the header Link (RFC 8288) too."""
    names = [n.strip() for n in paging.fields.split(",")] if paging.fields else []
    columns = [collection.by_name[n] for n in dict.fromkeys(names) if n in collection.by_name] or collection.columns
    path, query = ask.request.scope["path"], ask.request.scope["query_string"]

    def encode(value: Any, form: Form, headers: dict[str, str]) -> bytes:
        if value.next is not None:
            rest = b"&".join(p for p in query.split(b"&") if p and not p.startswith(b"after="))
            follow = quote(rest, safe="&=%<>!~,:+-._*;@/?") if rest else ""
            follow = follow.replace("<", "%3C").replace(">", "%3E")
            headers["link"] = f'<{quote(path)}?{follow}{"&" if follow else ""}after={value.next}>; rel="next"'
        if form == "csv":
            return csv_of(value, columns)
        return arrow_of(value, collection, columns) if form == "arrow" else json(value)

    return encode
