"""The loader: takes messages from a bus, has them stored, and tells the bus only then.

What is not told of comes again, to this loader or to another: what is known already is passed over by its numbers, and
where a sender does not number, by the events themselves, whose writes are idempotent.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from typing import Final

import msgspec

from stampede.bus import LOADERS, WHOLE, Bus, BusError, Consumer, Delivery, Part
from stampede.consuming.contents import PoisonError, about_buried, batch_of
from stampede.consuming.figures import Figures
from stampede.errors import DatabaseError
from stampede.intake import Batch, GapError, IntakeFullError, Stored, Writer

#: a turn waits so long for messages, in seconds
_TURN_S: Final = 0.25
#: while something is being stored, it is looked whether it is so often
_SOON_S: Final = 0.01
#: after an outage it is tried again: after so long, up to so long
_AGAIN_S: Final = (0.1, 5.0)


class _Pending(msgspec.Struct):
    """A message that is being stored."""

    delivery: Delivery
    batch: Batch
    answer: Future[Stored]


class Consume:
    """A member of a group of loaders, or of a part of it. Call ``turn`` as long as there may be something; ``close`` it
    in the end.

    ``trouble`` in the figures says what is in the way. Nothing that bus or database do is raised; HelplessError is,
    when messages are packed in a way that this installation cannot read.
    """

    def __init__(self, bus: Bus, url: str, *, group: str = LOADERS, part: Part = WHOLE) -> None:
        self._bus, self._group, self._part = bus, group, part
        self.figures = Figures()
        self._writer = Writer(url, told=self.figures.note_events)
        self._consumer: Consumer | None = None
        self._pending: deque[_Pending] = deque()
        self._refused: list[Delivery] = []
        self._again_s = _AGAIN_S[0]
        self._next = 0.0
        #: since when there has been nothing to do (monotonic seconds)
        self.idle_since = time.monotonic()

    @property
    def waiting(self) -> int:
        """Messages that are being stored."""
        return len(self._pending) + len(self._refused)

    def turn(self, patience_s: float = _TURN_S) -> int:
        """Take what there is, and tell the bus what has been stored; the number of messages that were dealt with."""
        if time.monotonic() < self._next:
            time.sleep(min(patience_s, max(self._next - time.monotonic(), 0.0)))
        try:
            consumer = self._connected()
            if self._refused:
                deliveries, self._refused = self._refused, []
            else:
                deliveries = consumer.receive(_SOON_S if self._pending else patience_s)
            self._submit(consumer, deliveries)
            number = self._settle(consumer)
        except BusError as e:
            self._lost(str(e))
            return 0
        if deliveries or number or self._pending:
            self.idle_since = time.monotonic()
        return number

    def _connected(self) -> Consumer:
        if self._consumer is None:
            self._consumer = self._bus.consumer(self._group, self._part)
            self._well()
        return self._consumer

    def _well(self) -> None:
        self.figures.trouble = None
        self._again_s = _AGAIN_S[0]

    def _pause(self, why: str) -> None:
        self.figures.trouble = why
        self._next = time.monotonic() + self._again_s
        self._again_s = min(2 * self._again_s, _AGAIN_S[1])

    def _lost(self, why: str) -> None:
        """The bus is away: what is being stored cannot be told any more, and comes again."""
        if self._consumer is not None:
            self._consumer.close()
        self._consumer = None
        self._pending.clear()
        self._refused = []
        self._pause(why)

    # ---- messages in ------------------------------------------------------------------------------------------------

    def _submit(self, consumer: Consumer, deliveries: list[Delivery]) -> None:
        for number, delivery in enumerate(deliveries):
            try:
                if delivery.fault:
                    raise PoisonError(delivery.fault)
                batch = batch_of(delivery.message)
            except PoisonError as e:
                self._bury(consumer, delivery, str(e))
                continue
            try:
                self._pending.append(_Pending(delivery, batch, self._writer.submit(batch)))
            except IntakeFullError:
                self._refused = deliveries[number:]
                return

    def _bury(self, consumer: Consumer, delivery: Delivery, reason: str) -> None:
        consumer.bury(delivery, reason)
        self.figures.note_message(delivery.message, "buried")
        try:
            self._writer.submit(about_buried(delivery.message, reason))
        except IntakeFullError:
            pass  # it is put aside with its reason: the database is only told of it

    # ---- and what became of them ------------------------------------------------------------------------------------

    def _settle(self, consumer: Consumer) -> int:
        """Tell the bus of what has been stored; send again what the database did not take."""
        number = 0
        done: list[Delivery] = []
        held: deque[_Pending] = deque()
        trouble: str | None = None
        for one in self._pending:
            if not one.answer.done():
                held.append(one)
                continue
            number += 1
            error = one.answer.exception()
            if error is None:
                done.append(one.delivery)
                self._note(one)
            elif isinstance(error, GapError):
                held.append(self._once_more(one, torn=True))
            elif isinstance(error, DatabaseError):
                trouble = str(error)
                held.append(self._once_more(one, torn=one.batch.torn))
            else:
                self._bury(consumer, one.delivery, f"it brought a defect to light: {type(error).__name__}: {error}")
        self._pending = held
        if done:
            consumer.done(done)
        if trouble is not None:
            self._pause(trouble)
        elif done:
            self._well()
        return number

    def _once_more(self, one: _Pending, *, torn: bool) -> _Pending:
        one.batch.torn = torn
        try:
            one.answer = self._writer.submit(one.batch)
        except IntakeFullError as e:
            one.answer = Future()
            one.answer.set_exception(DatabaseError(str(e)))
        return one

    def _note(self, one: _Pending) -> None:
        stored = one.answer.result()
        beat = one.delivery.message.is_beat
        outcome = "heartbeat" if beat else "stored" if stored.new or not one.batch.numbered else "duplicate"
        self.figures.note_message(one.delivery.message, outcome)

    # ---- the end ----------------------------------------------------------------------------------------------------

    def run(self, go_on: Callable[[], bool], after: Iterable[Callable[[], None]] = ()) -> None:
        """Turn as long as ``go_on`` says so; ``after`` is called after each turn."""
        calls = list(after)
        while go_on():
            self.turn()
            for call in calls:
                call()

    def close(self) -> None:
        """Store what was taken, tell the bus, and leave."""
        consumer = self._consumer
        self._writer.close()
        if consumer is not None:
            done = [one.delivery for one in self._pending if one.answer.done() and one.answer.exception() is None]
            try:
                consumer.done(done)
            except BusError:
                pass  # they come again
            consumer.close()
