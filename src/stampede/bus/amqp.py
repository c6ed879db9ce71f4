"""A bus on RabbitMQ (AMQP 0-9-1). The only module that knows pika.

Decision 0022 says why it is laid out as it is. Each publisher, consumer and subscriber has a connection of its own;
after any error it is closed, and whoever uses it makes a new one.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, TypeVar

import pika
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import (
    AMQPConnectionError,
    AMQPError,
    ChannelClosedByBroker,
    ConnectionClosedByBroker,
    NackError,
    ProbableAccessDeniedError,
    ProbableAuthenticationError,
    UnroutableError,
)

from stampede.bus import wire
from stampede.bus.base import LOADERS, share
from stampede.bus.errors import BusError, BusFullError
from stampede.bus.message import BATCH, BEAT, Buried, Delivery, Message
from stampede.bus.topology import HASH_TYPE, ROOT_HEADER, Topology

#: messages of a queue that a loader holds; bytes that may wait for a subscriber
_PREFETCH: Final = 16
_MOST_HEARD_BYTES: Final = 64 << 20
#: a loader looks so often whether another one wants some of its queues, in seconds
_BALANCE_S: Final = 2.0
_HEARTBEAT_S: Final = 60
_TIMEOUT_S: Final = 15.0
_PLUGIN = (
    "The broker has no consistent-hash exchange, so one loader does all the work and others stand by; "
    "to share it: rabbitmq-plugins enable rabbitmq_consistent_hash_exchange, and delete the queue {queue} when it is "
    "empty."
)

T = TypeVar("T")


class AmqpBus:
    """A broker. ``tls`` checks certificates (None: no TLS)."""

    def __init__(
        self, name: str, *, host: str, port: int, user: str, password: str, virtual_host: str,
        topology: Topology, tls: ssl.SSLContext | None = None,
    ) -> None:  # fmt: skip
        self.name = name
        self.notice = ""
        self.topology = topology
        self._parameters = pika.ConnectionParameters(
            host=host, port=port, virtual_host=virtual_host, credentials=pika.PlainCredentials(user, password),
            heartbeat=_HEARTBEAT_S, blocked_connection_timeout=_TIMEOUT_S, socket_timeout=_TIMEOUT_S,
            stack_timeout=_TIMEOUT_S, connection_attempts=1,
            ssl_options=pika.SSLOptions(tls, host) if tls is not None else None,
            client_properties={"connection_name": "stampede"},
        )  # fmt: skip

    # ---- connections ------------------------------------------------------------------------------------------------

    def connected(self) -> pika.BlockingConnection:
        """A new connection. Raises BusError."""
        return self.told(lambda: pika.BlockingConnection(self._parameters))

    def told(self, act: Callable[[], T]) -> T:
        """What ``act`` gives; what pika raises becomes a BusError that says what to do."""
        try:
            return act()
        except NackError as e:
            raise BusFullError(f"{self.name} takes no more now: a queue is full. Is a loader running?") from e
        except UnroutableError as e:
            raise BusError(f"{self.name} has no queue for the events: somebody deleted it.") from e
        except (ProbableAuthenticationError, ProbableAccessDeniedError) as e:
            raise BusError(f"{self.name} refuses us: wrong user, password or virtual host.") from e
        except (ChannelClosedByBroker, ConnectionClosedByBroker) as e:
            raise BusError(f"{self.name} says {e.reply_code}: {e.reply_text}") from e
        except AMQPConnectionError as e:
            raise BusError(f"{self.name} cannot be reached{_why(e)}.") from e
        except (AMQPError, OSError) as e:
            raise BusError(f"{self.name}: {type(e).__name__}{_why(e)}.") from e

    def prepare(self, connection: pika.BlockingConnection, group: str) -> list[str]:
        """Have everything on the broker that a group needs; the names of its queues."""
        topology = self.topology
        channel = connection.channel()
        channel.exchange_declare(topology.exchange, "topic", durable=True)
        channel.exchange_declare(topology.dead, "fanout", durable=True)
        channel.queue_declare(topology.dead, durable=True, arguments={"x-queue-type": "quorum"})
        channel.queue_bind(topology.dead, topology.dead)
        channel.close()
        there = self._there(connection, group)
        wanted = there or topology.partitions
        hashing = wanted > 0 and self._hashes(connection, group)
        if wanted and not hashing:
            wanted = 1
            self.notice = _PLUGIN.format(queue=topology.queue(group, 0))
        channel = connection.channel()
        queues = [topology.queue(group, number) for number in range(wanted)]
        for queue in queues[there:]:
            channel.queue_declare(queue, durable=True, arguments=topology.queue_arguments)
        for queue in queues:
            if hashing:
                channel.queue_bind(queue, topology.hashing(group), "1")
            else:
                channel.queue_bind(queue, topology.exchange, "#")
        if hashing and queues:
            channel.exchange_bind(topology.hashing(group), topology.exchange, "#")
        channel.close()
        return queues

    def _there(self, connection: pika.BlockingConnection, group: str) -> int:
        """How many queues a group has."""
        number = 0
        while True:
            channel = connection.channel()
            try:
                channel.queue_declare(self.topology.queue(group, number), passive=True)
            except ChannelClosedByBroker as e:
                if e.reply_code != 404:
                    raise
                return number
            channel.close()
            number += 1

    def _hashes(self, connection: pika.BlockingConnection, group: str) -> bool:
        """Whether there is an exchange that hashes; it is made if the broker can."""
        probe = pika.BlockingConnection(self._parameters)  # the broker closes the connection when it cannot
        try:
            probe.channel().exchange_declare(
                self.topology.hashing(group), HASH_TYPE, durable=True, arguments={"hash-header": ROOT_HEADER}
            )
        except (ConnectionClosedByBroker, ChannelClosedByBroker) as e:
            if e.reply_code in (503, 406) and HASH_TYPE in e.reply_text:
                return False
            raise
        finally:
            if probe.is_open:
                probe.close()
        return True

    # ---- who uses it ------------------------------------------------------------------------------------------------

    def publisher(self) -> AmqpPublisher:
        """Somebody who publishes. Raises BusError."""
        return AmqpPublisher(self)

    def consumer(self, group: str = LOADERS) -> AmqpConsumer:
        """A member of a group. Raises BusError."""
        return AmqpConsumer(self, group)

    def subscriber(self, patterns: Sequence[str]) -> AmqpSubscriber:
        """Hears what is published from now on. Raises BusError."""
        return AmqpSubscriber(self, patterns)

    def buried(self) -> list[Buried]:
        """What was put aside; it stays there. Raises BusError."""
        connection = self.connected()

        def look() -> list[Buried]:
            self.prepare(connection, LOADERS)
            channel = connection.channel()
            found = [wire.buried(p, b) for _, p, b in _all(channel, self.topology.dead)]
            channel.close()  # what was read and not acknowledged goes back
            return found

        try:
            return self.told(look)
        finally:
            _close(connection)

    def revive(self) -> int:
        """Publish again what was put aside. Raises BusError."""
        connection = self.connected()
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
            return self.told(again)
        finally:
            publisher.close()
            _close(connection)


def _all(channel: BlockingChannel, queue: str) -> Iterable[tuple[int, Any, bytes]]:
    """What is in a queue now, not acknowledged."""
    left = channel.queue_declare(queue, passive=True).method.message_count
    while left > 0:
        method, properties, body = channel.basic_get(queue)
        if method is None:
            return
        yield method.delivery_tag, properties, body
        left -= 1


def _why(error: BaseException) -> str:
    """What pika says, if it says something."""
    inner = error.args[0] if error.args else ""
    text = str(getattr(inner, "exception", inner) or "").strip()
    return f": {text.rstrip('.')}" if text else ""


def _close(connection: pika.BlockingConnection) -> None:
    try:
        connection.close()
    except (AMQPError, OSError):
        pass


class AmqpPublisher:
    """Publishes; the broker confirms each message when a majority of its nodes has it on the disk."""

    def __init__(self, bus: AmqpBus) -> None:
        self._bus = bus
        self._connection = bus.connected()
        try:
            queues = bus.told(lambda: bus.prepare(self._connection, LOADERS))
            self._channel = bus.told(self._confirming)
        except BaseException:
            _close(self._connection)
            raise
        self._mandatory = bool(queues)
        self._exchange = bus.topology.exchange

    def _confirming(self) -> BlockingChannel:
        channel = self._connection.channel()
        channel.confirm_delivery()
        return channel

    def publish(self, messages: Sequence[Message]) -> None:
        """All are confirmed afterwards. Raises BusFullError, BusError."""
        try:
            self._bus.told(lambda: self._publish(messages))
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
        _close(self._connection)


class _Queue:
    """A queue of the group, as a consumer sees it."""

    def __init__(self, name: str) -> None:
        self.name = name
        #: messages that we hold; whether it gave us something since we came to it
        self.held = 0
        self.active = False
        self.consumer_tag = ""


class AmqpConsumer:
    """A member of a group. It stands in the line of every queue; the broker lets the first in line read alone.

    Who reads from more queues than its share goes to the end of the line.
    """

    def __init__(self, bus: AmqpBus, group: str) -> None:
        self._bus = bus
        self._connection = bus.connected()
        self._members = bus.topology.members(group)
        self._arrived: list[Delivery] = []
        self._next_balance = time.monotonic() + _BALANCE_S
        try:
            names = bus.told(lambda: bus.prepare(self._connection, group))
            if not names:
                raise BusError(f"{bus.name} keeps nothing for loaders (partitions=0).")
            self._queues = [_Queue(name) for name in names]
            self._channel = bus.told(self._begin)
        except BaseException:
            _close(self._connection)
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
        self._bus.told(lambda: self._receive(timeout_s))
        found, self._arrived = self._arrived, []
        return found

    def _receive(self, timeout_s: float) -> None:
        if time.monotonic() >= self._next_balance:
            self._balance()
            self._next_balance = time.monotonic() + _BALANCE_S
        self._connection.process_data_events(0 if self._arrived else timeout_s)
        if not self._channel.is_open:  # pika does not say so by itself
            raise BusError(f"{self._bus.name} has closed the channel.")

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
            self._bus.told(lambda tag=tag: self._channel.basic_ack(tag))  # type: ignore[misc]
            queue.held -= 1

    def bury(self, delivery: Delivery, reason: str) -> None:
        """Put it aside, confirmed, and only then acknowledge. Raises BusError."""

        def put() -> None:
            channel = self._connection.channel()
            channel.confirm_delivery()
            about = pika.BasicProperties(**wire.properties(delivery.message, reason=reason))
            channel.basic_publish(
                self._bus.topology.dead, delivery.message.key, delivery.message.body, about, mandatory=True
            )
            channel.close()

        self._bus.told(put)
        self.done([delivery])

    def close(self) -> None:
        """Leave; what is not acknowledged is given to others."""
        _close(self._connection)


def _place(delivery: Delivery) -> tuple[_Queue, int]:
    assert isinstance(delivery.tag, tuple)
    queue, tag = delivery.tag
    assert isinstance(queue, _Queue)
    return queue, int(tag)


class AmqpSubscriber:
    """A queue of its own, which ends with it, and forgets the oldest when it is too slow."""

    def __init__(self, bus: AmqpBus, patterns: Sequence[str]) -> None:
        self._bus = bus
        self._connection = bus.connected()
        self._arrived: list[Delivery] = []
        try:
            self._channel = bus.told(lambda: self._begin(patterns))
        except BaseException:
            _close(self._connection)
            raise

    def _begin(self, patterns: Sequence[str]) -> BlockingChannel:
        exchange = self._bus.topology.exchange
        channel = self._connection.channel()
        channel.exchange_declare(exchange, "topic", durable=True)
        queue = channel.queue_declare(
            "", exclusive=True, arguments={"x-max-length-bytes": _MOST_HEARD_BYTES, "x-overflow": "drop-head"}
        ).method.queue
        for pattern in dict.fromkeys([*patterns, f"{BATCH}.#", BEAT]):
            channel.queue_bind(queue, exchange, pattern)
        channel.basic_qos(prefetch_count=4 * _PREFETCH)
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
                raise BusError(f"{self._bus.name} has closed the channel.")

        self._bus.told(look)
        found, self._arrived = self._arrived, []
        return found

    def done(self, deliveries: Iterable[Delivery]) -> None:
        """These were passed on. Raises BusError."""
        last = max((int(one.tag) for one in deliveries if isinstance(one.tag, int)), default=0)
        if last:
            self._bus.told(lambda: self._channel.basic_ack(last, multiple=True))

    def bury(self, delivery: Delivery, reason: str) -> None:
        """A copy is not put aside."""

    def close(self) -> None:
        """Hear no more."""
        _close(self._connection)


__all__ = ["AmqpBus"]
