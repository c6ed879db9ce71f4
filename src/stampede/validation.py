"""What the schema says of events: ``sources ─► events ─► schema``, beside the pipeline that stores them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import msgspec

from stampede.events.base import Event
from stampede.events.catalogue import Problem
from stampede.events.decoder import Decoder
from stampede.events.faults import Fault, Faults
from stampede.events.stream import encoder
from stampede.sources.event_file import EventFile
from stampede.sources.open import open_source


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
