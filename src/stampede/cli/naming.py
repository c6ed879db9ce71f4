"""From what a user typed to a database and workflows in it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from stampede.errors import NoDatabaseError, UnknownWorkflowError
from stampede.query import Reader, open_database
from stampede.query.past import as_it_stood
from stampede.query.workflows import Workflow, find, list_workflows
from stampede.util import find_db


def database_of(db: str | None, name: str | None) -> str:
    """The URL: ``db`` if given, else the database of the submit directory (or of the current one).

    Raises NoDatabaseError when there is none.
    """
    if db:
        return db
    if name is not None and os.path.exists(name):
        return find_db(name)
    try:
        return find_db(".")
    except NoDatabaseError:
        what = f"{name!r} is no path, and the current" if name is not None else "The current"
        raise NoDatabaseError(
            f"{what} directory has no database. Name a submit directory, or a database with --db or STAMPEDE_DB."
        ) from None


@contextmanager
def workflows_of(db: str | None, name: str | None, at: float | None = None) -> Iterator[tuple[Reader, list[Workflow]]]:
    """Open the database and find the workflows that a name means; all answers inside come from one state of it.

    With ``at`` they are those of that time, and the workflows those that had begun.
    """
    with (
        open_database(database_of(db, name)) as reader,
        reader.snapshot(),
        as_it_stood(reader, _find(reader, db, name), at) as workflows,
    ):
        yield reader, workflows


def _find(reader: Reader, db: str | None, name: str | None) -> list[Workflow]:
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
