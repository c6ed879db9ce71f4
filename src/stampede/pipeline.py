"""The whole flow wired in reading order; the only module that knows all parts.

::

    sources ─► events ─► store                      :func:`load`
    sources ─► events ─► text                       :func:`stream`, :func:`encoded`
    sources ─► events ─► schema                     :func:`validate`
               summaries ─► store                   :func:`rebuild_summaries`
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import msgspec

from stampede.errors import InputError
from stampede.events.base import Event
from stampede.events.catalogue import Problem
from stampede.events.decoder import Decoder
from stampede.events.faults import Fault, Faults
from stampede.events.stream import encoder
from stampede.sources.base import Batch, Source, several_processes
from stampede.sources.event_file import EventFile
from stampede.sources.open import open_source
from stampede.sources.process import ProcessSource
from stampede.store.loader import Loader, Position
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

    Raises InputError when a path holds nothing that can be read, DatabaseError when the database cannot be written.
    """
    for path in paths:
        open_source(path, strict=strict)  # a wrong path is refused before anything is written
    result = Loaded()
    with Loader(url) as loader:
        for path in paths:
            _load_one(_open(path, strict, loader.marks()), loader, result, progress)
    if not result.events and not result.skipped:
        raise InputError(f"{', '.join(str(p) for p in paths)}: there was no event to load.")
    return result


def _open(path: Path, strict: bool, marks: dict[str, int]) -> Source:
    source = open_source(path, strict=strict, marks=marks)
    return ProcessSource(path, strict=strict, marks=marks) if several_processes(source.size) else source


#: events per transaction of a load; a job's rows are written once when all its events fall into one
TRANSACTION = 20_000


def _merged(batches: Iterator[Batch]) -> Iterator[Batch]:
    """Batches of one source that follow each other, put together to about ``TRANSACTION`` events."""
    held: Batch | None = None
    for batch in batches:
        if held is not None and held.source == batch.source and len(held.events) < TRANSACTION:
            held.events += batch.events
            held.end, held.final = batch.end, batch.final
            continue
        if held is not None:
            yield held
        held = batch
    if held is not None:
        yield held


def _load_one(source: Source, loader: Loader, result: Loaded, progress: Progress | None) -> None:
    for batch in _merged(_news(source, loader, result)):
        position = Position(batch.source, batch.end, batch.inode, batch.size, batch.final)
        result.events += loader.apply(batch.events, position)
        if progress is not None:
            progress(source.done, source.size, result.events + result.skipped)


def _news(source: Source, loader: Loader, result: Loaded) -> Iterator[Batch]:
    """The batches that the database does not have."""
    positions: dict[str, Position | None] = {}
    for batch in source.batches():
        _note(batch.events, result)
        if batch.source not in positions:
            positions[batch.source] = loader.position(batch.source)
        if _is_known(batch, positions[batch.source]):
            result.skipped += len(batch.events)
        else:
            yield batch


def _is_known(batch: Batch, position: Position | None) -> bool:
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
    pure = dialect == "pegasus"
    encode = encoder(form, "current" if pure else dialect, pure=pure)
    for event in events:
        yield encode(event)


class Validation(msgspec.Struct):
    """What the schema says of a stream: events by name, and what was wrong with them.

    Faults of the kind ``reject`` are records that could not be used.
    """

    events: dict[str, int] = {}
    faults: list[Fault] = []

    @property
    def rejected(self) -> int:
        return sum(f.count for f in self.faults if f.kind == "reject")


def validate(path: Path) -> Validation:
    """Check an event file, or the events that a submit directory gives, against the schema.

    Raises InputError when the path holds nothing that can be read.
    """
    source = open_source(path)
    result = Validation()
    if isinstance(source, EventFile):
        faults = _validate_file(source, result)
    else:
        faults = _validate_stream((e for batch in source.batches() for e in batch.events), result)
    result.faults += faults
    return result


def _validate_file(source: EventFile, result: Validation) -> Faults:
    """The reader of event files checks all that it reads; records that are no events at all it reports as problems."""
    for batch in source.batches():
        for event in batch.events:
            if isinstance(event, Problem) and event.file == source.path.name:
                if event.kind not in _COUNTED_AS_FAULTS:
                    _add(result.faults, Fault("*", "*", "reject", event.kind, event.message[:120], 1))
            else:
                result.events[event.NAME] = result.events.get(event.NAME, 0) + 1
    return source.faults


#: problems of the decoder for which it notes a fault as well
_COUNTED_AS_FAULTS = frozenset({"unplaceable", "unknown_event"})


def _add(faults: list[Fault], fault: Fault) -> None:
    same = next((f for f in faults if f.message == fault.message), None)
    if same is None:
        faults.append(fault)
    else:
        same.count += 1


def _validate_stream(events: Iterable[Event], result: Validation) -> Faults:
    """Events that were made here are written and read again, so that they pass the same checks."""
    encode = encoder("jsonl")
    decoder = Decoder("jsonl")
    for event in events:
        for _ in decoder.feed(encode(event)):
            pass
        result.events[event.NAME] = result.events.get(event.NAME, 0) + 1
    for _ in decoder.finish():
        pass
    return decoder.faults


__all__ = [
    "Event",
    "Fault",
    "Loaded",
    "Problem",
    "Progress",
    "Validation",
    "encoded",
    "load",
    "rebuild_summaries",
    "stream",
    "validate",
]
