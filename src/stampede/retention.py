"""Deletes runs that are old, from one database or from all that the registry knows.

::

    query.aging ─► leases ─► archive_first ─► store.retiring ─► registry ─► store.compacting

A run that is running, watched, or read by another process right now is kept, and the answer says why.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Literal

import msgspec

from stampede.errors import BusyError, DatabaseError, StampedeError, UsageError
from stampede.query import open_database
from stampede.query.aging import Aged, aged, under_way
from stampede.query.registry import absolute, databases, watchers
from stampede.sources.roots import owned_names
from stampede.store.compacting import compact
from stampede.store.connection import Connection, open_writer
from stampede.store.lease import Leases, myself
from stampede.store.registry import Registry
from stampede.store.retiring import ChangedError, retire, strike_files

#: stores runs (of a database, by uuid of the root) elsewhere; gives those that are there now and were read back
ArchiveFirst = Callable[[str, Sequence[str]], Collection[str]]
#: called with each answer
Told = Callable[["Retained"], None]

Outcome = Literal["deleted", "would be deleted", "kept"]


class Retained(msgspec.Struct, kw_only=True):
    """What became of an old run; ``reason`` says why it was kept, or that a deletion was taken up again."""

    db_url: str
    run: Aged
    outcome: Outcome
    reason: str = ""


class Retention(msgspec.Struct, kw_only=True):
    """What became of all old runs; ``freed_bytes`` is what files became smaller by, ``troubles`` databases that could
    not be looked at or written, each with the reason."""

    runs: list[Retained] = []
    freed_bytes: int = 0
    troubles: dict[str, str] = {}

    def count(self, outcome: Outcome) -> int:
        """How many runs came to that."""
        return sum(one.outcome == outcome for one in self.runs)


def retain(
    urls: Sequence[str] | None, *, before_ts: float, label: str | None = None, states: Sequence[str] = (),
    archive_first: ArchiveFirst | None = None, dry_run: bool = False, smaller: bool = False, told: Told | None = None,
) -> Retention:  # fmt: skip
    """Delete the runs whose last record is from before ``before_ts``; ``urls`` None: of all databases of the registry.

    With ``archive_first`` only those that it has stored. With ``smaller`` the room is given back to the file system.
    Raises UsageError for a state that is never deleted; what is wrong with one database does not keep the others.
    """
    if "running" in states:
        raise UsageError("A running workflow is never deleted. Name states that have ended.")
    answer = Retention()
    watched = {uuid for watcher in watchers() for uuid in watcher.wf_uuids}
    for url in databases() if urls is None else urls:
        try:
            for one in _of_database(url, before_ts, label, states, watched, archive_first, dry_run=dry_run):
                answer.runs.append(one)
                if told is not None:
                    told(one)
            if smaller and not dry_run:
                answer.freed_bytes += compact(url)
        except StampedeError as e:
            answer.troubles[url] = str(e)
    return answer


def _of_database(
    url: str, before_ts: float, label: str | None, states: Sequence[str], watched: set[str],
    archive_first: ArchiveFirst | None, *, dry_run: bool,
) -> Iterator[Retained]:  # fmt: skip
    with open_database(url) as reader, reader.snapshot():
        if reader.is_adopted:
            raise DatabaseError(f"{url} was written by Pegasus; only databases of Stampede are changed.")
        old = aged(reader, before_ts=before_ts, label=label, states=states)
        begun = under_way(reader)
        known = {one.wf_uuid for one in old}
        old += aged(reader, before_ts=before_ts, uuids=[uuid for uuid in begun if uuid not in known])
    free = [one for one in old if one.state != "running" and one.wf_uuid not in watched]
    for one in old:
        if one not in free:
            yield Retained(db_url=url, run=one, outcome="kept", reason=_why(one))
    if dry_run or not free:
        yield from (Retained(db_url=url, run=one, outcome="would be deleted") for one in free)
        return
    fresh = [one.wf_uuid for one in free if one.wf_uuid not in begun]
    stored = set(archive_first(url, fresh)) if archive_first is not None and fresh else set(fresh)
    with closing(open_writer(url)) as connection:
        for one in free:
            if one.wf_uuid in stored or one.wf_uuid in begun:
                yield _delete(connection, url, one, begun)
            else:
                yield Retained(db_url=url, run=one, outcome="kept", reason="it is not in the archive")
        strike_files(connection)


def _why(one: Aged) -> str:
    if one.state == "running":
        return "it is running, as far as the database knows; watch or load it once more if it is not"
    return "it is being watched"


def _delete(connection: Connection, url: str, one: Aged, begun: Collection[str]) -> Retained:
    try:
        with _owned(connection, one) as leases:
            gone = retire(connection, one.wf_uuid, last_ts=one.last_ts, guard=leases.guard)
    except (BusyError, ChangedError) as e:
        return Retained(db_url=url, run=one, outcome="kept", reason=str(e))
    again = "a deletion that was interrupted is complete now" if one.wf_uuid in begun else ""
    return Retained(db_url=url, run=one, outcome="deleted", reason=_strike(url, gone) or again)


@contextmanager
def _owned(connection: Connection, one: Aged) -> Iterator[Leases]:
    """Nobody reads the directory into the database meanwhile."""
    names = [name for folder, dag in one.folders
             for name in [*owned_names(Path(folder)), *([f"{folder}/{dag}.dagman.out"] if dag else [])]]  # fmt: skip
    leases = Leases(connection, names, myself("retain"))
    leases.take()
    try:
        yield leases
    finally:
        leases.release()


def _strike(url: str, uuids: Collection[str]) -> str:
    """Take what was deleted out of the registry, unless it is in another database as well; the trouble with that."""
    try:
        with Registry.open() as registry:
            for entry in registry.workflows():
                if entry.wf_uuid in uuids and entry.db_url == absolute(url):
                    registry.forget(entry.wf_uuid)
    except DatabaseError as e:
        return f"it is still in the registry: {e}"
    return ""
