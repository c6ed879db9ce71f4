"""The whole flow wired in reading order; the only module that knows all parts.

::

    sources ─► events ─► store ─► judging ─► store  :func:`load`
    sources ─► events ─► text                       :func:`stream`, :func:`encoded`
               summaries ─► store                   :func:`rebuild_summaries`
               tables    ─► another revision        :func:`upgrade`, :func:`downgrade`
               states    ─► months                  :func:`partition`
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import msgspec

from stampede.errors import InputError
from stampede.events.base import Event
from stampede.events.catalogue import Problem
from stampede.judging import judge_run, root_uuids
from stampede.sources.base import BATCH, Batch, Source
from stampede.sources.fork import several_processes
from stampede.sources.open import open_source
from stampede.sources.process import ProcessSource
from stampede.sources.roots import owned_names
from stampede.store.connection import open_writer
from stampede.store.lease import Leases, myself
from stampede.store.loader import Loader, Position
from stampede.store.migrations.moving import Told
from stampede.store.migrations.plan import Step
from stampede.store.migrations.verbs import Lost, Moved, downgrade, upgrade
from stampede.store.months.verbs import AHEAD, Partitioned, Way, make_by_month, months, partition
from stampede.store.rebuild import rebuild_summaries

#: called after each batch with (bytes read, bytes in all, events so far)
Progress = Callable[[int, int, int], None]


class Loaded(msgspec.Struct):
    """What a load did: events written and passed over (already there), workflows met, problems by kind."""

    events: int = 0
    skipped: int = 0
    workflows: list[str] = []
    problems: dict[str, int] = {}
    first_problems: list[Problem] = []


def load(paths: list[Path], url: str, *, strict: bool = False, progress: Progress | None = None) -> Loaded:
    """Read everything the paths hold into the database; what is there already is not written twice.

    Raises InputError when a path holds nothing that can be read, BusyError when another process reads one of them into
    that database, DatabaseError when the database cannot be written.
    """
    sources = [open_source(path, strict=strict) for path in paths]  # a wrong path is refused before anything is written
    result = Loaded()
    with Loader(url) as loader:
        for path, source in zip(paths, sources, strict=True):
            leases = Leases(loader.connection, owned_names(path), myself("load"))
            leases.take()
            try:
                source.marks = loader.marks()
                before, result.workflows = result.workflows, []
                _load_one(_reader(source), loader, leases, result, progress)
                judge(url, result.workflows, loader, leases)
                result.workflows = list(dict.fromkeys([*before, *result.workflows]))
            finally:
                leases.release()
    if not result.events and not result.skipped:
        raise InputError(f"{', '.join(str(p) for p in paths)}: there was no event to load.")
    return result


def make_database(url: str, *, by_month: bool = False) -> None:
    """Make the tables of a database that has none, where that is wanted with states in partitions by month.

    Raises UsageError where there can be no partitions, or states are there that have none; DatabaseError,
    FutureDatabaseError.
    """
    if by_month:
        make_by_month(url)
    else:
        open_writer(url).close()


def judge(url: str, wf_uuids: list[str], loader: Loader, leases: Leases) -> None:
    """Make the anomalies of these workflows' runs those that their stored tries give."""
    for uuid in root_uuids(url, wf_uuids):
        events = judge_run(url, uuid)
        if events:
            loader.apply_all([(events, None)], guard=leases.guard)


def _reader(source: Source) -> Source:
    return ProcessSource(source) if several_processes(source.size) else source


#: events per transaction of a load; a job's rows are written once when all its events fall into one
TRANSACTION = 20_000


def _merged(batches: Iterator[Batch]) -> Iterator[Batch]:
    """Batches of one source that follow each other, put together to about ``TRANSACTION`` events.

    The first ones are smaller: while they are written, more is read.
    """
    held: Batch | None = None
    enough = BATCH
    for batch in batches:
        if held is not None and held.source == batch.source and len(held.events) < enough:
            held.events += batch.events
            held.end, held.final = batch.end, batch.final
            continue
        if held is not None:
            yield held
            enough = min(2 * enough, TRANSACTION)
        held = batch
    if held is not None:
        yield held


def _load_one(source: Source, loader: Loader, leases: Leases, result: Loaded, progress: Progress | None) -> None:
    for batch in _merged(_news(source, loader, result)):
        position = Position(batch.source, batch.end, batch.inode, batch.size, batch.final)
        result.events += loader.apply_all([(batch.events, position)], guard=leases.guard)
        if progress is not None:
            progress(source.done, source.size, result.events + result.skipped)


def _news(source: Source, loader: Loader, result: Loaded) -> Iterator[Batch]:
    """The batches that the database does not have."""
    positions: dict[str, Position | None] = {}
    for batch in source.batches():
        _note(batch.events, result)
        if batch.source not in positions:
            positions[batch.source] = loader.position(batch.source)
        if is_known(batch, positions[batch.source]):
            result.skipped += len(batch.events)
        else:
            yield batch


def is_known(batch: Batch, position: Position | None) -> bool:
    """Whether the database has this batch: same file, and read at least so far.

    What is counted in events, not in bytes (its name has a ``#``), is known only while its files are the same.
    """
    if position is None or position.inode != batch.inode or batch.end > position.offset:
        return False
    return "#" not in os.path.basename(batch.source) or position.size == batch.size


def _note(events: list[Event], result: Loaded) -> None:
    for event in events:
        if event.__class__ is Problem and isinstance(event, Problem):
            result.problems[event.kind] = result.problems.get(event.kind, 0) + 1
            if len(result.first_problems) < 20 and event.severity != "info":
                result.first_problems.append(event)
        elif event.xwf_id is not None and event.xwf_id not in result.workflows:
            result.workflows.append(event.xwf_id)


def stream(paths: list[Path], *, strict: bool = False) -> Iterator[Event]:
    """All events of the paths, one after the other, as a load would write them."""
    for path in paths:
        for batch in open_source(path, strict=strict).batches():
            yield from batch.events


def encoded(events: Iterable[Event], form: str, dialect: str) -> Iterator[bytes]:
    """Events as bytes of a stream: ``form`` bp, jsonl or bson; ``dialect`` current, seed or pegasus.

    ``pegasus`` is current without what only Stampede knows. Raises UsageError for anything else.
    """
    from stampede.events.stream import encoder  # its validators are a third of the time that a load takes to start

    pure = dialect == "pegasus"
    encode = encoder(form, "current" if pure else dialect, pure=pure)
    for event in events:
        yield encode(event)


__all__ = [
    "AHEAD",
    "Event",
    "Loaded",
    "Lost",
    "Moved",
    "Partitioned",
    "Problem",
    "Progress",
    "Step",
    "Told",
    "Way",
    "downgrade",
    "encoded",
    "load",
    "months",
    "partition",
    "rebuild_summaries",
    "stream",
    "upgrade",
]
