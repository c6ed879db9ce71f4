"""A broker: connections to it, what a bus has on it, and its errors in sentences."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from typing import Final, TypeVar

import pika
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

from stampede.bus.amqp.topology import HASH_TYPE, ROOT_HEADER, Topology
from stampede.bus.errors import BusError, BusFullError

_HEARTBEAT_S: Final = 20
_TIMEOUT_S: Final = 15.0
#: a broker of which nothing is heard, not even that its machine has what was sent, is given up: a network that is cut
#: says nothing (tcp(7))
_SILENCE: Final = {"TCP_KEEPIDLE": 10, "TCP_KEEPINTVL": 5, "TCP_KEEPCNT": 3, "TCP_USER_TIMEOUT": 25_000}
_PLUGIN = (
    "The broker has no consistent-hash exchange, so one loader does all the work and others stand by; "
    "to share it: rabbitmq-plugins enable rabbitmq_consistent_hash_exchange, and delete the queue {queue} when it is "
    "empty."
)

T = TypeVar("T")


class Broker:
    """Where a broker is, and what a bus has on it. ``tls`` checks certificates (None: no TLS)."""

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
            stack_timeout=_TIMEOUT_S, connection_attempts=1, tcp_options=_SILENCE,
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
            wanted = there or 1
            self.notice = _PLUGIN.format(queue=topology.queue(group, 0))
        queues = [topology.queue(group, number) for number in range(wanted)]
        self._declare(connection, group, queues, hashing=hashing)
        return queues

    def _declare(self, connection: pika.BlockingConnection, group: str, queues: list[str], *, hashing: bool) -> None:
        """Make the queues and what leads to them. The first one comes last: where it is, all are."""
        topology = self.topology
        channel = connection.channel()
        for queue in reversed(queues):
            channel.queue_declare(queue, durable=True, arguments=topology.queue_arguments)
            if hashing:
                channel.queue_bind(queue, topology.hashing(group), "1")
        if hashing:
            channel.exchange_bind(topology.hashing(group), topology.exchange, "#")
        elif queues:
            channel.queue_bind(queues[0], topology.exchange, "#")
        channel.close()

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


def _why(error: BaseException) -> str:
    """What pika says, if it says something."""
    inner = error.args[0] if error.args else ""
    text = str(getattr(inner, "exception", inner) or "").strip()
    return f": {text.rstrip('.')}" if text else ""


def closed(connection: pika.BlockingConnection) -> None:
    """Close a connection, if that can still be done."""
    try:
        connection.close()
    except (AMQPError, OSError):
        pass
