"""The bus on a broker: who publishes, loads and subscribes, and what was put aside."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from pika.adapters.blocking_connection import BlockingChannel

from stampede.bus.amqp import wire
from stampede.bus.amqp.broker import Broker, closed
from stampede.bus.amqp.consumer import AmqpConsumer
from stampede.bus.amqp.publisher import AmqpPublisher
from stampede.bus.amqp.subscriber import AmqpSubscriber
from stampede.bus.amqp.topology import Topology
from stampede.bus.base import LOADERS, WHOLE, Part
from stampede.bus.message import Buried


class AmqpBus:
    """Exchanges and queues on a broker."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self.name = broker.name

    @property
    def notice(self) -> str:
        """What a user should know about it."""
        return self._broker.notice

    @property
    def broker(self) -> Broker:
        """Where it is."""
        return self._broker

    @property
    def topology(self) -> Topology:
        """What it has there."""
        return self._broker.topology

    def publisher(self) -> AmqpPublisher:
        """Somebody who publishes. Raises BusError."""
        return AmqpPublisher(self._broker)

    def consumer(self, group: str = LOADERS, part: Part = WHOLE) -> AmqpConsumer:
        """A member of a group, or of a part of it. Raises BusError."""
        return AmqpConsumer(self._broker, group, part)

    def subscriber(self, patterns: Sequence[str]) -> AmqpSubscriber:
        """Hears what is published from now on. Raises BusError."""
        return AmqpSubscriber(self._broker, patterns)

    def buried(self) -> list[Buried]:
        """What was put aside; it stays there. Raises BusError."""
        connection = self._broker.connected()

        def look() -> list[Buried]:
            self._broker.prepare(connection, LOADERS)
            channel = connection.channel()
            found = [wire.buried(p, b) for _, p, b in _all(channel, self.topology.dead)]
            channel.close()  # what was read and not acknowledged goes back
            return found

        try:
            return self._broker.told(look)
        finally:
            closed(connection)

    def revive(self) -> int:
        """Publish again what was put aside. Raises BusError."""
        connection = self._broker.connected()
        publisher = self.publisher()

        def again() -> int:
            channel = connection.channel()
            number = 0
            for tag, properties, body in _all(channel, self.topology.dead):
                publisher.publish([wire.buried(properties, body).message])
                channel.basic_ack(tag)
                number += 1
            return number

        try:
            return self._broker.told(again)
        finally:
            publisher.close()
            closed(connection)


def _all(channel: BlockingChannel, queue: str) -> Iterable[tuple[int, Any, bytes]]:
    """What is in a queue now, not acknowledged."""
    left = channel.queue_declare(queue, passive=True).method.message_count
    while left > 0:
        method, properties, body = channel.basic_get(queue)
        if method is None:
            return
        yield method.delivery_tag, properties, body
        left -= 1
