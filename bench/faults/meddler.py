"""A man in the middle of a bus: takes what is published to one exchange and publishes it to another, twice, or later
than what came after it. Nothing is lost by him: he acknowledges what he has passed on.

    python meddler.py HOST PORT FROM TO SEED
"""

from __future__ import annotations

import random
import sys
import time
from typing import Any, Final

import pika

#: messages that he holds at most, and the longest that he keeps one back, in seconds
_HELD: Final = 40
_LATE_S: Final = 7.0
#: so many that came later may be passed on before it, each up to three times: what loaders promise to put in order
_PASSED: Final = 8


def queue(exchange: str) -> str:
    """The queue that he reads."""
    return f"{exchange}.meddler"


def connected(host: str, port: int) -> pika.BlockingConnection:
    """A connection to the broker."""
    return pika.BlockingConnection(pika.ConnectionParameters(host=host, port=port, heartbeat=20, socket_timeout=5))


def prepare(host: str, port: int, exchange: str) -> None:
    """Have the queue before anybody publishes."""
    connection = connected(host, port)
    channel = connection.channel()
    channel.exchange_declare(exchange, "topic", durable=True)
    channel.queue_declare(queue(exchange), durable=True, arguments={"x-queue-type": "quorum"})
    channel.queue_bind(queue(exchange), exchange, "#")
    connection.close()


class Meddler:
    """One connection's worth of him."""

    def __init__(self, host: str, port: int, source: str, target: str, seed: int) -> None:
        self._random = random.Random(seed)
        self._target = target
        self._connection = connected(host, port)
        self._out = self._connection.channel()
        self._out.confirm_delivery()
        self._in = self._connection.channel()
        self._in.basic_qos(prefetch_count=_HELD)
        #: what he holds: when it is due, tag, key, properties, body, and how many he had passed on when it came
        self._held: list[tuple[float, int, str, Any, bytes, int]] = []
        self._count = 0
        self._in.basic_consume(queue(source), self._take)

    def _take(self, _: Any, method: Any, properties: Any, body: bytes) -> None:
        late = self._random.choices((0.0, 0.3, 1.5, _LATE_S), (6, 6, 3, 1))[0] * self._random.random()
        due = time.monotonic() + late
        self._held.append((due, method.delivery_tag, method.routing_key, properties, body, self._count))

    def turn(self) -> None:
        """Pass on what is due."""
        self._connection.process_data_events(0.05)
        now = time.monotonic()
        while self._held:
            one = min(self._held, key=lambda o: (self._count - o[5] < _PASSED, o[:2]))
            if one[0] > now and self._count - one[5] < _PASSED:
                break
            self._held.remove(one)
            self._count += 1
            _, tag, key, properties, body, _came = one
            for _again in range(self._random.choices((1, 2, 3), (5, 4, 1))[0]):
                while True:
                    try:
                        self._out.basic_publish(self._target, key, body, properties, mandatory=True)
                        break
                    except (pika.exceptions.NackError, pika.exceptions.UnroutableError):
                        self._connection.sleep(0.3)
            self._in.basic_ack(tag)


def main() -> None:
    """Meddle for ever."""
    host, port, source, target, seed = sys.argv[1:]
    while True:
        try:
            one = Meddler(host, int(port), source, target, int(seed))
            while True:
                one.turn()
        except (pika.exceptions.AMQPError, OSError):
            time.sleep(0.3)


if __name__ == "__main__":
    main()
