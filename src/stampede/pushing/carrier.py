"""Sends a spool to a bus: what the bus has confirmed is stored, as far as the spool is concerned."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Literal

from stampede.bus import Bus, BusError, BusFullError, Message, Publisher
from stampede.bus.message import MOST_RECORDS, batch, beat
from stampede.emit.client import Answer
from stampede.emit.receiver import Receiver
from stampede.emit.spool import Spool
from stampede.events.decoder import Decoder
from stampede.events.stream import encoder
from stampede.pushing.outbox import Target
from stampede.pushing.streams import taken_apart

_LOG = logging.getLogger("stampede.pushing")

Form = Literal["json", "bp", "bson"]
#: forms of single events, as ``--format`` and as streams call them
FORMS: Final[dict[str, str]] = {"json": "jsonl", "bp": "bp", "bson": "bson"}

#: a publisher that has nothing to say gives a sign of life so often, in seconds
BEAT_S: Final = 10.0
#: of so many workflows at most: those it told of last
_MOST_BEATS: Final = 100
#: a full bus is tried again after so long, in seconds
_FULL_S: Final = 1.0
_CONFIRMED: Final = "confirmed"


class BusTarget(Target, frozen=True, kw_only=True):
    """A bus that is sent to. ``single``: the form in which events are sent one by one, as Pegasus' monitor does."""

    bus: Bus
    single: Form | None = None
    #: a broker that is started again is on the same network: it is looked for more often than a server elsewhere
    retry_s: float = 5.0

    def check(self) -> None:
        """The bus was opened already."""

    def receiver(self, spool: Spool) -> Receiver:
        """Somebody who publishes what is in a spool."""
        return Carrier(self.bus, spool, self.single)

    @property
    def by_root(self) -> bool:
        """Loaders share what comes by root workflow."""
        return True


class Carrier:
    """Publishes records of a spool, in messages of at most 500 records of one root workflow each."""

    idle_s: float | None = BEAT_S

    def __init__(self, bus: Bus, spool: Spool, single: Form | None = None) -> None:
        self._bus = bus
        self._spool = spool
        self._single = _Singles(FORMS[single]) if single is not None else None
        self._publisher: Publisher | None = None
        self._confirmed = _Confirmed(spool.folder / _CONFIRMED)
        #: the number of the last record of each root that was confirmed, the latest last
        self._last: dict[str, int] = {}

    def stored(self, source: str) -> Answer:
        """What was confirmed before; records that are not here any more were."""
        number = max(self._confirmed.read(), self._spool.first - 1)
        return Answer(stored=number - self._spool.label.base)

    def send(self, source: str, first: int, records: list[bytes]) -> Answer:
        """Publish records and wait until the bus has them."""
        lines = [taken_apart(record) for record in records]
        messages = list(self._single.messages(lines) if self._single is not None else _batches(source, lines))
        try:
            if self._publisher is None:
                self._publisher = self._bus.publisher()
            self._publisher.publish(messages)
        except BusFullError as e:
            return Answer(trouble=str(e), wait_s=_FULL_S)
        except BusError as e:
            self.close()
            return Answer(trouble=str(e))
        except Exception as e:  # a driver's defect must not end the thread that sends
            self.close()
            return Answer(trouble=f"{self._bus.name}: {type(e).__name__}: {e}")
        for root, number, _ in lines:
            self._last.pop(root, None)
            self._last[root] = number
        last = first + len(records) - 1
        self._confirmed.write(last + self._spool.label.base)
        return Answer(stored=last)

    def idle(self) -> None:
        """A sign of life."""
        if self._publisher is None:
            return
        self._publisher.idle()
        if self._single is None:
            source = self._spool.label.source
            try:
                self._publisher.publish([beat(source, r, n + 1) for r, n in list(self._last.items())[-_MOST_BEATS:]])
            except BusError:
                self.close()

    def close(self) -> None:
        """Leave the bus."""
        publisher, self._publisher = self._publisher, None
        if publisher is not None:
            try:
                publisher.close()
            except Exception:  # also called from another thread, when a publish hangs
                _LOG.debug("the bus was left in disorder", exc_info=True)


def _batches(source: str, lines: list[tuple[str, int, bytes]]) -> Iterator[Message]:
    """Records as messages: in order for each root, as few as can be."""
    by_root: dict[str, list[tuple[int, bytes]]] = {}
    for root, number, line in lines:
        by_root.setdefault(root, []).append((number, line))
    for root, some in by_root.items():
        for at in range(0, len(some), MOST_RECORDS):
            part = some[at : at + MOST_RECORDS]
            yield batch(source, root, part[0][0], [line for _, line in part])


class _Singles:
    """Messages as Pegasus' monitor sends them: an event each, its name as routing key, no number."""

    def __init__(self, form: str) -> None:
        self._form = form
        self._encode = encoder(form, "current", pure=True)

    def messages(self, lines: list[tuple[str, int, bytes]]) -> Iterator[Message]:
        """The messages of records; of what Pegasus has no event for there is none."""
        for root, _, line in lines:
            decoder = Decoder("jsonl")
            for events, _ in (*decoder.feed(line + b"\n"), *decoder.finish()):
                for event in events:
                    body = self._encode(event)
                    if body:
                        plain = body if self._form == "bson" else body.rstrip(b"\n")
                        yield Message(key=event.NAME, root=root, form=self._form, body=plain)


class _Confirmed:
    """The number of the last record that the bus has, in a file beside the spool.

    It is written without waiting for the disk: after a power cut some records are sent again, which does no harm.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> int:
        try:
            return int(self._path.read_text())
        except (OSError, ValueError):
            return 0

    def write(self, number: int) -> None:
        new = self._path.with_suffix(".new")
        try:
            new.write_text(str(number))
            os.replace(new, self._path)
        except OSError:
            pass
