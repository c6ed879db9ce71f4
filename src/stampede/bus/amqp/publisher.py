"""Publishes to a broker."""

from __future__ import annotations

from collections.abc import Sequence

import pika
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import AMQPError

from stampede.bus.amqp import wire
from stampede.bus.amqp.broker import Broker, closed
from stampede.bus.base import LOADERS
from stampede.bus.errors import BusError, BusFullError
from stampede.bus.message import Message


class AmqpPublisher:
    """Publishes; the broker confirms each message when a majority of its nodes has it on the disk."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._connection = broker.connected()
        try:
            queues = broker.told(lambda: broker.prepare(self._connection, LOADERS))
            self._channel = broker.told(self._confirming)
        except BaseException:
            closed(self._connection)
            raise
        self._mandatory = bool(queues)
        self._exchange = broker.topology.exchange

    def _confirming(self) -> BlockingChannel:
        channel = self._connection.channel()
        channel.confirm_delivery()
        return channel

    def publish(self, messages: Sequence[Message]) -> None:
        """All are confirmed afterwards. Raises BusFullError, BusError."""
        try:
            self._broker.told(lambda: self._publish(messages))
        except BusFullError:
            raise
        except BusError:
            self.close()
            raise

    def _publish(self, messages: Sequence[Message]) -> None:
        for message in messages:
            about = pika.BasicProperties(**wire.properties(message))
            self._channel.basic_publish(self._exchange, message.key, message.body, about, mandatory=self._mandatory)

    def idle(self) -> None:
        """Answer the broker's heartbeats."""
        try:
            self._connection.process_data_events(0)
        except (AMQPError, OSError):
            pass  # the next publish says so

    def close(self) -> None:
        """Leave."""
        closed(self._connection)
