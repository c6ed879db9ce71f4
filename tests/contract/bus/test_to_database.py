"""From a submit directory over each bus into a database: what arrives is what a load on the spot gives."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from same import differences
from sent import run

from stampede import pipeline
from stampede.bus import Bus, Message, open_bus
from stampede.consuming import Consume
from stampede.pushing import Push
from stampede.pushing.carrier import BusTarget, Form


@contextmanager
def loader(url: str, database: Path) -> Iterator[Consume]:
    """A loader in a thread."""
    one = Consume(open_bus(url), f"sqlite:///{database}")
    going = threading.Event()
    thread = threading.Thread(target=one.run, args=(lambda: not going.is_set(),), daemon=True)
    thread.start()
    try:
        yield one
    finally:
        going.set()
        thread.join(30)
        one.close()


def publish(url: str, path: Path, *, seconds: float = 60.0, single: Form | None = None) -> int:
    """Publish all of a path; how many events wait in the end."""
    until = time.monotonic() + seconds
    target = BusTarget(url=url, bus=open_bus(url), single=single, retry_s=0.5)
    with Push([path], target, go_on=lambda: time.monotonic() < until) as push:
        push.once()
        return sum(one.waiting for one in push.sent)


def direct(tmp_path: Path, path: Path) -> Path:
    database = tmp_path / "direct.sqlite"
    pipeline.load([path], f"sqlite:///{database}")
    return database


def settled(database: Path, other: Path, seconds: float = 20.0) -> object:
    """What differs, once the loader has stored and judged what it got."""
    until = time.monotonic() + seconds
    while True:
        try:
            found: object = differences(other, database)
        except sqlite3.OperationalError:
            found = "no database yet"
        if not found or time.monotonic() > until:
            return found
        time.sleep(0.2)


def wait(until: Callable[[], bool], seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


@pytest.mark.parametrize("name", ["dm_e_subdag", "pg_fail"])
def test_what_arrives_is_what_a_load_gives(corpus: Path, tmp_path: Path, url: str, name: str) -> None:
    database = tmp_path / "in.sqlite"
    with loader(url, database):
        assert publish(url, corpus / name) == 0
        assert settled(database, direct(tmp_path, corpus / name)) == {}


def test_a_publisher_waits_for_a_loader_and_a_loader_for_a_publisher(corpus: Path, tmp_path: Path, url: str) -> None:
    """Each side may be started first, and again."""
    database = tmp_path / "in.sqlite"
    publish(url, corpus / "dm_e_subdag", seconds=2.0)
    with loader(url, database) as one:
        publish(url, corpus / "dm_e_subdag")
        wait(lambda: one.figures.standing.events > 100)
    with loader(url, database):
        publish(url, corpus / "dm_e_subdag")
        publish(url, corpus / "pg_fail")
    with loader(url, database):
        pipeline.load([corpus / "dm_e_subdag", corpus / "pg_fail"], f"sqlite:///{tmp_path / 'direct.sqlite'}")
        assert settled(database, tmp_path / "direct.sqlite") == {}


def test_published_again_nothing_is_stored_twice(corpus: Path, tmp_path: Path, url: str) -> None:
    """Not even by another publisher with another spool, whose numbers nobody knows."""
    database = tmp_path / "in.sqlite"
    with loader(url, database) as one:
        publish(url, corpus / "dm_e_subdag")
        other = BusTarget(url=url, bus=open_bus(url), spool=tmp_path / "other")
        with Push([corpus / "dm_e_subdag"], other) as push:
            push.once()
        wait(lambda: one.figures.standing.messages >= 2)
        assert settled(database, direct(tmp_path, corpus / "dm_e_subdag")) == {}


def test_messages_that_come_twice_and_out_of_order_are_stored_once_and_in_order(tmp_path: Path, bus: Bus) -> None:
    from stampede.bus.message import batch

    records = run(60)
    database, file = tmp_path / "in.sqlite", tmp_path / "run.jsonl"
    file.write_bytes(b"\n".join(records) + b"\n")
    parts = [batch("s", "root", n + 1, records[n : n + 20]) for n in range(0, len(records), 20)]
    mixed = [*parts[3:6], *reversed(parts[:6]), *parts[5:], parts[0], parts[-1]]
    consume = Consume(bus, f"sqlite:///{database}")
    sender = threading.Thread(target=_publish_all, args=(bus, mixed), daemon=True)
    consume.turn()
    sender.start()
    wait(lambda: consume.turn() >= 0 and consume.figures.outcomes.total() >= len(mixed))
    sender.join(20)
    consume.close()
    assert settled(database, direct(tmp_path, file)) == {}
    assert consume.figures.standing.gaps == 0
    assert consume.figures.standing.duplicates >= 3


def _publish_all(bus: Bus, messages: list[Message]) -> None:
    publisher = bus.publisher()
    publisher.publish(messages)
    publisher.close()


def test_poison_is_put_aside_and_what_is_behind_it_is_stored(tmp_path: Path, bus: Bus) -> None:
    from stampede.bus.message import batch

    records = run(10)
    good = batch("s", "root", 1, records)
    poison = [
        Message(key="stampede.batch.root", source="p", root="root", first=1, count=5, coding="gzip", body=b"no gzip"),
        Message(key="stampede.batch.root", source="p", root="root", first=1, count=5, coding="rot13", body=b"{}"),
        Message(key="stampede.batch.root", source="p", root="root", first=1, count=5, body=b"{}\n"),
        Message(key="stampede.batch.root", source="p\n", root="root", first=1, count=1, body=b"{}\n"),
        Message(key="stampede.xwf.start", root="root", body=b"  "),
    ]
    consume = Consume(bus, f"sqlite:///{tmp_path / 'in.sqlite'}")
    sender = threading.Thread(target=_publish_all, args=(bus, [*poison, good]), daemon=True)
    consume.turn()
    sender.start()
    wait(lambda: consume.turn() >= 0 and consume.figures.outcomes.total() >= 6)
    sender.join(20)
    consume.close()
    standing = consume.figures.standing
    assert standing.buried == 5
    assert standing.events - standing.by_event["stampede.problem"] == len(records)
    with sqlite3.connect(tmp_path / "in.sqlite") as connection:
        assert connection.execute("SELECT count(*) FROM problem WHERE kind = 'buried'").fetchone() == (5,)
    reasons = [one.reason for one in bus.buried()]
    assert len(reasons) == 5
    assert all(reasons)


def test_a_record_that_is_none_is_a_problem_and_the_others_are_stored(tmp_path: Path, bus: Bus) -> None:
    from stampede.bus.message import batch

    records = run(5)
    records.insert(3, b"{no json")
    consume = Consume(bus, f"sqlite:///{tmp_path / 'in.sqlite'}")
    sender = threading.Thread(target=_publish_all, args=(bus, [batch("s", "root", 1, records)]), daemon=True)
    consume.turn()
    sender.start()
    wait(lambda: consume.turn() >= 0 and consume.figures.outcomes["stored"] == 1)
    sender.join(20)
    consume.close()
    with sqlite3.connect(tmp_path / "in.sqlite") as connection:
        assert connection.execute("SELECT kind, offset FROM problem").fetchall() == [("undecodable", 4)]


@pytest.mark.parametrize("form", ["json", "bp", "bson"])
def test_single_events_as_pegasus_sends_them_are_stored_too(
    corpus: Path, tmp_path: Path, url: str, form: Form
) -> None:  # fmt: skip
    database = tmp_path / "in.sqlite"
    heard: list[Message] = []
    with loader(url, database) as one:
        wait(lambda: one.figures.trouble is None and _is_there(one))
        subscriber = open_bus(url).subscriber(["stampede.xwf.*"])
        time.sleep(1.2)
        assert publish(url, corpus / "pg_fail", single=form) == 0
        wait(lambda: one.figures.standing.events > 180)
        end = time.monotonic() + 10
        while all(m.key != "stampede.xwf.end" for m in heard) and time.monotonic() < end:
            found = subscriber.receive(0.2)
            heard += [d.message for d in found]
            subscriber.done(found)
        subscriber.close()
    assert {m.key for m in heard} >= {"stampede.xwf.start", "stampede.xwf.end"}
    with sqlite3.connect(database) as here, sqlite3.connect(direct(tmp_path, corpus / "pg_fail")) as there:
        for table in ("workflow", "job", "job_instance", "invocation", "task"):  # Pegasus knows fewer states
            question = f"SELECT count(*) FROM {table}"
            assert (table, here.execute(question).fetchone()) == (table, there.execute(question).fetchone())


def _is_there(one: Consume) -> bool:
    return one._consumer is not None
