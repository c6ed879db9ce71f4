"""What every bus promises, on every bus."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from contract.bus.conftest import Reader
from stampede.bus import Bus, BusError, BusFullError, Message, Part, Publisher, open_bus
from stampede.errors import UsageError

ROOTS = [f"root-{n}" for n in range(12)]


def message(root: str, number: int, *, key: str = "stampede.batch.x", body: bytes = b"{}\n") -> Message:
    return Message(key=key, source="s", root=root, first=number, count=1, body=body)


def rounds(first: int, last: int, roots: Iterable[str] = ROOTS) -> list[Message]:
    """A message of each root for each of these numbers."""
    roots = list(roots)
    return [message(root, number) for number in range(first, last + 1) for root in roots]


def wait(until: Callable[[], bool], seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def orders(messages: Iterable[Message]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for one in messages:
        found[one.root].append(one.first)
    return dict(found)


def publish(bus: Bus, messages: list[Message]) -> None:
    """As a spool does: again and again until it was taken."""
    end = time.monotonic() + 30
    while True:
        publisher = bus.publisher()
        try:
            publisher.publish(messages)
        except BusError:
            assert time.monotonic() < end
            time.sleep(0.1)
        else:
            return
        finally:
            publisher.close()


def test_nothing_is_lost_or_doubled_and_each_root_is_in_order(bus: Bus) -> None:
    reader = Reader(bus)
    publish(bus, rounds(1, 20))
    wait(lambda: len(reader.taken) >= 20 * len(ROOTS))
    time.sleep(0.2)
    reader.stop()
    assert orders(reader.taken) == {root: list(range(1, 21)) for root in ROOTS}


def test_a_message_arrives_as_it_was_sent(bus: Bus) -> None:
    sent = Message(
        key="stampede.xwf.start", source="höst:/päth", root="r", first=7, count=3, form="bp", coding="gzip",
        sent_ts=1790000000.125, body=bytes(range(256)) * 100,
    )  # fmt: skip
    reader = Reader(bus)
    publish(bus, [sent])
    wait(lambda: len(reader.taken) == 1)
    reader.stop()
    assert reader.taken == [sent]


def test_what_nobody_was_there_for_waits(bus: Bus, kind: str) -> None:
    if kind in ("unix", "tcp"):
        with pytest.raises(BusError):
            bus.publisher()
        return
    publish(bus, rounds(1, 5))
    reader = Reader(bus)
    wait(lambda: len(reader.taken) >= 5 * len(ROOTS))
    reader.stop()
    assert orders(reader.taken) == {root: [1, 2, 3, 4, 5] for root in ROOTS}


def test_what_a_loader_left_undone_goes_to_the_next_in_order(sharing: str) -> None:
    bus = open_bus(sharing)
    first = Reader(bus, keeps=True)
    publish(bus, rounds(1, 4))
    wait(lambda: len(first.taken) >= 4 * len(ROOTS))
    first.stop()
    publish(bus, rounds(5, 6))
    second = Reader(bus)
    wait(lambda: len(second.taken) >= 6 * len(ROOTS))
    second.stop()
    assert orders(second.taken) == {root: [1, 2, 3, 4, 5, 6] for root in ROOTS}


def test_what_was_done_does_not_come_again(sharing: str) -> None:
    bus = open_bus(sharing)
    first = Reader(bus)
    publish(bus, rounds(1, 4))
    wait(lambda: len(first.taken) >= 4 * len(ROOTS))
    first.stop()
    second = Reader(open_bus(sharing))
    time.sleep(1.0)
    second.stop()
    assert second.taken == []


def test_loaders_share_by_root_and_each_root_stays_in_order(sharing: str, kind: str) -> None:
    bus = open_bus(sharing)
    one, other = Reader(bus), Reader(open_bus(sharing))
    number = 0
    end = time.monotonic() + 40
    while not (one.taken and other.taken and number >= 10) and time.monotonic() < end:
        number += 1
        publish(bus, rounds(number, number))
        time.sleep(0.2)
    time.sleep(3.0)  # now each has its share
    first = number + 1
    publish(bus, rounds(first, first + 9))
    wait(lambda: len(one.taken) + len(other.taken) >= (number + 10) * len(ROOTS))
    one.stop()
    other.stop()
    late = [[m for m in reader.taken if m.first >= first] for reader in (one, other)]
    assert {m.root for m in late[0]} | {m.root for m in late[1]} == set(ROOTS)
    assert not {m.root for m in late[0]} & {m.root for m in late[1]}
    assert late[0]
    assert late[1]
    for some in late:
        assert all(numbers == list(range(first, first + 10)) for numbers in orders(some).values())


def test_each_root_is_in_one_part_for_good_whoever_comes_and_goes(sharing: str) -> None:
    """So each part can have a database of its own; loaders of the same part share it as those of a whole group do."""
    bus = open_bus(sharing)
    whose: dict[str, int] = {}
    for turn in range(2):
        readers = [Reader(open_bus(sharing), part=Part(number, 2)) for number in (1, 2, 2)]
        publish(bus, rounds(10 * turn + 1, 10 * turn + 8))
        wait(lambda readers=readers: sum(len(r.taken) for r in readers) >= 8 * len(ROOTS))  # type: ignore[misc]
        for reader in readers:
            reader.stop()
        taken = [readers[0].taken, [*readers[1].taken, *readers[2].taken]]
        assert all(taken)
        assert sorted(m.root for some in taken for m in some) == sorted(ROOTS * 8)
        for number, some in enumerate(taken, 1):
            for root in {m.root for m in some}:
                assert whose.setdefault(root, number) == number
    reader = Reader(bus, part=Part(1, 2))
    publish(bus, rounds(21, 21))
    wait(lambda: len(reader.taken) >= sum(number == 1 for number in whose.values()))
    time.sleep(1.0)
    reader.stop()
    assert {m.root for m in reader.taken} == {root for root, number in whose.items() if number == 1}


def test_more_parts_than_partitions_are_refused(sharing: str) -> None:
    bus = open_bus(sharing)
    with pytest.raises(UsageError, match="too few for part 9/9"):
        bus.consumer(part=Part(9, 9))


def test_each_group_gets_everything(sharing: str) -> None:
    bus = open_bus(sharing)
    bus.consumer("other").close()  # from now on there is such a group
    reader = Reader(bus)
    publish(bus, rounds(1, 2))
    other = bus.consumer("other")
    taken: list[Message] = []
    end = time.monotonic() + 20
    while len(taken) < 2 * len(ROOTS) and time.monotonic() < end:
        found = other.receive(0.2)
        taken += [d.message for d in found]
        other.done(found)
    other.close()
    reader.stop()
    assert orders(taken) == orders(reader.taken) == {root: [1, 2] for root in ROOTS}


def test_poison_is_put_aside_with_its_reason_and_blocks_nobody(bus: Bus) -> None:
    reader = Reader(bus, buries=lambda m: "it cannot be read" if m.first == 2 else "")
    publish(bus, rounds(1, 5, ROOTS[:2]))
    wait(lambda: len(reader.taken) >= 10)
    wait(lambda: len(bus.buried()) == 2)
    reader.stop()
    assert [(b.reason, b.message.first) for b in bus.buried()] == [("it cannot be read", 2)] * 2
    assert all(b.message.body == b"{}\n" and b.buried_ts for b in bus.buried())


def test_what_was_put_aside_can_be_published_again(bus: Bus) -> None:
    refuse = [True]
    reader = Reader(bus, buries=lambda m: "not now" if refuse[0] else "")
    publish(bus, rounds(1, 3, ROOTS[:1]))
    wait(lambda: len(bus.buried()) == 3)
    refuse[0] = False
    assert bus.revive() == 3
    wait(lambda: len(reader.taken) == 6)
    reader.stop()
    assert bus.buried() == []


def _until_full(publisher: Publisher, messages: list[Message]) -> int:
    """How many of them the bus takes."""
    for number, one in enumerate(messages):
        try:
            publisher.publish([one])
        except BusFullError:
            return number
    return len(messages)


def test_a_full_bus_takes_nothing_until_some_was_read(kind: str, url: str) -> None:
    """Back pressure: what is not taken stays with the publisher, and nothing of it is lost."""
    small = {"memory": "", "file": "?most=5", "unix": "?most=5", "tcp": "?most=5", "amqp": "?most_bytes=20000"}[kind]
    bus = open_bus(url + small)
    if kind == "memory":
        bus.most = 5  # type: ignore[attr-defined]
    keeper = Reader(bus, keeps=True) if kind in ("unix", "tcp") else None
    messages = [message("r", n, body=b"x" * 4000) for n in range(1, 41)]
    sent = 0
    publisher = bus.publisher()
    if keeper is not None:  # the answer would come when it is stored
        with pytest.raises(BusFullError):
            publisher.publish(messages)
        keeper.stop()
    else:
        sent = _until_full(publisher, messages)
    publisher.close()
    assert sent < 40
    reader = Reader(bus)
    for at in range(0, 40 - sent, 4):
        publish(bus, messages[sent + at : sent + at + 4])
    wait(lambda: {m.first for m in reader.taken} == set(range(1, 41)))
    reader.stop()


def test_a_subscriber_hears_what_it_asked_for_and_every_batch(bus: Bus) -> None:
    reader = Reader(bus)
    subscriber = bus.subscriber(["stampede.xwf.*", "stampede.job_inst.#"])
    time.sleep(1.2)  # a folder is looked at once a second
    keys = ["stampede.xwf.start", "stampede.job.info", "stampede.job_inst.main.end", "stampede.batch.r"]
    publish(bus, [message("r", n, key=key) for n, key in enumerate(keys, 1)])
    heard: list[str] = []
    end = time.monotonic() + 20
    while len(heard) < 3 and time.monotonic() < end:
        found = subscriber.receive(0.2)
        heard += [d.message.key for d in found]
        subscriber.done(found)
    wait(lambda: len(reader.taken) == 4)
    subscriber.close()
    reader.stop()
    assert heard == [keys[0], keys[2], keys[3]]


def test_nobody_waits_for_a_subscriber_that_does_not_read(bus: Bus) -> None:
    reader = Reader(bus)
    subscriber = bus.subscriber(["#"])
    publish(bus, rounds(1, 120))
    wait(lambda: len(reader.taken) >= 120 * len(ROOTS))
    reader.stop()
    subscriber.close()


def test_a_subscriber_that_left_is_forgotten(bus: Bus, kind: str, tmp_path: Path) -> None:
    bus.consumer().close()
    reader = Reader(bus)
    bus.subscriber(["#"]).close()
    time.sleep(1.2)
    publish(bus, rounds(1, 1))
    wait(lambda: len(reader.taken) == len(ROOTS))
    reader.stop()
    if kind == "file":
        assert list((tmp_path / "bus" / "subscribers").iterdir()) == []
