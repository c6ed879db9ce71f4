"""What only a broker has: other senders, no plugin, a queue that was deleted, no broker at all."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pika
import pytest
from broker import Broker, scripts

from stampede.bus import BusError, Consumer, Delivery, Message, open_bus


@pytest.fixture(scope="module")
def plain() -> Iterator[Broker]:
    """A broker without the consistent-hash exchange."""
    if scripts() is None:
        pytest.skip("RabbitMQ is not installed here")
    broker = Broker(plugin=False)
    yield broker
    broker.close()


def _read(consumer: Consumer, number: int) -> list[Delivery]:
    found: list[Delivery] = []
    end = time.monotonic() + 20
    while len(found) < number and time.monotonic() < end:
        some = consumer.receive(0.2)
        found += some
        consumer.done(some)
    return found


def test_without_the_plugin_one_loader_does_the_work_and_a_sentence_says_so(plain: Broker) -> None:
    bus = open_bus(plain.url())
    consumer = bus.consumer()
    assert "rabbitmq-plugins enable rabbitmq_consistent_hash_exchange" in bus.notice
    publisher = bus.publisher()
    publisher.publish([Message(key="stampede.xwf.start", root=f"r{n}") for n in range(20)])
    assert [d.message.root for d in _read(consumer, 20)] == [f"r{n}" for n in range(20)]
    consumer.close()
    publisher.close()


def test_what_others_send_without_our_headers_arrives(plain: Broker) -> None:
    """As Pegasus' monitor does: JSON, the name of the event as routing key."""
    url = plain.url()
    consumer = open_bus(url).consumer()
    connection = pika.BlockingConnection(pika.ConnectionParameters("127.0.0.1", plain.port))
    exchange = url.rpartition("/")[2]
    connection.channel().basic_publish(exchange, "stampede.xwf.start", b'{"event":"stampede.xwf.start"}')
    odd = pika.BasicProperties(headers={"stampede-source": 5, "stampede-first": "x"})
    connection.channel().basic_publish(exchange, "stampede.xwf.end", b"ts=1 event=stampede.xwf.end", odd)
    first, second = _read(consumer, 2)
    connection.close()
    consumer.close()
    assert (first.message.key, first.message.form, first.message.first) == ("stampede.xwf.start", "jsonl", 0)
    assert (second.message.form, bool(second.fault)) == ("bp", True)


def test_events_that_no_queue_would_keep_are_not_taken(plain: Broker) -> None:
    bus = open_bus(plain.url())
    publisher = bus.publisher()
    connection = pika.BlockingConnection(pika.ConnectionParameters("127.0.0.1", plain.port))
    connection.channel().queue_delete(bus.topology.queue("load", 0))  # type: ignore[attr-defined]
    with pytest.raises(BusError, match="no queue"):
        publisher.publish([Message(key="stampede.xwf.start")])
    again = bus.publisher()  # it makes the queue anew
    again.publish([Message(key="stampede.xwf.start")])
    again.close()
    connection.close()


def test_without_queues_events_are_for_subscribers_only(plain: Broker) -> None:
    bus = open_bus(plain.url() + "?partitions=0")
    subscriber = bus.subscriber(["stampede.xwf.*"])
    publisher = bus.publisher()
    publisher.publish([Message(key="stampede.xwf.start"), Message(key="stampede.job.info")])
    assert [d.message.key for d in _read(subscriber, 1)] == ["stampede.xwf.start"]
    publisher.close()
    subscriber.close()
    with pytest.raises(BusError, match="partitions=0"):
        bus.consumer()


@pytest.mark.parametrize("user", ["nobody:x@", "guest:wrong@"])
def test_a_wrong_password_is_told_in_a_sentence(plain: Broker, user: str) -> None:
    with pytest.raises(BusError, match="refuses us"):
        open_bus(f"amqp://{user}127.0.0.1:{plain.port}").publisher()


def test_no_broker_is_told_in_a_sentence() -> None:
    from serving import free_port

    with pytest.raises(BusError, match=r"^amqp://127.0.0.1:\d+ cannot be reached"):
        open_bus(f"amqp://127.0.0.1:{free_port()}").publisher()
