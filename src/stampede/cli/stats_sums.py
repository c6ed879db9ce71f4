"""From what a user named to sums: several names may lie in several databases."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from stampede.analysis.statistics.report import Sums
from stampede.api.sums import sums_of
from stampede.cli.naming import workflows_of
from stampede.errors import NoDatabaseError, UnknownWorkflowError, UsageError
from stampede.query import Reader, open_database
from stampede.query.past import everything_as_it_stood
from stampede.query.statistics.scope import Scope, scope
from stampede.query.workflows import Workflow, list_workflows


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """Which workflows, when, and what of them: ``each`` apart, in which sections."""

    names: tuple[str, ...]
    every: bool
    db: str | None
    at: float | None
    each: bool
    sections: frozenset[str]
    by_host: bool = False


def _named(asked: Asked) -> Iterator[tuple[Reader, list[Workflow]]]:
    """Every database with the roots in it that are meant, each root once; a database is open while it is looked at."""
    seen: set[str] = set()

    def fresh(roots: list[Workflow]) -> list[Workflow]:
        own = [w for w in roots if w.wf_uuid not in seen]
        seen.update(w.wf_uuid for w in own)
        return own

    if asked.every:
        for url in _databases(asked.db):
            with open_database(url) as reader, reader.snapshot(), everything_as_it_stood(reader, asked.at):
                yield reader, fresh(list_workflows(reader, limit=1 << 62))
        return
    for name in asked.names or (None,):
        with workflows_of(asked.db, name, asked.at) as (reader, roots):
            yield reader, fresh(roots)


def _databases(db: str | None) -> list[str]:
    """The database that is named, else that of the current directory, else those of all registered workflows."""
    from stampede.util import find_db

    if db is not None:
        return [db]
    try:
        return [find_db(".")]
    except NoDatabaseError:
        from stampede.query.registry import databases

        known = databases()
        if not known:
            raise
        return known


def gather(asked: Asked) -> list[Sums]:
    """What was asked for, a part for each database (or name). Raises UnknownWorkflowError when nothing was meant."""
    parts = []
    for reader, roots in _named(asked):
        if roots:
            with scope(reader, roots, each=asked.each) as one:
                parts.append(sums_of(one, asked.sections, each=asked.each, by_host=asked.by_host))
    if not parts and asked.at is None:
        raise UnknownWorkflowError("There is no workflow in the database.")
    return parts


def together(parts: Sequence[Sums]) -> Sums:
    """The sums of all databases as one list each."""
    lists = {name: [x for part in parts for x in getattr(part, name)] for name in Sums.__struct_fields__[1:]}
    return Sums(missing=sum(part.missing for part in parts), **lists)


def scopes(asked: Asked) -> Iterator[Scope]:
    """The databases one after the other, to ask for their tries one by one."""
    for reader, roots in _named(asked):
        if roots:
            with scope(reader, roots, add_up=False) as one:
                yield one


def check_names(names: Sequence[str], every: bool) -> None:
    """Names and ``--all`` exclude each other. Raises UsageError."""
    if names and every:
        raise UsageError("Name workflows or give --all, not both.")
