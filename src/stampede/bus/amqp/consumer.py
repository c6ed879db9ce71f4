"""A loader at the queues of its group."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any, Final

import pika
from pika.adapters.blocking_connection import BlockingChannel

from stampede.bus.amqp import wire
from stampede.bus.amqp.broker import Broker, closed
from stampede.bus.base import WHOLE, Part, share
from stampede.bus.errors import BusError
from stampede.bus.message import Delivery

#: messages of a queue that a loader holds
_PREFETCH: Final = 16
#: a loader looks so often whether another one wants some of its queues, in seconds
_BALANCE_S: Final = 2.0


class _Queue:
    """A queue of the group, as a consumer sees it."""

    def __init__(self, name: str) -> None:
        self.name = name
        #: messages that we hold; whether it gave us something since we came to it
        self.held = 0
        self.active = False
        self.consumer_tag = ""


class AmqpConsumer:
    """A member of a group, or of a part of it. It stands in the line of every queue of that; the broker lets the first
    in line read alone.

    Who reads from more queues than its share goes to the end of the line.
    """

    def __init__(self, broker: Broker, group: str, part: Part = WHOLE) -> None:
        self._broker = broker
        self._connection = broker.connected()
        self._members = broker.topology.members(group if part == WHOLE else f"{group}.{part.number}of{part.of}")
        self._arrived: list[Delivery] = []
        self._next_balance = time.monotonic() + _BALANCE_S
        try:
            names = broker.told(lambda: broker.prepare(self._connection, group))
            if not names:
                raise BusError(f"{broker.name} keeps nothing for loaders (partitions=0).")
            self._queues = [_Queue(name) for name in part.among(names)]
            self._channel = broker.told(self._begin)
        except BaseException:
            closed(self._connection)
            raise

    def _begin(self) -> BlockingChannel:
        channel = self._connection.channel()
        # nothing ever comes through it: who reads from it is counted, since waiting in a line is not
        channel.queue_declare(self._members, auto_delete=True)
        channel.basic_consume(self._members, lambda *_: None)
        channel.basic_qos(prefetch_count=_PREFETCH)
        for queue in self._queues:
            queue.consumer_tag = channel.basic_consume(queue.name, self._taker(queue))
        return channel

    def _taker(self, queue: _Queue) -> Callable[[Any, Any, Any, bytes], None]:
        def take(_: Any, method: Any, properties: Any, body: bytes) -> None:
            queue.held += 1
            queue.active = bool(queue.consumer_tag)
            message, fault = wire.message(method.routing_key, properties, body)
            self._arrived.append(
                Delivery(message=message, tag=(queue, method.delivery_tag), redelivered=method.redelivered, fault=fault)
            )

        return take

    def receive(self, timeout_s: float) -> list[Delivery]:
        """What there is. Raises BusError."""
        self._broker.told(lambda: self._receive(timeout_s))
        found, self._arrived = self._arrived, []
        return found

    def _receive(self, timeout_s: float) -> None:
        if time.monotonic() >= self._next_balance:
            self._balance()
            self._next_balance = time.monotonic() + _BALANCE_S
        self._connection.process_data_events(0 if self._arrived else timeout_s)
        if not self._channel.is_open:  # pika does not say so by itself
            raise BusError(f"{self._broker.name} has closed the channel.")

    def _balance(self) -> None:
        """Leave the lines of queues beyond our share; join them again, at the end, where we hold nothing any more.

        What we hold while the next in line reads already is told of by its number: that loader waits for it.
        """
        for queue in self._queues:
            if not queue.consumer_tag and queue.held == 0:
                queue.consumer_tag = self._channel.basic_consume(queue.name, self._taker(queue))
        active = [queue for queue in self._queues if queue.active]
        members = self._channel.queue_declare(self._members, passive=True).method.consumer_count
        for queue in active[share(len(self._queues), members) :]:
            self._channel.basic_cancel(queue.consumer_tag)
            queue.active, queue.consumer_tag = False, ""

    def done(self, deliveries: Iterable[Delivery]) -> None:
        """Acknowledge. Raises BusError."""
        for one in deliveries:
            queue, tag = _place(one)
            self._broker.told(lambda tag=tag: self._channel.basic_ack(tag))  # type: ignore[misc]
            queue.held -= 1

    def bury(self, delivery: Delivery, reason: str) -> None:
        """Put it aside, confirmed, and only then acknowledge. Raises BusError."""

        def put() -> None:
            channel = self._connection.channel()
            channel.confirm_delivery()
            about = pika.BasicProperties(**wire.properties(delivery.message, reason=reason))
            channel.basic_publish(
                self._broker.topology.dead, delivery.message.key, delivery.message.body, about, mandatory=True
            )
            channel.close()

        self._broker.told(put)
        self.done([delivery])

    def close(self) -> None:
        """Leave; what is not acknowledged is given to others."""
        closed(self._connection)


def _place(delivery: Delivery) -> tuple[_Queue, int]:
    assert isinstance(delivery.tag, tuple)
    queue, tag = delivery.tag
    assert isinstance(queue, _Queue)
    return queue, int(tag)
