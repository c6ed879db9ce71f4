"""How a question becomes an answer, in a thread of the service or in a process that reads for it.

A :class:`Work` goes from one process to another by pickle: what is asked and what encodes it are functions of modules,
or ``functools.partial`` of such, and collections and databases are named. Nothing of a request is in it but what the
answer depends on.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Final, TypeVar

import msgspec

from stampede.errors import UnknownWorkflowError
from stampede.query.past import as_it_stood
from stampede.query.workflows import of_uuid
from stampede.service.databases import Database, Databases
from stampede.service.forms import MEDIA, Form
from stampede.service.kept import Answer
from stampede.service.view import View
from stampede.service.visitor import Visitor

T = TypeVar("T")
#: how an answer becomes bytes in a form; may add headers
Encoder = Callable[[Any, Form, dict[str, str]], bytes]


class Asker(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks, and as of when (epoch seconds; None: now)."""

    visitor: Visitor
    at: float | None = None


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """A question on its way. ``question`` is given a :class:`View` of the workflow ``uuid`` in the database
    ``urls[0]``; without ``uuid`` the list of all these databases. ``elsewhere`` are the workflows that a database only
    lists. ``remembers``: what was found out for one such question is used by the next: one process answers all of them.
    """

    urls: tuple[str, ...]
    uuid: str | None = None
    elsewhere: dict[str, tuple[str, ...]] = {}
    asker: Asker
    question: Callable[[Any], Any]
    form: Form
    encoder: Encoder
    remembers: bool = False


def answered(work: Work, databases: Databases) -> Answer:
    """The answer, encoded. Raises StampedeError."""
    began = time.monotonic()
    if work.uuid is not None:
        value = asked(databases, databases.at(work.urls[0]), work.uuid, work.asker, work.question)
    else:
        value = work.question([_with(databases.at(url), work.elsewhere.get(url, NOWHERE)) for url in work.urls])
    headers: dict[str, str] = {}
    body = work.encoder(value, work.form, headers)
    return Answer(
        body=body, media_type=MEDIA[work.form], headers=headers, took_s=time.monotonic() - began
    )  # fmt: skip


NOWHERE: Final[tuple[str, ...]] = ()


def _with(database: Database, elsewhere: tuple[str, ...]) -> Database:
    if database.elsewhere != elsewhere:
        database.elsewhere = elsewhere
    return database


def asked(
    databases: Databases, database: Database, uuid: str, asker: Asker, question: Callable[[View], T]
) -> T:  # fmt: skip
    """What a question says about a workflow of a database. Raises UnknownWorkflowError, also when it is not theirs."""
    with database.reader(again=asker.at is None) as reader:
        found = of_uuid(reader, uuid)
        if found is None or not asker.visitor.may_see(found.user):
            databases.forget(uuid)
            raise UnknownWorkflowError(f"There is no workflow {uuid[:60]}.")
        with as_it_stood(reader, [found], asker.at) as then:
            if not then:
                raise UnknownWorkflowError(f"The workflow {uuid[:60]} had not begun at that time.")
            return question(View(reader, then[0], asker.at, databases))
