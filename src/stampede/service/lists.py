"""Lists: every collection of a workflow, and the workflows of all databases. Each collection has a handler made."""

from __future__ import annotations

import functools
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import ExitStack
from typing import Annotated, Any, Final
from urllib.parse import quote

from litestar import Response
from litestar.params import QueryParameter
from msgspec import structs

from stampede.errors import StampedeError, UnknownWorkflowError
from stampede.query import Reader
from stampede.query.collections import (
    COLLECTIONS,
    EVERYTHING,
    Collection,
    Page,
    Question,
    Scope,
    merged_count,
    merged_page,
    of_user,
    of_workflow,
    page,
)
from stampede.query.collections import (
    ask as question_of,
)
from stampede.query.past import everything_as_it_stood
from stampede.query.workflows import Workflow, list_workflows
from stampede.service.answering import Asker, Encoder
from stampede.service.asking import Ask
from stampede.service.databases import Database
from stampede.service.forms import Form, arrow_of, csv_of, json_of
from stampede.service.parameters import Asked, Paged, Paging, Uuid
from stampede.service.view import View

Handler = Callable[..., Coroutine[Any, Any, Response[Any]]]
TABLES: Final[tuple[Form, ...]] = ("json", "csv", "arrow")
WORKFLOWS: Final = COLLECTIONS["workflows"]

Below = Annotated[bool, QueryParameter(description="of all sub-workflows too")]


def everywhere(collection: Collection) -> Handler:
    """The handler of ``/NAME``: the list over all databases."""

    async def handler(ask: Asked, paging: Paged) -> Response[Page[Any]]:
        asked = functools.partial(_everywhere, collection.name, ask.asker, paging)
        return await ask.everywhere(asked, forms=TABLES, encoder=_encoder(ask, collection, paging))

    handler.__name__ = handler.__qualname__ = collection.name
    handler.__doc__ = f"{collection.note} Of all databases."
    handler.__annotations__["return"] = Response[Page[collection.item]]  # type: ignore[name-defined]
    return handler


def _everywhere(name: str, ask: Asker, paging: Paging, databases: Sequence[Database]) -> Page[Any]:
    question = question_of(
        COLLECTIONS[name], _scope_of(ask), filter=list(paging.filters), sort=paging.sort, fields=paging.fields,
        search=paging.q, mark=str(ask.at),
    )  # fmt: skip
    question.plain = True
    with ExitStack() as stack:
        parts = [(r, structs.replace(question, scope=own)) for r, own in each(ask, databases, stack)]
        return _counted(parts, merged_page(parts, limit=paging.limit, after=paging.after), paging)


def _counted(parts: list[tuple[Reader, Question]], found: Page[Any], paging: Paging) -> Page[Any]:
    """The page with its total, where that was asked for and is not too much to count."""
    if paging.with_total and found.total is None:
        total = merged_count(parts)
        found.total = total.value if total.exact else None
    return found


def each(ask: Asker, databases: Sequence[Database], stack: ExitStack) -> Iterator[tuple[Reader, Scope]]:
    """A reader of each database as of the time that is asked about, and what of it the visitor may see, until the stack
    is left."""
    scope = _scope_of(ask)
    for database in databases:
        try:
            reader = stack.enter_context(database.reader(again=ask.at is None))
        except StampedeError:
            if len(databases) == 1 and database.stamp():
                raise
            continue  # one that is not there yet, or cannot be read, hides only its own rows
        stack.enter_context(everything_as_it_stood(reader, ask.at))
        yield reader, scope_in(reader, database, scope, ask.at)


def _scope_of(ask: Asker) -> Scope:
    return EVERYTHING if ask.visitor.only_user is None else of_user(ask.visitor.only_user)


def scope_in(reader: Reader, database: Database, scope: Scope, at: float | None) -> Scope:
    """The scope without what the database only lists, and at a time without what had not begun: views over its tables
    hide those workflows, but not their plans."""
    if database.elsewhere:
        scope = structs.replace(scope, without=database.elsewhere)
    if at is not None:
        begun = list_workflows(reader, sub=True, limit=1 << 62)
        scope = structs.replace(scope, workflows=tuple(w.wf_id for w in begun))
    return scope


async def workflow(ask: Asked, uuid: Uuid) -> Response[Any]:
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

    async def handler(ask: Asked, uuid: Uuid, paging: Paged, below: Below = False) -> Response[Page[Any]]:
        asked = functools.partial(_of_workflow, collection.name, paging, below)
        return await ask.workflow(uuid, asked, forms=TABLES, encoder=_encoder(ask, collection, paging))

    handler.__name__ = handler.__qualname__ = f"workflow_{collection.name}"
    handler.__doc__ = collection.note
    handler.__annotations__["return"] = Response[Page[collection.item]]  # type: ignore[name-defined]
    return handler


def _of_workflow(name: str, paging: Paging, below: bool, view: View) -> Page[Any]:
    return page_of(COLLECTIONS[name], paging, below, view)


def page_of(collection: Collection, paging: Paging, below: bool, view: View) -> Page[Any]:
    """A page of what a workflow has, or it and all below it."""
    question = question_of(
        collection, scope_of(view.workflows if below else [view.workflow], below), filter=list(paging.filters),
        sort=paging.sort, fields=paging.fields, search=paging.q, mark=str(view.at),
    )  # fmt: skip
    question.plain = True
    found = page(view.reader, question, limit=paging.limit, after=paging.after)
    return _counted([(view.reader, question)], found, paging)


def scope_of(workflows: Sequence[Workflow], below: bool) -> Scope:
    """The scope of some workflows, the first of which is above the others."""
    if not below:
        return of_workflow(workflows[0])
    return Scope(name=f"forest:{workflows[0].wf_uuid}", workflows=tuple(w.wf_id for w in workflows))


def _encoder(ask: Ask, collection: Collection, paging: Paging) -> Encoder:
    """A page in the form that was asked for; the next one is named in the header Link (RFC 8288) too."""
    scope = ask.request.scope
    return functools.partial(_encoded, collection.name, paging, scope["path"], scope["query_string"])


def _encoded(
    name: str, paging: Paging, path: str, query: bytes, value: Any, form: Form, headers: dict[str, str]
) -> bytes:  # fmt: skip
    collection = COLLECTIONS[name]
    names = [n.strip() for n in paging.fields.split(",")] if paging.fields else []
    columns = [collection.by_name[n] for n in dict.fromkeys(names) if n in collection.by_name] or collection.columns
    if value.next is not None:
        rest = b"&".join(p for p in query.split(b"&") if p and not p.startswith(b"after="))
        follow = quote(rest, safe="&=%<>!~,:+-._*;@/?") if rest else ""
        follow = follow.replace("<", "%3C").replace(">", "%3E")
        headers["link"] = f'<{quote(path)}?{follow}{"&" if follow else ""}after={value.next}>; rel="next"'
    if form == "csv":
        return csv_of(value, columns)
    return arrow_of(value, columns) if form == "arrow" else json_of(value, columns)
