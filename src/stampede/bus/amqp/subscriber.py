"""A subscriber at a queue of its own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from pika.adapters.blocking_connection import BlockingChannel

from stampede.bus.amqp import wire
from stampede.bus.amqp.broker import Broker, closed
from stampede.bus.errors import BusError
from stampede.bus.message import BATCH, BEAT, Delivery

#: messages that it holds, and bytes that may wait for it
_PREFETCH: Final = 64
_MOST_HEARD_BYTES: Final = 64 << 20


class AmqpSubscriber:
    """A queue of its own, which ends with it, and forgets the oldest when it is too slow."""

    def __init__(self, broker: Broker, patterns: Sequence[str]) -> None:
        self._broker = broker
        self._connection = broker.connected()
        self._arrived: list[Delivery] = []
        try:
            self._channel = broker.told(lambda: self._begin(patterns))
        except BaseException:
            closed(self._connection)
            raise

    def _begin(self, patterns: Sequence[str]) -> BlockingChannel:
        exchange = self._broker.topology.exchange
        channel = self._connection.channel()
        channel.exchange_declare(exchange, "topic", durable=True)
        queue = channel.queue_declare(
            "", exclusive=True, arguments={"x-max-length-bytes": _MOST_HEARD_BYTES, "x-overflow": "drop-head"}
        ).method.queue
        for pattern in dict.fromkeys([*patterns, f"{BATCH}.#", BEAT]):
            channel.queue_bind(queue, exchange, pattern)
        channel.basic_qos(prefetch_count=_PREFETCH)
        channel.basic_consume(queue, self._take, exclusive=True)
        return channel

    def _take(self, channel: BlockingChannel, method: Any, properties: Any, body: bytes) -> None:
        message, fault = wire.message(method.routing_key, properties, body)
        self._arrived.append(Delivery(message=message, tag=method.delivery_tag, fault=fault))

    def receive(self, timeout_s: float) -> list[Delivery]:
        """What there is. Raises BusError."""

        def look() -> None:
            self._connection.process_data_events(0 if self._arrived else timeout_s)
            if not self._channel.is_open:
                raise BusError(f"{self._broker.name} has closed the channel.")

        self._broker.told(look)
        found, self._arrived = self._arrived, []
        return found

    def done(self, deliveries: Iterable[Delivery]) -> None:
        """These were passed on. Raises BusError."""
        last = max((int(one.tag) for one in deliveries if isinstance(one.tag, int)), default=0)
        if last:
            self._broker.told(lambda: self._channel.basic_ack(last, multiple=True))

    def bury(self, delivery: Delivery, reason: str) -> None:
        """A copy is not put aside."""

    def close(self) -> None:
        """Hear no more."""
        closed(self._connection)
