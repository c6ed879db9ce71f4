"""From what a user typed or a program names to a database and workflows in it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, NamedTuple, NoReturn

from stampede.errors import NoDatabaseError, StampedeError, UnknownWorkflowError
from stampede.query import Reader, open_database
from stampede.query.past import as_it_stood
from stampede.query.workflows import Workflow, find, list_workflows
from stampede.util import find_db

if TYPE_CHECKING:
    from stampede.query.registry import Entry

_HOW = "Name a submit directory, or a database with --db or STAMPEDE_DB."
_UNREGISTERED = "No workflow of that name is registered either (stampede registry)."


class Place(NamedTuple):
    """A database, and the workflows in it that are meant where the registry said so."""

    url: str
    uuids: tuple[str, ...] = ()


def database_of(db: str | None, name: str | None) -> str:
    """The URL: ``db`` if given, else the database of the submit directory (or of the current one), else that of the
    workflow which the registry has under this name.

    Raises NoDatabaseError when there is none, and UnknownWorkflowError when neither the current directory's database
    nor the registry has a workflow of that name.
    """
    return place_of(db, name).url


def place_of(db: str | None, name: str | None) -> Place:
    """The database, as :func:`database_of` finds it, and which workflows of it are meant where the registry says so."""
    if db:
        return Place(db)
    if name is None or os.path.exists(name):
        return _of_path(name)
    try:
        here = find_db(".")
    except NoDatabaseError:
        here = None
    trouble = _not_in(here, name) if here is not None else None
    if here is not None and trouble is None:
        return Place(here)
    return _registered(name) or _nowhere(name, trouble)


def _of_path(name: str | None) -> Place:
    """The database beside a path; one that lies elsewhere is known to the registry."""
    try:
        return Place(find_db(name or "."))
    except NoDatabaseError as e:
        known = _registered(name or ".")
        if known is not None:
            return known
        if name is not None:
            raise
        raise NoDatabaseError(f"The current directory has no database. {_HOW}") from e


def _not_in(url: str, name: str) -> StampedeError | None:
    """Why a database has no workflow of that name; None when it has one."""
    try:
        with open_database(url) as reader:
            find(reader, storable(name))
    except StampedeError as e:
        return e
    return None


def _registered(name: str) -> Place | None:
    """Where the watched workflow is that a name means, of several the one seen last; None when the name is unknown.

    A directory means all that were watched in it.

    Raises NoDatabaseError when its database is not where it was, UnknownWorkflowError when the start of a uuid is that
    of several.
    """
    from stampede.query.registry import is_there, look_up  # most questions are answered without it

    found = look_up(name)
    there = [e for e in found if is_there(e.db_url)]
    if not found:
        return None
    if not there:
        raise NoDatabaseError(_gone(found[0]))
    if len(there) > 1 and all(e.wf_uuid.startswith(name.lower()) for e in there):
        known = ", ".join(f"{e.wf_uuid[:13]} ({e.label or e.submit_dir})" for e in there[:5])
        raise UnknownWorkflowError(f"{name!r} is the start of {len(there)} uuids. Write more of it: {known}.")
    last = there[0]
    if name == last.label or last.wf_uuid.startswith(name.lower()):
        return Place(last.db_url, (last.wf_uuid,))
    return Place(last.db_url, tuple(e.wf_uuid for e in there if e.db_url == last.db_url))


def _gone(e: Entry) -> str:
    uuid = e.wf_uuid[:8]
    return (
        f"{e.label or 'The workflow'} ({uuid}) was watched on {e.host} in {e.submit_dir or 'no directory'}, "
        f"but {e.missing} ({e.db_url}). If it was moved: stampede registry relocate {uuid} NEW_DIR"
    )


def _nowhere(name: str, trouble: StampedeError | None) -> NoReturn:
    """Say that a name is known neither here nor to the registry."""
    if isinstance(trouble, UnknownWorkflowError):
        raise UnknownWorkflowError(f"{str(trouble).rstrip('.')}. {_UNREGISTERED}")
    if trouble is not None:
        raise trouble
    raise NoDatabaseError(f"{name!r} is no path, and the current directory has no database. {_UNREGISTERED} {_HOW}")


@contextmanager
def workflows_of(db: str | None, name: str | None, at: float | None = None) -> Iterator[tuple[Reader, list[Workflow]]]:
    """Open the database and find the workflows that a name means; all answers inside come from one state of it.

    With ``at`` they are those of that time, and the workflows those that had begun.
    """
    place = place_of(db, name)
    with ExitStack() as stack:
        reader = stack.enter_context(open_database(place.url))
        if name is not None and reader.is_adopted:
            place = _own_database(reader, place, name)
            if place.url != reader.url:
                reader = stack.enter_context(open_database(place.url))
        stack.enter_context(reader.snapshot())
        found = meant(reader, db, name, place.uuids)
        yield reader, stack.enter_context(as_it_stood(reader, found, at))


def _own_database(reader: Reader, place: Place, name: str) -> Place:
    """Where a workflow is that a master database of Pegasus only lists."""
    from stampede.query.foreign import entries
    from stampede.query.registry import holds

    named = {e.wf_uuid: e.db_url for e in entries(reader)}
    try:
        first = meant(reader, place.url, name, place.uuids)[0].wf_uuid if named else ""
    except UnknownWorkflowError:
        return place
    url = named.get(first)
    return Place(url, (first,)) if url is not None and holds(url, first) else place


def meant(reader: Reader, db: str | None, name: str | None, uuids: tuple[str, ...] = ()) -> list[Workflow]:
    """The workflows of an open database that are meant: ``uuids`` where they are known, else by name.

    Raises UnknownWorkflowError.
    """
    if uuids:
        return [w for uuid in uuids for w in find(reader, uuid)]
    if name is None:
        return find(reader, None) if db else _of_folder(reader, ".")
    if db is None and os.path.exists(name):
        return _of_folder(reader, storable(name))
    return find(reader, storable(name))


def storable(name: str) -> str:
    """A name as a database can hold it: bytes of the command line that are no UTF-8 become ``?``."""
    return name.encode("utf-8", "replace").decode()


def _of_folder(reader: Reader, name: str) -> list[Workflow]:
    """The workflows of a folder; since the database is the folder's own, all in it if the folder was moved."""
    try:
        return find(reader, name)
    except UnknownWorkflowError:
        roots = list_workflows(reader, limit=20)
        if not roots:
            raise
        return roots
